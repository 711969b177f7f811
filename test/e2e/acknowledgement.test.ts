import { describe, expect, it } from 'vitest';
import { compare, plentyOfCalls } from './house.ts';
import { indexedIds, openStage, pass, type Stage, until } from './stage.ts';

const configuration = (stage: Stage, splunk: string) => `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks: { splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", ${splunk} } }
routes: [{ from: events, to: splunk }]
state: ./state
`;

const records = 4_000;
const batch = 200;

describe('indexer acknowledgement', () => {
  for (const [fault, repeats] of [
    ['lostAck', false],
    ['neverAck', true],
    ['loseReply', true],
  ] as const) {
    it(`brings every record, ${repeats ? 'and repeats only the batches concerned' : 'and repeats none that was never indexed'}: ${fault}`, async ({
      onTestFinished,
    }) => {
      const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: records, alertsPerTenant: 0 });
      const { hecAckToken } = stage.simulator;
      await stage.configure(configuration(stage, `token: "${hecAckToken}", ack: true, ackPollMs: 50, ackTimeoutMs: 500, batch: { records: ${batch} }`));
      const times = 3;
      await stage.simulator.ask('POST', '/_sim/hec/faults', { [fault]: 0.4, times, seed: 7 });
      await pass(stage);
      const truth = await stage.simulator.truth('&stream=events');
      const { lost, strange, repeated } = compare(truth, await indexedIds(stage.simulator));
      expect({ lost, strange }).toEqual({ lost: 0, strange: 0 });
      expect(repeated).toBeLessThanOrEqual(repeats ? times * batch : 0);
      if (repeats) expect(repeated, 'the fault did happen').toBeGreaterThan(0);
      expect((await stage.status()).routes[0]).toMatchObject({ delivered: records, waiting: 0, refused: 0 });
    });
  }

  it('a wish that comes while one batch waits for its acknowledgement sends none of the others again', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 3_000, alertsPerTenant: 0 });
    await stage.configure(
      configuration(stage, `token: "${stage.simulator.hecAckToken}", ack: true, ackPollMs: 50, ackTimeoutMs: 4000, batch: { records: 100 }`),
    );
    await stage.simulator.ask('POST', '/_sim/hec/faults', { neverAck: 1, times: 1 });
    const { child, ended } = stage.start('run');
    await until(async () => (await indexedIds(stage.simulator)).length >= 800, 'eight batches are under way');
    const { code, stderr } = await stage.run('reset', 'events', '--since', String(Math.floor(Date.now() / 1000)), '--yes');
    expect(code, stderr).toBe(0);
    await until(async () => (await stage.status()).routes[0]?.waiting === 0, 'all is delivered');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(compare(await stage.simulator.truth('&stream=events'), await indexedIds(stage.simulator))).toEqual({ lost: 0, strange: 0, repeated: 100 });
  });

  for (const [what, token, ack, words] of [
    ['`ack: true` with a token that has none', 'hecToken', true, /acknowledgement/],
    ['no `ack` with a token that wants it', 'hecAckToken', false, /ack/],
  ] as const) {
    it(`is a clear mistake of the configuration with ${what}: nothing is dropped`, async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 0 });
      await stage.configure(configuration(stage, `token: "${stage.simulator[token]}", ack: ${ack}, ackPollMs: 50`));
      const { code, stderr } = await stage.run('run', '--once');
      expect(code, stderr).toBe(4);
      expect(stderr).toMatch(/route splunk could not be served/);
      expect(stderr).toMatch(words);
      expect((await stage.status()).routes[0]).toMatchObject({ delivered: 0, waiting: 300, refused: 0 });
      const right = `token: "${stage.simulator[token]}", ack: ${!ack}, ackPollMs: 50`;
      await stage.configure(configuration(stage, right));
      await pass(stage);
      expect(compare(await stage.simulator.truth('&stream=events'), await indexedIds(stage.simulator))).toMatchObject({ lost: 0, strange: 0 });
    });
  }
});
