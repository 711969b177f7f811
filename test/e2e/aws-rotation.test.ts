import { describe, expect, it } from 'vitest';
import { type AwsSecrets, startAwsSecrets } from '../far-ends/aws-secrets.ts';
import { compare, nothingWrong, plentyOfCalls } from './house.ts';
import { addRecords, filedIds, indexedIds, openStage, type Stage, until } from './stage.ts';

const rounds = 4;
const keys = { accessKeyId: 'AKIAROTATIONEXAMPLE', secretAccessKey: 'aws+Secret/Access=Key-0123456789abcdefgh' };

/** A partner of three tenants; both secrets are kept by AWS, as the program that has an AWS identity in its environment. */
async function openStageWithAws(onTestFinished: Parameters<typeof openStage>[0]): Promise<{ readonly stage: Stage; readonly aws: AwsSecrets }> {
  const aws = await startAwsSecrets(keys);
  onTestFinished(() => aws.close());
  const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: 1500, alertsPerTenant: 0, seed: 41 });
  const { simulator, env } = stage;
  for (const name of ['SOPHOS_CLIENT_ID', 'SOPHOS_CLIENT_SECRET']) delete env[name];
  Object.assign(env, {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
  });
  await stage.configure(`central: { clientId: "\${aws-secret:sophos/central#client_id}", clientSecret: "\${aws-secret:sophos/central#client_secret}", ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks:
  archive: { type: file, path: "out/{tenant.name}/{stream}.ndjson" }
  splunk: { type: splunk-hec, url: "${simulator.hecUrl}", token: "\${aws-secret:splunk/hec#token}", batch: { records: 100 } }
routes: [{ from: events, to: archive }, { from: events, to: splunk }]
log: { file: log/run.log, level: trace, format: json }
state: ./state
`);
  return { stage, aws };
}

describe('a service whose secrets are rotated in AWS Secrets Manager while it runs', () => {
  it('loses nothing, repeats nothing, signs every request right, and asks no more often than it must', async ({ onTestFinished }) => {
    const { stage, aws } = await openStageWithAws(onTestFinished);
    const { simulator } = stage;
    const secrets = [simulator.clientSecret, simulator.hecToken, keys.secretAccessKey];
    aws.rotate('sophos/central', { client_id: simulator.clientId, client_secret: simulator.clientSecret });
    aws.rotate('splunk/hec', { token: simulator.hecToken });
    const service = stage.start('run');
    await until(async () => (await simulator.indexed()).length > 0, 'the first records are with Splunk', 40_000);

    for (let round = 1; round <= rounds; round++) {
      await addRecords(stage, { tenant: '*', count: 300 });
      // As Sophos does it: a new credential has another id, too.
      const [clientId, clientSecret, token] = [
        `client-id-of-round-${round}`,
        `client-secret-of-round-${round}-${'y'.repeat(40)}`,
        `hec-token-of-round-${round}`,
      ];
      secrets.push(clientSecret, token);
      aws.rotate('sophos/central', { client_id: clientId, client_secret: clientSecret });
      await simulator.ask('POST', '/_sim/credential', { clientId, clientSecret, revokeTokens: true });
      aws.rotate('splunk/hec', { token });
      await simulator.ask('POST', '/_sim/hec/token', { token });
      await addRecords(stage, { tenant: '*', count: 100 });
      await until(() => aws.handedOut('sophos/central') > round && aws.handedOut('splunk/hec') > round, `both were asked for again in round ${round}`, 60_000);
    }

    const truth = await simulator.truth('&stream=events');
    await until(
      async () => new Set(await indexedIds(simulator)).size >= truth.length && (await filedIds(stage)).length >= truth.length,
      'all is delivered',
      60_000,
    );
    expect(service.child.exitCode, 'it is the program that was started first').toBeNull();
    service.child.kill('SIGTERM');
    const { code, stderr } = await service.ended;
    expect(code, stderr).toBe(0);

    expect(truth.length).toBe(3 * (1500 + rounds * 400));
    expect(compare(truth, await filedIds(stage))).toEqual(nothingWrong);
    expect(compare(truth, await indexedIds(simulator))).toEqual(nothingWrong);
    // The start, and once for each rotation.
    expect([aws.handedOut('sophos/central'), aws.handedOut('splunk/hec')]).toEqual([rounds + 1, rounds + 1]);
    expect(aws.requests.length, 'no request was refused, or asked for anything else').toBe(2 * (rounds + 1));
    const { given } = JSON.parse(await simulator.ask('GET', '/_sim/tokens')) as { readonly given: readonly string[] };
    expect(given.length).toBeGreaterThan(rounds);
    const texts = [stderr];
    for (const place of ['state', 'out', 'log']) texts.push(...(await stage.folder.read(place)).values());
    for (const secret of [...secrets, ...given]) expect(texts.some((text) => text.includes(secret))).toBe(false);
  });
});
