/** `${gcp-secret:PROJECT/NAME}`: identities, whose signatures the far end checks, forms of names, and refusals. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c } from '../../src/config/secrets/crc32c.ts';
import { type FarGoogle, makeGoogleKey, startGoogle } from '../far-ends/google-secrets.ts';
import { openSecretsWorld, type SecretsWorld } from './secrets-world.ts';

const one = '${gcp-secret:project-1/central}';
const latest = (name: string) => `projects/project-1/secrets/${name}/versions/latest`;
const key = makeGoogleKey();
const inEnv = { GOOGLE_APPLICATION_CREDENTIALS: 'key.json' };

let world: SecretsWorld;
let far: FarGoogle;
beforeEach(async () => {
  world = await openSecretsWorld();
  far = await startGoogle(key);
  world.later(far.close);
  await writeFile(join(world.folder, 'key.json'), JSON.stringify(far.keyFile));
  const value = Buffer.from('hunter2-of-google');
  far.put(latest('central'), value, { dataCrc32c: String(crc32c(value)) });
});
afterEach(() => world.close());

const section = (more = '') => `secrets: { gcp: { endpoint: "${far.url}"${more} } }`;

describe('a secret of Google', () => {
  it('is read with the key of a service account, in every form of its name, once', async () => {
    far.put('projects/project-1/secrets/central/versions/7', '{"k":"old"}');
    far.put('projects/project-1/locations/europe-west3/secrets/near/versions/latest', 'near');
    const names = [
      'project-1/central',
      'central',
      latest('central'),
      'projects/project-1/secrets/central/versions/7#k',
      'projects/project-1/locations/europe-west3/secrets/near',
    ];
    const read = await world.secrets(
      names.map((name) => `\${gcp-secret:${name}}`),
      section(),
      inEnv,
    );
    expect(read).toEqual(['hunter2-of-google', 'hunter2-of-google', 'hunter2-of-google', 'old', 'near']);
    expect(
      far.requests
        .map(({ path }) => path)
        .sort()
        .filter((path, i, all) => path === all[i - 1]),
    ).toEqual([]);
  });

  it('is read as a person, as gcloud left it', async () => {
    const folder = join(world.folder, '.config', 'gcloud');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'application_default_credentials.json'), JSON.stringify(far.loginFile));
    expect(await world.secrets([one], section(), process.platform === 'win32' ? { CLOUDSDK_CONFIG: folder } : {})).toEqual(['hunter2-of-google']);
  });

  it('is read as the machine, in its own project', async () => {
    far.put('projects/project-of-machine/secrets/central/versions/latest', 'of-machine');
    expect(await world.secrets(['${gcp-secret:central}'], section(), { GCE_METADATA_HOST: new URL(far.url).host })).toEqual(['of-machine']);
  });

  it('is read with the file and the project of the settings', async () => {
    far.put('projects/other/secrets/central/versions/latest', 'of-other');
    expect(await world.secrets(['${gcp-secret:central}'], section(', project: other, credentialsFile: key.json'))).toEqual(['of-other']);
  });

  it('has the checksum that RFC 3720 shows', () => {
    expect(['123456789', ''].map((text) => crc32c(Buffer.from(text)))).toEqual([0xe3069283, 0]);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  });
});

describe('what goes wrong with a secret of Google', () => {
  const mistakes: readonly [what: string, placeholder: string, told: RegExp][] = [
    [
      'a name that is not there',
      '${gcp-secret:project-1/nowhere}',
      /^3:38 .*Google Secret Manager at 127.*asked as the service account siem@.*404 NOT_FOUND.*check the project/,
    ],
    ['no role', '${gcp-secret:project-1/denied}', /403 PERMISSION_DENIED.*roles\/secretmanager.secretAccessor/],
    ['a broken payload', '${gcp-secret:project-1/broken}', /does not fit its checksum/],
    ['bytes', '${gcp-secret:project-1/bytes}', /binary and no UTF-8 text/],
    ['a way out', '${gcp-secret:projects/p/secrets/../../x}', /no name of a secret of Google/],
    ['an empty key', '${gcp-secret:project-1/central#}', /no key stands behind/],
  ];

  it.each(mistakes)('is told with its place and a cure: %s', async (_what, placeholder, told) => {
    far.deny(latest('denied'));
    far.put(latest('broken'), 'hunter2-x', { dataCrc32c: '1' });
    far.put(latest('bytes'), new Uint8Array([0xff, 0xfe, 0]));
    const said = await world.mistake(placeholder, section(), inEnv);
    expect(said).toMatch(told);
    expect(said).not.toMatch(/hunter2|\p{Cc}/u);
  });

  it.each<[string, (file: object) => object | string, RegExp]>([
    [
      'another key',
      (file) => ({ ...file, private_key_id: 'key-2' }),
      /gives no token to the service account siem@.*Invalid JWT header \[secret\].*check whether/,
    ],
    ['no key', (file) => ({ ...file, private_key: 'hunter2' }), /no usable key of a service account/],
    [
      'a login that was revoked',
      () => ({ ...far.loginFile, refresh_token: 'hunter2-old' }),
      /gives no token to the login of gcloud.*invalid_grant: Bad Request \[secret\]/,
    ],
    ['half a login', () => ({ type: 'authorized_user' }), /is not complete/],
    ['another type', () => ({ type: 'external_account' }), /type `external_account`, which is not served/],
    ['a token service in the clear', (file) => ({ ...file, token_uri: 'http://192.0.2.1/token' }), /`token_uri` .* is no https URL/],
    ['no JSON', () => 'hunter2', /is no credentials file/],
  ])('is told of a credentials file with %s', async (_what, change, told) => {
    const changed = change(far.keyFile);
    await writeFile(join(world.folder, 'key.json'), typeof changed === 'string' ? changed : JSON.stringify(changed));
    const said = await world.mistake(one, section(), inEnv);
    expect(said).toMatch(told);
    expect(said).not.toMatch(/hunter2|PRIVATE|\p{Cc}/u);
  });

  it('is told when nobody says who we are, or the file is not there', async () => {
    expect(await world.mistake(one, section(), { GCE_METADATA_HOST: '127.0.0.1:1' })).toMatch(
      /there is no identity; looked at .*GOOGLE_APPLICATION_CREDENTIALS.*metadata server/,
    );
    expect(await world.mistake(one, section(), { GOOGLE_APPLICATION_CREDENTIALS: 'gone.json' })).toMatch(/gone\.json` of Google does not exist/);
  });

  it('is transient when Google is busy three times', async () => {
    far.faults.push('reset', { status: 503, body: '' });
    expect(await world.secrets([one], section(), inEnv)).toEqual(['hunter2-of-google']);
    far.faults.push({ status: 429, body: '' }, { status: 429, body: '' }, { status: 429, headers: { 'retry-after': '60' }, body: '' });
    expect(await world.mistake(one, section(), inEnv)).toMatch(/^transient secret\.busy: /);
  });
});
