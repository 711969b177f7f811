/** Where the secrets go that another tool's files hold: never into ours, and always to be found again. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PlacesAround, placeSecrets } from '../../src/cli/imports/secret-places.ts';
import type { FoundSecret } from '../../src/cli/imports/takeover.ts';
import { envSecrets } from '../../src/config/secrets/env.ts';
import { iniSecrets } from '../../src/config/secrets/ini.ts';
import { keyringSecrets, openKeyring } from '../../src/config/secrets/keyring.ts';
import { secret } from '../../src/core/secret.ts';
import { openKeyStore, withoutKeyStore } from '../far-ends/key-store.ts';

const { signal } = new AbortController();
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'places-'));
});
afterEach(() => rm(folder, { recursive: true }));

const around = (more: Partial<PlacesAround> = {}): PlacesAround => ({ env: {}, folder, tool: 'siem', dryRun: false, signal, ...more });

async function found(
  value = 's3;cr#et 100%%',
  { at = 'central.clientSecret', file = 'siem/config.ini', mode = 0o600, written = value } = {},
): Promise<FoundSecret> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `[login]\nclient_id = x\nclient_secret = ${written}\n`);
  await chmod(path, mode);
  return { at, variable: 'SOPHOS_CLIENT_SECRET', file: path, key: 'login.client_secret', value: secret(value.replace('%%', '%')) };
}

/** What a placeholder gives, read as a configuration in that folder would read it. */
async function read(placeholder: string | undefined, env: PlacesAround['env'] = {}): Promise<string> {
  const [, scheme, name = ''] = /^\$\{([a-z-]+):(.*)\}$/.exec(placeholder ?? '') ?? [];
  const provider = [envSecrets(env), iniSecrets(folder), keyringSecrets({ env })].find((each) => each.scheme === scheme);
  return (await provider?.resolve(name, signal))?.reveal() ?? '';
}

describe('a secret that is kept', () => {
  it('stays where it is, and is found there by the configuration', async () => {
    const one = await found();
    const { placeholders, findings, steps } = await placeSecrets('keep', [one], around());
    expect(placeholders.get(one.at)).toBe('${ini:siem/config.ini#login.client_secret}');
    expect(await read(placeholders.get(one.at))).toBe('s3;cr#et 100%');
    expect(findings).toEqual([
      {
        outcome: 'changed',
        what: 'config.ini [login] client_secret',
        how: 'stays there; the configuration refers to it as `${ini:siem/config.ini#login.client_secret}`',
      },
    ]);
    expect(steps.join()).toContain(`Keep ${one.file}`);
  });

  it('is told once when two sinks need it', async () => {
    const one = await found();
    const both = [
      { ...one, at: 'sinks.events.token' },
      { ...one, at: 'sinks.alerts.token' },
    ];
    for (const choice of ['keep', 'env'] as const) {
      const { placeholders, findings, steps } = await placeSecrets(choice, both, around());
      expect([...placeholders.keys()]).toEqual(['sinks.events.token', 'sinks.alerts.token']);
      expect({ findings: findings.length, steps: steps.length }).toEqual({ findings: 1, steps: 1 });
    }
  });

  it('is named by its whole path when it lies far away', async () => {
    const one = await found();
    const { placeholders } = await placeSecrets('keep', [one], around({ folder: join(folder, 'a', 'b', 'c') }));
    expect(placeholders.get(one.at)).toBe(`\${ini:${one.file}#login.client_secret}`);
    expect(await read(placeholders.get(one.at))).toBe('s3;cr#et 100%');
    const near = await placeSecrets('keep', [one], around({ folder: join(folder, 'conf') }));
    expect(near.placeholders.get(one.at)).toBe('${ini:../siem/config.ini#login.client_secret}');
  });

  it('goes the way of the environment when it could not be found again', async () => {
    for (const one of [
      await found('a', { file: '{x}/config.ini' }),
      await found('a', { file: 'dup/config.ini', written: 'b' }),
      { ...(await found()), key: 'login.nothing' },
    ]) {
      const { placeholders, findings } = await placeSecrets('keep', [one], around());
      expect(placeholders.get(one.at)).toBe('${env:SOPHOS_CLIENT_SECRET}');
      expect(findings[0]?.how).toMatch(/^cannot be referred to where it stands, and comes from the variable/);
    }
  });
});

