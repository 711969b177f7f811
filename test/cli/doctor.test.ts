/** `doctor` in one process: what it says of configuration, secrets, network, rights, state and sinks, and how. The twelve faults are in test/e2e/doctor.test.ts. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exitCodeFor, type Finding } from '../../src/cli/doctor/finding.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Certificates, makeCertificates } from '../far-ends/certificates.ts';
import { startInterceptor } from '../far-ends/interceptor.ts';
import { startProxy } from '../far-ends/proxy.ts';
import { type Said, type Typed, type } from './terminal.ts';

let sim: RunningSimulator;
let certificates: Certificates;
let folder: string;

beforeAll(async () => {
  certificates = makeCertificates();
  sim = await startSimulator({ account: 'partner', tenants: 14, eventsPerTenant: 5, tenantNames: ['Acme', 'Evil\u001b[2J\nfailed everything', 'Beta Ltd'] });
});
afterAll(async () => {
  certificates.remove();
  await sim.close();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await ask('DELETE', '/_sim/faults');
  await ask('POST', '/_sim/settings', { expiredCredential: 'no' });
});

async function ask(method: string, path: string, body?: unknown): Promise<void> {
  const reply = await fetch(`${sim.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  expect(reply.status, path).toBeLessThan(300);
}

const plenty = 'rateLimits: { second: 10000, minute: 100000, hour: 1000000, day: 100000000 }';

function configure(text: string): void {
  writeFileSync(join(folder, 'sophos-central.yaml'), text, { mode: 0o600 });
}

const usual = (central = plenty) => `central: { clientId: "\${env:MY_ID}", clientSecret: "\${env:MY_SECRET}", ${central} }
streams: { events: {}, endpoints: {} }
sinks: { archive: { type: file, path: "out/{tenant.id}.ndjson" } }
routes: [{ from: "*", to: archive }]
state: ./state
journal: { minFree: 1MB }
`;

function doctor(args: readonly string[] = [], typed: Typed = {}): Promise<Said> {
  const env = { MY_ID: sim.clientId, MY_SECRET: sim.clientSecret, SOPHOS_CENTRAL_AUTH_URL: sim.url, SOPHOS_CENTRAL_API_URL: sim.url, ...typed.env };
  return type(['doctor', ...args], { cwd: folder, ...typed, env });
}

async function findings(
  args: readonly string[] = [],
  typed: Typed = {},
): Promise<{ readonly code: number; readonly all: readonly Finding[]; readonly text: string }> {
  const { code, out, err } = await doctor(['--json', ...args], typed);
  expect(out, err).toMatch(/^\{/);
  return { code, all: (JSON.parse(out) as { readonly findings: readonly Finding[] }).findings, text: out };
}

const bad = (all: readonly Finding[]) => all.filter(({ state, area }) => area !== 'program' && (state === 'failed' || state === 'warning'));

describe('doctor', () => {
  it('says ok of everything where all is well, asks ten tenants and says so, and leaves nothing behind', async () => {
    configure(usual());
    const { code, out, err } = await doctor();
    expect(out).toMatch(/0 failed/);
    expect(out).toMatch(/ok {7}sample {2,}10 of 14 tenants were asked/);
    expect(err).toMatch(/The rights of 10 tenants to 2 streams are tried with about 20 calls/);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual(['sophos-central.yaml']);
  });

  it('asks all tenants, or those that are named, when told to', async () => {
    configure(usual());
    expect((await doctor(['--all-tenants'])).err).toMatch(/rights of 14 tenants/);
    const { all } = await findings(['--tenant', 'Acme', '--tenant', 'Nobody*']);
    expect(all).toContainEqual(expect.objectContaining({ area: 'identity', state: 'warning', seen: 'none is called `Nobody*`' }));
  });

  it('tells every mistake with line and column, leaves out what is wrong, and examines the rest', async () => {
    configure(
      usual()
        .replace('sinks: {', 'sinks: { soc: { type: syslog, adress: "tls://x:1" },')
        .replace('to: archive }', 'to: archive }, { from: events, to: soc }')
        .concat('jurnal: {}\n'),
    );
    const { code, all } = await findings();
    const mistakes = all.filter(({ area, state }) => area === 'configuration' && state === 'failed');
    expect(mistakes.map(({ subject }) => subject)).toEqual(expect.arrayContaining(['jurnal', 'sinks.soc.adress']));
    for (const { seen, cause, cure } of mistakes) expect([/line \d+, column \d+/.test(seen), cause === '', cure === ''], seen).toEqual([true, false, false]);
    expect(all).toContainEqual(expect.objectContaining({ area: 'identity', state: 'ok', subject: 'central' }));
    expect(all).toContainEqual(expect.objectContaining({ area: 'sinks', state: 'ok', subject: 'archive' }));
    expect(code).toBe(2);
  });

  it('tells each secret by its path, and goes on without the one that cannot be had', async () => {
    configure(usual().replace('sinks: {', 'sinks: { splunk: { type: splunk-hec, url: "https://x:8088", token: "${env:HEC_TOKN}" },'));
    const { code, all } = await findings([], { env: { SOPHOS_CLIENT_SECRTE: 'x' } });
    expect(all).toContainEqual(expect.objectContaining({ area: 'secrets', state: 'ok', subject: 'central.clientSecret', seen: '${env:MY_SECRET}: found' }));
    expect(all).toContainEqual(
      expect.objectContaining({ area: 'secrets', state: 'failed', subject: 'sinks.splunk.token', cause: expect.stringContaining('`HEC_TOKN` is not set') }),
    );
    expect(all).toContainEqual(
      expect.objectContaining({ area: 'secrets', state: 'warning', subject: 'SOPHOS_CLIENT_SECRTE', cause: expect.stringContaining('SOPHOS_CLIENT_SECRET') }),
    );
    expect(all).toContainEqual(expect.objectContaining({ area: 'sinks', state: 'ok', subject: 'archive' }));
    expect(code).toBe(2);
  });

  it('notices that id and secret were exchanged', async () => {
    configure(usual());
    const { all, code } = await findings([], { env: { MY_ID: sim.clientSecret, MY_SECRET: sim.clientId } });
    expect(all).toContainEqual(expect.objectContaining({ area: 'secrets', state: 'warning', seen: 'id and secret look exchanged' }));
    expect(code).toBe(3);
  });

  it('says of an expired credential that is refused like a wrong secret that it may be either', async () => {
    configure(usual());
    await ask('POST', '/_sim/settings', { expiredCredential: 'as-wrong-secret' });
    const { all, code } = await findings();
    expect(all.find(({ area }) => area === 'identity')?.cause).toMatch(/wrong secret.*An expired credential is refused with the same words/);
    expect(code).toBe(3);
  });

  it('tells a stream that the role does not allow from a tenant that gives nothing', async () => {
    configure(usual());
    const sequence = [{ path: '/endpoint/v1/endpoints', kind: '403', times: 10 }];
    await ask('POST', '/_sim/faults', { sequence });
    const { all, code } = await findings();
    expect(bad(all)).toEqual([
      expect.objectContaining({
        area: 'rights',
        subject: 'endpoints',
        seen: expect.stringContaining('403 for 10 of 10 tenants'),
        cause: expect.stringContaining('role'),
      }),
    ]);
    expect(code).toBe(4);
  });

  it('names a proxy that wants a password, one that is none, and one whose authority is not known', async () => {
    const cases = [
      [await startProxy({ password: 'hunter2-password' }), /wants a user and a password/, /http:\/\/user:password@host:port/],
      [{ url: sim.url, close: async () => undefined }, /is no proxy that tunnels/, /Correct `central.proxy`/],
      [await startInterceptor(certificates.strangeServer), /chain ends at `Strange Authority \(Strangers\)`/, /`central.caFile`/],
    ] as const;
    for (const [proxy, cause, cure] of cases) {
      const { port } = new URL(proxy.url);
      configure(usual(`${plenty}, proxy: "http://127.0.0.1:${port}"`));
      const { all, code } = await findings([], {
        env: { SOPHOS_CENTRAL_AUTH_URL: 'https://localhost:4433', SOPHOS_CENTRAL_API_URL: 'https://localhost:4433' },
      });
      await proxy.close();
      expect(all.find(({ area, state }) => area === 'network' && state === 'failed')).toMatchObject({
        cause: expect.stringMatching(cause),
        cure: expect.stringMatching(cure),
      });
      expect(code).toBe(1);
    }
  });

  it('trusts an authority that is named as `caFile`, and names who issued the certificate', async () => {
    const safe = await startSimulator({ tls: certificates.server });
    try {
      configure(usual(`${plenty}, caFile: ${JSON.stringify(certificates.authority.certFile)}`));
      const { all } = await findings([], {
        env: { MY_ID: safe.clientId, MY_SECRET: safe.clientSecret, SOPHOS_CENTRAL_AUTH_URL: safe.url, SOPHOS_CENTRAL_API_URL: safe.url },
      });
      expect(bad(all)).toEqual([]);
      expect(all.find(({ area, subject }) => area === 'network' && subject.includes(':'))?.seen).toMatch(
        /TLSv1\.\d, certificate issued by House Authority \(House\)/,
      );
    } finally {
      await safe.close();
    }
  });

  it('tells a state that is no folder, one that others can look into, a damaged journal, and a disk without room', async () => {
    configure(usual().replace('minFree: 1MB', 'minFree: 1000TB'));
    const state = join(folder, 'state');
    writeFileSync(state, 'a file');
    expect((await findings()).all).toContainEqual(expect.objectContaining({ area: 'state', state: 'failed', cause: 'a file stands where the state is to be' }));
    rmSync(state);
    mkdirSync(state);
    if (process.platform !== 'win32') chmodSync(state, 0o755);
    writeFileSync(join(state, 'journal.sqlite'), 'not a database at all');
    const { all, code } = await findings();
    expect(all).toContainEqual(expect.objectContaining({ area: 'state', subject: 'disk', state: 'failed', cause: expect.stringContaining('nearly full') }));
    expect(all).toContainEqual(
      expect.objectContaining({ area: 'state', subject: 'journal', state: 'failed', cause: expect.stringContaining('is not a journal of this program') }),
    );
    if (process.platform !== 'win32')
      expect(all).toContainEqual(expect.objectContaining({ area: 'state', subject: 'rights', state: 'warning', cure: expect.stringContaining('chmod 700') }));
    expect(code).toBe(1);
  });

  it('sends a marked record only with `--send`, and says what a sink that refuses said', async () => {
    const splunk = (token: string) =>
      usual()
        .replace('sinks: {', `sinks: { splunk: { type: splunk-hec, url: "${sim.hecUrl}", token: "${token}" },`)
        .replace('to: archive }', 'to: archive }, { from: events, to: splunk }');
    const indexed = async () => (await (await fetch(`${sim.url}/_sim/hec?list=events`)).text()).includes('SophosCentralConnector::Test');
    configure(splunk(sim.hecToken));
    await findings(['--tenant', 'Acme']);
    expect(await indexed()).toBe(false);
    const { all } = await findings(['--tenant', 'Acme', '--send']);
    expect(all.find(({ area, subject }) => area === 'sinks' && subject === 'splunk')?.seen).toMatch(/test record sophos-central-test-.* taken by the far end/);
    expect(await indexed()).toBe(true);
    configure(splunk('00000000-0000-4000-8000-00000000dead'));
    const refused = await findings(['--tenant', 'Acme']);
    expect(refused.all.find(({ subject }) => subject === 'splunk')).toMatchObject({ state: 'failed', code: 'hec.invalid-token' });
    expect(refused.code).toBe(4);
  });

  it('lets no name of a tenant begin a line or move the cursor, and with `--anonymous` tells none', async () => {
    configure(usual());
    await ask('POST', '/_sim/faults', { forbidden: { tenants: [1] } });
    const { out } = await doctor(['--no-color'], { columns: 80 });
    expect(out.split('\n').filter((line) => line.startsWith('failed everything'))).toEqual([]);
    expect(out).not.toContain('\u001b[2J');
    // A path is not broken, however long the folder for temporary files is.
    const foldable = out.split('\n').filter((line) => !/\S{40}/.test(line));
    expect(Math.max(...foldable.map((line) => line.length))).toBeLessThanOrEqual(80);
    const { text } = await findings(['--anonymous']);
    expect(text).not.toMatch(/Acme|Evil|Beta Ltd/);
    expect(text).toContain('tenant-1');
    for (const secret of [sim.clientSecret]) expect(text).not.toContain(secret);
  });

  it('without any account says what is missing, and examines what there is', async () => {
    const { code, all } = await findings([], { env: { SOPHOS_CENTRAL_AUTH_URL: '', SOPHOS_CENTRAL_API_URL: '' } });
    expect(all).toContainEqual(expect.objectContaining({ area: 'configuration', state: 'failed', cure: expect.stringContaining('SOPHOS_CLIENT_ID') }));
    expect(all.some(({ area, state }) => area === 'state' && state === 'ok')).toBe(true);
    expect(code).toBe(2);
  });

  it('ends with 130 on Ctrl-C, in the middle of its work', async () => {
    configure(usual());
    await ask('POST', '/_sim/faults', { sequence: [{ path: '/whoami/v1', kind: 'hang', times: 5 }], hangMs: 60_000 });
    const stop = new AbortController();
    const { interrupted } = await import('../../src/cli/exit.ts');
    const said = doctor([], { signal: stop.signal });
    await expect.poll(async () => (await (await fetch(`${sim.url}/_sim/stats`)).text()).includes('/whoami/v1'), { timeout: 10_000 }).toBe(true);
    stop.abort(interrupted());
    expect((await said).code).toBe(130);
  });
});

describe('the exit code', () => {
  const failed = (area: Finding['area'], code?: string): Finding => ({
    area,
    subject: 'x',
    state: 'failed',
    seen: '',
    ...(code === undefined ? {} : { code }),
  });
  it('is that of the first area that failed', () => {
    expect(exitCodeFor([])).toBe(0);
    expect(exitCodeFor([{ ...failed('state'), state: 'warning' }])).toBe(0);
    expect(exitCodeFor([failed('sinks'), failed('secrets')])).toBe(2);
    expect(exitCodeFor([failed('sinks'), failed('identity', 'central.credentials-refused')])).toBe(3);
    expect(exitCodeFor([failed('identity', 'central.unavailable')])).toBe(1);
    expect(exitCodeFor([failed('sinks'), failed('state')])).toBe(1);
    expect(exitCodeFor([failed('rights'), failed('sinks')])).toBe(4);
  });
});
