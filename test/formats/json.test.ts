import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Origin } from '../../src/core/types.ts';
import { datastreamOf, json, jsonFields } from '../../src/formats/json.ts';
import { streams } from '../../src/streams/index.ts';
import { anyItem, formatLaws, lineOf, origins, recordOf } from '../laws/format.laws.ts';

const origin: Origin = { stream: 'events', tenant: { id: 't1', name: 'Acme', labels: {} } };
const fetchedAt = Date.parse('2026-11-21T10:00:00.000Z');
const added = '"tenant":{"id":"t1","name":"Acme"},"datastream":"event","fetchedAt":"2026-11-21T10:00:00.000Z"';
const line = (item: string, more: { meta?: Json; origin?: Origin } = {}) =>
  lineOf(json.open({}), recordOf(item, { fetchedAt, ...more }), more.origin ?? origin);

formatLaws(json, {
  read: (text, record, from) => expect(JSON.parse(text)).toEqual({ ...withoutNulls(JSON.parse(record.json)), ...additions(from, record.fetchedAt) }),
});

describe('json', () => {
  it.each([
    ['{"id":"1","b":[1,2]}', `{"id":"1","b":[1,2],${added}}`],
    ['{}', `{${added}}`],
    ['{ }', `{ ${added}}`],
    ['{"a":null}', `{${added}}`],
    ['{"a":null,"b":1}', `{"b":1,${added}}`],
    ['{"a":1,"b":null}', `{"a":1,${added}}`],
    ['{"a":null,"b":null,"c":1,"d":null,"e":2,"f":null}', `{"c":1,"e":2,${added}}`],
    ['{"a":{"b":null},"c":[null,{"d":null,"e":[]}]}', `{"a":{},"c":[null,{"e":[]}],${added}}`],
    ['{"a":"null","b":"x\\"null"}', `{"a":"null","b":"x\\"null",${added}}`],
    ['{"n":12345678901234567890,"m":1.10,"x":null,"e":1E400}', `{"n":12345678901234567890,"m":1.10,"e":1E400,${added}}`],
    ['[null,{"a":null}]', `{"value":[null,{}],${added}}`],
    ['"text"', `{"value":"text",${added}}`],
    ['null', `{${added}}`],
  ])('makes of %s %s', (item, expected) => {
    expect(line(item)).toBe(expected);
  });

  it("keeps an item's own values, and completes its own tenant", () => {
    expect(JSON.parse(line('{"tenant":{"id":"own"},"datastream":"mine"}'))).toEqual({
      tenant: { id: 'own', name: 'Acme' },
      datastream: 'mine',
      fetchedAt: '2026-11-21T10:00:00.000Z',
    });
    expect(JSON.parse(line('{"tenant":{"id":null,"x":{"id":null}},"fetchedAt":null}'))).toEqual({
      tenant: { id: 't1', name: 'Acme', x: {} },
      datastream: 'event',
      fetchedAt: '2026-11-21T10:00:00.000Z',
    });
    expect(JSON.parse(line('{"tenant":"text"}')).tenant).toBe('text');
    expect(JSON.parse(line('{"tenant":{}}')).tenant).toEqual({ id: 't1', name: 'Acme' });
    expect(JSON.parse(line('{"deep":{"tenant":1}}'))).toMatchObject({ deep: { tenant: 1 }, tenant: { id: 't1', name: 'Acme' } });
  });

  it('sees through an escaped key', () => {
    const text = line('{"\\u0074enant":{"id":"own"},"a":1}');
    expect(text.match(/enant/g)).toHaveLength(1);
    expect(JSON.parse(text).tenant).toEqual({ id: 'own', name: 'Acme' });
  });

  it('adds what is known beyond the item', () => {
    expect(JSON.parse(line('{"a":1}', { meta: { snapshot: { id: 's', time: 1 }, change: 'added', none: null } }))).toMatchObject({
      a: 1,
      snapshot: { id: 's', time: 1 },
      change: 'added',
    });
    expect(JSON.parse(line('{"change":"own"}', { meta: { change: 'added', tenant: 1 } }))).toMatchObject({ change: 'own', tenant: { id: 't1' } });
  });

  it.each([
    ['events', 'event'],
    ['siem-alerts', 'alert'],
    ['alerts', 'alert'],
    ['endpoints', 'endpoint'],
    ['policies', 'policy'],
    ['account-health', 'account-health'],
    ['constructor', 'constructor'],
  ])('calls a record of %s %s', (stream, word) => {
    expect(JSON.parse(line('{"a":1}', { origin: { ...origin, stream } })).datastream).toBe(word);
  });

  it('calls records as their streams do', () => {
    for (const kind of streams) expect(datastreamOf(kind.name), kind.name).toBe(kind.datastream);
  });

  it('keeps every value but null members, written with any blanks', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
        const item = JSON.stringify({ v: value }, null, indent);
        const { tenant: _t, datastream: _d, fetchedAt: _f, ...rest } = JSON.parse(line(item));
        expect(rest).toEqual(withoutNulls(JSON.parse(item)));
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses broken text, and never hangs on it', () => {
    fc.assert(
      fc.property(anyItem, fc.nat(), (item, seed) => {
        const whole = JSON.stringify({ tenant: 1, ...(item as object) });
        const cut = whole.slice(0, seed % whole.length);
        expect(() => line(cut)).toThrow(expect.objectContaining({ kind: 'rejected' }));
      }),
    );
    for (const broken of [
      '{"a":null,}',
      '{"a":null "b":1',
      '{null:null}',
      '{"a"null}',
      '{"null":[}',
      '{"a":null}}',
      '{"a":nope,"b":null}',
      '{"b":1 "a":null}',
      '[1 {"a":null}]',
      '{,"a":null}',
    ])
      expect(() => line(broken), broken).toThrow(expect.objectContaining({ kind: 'rejected' }));
  });

  it('refuses what is nested without end', () => {
    expect(() => line(`{"null":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).toThrow(expect.objectContaining({ code: 'format.too-deep' }));
  });

  it('shows filters the same fields', () => {
    fc.assert(
      fc.property(
        anyItem,
        fc.constantFrom(...origins),
        fc.constantFrom<Json>({}, { tenant: { id: 'own', x: null } }, { tenant: null, datastream: 4 }),
        (item, from, own) => {
          const record = recordOf(JSON.stringify({ ...(item as object), ...(own as object) }), { fetchedAt, meta: { change: 'added' } });
          expect(withoutNulls(jsonFields(record, from) as Json)).toEqual(JSON.parse(lineOf(json.open({}), record, from)));
        },
      ),
    );
  });
});

function additions({ stream, tenant }: Origin, at: number) {
  return { tenant: { id: tenant.id, name: tenant.name }, datastream: stream === 'events' ? 'event' : 'alert', fetchedAt: new Date(at).toISOString() };
}

/** The same in two lines of ordinary code. */
function withoutNulls<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, inner) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).filter(([, of]) => of !== null));
  });
}
