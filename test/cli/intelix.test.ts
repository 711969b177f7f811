/** `intelix test`, `lookup` and `report` against a simulated Central and its Intelix. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { interrupted } from '../../src/cli/exit.ts';
import { openReportFolder, stampOf } from '../../src/cli/intelix/report-folder.ts';
import { main } from '../../src/cli/main.ts';
import { systemClock } from '../../src/core/clock.ts';
import { evil, linesOf } from './actions-scene.ts';
import { configuration, type IntelixScene, interposed, kindOfReport, openIntelixScene, reportNamed, urls } from './intelix-scene.ts';

const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const distinct = 13;
let scene: IntelixScene;

beforeAll(async () => {
  scene = await openIntelixScene();
});
beforeEach(async () => {
  scene.begin();
  await scene.reset();
});
afterEach(() => scene.end());
afterAll(() => scene.close());

/** `intelix lookup -` with that standard input. */
async function piped(stdin: Readable, signal = new AbortController().signal) {
  const said = { out: '', err: '' };
  const gather = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[name] += chunk.toString();
        done();
      },
    });
  const { sim, folder } = scene;
  const env = {
    SOPHOS_INTELIX_CLIENT_ID: sim.intelixClientId,
    SOPHOS_INTELIX_CLIENT_SECRET: sim.intelixClientSecret,
    SOPHOS_INTELIX_AUTH_URL: sim.url,
    SOPHOS_INTELIX_API_URL: sim.url,
  };
  const around = { env, cwd: folder, home: folder, stdin, stdout: gather('out'), stderr: gather('err'), signal };
  const code = await main(['intelix', 'lookup', '-', '--state', 'state'], around);
  return { code, ...said };
}

interface Row {
  readonly address: string;
  readonly kind: string;
  readonly risk: string;
  readonly categories: readonly string[];
  readonly cached: boolean;
  readonly reason?: string;
}

describe('intelix test', () => {
  it('says which hosts answered, and what, without credentials of Central', async () => {
    const { code, out, err } = await scene.intelix(['test', '--output', 'json'], { env: { SOPHOS_CLIENT_ID: '', SOPHOS_CLIENT_SECRET: '' } });
    const { host } = new URL(scene.sim.url);
    expect({ code, rows: JSON.parse(out) }).toMatchObject({ code: 0, rows: [{ tokenHost: host, regionHost: host, address: 'sophos.com' }] });
    expect(err).toContain('The credential is good');
    expect(out + err).not.toContain(scene.sim.intelixClientSecret);
  });

  it('ends with 3 when the credential is refused, and with 2 when there is none', async () => {
    const refused = await scene.intelix(['test'], { env: { SOPHOS_INTELIX_CLIENT_SECRET: 'wrong' } });
    expect({ ...refused, out: refused.out }).toMatchObject({ code: 3, out: '' });
    const missing = await scene.intelix(['test'], { env: { SOPHOS_INTELIX_CLIENT_ID: '' } });
    expect(missing).toMatchObject({ code: 2, out: '' });
    expect(missing.err).toContain('intelix.clientId');
    expect(missing.err).toContain('SOPHOS_INTELIX_CLIENT_ID');
    expect(missing.err).not.toContain('SOPHOS_INTELIX_CLIENT_SECRET');
    expect(await scene.lookups()).toEqual({});
  });
});

