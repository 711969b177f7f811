/**
 * The errors that a user can meet, each provoked for real. Each says what was tried, what came back and what to do; none repeats a
 * secret, or what a far end would like to do to a terminal.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { areas } from './areas.ts';
import { Bench } from './bench.ts';
import { failureOf, judge } from './row.ts';

const bench = new Bench();
afterEach(() => bench.close());

describe.each(areas)('an error of %s', (_area, rows) => {
  it.each(rows.map((row) => [row.what, row.code, row] as const))('says what happened when %s: %s', async (_what, _code, row) => {
    await judge(row, await failureOf(row, bench));
  });
});

it('is one of many', () => expect(areas.flatMap(([, rows]) => rows).length).toBeGreaterThanOrEqual(160));
