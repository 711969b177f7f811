import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openPace, type RateLimits } from '../../src/clients/pace.ts';
import type { Report } from '../../src/core/world.ts';
import { HandClock } from './world.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);
const spans: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function open(limits?: RateLimits, tenantLimits?: RateLimits) {
  const clock = new HandClock();
  const reports: Report[] = [];
  const pace = openPace({ clock, report: (report) => reports.push(report), ...(limits ? { limits } : {}), ...(tenantLimits ? { tenantLimits } : {}) });
  const starts: number[] = [];
  const who: number[] = [];
  const call = (n = 0, tenant?: string, signal = never) =>
    pace.take(signal, tenant).then(({ landed }) => {
      starts.push(clock.monotonic());
      who.push(n);
      landed();
    });
  return { clock, reports, pace, starts, who, call };
}

/** No interval as long as a window, wherever it begins, holds more starts than the limit. */
function expectWithin(starts: readonly number[], limits: RateLimits): void {
  for (const [name, limit] of Object.entries(limits)) {
    for (let k = limit; k < starts.length; k++)
      expect((starts[k] as number) - (starts[k - limit] as number), `${name}, call ${k}`).toBeGreaterThanOrEqual(spans[name] as number);
  }
}

describe('the pace', () => {
  it('keeps to the allowance as the far end sees it, however long calls travel', async () => {
    const travels = fc.array(fc.record({ outMs: fc.integer({ min: 0, max: 900 }), backMs: fc.integer({ min: 0, max: 900 }) }), {
      minLength: 1,
      maxLength: 120,
    });
    await fc.assert(
      fc.asyncProperty(travels, fc.integer({ min: 1, max: 10 }), async (calls, second) => {
        const allowed = { second, minute: 60, hour: 1_000_000, day: 1_000_000 };
        const { clock, pace } = open(allowed);
        const arrivals: number[] = [];
        for (const { outMs, backMs } of calls) {
          void pace.take(never).then(async ({ landed }) => {
            await clock.sleep(outMs, never);
            arrivals.push(clock.monotonic());
            await clock.sleep(backMs, never);
            landed();
          });
        }
        await clock.pass(20 * 60_000);
        expect(arrivals).toHaveLength(calls.length);
        // Those under way at a border may be as late as the margin allows for; landed ones never are.
        expectWithin(
          arrivals.sort((a, b) => a - b),
          allowed,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('never lets more calls start in any interval than its window allows, however calls arrive and timers err', async () => {
    const limits = fc.record({
      second: fc.integer({ min: 1, max: 10 }),
      minute: fc.integer({ min: 1, max: 40 }),
      hour: fc.integer({ min: 5, max: 100 }),
      day: fc.integer({ min: 20, max: 400 }),
    });
    const bursts = fc.array(
      fc.record({ calls: fc.integer({ min: 0, max: 40 }), passMs: fc.integer({ min: 0, max: 90_000 }), jitterMs: fc.integer({ min: 0, max: 700 }) }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(limits, bursts, async (allowed, plan) => {
        const { clock, starts, call } = open(allowed);
        let calls = 0;
        for (const { calls: more, passMs, jitterMs } of plan) {
          for (let i = 0; i < more; i++, calls++) void call(calls);
          await clock.pass(passMs, () => jitterMs);
        }
        await clock.pass(40 * 86_400_000);
        expect(starts.length).toBe(calls);
        expectWithin(starts, allowed);
      }),
      { numRuns: 60 },
    );
  });

  it('uses what is allowed: the windows fill, and are used again when they have passed', async () => {
    const { clock, starts, call } = open();
    for (let i = 0; i < 1500; i++) void call();
    await clock.pass(1);
    expect(starts.length).toBe(10);
    await clock.pass(59_000);
    expect(starts.length).toBe(100);
    await clock.pass(3_540_000);
    expect(starts.length).toBe(1000);
    await clock.pass(3_600_000);
    expect(starts.length).toBe(1500);
  });

  it('serves in the order of asking, and who leaves costs nobody a place', async () => {
    const { clock, who, call } = open({ second: 2 });
    const leaving = new AbortController();
    const left: unknown[] = [];
    for (let n = 0; n < 30; n++) {
      if (n % 3 === 1) call(n, undefined, leaving.signal).catch((reason) => left.push(reason));
      else void call(n);
    }
    leaving.abort('gone');
    await clock.pass(60_000);
    // Number 1 had started before the others left.
    expect(who).toEqual([0, 1, ...Array.from({ length: 30 }, (_, n) => n).filter((n) => n > 1 && n % 3 !== 1)]);
    expect(left).toEqual(Array.from({ length: 9 }, () => 'gone'));
  });

  it('lets go of its timer when nobody waits any more', async () => {
    const { clock, call } = open({ second: 1 });
    const leaving = new AbortController();
    await call();
    const waiting = call(1, undefined, leaving.signal);
    await clock.pass(0);
    expect(clock.sleeping).toBe(1);
    leaving.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await clock.pass(0);
    expect(clock.sleeping).toBe(0);
  });

  it('lets the call that all others wait for go first', async () => {
    const { clock, pace, who, call } = open({ second: 1 });
    for (let n = 0; n < 4; n++) void call(n);
    void pace.takeFirst(never).then(({ landed }) => {
      who.push(99);
      landed();
    });
    await clock.pass(10_000);
    expect(who).toEqual([0, 99, 1, 2, 3]);
  });

  it('holds back a tenant at its own limit, and nobody else', async () => {
    const { clock, starts, who, call } = open({ second: 100, minute: 1000 }, { minute: 2 });
    for (let n = 0; n < 6; n++) void call(n, 'busy');
    for (let n = 10; n < 14; n++) void call(n, `quiet-${n}`);
    await clock.pass(10);
    expect([...who].sort((a, b) => a - b)).toEqual([0, 1, 10, 11, 12, 13]);
    await clock.pass(200_000);
    expect(who.filter((n) => n < 10)).toEqual([0, 1, 2, 3, 4, 5]);
    expectWithin(
      starts.filter((_, i) => (who[i] as number) < 10),
      { minute: 2 },
    );
  });

  it('goes on with the tenant whose first waiter left', async () => {
    const { clock, who, call } = open({}, { minute: 1 });
    const leaving = new AbortController();
    void call(0, 'T');
    const gone = call(1, 'T', leaving.signal);
    const alsoGone = call(2, 'T', leaving.signal);
    void call(3, 'T');
    await clock.pass(10);
    leaving.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    await expect(alsoGone).rejects.toThrow('gone');
    await clock.pass(61_000);
    expect(who).toEqual([0, 3]);
  });

  it('starts nothing for as long as the far end asked, then one call, and the rest after its success', async () => {
    const { clock, pace, starts, call } = open();
    pace.refused(7000);
    const refusedAt = clock.monotonic();
    for (let n = 0; n < 5; n++) void call(n);
    await clock.pass(6999);
    expect(starts).toEqual([]);
    await clock.pass(1);
    expect(starts).toEqual([refusedAt + 7000]);
    await clock.pass(500);
    expect(starts.length).toBe(1);
    pace.succeeded();
    await clock.pass(1);
    expect(starts.length).toBe(5);
  });

  it('doubles its pause from 1 s to 30 s while it is refused, once per pause, and begins anew after a success', async () => {
    const { clock, pace, starts, call } = open();
    const pauses: number[] = [];
    for (let n = 0; n < 7; n++) {
      const from = clock.monotonic();
      pace.refused(undefined);
      pace.refused(undefined);
      pace.succeeded();
      void call(n);
      await clock.pass(31_000);
      pauses.push((starts.at(-1) as number) - from);
      // The clock stands later than the call's start; the next refusal is that call's.
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    pace.succeeded();
    const from = clock.monotonic();
    pace.refused(undefined);
    void call();
    await clock.pass(31_000);
    expect((starts.at(-1) as number) - from).toBe(1000);
  });

  it('goes on when the call that went ahead never told how it ended', async () => {
    const { clock, pace, starts, call } = open();
    pace.refused(undefined);
    for (let n = 0; n < 3; n++) void call(n);
    await clock.pass(10_000);
    expect(starts.length).toBe(3);
  });

  it('tells a wait of more than 5 s once, with its end, and keeps to it', async () => {
    const { clock, reports, pace, starts, call } = open({ second: 10, minute: 10, hour: 1000, day: 1000 });
    for (let n = 0; n < 10; n++) void call(n);
    expect(pace.waitingUntil).toBeNull();
    for (let n = 0; n < 10; n++) void call(n);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({ name: 'pace.waiting', until: pace.waitingUntil });
    const until = (pace.waitingUntil ?? 0) - 1_795_000_000_000;
    await clock.pass(61_000);
    expect(starts.at(-1)).toBe(until);
  });

  it('is cheap for thousands that wait', async () => {
    const { clock, starts, call } = open({ second: 1000, minute: 100_000, hour: 100_000, day: 200_000 }, { hour: 100 });
    const began = performance.now();
    for (let n = 0; n < 20_000; n++) void call(n, `tenant-${n % 5000}`);
    await clock.pass(60_000);
    expect(starts.length).toBe(20_000);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
