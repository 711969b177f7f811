/** Searches that Central carries out on its own, against a far end that answers as it likes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/core/world.ts';
import { Failure, type RunOptions, runDetectionGroups, runDetections, runLiveDiscover, runXdr, SophosCentral } from '../../../src/index.ts';
import { FarCentral, type Fault } from '../../far-ends/central.ts';
import { openTestWorld } from '../world.ts';

const path = '/detections/v1/queries/detections';
const runId = '4a9bb69a-c7f1-4a59-b912-7fe4ba70b751';
const expiresAt = '2026-11-21T12:00:00.000Z';

let far: FarCentral;
let close: () => Promise<void>;
/** What each question how far it has come is answered, the last one for ever. */
let states: Fault[];
let slept: number[];
let clock: Clock;

beforeEach(async () => {
  far = await new FarCentral().open();
  states = [state('finished', 'succeeded')];
  slept = [];
  let at = 0;
  clock = {
    now: () => Date.now(),
    monotonic: () => at,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      at += ms;
    },
  };
  far.intercept = (asked) => {
    if (!asked.path.startsWith(path)) return null;
    if (asked.method === 'POST') return state('pending', 'notAvailable', 201);
    if (!asked.path.endsWith('/results')) return states.length > 1 ? states.shift() : states[0];
    const page = Number(asked.query.get('page'));
    return { body: { items: page > 2 ? [] : [{ id: `d-${page}a` }, { id: `d-${page}b` }], pages: { current: page, size: 2, maxSize: 2 } } };
  };
});
afterEach(async () => {
  await close();
  await far.close();
});

function state(status: unknown, result: unknown, code = 200, more: object = {}): { readonly status: number; readonly body: object } {
  return { status: code, body: { id: runId, status, result, expiresAt, ...more } };
}

function run(query: Parameters<typeof runDetections>[1] = {}, options: RunOptions = {}, retries = 0) {
  const { world, close: end } = openTestWorld({ ...clock, sleep: async () => undefined });
  close = end;
  const central = new SophosCentral({
    clientId: far.clientId,
    clientSecret: far.clientSecret,
    authUrl: far.url,
    apiUrl: far.url,
    rateLimits: { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 },
    retries,
    world,
  });
  return runDetections(central.forTenant({ id: far.accountId, apiHost: far.url }), query, { clock, ...options });
}

const lines = () => far.to(path).map(({ method, path: asked }) => `${method} ${asked.slice(path.length)}`);
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

async function failure(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failure) return error;
  throw new Error(`no Failure: ${String(error)}`);
}

