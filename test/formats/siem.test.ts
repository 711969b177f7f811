import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Origin } from '../../src/core/types.ts';
import { siemCef } from '../../src/formats/siem-cef.ts';
import { siemJson } from '../../src/formats/siem-json.ts';
import { siemKeyvalue } from '../../src/formats/siem-keyvalue.ts';
import { anyItem, formatLaws, lineOf, origins, recordOf } from '../laws/format.laws.ts';

const severalLines = 'siem.py keeps a line break inside a value, and parsers built on it expect that';
const options = [{}, { convertDhost: false }];
const origin: Origin = { stream: 'events', tenant: { id: 't', name: 'T', labels: {} } };
const kinds = { json: siemJson, cef: siemCef, keyvalue: siemKeyvalue };
const line = (
  kind: keyof typeof kinds,
  item: string,
  { convertDhost = true, from = origin, meta }: { convertDhost?: boolean; from?: Origin; meta?: Json } = {},
) => lineOf(kinds[kind].open({ convertDhost }), recordOf(item, meta === undefined ? {} : { meta }), from);

formatLaws(siemJson, {
  options,
  read: (text, record, { stream }) => {
    const { id, datastream } = JSON.parse(text);
    expect([id, datastream]).toEqual([JSON.parse(record.json).id, stream === 'events' ? 'event' : 'alert']);
  },
});

formatLaws(siemCef, {
  options,
  severalLines,
  read: (text, record) => {
    // Whatever the values hold, the header is whole: seven parts, set apart by bars that no backslash precedes.
    const parts = /^CEF:0\|sophos\|sophos central\|1\.0\|((?:[^|\\]|\\[|\\])*)\|((?:[^|\\]|\\[|\\])*)\|(0|1|5|8|10)\|/.exec(text);
    expect(parts?.[1]).toBe(JSON.parse(record.json).type ?? 'NA');
    expect(text).toContain(`id=${JSON.parse(record.json).id}`);
  },
});

formatLaws(siemKeyvalue, {
  options,
  severalLines,
  read: (text, record) => expect(text).toContain(`id="${JSON.parse(record.json).id}";`),
});

describe('siem-json', () => {
  it.each([
    ['{"z":1,"7":2,"__proto__":{"a":1},"constructor":null}', '{"z": 1, "7": 2, "__proto__": {"a": 1}, "datastream": "event"}'],
    [
      '{"a":[null,1.0,1e5,12345678901234567890,-0,true],"b":{"c":null}}',
      '{"a": [null, 1.0, 100000.0, 12345678901234567890, 0, true], "b": {"c": null}, "datastream": "event"}',
    ],
    ['{"datastream":"own","a":1}', '{"datastream": "event", "a": 1}'],
    ['{"a":1,"b":2,"a":3}', '{"a": 3, "b": 2, "datastream": "event"}'],
    ['{"a":"é/\\u2028\\u007f\\u0001\\/"}', '{"a": "é/\u2028\u007f\\u0001/", "datastream": "event"}'],
    ['{"suser":"x","source":"y","when":1}', '{"suser": "y", "datastream": "event", "end": 1}'],
    ['{"device_event_class_id":"t","description":"d"}', '{"description": "d", "datastream": "event", "type": "t", "name": "d"}'],
    ['{}', '{"datastream": "event"}'],
    ['[1]', '{"value": [1], "datastream": "event"}'],
    ['null', '{"datastream": "event"}'],
  ])('makes of %s %s', (item, expected) => {
    expect(line('json', item)).toBe(expected);
  });

  it.each([
    ["Mike's PC", 'mike-s-pc'],
    ['ok-name.Example', 'ok-name.Example'],
    [' ok. ', ' ok. '],
    ['a--b', 'a--b'],
    ['-bad-', 'bad'],
    ['', ''],
  ])('makes of the host name "%s" "%s"', (location, dhost) => {
    expect(JSON.parse(line('json', JSON.stringify({ location })))).toMatchObject({ dhost });
    expect(JSON.parse(line('json', JSON.stringify({ location }), { convertDhost: false }))).toMatchObject({ dhost: location });
  });

  it('prints what siem.py would have stopped for', () => {
    const odd = '{"type":["x"],"name":7,"location":{"a":1},"created_at":5,"description":{"b":null}}';
    expect(line('json', odd)).toBe('{"type": ["x"], "name": {"b": null}, "description": {"b": null}, "datastream": "event", "dhost": {"a": 1}, "rt": 5}');
    expect(line('keyvalue', odd)).toMatch(/^5 type="\['x'\]"; name="\{'b': None\}"; /);
    expect(line('cef', odd)).toBe("CEF:0|sophos|sophos central|1.0|['x']|NA|0|name_b=None location_a=1 description_b=None datastream=event rt=5");
    expect(line('keyvalue', '{"a":1}')).toBe('a="1"; datastream="event";');
  });

  it('calls records of other streams by their names, and keeps what is known of a snapshot', () => {
    const from = { ...origin, stream: 'endpoints' };
    expect(line('json', '{"id":"1"}', { from, meta: { snapshot: { id: 's' }, change: 'removed', id: 'no', none: null } })).toBe(
      '{"id": "1", "datastream": "endpoint", "snapshot": {"id": "s"}, "change": "removed"}',
    );
    expect(line('json', '{"id":"1"}', { meta: { backfill: true } }), 'siem.py knows nothing of this').toBe('{"id": "1", "datastream": "event"}');
  });
});

