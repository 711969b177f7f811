import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Origin } from '../../src/core/types.ts';
import { leef } from '../../src/formats/leef.ts';
import { formatLaws, lineOf, recordOf } from '../laws/format.laws.ts';
import { hostileItem, hostileOrigin } from './hostile.ts';
import { attributeFaults, parseLeef } from './leef-parser.ts';

const origin: Origin = { stream: 'events', tenant: { id: 't', name: 'T', labels: {} } };
const line = (item: string, from: Origin = origin, options: unknown = {}) => lineOf(leef.open(leef.options.parse(options)), recordOf(item), from);
const read = (item: unknown, from?: Origin, options?: unknown) => parseLeef(line(JSON.stringify(item), from, options));

formatLaws(leef, {
  options: [{}, { delimiter: '^' }],
  read: (written, record) => {
    const parsed = parseLeef(written);
    expect(attributeFaults(parsed)).toEqual([]);
    expect(parsed.attributes.get('eventId')).toBe(JSON.parse(record.json).id);
  },
});

describe('leef', () => {
  it('is well formed whatever a record holds, and nothing in a record becomes a header or an attribute', () => {
    fc.assert(
      fc.property(hostileItem, hostileOrigin, fc.constantFrom('tab', '^', '@'), (item, from, delimiter) => {
        const written = line(item, from, { delimiter });
        expect(written).not.toMatch(/[\n\r\0\u2028]/);
        const parsed = parseLeef(written);
        expect(attributeFaults(parsed)).toEqual([]);
        expect([parsed.vendor, parsed.product, parsed.version]).toEqual(['Sophos', 'Sophos Central', '1.0']);
        expect(parsed.attributes.get('stream')).toBe(from.stream);
        for (const key of ['action', 'recordedTime', 'collectedTime']) expect([...parsed.attributes.keys()]).toContain(key);
      }),
      { numRuns: 300 },
    );
  });

  it('declares its delimiter, and changes nothing else of a value but what would end it', () => {
    const name = 'a=b|c^d\te\\f "g"\nh';
    expect(line(JSON.stringify({ name }))).toMatch(/^LEEF:2\.0\|Sophos\|Sophos Central\|1\.0\|event\|x09\|devTimeFormat=/);
    expect(read({ name }).attributes.get('eventName')).toBe('a=b|c^d e\\f "g" h');
    expect(line(JSON.stringify({ name }), origin, { delimiter: '^' })).toMatch(/\|x5E\|devTimeFormat=[^^]*\^devTime=/);
    expect(read({ name }, origin, { delimiter: '^' }).attributes.get('eventName')).toBe('a=b|c d e\\f "g" h');
    expect(read({ type: 'a|b\tc' }).eventId).toBe('a b c');
  });

  it('tells the time as its format says', () => {
    const { attributes } = read({ when: '2026-10-01T14:20:28.605Z', created_at: '2026-10-01T14:20:30Z' });
    expect(attributes.get('devTimeFormat')).toBe("yyyy-MM-dd'T'HH:mm:ss.SSSZ");
    expect([attributes.get('devTime'), attributes.get('recordedTime')]).toEqual(['2026-10-01T14:20:28.605+0000', '2026-10-01T14:20:30.000+0000']);
  });

  it.each([
    ['none', '1'],
    ['low', '3'],
    ['medium', '5'],
    ['high', '8'],
    ['very_high', '9'],
    ['critical', '10'],
    ['dire', '5'],
  ])('gives the severity %s the number %s', (severity, sev) => {
    expect(read({ severity }).attributes.get('sev')).toBe(sev);
    expect(read({ severity }).attributes.get('severityText')).toBe(severity);
  });

  it('takes the device for the source, unless another machine reached out for it', () => {
    const item = { location: "Zoe's PC", source: 'D\\u', source_info: { ip: '192.0.2.31' } };
    const pick = (value: unknown) => ['src', 'srcPort', 'dst', 'dstPort', 'resource', 'usrName', 'domain'].map((key) => read(value).attributes.get(key));
    expect(pick(item)).toEqual(['192.0.2.31', undefined, undefined, undefined, "Zoe's PC", 'u', 'D']);
    const seen = { localPort: '445', remotePort: '50123', remoteIp: '198.51.100.7' };
    expect(pick({ ...item, ips_threat_data: { ...seen, detectionType: 0 } })).toEqual(['198.51.100.7', '50123', '192.0.2.31', '445', "Zoe's PC", 'u', 'D']);
    expect(pick({ ...item, ips_threat_data: { ...seen, detectionType: 1 } })).toEqual(['192.0.2.31', '445', '198.51.100.7', '50123', "Zoe's PC", 'u', 'D']);
  });

  it('keeps a huge value from pushing out the others', () => {
    const { attributes } = read({ name: '💥'.repeat(40_000), threat: 'T' });
    expect([attributes.get('eventName')?.length, attributes.get('threatName')]).toEqual([1_999, 'T']);
  });

  it('takes no delimiter that could stand for something else', () => {
    for (const delimiter of ['', '|', '=', ' ', 'a', '\n', '^^', '\\']) expect(() => leef.options.parse({ delimiter })).toThrow();
    expect(() => leef.options.parse({ odd: 1 })).toThrow();
  });
});
