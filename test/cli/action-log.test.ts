/** The action log, and the machinery that makes changes. */
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../src/cli/accounts.ts';
import type { Change } from '../../src/cli/actions/change.ts';
import { actionLogPath, openActionLog, readActionLog } from '../../src/cli/actions/log.ts';
import type { Deed } from '../../src/cli/actions/log-line.ts';
import { performChanges } from '../../src/cli/actions/performing.ts';
import { interrupted } from '../../src/cli/exit.ts';
import { systemClock } from '../../src/core/clock.ts';
import { CentralError, Failure } from '../../src/core/failure.ts';
import type { Clock } from '../../src/core/world.ts';

const who = { user: 'dana', host: 'pc', account: 'central', clientId: '12345678' };
const deed: Deed = { tenant: { id: 't1', name: 'Acme' }, action: 'scan', object: { kind: 'endpoint', id: 'e1', name: 'PC' } };
let state: string;

beforeEach(() => {
  state = join(mkdtempSync(join(tmpdir(), 'action-log-')), 'state');
});
afterEach(() => rmSync(join(state, '..'), { recursive: true }));

const open = (command = 'endpoint scan') => openActionLog(state, command, systemClock);
const text = () => readFileSync(actionLogPath(state), 'utf8');

describe('the action log', () => {
  it('is made for its owner only, also when it was there and open to others', async () => {
    await (await open()).close();
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(statSync(actionLogPath(state)).mode & 0o777).toBe(0o600);
    chmodSync(actionLogPath(state), 0o644);
    await (await open()).close();
    expect(statSync(actionLogPath(state)).mode & 0o777).toBe(0o600);
  });

  it('has a line before and a line after, on disk when they are told to be', async () => {
    const log = await open();
    const end = await log.begin(who, { ...deed, detail: { comment: 'why' } });
    expect(JSON.parse(text())).toMatchObject({ ...deed, who, run: log.run, number: 1, command: 'endpoint scan', state: 'begun', detail: { comment: 'why' } });
    await end({ state: 'failed', reason: 'no', correlationId: 'c-1' });
    await log.close();
    const { lines, unreadable } = await readActionLog(log.path);
    expect(unreadable).toBe(0);
    expect(lines.map(({ state, number, reason, correlationId }) => [state, number, reason, correlationId])).toEqual([
      ['begun', 1, undefined, undefined],
      ['failed', 1, 'no', 'c-1'],
    ]);
  });

  it('begins a new line after one that was torn by a kill, and the reader skips what is torn', async () => {
    const first = await open();
    await first.begin(who, deed);
    await first.close();
    appendFileSync(actionLogPath(state), '{"at":"2026-11-21T10:00:00.000Z","run":"r","state":"do');
    const second = await open();
    await second.begin(who, { ...deed, object: { ...deed.object, id: 'e2' } });
    // Torn while this one is open: another process died.
    appendFileSync(actionLogPath(state), '{"at":');
    await second.begin(who, { ...deed, object: { ...deed.object, id: 'e3' } });
    await second.close();
    const { lines, unreadable } = await readActionLog(actionLogPath(state));
    expect({ ids: lines.map(({ object }) => object.id), unreadable }).toEqual({ ids: ['e1', 'e2', 'e3'], unreadable: 2 });
  });

  it('keeps the lines of many writers whole', async () => {
    const logs = await Promise.all(Array.from({ length: 8 }, () => open()));
    await Promise.all(
      logs.flatMap((log) => Array.from({ length: 10 }, async () => (await log.begin(who, { ...deed, detail: 'x'.repeat(5_000) }))({ state: 'done' }))),
    );
    await Promise.all(logs.map((log) => log.close()));
    const { lines, unreadable } = await readActionLog(actionLogPath(state));
    expect({ count: lines.length, unreadable, runs: new Set(lines.map(({ run }) => run)).size }).toEqual({ count: 160, unreadable: 0, runs: 8 });
  });

  it('holds no secret that was put under its name, and nothing that a terminal acts upon', async () => {
    const log = await open();
    const name = 'PC\n{"state":"done"}\u001b[2J\u009b2J\u2028\u202e';
    await (await log.begin(who, { ...deed, object: { ...deed.object, name }, detail: { password: 'hunter2', regeneratePassword: true } }))({
      state: 'done',
      outcome: { previousPasswords: [{ password: 'hunter1' }] },
    });
    await log.close();
    expect(text()).not.toMatch(/hunter|[\u2028\u202e]/);
    expect(text().replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(text().split('\n')).toHaveLength(3);
    const { lines } = await readActionLog(log.path);
    expect(lines[0]).toMatchObject({ object: { name }, detail: { password: '[secret]', regeneratePassword: true } });
  });

  it('is refused when it cannot be written: a folder in its place, a link, a file in place of the folder', async () => {
    mkdirSync(actionLogPath(state), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'action-log.unwritable', kind: 'config' });
    rmSync(actionLogPath(state), { recursive: true });
    symlinkSync('/dev/null', actionLogPath(state));
    await expect(open()).rejects.toMatchObject({ code: 'action-log.unwritable' });
    rmSync(state, { recursive: true });
    writeFileSync(state, '');
    await expect(open()).rejects.toMatchObject({ code: 'action-log.unwritable' });
  });

  it('is read as hostile: only whole lines of its own form, however long the others are', async () => {
    expect(await readActionLog(actionLogPath(state))).toEqual({ lines: [], unreadable: 0 });
    const log = await open();
    await (await log.begin(who, deed))({ state: 'done' });
    await log.close();
    for (const odd of ['[]', 'null', '{"state":"begun"}', `{"__proto__":{"state":"done"}}`, 'x'.repeat(5 << 20), `${'['.repeat(1000)}`])
      appendFileSync(log.path, `${odd}\n`);
    const read = await readActionLog(log.path, ({ state }) => state === 'done');
    expect({ states: read.lines.map(({ state }) => state), unreadable: read.unreadable }).toEqual({ states: ['done'], unreadable: 6 });
  });
});

