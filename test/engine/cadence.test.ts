import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cadenceOf, pauseOf, type Rhythm } from '../../src/engine/cadence.ts';

const hour = 3_600_000;
const now = 100 * hour;
const busy = (everyMs: number): Rhythm => ({ everyMs, busyAt: now - 60_000 });
const quiet = (everyMs: number): Rhythm => ({ everyMs, busyAt: now - 5 * hour });

const callsPerHour = (streams: readonly Rhythm[], allowed: number) => {
  const cadence = cadenceOf(streams, allowed, now);
  return streams.reduce((sum, stream) => sum + hour / pauseOf(stream, cadence, now), 0);
};

describe('cadence', () => {
  it('asks every stream at its own pace while the budget allows it', () => {
    const streams = [busy(60_000), quiet(60_000)];
    const cadence = cadenceOf(streams, 1_000, now);
    expect(streams.map((stream) => pauseOf(stream, cadence, now))).toEqual([60_000, 60_000]);
  });

  it('keeps 300 tenants with two streams each within 1,000 calls an hour, busy ones first', () => {
    const streams = [...Array.from({ length: 10 }, () => busy(60_000)), ...Array.from({ length: 590 }, () => quiet(60_000))];
    const cadence = cadenceOf(streams, 1_000, now);
    expect(callsPerHour(streams, 1_000)).toBeLessThanOrEqual(1_000);
    expect(pauseOf(streams[0] as Rhythm, cadence, now)).toBeLessThan(pauseOf(streams[599] as Rhythm, cadence, now));
  });

  it('lets no stream wait past what Central remembers, however many seem busy at the start', () => {
    const streams = Array.from({ length: 20_000 }, () => busy(60_000));
    expect(pauseOf(busy(60_000), cadenceOf(streams, 1_000, now), now)).toBeLessThanOrEqual(6 * hour);
  });

  it('never lets a quiet stream wait past what Central remembers, and never asks faster than `every`', () => {
    fc.assert(
      fc.property(fc.nat(3_000), fc.nat(3_000), fc.integer({ min: 100, max: 20_000 }), (busyCount, quietCount, allowed) => {
        const streams = [...Array.from({ length: busyCount }, () => busy(60_000)), ...Array.from({ length: quietCount }, () => quiet(60_000))];
        const cadence = cadenceOf(streams, allowed, now);
        for (const stream of [busy(60_000), quiet(60_000)]) expect(pauseOf(stream, cadence, now)).toBeGreaterThanOrEqual(60_000);
        expect(pauseOf(quiet(60_000), cadence, now)).toBeLessThanOrEqual(6 * hour);
        // What can be fitted is fitted: only the 6 h floor of quiet streams may go over.
        if (quietCount / 6 + 1 <= allowed * 0.8 && busyCount <= allowed * 0.4) expect(callsPerHour(streams, allowed)).toBeLessThanOrEqual(allowed);
      }),
    );
  });
});
