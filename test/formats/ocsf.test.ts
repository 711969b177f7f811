/** Every record that `ocsf` writes is valid by the published schema, whatever the record holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Json } from '../../src/core/types.ts';
import { meaningOf } from '../../src/formats/meaning/meaning.ts';
import { classes, dispositions } from '../../src/formats/ocsf/classes.ts';
import { ocsf } from '../../src/formats/ocsf.ts';
import { sorts } from '../../src/simulator/catalogue.ts';
import { randomFrom } from '../../src/simulator/random.ts';
import { formatLaws, lineOf, recordOf } from '../laws/format.laws.ts';
import { type Event, findingsOn, schema } from './ocsf-schema.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8');
const types: string[] = JSON.parse(fixture('sophos-types.json'));
const golden: { readonly _stream: string; readonly item: Readonly<Record<string, Json>> }[] = fixture('siem/items.ndjson')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

const format = ocsf.open(ocsf.options.parse({}));
const originOf = (stream: string) => ({ stream, tenant: { id: '0b1c2d3e-0000-4000-8000-000000000001', name: 'Acme', labels: {} } });

function eventOf(item: unknown, stream = 'events', meta?: Json): Event {
  return JSON.parse(lineOf(format, recordOf(JSON.stringify(item), meta === undefined ? {} : { meta }), originOf(stream)));
}

function valid(item: unknown, stream = 'events', meta?: Json): Event {
  const event = eventOf(item, stream, meta);
  expect(findingsOn(event), JSON.stringify(item).slice(0, 500)).toEqual([]);
  return event;
}

formatLaws(ocsf, {
  read(line, record, { tenant }) {
    const event = JSON.parse(line);
    expect(findingsOn(event)).toEqual([]);
    expect(event.metadata.uid).toBe(JSON.parse(record.json).id);
    expect(event.metadata.tenant_uid).toBe(tenant.id);
  },
  options: [{}, { rawData: false }],
});

/** Items of every sort that the simulator's catalogue has, as they are and with another type. */
const random = randomFrom(5);
const samples = sorts.flatMap(({ event }) => [event(random), event(random)]);

describe('the schema', () => {
  it('numbers and names classes and activities as the table here does', () => {
    for (const [name, { uid, activities }] of Object.entries(classes)) {
      const of = schema.classes[name];
      expect([of?.class_uid, of?.category_uid]).toEqual([uid, Math.trunc(uid / 1000)]);
      expect(of?.attributes.activity_id?.enum).toMatchObject(activities);
      expect(of?.attributes.disposition_id?.enum).toMatchObject(dispositions);
    }
  });
});

describe('the validator', () => {
  const good = valid({ id: 'e1', type: 'Event::Endpoint::CoreDetection', threat: 'T', source_info: { ip: '192.0.2.1' }, location: 'PC' });
  const { device, metadata, malware } = good as { device: Event; metadata: Event; malware: Event[] };
  it.each([
    [{ class_uid: 9999 }, 'class_uid'],
    [{ category_uid: 1 }, 'category_uid'],
    [{ type_uid: 1 }, 'type_uid'],
    [{ severity_id: 8 }, 'severity_id'],
    [{ time: 'now' }, 'time'],
    [{ time: undefined }, 'time'],
    [{ odd: 1 }, 'odd'],
    [{ message: 1 }, 'message'],
    [{ finding_info: {} }, 'finding_info.uid'],
    [{ device: { type_id: 0 } }, 'device'],
    [{ device: { ...device, ip: '1.2.3.456' } }, 'device.ip'],
    [{ metadata: { ...metadata, version: '1.7.0' } }, 'metadata.version'],
    [{ metadata: { ...metadata, profiles: ['host'] } }, 'disposition_id'],
    [{ malware: [{ ...malware[0], classification_ids: [18, 98] }] }, 'malware[0].classification_ids[1]'],
    [{ malware: {} }, 'malware'],
    [{ evidences: [{ name: 'nothing' }] }, 'evidences[0]'],
  ])('finds what is wrong with %j', (wrong, where) => {
    expect(findingsOn(JSON.parse(JSON.stringify({ ...good, ...wrong }))).map((each) => each.split(': ')[0])).toContain(where);
  });
});

