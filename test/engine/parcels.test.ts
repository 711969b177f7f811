import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { packItems, recordsOf, textOf } from '../../src/core/pack.ts';
import type { Batch, Format, Origin, Route } from '../../src/core/types.ts';
import { cut, cutToFit, encode, halve, type Load, positionOf, recordCount, spansOf } from '../../src/engine/parcels.ts';

const origin: Origin = { stream: 'events', tenant: { id: 't1', name: 'One', labels: {} } };
const raw: Format = {
  json: true,
  encode(record, _origin, out) {
    if (record.json.includes('unwritable')) throw new Failure('rejected', 'format.unwritable', 'cannot be written');
    out.utf8(record.utf8);
  },
};

function batchOf(texts: readonly string[], after: number, stream = 't1/events'): Batch {
  const pack = packItems(texts.map((json, i) => ({ key: `${i}`, time: i, json })));
  return { lane: { route: 'r', stream }, after, records: recordsOf(pack, after + 1, 0) };
}

const route = (where?: Route['where']) => ({ name: 'r', format: raw, ...(where ? { where } : {}) }) as Route;

const linesOf = (load: Load) =>
  load.flatMap(({ section }) => Array.from({ length: section.lines.count }, (_, i) => Buffer.from(textOf(section.lines, i)).toString()));

const texts = fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.constant('skip me'), fc.constant('unwritable')), { minLength: 1, maxLength: 60 });
const loads = fc.array(texts, { minLength: 1, maxLength: 4 }).map((lists) =>
  lists.map((list, lane) =>
    encode(
      batchOf(
        list.map((each) => JSON.stringify(each)),
        lane * 7,
        `t${lane}/events`,
      ),
      origin,
      route((record) => !record.json.includes('skip')),
      64,
    ),
  ),
);

/** Spans of the pieces, joined, are the spans of the whole. */
function expectSameSpans(pieces: readonly Load[], whole: Load): void {
  const joined = new Map<string, { after: number; upTo: number; filtered: number }>();
  for (const span of pieces.flatMap(spansOf)) {
    const known = joined.get(span.lane.stream);
    if (known) expect(span.after).toBe(known.upTo);
    joined.set(span.lane.stream, { after: known?.after ?? span.after, upTo: span.upTo, filtered: (known?.filtered ?? 0) + span.filtered });
  }
  expect(joined).toEqual(new Map(spansOf(whole).map(({ lane, after, upTo, filtered }) => [lane.stream, { after, upTo, filtered }])));
}

describe('parcels', () => {
  it('cut anywhere, join to the same lines, spans and refusals', () => {
    fc.assert(
      fc.property(loads, fc.nat(300), (load, at) => {
        const pieces = cut(load, at);
        expect(pieces.flatMap(linesOf)).toEqual(linesOf(load));
        expectSameSpans(pieces, load);
        expect(pieces.flatMap((piece) => piece.flatMap((portion) => portion.refused))).toEqual(load.flatMap((portion) => portion.refused));
      }),
    );
  });

  it('halve into two smaller loads until one record stands alone', () => {
    fc.assert(
      fc.property(loads, (load) => {
        const count = recordCount(load);
        if (count < 2) return;
        const [left, right] = halve(load);
        expect(recordCount(left)).toBeGreaterThan(0);
        expect(recordCount(right)).toBeGreaterThan(0);
        expect(recordCount(left) + recordCount(right)).toBe(count);
      }),
    );
  });

  it('never exceed the limits of a sink, but for a single line that no parcel could hold', () => {
    fc.assert(
      fc.property(loads, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 200 }), (load, records, bytes) => {
        const taken: Load[] = [];
        for (const whole of load) {
          for (let rest: Load[number] | null = whole; rest; ) {
            const piece = cutToFit(rest, { records, bytes }, { records: 0, bytes: 0 });
            expect(piece.fits).not.toBeNull();
            if (!piece.fits) return;
            const { lines } = piece.fits.section;
            expect(lines.count).toBeLessThanOrEqual(records);
            if (lines.count > 1) expect(lines.bytes.length).toBeLessThanOrEqual(bytes);
            taken.push([piece.fits]);
            rest = piece.rest;
          }
        }
        expect(taken.flatMap(linesOf)).toEqual(linesOf(load));
        expectSameSpans(taken, load);
      }),
    );
  });

  it('count what the route did not want as filtered, and what the format could not write as refused', () => {
    const portion = encode(
      batchOf(['"a"', '"skip"', '"unwritable"', '"b"', '"skip"'], 10),
      origin,
      route((record) => !record.json.includes('skip')),
      64,
    );
    expect(linesOf([portion])).toEqual(['"a"', '"b"']);
    expect(portion.refused.map(({ seq }) => seq)).toEqual([13]);
    expect(spansOf([portion])).toMatchObject([{ after: 10, upTo: 15, filtered: 2 }]);
  });

  it('find a record by its number', () => {
    const load = [encode(batchOf(['"a"', '"b"'], 0, 'x'), origin, route(), 64), encode(batchOf(['"c"', '"d"'], 5, 'y'), origin, route(), 64)];
    expect(positionOf(load, { route: 'r', stream: 'y' }, 7)).toBe(3);
    expect(positionOf(load, { route: 'r', stream: 'y' }, 8)).toBe(-1);
  });
});