describe('intelix lookup', () => {
  it('tells URLs, IP addresses and files apart, in the order asked', async () => {
    const { code, out } = await scene.intelix(['lookup', 'bad.example.com', '203.0.113.7', hash, '203.0.113.9', 'unheard.example.com']);
    const rows = linesOf<Row>(out);
    expect({ code, told: rows.map(({ address, kind, risk }) => [address, kind, risk]) }).toEqual({
      code: 0,
      told: [
        ['bad.example.com', 'url', 'HIGH'],
        ['203.0.113.7', 'ip', 'HIGH'],
        [hash, 'file', expect.stringMatching(/^(HIGH|MEDIUM|TRUSTED|UNCLASSIFIED)$/)],
        ['203.0.113.9', 'ip', 'UNCLASSIFIED'],
        ['unheard.example.com', 'url', 'UNCLASSIFIED'],
      ],
    });
    expect(rows[1]?.categories).toEqual(['enduser_network', 'botnet']);
  });

  it('asks nothing that it remembers, unless told to, and again when the answer has aged', async () => {
    const asked = async () => (await scene.lookups())['bad.example.com'];
    const cached = async (...line: string[]) => linesOf<Row>((await scene.intelix(['lookup', 'bad.example.com', ...line])).out).map((row) => row.cached);
    expect([await cached(), await cached(), await asked()]).toEqual([[false], [true], 1]);
    expect([await cached('--no-cache'), await asked()]).toEqual([[false], 2]);
    const file = join(scene.folder, 'state', 'intelix-cache.json');
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...kept, lookups: kept.lookups.map((each: object) => ({ ...each, expiresAt: Date.now() - 1 })) }));
    expect([await cached(), await asked()]).toEqual([[false], 3]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('reads addresses from standard input, one per line', async () => {
    const parts = [Buffer.from('\uFEFFbad.example.com\r\n\n  203.0.1'), Buffer.from('13.8\nlow.example.com')];
    const { code, out } = await piped(Readable.from(parts));
    expect({ code, risks: linesOf<Row>(out).map(({ risk }) => risk) }).toEqual({ code: 0, risks: ['HIGH', 'MEDIUM', 'LOW'] });
    expect(await scene.intelix(['lookup', '-'])).toMatchObject({ code: 2, err: expect.stringContaining('no address') });
    const broken = new Readable({ read: () => broken.destroy(new Error('EISDIR: it is a folder')) });
    expect(await piped(broken)).toMatchObject({ code: 1, err: expect.stringContaining('could not read standard input: EISDIR') });
    const stop = new AbortController();
    const silent = new Readable({ read: () => stop.abort(interrupted()) });
    expect((await piped(silent, stop.signal)).code).toBe(130);
  });

  it('tells what cannot be an address without hindering the others', async () => {
    const said = await scene.intelix(['lookup', '..', 'low.example.com']);
    expect(said.code).toBe(4);
    expect(linesOf<Row>(said.out).map(({ risk, reason }) => risk ?? reason)).toEqual([expect.stringContaining('is no address'), 'LOW']);
    expect((await scene.intelix(['lookup', '..'])).code).toBe(1);
  });

  it('shows a table that no answer can break', async () => {
    await scene.control('POST', '/_sim/intelix', { urls: { 'x.example.com': { riskLevel: 'HIGH', productivityCategory: evil, ttl: 1 } } });
    const { out } = await scene.intelix(['lookup', 'x.example.com', '--output', 'table']);
    expect(out.split('\n')).toHaveLength(3);
    expect(out).not.toContain('\u001b');
  });

  it('keeps what was looked up when it is interrupted', async () => {
    const stop = new AbortController();
    const { http, close } = interposed('/low.example.com', async () => stop.abort(interrupted()));
    const { code } = await scene.intelix(['lookup', 'bad.example.com', ...Array(20).fill('bad.example.com'), 'low.example.com'], {
      signal: stop.signal,
      world: { http },
    });
    await close();
    expect(code).toBe(130);
    expect(linesOf<Row>((await scene.intelix(['lookup', 'bad.example.com'])).out)).toMatchObject([{ cached: true }]);
  });

  it('ends when the allowance is used up, and keeps what it has', async () => {
    await scene.control('POST', '/_sim/intelix', { quota: 1, retryAfterS: 3600 });
    const { code, out, err } = await scene.intelix(['lookup', ...urls[0]]);
    const rows = linesOf<Row>(out);
    expect({ code, known: rows.filter(({ risk }) => risk !== undefined).length, told: rows.length }).toEqual({ code: 4, known: 1, told: 6 });
    expect(err).toContain('no more addresses are looked up now');
    await scene.control('POST', '/_sim/intelix', { quota: null });
    const again = linesOf<Row>((await scene.intelix(['lookup', ...urls[0]])).out);
    expect(again.map(({ cached }) => cached).filter((each) => each)).toHaveLength(1);
  });

  it('refuses a form that it does not have before it asks', async () => {
    expect(await scene.intelix(['lookup', 'bad.example.com', '--output', 'xml'])).toMatchObject({ code: 2, out: '' });
    expect(await scene.lookups()).toEqual({});
  });
});

