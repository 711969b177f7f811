/** The `endpoint` commands against a simulated Central. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linesOf, openScene, type Scene } from './actions-scene.ts';

interface Endpoint {
  readonly id: string;
  readonly hostname: string;
  readonly type: string;
  readonly health: { readonly overall: string };
  readonly group?: { readonly name: string };
  readonly isolation?: { readonly adminIsolated: boolean };
  readonly tamperProtectionEnabled: boolean;
  readonly tenant: { readonly id: string; readonly name: string };
}

interface Row {
  readonly tenant: { readonly name: string };
  readonly object: { readonly id: string; readonly name: string };
  readonly result: string;
  readonly reason?: string;
  readonly answer?: unknown;
}

const nobody = '00000000-0000-4000-8000-000000000000';
let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ endpoints: 60 });
  await scene.control('POST', '/_sim/settings', { isolationDelayMs: 300 });
});
beforeEach(() => scene.begin());
afterEach(() => scene.end());
afterAll(() => scene.close());

async function get(...line: string[]): Promise<readonly Endpoint[]> {
  const { code, out } = await scene.type(['endpoint', 'get', ...line]);
  expect(code).toBe(0);
  return linesOf(out);
}

const idsOf = (endpoints: readonly { readonly id: string }[]) => endpoints.map(({ id }) => id);
const rowsOf = (out: string) => linesOf<Row>(out);
const doneIn = (out: string) => rowsOf(out).flatMap(({ result, object }) => (result === 'done' ? [object.id] : []));

describe('the choice of endpoints', () => {
  it('is by id, host name, glob, group, health, type and filter, over every tenant', async () => {
    const all = await get('--all');
    expect(all).toHaveLength(180);
    const [first] = all as [Endpoint];
    expect(idsOf(await get(first.id.toUpperCase()))).toEqual([first.id]);
    expect(idsOf(await get('srv-fs-*'))).toEqual(idsOf(all.filter(({ hostname }) => hostname.startsWith('SRV-FS-'))));
    expect(idsOf(await get(first.hostname))).toEqual(idsOf(all.filter(({ hostname }) => hostname === first.hostname)));
    expect(idsOf(await get(first.hostname, 'SRV-*', '--tenant', 'Acme'))).toEqual(
      idsOf(all.filter(({ hostname, tenant }) => tenant.name === 'Acme' && (hostname === first.hostname || hostname.startsWith('SRV-')))),
    );
    const name = all.find(({ group }) => group !== undefined)?.group?.name ?? '';
    expect(idsOf(await get('--group', name))).toEqual(idsOf(all.filter(({ group }) => group?.name === name)));
    expect(idsOf(await get('--health', 'bad,suspicious', '--type', 'server'))).toEqual(
      idsOf(all.filter(({ health, type }) => ['bad', 'suspicious'].includes(health.overall) && type === 'server')),
    );
    expect(idsOf(await get('--where', 'health.overall == "good" and tenant.name == "Acme"'))).toEqual(
      idsOf(all.filter(({ health, tenant }) => health.overall === 'good' && tenant.name === 'Acme')),
    );
  });

  it('asks for a few ids by id, and for one host name by its beginning', async () => {
    const all = await get('--tenant', 'Acme', '--all');
    await scene.control('DELETE', '/_sim/requests');
    await get(all[0]?.id ?? '', all[1]?.id ?? '', '--tenant', 'Acme');
    await get(all[0]?.hostname ?? '', '--tenant', 'Acme');
    const asked = linesOf<{ readonly path: string; readonly query: string }>(await scene.control('GET', '/_sim/requests'));
    const queries = asked.filter(({ path }) => path === '/endpoint/v1/endpoints').map(({ query }) => query);
    expect(queries).toEqual([expect.stringContaining('ids='), expect.stringContaining('hostnameContains=')]);
  });

  it('that finds nothing is no failure, unless something was named', async () => {
    expect(await scene.type(['endpoint', 'scan', '--where', 'hostname == "none"', '--yes'])).toMatchObject({
      code: 0,
      err: expect.stringContaining('Nothing to do'),
    });
    expect(await scene.type(['endpoint', 'scan', 'NO-SUCH-*', '--yes'])).toMatchObject({ code: 0 });
    expect(await scene.type(['endpoint', 'scan', 'NO-SUCH-PC', '--yes'])).toMatchObject({ code: 1, out: expect.stringContaining('NO-SUCH-PC') });
    const [{ id }] = (await get('--tenant', 'Acme', '--all')) as [Endpoint];
    expect(await scene.type(['endpoint', 'scan', id, nobody, '--yes'])).toMatchObject({ code: 4, out: expect.stringContaining(nobody) });
    expect(await scene.type(['endpoint', 'get', nobody])).toMatchObject({ code: 1 });
  });
});

describe('endpoint scan and update', () => {
  it('send nothing in a dry run, above the limit, without a yes, or after a no', async () => {
    for (const command of ['scan', 'update', 'isolate', 'delete']) {
      const line = ['endpoint', command, '--all', '--tenant', 'Acme'];
      expect((await scene.type([...line, '--dry-run'])).code).toBe(0);
      expect(await scene.type([...line, '--yes', '--max', '3'])).toMatchObject({ code: 2, err: expect.stringContaining('--max') });
      expect(await scene.type(line)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
      expect(await scene.type(line, { columns: 90, input: 'no\n' })).toMatchObject({ code: 0, err: expect.stringContaining('Nothing was changed.') });
    }
    expect(await scene.type(['endpoint', 'scan', '--all', '--yes'])).toMatchObject({ code: 2, err: expect.stringContaining('180 changes') });
    expect(await scene.changes()).toEqual([]);
  });

  it('ask each chosen endpoint once, and keep it in the log', async () => {
    const chosen = await get('SRV-*');
    for (const [command, path] of [
      ['scan', 'scans'],
      ['update', 'update-checks'],
    ] as const) {
      await scene.control('DELETE', '/_sim/requests');
      const { code, out } = await scene.type(['endpoint', command, 'SRV-*', '--yes']);
      expect({ code, ids: doneIn(out) }).toEqual({ code: 0, ids: idsOf(chosen) });
      expect((await scene.changes()).map((each) => each.path).sort()).toEqual(
        idsOf(chosen)
          .map((id) => `/endpoint/v1/endpoints/${id}/${path}`)
          .sort(),
      );
    }
    expect(scene.log().filter(({ state }) => state === 'done')).toHaveLength(2 * chosen.length);
  });

  it('ask first on a terminal, with a table that no name can break', async () => {
    const { code, err, out } = await scene.type(['endpoint', 'scan', 'SRV-*'], { columns: 90, input: 'y\n', env: { NO_COLOR: '1' } });
    expect(code).toBe(0);
    expect(err).toMatch(/TENANT +NAME/);
    for (const text of [err.slice(0, err.indexOf('[y/N]')).split('`endpoint scan`')[0] ?? '', out]) expect(text).not.toContain('\u001b[2J');
    expect(out).toContain('Evil\\e[2J');
  });

  it('tell an endpoint that has gone meanwhile, and do the rest', async () => {
    const path = '^/endpoint/v1/endpoints/[^/]+/scans$';
    await scene.control('POST', '/_sim/faults', { sequence: [{ path, status: 404 }] });
    const { code, out } = await scene.type(['endpoint', 'scan', 'SRV-*', '--tenant', 'Acme', '--yes']);
    expect(code).toBe(4);
    const [first, ...rest] = rowsOf(out);
    expect(first).toMatchObject({ result: 'failed', reason: expect.stringContaining('404') });
    expect(rest.every(({ result }) => result === 'done')).toBe(true);
  });
});

describe('endpoint isolate and deisolate', () => {
  it('take up to 50 at once, leave out those that are so already, and wait until it is so', async () => {
    const before = await get('--all', '--tenant', 'Acme');
    const free = before.filter(({ isolation }) => isolation?.adminIsolated !== true);
    const line = ['--all', '--tenant', 'Acme', '--comment', 'Ticket 4711', '--yes'];
    const isolated = await scene.type(['endpoint', 'isolate', ...line, '--wait', '1m']);
    expect({ code: isolated.code, ids: doneIn(isolated.out) }).toEqual({ code: 0, ids: idsOf(free) });
    expect((await scene.changes()).map(({ path, status }) => [path, status])).toEqual([
      ['/endpoint/v1/endpoints/isolation', 202],
      ['/endpoint/v1/endpoints/isolation', 202],
    ]);
    expect((await get('--all', '--tenant', 'Acme')).every(({ isolation }) => isolation?.adminIsolated === true)).toBe(true);
    expect(await scene.type(['endpoint', 'isolate', ...line])).toMatchObject({ code: 0, err: expect.stringContaining('Nothing to do') });
    expect(await scene.type(['endpoint', 'deisolate', ...line, '--wait'])).toMatchObject({ code: 0 });
    expect((await get('--all', '--tenant', 'Acme')).some(({ isolation }) => isolation?.adminIsolated === true)).toBe(false);
  });

  it('find the one for which a change is still under way, and do the others', async () => {
    await scene.control('POST', '/_sim/settings', { isolationDelayMs: 600_000 });
    const chosen = await get('SRV-*', '--tenant', 'Beta*');
    const free = chosen.filter(({ isolation }) => isolation?.adminIsolated !== true);
    expect(free.length).toBeGreaterThan(2);
    expect((await scene.type(['endpoint', 'isolate', free[1]?.id ?? '', '--yes'])).code).toBe(0);
    const { code, out } = await scene.type(['endpoint', 'isolate', 'SRV-*', '--tenant', 'Beta*', '--yes']);
    expect(code).toBe(4);
    const failed = rowsOf(out).filter(({ result }) => result === 'failed');
    expect(failed).toMatchObject([{ object: { id: free[1]?.id }, reason: expect.stringContaining('409') }]);
    expect(doneIn(out).sort()).toEqual(idsOf(free.filter((_, i) => i !== 1)).sort());
    const late = await scene.type(['endpoint', 'isolate', 'FIN-WS-0000', '--tenant', 'Beta*', '--yes', '--wait', '0.2s']);
    expect(late).toMatchObject({ code: 1, out: expect.stringContaining('has not said that it did') });
  });

  it('look after a lost answer, and do not send again what was taken', async () => {
    await scene.control('POST', '/_sim/faults', { sequence: [{ path: '/endpoint/v1/endpoints/isolation', kind: 'reset' }] });
    const { code, out } = await scene.type(['endpoint', 'isolate', 'SRV-*', '--tenant', 'Evil*', '--yes']);
    expect(code).toBe(0);
    expect(
      rowsOf(out)
        .filter(({ result }) => result === 'done')
        .every(({ answer }) => JSON.stringify(answer) === '{"answerLost":true}'),
    ).toBe(true);
    expect(await scene.changes()).toHaveLength(1);
  });
});

describe('endpoint tamper', () => {
  it('shows how it is, and passwords only when they are asked for', async () => {
    const hidden = await scene.type(['endpoint', 'tamper', 'show', 'SRV-*', '--tenant', 'Acme']);
    expect(hidden.code).toBe(0);
    expect(hidden.out).not.toContain('assword');
    const shown = await scene.type(['endpoint', 'tamper', 'show', 'SRV-*', '--tenant', 'Acme', '--reveal']);
    const rows = linesOf<{ readonly endpoint: { readonly id: string }; readonly password: string }>(shown.out);
    expect(rows.map(({ endpoint }) => endpoint.id)).toEqual(idsOf(await get('SRV-*', '--tenant', 'Acme')));
    for (const { password } of rows) expect(shown.err).not.toContain(password);
    expect(await scene.changes()).toEqual([]);
  });

  it('is turned off and on where it is not so already, and no password gets into output or log', async () => {
    const [one] = (await get('--where', 'tamperProtectionEnabled == true', '--tenant', 'Acme')) as [Endpoint];
    const off = await scene.type(['endpoint', 'tamper', 'off', one.id, '--yes']);
    expect({ code: off.code, ids: doneIn(off.out) }).toEqual({ code: 0, ids: [one.id] });
    expect(await scene.type(['endpoint', 'tamper', 'off', one.id, '--yes'])).toMatchObject({ code: 0, out: expect.stringContaining('is off already') });
    const on = await scene.type(['endpoint', 'tamper', 'on', one.id, '--regenerate', '--yes']);
    expect(on.code).toBe(0);
    const [{ password, previousPasswords }] = linesOf<{ password: string; previousPasswords: { password: string }[] }>(
      (await scene.type(['endpoint', 'tamper', 'show', one.id, '--reveal'])).out,
    ) as [{ password: string; previousPasswords: { password: string }[] }];
    const log = readFileSync(join(scene.folder, 'state', 'actions.ndjson'), 'utf8');
    for (const secret of [password, previousPasswords[0]?.password ?? '']) {
      expect(secret).toMatch(/^.{6,}$/);
      for (const text of [off.out, off.err, on.out, on.err, log]) expect(text).not.toContain(secret);
    }
    expect(log).toContain('"regeneratePassword":true');
  });
});

describe('endpoint delete', () => {
  it('wants the word and the number typed, and then deletes', async () => {
    const [one] = (await get('SRV-*', '--tenant', 'Acme')) as [Endpoint];
    for (const input of ['y\n', 'delete\n', 'delete 2\n', '\u0004'])
      expect(await scene.type(['endpoint', 'delete', one.id], { columns: 90, input })).toMatchObject({
        code: 0,
        err: expect.stringContaining('Nothing was changed'),
      });
    expect(await scene.changes()).toEqual([]);
    expect(await scene.type(['endpoint', 'delete', one.id], { columns: 90, input: 'delete 1\n' })).toMatchObject({ code: 0 });
    expect(await scene.type(['endpoint', 'get', one.id])).toMatchObject({ code: 1 });
    expect(scene.log().at(-1)).toMatchObject({
      state: 'done',
      action: 'delete',
      object: { id: one.id, name: one.hostname },
      detail: { hostname: one.hostname },
    });
  });

  it('looks after a lost answer: what is gone was deleted', async () => {
    const [one] = (await get('SRV-*', '--tenant', 'Acme')) as [Endpoint];
    await scene.control('POST', '/_sim/faults', { sequence: [{ path: `/endpoint/v1/endpoints/${one.id}`, kind: 'reset' }] });
    expect(await scene.type(['endpoint', 'delete', one.id, '--yes'])).toMatchObject({ code: 0, out: expect.stringContaining('answerLost') });
    expect(await scene.changes()).toHaveLength(1);
  });
});

it.each([
  [['endpoint', 'scan'], 'which endpoints?'],
  [['endpoint', 'delete', '--yes'], 'which endpoints?'],
  [['endpoint', 'isolate', '--tenant', 'Acme', '--yes'], 'which endpoints?'],
  [['endpoint', 'scan', 'PC', '--all'], 'exclude each other'],
  [['endpoint', 'scan', ''], 'empty host name'],
  [['endpoint', 'scan', '--all', '--max', '-1'], '--max'],
  [['endpoint', 'isolate', '--all', '--wait', 'long'], 'not a duration'],
  [['endpoint', 'isolate', '--all', '--comment', ' '], '--comment'],
  [['endpoint', 'tamper', 'of', 'PC'], 'Use on, off, show or regenerate'],
  [['endpoint', 'tamper', 'off', 'PC', '--reveal'], '--reveal'],
  [['endpoint', 'tamper', 'show', 'PC', '--regenerate'], '--regenerate'],
  [['endpoint', 'tamper', 'show'], 'which endpoints?'],
])('%j is refused with 2', async (line, hint) => {
  const { code, out, err } = await scene.type(line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(hint);
  expect(await scene.changes()).toEqual([]);
});
