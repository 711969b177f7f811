import { afterEach, describe, expect, it } from 'vitest';
import {
  compare,
  credentials,
  type Folder,
  idsOf,
  makeFolder,
  nothingWrong,
  plentyOfCalls,
  run,
  type Simulator,
  seeded,
  start,
  startSimulator,
} from './house.ts';

// The full measure is 50 kills over 200,000 records: KILLS=50 RECORDS=200000 npx vitest run --project e2e kills
const kills = Number(process.env.KILLS ?? 12);
const records = Number(process.env.RECORDS ?? 60_000);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const tenants = 5;
/** Of a HEC request without acknowledgement. */
const recordsPerBatch = 500;
const batchesInFlight = 2;

describe('kill -9 at random moments', () => {
  let simulator: Simulator;
  let folder: Folder;
  afterEach(async () => {
    await simulator.close();
    await folder.remove();
  });

  it(`leaves every record in the files exactly once, and in Splunk at least once, after ${kills} kills (SEED=${seed})`, async () => {
    const random = seeded(seed);
    simulator = await startSimulator({ account: 'partner', tenants, eventsPerTenant: records / tenants, alertsPerTenant: 0 });
    folder = await makeFolder();
    await folder.write(
      'sophos-central.yaml',
      `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks:
  archive: { type: file, path: "out/{tenant.id}.ndjson", rotate: { size: 4MB, gzip: true } }
  splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "${simulator.hecToken}", batch: { records: ${recordsPerBatch} }, inFlight: ${batchesInFlight} }
routes:
  - { from: events, to: archive, format: raw }
  - { from: events, to: splunk }
state: ./state
`,
    );
    const options = { cwd: folder.path, env: credentials(simulator) };
    let killed = 0;
    let inMidWork = 0;
    while (killed < kills) {
      const { child, ended } = start(['run', '--log-level', 'warn'], options);
      // Anywhere from before the first page to well into the work, and so soon that work is left for most kills.
      await new Promise((resolve) => setTimeout(resolve, 150 + random() * 450));
      const { distinct } = JSON.parse(await simulator.ask('GET', '/_sim/hec')) as { readonly distinct: number };
      child.kill('SIGKILL');
      const { code, stderr } = await ended;
      expect(code, stderr).toBeNull();
      killed++;
      if (distinct < records) inMidWork++;
    }
    const last = await run(['run', '--once'], options);
    expect(last.code, last.stderr).toBe(0);

    const truth = await simulator.truth('&stream=events');
    expect(truth).toHaveLength(records);
    const files = await folder.read('out');
    expect(
      [...files.keys()].filter((name) => !/\.ndjson(\.gz)?$/.test(name)),
      'nothing but delivered files',
    ).toEqual([]);
    expect(compare(truth, [...files.values()].flatMap(idsOf))).toEqual(nothingWrong);

    const indexed = (await simulator.indexed()).map((record) => record.split('/').at(-1) ?? '');
    const { lost, strange, repeated } = compare(truth, indexed);
    const most = killed * batchesInFlight * recordsPerBatch;
    console.log(
      `kills ${killed} (${inMidWork} with records missing), records ${records}: lost ${lost}, repeated in Splunk ${repeated} of at most ${most} in flight at the kills`,
    );
    expect({ lost, strange }).toEqual({ lost: 0, strange: 0 });
    expect(repeated).toBeLessThanOrEqual(most);
  });
});
