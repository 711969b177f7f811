/** The commands against a whole simulated Central, in this process. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { interrupted } from '../../src/cli/exit.ts';
import { systemClock } from '../../src/core/clock.ts';
import { packItems } from '../../src/core/pack.ts';
import { openStore } from '../../src/journal/index.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Said, type Typed, type as typeLine } from './terminal.ts';

const evil = 'Evil\u001b[2J\r\n=cmd|x/../..';
let sim: RunningSimulator;
let folder: string;

beforeAll(async () => {
  sim = await startSimulator({
    account: 'partner',
    tenants: 4,
    eventsPerTenant: 250,
    alertsPerTenant: 5,
    tenantNames: ['Acme', 'Beta Ltd', evil, 'Trial One'],
  });
});
afterAll(() => sim.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-central-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await control('DELETE', '/_sim/faults');
  await control('POST', '/_sim/hec/faults', {});
});

async function control(method: string, path: string, body?: unknown): Promise<string> {
  const reply = await fetch(`${sim.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  expect(reply.status).toBeLessThan(300);
  return reply.text();
}

function credentials(): Readonly<Record<string, string>> {
  return {
    SOPHOS_CLIENT_ID: sim.clientId,
    SOPHOS_CLIENT_SECRET: sim.clientSecret,
    SOPHOS_CENTRAL_AUTH_URL: sim.url,
    SOPHOS_CENTRAL_API_URL: sim.url,
    HEC_TOKEN: sim.hecToken,
  };
}

/** Whatever is typed, no secret may be printed. */
async function type(line: readonly string[], typed: Typed = {}): Promise<Said> {
  const said = await typeLine(line, { cwd: folder, ...typed, env: { ...credentials(), ...typed.env } });
  if (line[0] !== 'simulate') for (const secret of [sim.clientSecret, sim.hecToken]) expect(said.out + said.err).not.toContain(secret);
  return said;
}

function configure(): void {
  const text = `central: { rateLimits: { second: 500, minute: 30000, hour: 100000, day: 200000 } }
streams: { events: { every: 60s, since: 23h }, siem-alerts: { every: 60s, since: 23h } }
sinks:
  splunk: { type: splunk-hec, url: "${sim.hecUrl}", token: "\${env:HEC_TOKEN}" }
  archive: { type: file, path: "out/{tenant.name}/{stream}.ndjson" }
routes: [{ from: events, to: splunk }, { from: "*", to: archive }]
state: ./state
`;
  writeFileSync(join(folder, 'sophos-central.yaml'), text);
}

const parsed = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function truth(tenant: string, stream = 'events'): Promise<readonly string[]> {
  return parsed(await control('GET', `/_sim/truth?tenant=${tenant}&stream=${stream}&fields=ids`)).map(({ id }) => id);
}

