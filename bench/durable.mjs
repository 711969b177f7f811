// The whole durable way against a bare loop that guarantees nothing, in one run: fetch -> journal on disk, full durability -> file, or
// -> HEC with gzip. Medians of BENCH_RUNS (3) over BENCH_RECORDS (1,000,000), start-up included. Method and results: docs/performance.md.
import { fork } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { measure, median } from './measure.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const records = Number(process.env.BENCH_RECORDS ?? 1_000_000);
const runs = Number(process.env.BENCH_RUNS ?? 3);
const folder = mkdtempSync(join(tmpdir(), 'sophos-central-bench-'));
const server = fork(here('./server.mjs'), { env: { ...process.env, BENCH_RECORDS: String(records) } });
const { url, pages } = await new Promise((resolve) => server.once('message', resolve));

const env = { ...process.env, SOPHOS_CLIENT_ID: 'bench', SOPHOS_CLIENT_SECRET: 'bench', SOPHOS_CENTRAL_AUTH_URL: url, SOPHOS_CENTRAL_API_URL: url };
const allowance = 'rateLimits: { second: 100000, minute: 1000000, hour: 10000000, day: 100000000 }';
const sinks = {
  'file, raw': `{ type: file, path: "out.ndjson" }\nroutes: [{ from: events, to: out, format: raw }]`,
  'file, json': `{ type: file, path: "out.ndjson" }\nroutes: [{ from: events, to: out, format: json }]`,
  'splunk-hec, gzip': `{ type: splunk-hec, url: "${url}", token: "bench" }\nroutes: [{ from: events, to: out }]`,
};

async function distinct(path) {
  const ids = new Set();
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    lines++;
    ids.add(/"id":"([^"]+)"/.exec(line)?.[1]);
  }
  return { lines, distinct: ids.size };
}

async function durable(name) {
  const work = join(folder, 'work');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  writeFileSync(
    join(work, 'sophos-central.yaml'),
    `central: { ${allowance} }\nstreams: { events: { since: 23h } }\nsinks:\n  out: ${sinks[name]}\nstate: ./state\n`,
    { mode: 0o600 },
  );
  const result = await measure(process.execPath, [here('../dist/cli/bin.js'), 'run', '--once', '--log-level', 'warn'], { cwd: work, env });
  if (result.code !== 0) throw new Error(result.stderr);
  if (name.startsWith('file')) {
    const found = await distinct(join(work, 'out.ndjson'));
    if (found.lines !== records || found.distinct !== records) throw new Error(`${name}: ${JSON.stringify(found)}`);
  }
  return result;
}

const results = { bare: [] };
for (let i = 0; i < runs; i++) {
  results.bare.push(await measure(process.execPath, [here('./bare.mjs'), url, join(folder, 'bare.ndjson'), String(pages)]));
  for (const name of Object.keys(sinks)) {
    results[name] ??= [];
    results[name].push(await durable(name));
  }
}
server.disconnect();
rmSync(folder, { recursive: true, force: true });

const bare = median(results.bare.map(({ seconds }) => seconds));
console.log(`records ${records}, runs ${runs}, Node ${process.version}`);
for (const [name, each] of Object.entries(results)) {
  const seconds = median(each.map((one) => one.seconds));
  console.log(
    `${name.padEnd(18)} ${seconds.toFixed(1).padStart(6)} s  ${Math.round(records / seconds)
      .toString()
      .padStart(7)} records/s  ${(bare / seconds).toFixed(2)} of the bare loop  peak ${Math.round(median(each.map((one) => one.peakMb)))} MB`,
  );
}
