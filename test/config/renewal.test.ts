import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { Credentials, Plan } from '../../src/config/plan.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Secret } from '../../src/core/world.ts';
import { registers } from './kinds.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'renewal-'));
});
afterEach(() => rm(folder, { recursive: true }));

const keep = (name: string, text: string) => writeFile(path.join(folder, name), text, { mode: 0o600 });
const env: Record<string, string | undefined> = {};
const never = () => new AbortController().signal;

async function load(text: string): Promise<Plan> {
  await keep('sophos-central.yaml', text);
  return await loadConfig({ file: path.join(folder, 'sophos-central.yaml'), cwd: '/', env, registers });
}

/** What a reader says, in the clear. */
function said(credentials: Credentials | null | undefined): unknown {
  if (!credentials) return credentials;
  if (credentials.kind === 'token') return [credentials.token.url, credentials.token.apiKey.reveal(), credentials.token.authorization.reveal()];
  return [credentials.clientId, credentials.clientSecret.reveal()];
}

async function refusal(read: ((signal: AbortSignal) => Promise<unknown>) | null): Promise<Failure> {
  const error: unknown = await read?.(never()).catch((thrown: unknown) => thrown);
  if (!(error instanceof Failure)) throw new Error('no failure', { cause: error });
  return error;
}

const whole = `
accounts:
  acme: { clientId: "\${file:acme.id}", clientSecret: "\${file:acme.secret}" }
  beta: { siemToken: "\${file:beta.token}" }
  plain: { clientId: id, clientSecret: as-it-is, proxy: "http://\${file:proxy}" }
intelix: { clientId: intelix-id, clientSecret: "\${file:intelix.secret}" }
sinks:
  splunk: { type: splunk-hec, url: "https://splunk:8088", token: "\${file:hec.token}", batch: { records: 7 } }
  open: { type: splunk-hec, url: "https://splunk:8088", token: plain }
routes: [{ from: events, to: splunk }, { from: events, to: open }]
`;

const token = (key: string) => `url: https://api1.central.sophos.com/gateway, x-api-key: ${key}, Authorization: Basic b2xk`;

async function openWhole(): Promise<Plan> {
  const first = { 'acme.id': 'id-1', 'acme.secret': 'secret-1\n', 'beta.token': token('key-1'), proxy: 'proxy:3128', 'intelix.secret': 'intelix-1' };
  for (const [name, text] of Object.entries({ ...first, 'hec.token': 'hec-1' })) await keep(name, text);
  return await load(whole);
}

describe('a secret that is read again', () => {
  it('is nothing new until it changes, and then what it is now', async () => {
    const { renew } = await openWhole();
    const acme = renew.account('acme');
    expect(await acme?.(never())).toBeNull();
    await keep('acme.secret', 'secret-2\n');
    expect(said(await acme?.(never()))).toEqual(['id-1', 'secret-2']);
    expect(await acme?.(never())).toBeNull();
    await keep('acme.id', 'id-3');
    await keep('acme.secret', 'secret-3');
    expect(said(await acme?.(never()))).toEqual(['id-3', 'secret-3']);
  });

  it('is told to each reader by itself', async () => {
    const { renew } = await openWhole();
    const readers = [renew.sink('splunk'), renew.sink('splunk')];
    await keep('hec.token', 'hec-2');
    for (const reader of readers) {
      const options = (await reader?.(never()))?.options as { token: Secret; batch: unknown };
      expect([options.token.reveal(), options.batch]).toEqual(['hec-2', { records: 7 }]);
      expect(await reader?.(never())).toBeNull();
    }
  });

  it('may be an old API token, or that of Intelix', async () => {
    const { renew } = await openWhole();
    const [beta, intelix] = [renew.account('beta'), renew.intelix()];
    expect([await beta?.(never()), await intelix?.(never())]).toEqual([null, null]);
    await keep('beta.token', token('key-2'));
    await keep('intelix.secret', 'intelix-2');
    expect(said(await beta?.(never()))).toEqual(['https://api1.central.sophos.com/gateway', 'key-2', 'Basic b2xk']);
    expect((await intelix?.(never()))?.clientSecret.reveal()).toBe('intelix-2');
  });

  it('is that of `central` too, also when one half stands in the environment', async () => {
    env.SOPHOS_CLIENT_ID = 'id-of-env';
    await keep('one', 'secret-1');
    const { renew } = await load('central: { clientSecret: "${file:one}" }');
    const reader = renew.account('central');
    expect(await reader?.(never())).toBeNull();
    await keep('one', 'secret-2');
    expect(said(await reader?.(never()))).toEqual(['id-of-env', 'secret-2']);
    delete env.SOPHOS_CLIENT_ID;
  });

  it('is not looked for where no placeholder stands', async () => {
    const { renew } = await openWhole();
    expect([renew.account('plain'), renew.account('nobody'), renew.sink('open'), renew.sink('nowhere')]).toEqual([null, null, null, null]);
    const { renew: other } = await load('central: { clientId: a, clientSecret: b }');
    expect([other.account('central'), other.intelix()]).toEqual([null, null]);
  });

  it('is read from the environment that the program was given', async () => {
    env.HEC = 'hec-1';
    const { renew } = await load('central: { clientId: a, clientSecret: "${env:HEC}" }');
    const reader = renew.account('central');
    env.HEC = 'hec-2';
    expect(said(await reader?.(never()))).toEqual(['a', 'hec-2']);
    delete env.HEC;
  });

  it('asks for nothing but its own section', async () => {
    const { renew } = await openWhole();
    for (const name of ['hec.token', 'beta.token', 'proxy', 'intelix.secret']) await rm(path.join(folder, name));
    await keep('acme.secret', 'secret-2');
    expect(said(await renew.account('acme')?.(never()))).toEqual(['id-1', 'secret-2']);
  });
});

describe('a secret that cannot be read again', () => {
  it.each([
    ['is missing', (name: string) => rm(path.join(folder, name)), /does not exist/],
    ['is empty', (name: string) => keep(name, ''), /is empty/],
  ] as const)('is told when it %s, is never taken for its placeholder, and is found once it is back', async (_what, spoil, seen) => {
    const { renew } = await openWhole();
    const [acme, splunk, intelix] = [renew.account('acme'), renew.sink('splunk'), renew.intelix()];
    for (const name of ['acme.secret', 'hec.token', 'intelix.secret']) await spoil(name);
    for (const read of [acme, splunk, intelix]) {
      const failure = await refusal(read);
      expect(failure).toMatchObject({ kind: 'transient', code: 'secret.unrenewed', advice: expect.any(String) });
      expect(failure.message).toMatch(seen);
    }
    await keep('acme.secret', 'secret-1');
    expect(await acme?.(never())).toBeNull();
    await keep('acme.secret', 'secret-2');
    expect(said(await acme?.(never()))).toEqual(['id-1', 'secret-2']);
  });

  it('is told when what was read can be none, without repeating it', async () => {
    const { renew } = await openWhole();
    await keep('beta.token', 'url: no, x-api-key: leaked-key, Authorization: Basic bGVhaw==');
    const failure = await refusal(renew.account('beta'));
    expect(failure).toMatchObject({ code: 'secret.unrenewed' });
    expect(JSON.stringify([failure.message, failure.advice])).not.toMatch(/leaked-key|bGVhaw/);
  });

  it('is no failure when nobody waits for it any more', async () => {
    const { renew } = await openWhole();
    const gone = new Error('gone');
    await expect(renew.account('acme')?.(AbortSignal.abort(gone))).rejects.toBe(gone);
  });
});
