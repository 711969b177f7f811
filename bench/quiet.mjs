// One pass over many quiet tenants: CPU per call and peak memory. BENCH_TENANTS (5,000), two streams each.
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from './measure.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const tenants = Number(process.env.BENCH_TENANTS ?? 5_000);
const simulator = fork(here('../test/e2e/simulator-process.mjs'), [JSON.stringify({ account: 'partner', tenants, eventsPerTenant: 0, alertsPerTenant: 0 })]);
const facts = await new Promise((resolve) => simulator.once('message', resolve));
const folder = mkdtempSync(join(tmpdir(), 'sophos-central-bench-'));
writeFileSync(
  join(folder, 'sophos-central.yaml'),
  `central: { rateLimits: { second: 100000, minute: 1000000, hour: 10000000, day: 100000000 } }
sinks: { archive: { type: file, path: "out/{tenant.name}/{stream}.ndjson" } }
routes: [{ from: "*", to: archive }]
state: ./state
`,
  { mode: 0o600 },
);
const env = {
  ...process.env,
  SOPHOS_CLIENT_ID: facts.clientId,
  SOPHOS_CLIENT_SECRET: facts.clientSecret,
  SOPHOS_CENTRAL_AUTH_URL: facts.url,
  SOPHOS_CENTRAL_API_URL: facts.url,
};
for (const pass of ['first pass', 'second pass']) {
  const result = await measure(process.execPath, [here('../dist/cli/bin.js'), 'run', '--once', '--log-level', 'warn'], { cwd: folder, env });
  if (result.code !== 0) throw new Error(result.stderr);
  const perCall = (result.cpuSeconds * 1_000) / (tenants * 2);
  console.log(
    `${tenants} quiet tenants, ${pass}: ${perCall.toFixed(2)} ms of CPU per call, ${result.seconds.toFixed(1)} s, peak ${Math.round(result.peakMb)} MB`,
  );
}
simulator.disconnect();
rmSync(folder, { recursive: true, force: true });