describe('a run', () => {
  it('is started with the query, asked for with pauses that grow to ten times the first, and listed to its end', async () => {
    states = [...Array.from({ length: 6 }, () => state('started', 'notAvailable')), state('finished', 'succeeded')];
    expect(ids(await run({ severity: [7, 8], from: new Date('2026-11-20T00:00:00Z') }).all())).toEqual(['d-1a', 'd-1b', 'd-2a', 'd-2b']);
    expect(slept).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
    expect(JSON.parse(far.to(path)[0]?.body ?? '')).toEqual({ severity: [7, 8], from: '2026-11-20T00:00:00.000Z' });
    const results = `GET /${runId}/results`;
    expect(lines()).toEqual(['POST ', ...Array.from({ length: 7 }, () => `GET /${runId}`), results, results, results]);
  });

  it('asks for nothing before it is iterated, and for its end only if it has not been told', async () => {
    const usual = far.intercept;
    far.intercept = (asked) => (asked.method === 'POST' && asked.path === path ? state('finished', 'succeeded', 201) : usual(asked));
    const waiting = run();
    expect(far.asked).toEqual([]);
    expect(await waiting.all()).toHaveLength(4);
    expect(slept).toEqual([]);
    expect(lines().filter((line) => line === `GET /${runId}`)).toEqual([]);
  });

  it('is started once, however often and by however many it is iterated', async () => {
    const waiting = run();
    await Promise.all([waiting.all(), waiting.all(), waiting.finished()]);
    await waiting.all();
    expect(lines().filter((line) => line.startsWith('POST'))).toEqual(['POST ']);
  });

  it('can be waited for by its id, from a position on, by another program', async () => {
    const positions = [];
    for await (const { next } of run().pages()) positions.push(next);
    await close();
    far.asked.length = 0;
    const rest = [];
    for await (const { items } of run({ runId }).pages(positions[0] ?? null)) rest.push(...ids(items));
    expect(rest).toEqual(['d-2a', 'd-2b']);
    expect(lines()[0]).toBe(`GET /${runId}`);
    expect(lines().filter((line) => line.startsWith('POST'))).toEqual([]);
  });

  it.each([
    ['finished', 'failed'],
    ['finished', 'timedOut'],
    ['finished', 'canceled'],
    ['canceled', 'notAvailable'],
    ['cancelled', null],
    ['finished', 'partly'],
    ['started', 'failed'],
  ])('that ends as %s, %s is refused in Central’s words', async (status, result) => {
    states = [state(status, result, 200, { message: 'too many rows' })];
    const failed = await failure(run().all());
    expect(failed).toMatchObject({ kind: 'rejected', code: 'central.run-failed', advice: expect.any(String) });
    expect(failed.message).toContain(`"${runId}" came to its end without success: Central says status "${status}"`);
    expect(failed.message).toContain('message "too many rows"');
    expect(lines().some((line) => line.endsWith('/results'))).toBe(false);
  });

  it.each([
    ['never ends', state('started', 'notAvailable')],
    ['has a status that nobody knows', state('paused', 'notAvailable')],
    ['has no status', state(undefined, undefined)],
    ['has numbers and objects for words', state(7, { a: 1 })],
    ['is finished, and its result is not there', state('finished', 'notAvailable')],
  ])('that %s is given up in time, and waited for again when it is iterated again', async (_, told) => {
    states = [told];
    const waiting = run({}, { withinMs: 60_000 });
    const failed = await failure(waiting.all());
    expect(failed).toMatchObject({ kind: 'transient', code: 'central.run-unfinished' });
    expect(failed.message).toContain('has not come to its end in 60 s');
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
    states = [state('finished', 'succeeded')];
    expect(await waiting.all()).toHaveLength(4);
    expect(lines().filter((line) => line.startsWith('POST'))).toEqual(['POST ']);
  });

  it.each([
    [{ everyMs: Number.NaN, withinMs: Number.NaN }, []],
    [{ everyMs: 0, withinMs: -1 }, []],
    [{ everyMs: -5, withinMs: 3000 }, [1000, 2000]],
    [{ everyMs: 400, withinMs: 1000 }, [400, 600]],
  ])('with %j asks no faster and no longer than that', async (options, pauses) => {
    states = [state('started', 'notAvailable')];
    expect(await failure(run({}, options).all())).toMatchObject({ code: 'central.run-unfinished' });
    expect(slept).toEqual(pauses);
  });

  it('that Central does not know any more is told as over, with its time', async () => {
    const gone = { status: 404, body: { error: 'notFound', message: 'Resource not found.', correlationId: 'c-1' } };
    states = [state('started', 'notAvailable'), gone];
    const failed = await failure(run().all());
    expect(failed).toMatchObject({ kind: 'rejected', code: 'central.run-gone' });
    expect(failed.message).toMatch(new RegExp(`"${runId}" is not there any more; its time was told to end at "${expiresAt}"\\. GET .*404.*c-1`));
    await close();
    const usual = far.intercept;
    states = [state('finished', 'succeeded')];
    far.intercept = (asked) => (asked.path.endsWith('/results') && asked.query.get('page') === '2' ? gone : usual(asked));
    const seen: string[] = [];
    const listing = (async () => {
      for await (const { id } of run()) seen.push(id);
    })();
    expect(await failure(listing)).toMatchObject({ code: 'central.run-gone' });
    expect(seen).toEqual(['d-1a', 'd-1b']);
  });

  it.each([[null], [[]], [{}], [{ id: 7 }], [{ id: '' }], ['id']])('that is answered with %j was not started', async (body) => {
    far.intercept = ({ method, path: asked }) => (method === 'POST' && asked === path ? { status: 201, body } : null);
    const waiting = run();
    expect(await failure(waiting.started())).toMatchObject({ kind: 'transient', code: 'central.bad-body' });
    expect(lines()).toEqual(['POST ']);
  });

  it('keeps the id that it was started with, and goes nowhere else', async () => {
    states = [{ body: { id: '../../evil', status: 'started' } }, { body: { id: 'other', status: 'finished', result: 'succeeded' } }];
    expect(await run().all()).toHaveLength(4);
    expect(
      lines()
        .slice(1)
        .every((line) => line.startsWith(`GET /${runId}`)),
    ).toBe(true);
    await close();
    far.asked.length = 0;
    far.intercept = ({ method, path: asked }) => (method === 'POST' && asked === path ? { body: { id: '..' } } : null);
    expect(await failure(run().all())).toMatchObject({ code: 'central.bad-id' });
    expect(lines()).toEqual(['POST ']);
  });

  it('tells hostile words on one line', async () => {
    states = [state('finished', 'failed', 200, { error: 'no\r\nerror: forged\u001b[2J\u2028', message: 'x'.repeat(100_000) })];
    const { message } = await failure(run().all());
    expect(message).not.toMatch(/[\p{Cc}\u2028]/u);
    expect(message.length).toBeLessThan(1000);
  });

  it('is not lost for an answer that failed for now', async () => {
    states = [{ status: 503 }, 'reset', state('finished', 'succeeded')];
    expect(await run({}, {}, 2).all()).toHaveLength(4);
    expect(lines().filter((line) => line.startsWith('POST'))).toEqual(['POST ']);
  });

  it('ends with the signal, while it waits and while it is asked for', async () => {
    const reason = new Error('enough');
    const first = new AbortController();
    states = [state('started', 'notAvailable')];
    const sleep = clock.sleep;
    clock = {
      ...clock,
      sleep: (ms, signal) => {
        if (slept.length === 2) first.abort(reason);
        return sleep(ms, signal);
      },
    };
    await expect(run({}, { signal: first.signal }).all()).rejects.toBe(reason);
    await close();
    far.asked.length = 0;
    const second = new AbortController();
    const usual = far.intercept;
    far.intercept = (asked) => {
      if (!asked.path.startsWith(`${path}/`)) return usual(asked);
      second.abort(reason);
      return 'hang';
    };
    await expect(run({}, { signal: second.signal }).all()).rejects.toBe(reason);
    expect(lines()).toEqual(['POST ', `GET /${runId}`]);
  });
});