describe('making changes', () => {
  const target = (id: string) =>
    ({ account: { name: 'central', credentials: { kind: 'client', clientId: '1234567890' } }, tenant: { id, name: id, labels: {} } }) as unknown as Target;
  const targets = new Map(['a', 'b', 'c'].map((id) => [id, target(id)]));

  function change(tenant: string, id: string, perform: Change['perform'], more: Partial<Change> = {}): Change {
    return { target: targets.get(tenant) as Target, action: 'scan', object: { kind: 'endpoint', id, name: id }, perform, ...more };
  }

  async function make(changes: readonly Change[], signal = new AbortController().signal, clock: Clock = systemClock) {
    const log = await open();
    try {
      return await performChanges(changes, { log, clock, concurrency: 2, signal });
    } finally {
      await log.close();
    }
  }

  const refusal = (status: number) => new CentralError('rejected', 'central.refused', `${status}`, { status, method: 'POST', url: 'x' });
  const lost = () => new Failure('transient', 'http.reset', 'reset');

  it('keeps the order within a tenant while tenants go side by side, and tells each before it is sent', async () => {
    const order: string[] = [];
    const perform = (id: string) => async () => {
      expect(text()).toContain(`"id":"${id}"`);
      order.push(id);
      return null;
    };
    const ids = ['a1', 'b1', 'a2', 'c1', 'b2', 'a3'];
    const { results } = await make(ids.map((id) => change(id.slice(0, 1), id, perform(id))));
    expect(results.map(({ change, is }) => [change.object.id, is])).toEqual(ids.map((id) => [id, 'done']));
    for (const tenant of ['a', 'b', 'c']) expect(order.filter((id) => id.startsWith(tenant))).toEqual(ids.filter((id) => id.startsWith(tenant)));
  });

  it('begins nothing after an interruption, awaits what is under way, and tells its end', async () => {
    const stop = new AbortController();
    const { results } = await make(
      [
        change('a', 'a1', async (signal) => {
          stop.abort(interrupted());
          await new Promise((resolve) => setImmediate(resolve));
          expect(signal.aborted).toBe(false);
          return { fine: true };
        }),
        change('a', 'a2', () => Promise.reject(new Error('never'))),
      ],
      stop.signal,
    );
    expect(results.map(({ is }) => is)).toEqual(['done', 'not begun']);
    expect((await readActionLog(actionLogPath(state))).lines.map(({ state, object }) => [state, object.id])).toEqual([
      ['begun', 'a1'],
      ['done', 'a1'],
    ]);
  });

  it('waits 25 s for what is under way after an interruption, and then calls it unknown', async () => {
    const stop = new AbortController();
    const slept: number[] = [];
    const clock: Clock = { ...systemClock, sleep: async (ms) => void slept.push(ms) };
    const { results } = await make(
      [
        change('a', 'a1', async (signal) => {
          stop.abort(interrupted());
          return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        }),
      ],
      stop.signal,
      clock,
    );
    expect({ results: results.map(({ is }) => is), slept }).toEqual({ results: ['unknown'], slept: [25_000] });
    expect((await readActionLog(actionLogPath(state))).lines.at(-1)).toMatchObject({ state: 'failed', outcome: 'unknown' });
  });

  it('sends once more what was lost and is not seen, never a third time, and never what cannot be seen', async () => {
    const clock: Clock = { ...systemClock, sleep: async () => undefined };
    const sent: string[] = [];
    const failing = (id: string, failure: Failure) => async () => {
      sent.push(id);
      throw failure;
    };
    const losing = (id: string, look?: Change['look']) => change('a', id, failing(id, lost()), look ? { look } : {});
    const { results } = await make(
      [
        losing('seen', async () => 'seen'),
        losing('unseen', async () => 'not seen'),
        losing('blind'),
        losing('look-fails', () => Promise.reject(lost())),
        change('a', 'refused-before', failing('refused-before', new Failure('transient', 'http.refused', 'refused'))),
      ],
      undefined,
      clock,
    );
    expect(results.map(({ change, is }) => [change.object.id, is])).toEqual([
      ['seen', 'done'],
      ['unseen', 'failed'],
      ['blind', 'unknown'],
      ['look-fails', 'unknown'],
      ['refused-before', 'failed'],
    ]);
    expect(sent).toEqual(['seen', 'unseen', 'unseen', 'blind', 'look-fails', 'refused-before']);
  });

  it('halves a call for many that is refused, until the guilty object stands alone', async () => {
    const sent: string[] = [];
    const together = {
      atMost: 6,
      async perform(changes: readonly Change[]) {
        const ids = changes.map(({ object }) => object.id);
        sent.push(ids.join(''));
        if (ids.includes('4')) throw refusal(409);
        return new Map(ids.flatMap((id) => (id === '6' ? [] : [[id, 'taken']])));
      },
    };
    const { results } = await make([...'1234567'].map((id) => change('a', id, () => Promise.reject(new Error('alone')), { together })));
    expect(results.map(({ is }) => is)).toEqual(['done', 'done', 'done', 'failed', 'done', 'failed', 'done']);
    expect(sent).toEqual(['123456', '123', '456', '45', '4', '5', '6', '7']);
    expect(results[5]).toMatchObject({ failure: { code: 'action.unconfirmed' } });
  });

  it('stops when the credential is refused, and when the log can take no more', async () => {
    const refused = await make([
      change('a', 'a1', () => Promise.reject(new CentralError('auth', 'central.unauthorized', 'no', { status: 401, method: 'POST', url: 'x' }))),
      change('a', 'a2', () => Promise.reject(new Error('never'))),
    ]);
    expect({ is: refused.results.map(({ is }) => is), stopped: refused.stopped?.code }).toEqual({
      is: ['failed', 'not begun'],
      stopped: 'central.unauthorized',
    });
    const full = new Failure('config', 'action-log.unwritable', 'no space', {});
    const log = { path: '', run: '', begin: () => Promise.reject(full), close: async () => undefined };
    const options = { log, clock: systemClock, concurrency: 2, signal: new AbortController().signal };
    const { results, stopped } = await performChanges([change('a', 'a1', () => Promise.reject(new Error('sent without a line')))], options);
    expect({ is: results.map(({ is }) => is), stopped }).toEqual({ is: ['not begun'], stopped: full });
  });
});
