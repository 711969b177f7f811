/** `${aws-secret:NAME#KEY}` through AWS' real SDK, against a far end that checks its signatures. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AwsSecrets, type AwsSecretsWays, startAwsSecrets } from '../far-ends/aws-secrets.ts';
import { startMisbehaving } from '../far-ends/misbehaving.ts';
import { startProxy } from '../far-ends/proxy.ts';
import { openSecretsWorld, type SecretsWorld } from './secrets-world.ts';

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const inEnv = { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey };
const value = { client_id: 'id-1', client_secret: 'hunter2-of-aws', port: 8088, when: true, big: 123 };

let world: SecretsWorld;
beforeEach(async () => {
  world = await openSecretsWorld();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

async function start(more: Partial<AwsSecretsWays> = {}): Promise<AwsSecrets> {
  const far = await startAwsSecrets({ ...keys, region: 'eu-central-1', ...more });
  world.later(far.close);
  far.rotate('sophos/central', value);
  return far;
}

const section = (far: { readonly url: string }, more = '') => `secrets: { aws: { region: eu-central-1, endpoint: "${far.url}"${more} } }`;

describe('a secret of AWS', () => {
  it('is read with the keys of the environment, once for all its keys', async () => {
    const far = await start();
    const names = ['client_id', 'client_secret', 'port'].map((key) => `\${aws-secret:sophos/central#${key}}`);
    expect(await world.secrets(names, section(far), inEnv)).toEqual(['id-1', 'hunter2-of-aws', '8088']);
    expect(far.handedOut('sophos/central')).toBe(1);
    expect(far.requests).toHaveLength(1);
  });

  it('is all of it without a key, a binary one too, and by its ARN', async () => {
    const far = await start();
    far.rotate('plain', 'all-of-it');
    far.rotate('binary', new TextEncoder().encode('{"k":"grüße"}'));
    const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:plain-AbCdEf';
    const names = ['plain', 'binary#k', arn].map((name) => `\${aws-secret:${name}}`);
    expect(await world.secrets(names, `secrets: { aws: { endpoint: "${far.url}" } }`, { ...inEnv, AWS_REGION: 'eu-central-1' })).toEqual([
      'all-of-it',
      'grüße',
      'all-of-it',
    ]);
    expect(await world.secrets([`\${aws-secret:${arn}}`], `secrets: { aws: { endpoint: "${far.url}" } }`, inEnv)).toEqual(['all-of-it']);
  });

  it('is asked for anew with each reading, so that a rotation is seen', async () => {
    const far = await start();
    const name = ['${aws-secret:sophos/central#client_secret}'];
    expect(await world.secrets(name, section(far), inEnv)).toEqual(['hunter2-of-aws']);
    far.rotate('sophos/central', { client_secret: 'rotated-secret' });
    expect(await world.secrets(name, section(far), inEnv)).toEqual(['rotated-secret']);
  });

  it.each([
    ['a session', { AWS_SESSION_TOKEN: 'session-token-hunter2' }, ''],
    ['the region of AWS_REGION', { AWS_REGION: 'eu-central-1' }, 'no region'],
    ['the region of AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'eu-central-1' }, 'no region'],
  ])('is read with %s', async (_what, more: Record<string, string>, how) => {
    const far = await start(more.AWS_SESSION_TOKEN ? { sessionToken: more.AWS_SESSION_TOKEN } : {});
    const written = how === '' ? section(far) : '';
    const url = how === '' ? {} : { AWS_ENDPOINT_URL_SECRETS_MANAGER: far.url, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    expect(await world.secrets(['${aws-secret:sophos/central#client_id}'], written, { ...inEnv, ...more, ...url })).toEqual(['id-1']);
  });

  it('is read with a profile of the shared files, and with its region', async () => {
    const far = await start();
    await writeFile(join(world.folder, 'config'), '[default]\nregion = us-east-1\n[profile siem]\nregion = eu-central-1\n');
    const file = join(world.folder, 'credentials');
    await writeFile(file, `[siem]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = wrong\n`);
    const files = { AWS_CONFIG_FILE: join(world.folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: file };
    const read = () => world.secrets(['${aws-secret:sophos/central#client_id}'], `secrets: { aws: { profile: siem, endpoint: "${far.url}" } }`, files);
    await expect(read()).rejects.toThrow('InvalidSignatureException');
    // A key that was corrected on disk is seen by the next reading.
    await writeFile(file, `[siem]\naws_access_key_id = ${keys.accessKeyId}\naws_secret_access_key = ${keys.secretAccessKey}\n`);
    expect(await read()).toEqual(['id-1']);
  });

  it('is read with the role of a container', async () => {
    const far = await start({ sessionToken: 'container-token' });
    const role = await startMisbehaving({
      bringsRecords: () => false,
      take: ({ headers }) =>
        headers.authorization === 'container-password'
          ? {
              status: 200,
              body: { AccessKeyId: keys.accessKeyId, SecretAccessKey: keys.secretAccessKey, Token: 'container-token', Expiration: '2099-01-01T00:00:00Z' },
            }
          : { status: 401 },
    });
    world.later(role.close);
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${role.url}/role`);
    vi.stubEnv('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'container-password');
    expect(await world.secrets(['${aws-secret:sophos/central#client_id}'], section(far))).toEqual(['id-1']);
  });

  it('is read with a web identity', async () => {
    const far = await start({ sessionToken: 'web-token' });
    const xml = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey><SessionToken>web-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
    const sts = await startMisbehaving({ bringsRecords: () => false, take: () => ({ status: 200, headers: { 'content-type': 'text/xml' }, body: xml }) });
    world.later(sts.close);
    await writeFile(join(world.folder, 'jwt'), 'a.web.token');
    vi.stubEnv('AWS_WEB_IDENTITY_TOKEN_FILE', join(world.folder, 'jwt'));
    vi.stubEnv('AWS_ROLE_ARN', 'arn:aws:iam::123456789012:role/siem');
    vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
    expect(await world.secrets(['${aws-secret:sophos/central#client_id}'], section(far))).toEqual(['id-1']);
    expect(new URLSearchParams(sts.requests[0]?.body).get('WebIdentityToken')).toBe('a.web.token');
  });

  it('is read with the role of a machine', async () => {
    const far = await start({ sessionToken: 'machine-token' });
    const machine = await startMisbehaving({
      bringsRecords: () => false,
      take({ method, path }) {
        if (method === 'PUT') return { status: 200, body: 'imds-v2' };
        if (path.endsWith('/security-credentials/')) return { status: 200, body: 'siem-role' };
        const keysOfRole = { Code: 'Success', Type: 'AWS-HMAC', AccessKeyId: keys.accessKeyId, SecretAccessKey: keys.secretAccessKey, Token: 'machine-token' };
        return { status: 200, body: { ...keysOfRole, LastUpdated: '2026-01-01T00:00:00Z', Expiration: '2099-01-01T00:00:00Z' } };
      },
    });
    world.later(machine.close);
    vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', machine.url);
    expect(await world.secrets(['${aws-secret:sophos/central#client_id}'], section(far))).toEqual(['id-1']);
  });

  it('travels through the proxy of the environment, and says nothing on standard error', async () => {
    const far = await start();
    const proxy = await startProxy();
    world.later(proxy.close);
    const told = vi.spyOn(process, 'emitWarning');
    const printed = vi.spyOn(console, 'warn');
    vi.stubEnv('HTTP_PROXY', proxy.url);
    vi.stubEnv('http_proxy', proxy.url);
    vi.stubEnv('no_proxy', '');
    expect(await world.secrets(['${aws-secret:sophos/central#client_id}'], section(far), inEnv)).toEqual(['id-1']);
    expect(proxy.requests).toMatchObject([{ method: 'POST', target: `${far.url}/` }]);
    expect([told.mock.calls, printed.mock.calls]).toEqual([[], []]);
    expect(process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED).toBeUndefined();
  });

  it('is read though our clock is wrong', async () => {
    const far = await start({ now: () => Date.now() + 3_600_000 });
    expect(await world.secrets(['${aws-secret:sophos/central#client_id}'], section(far), inEnv)).toEqual(['id-1']);
    expect(far.requests).toHaveLength(2);
  });
});

describe('what goes wrong with a secret of AWS', () => {
  const one = '${aws-secret:sophos/central#client_secret}';
  const mistakes: readonly [what: string, placeholder: string, env: Readonly<Record<string, string>>, told: RegExp][] = [
    [
      'a name that is not there',
      '${aws-secret:nowhere#k}',
      inEnv,
      /^3:38 `\$\{aws-secret:nowhere#k\}`: AWS Secrets Manager \(127.*eu-central-1.*AKIDEXAMPLE.*ResourceNotFoundException.*check the name, the region eu-central-1/,
    ],
    ['a key that is not there', '${aws-secret:sophos/central#client_secert}', inEnv, /has no key `client_secert` \(did you mean `client_secret`\?\)/],
    ['a key of the prototype', '${aws-secret:sophos/central#__proto__}', inEnv, /has no key `__proto__` \(check the key: it has/],
    ['a key that is no text', '${aws-secret:sophos/central#when}', inEnv, /`when`.*holds boolean, not a text/],
    ['a key of what is no JSON', '${aws-secret:plain#k}', inEnv, /is no JSON, so it has no key `k` \(leave out `#k`/],
    ['a secret without a value', '${aws-secret:empty}', inEnv, /is empty/],
    ['no rights', '${aws-secret:denied#k}', inEnv, /AccessDeniedException.*allow the identity `secretsmanager:GetSecretValue`/],
    ['a key that AWS does not know', one, { ...inEnv, AWS_ACCESS_KEY_ID: 'AKIDOTHER' }, /UnrecognizedClientException.*check AWS_ACCESS_KEY_ID/],
    ['a wrong secret key', one, { ...inEnv, AWS_SECRET_ACCESS_KEY: 'hunter2-wrong-key' }, /InvalidSignatureException.*check AWS_SECRET_ACCESS_KEY/],
    ['no credentials', one, { AWS_PROFILE: 'nobody' }, /as there are no credentials:.*looked at the environment, the shared files.*set AWS_ACCESS_KEY_ID/],
    ['an empty key', '${aws-secret:sophos/central#}', inEnv, /no key stands behind the `#`/],
    ['a name that can be none', '${aws-secret:so phos#k}', inEnv, /no name that a secret of AWS can have/],
    ['half an ARN', '${aws-secret:arn:aws:iam::1:x#k}', inEnv, /no ARN of a secret/],
  ];

  it.each(mistakes)('is told with its place and a cure: %s', async (_what, placeholder, env, told) => {
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const far = await start();
    far.rotate('plain', 'hunter2-plain');
    far.rotate('empty', '');
    far.rotate('denied', 'x');
    far.deny('denied');
    const said = await world.mistake(placeholder, section(far), env);
    expect(said).toMatch(told);
    expect(said).not.toMatch(/hunter2|wJalr|Signature=/);
  });

  it('is told when the session has expired, or no region is known', async () => {
    const far = await start();
    far.expire();
    expect(await world.mistake(one, section(far), inEnv)).toMatch(/ExpiredTokenException.*renew the session/);
    expect(await world.mistake(one, '', inEnv)).toMatch(/^3:38 .*no region is named.*AWS_REGION/);
    expect(await world.mistake(one, '', { ...inEnv, AWS_REGION: 'nowhere' })).toMatch(/the region .* is none/);
  });

  it('passes when it is met three times at most, and is transient after that', async () => {
    const far = await start();
    const throttled = { status: 400, body: { __type: 'ThrottlingException', message: 'Rate exceeded' } };
    far.faults.push(throttled, { status: 503, body: 'busy' });
    expect(await world.secrets([one], section(far), inEnv)).toEqual(['hunter2-of-aws']);
    far.faults.push(throttled, 'reset', throttled);
    expect(await world.mistake(one, section(far), inEnv)).toMatch(
      /^transient secret\.busy: .*sophos-central\.yaml:3:38: accounts\.a0\.clientSecret: .*ThrottlingException.*\(Try again/,
    );
    await far.close();
    expect(await world.mistake(one, section(far), inEnv)).toMatch(/^transient secret\.unreachable: .*nobody listens|refused/);
  });

  it.each([
    ['a page', { status: 200, body: '<html>login</html>' }],
    ['nothing', { status: 200, body: '' }],
    ['a list', { status: 200, body: '[]' }],
    ['a value of another type', { status: 200, body: { SecretString: { client_secret: 'x' } } }],
    ['far too much', { status: 200, body: 'x'.repeat(3_000_000) }],
    ['a page of an error', { status: 403, body: '<html>\u001b[2Jforbidden</html>' }],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere' } }],
  ])('is told when the far end says %s', async (_what, answer) => {
    const far = await start();
    far.faults.push(answer, answer, answer);
    const said = await world.mistake(one, section(far), inEnv);
    expect(said).toMatch(/^3:38 /);
    expect(said).not.toMatch(/\p{Cc}/u);
    expect(far.requests).toHaveLength(1);
  });

  it('repeats nothing that was sent in secret, whoever sends it back', async () => {
    const far = await start({ sessionToken: 'session-hunter2' });
    const echo = (body: object) => ({ status: 400, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) });
    far.faults.push(echo({ __type: 'AccessDeniedException', message: `no: session-hunter2 ${keys.secretAccessKey}\u001b[2J` }));
    const said = await world.mistake(one, section(far), { ...inEnv, AWS_SESSION_TOKEN: 'session-hunter2' });
    expect(said).toMatch(/AccessDeniedException: no: \[secret\] \[secret\]/);
    expect(said).not.toMatch(/\p{Cc}/u);
    const role = { AccessKeyId: keys.accessKeyId, SecretAccessKey: 'role-hunter2', Token: 'role-session-hunter2', Expiration: '2099-01-01T00:00:00Z' };
    const container = await startMisbehaving({ bringsRecords: () => false, take: () => ({ status: 200, body: role }) });
    world.later(container.close);
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${container.url}/role`);
    far.faults.push(echo({ __type: 'AccessDeniedException', message: 'no: role-session-hunter2' }));
    expect(await world.mistake(one, section(far))).toMatch(/no: \[secret\]/);
  });

  it('ends at once on abort', async () => {
    const far = await start();
    far.faults.push('hang');
    const stop = new AbortController();
    const reading = world.load(`${section(far)}\ncentral: { clientId: a, clientSecret: "${one}" }\n`, inEnv, {}, stop.signal);
    await vi.waitFor(() => expect(far.requests).toHaveLength(1));
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });
});