describe('siem-cef', () => {
  it.each([
    [
      '{"type":"a|b\\\\","name":"n\\nm|","severity":"critical","x":"a=b\\\\|"}',
      'CEF:0|sophos|sophos central|1.0|a\\|b\\\\|n\nm\\||0|x=a\\=b\\\\| datastream=event',
    ],
    ['{"a":{"b":{"c":1,"d":{}},"e":[{"f":"it\'s"}]},"a_e":5}', 'CEF:0|sophos|sophos central|1.0|NA|NA|0|a_b_c=1 a_e=5 datastream=event'],
    ['{"user":{"id":null},"user_id":"u"}', 'CEF:0|sophos|sophos central|1.0|NA|NA|0|datastream=event duid=u'],
    ['{"severity":["high"],"when":" x "}', 'CEF:0|sophos|sophos central|1.0|NA|NA|0|datastream=event end= x'],
    ['{"severity":"very_high","":{"":1}}', 'CEF:0|sophos|sophos central|1.0|NA|NA|10|_=1 datastream=event'],
  ])('makes of %s %s', (item, expected) => {
    expect(line('cef', item)).toBe(expected);
  });
});

describe('an item whose names multiply when it is flattened', () => {
  it('is refused, and does not fill the memory', () => {
    const key = 'k'.repeat(100);
    const item = `${`{"a":1,"${key}":`.repeat(5_000)}1${'}'.repeat(5_000)}`;
    expect(() => line('cef', item)).toThrow(expect.objectContaining({ kind: 'rejected', code: 'format.too-deep' }));
    expect(line('json', item)).toContain('"datastream": "event"');
  });
});

describe('siem-keyvalue', () => {
  it.each([
    ['{"created_at":" t ","a":"q\\"=;\\n","b":["x",{"y":"\\""}]}', 't  a="q"=;\n"; b="[\'x\', {\'y\': \'"\'}]"; datastream="event"; rt=" t ";'],
    ['{" a":true}', 'a="True"; datastream="event";'],
  ])('makes of %s %s', (item, expected) => {
    expect(line('keyvalue', item)).toBe(expected);
  });
});

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('siem-%s', (kind) => {
  it('is stopped by no value', () => {
    const hostile = fc.oneof(fc.constantFrom('\ud83d', '__proto__', '\n|=\\"', '\0', 'x'.repeat(65_536)), fc.string({ unit: 'binary' }));
    const names = fc.constantFrom('type', 'name', 'description', 'severity', 'location', 'created_at', 'datastream', '__proto__', '1', '');
    const values = fc.oneof(
      hostile,
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('Event::Endpoint::Threat::Detected', 'Event::Endpoint::DataLossPreventionUserAllowed'),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.oneof(names, hostile), values)), fc.constantFrom('events', 'siem-alerts', 'endpoints', 'odd'), (members, stream) => {
        const item = `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
        const text = line(kind, item, { from: { ...origin, stream } });
        if (kind === 'json') expect(JSON.parse(text)).toHaveProperty('datastream');
        else expect(text).toContain('datastream=');
      }),
    );
  });

  it('reads what is nested 9,000 deep, refuses what is nested without end, and what is no JSON', () => {
    const nested = (open: string, close: string, depth: number) => `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;
    expect(line(kind, nested('[', ']', 9_000))).toContain('['.repeat(9_000));
    expect(line(kind, nested('{"b":', '}', 9_000)).length).toBeGreaterThan(18_000);
    expect(() => line(kind, nested('[', ']', 20_000))).toThrow(expect.objectContaining({ kind: 'rejected', code: 'format.too-deep' }));
    expect(() => line(kind, '{"a":')).toThrow(expect.objectContaining({ kind: 'rejected', code: 'format.not-json' }));
  });

  it('is not slowed down by a name made for it', () => {
    const marks = [
      'An \u2033',
      '\u2033',
      ' Username: ',
      '  Rule names: \u2032',
      '\u2032  User action: ',
      '  Application Name: ',
      '  Data Control action: ',
      '  File type: ',
      '  File size: 1',
    ];
    const name = marks.map((mark) => `${mark}x`.repeat(400)).join('');
    const item = JSON.stringify({ type: 'Event::Endpoint::DataLossPreventionUserAllowed', name });
    expect(line(kind, item)).toContain('Username');
    const quotes = JSON.stringify({ type: 'Event::Endpoint::Threat::Detected', name: "'a'\n".repeat(20_000) });
    expect(line(kind, quotes)).toContain("'a'");
  });

  it('takes no other options', () => {
    expect(kinds[kind].options.parse({})).toEqual({ convertDhost: true });
    expect(() => kinds[kind].options.parse({ convertdhost: true })).toThrow();
  });

  it('knows the streams of the laws', () => {
    fc.assert(
      fc.property(anyItem, fc.constantFrom(...origins), (item, from) => {
        expect(line(kind, JSON.stringify(item), { from })).toContain(from.stream === 'events' ? 'event' : 'alert');
      }),
      { numRuns: 20 },
    );
  });
});
