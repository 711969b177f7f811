import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineBuffer } from '../../src/core/pack.ts';
import type { Parcel } from '../../src/core/types.ts';
import { compileEnvelope } from '../../src/sinks/splunk-hec/envelope.ts';
import { noon, parcelOf } from '../laws/parcels.ts';

const bare = { host: undefined, source: undefined, sourcetype: undefined, index: undefined, fields: {} };
const full = {
  host: 'central.sophos.com',
  source: 'sophos:{tenant.name}',
  sourcetype: 'sophos:central:{stream}',
  index: '{tenant.label.index}',
  fields: { customer: '{tenant.name}', day: '{date}', cost: '{tenant.label.cost}' },
};

const eventsOf = (body: Buffer) =>
  body
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** A parcel of one record whose line is these bytes. */
function parcelOfBytes(bytes: Uint8Array, json: boolean): Parcel {
  const [section] = parcelOf([{ tenant: 't', items: [''] }]).sections;
  const lines = new LineBuffer();
  lines.utf8(bytes);
  lines.endLine();
  return { sections: section ? [{ ...section, json, lines: lines.lines() }] : [] };
}

describe('the envelope', () => {
  it('holds nothing but time, event and record id when nothing else is set', () => {
    const parcel = parcelOf([{ tenant: 'T', items: [{ line: '{"a":1}', key: 'K', time: 1_795_158_472_085 }] }]);
    expect(compileEnvelope(bare).write(parcel).toString()).toBe('{"time":1795158472.085,"event":{"a":1},"fields":{"sophos_record":"T/events/K"}}\n');
  });

  it('holds what is set, in the vendor`s order, for each origin its own', () => {
    const parcel = parcelOf([
      {
        tenant: 'T1',
        name: 'Acme "A"',
        labels: { index: 'acme', cost: '42' },
        items: [
          { line: '{"a":1}', key: 'k1' },
          { line: '{"b": [ 2 ]}', key: 'k2' },
        ],
      },
      { tenant: 'T2', name: 'Größe\n', stream: 'siem-alerts', json: false, items: [{ line: 'a "b"', key: 'k"3' }] },
    ]);
    expect(compileEnvelope(full).write(parcel).toString()).toBe(
      [
        '{"time":1772359200.000,"host":"central.sophos.com","source":"sophos:Acme \\"A\\"","sourcetype":"sophos:central:events","index":"acme","event":{"a":1},"fields":{"customer":"Acme \\"A\\"","day":"2026-03-01","cost":"42","sophos_record":"T1/events/k1"}}\n',
        '{"time":1772359200.000,"host":"central.sophos.com","source":"sophos:Acme \\"A\\"","sourcetype":"sophos:central:events","index":"acme","event":{"b": [ 2 ]},"fields":{"customer":"Acme \\"A\\"","day":"2026-03-01","cost":"42","sophos_record":"T1/events/k2"}}\n',
        '{"time":1772359200.000,"host":"central.sophos.com","source":"sophos:Größe\\n","sourcetype":"sophos:central:siem-alerts","event":"a \\"b\\"","fields":{"customer":"Größe\\n","day":"2026-03-01","sophos_record":"T2/siem-alerts/k\\"3"}}\n',
      ].join(''),
    );
  });

  it('changes with the date of the record', () => {
    const items = [noon, noon + 1, noon + 86_400_000, noon].map((time) => ({ line: '{}', time }));
    const days = eventsOf(compileEnvelope({ ...bare, source: '{date}' }).write(parcelOf([{ tenant: 'T', items }]))).map(({ source }) => source);
    expect(days).toEqual(['2026-03-01', '2026-03-01', '2026-03-02', '2026-03-01']);
  });

  it('gives the time in seconds to the millisecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 4e12 }), (time) => {
        const [event] = eventsOf(compileEnvelope(bare).write(parcelOf([{ tenant: 'T', items: [{ line: '{}', time }] }])));
        expect(Math.round(event.time * 1000)).toBe(time);
      }),
    );
    const [timeless] = eventsOf(compileEnvelope(bare).write(parcelOf([{ tenant: 'T', items: [{ line: '{}', time: Number.NaN }] }])));
    expect(timeless.time).toBe(0);
  });

  it('knows whether all events share an index', () => {
    const isOne = (index: string | undefined) => compileEnvelope({ ...bare, index }).isOneIndex;
    expect([undefined, 'main', '{stream}', 'sophos-{date}'].map(isOne)).toEqual([true, true, false, false]);
  });

  it('gives back every text, JSON object, key and name as it was', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(fc.record({ line: text, key: text }), { minLength: 1 }), fc.array(fc.jsonValue()), text, text, (texts, values, name, label) => {
        const body = compileEnvelope(full).write(
          parcelOf([
            { tenant: name, name, labels: { index: label }, json: false, items: texts },
            { tenant: 'T2', items: values.map((value) => JSON.stringify(value)) },
          ]),
        );
        const events = eventsOf(body);
        expect(events.map(({ event }) => event)).toEqual([...texts.map(({ line }) => line), ...values.map((value) => JSON.parse(JSON.stringify(value)))]);
        for (const [i, { key }] of texts.entries()) expect(events[i].fields.sophos_record).toBe(`${name}/events/${key}`);
        expect(events[0].index ?? '').toBe(label);
        expect(events[0].source).toBe(`sophos:${name}`);
      }),
    );
  });

  it('makes valid JSON and UTF-8 of any bytes, and loses none that are valid', () => {
    const envelope = compileEnvelope(bare);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const [event] = eventsOf(envelope.write(parcelOfBytes(bytes, false)));
        expect(event.event).toBe(Buffer.from(bytes).toString('utf8'));
      }),
    );
    const half = envelope.write(parcelOfBytes(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]), true));
    expect(eventsOf(half)[0].event.a).toMatch(/^\ufffd+$/);
  });

  it('replaces halves of surrogate pairs in keys and names', () => {
    const body = compileEnvelope(full).write(parcelOf([{ tenant: 'T', name: 'a\ud800b', items: [{ line: '{}', key: '\udc00' }] }]));
    expect(body.toString()).not.toMatch(/\\ud[89a-f]/i);
    expect(eventsOf(body)[0]).toMatchObject({ source: 'sophos:a\ufffdb', fields: { sophos_record: 'T/events/\ufffd' } });
  });

  it('says no less than what a record of usual size takes beside its line', () => {
    const id = '7c3a5e1c-0f7e-4f3c-9a6e-0a1b2c3d4e5f';
    const envelope = compileEnvelope(full);
    const parcel = parcelOf([
      { tenant: id, name: 'A customer with a name of some length', labels: { index: 'sophos', cost: '42' }, items: [{ line: '{}', key: id }] },
    ]);
    expect(envelope.write(parcel).length - 3).toBeLessThan(envelope.overheadBytes);
  });
});