describe('the kinds of runs', () => {
  it('go to their own routes', async () => {
    far.intercept = ({ path: asked, method }) => {
      if (asked.startsWith('/api/v2/')) return null;
      return asked.endsWith('/results')
        ? { body: { items: [{ n: 1 }, { n: 1 }], pages: { current: 1, size: 50 } } }
        : state('finished', 'succeeded', method === 'POST' ? 201 : 200);
    };
    const { world, close: end } = openTestWorld();
    close = end;
    const central = new SophosCentral({ clientId: far.clientId, clientSecret: far.clientSecret, authUrl: far.url, apiUrl: far.url, world });
    const calls = central.forTenant({ id: far.accountId, apiHost: far.url });
    await runDetectionGroups(calls).all();
    // Equal rows are as many rows.
    expect(await runLiveDiscover(calls, { adHocQuery: { template: 'select name from processes' }, matchEndpoints: { all: true } }).all()).toHaveLength(2);
    expect(await runXdr(calls, { adHocQuery: { template: 'select 1' } }).all()).toHaveLength(2);
    const asked = far.asked.filter((each) => !each.path.startsWith('/api/v2/')).map((each) => `${each.method} ${each.path}`);
    expect(asked.filter((line) => !line.includes('page'))).toEqual([
      'POST /detections/v1/queries/detection-groups',
      `GET /detections/v1/queries/detection-groups/${runId}/results`,
      'POST /live-discover/v1/queries/runs',
      `GET /live-discover/v1/queries/runs/${runId}/results`,
      'POST /xdr-query/v1/queries/runs',
      `GET /xdr-query/v1/queries/runs/${runId}/results`,
    ]);
  });
});
