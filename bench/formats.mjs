// Each format against JSON.parse and JSON.stringify of the same records, taken in turn within one run: CPU time, medians of BENCH_ROUNDS (15).
// The records: those of test/fixtures/siem, as compact as Central sends them, BENCH_PASSES (5) times 400 in each round.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LineBuffer, packItems, recordsOf } from '../dist/core/pack.js';
import { formats } from '../dist/formats/index.js';
import { median } from './measure.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 15);
const passes = Number(process.env.BENCH_PASSES ?? 5);
const lines = readFileSync(fileURLToPath(new URL('../test/fixtures/siem/items.ndjson', import.meta.url)), 'utf8')
  .trimEnd()
  .split('\n');
const samples = lines.map((line) => JSON.parse(line));

// As delivery has them in hand: packed side by side, decoded only where somebody looks.
const batchOf = (stream, name) => {
  const items = samples.filter(({ _stream }) => _stream === name).map(({ item }, i) => ({ key: String(i), time: i, json: JSON.stringify(item) }));
  return { origin: { stream, tenant: { id: 't', name: 'Acme', labels: {} } }, records: recordsOf(packItems(items), 1, 1_760_000_000_000) };
};
const batches = [batchOf('events', 'event'), batchOf('siem-alerts', 'alert')];
const bytes = batches.flatMap(({ records }) => records).reduce((sum, { utf8 }) => sum + utf8.length, 0);

const ways = new Map([['JSON.parse and JSON.stringify', (record, _origin, out) => out.text(JSON.stringify(JSON.parse(record.json)))]]);
for (const kind of formats) {
  const format = kind.open(kind.options.parse({}));
  ways.set(kind.name, (record, origin, out) => format.encode(record, origin, out));
}

function once(way) {
  const started = process.cpuUsage();
  for (let pass = 0; pass < passes; pass++) {
    for (const { origin, records } of batches) {
      const out = new LineBuffer(records.length * 1_024);
      for (const record of records) {
        way(record, origin, out);
        out.endLine();
      }
    }
  }
  const { user, system } = process.cpuUsage(started);
  return user + system;
}

const times = new Map([...ways.keys()].map((name) => [name, []]));
for (const way of ways.values()) once(way);
for (let round = 0; round < rounds; round++) for (const [name, way] of ways) times.get(name).push(once(way));

const bare = median(times.values().next().value);
console.log(`records ${samples.length} of ${Math.round(bytes / samples.length)} bytes, rounds ${rounds}, Node ${process.version}`);
for (const [name, each] of times) {
  const perRecord = median(each) / (samples.length * passes);
  console.log(
    `${name.padEnd(30)} ${perRecord.toFixed(2).padStart(7)} us per record  ${(bare / median(each)).toFixed(2).padStart(6)} of JSON.parse and JSON.stringify`,
  );
}