describe('every documented type', () => {
  it.each(types.map((type) => type.replace('*', 'Something')))('%s is valid with whatever a record holds', (type) => {
    for (const stream of ['events', 'siem-alerts', 'alerts']) {
      valid({ type }, stream);
      for (const [i, { name, ...sample }] of samples.entries())
        valid({ ...sample, ...(stream === 'events' ? { name } : { description: name }), type: i % 2 === 0 ? type : `${type}::SOME_REASON` }, stream);
    }
    for (const { item } of golden.slice(0, 12)) valid({ ...item, type });
  });

  it('keeps its name, its id, its tenant and the whole item', () => {
    for (const type of types) {
      const item = { id: 'e1', type, severity: 'high', name: 'a sentence' };
      expect(valid(item)).toMatchObject({
        severity_id: 4,
        message: 'a sentence',
        raw_data: JSON.stringify(item),
        metadata: { event_code: type, uid: 'e1', version: '1.8.0', log_name: 'events', tenant_uid: originOf('').tenant.id },
      });
    }
  });
});

describe('records', () => {
  it.each(golden.map(({ _stream, item }, i) => ({ number: i + 1, stream: _stream === 'event' ? 'events' : 'siem-alerts', item })))(
    'of the golden file are valid: $number',
    ({ stream, item }) => {
      valid(item, stream);
    },
  );

  it('with odd values in every field are valid', () => {
    const fields = [...new Set([...golden.slice(0, 100).map(({ item }) => item), ...samples].flatMap((item) => Object.keys(item)))];
    const inner = ['managedAgent', 'person', 'tenant', 'device', 'sensor', 'mitreAttacks', 'os', 'assignedProducts', 'initialDetection', 'assignee', 'status'];
    const odd = fc.oneof(
      fc.constantFrom('', ' ', 'n/a', '\\', '\0', '\ud83d', "'", '"', "' at '", 'x'.repeat(65_536), 'a\u2028b', '1.2.3.4', '::1', -1, 1e308, 0.5),
      fc.string({ unit: 'binary' }),
      fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
    );
    const one = fc.dictionary(fc.constantFrom(...fields, ...inner), odd, { maxKeys: 12 });
    const stream = fc.constantFrom(
      'events',
      'siem-alerts',
      'alerts',
      'detections',
      'cases',
      'endpoints',
      'firewalls',
      'users',
      'admins',
      'policies',
      'licenses',
    );
    fc.assert(
      fc.property(one, fc.constantFrom(...types), stream, fc.boolean(), (item, type, name, typed) => {
        valid(typed ? { ...item, type } : item, name);
      }),
      { numRuns: 3000 },
    );
  });

  it('with odd values deep inside are valid', () => {
    const bad = fc.constantFrom<Json>(null, 1, '', 'x', '65536', [], {}, [null], [1], [[]], true, '\ud83d', '999999999999999999');
    const parts = fc.record({
      core_remedy_items: fc.oneof(bad, fc.record({ items: fc.oneof(bad, fc.array(fc.oneof(bad, fc.record({ type: bad, descriptor: bad, result: bad })))) })),
      amsi_threat_data: fc.oneof(bad, fc.record({ processId: bad, processName: bad, processPath: bad, parentProcessId: bad, parentProcessPath: bad })),
      ips_threat_data: fc.oneof(bad, fc.record({ detectionType: bad, localPort: bad, remotePort: bad, remoteIp: bad, rawData: bad, executablePid: bad })),
      details: fc.oneof(bad, fc.array(fc.record({ type: fc.constant('HMPA_PROCESS_PID'), property: bad }))),
      mitreAttacks: fc.array(
        fc.oneof(bad, fc.record({ tactic: fc.oneof(bad, fc.record({ id: bad, name: bad, techniques: fc.array(fc.record({ id: bad, name: bad })) })) })),
      ),
      sensor: fc.oneof(bad, fc.record({ name: bad, type: bad })),
      os: fc.oneof(bad, fc.record({ name: bad, platform: bad, majorVersion: bad, build: bad })),
      ipv4Addresses: fc.oneof(bad, fc.array(bad)),
      macAddresses: fc.oneof(bad, fc.array(bad)),
      assignedProducts: fc.oneof(bad, fc.array(fc.record({ code: bad, version: bad }))),
      assignee: fc.oneof(bad, fc.record({ id: bad, name: bad })),
      hostname: bad,
      source_info: fc.oneof(bad, fc.record({ ip: bad })),
    });
    fc.assert(
      fc.property(parts, fc.constantFrom('events', 'detections', 'cases', 'endpoints', 'firewalls'), fc.constantFrom(...types), (item, stream, type) => {
        valid({ id: 'x', ...item, ...(stream === 'events' ? { type } : {}) }, stream);
      }),
      { numRuns: 2000 },
    );
  });

  it('nested without end are written or refused', () => {
    for (const depth of [15, 100, 5_000, 200_000]) {
      const json = `{"id":"e1","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
      try {
        expect(findingsOn(JSON.parse(lineOf(format, recordOf(json), originOf('events'))))).toEqual([]);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'rejected' });
      }
    }
  });

  it('that are no JSON are refused with a reason', () => {
    expect(() => lineOf(format, recordOf('{"id":'), originOf('events'))).toThrow(Failure);
  });

  it('with names of prototypes change nothing but themselves', () => {
    const json = '{"id":"e1","__proto__":{"polluted":true},"constructor":"c","unknown":1}';
    const event = JSON.parse(lineOf(format, recordOf(json), originOf('events')));
    expect(event.unmapped).toEqual({ constructor: 'c', unknown: 1 });
    expect(event.raw_data).toBe(json);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('too large for `unmapped` say so when they are not there as a whole', () => {
    const item = { id: 'e1', huge: 'x'.repeat(100_000), small: 1 };
    expect(valid(item)).toMatchObject({ unmapped: { small: 1 }, raw_data: JSON.stringify(item) });
    const bare = JSON.parse(lineOf(ocsf.open({ rawData: false, observables: false }), recordOf(JSON.stringify(item)), originOf('events')));
    expect(findingsOn(bare)).toEqual([]);
    expect(bare.raw_data).toBeUndefined();
    expect(bare.metadata).toMatchObject({ is_truncated: true, untruncated_size: JSON.stringify(item).length });
  });
});

describe('docs/ocsf.md', () => {
  it('has the class, activity and disposition of every type', async () => {
    const { device, user } = { device: { endpoint_id: 'd1', location: 'PC-1' }, user: { source: 'ACME\\dana' } };
    const texts: Readonly<Record<string, string>> = { web: "'https://a.example' blocked due to category 'C'", peripheral: 'Peripheral allowed: P' };
    const rows = types.map((type) => {
      const name = texts[meaningOf(type).category] ?? 'n';
      const { class_name, class_uid, activity_name, disposition, metadata } = valid({ id: 'e1', type, name, ...device, ...user });
      const labels = (metadata as { readonly labels: string[] }).labels;
      return `| \`${type.replace('Event::', '')}\` | ${labels[0]}, ${labels[1]} | ${class_name} ${class_uid} | ${activity_name} | ${disposition ?? ''} |`;
    });
    const head = fixture('../../docs/ocsf.md').split('<!-- types -->')[0] ?? '';
    const table = ['| type | category, action | class | activity | disposition |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
    await expect(`${head}<!-- types -->\n\n${table}\n`).toMatchFileSnapshot('../../docs/ocsf.md');
  });
});