describe('whoami and tenants', () => {
  it('say whose the credential is, and what it opens', async () => {
    const who = await type(['whoami']);
    expect({ code: who.code, err: who.err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(who.out)).toMatchObject({ account: 'central', kind: 'partner', hosts: { global: sim.url } });
    const all = parsed((await type(['tenants'])).out);
    expect(all.map(({ name, read }) => [name, read])).toEqual(['Acme', 'Beta Ltd', evil, 'Trial One'].map((name) => [name, 'yes']));
  });

  it('are chosen by glob, by id and by exception', async () => {
    const names = async (...line: string[]) => parsed((await type(['tenants', ...line])).out).map(({ name }) => name);
    const [{ id }] = parsed((await type(['tenants', '--tenant', 'beta*'])).out);
    expect(await names('--tenant', 'ACME', '--tenant', id)).toEqual(['Acme', 'Beta Ltd']);
    expect(await names('--exclude-tenant', 'Evil*', '--exclude-tenant', 'trial*')).toEqual(['Acme', 'Beta Ltd']);
  });

  it('are shown in a table that a name cannot break', async () => {
    const { out } = await type(['tenants'], { columns: 120, env: { NO_COLOR: '1' } });
    expect(out.split('\n')).toHaveLength(6);
    expect(out).not.toContain('\u001b');
  });

  it('end with 3 when the credential is refused, and say the correlation id once', async () => {
    const { code, out, err } = await type(['tenants'], { env: { SOPHOS_CLIENT_SECRET: 'wrong-secret-value' } });
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).not.toContain('wrong-secret-value');
    expect(err.match(/correlation id/g)).toHaveLength(1);
  });

  it('end with 2 without any credential, and say where one may stand', async () => {
    const { code, err } = await typeLine(['whoami'], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toContain('SOPHOS_CLIENT_ID');
    expect(await typeLine(['config', 'check'], { cwd: folder })).toMatchObject({ code: 2, err: expect.stringContaining('no configuration to check') });
  });
});

describe('get', () => {
  it("prints every record of every tenant once, in the API's order, however often pages repeat", async () => {
    await control('POST', '/_sim/faults', { seed: 3, repeatPages: 0.5 });
    const { code, out, err } = await type(['get', 'events', '--page-size', '200', '--since', '23h']);
    expect(code).toBe(0);
    expect(err).toContain('1,000 records of 4 tenants');
    const records = parsed(out);
    for (const tenant of new Set(records.map((record) => record.tenant.id))) {
      expect(records.filter((record) => record.tenant.id === tenant).map(({ id }) => id)).toEqual(await truth(tenant));
    }
  });

  it('filters, picks, limits and ends at a time', async () => {
    const some = await type([
      'get',
      'events',
      '--tenant',
      'Acme',
      '--where',
      'severity == "low"',
      '--fields',
      'id,severity,tenant.name',
      '--limit',
      '7',
      '--output',
      'json',
    ]);
    expect(JSON.parse(some.out)).toHaveLength(7);
    expect(some.err).toBe('7 records, as many as `--limit` allows.\n');
    for (const record of JSON.parse(some.out)) expect(record).toEqual({ id: expect.any(String), severity: 'low', tenant: { name: 'Acme' } });
    const until = new Date(Date.now() - 6 * 3_600_000).toISOString();
    const early = parsed((await type(['get', 'events', '--tenant', 'Acme', '--until', until])).out);
    expect(early.length).toBeGreaterThan(0);
    for (const { created_at } of early) expect(created_at <= until).toBe(true);
  });

  it('names the tenants that Central keeps to itself, delivers the rest, and ends with 4', async () => {
    const [{ id }] = parsed((await type(['tenants', '--tenant', 'Beta*'])).out);
    await control('POST', '/_sim/faults', { forbidden: { tenants: [id] } });
    const { code, out, err } = await type(['get', 'events', '--output', 'ndjson']);
    expect(code).toBe(4);
    expect(new Set(parsed(out).map((record) => record.tenant.id)).size).toBe(3);
    expect(err).toMatch(new RegExp(`warning: tenant Beta Ltd \\(${id}\\): .*403`));
  });

  it('writes one file per tenant, for its owner only, under a safe name', async () => {
    const { code } = await type(['get', 'siem-alerts', '--out-dir', 'files']);
    expect(code).toBe(0);
    const names = readdirSync(join(folder, 'files'));
    expect(names).toHaveLength(4);
    for (const name of names) {
      expect(name).toMatch(/^[^\p{Cc}/\\]+_[0-9a-f-]{36}\.json$/u);
      expect(statSync(join(folder, 'files', name)).mode & 0o777).toBe(0o600);
      expect(JSON.parse(readFileSync(join(folder, 'files', name), 'utf8'))).toHaveLength(5);
    }
  });

  it('leaves the file of a tenant as it was when the tenant cannot be read', async () => {
    await type(['get', 'siem-alerts', '--tenant', 'Acme', '--out-dir', 'files']);
    const [name = ''] = readdirSync(join(folder, 'files'));
    const before = readFileSync(join(folder, 'files', name), 'utf8');
    const [{ id }] = parsed((await type(['tenants', '--tenant', 'Acme'])).out);
    await control('POST', '/_sim/faults', { forbidden: { tenants: [id] } });
    expect((await type(['get', 'siem-alerts', '--tenant', 'Acme', '--out-dir', 'files'])).code).toBe(4);
    expect(readdirSync(join(folder, 'files'))).toEqual([name]);
    expect(readFileSync(join(folder, 'files', name), 'utf8')).toBe(before);
  });

  it('gives with `--new` only what this output has not had, and nothing is lost when the output fails', async () => {
    const line = ['get', 'events', '--tenant', 'Acme', '--new', '--since', '23h', '--state', 'mine'];
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space'), { code: 'ENOSPC' })) });
    expect((await type(line, { stdout: broken })).code).toBe(1);
    expect(parsed((await type(line)).out)).toHaveLength(250);
    expect(parsed((await type(line)).out)).toEqual([]);
    const [{ id }] = parsed((await type(['tenants', '--tenant', 'Acme'])).out);
    await control('POST', '/_sim/events', { tenant: id, count: 3 });
    expect(parsed((await type(line)).out)).toHaveLength(3);
    expect(readdirSync(join(folder, 'mine'))).toEqual(['get']);
  });

  it('sends through a configured sink, and never into files that the service owns', async () => {
    configure();
    await control('DELETE', '/_sim/hec');
    expect((await type(['get', 'events', '--tenant', 'Acme', '--output', 'sink:splunk', '--limit', '5'])).code).toBe(0);
    expect(parsed(await control('GET', '/_sim/hec?list=ids'))).toHaveLength(5);
    expect(await type(['get', 'events', '--output', 'sink:archive'])).toMatchObject({ code: 2, out: '' });
    expect(await type(['get', 'events', '--output', 'sink:splnk'])).toMatchObject({ code: 2, err: expect.stringContaining('did you mean `splunk`?') });
  });

  it.each([
    [['get', 'evnts'], 'did you mean `events`?'],
    [['get', 'events', '--days', '2'], '24 hours'],
    [['get', 'events', '--since', '25h'], '24 hours'],
    [['get', 'events', '--tenant', 'nobody'], 'no tenant is called `nobody`'],
    [['get', 'events', '--where', 'severity = "low"'], 'column'],
    [['get', 'events', '--output', 'xml'], 'Use one of'],
    [['get', 'events', '--concurrency', '0'], '--concurrency'],
    [['get', 'events', '--page-size', '100'], '200 to 1000'],
    [['get', 'events', '--new', '--limit', '1'], '--new'],
    [['get'], "missing required argument 'stream'"],
  ])('refuses %j with 2', async (line, hint) => {
    const { code, out, err } = await type(line);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(hint);
  });

  it('ends with 130 on Ctrl-C', async () => {
    const stop = new AbortController();
    stop.abort(interrupted());
    expect(await type(['get', 'events'], { signal: stop.signal })).toMatchObject({ code: 130, out: '' });
  });
});

describe('config', () => {
  it('finds mistakes with their line, and shows what applies with secrets masked', async () => {
    configure();
    expect(await type(['config', 'check'])).toMatchObject({ code: 0, out: expect.stringContaining('2 streams, 2 sinks, 2 routes') });
    const shown = await type(['config', 'show']);
    expect(shown.out).toContain('token: "[secret]"');
    writeFileSync(join(folder, 'bad.yaml'), 'streams:\n  evnts: {}\n');
    const bad = await type(['config', 'check', '--config', 'bad.yaml']);
    expect({ code: bad.code, out: bad.out }).toEqual({ code: 2, out: '' });
    expect(bad.err).toMatch(/bad\.yaml:2:3.*evnts.*events/);
    expect(await type(['config', 'check', '-c', 'none.yaml'])).toMatchObject({ code: 2, err: expect.stringContaining('none.yaml') });
  });

  it('prints a JSON Schema', async () => {
    expect(JSON.parse((await type(['config', 'schema'])).out)).toMatchObject({ type: 'object', properties: { streams: {}, sinks: {} } });
  });
});

describe('test-sink', () => {
  it('sends one marked record and says so; a refusal is told', async () => {
    configure();
    await control('DELETE', '/_sim/hec');
    const { code, out } = await type(['test-sink', 'splunk']);
    expect(code).toBe(0);
    expect(out).toMatch(/^check .*\ndelivery {2}taken by the far end\nlook for {2}sophos-central-test-/);
    expect(await control('GET', '/_sim/hec?list=ids')).toContain('sophos-central-test-');
    expect(await type(['test-sink', 'splunk'], { env: { HEC_TOKEN: 'another-token' } })).toMatchObject({
      code: 1,
      err: expect.stringContaining('Invalid token'),
    });
    expect(await type(['test-sink', 'archive'])).toMatchObject({ code: 0, out: expect.stringContaining('not tried') });
  });
});

describe('what looks into the journal', () => {
  it('says so when nothing has run yet', async () => {
    configure();
    expect(await type(['status'])).toMatchObject({ code: 0, out: expect.stringContaining('Nothing has run yet') });
    expect(JSON.parse((await type(['status', '--json'])).out)).toMatchObject({ journalBytes: null, running: null, streams: [] });
    expect(await type(['reset', 'events', '--yes'])).toMatchObject({ code: 2, err: expect.stringContaining('nothing has run yet') });
    expect(await type(['dead-letter', 'list'])).toMatchObject({ code: 2 });
    expect(readdirSync(folder)).toEqual(['sophos-central.yaml']);
  });

  it('shows what was read and delivered, and sets back what is asked for', async () => {
    configure();
    expect(await type(['run', '--once', '--quiet'])).toMatchObject({ code: 0 });
    const standing = JSON.parse((await type(['status', '--json'])).out);
    expect(standing).toMatchObject({ running: null, deadLetters: 0, gaps: 0 });
    expect(standing.streams).toHaveLength(8);
    expect(standing.routes).toEqual(expect.arrayContaining([expect.objectContaining({ route: 'splunk', sink: 'splunk', waiting: 0, error: null })]));
    const table = await type(['status'], { columns: 140, env: { NO_COLOR: '1' } });
    expect(table.out).not.toContain('\u001b');
    expect(table.out).toContain('Evil\\e[2J');

    const dry = await type(['reset', 'events', '--tenant', 'Acme', '--dry-run']);
    expect(dry).toMatchObject({ code: 0, err: expect.stringMatching(/of 1 tenant will be read again.*\nAt most 25\d records/) });
    expect(await type(['reset', 'events', '--tenant', 'Acme'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await type(['reset', 'events', '--max', '1', '--yes'])).toMatchObject({ code: 2, err: expect.stringContaining('--max 4') });
    // No, Ctrl-D, Ctrl-C: while a line is edited the terminal hands the keys over as they are.
    for (const [input, code, said] of [
      ['n\n', 0, 'Nothing was changed.'],
      ['\u0004', 0, 'Nothing was changed.'],
      ['\u0003', 130, 'interrupted'],
    ] as const) {
      const answered = await type(['reset', 'events', '--tenant', 'Acme'], { columns: 100, input });
      expect(answered).toMatchObject({ code, err: expect.stringContaining(said) });
      expect(answered.err).not.toMatch(/Done|internal error/);
    }
    expect(await type(['reset', 'events', '--tenant', 'Acme'], { columns: 100, input: 'y\n' })).toMatchObject({
      code: 0,
      err: expect.stringContaining('Done'),
    });
    await control('DELETE', '/_sim/hec');
    await type(['run', '--once', '--quiet']);
    expect(new Set(parsed(await control('GET', '/_sim/hec?list=ids'))).size).toBeGreaterThanOrEqual(250);
  });

  it('asks the owner when there is one, and names it', async () => {
    configure();
    await type(['run', '--once', '--quiet']);
    const owner = await openStore(join(folder, 'state'), { mode: 'own', holder: 'a test', clock: systemClock, report: () => undefined });
    try {
      expect(JSON.parse((await type(['status', '--json'])).out).running).toMatchObject({ command: 'a test', pid: process.pid });
      expect(await type(['run', '--once'])).toMatchObject({ code: 1, err: expect.stringContaining('a test') });
      const asked = type(['reset', 'events', '--yes']);
      for (;;) {
        const [wish] = await owner.wishes.open();
        if (wish) {
          expect(wish).toMatchObject({ kind: 'reset', body: { since: null } });
          await owner.wishes.answer(wish.id, { streams: 4, forgotten: 12 }, Date.now());
          break;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await asked).toMatchObject({ code: 0, err: expect.stringMatching(/the running service reads 4 streams again; at most 12 records/) });
    } finally {
      await owner.close();
    }
  });
});

describe('dead letters', () => {
  it('are listed, shown, sent again and dropped', async () => {
    configure();
    await type(['run', '--once', '--quiet']);
    const store = await openStore(join(folder, 'state'), { mode: 'own', holder: 'a test', clock: systemClock, report: () => undefined });
    const state = (await store.directory.streams()).find((each) => each.stream === 'events' && each.tenant.name === 'Acme');
    const [{ id: tenant }] = parsed((await type(['tenants', '--tenant', 'Acme'])).out);
    const lane = { route: 'splunk', stream: state?.id ?? '' };
    const items = ['odd-1', 'odd-2'].map((key) => ({ key, time: Date.now(), json: JSON.stringify({ id: key, customer_id: tenant }) }));
    const place = await store.journal.place(lane.stream);
    const origin = { stream: 'events', tenant: { id: tenant, name: 'Acme', labels: {} } };
    const stream = { ...origin, id: lane.stream, repeats: 'recent', fetch: () => Promise.reject(new Error('never asked')) } as const;
    await store.journal.append(stream, { items: packItems(items), next: place.at, more: false }, place, Date.now());
    const batch = await store.journal.read(lane, { records: 10, bytes: 1 << 20 });
    expect(batch.records).toHaveLength(2);
    const refused = batch.records.map(({ seq }) => ({ lane, seq, code: 'hec.6', reason: 'bad\u001b[2J\n=format' }));
    await store.journal.settle([{ lane, after: batch.after, upTo: batch.records.at(-1)?.seq ?? 0, filtered: 0 }], { refused }, Date.now());
    await store.close();

    const [first, second] = parsed((await type(['dead-letter', 'list'])).out);
    expect(first).toMatchObject({ tenant: { name: 'Acme' }, stream: 'events', route: 'splunk', code: 'hec.6', record: batch.records[0]?.key });
    expect((await type(['dead-letter', 'list'], { columns: 200, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b');
    expect((await type(['dead-letter', 'list', '--output', 'csv', '--fields', 'reason'])).out).toContain('=format');
    expect(JSON.parse((await type(['dead-letter', 'show', String(first.id), '--output', 'raw'])).out)).toMatchObject({ id: batch.records[0]?.key });
    expect(await type(['dead-letter', 'drop', String(first.id)])).toMatchObject({ code: 2 });
    expect(await type(['dead-letter', 'drop', '--all', '--max', '1', '--yes'])).toMatchObject({ code: 2 });
    expect(await type(['dead-letter', 'drop', String(first.id), '--yes'])).toMatchObject({ code: 0 });
    await control('DELETE', '/_sim/hec');
    expect(await type(['dead-letter', 'retry', '--route', 'splunk', '--all', '--yes'])).toMatchObject({
      code: 0,
      err: expect.stringContaining('the next `run` sends'),
    });
    await type(['run', '--once', '--quiet']);
    expect(await control('GET', '/_sim/hec?list=ids')).toContain(second.record);
    expect(parsed((await type(['dead-letter', 'list'])).out)).toEqual([]);
  });
});

describe('simulate', () => {
  it('prints what a client needs, serves until Ctrl-C, and ends well', async () => {
    const stop = new AbortController();
    const asked = new Promise<string>((resolve) => {
      const stdout = new Writable({
        write(chunk: Buffer, _encoding, done) {
          resolve(chunk.toString('utf8'));
          done();
        },
      });
      void typeLine(['simulate', '--output', 'json', '--tenants', '2'], { signal: stop.signal, stdout }).then(({ code }) => codes.push(code));
    });
    const codes: number[] = [];
    const facts = JSON.parse(await asked);
    const said = await typeLine(['whoami'], {
      cwd: folder,
      env: {
        SOPHOS_CLIENT_ID: facts.clientId,
        SOPHOS_CLIENT_SECRET: facts.clientSecret,
        SOPHOS_CENTRAL_AUTH_URL: facts.authUrl,
        SOPHOS_CENTRAL_API_URL: facts.apiUrl,
      },
    });
    expect(said.code).toBe(0);
    stop.abort(interrupted());
    await expect.poll(() => codes).toEqual([0]);
  });

  it.each([
    [['--port', '99999'], '--port'],
    [['--tls', 'only-one'], 'two files'],
    [['--tls', 'none.pem', 'none.key'], 'cannot be read'],
    [['--account', 'alien'], 'Allowed choices'],
  ])('refuses %j with 2', async (line, hint) => {
    expect(await typeLine(['simulate', ...line])).toMatchObject({ code: 2, err: expect.stringContaining(hint) });
  });
});