describe('a secret for the environment', () => {
  it('is named by its variable, and what to do is said without its value', async () => {
    const one = await found('hunter2');
    const placed = await placeSecrets('env', [one], around({ env: { SOPHOS_CLIENT_SECRET: 'other' } }));
    expect([...placed.placeholders]).toEqual([['central.clientSecret', '${env:SOPHOS_CLIENT_SECRET}']]);
    expect(placed.findings[0]?.how).toMatch(/another value/);
    expect(placed.steps.join()).toMatch(/Set `SOPHOS_CLIENT_SECRET` to `login.client_secret` of .*EnvironmentFile=.*LoadCredential=/);
    expect(JSON.stringify([...placed.placeholders, placed.findings, placed.steps])).not.toContain('hunter2');
  });

  it('has a variable of its own, unless the value is the same', async () => {
    const [a, b, c] = [await found('1'), await found('2', { at: 'accounts.b.clientSecret' }), await found('1', { at: 'accounts.c.clientSecret' })];
    const { placeholders } = await placeSecrets('env', [a, b, c], around());
    expect([...placeholders.values()]).toEqual(['${env:SOPHOS_CLIENT_SECRET}', '${env:SOPHOS_CLIENT_SECRET_2}', '${env:SOPHOS_CLIENT_SECRET}']);
  });
});

it('without a choice it is the environment that has this very value, and otherwise nothing is moved', async () => {
  const one = await found('hunter2');
  const at = async (env: PlacesAround['env']) => (await placeSecrets('auto', [one], around({ env }))).placeholders.get(one.at);
  expect(await at({ SOPHOS_CLIENT_SECRET: 'hunter2' })).toBe('${env:SOPHOS_CLIENT_SECRET}');
  expect(await at({ SOPHOS_CLIENT_SECRET: 'hunter3' })).toMatch(/^\$\{ini:/);
  expect(await at({})).toMatch(/^\$\{ini:/);
});

it.skipIf(process.platform === 'win32')('a file with secrets that everybody can read is told', async () => {
  const { findings, steps } = await placeSecrets('keep', [await found('a', { mode: 0o644, file: "it's/config.ini" })], around());
  expect(findings[1]).toEqual({ outcome: 'left', what: 'config.ini', how: 'it holds secrets, and every user of this machine can read it (mode 644)' });
  expect(steps.at(-1)).toContain(`chmod 600 '${folder}/it'\\''s/config.ini'`);
});

describe.skipIf(withoutKeyStore !== null)('a secret for the key store', () => {
  it('is stored under a name of its own, and never over the secret of another configuration', async ({ onTestFinished }) => {
    const store = await openKeyStore();
    onTestFinished(() => store.close());
    const keyring = openKeyring({ env: store.env, timeoutMs: 60_000 });
    const [one, other] = [await found('1'), await found('2', { at: 'sinks.splunk.token' })];
    const dry = await placeSecrets('keyring', [one, other], around({ env: store.env, dryRun: true }));
    expect([...dry.placeholders.values()]).toEqual(['${keyring:sophos-central/siem-client-secret}', '${keyring:sophos-central/siem-splunk-token}']);
    expect(await keyring.accounts('sophos-central', signal)).toEqual([]);

    for (let again = 0; again < 2; again++) {
      const { placeholders } = await placeSecrets('keyring', [one, other], around({ env: store.env }));
      expect(placeholders).toEqual(dry.placeholders);
      expect(await read(placeholders.get(other.at), store.env)).toBe('2');
    }
    const rotated = await placeSecrets('keyring', [await found('3')], around({ env: store.env }));
    expect([...rotated.placeholders.values()]).toEqual(['${keyring:sophos-central/siem-client-secret-2}']);
    expect(await read('${keyring:sophos-central/siem-client-secret}', store.env)).toBe('1');
    expect(await keyring.accounts('sophos-central', signal)).toEqual(['siem-client-secret', 'siem-client-secret-2', 'siem-splunk-token']);
  });
});
