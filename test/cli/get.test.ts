/** `get` beyond the first two streams: snapshots, what is only a part, what a sink refuses. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { interrupted } from '../../src/cli/exit.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Typed, type as typeLine } from './terminal.ts';

let sim: RunningSimulator;
let folder: string;

beforeAll(async () => {
  sim = await startSimulator({
    account: 'partner',
    tenants: 3,
    endpoints: 30,
    openAlertsPerTenant: 5,
    eventsPerTenant: 0,
    tenantNames: ['Acme', 'Beta', 'Cedar'],
  });
});
afterAll(() => sim.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-get-'));
  const splunk = `splunk: { type: splunk-hec, url: "${sim.hecUrl}", token: "${sim.hecToken}", batch: { records: 4 } }`;
  writeFileSync(join(folder, 'sophos-central.yaml'), `central: { rateLimits: { second: 10000, minute: 100000 } }\nsinks: { ${splunk} }\nstate: ./state\n`, {
    mode: 0o600,
  });
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  for (const path of ['/_sim/faults', '/_sim/hec/faults', '/_sim/hec']) await control('DELETE', path);
});

async function control(method: string, path: string, body?: unknown): Promise<string> {
  const reply = await fetch(`${sim.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  expect(reply.status).toBeLessThan(300);
  return reply.text();
}

const type = (line: readonly string[], typed: Typed = {}) =>
  typeLine(line, {
    cwd: folder,
    ...typed,
    env: { SOPHOS_CLIENT_ID: sim.clientId, SOPHOS_CLIENT_SECRET: sim.clientSecret, SOPHOS_CENTRAL_AUTH_URL: sim.url, SOPHOS_CENTRAL_API_URL: sim.url },
  });
const lines = (text: string) => text.split('\n').filter(Boolean);
const parsed = <T>(text: string) => lines(text).map((line) => JSON.parse(line) as T);
const idsOf = (text: string) => parsed<{ id: string }>(text).map(({ id }) => id);
const truth = async (stream: string) => idsOf(await control('GET', `/_sim/truth?fields=ids&stream=${stream}`));
const indexed = async () => lines(await control('GET', '/_sim/hec?list=ids'));
const out = () => readdirSync(join(folder, 'out')).sort();

describe('get', () => {
  it('leaves no half file behind when it is interrupted, and what was there before', async () => {
    expect(await type(['get', 'endpoints', '--out-dir', 'out'])).toMatchObject({ code: 0 });
    const before = out().map((name) => readFileSync(join(folder, 'out', name), 'utf8'));
    const stop = new AbortController();
    // The second page hangs, and then somebody presses Ctrl-C.
    await control('POST', '/_sim/faults', {
      sequence: [
        { path: '/endpoint/v1/endpoints', kind: 'ok', times: 4 },
        { path: '/endpoint/v1/endpoints', kind: 'hang', times: 99 },
      ],
    });
    const asked = type(['get', 'endpoints', '--page-size', '10', '--out-dir', 'out'], { signal: stop.signal });
    await expect.poll(() => out().some((name) => name.endsWith('.part'))).toBe(true);
    stop.abort(interrupted());
    expect(await asked).toMatchObject({ code: 130 });
    expect(out()).toHaveLength(3);
    expect(out().map((name) => readFileSync(join(folder, 'out', name), 'utf8'))).toEqual(before);
  });

  it('keeps what was counted when `--limit` ends it, and writes no file for whom it did not look at', async () => {
    const { code, err } = await type(['get', 'endpoints', '--page-size', '10', '--limit', '40', '--concurrency', '2', '--out-dir', 'out']);
    expect(code, err).toBe(0);
    expect(err).toContain('40 records');
    const counts = out().map((name) => (JSON.parse(readFileSync(join(folder, 'out', name), 'utf8')) as unknown[]).length);
    expect(counts).not.toContain(0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
  });

  it('says what a list that does not end could not give, and goes on with the others', async () => {
    await control('POST', '/_sim/faults', { sequence: [{ path: '/endpoint/v1/endpoints', tenant: 1, kind: 'key-loop', times: 999 }] });
    const { code, err, out: text } = await type(['get', 'endpoints', '--page-size', '10']);
    expect(code, err).toBe(4);
    expect(err).toMatch(/tenant Beta .*could not be read to its end: the pages that Central sends run in a circle/);
    expect(idsOf(text).length).toBeGreaterThanOrEqual(60);
    expect(new Set(idsOf(text)).size).toBe(idsOf(text).length);
  });

  it('has a column in the CSV for whatever the last tenant has', async () => {
    const [, , cedar = ''] = parsed<{ id: string }>((await type(['tenants', '--output', 'ndjson'])).out).map(({ id }) => id);
    await control('POST', '/_sim/collection', { tenant: cedar, name: 'endpoints', put: [{ id: (await truth('endpoints')).at(-1), odd: { field: 'seen' } }] });
    const { out: text } = await type(['get', 'endpoints', '--output', 'csv', '--concurrency', '1']);
    expect(text.split('\r\n')[0]?.split(',')).toContain('odd.field');
    expect(text).toContain('seen');
  });
});

describe('get --new', () => {
  it('tells in a table what was added, changed and removed', async () => {
    const line = ['get', 'local-sites', '--new', '--tenant', 'Acme', '--output', 'table'];
    expect((await type(line)).out).toMatch(/^CHANGE +URL[\s\S]*\nadded /);
    const [{ id: tenant = '' } = { id: '' }] = parsed<{ id: string }>((await type(['tenants', '--tenant', 'Acme', '--output', 'ndjson'])).out);
    const [gone, other] = idsOf(await control('GET', `/_sim/truth?fields=ids&stream=local-sites&tenant=${tenant}`));
    const put = [
      { id: other, comment: 'another' },
      { url: 'new.example.com', categoryId: 28 },
    ];
    await control('POST', '/_sim/collection', { tenant, name: 'local-sites', put, remove: [gone] });
    const { out: text } = await type(line);
    expect(
      lines(text)
        .slice(1)
        .map((row) => row.split(' ')[0])
        .sort(),
    ).toEqual(['added', 'changed', 'removed']);
    expect(text).toMatch(/removed +\S+\.\S+/);
    expect((await type(line)).out).not.toMatch(/added|changed|removed/);

    // However soon one snapshot follows the other: their names are not the same.
    for (let i = 0; i < 8; i++) {
      await control('POST', '/_sim/collection', { tenant, name: 'local-sites', put: [{ id: other, comment: `number ${i}` }] });
      expect((await type(line)).out).toMatch(new RegExp(`changed .*number ${i}`));
    }
  });

  it('gives what could be read of a tenant at once, and the rest when it can be', async () => {
    const line = ['get', 'endpoints', '--new', '--page-size', '10', '--output', 'sink:splunk'];
    await control('POST', '/_sim/faults', {
      sequence: [
        { path: '/endpoint/v1/endpoints', tenant: 1, kind: 'ok' },
        { path: '/endpoint/v1/endpoints', tenant: 1, status: 403, times: 99 },
      ],
    });
    expect(await type(line)).toMatchObject({ code: 4, err: expect.stringContaining('tenant Beta') });
    expect(await indexed()).toHaveLength(70);
    await control('DELETE', '/_sim/faults');
    expect(await type(line)).toMatchObject({ code: 0 });
    const had = await indexed();
    expect(had).toHaveLength(90);
    expect(new Set(had).size).toBe(90);
  });

  it('is not remembered of a reader that went away', async () => {
    const line = ['get', 'alerts', '--days', '90', '--new'];
    const gone = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })) });
    expect(await type(line, { stdout: gone })).toMatchObject({ code: 0 });
    expect(idsOf((await type(line)).out).sort()).toEqual((await truth('alerts')).sort());
    expect((await type(line)).out).toBe('');
  });

  it('is for each output and each stream on its own, so that two can run at once', async () => {
    const all = ['endpoints', 'alerts', 'local-sites'].map((stream) => type(['get', stream, '--new', '--output', 'sink:splunk']));
    expect((await Promise.all(all)).map(({ code, err }) => (code === 0 ? '' : err))).toEqual(['', '', '']);
  });

  it('blames the configuration, and keeps the records, when a sink takes none of them', async () => {
    const line = ['get', 'endpoints', '--new', '--output', 'sink:splunk'];
    await control('POST', '/_sim/hec/faults', { codes: { 6: 1 } });
    const refused = await type(line);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/refused 10 records, and took none, for one same reason/);
    expect(lines(refused.err).length).toBeLessThan(20);
    // Too few to blame anybody: told, and kept too.
    const few = ['get', 'alerts', '--days', '90', '--tenant', 'Acme', '--new', '--output', 'sink:splunk'];
    for (let i = 0; i < 2; i++) expect(await type(few)).toMatchObject({ code: 4, err: expect.stringMatching(/5 records of 1 tenant, 5 refused/) });
    await control('DELETE', '/_sim/hec/faults');
    for (let i = 0; i < 2; i++) for (const each of [line, few]) expect(await type(each)).toMatchObject({ code: 0 });
    const had = await indexed();
    expect(had).toHaveLength(90 + 5);
    expect(new Set(had).size).toBe(had.length);
  });
});
