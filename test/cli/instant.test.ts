import { describe, expect, it } from 'vitest';
import { parseDuration, parseInstant, parseRange } from '../../src/cli/instant.ts';

const now = Date.UTC(2026, 0, 31, 12);

describe('a time as typed', () => {
  it.each([
    ['12h', now - 12 * 3_600_000],
    ['7d', now - 7 * 86_400_000],
    ['90s', now - 90_000],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
    ['2026-01-31T10:00', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-31 10:00:00', Date.UTC(2026, 0, 31, 10)],
    ['2026-01-31T10:00:00+02:00', Date.UTC(2026, 0, 31, 8)],
    ['2026-01-31T10:00:00.250Z', Date.UTC(2026, 0, 31, 10) + 250],
    ['1769853600', 1_769_853_600_000],
  ])('%s is understood', (text, at) => {
    expect(parseInstant('--since', text, now)).toBe(at);
  });

  it.each(['', 'yesterday', '12', '2026-13-01', '12 parsecs', '-5h', '20260131'])('%j is refused with an example', (text) => {
    expect(() => parseInstant('--since', text, now)).toThrow(expect.objectContaining({ code: 'usage.instant', advice: expect.stringContaining('12h') }));
  });

  it('cannot be said twice, backwards or ahead', () => {
    expect(() => parseRange({ days: '1', since: '1h' }, now)).toThrow(/twice/);
    expect(() => parseRange({ since: '1h', until: '2h' }, now)).toThrow(/before/);
    expect(() => parseRange({ since: '2027-01-01' }, now)).toThrow(/future/);
    expect(() => parseRange({ days: '91' }, now)).toThrow(/1 to 90/);
    expect(parseRange({ days: '2', until: '1h' }, now)).toEqual({ since: now - 2 * 86_400_000, until: now - 3_600_000 });
  });

  it('has a sibling for durations', () => {
    expect(parseDuration('--give-up', '2m')).toBe(120_000);
    expect(() => parseDuration('--give-up', '2')).toThrow(/is not a duration/);
  });
});