describe('intelix report', () => {
  it('looks every distinct address up once, over all tenants, and writes both files', async () => {
    const { code, out, err } = await scene.intelix(['report']);
    expect({ code, rows: linesOf(out).length }).toEqual({ code: 0, rows: urls.flat().length });
    const lookups = await scene.lookups();
    expect({ count: Object.keys(lookups).length, most: Math.max(...Object.values(lookups)) }).toEqual({ count: distinct, most: 1 });
    expect(err).toContain(`17 local sites of 3 tenants, ${distinct} distinct addresses: 6 HIGH, 2 MEDIUM, 2 LOW, 1 TRUSTED, 6 UNCLASSIFIED.`);
    const reports = scene.reports();
    expect([...reports.keys()].map(kindOfReport).sort()).toEqual(['<stamp>_intelix_results.json', '<stamp>_intelix_results_combined.json']);
    const results = reportNamed(reports, '_intelix_results.json');
    expect(results).toHaveLength(distinct);
    expect(results).toContainEqual(
      expect.objectContaining({ address: 'BAD.example.com', kind: 'url', sites: 3, risk: 'HIGH', lookup: expect.objectContaining({ riskLevel: 'HIGH' }) }),
    );
    const estate = await scene.estate();
    const combined = reportNamed(reports, '_combined.json');
    expect(new Set(combined.map(({ site }: { site: { id: string } }) => site.id))).toEqual(new Set(estate.map(({ id }) => id)));
    const [name] = reports.keys();
    expect(statSync(join(scene.folder, 'intelix', name ?? '')).mode & 0o777).toBe(0o600);
    expect(await scene.changes()).toEqual([]);
  });

  it('takes the risks of categories from the configuration', async () => {
    writeFileSync(
      join(scene.folder, 'sophos-central.yaml'),
      configuration.replace('intelix: {', 'intelix: { ipRisk: { open_relay_watch: HIGH, botnet: LOW },'),
    );
    const rows = linesOf<{ readonly site: { readonly url: string }; readonly risk: string }>((await scene.intelix(['report'])).out);
    const riskOf = (url: string) => rows.find(({ site }) => site.url === url)?.risk;
    expect([riskOf('203.0.113.9'), riskOf('203.0.113.7')]).toEqual(['HIGH', 'LOW']);
  });

  it('reads the other tenants when one is forbidden, and names the addresses that could not be looked up', async () => {
    const [first] = await scene.tenants();
    await scene.control('POST', '/_sim/faults', { forbidden: { tenants: [first?.id] } });
    expect(await scene.intelix(['report'])).toMatchObject({ code: 4, err: expect.stringContaining('tenant Acme') });
    await scene.control('DELETE', '/_sim/faults');
    await scene.control('POST', '/_sim/collection', { tenant: first?.id, name: 'local-sites', put: [{ url: 'a\u0000b.example.com', categoryId: 5 }] });
    const { code, out } = await scene.intelix(['report', '--tenant', 'Acme']);
    expect(code).toBe(4);
    expect(
      linesOf<Row>(out)
        .filter(({ risk }) => risk === null)
        .map(({ reason }) => reason),
    ).toEqual([expect.stringContaining('not looked up: ')]);
  });

  it('does not go on asking an Intelix that is down', async () => {
    await scene.control('POST', '/_sim/intelix', { fail: { rate: 1, statuses: [503] } });
    const hasty = { ...systemClock, sleep: async (_ms: number, signal: AbortSignal) => signal.throwIfAborted() };
    const { code, out, err } = await scene.intelix(['report'], { world: { clock: hasty } });
    expect({ code, risks: new Set(linesOf<Row>(out).map(({ risk }) => risk)) }).toEqual({ code: 4, risks: new Set([null]) });
    expect(err).toContain('no more addresses are looked up now');
    const tries = JSON.parse(await scene.control('GET', '/_sim/intelix')).refused['503'];
    expect(tries).toBeLessThan(distinct * 6);
  });

  it('never writes over a file: two runs in one second have names of their own', async () => {
    const now = Date.now();
    const path = join(scene.folder, 'reports');
    const write = () => openReportFolder(path, now).write((stamp) => `${stamp}_x.json`, {});
    const names = [await write(), await write(), await write()].map((each) => each.slice(path.length + 1));
    expect(names).toEqual(['', '-2', '-3'].map((number) => `${stampOf(now)}${number}_x.json`));
    expect(stampOf(now)).toMatch(/^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/);
    const folder = openReportFolder(path, now);
    const both = await Promise.all([folder.write((stamp) => `${stamp}_y.json`, {}), openReportFolder(path, now).write((stamp) => `${stamp}_y.json`, {})]);
    expect(new Set(both).size).toBe(2);
  });

  it('says what is wrong with the folder', async () => {
    writeFileSync(join(scene.folder, 'taken'), '');
    expect(await scene.intelix(['report', '--out-dir', 'taken'])).toMatchObject({ code: 2, err: expect.stringContaining('could not write') });
    mkdirSync(join(scene.folder, 'there'));
    expect((await scene.intelix(['report', '--out-dir', 'there'])).code).toBe(0);
    expect(scene.reports('there').size).toBe(2);
  });
});
