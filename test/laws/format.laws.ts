/**
 * What every format promises.
 *
 * A format's own test calls `formatLaws(kind, reader)`. `read` parses one line back with code that the format did not write, and
 * resolves with something that holds the item's texts; `options` lists the option sets to run the laws with.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { FormatKind } from '../../src/core/kinds.ts';
import { LineBuffer, packItems, recordsOf, textOf } from '../../src/core/pack.ts';
import type { Format, Json, Origin, StreamRecord } from '../../src/core/types.ts';

export interface FormatReader {
  /** Reads one line back; throws when it is not what the format promises. */
  read(line: string, record: StreamRecord, origin: Origin): unknown;
  /** Option sets as a user writes them; default: none. */
  readonly options?: readonly unknown[];
  /** Why a line may hold a line break, if so. */
  readonly severalLines?: string;
}

export const origins: readonly Origin[] = [
  { stream: 'events', tenant: { id: '0b1c2d3e-0000-4000-8000-000000000001', name: 'Acme "quoted" Ltd\\', labels: {} } },
  { stream: 'siem-alerts', tenant: { id: '0b1c2d3e-0000-4000-8000-000000000002', name: 'Zoë | 東京\n', labels: { index: 'x' } } },
];

const nasty = ['', 'plain', 'a\nb', 'a\r\nb', '"', '\\', '\\\\"', '|', '=', '\0', '\t', '\u2028', '💥', '\ud83d', '{"a":null}', 'null', 'x'.repeat(65_536)];
const text = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'grapheme' }));

/** Items as Central gives them, and odder ones. */
export const anyItem: fc.Arbitrary<Json> = fc.record(
  {
    id: fc.uuid(),
    type: fc.constantFrom('Event::Endpoint::Threat::Detected', 'Event::Endpoint::OutOfDate', 'odd'),
    severity: fc.constantFrom('none', 'low', 'medium', 'high', 'very_high', 'critical'),
    created_at: fc.constant('2026-10-01T14:20:28.605Z'),
    name: text,
    location: text,
    source: fc.option(text),
    source_info: fc.option(fc.record({ ip: fc.ipV4() })),
    group: fc.constant(null),
    count: fc.integer(),
    list: fc.array(fc.option(text), { maxLength: 3 }),
    data: fc.dictionary(text, fc.option(fc.oneof(text, fc.integer(), fc.boolean())), { maxKeys: 4 }),
  },
  { requiredKeys: ['id'] },
) as fc.Arbitrary<Json>;

/** One record as the journal hands it out. */
export function recordOf(json: string, more: { readonly key?: string; readonly fetchedAt?: number; readonly meta?: Json } = {}): StreamRecord {
  const pack = packItems([{ key: more.key ?? 'k1', time: 1_760_000_000_000, json, ...(more.meta === undefined ? {} : { meta: more.meta }) }]);
  return recordsOf(pack, 1, more.fetchedAt ?? 1_760_000_060_000)[0] as StreamRecord;
}

/** The line that a format makes of a record. */
export function lineOf(format: Format, record: StreamRecord, origin: Origin): string {
  const out = new LineBuffer();
  format.encode(record, origin, out);
  out.endLine();
  return Buffer.from(textOf(out.lines(), 0)).toString('utf8');
}

export function formatLaws(kind: FormatKind<unknown>, { read, options = [{}], severalLines }: FormatReader): void {
  const sample = fc.tuple(anyItem, fc.constantFrom(...origins));

  describe.each(options.map((written) => ({ written, shown: JSON.stringify(written) })))(`${kind.name} with $shown`, ({ written }) => {
    const open = () => kind.open(kind.options.parse(written));

    it('makes the same line of the same record, whoever asks and whenever', () => {
      const old = open();
      fc.assert(
        fc.property(sample, ([item, origin]) => {
          const record = recordOf(JSON.stringify(item));
          const line = lineOf(old, record, origin);
          expect(lineOf(old, record, origin)).toBe(line);
          expect(lineOf(open(), record, origin)).toBe(line);
        }),
      );
    });

    it('keeps no state between records', () => {
      fc.assert(
        fc.property(fc.array(sample, { minLength: 2, maxLength: 6 }), (samples) => {
          const records = samples.map(([item], i) => recordOf(JSON.stringify(item), { fetchedAt: 1_760_000_000_000 + (i % 2) }));
          const alone = records.map((record, i) => lineOf(open(), record, (samples[i] as [Json, Origin])[1]));
          const shared = open();
          const together = records.map((record, i) => lineOf(shared, record, (samples[i] as [Json, Origin])[1]));
          expect(together).toEqual(alone);
        }),
      );
    });

    it('writes one line', (context) => {
      if (severalLines !== undefined) context.skip(`${kind.name}: ${severalLines}`);
      const format = open();
      fc.assert(
        fc.property(sample, ([item, origin]) => {
          expect(lineOf(format, recordOf(JSON.stringify(item)), origin)).not.toMatch(/[\n\r]/);
        }),
      );
    });

    it('parses back', () => {
      const format = open();
      fc.assert(
        fc.property(sample, ([item, origin]) => {
          const record = recordOf(JSON.stringify(item));
          const line = lineOf(format, record, origin);
          expect(() => read(line, record, origin)).not.toThrow();
          if (format.json) expect(Object.keys(JSON.parse(line))).not.toHaveLength(0);
        }),
      );
    });

    it('leaves what it is given as it was', () => {
      const format = open();
      const json = '{"id":"1","name":null,"list":[null,{"a":null}]}';
      const record = recordOf(json, { meta: { snapshot: 's1' } });
      const origin = Object.freeze({ stream: 'events', tenant: Object.freeze({ id: 't', name: 'T', labels: Object.freeze({}) }) });
      lineOf(format, record, origin);
      expect(record.json).toBe(json);
    });

    it('refuses an odd item with `rejected` or writes it, and fails in no other way', () => {
      const format = open();
      for (const odd of ['null', '1', '"text"', '[]', '[{"a":null}]', '{}', '{ }', '{"":""}', '{"id":5,"created_at":{},"type":[],"severity":null,"name":7}']) {
        try {
          lineOf(format, recordOf(odd), origins[0] as Origin);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect(error).toMatchObject({ kind: 'rejected' });
        }
      }
    });
  });
}
