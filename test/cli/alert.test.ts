/** `alert get`, `search` and `act` against a simulated Central. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { interrupted } from '../../src/cli/exit.ts';
import { linesOf, openScene, type Scene } from './actions-scene.ts';

interface Alert {
  readonly id: string;
  readonly severity: string;
  readonly product: string;
  readonly type: string;
  readonly allowedActions: readonly string[];
  readonly raisedAt: string;
  readonly tenant: { readonly id: string; readonly name: string };
}

interface Row {
  readonly object: { readonly id: string };
  readonly result: string;
  readonly reason?: string;
  readonly answer?: unknown;
}

const nobody = '00000000-0000-4000-8000-000000000000';
const actions = '^/common/v1/alerts/[^/]+/actions$';
let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
beforeEach(() => scene.begin());
afterEach(() => scene.end());
afterAll(() => scene.close());

async function search(...line: string[]): Promise<readonly Alert[]> {
  const { code, out } = await scene.type(['alert', 'search', ...line]);
  expect(code).toBe(0);
  return linesOf(out);
}

const idsOf = (alerts: readonly Alert[]) => alerts.map(({ id }) => id);
const rowsOf = (out: string) => linesOf<Row>(out);

describe('alert search', () => {
  it('gives every open alert of every tenant once, and narrows by what they are', async () => {
    const all = await search();
    expect(all).toHaveLength(90);
    expect(new Set(idsOf(all)).size).toBe(90);
    expect(idsOf(await search('--severity', 'high,medium', '--product', 'endpoint'))).toEqual(
      idsOf(all.filter(({ severity, product }) => ['high', 'medium'].includes(severity) && product === 'endpoint')),
    );
    expect(idsOf(await search('--type', 'event::endpoint::*', '--where', 'severity == "low"', '--tenant', 'Acme'))).toEqual(
      idsOf(all.filter(({ type, severity, tenant }) => type.startsWith('Event::Endpoint::') && severity === 'low' && tenant.name === 'Acme')),
    );
    const since = new Date(Date.now() - 30 * 86_400_000).toISOString();
    expect(idsOf(await search('--days', '30'))).toEqual(idsOf(all.filter(({ raisedAt }) => raisedAt >= since)));
  });

  it('shows a table that no name can break, and chosen fields', async () => {
    const { out } = await scene.type(['alert', 'search', '--output', 'table', '--fields', 'tenant.name,severity'], { env: { NO_COLOR: '1' } });
    expect(out.split('\n')).toHaveLength(92);
    expect(out).not.toContain('\u001b');
  });

  it('reads the other tenants when one is forbidden, and ends with 4', async () => {
    const [{ tenant }] = (await search('--tenant', 'Beta*')) as [Alert];
    await scene.control('POST', '/_sim/faults', { forbidden: { tenants: [tenant.id] } });
    const { code, out, err } = await scene.type(['alert', 'search']);
    expect({ code, count: linesOf(out).length }).toEqual({ code: 4, count: 60 });
    expect(err).toContain('tenant Beta Ltd');
  });
});

describe('alert get', () => {
  it('finds alerts in whichever tenant has them, and says which', async () => {
    const all = await search();
    const some = [all[3], all[80]] as [Alert, Alert];
    const { code, out, err } = await scene.type(['alert', 'get', ...idsOf(some)]);
    expect({ code, ids: idsOf(linesOf(out)) }).toEqual({ code: 0, ids: idsOf(some) });
    expect(err).toContain(`${some[0].id} is of tenant Acme (${some[0].tenant.id})`);
    expect(await scene.type(['alert', 'get', some[0].id, nobody])).toMatchObject({ code: 4, err: expect.stringContaining(nobody) });
    expect(await scene.type(['alert', 'get', nobody])).toMatchObject({ code: 1, out: '' });
  });
});

describe('alert act', () => {
  it('sends nothing that changes anything in a dry run, above the limit, without a yes, or after a no', async () => {
    const line = ['alert', 'act', 'acknowledge', '--severity', 'low'];
    const count = (await search('--severity', 'low')).filter(({ allowedActions }) => allowedActions.includes('acknowledge')).length;
    const dry = await scene.type([...line, '--dry-run']);
    expect(dry.code).toBe(0);
    expect(rowsOf(dry.out).filter(({ result }) => result === 'would be done')).toHaveLength(count);
    expect(await scene.type([...line, '--yes', '--max', String(count - 1)])).toMatchObject({ code: 2, err: expect.stringContaining(`--max ${count}`) });
    expect(await scene.type(line)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await scene.type(line, { columns: 100, input: 'n\n' })).toMatchObject({ code: 0, err: expect.stringContaining('Nothing was changed.') });
    expect(await scene.type(line, { columns: 100, input: '\u0003' })).toMatchObject({ code: 130 });
    expect(await scene.changes()).toEqual([]);
    expect(() => scene.log()).toThrow('ENOENT');
  });

  it('acts on those that allow it, lists the others with the reason, and keeps both ends of each in the log', async () => {
    const found = await search('--tenant', 'Acme', '--where', 'product == "endpoint"');
    const able = found.filter(({ allowedActions }) => allowedActions.includes('cleanVirus'));
    expect(able.length).toBeGreaterThan(0);
    expect(able.length).toBeLessThan(found.length);
    const { code, out, err } = await scene.type([
      ...['alert', 'act', 'cleanVirus', '--tenant', 'Acme', '--where', 'product == "endpoint"'],
      ...['--message', 'seen', '--yes'],
    ]);
    expect(code).toBe(0);
    const rows = rowsOf(out);
    expect(rows.filter(({ result }) => result === 'done').map(({ object }) => object.id)).toEqual(idsOf(able));
    expect(rows.filter(({ result }) => result === 'left out')).toHaveLength(found.length - able.length);
    expect(rows.find(({ result }) => result === 'left out')?.reason).toMatch(/^it allows /);
    expect(err).toContain(`${able.length} of ${able.length} alert`);
    expect((await scene.changes()).map(({ path, status }) => [path, status])).toEqual(able.map(({ id }) => [`/common/v1/alerts/${id}/actions`, 201]));
    const log = scene.log();
    expect(log.map(({ state, object }) => [state, object.id])).toEqual(
      able.flatMap(({ id }) => [
        ['begun', id],
        ['done', id],
      ]),
    );
    expect(new Set(log.map(({ run }) => run)).size).toBe(1);
    expect(log[0]).toMatchObject({
      command: 'alert act cleanVirus',
      detail: { message: 'seen' },
      who: { account: 'central', clientId: scene.sim.clientId.slice(0, 8) },
    });
    expect(idsOf(await search('--tenant', 'Acme')).some((id) => idsOf(able).includes(id))).toBe(false);
  });

  it('counts an alert that is gone as acknowledged, and as nothing else', async () => {
    expect(await scene.type(['alert', 'act', 'acknowledge', nobody, '--yes'])).toMatchObject({ code: 0, out: expect.stringContaining('counts as done') });
    expect(await scene.type(['alert', 'act', 'cleanPua', nobody, '--yes'])).toMatchObject({ code: 1, out: expect.stringContaining('no tenant has') });
    expect(await scene.changes()).toEqual([]);
  });

  it('tells partial failure object by object, and ends with 4; when all fail, with what they say', async () => {
    const [one, two, three] = idsOf(
      (await search('--tenant', 'Beta*', '--severity', 'medium')).filter(({ allowedActions }) => allowedActions.includes('acknowledge')),
    );
    await scene.control('POST', '/_sim/faults', {
      sequence: [
        { path: actions, kind: 'ok' },
        { path: actions, status: 403 },
      ],
    });
    const some = await scene.type(['alert', 'act', 'acknowledge', one ?? '', two ?? '', three ?? '', '--yes']);
    expect(some.code).toBe(4);
    const results = rowsOf(some.out).map(({ result }) => result);
    expect(results.filter((each) => each === 'failed')).toHaveLength(1);
    expect(results.filter((each) => each === 'done')).toHaveLength(2);
    expect(scene.log().filter(({ state }) => state === 'failed')).toMatchObject([
      { correlationId: expect.any(String), reason: expect.stringContaining('403') },
    ]);
    await scene.control('POST', '/_sim/faults', { sequence: [{ path: actions, status: 403 }] });
    const failed = rowsOf(some.out).find(({ result }) => result === 'failed')?.object.id ?? '';
    expect(await scene.type(['alert', 'act', 'acknowledge', failed, '--yes'])).toMatchObject({ code: 1 });
    await scene.control('POST', '/_sim/faults', { sequence: [{ path: actions, status: 401, times: 9 }] });
    expect(await scene.type(['alert', 'act', 'acknowledge', failed, '--yes'])).toMatchObject({ code: 3 });
  });

  it('looks after a lost answer: what was done is not sent again, what was not is, once', async () => {
    const low = (await search('--tenant', 'Beta*', '--severity', 'low')).filter(({ allowedActions }) => allowedActions.includes('acknowledge'));
    const [one, two] = idsOf(low) as [string, string];
    await scene.control('DELETE', '/_sim/requests');
    await scene.control('POST', '/_sim/faults', { sequence: [{ path: actions, kind: 'reset' }] });
    const done = await scene.type(['alert', 'act', 'acknowledge', one, '--yes']);
    expect({ code: done.code, rows: rowsOf(done.out) }).toMatchObject({ code: 0, rows: [{ result: 'done', answer: { answerLost: true } }] });
    expect(await scene.changes()).toHaveLength(1);
    await scene.control('POST', '/_sim/faults', { sequence: [{ path: actions, status: 503 }] });
    expect(await scene.type(['alert', 'act', 'acknowledge', two, '--yes'])).toMatchObject({ code: 0 });
    expect((await scene.changes()).map(({ status }) => status)).toEqual([201, 503, 201]);
  });

  it('says that an effect is unknown where none can be seen, and does not send again', async () => {
    const all = await search();
    const { id, allowedActions } = all.find((each) => each.allowedActions.includes('sendMsgThreat')) as Alert;
    expect(allowedActions).toContain('sendMsgThreat');
    await scene.control('DELETE', '/_sim/requests');
    await scene.control('POST', '/_sim/faults', { sequence: [{ path: actions, kind: 'reset' }] });
    const { code, out, err } = await scene.type(['alert', 'act', 'sendMsgThreat', id, '--yes']);
    expect({ code, rows: rowsOf(out) }).toMatchObject({ code: 1, rows: [{ result: 'unknown', reason: expect.stringContaining('look in Central') }] });
    expect(err).toContain('1 unknown: look in Central');
    expect(await scene.changes()).toHaveLength(1);
    expect(scene.log().at(-1)).toMatchObject({ state: 'failed', outcome: 'unknown' });
  });

  it('sends nothing when the action log cannot be written', async () => {
    const [{ id }] = (await search()) as [Alert];
    writeFileSync(join(scene.folder, 'state'), 'a file where the folder should be');
    const { code, err } = await scene.type(['alert', 'act', 'acknowledge', id, '--yes']);
    expect(code).toBe(2);
    expect(err).toContain('nothing is sent without it');
    expect(await scene.changes()).toEqual([]);
  });

  it('begins nothing after Ctrl-C', async () => {
    const [{ id }] = (await search()) as [Alert];
    const stop = new AbortController();
    stop.abort(interrupted());
    expect(await scene.type(['alert', 'act', 'acknowledge', id, '--yes'], { signal: stop.signal })).toMatchObject({ code: 130, out: '' });
    expect(await scene.changes()).toEqual([]);
  });
});

it.each([
  [['alert', 'act'], 'missing required argument'],
  [['alert', 'act', 'acknowledge'], 'which alerts?'],
  [['alert', 'act', 'acknowlege', '--days', '1'], 'did you mean `acknowledge`?'],
  [['alert', 'act', 'acknowledge', 'seven'], 'not the id of an alert'],
  [['alert', 'act', 'acknowledge', nobody, '--days', '1'], 'exclude each other'],
  [['alert', 'act', 'acknowledge', '--days', '91'], '1 to 90'],
  [['alert', 'act', 'acknowledge', '--days', '1', '--max', 'many'], '--max'],
  [['alert', 'act', 'acknowledge', '--days', '1', '--concurrency', '0'], '--concurrency'],
  [['alert', 'act', 'acknowledge', '--days', '1', '--output', 'xml'], 'Use one of'],
  [['alert', 'act', 'acknowledge', '--where', 'severity = "low"'], 'column'],
  [['alert', 'search', '--output', 'sink:splunk'], 'is for `get`'],
  [['alert', 'search', '--tenant', 'nobody'], 'no tenant is called'],
  [['alert', 'get', '../../x'], 'not the id of an alert'],
])('%j is refused with 2', async (line, hint) => {
  const { code, out, err } = await scene.type(line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(hint);
  expect(await scene.changes()).toEqual([]);
});
