import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Json, Origin } from '../../src/core/types.ts';
import { keyvalue } from '../../src/formats/keyvalue.ts';
import { formatLaws, lineOf, recordOf } from '../laws/format.laws.ts';
import { hostileItem, hostileOrigin } from './hostile.ts';
import { memberOf, parseKeyvalue } from './keyvalue-parser.ts';

const origin: Origin = { stream: 'events', tenant: { id: 't', name: 'T', labels: {} } };
const line = (item: string, from: Origin = origin, meta?: Json) => lineOf(keyvalue.open({}), recordOf(item, meta === undefined ? {} : { meta }), from);

/** What is found by a reader that knows quotes and no escapes, as Splunk with KV_MODE=auto and many others. */
const simply = (text: string) => [...text.matchAll(/([^\s="]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);

/** The leaves of an item by the way to them, as JSON.parse has it. */
function leaves(value: unknown, way: readonly string[] = []): [way: string, text: string][] {
  if (value === null) return [];
  if (typeof value !== 'object') return [[JSON.stringify(way), String(value)]];
  return Object.entries(value as object).flatMap(([key, inner]) => leaves(inner, [...way, key]));
}

/** The same of a line: texts by the way that their names tell. */
const told = (text: string) => [...parseKeyvalue(text)].map(([name, value]): [string, string] => [JSON.stringify(name.split('.').map(memberOf)), value]);

formatLaws(keyvalue, {
  read: (written, record, { tenant }) => {
    const found = parseKeyvalue(written);
    expect(found.get('id')).toBe(JSON.parse(record.json).id);
    expect([found.get('tenant.id'), found.get('tenant.name')]).toEqual([tenant.id, tenant.name]);
    const byWay = new Map(told(written));
    for (const [way, text] of leaves(JSON.parse(record.json))) expect(byWay.get(way)).toBe(text);
  },
});

describe('keyvalue', () => {
  it.each([
    [
      '{"id":"1","n":1.50,"big":12345678901234567890,"ok":true,"no":null,"empty":{},"none":[],"text":""}',
      'id="1" n="1.5" big="12345678901234567890" ok="true" text=""',
    ],
    ['{"a":{"b":[{"c":"x"},null,["y"]]}}', 'a.b.0.c="x" a.b.2.0="y"'],
    ['{"a":"\\" \\\\ \\n \\r \\t \\u0000 \\u2028 é 💥"}', 'a="\\u0022 \\\\ \\n \\r \\t \\u0000 \\u2028 é 💥"'],
    [
      '{"a b":1,"a.b":2,"x=\\"":3,"":4,"_time":5,"7":6,"a_x0020_b":7}',
      'a_x0020_b="1" a_x002E_b="2" x_x003D__x0022_="3" _x_="4" _x005F_time="5" _x0037_="6" a_x005F_x0020_b="7"',
    ],
    ['["x"]', 'value.0="x"'],
    ['"x"', 'value="x"'],
  ])('makes of %s %s', (item, expected) => {
    expect(line(item)).toBe(
      `time="2025-10-09T08:53:20.000Z" ${expected} tenant.id="t" tenant.name="T" datastream="event" fetchedAt="2025-10-09T08:54:20.000Z"`,
    );
  });

  it("keeps an item's own fields, and completes its own tenant", () => {
    expect(line('{"time":"x","tenant":{"id":"own"},"datastream":"d","fetchedAt":0}', origin, { change: 'added' })).toBe(
      'time="x" tenant.id="own" tenant.name="T" datastream="d" fetchedAt="0" change="added"',
    );
    expect(line('{"time":null,"tenant":"own"}')).toBe('time="2025-10-09T08:53:20.000Z" tenant="own" datastream="event" fetchedAt="2025-10-09T08:54:20.000Z"');
  });

  it('loses no field, merges no two, and is read alike with and without escapes, whatever a record holds', () => {
    fc.assert(
      fc.property(hostileItem, hostileOrigin, (item, from) => {
        const written = line(item, from);
        expect(written).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        const found = told(written);
        expect(new Map(found).size).toBe(found.length);
        const expected = new Map(leaves(JSON.parse(item)).map(([way, text]) => [way, text]));
        for (const [way, text] of found) {
          const own = expected.get(way);
          if (own !== undefined && Number.isNaN(Number(own))) expect(text).toBe(own);
          expected.delete(way);
        }
        expect([...expected.keys()]).toEqual([]);
        expect(simply(written)).toEqual([...parseKeyvalue(written).keys()].map((name, i) => [name, simply(written)[i]?.[1]]));
        for (const [name = '', value = ''] of simply(written)) expect(JSON.parse(`"${value}"`)).toBe(parseKeyvalue(written).get(name));
      }),
      { numRuns: 300 },
    );
  });

  it('is split by a shell into the same pairs', (context: TestContext) => {
    const lines = fc.sample(fc.tuple(hostileItem, hostileOrigin), { numRuns: 200, seed: 7 }).map(([item, from]) => line(item, from));
    const { status, stdout, stderr, error } = spawnSync('python3', ['-I', '-S', '-E', join(import.meta.dirname, 'keyvalue.py')], {
      input: lines.join('\n'),
      encoding: 'utf8',
      maxBuffer: 1 << 29,
    });
    if (error) context.skip('there is no python3 on this machine');
    expect(status, stderr).toBe(0);
    const words = stdout
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(words).toEqual(lines.map((each) => simply(each).map(([name, value]) => `${name}=${value?.replaceAll('\\\\', '\\')}`)));
  });

  it('writes what is nested 9,000 deep, and refuses what is nested without end or multiplies when it is flattened', () => {
    const nested = (open: string, close: string, depth: number) => `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;
    expect(line(nested('[', ']', 9_000))).toContain(`a${'.0'.repeat(9_000)}="1"`);
    expect(() => line(nested('[', ']', 20_000))).toThrow(expect.objectContaining({ kind: 'rejected', code: 'format.too-deep' }));
    const key = 'k'.repeat(100);
    const item = `${`{"a":1,"${key}":`.repeat(5_000)}1${'}'.repeat(5_000)}`;
    expect(() => line(item)).toThrow(expect.objectContaining({ kind: 'rejected', code: 'format.too-deep' }));
  });

  it('takes no options', () => {
    expect(() => keyvalue.options.parse({ odd: 1 })).toThrow();
  });
});
