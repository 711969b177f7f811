import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, nothingWrong, plentyOfCalls } from './house.ts';
import { addRecords, filedIds, indexedIds, openStage, type Stage, until } from './stage.ts';

const rounds = 6;

/** Replaces a file as a tool that rotates secrets does: in one step. */
async function keep({ folder }: Stage, name: string, text: string): Promise<void> {
  await folder.write(`${name}.new`, `${text}\n`);
  await rename(join(folder.path, `${name}.new`), join(folder.path, name));
}

/** How often the program said that a secret of these is another one now. */
function renewals(log: string, whose: 'account' | 'sink'): number {
  return log.split('\n').filter((line) => line.includes('"report":"secret.renewed"') && line.includes(`"${whose}":`)).length;
}

/** Nothing of it stands in anything that the program wrote. */
async function expectNowhere(stage: Stage, secrets: readonly string[], said: string): Promise<void> {
  const texts = new Map([['standard error', said]]);
  for (const place of ['state', 'out', 'log']) for (const [name, text] of await stage.folder.read(place)) texts.set(`${place}/${name}`, text);
  expect(texts.get('log/run.log')?.length, 'there was something to log').toBeGreaterThan(1000);
  expect([...texts.keys()].filter((name) => name.startsWith('state/')).length, 'there is a state').toBeGreaterThan(0);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(8);
    const spellings = [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret)
        .toString('base64')
        .replace(/.{0,2}=*$/, ''),
    ];
    for (const [name, text] of texts) for (const spelling of spellings) expect(text.includes(spelling), name).toBe(false);
  }
}

/** A partner of three tenants, a file and a Splunk; both secrets stand in files. */
async function openRotating(onTestFinished: Parameters<typeof openStage>[0], ack: boolean): Promise<Stage> {
  const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: 2000, alertsPerTenant: 0, seed: 31 });
  const { simulator, env } = stage;
  await keep(stage, 'client.secret', simulator.clientSecret);
  await keep(stage, 'hec.token', ack ? simulator.hecAckToken : simulator.hecToken);
  delete env.SOPHOS_CLIENT_SECRET;
  await stage.configure(`central: { clientSecret: "\${file:client.secret}", ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks:
  archive: { type: file, path: "out/{tenant.name}/{stream}.ndjson" }
  splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "\${file:hec.token}", ack: ${ack}, ackPollMs: 50, batch: { records: 100 } }
routes: [{ from: events, to: archive }, { from: events, to: splunk }]
log: { file: log/run.log, level: trace, format: json }
state: ./state
`);
  return stage;
}

describe('a service whose secrets are rotated while it runs', () => {
  it.for([
    ['at once', false],
    ['later', true],
  ] as const)('loses nothing, and keeps no secret, with a collector that acknowledges %s', async ([_when, ack], { onTestFinished }) => {
    const stage = await openRotating(onTestFinished, ack);
    const { simulator } = stage;
    const logged = async () => (await stage.folder.read('log').catch(() => new Map<string, string>())).get('run.log') ?? '';
    const secrets = [simulator.clientSecret, simulator.hecToken, simulator.hecAckToken];
    const service = stage.start('run');
    await until(async () => (await simulator.indexed()).length > 0, 'the first records are with Splunk');

    for (let round = 1; round <= rounds; round++) {
      await addRecords(stage, { tenant: '*', count: 400 });
      const [clientSecret, token] = [`client-secret-of-round-${round}-${'x'.repeat(60)}`, `hec-token-of-round-${round}`];
      secrets.push(clientSecret, token);
      await keep(stage, 'client.secret', clientSecret);
      await simulator.ask('POST', '/_sim/credential', { clientSecret, revokeTokens: true });
      await keep(stage, 'hec.token', token);
      await simulator.ask('POST', '/_sim/hec/token', ack ? { ackToken: token } : { token });
      await addRecords(stage, { tenant: '*', count: 100 });
      await until(
        async () => {
          const log = await logged();
          return renewals(log, 'account') >= round && renewals(log, 'sink') >= round;
        },
        `both were read again in round ${round}`,
        30_000,
      );
    }

    const truth = await simulator.truth('&stream=events');
    await until(
      async () => new Set(await indexedIds(simulator)).size >= truth.length && (await filedIds(stage)).length >= truth.length,
      'all is delivered',
      60_000,
    );
    await until(async () => (await stage.status()).routes.every(({ waiting }) => waiting === 0), 'nothing waits');
    expect(service.child.exitCode, 'it is the program that was started first').toBeNull();
    service.child.kill('SIGTERM');
    const { code, stderr } = await service.ended;
    expect(code, stderr).toBe(0);

    expect(truth.length).toBe(3 * (2000 + rounds * 500));
    expect(compare(truth, await filedIds(stage))).toEqual(nothingWrong);
    const indexed = compare(truth, await indexedIds(simulator));
    console.log(
      `acknowledged ${ack ? 'later' : 'at once'}: ${truth.length} records, ${2 * rounds} rotations, ${indexed.lost} lost, ${indexed.repeated} repeated by Splunk's side`,
    );
    // What was taken and not acknowledged when the token ended was in flight: eight parcels at most, each time.
    expect(indexed).toEqual({ ...nothingWrong, repeated: expect.toSatisfy((n: number) => n <= (ack ? rounds * 8 * 100 : 0)) });
    expect((await stage.status()).deadLetters).toBe(0);

    const { given } = JSON.parse(await simulator.ask('GET', '/_sim/tokens')) as { readonly given: readonly string[] };
    expect(given.length).toBeGreaterThan(rounds);
    await expectNowhere(stage, [...secrets, ...given], stderr);
    const log = await logged();
    expect([renewals(log, 'account'), renewals(log, 'sink')]).toEqual([rounds, rounds]);
  });
});
