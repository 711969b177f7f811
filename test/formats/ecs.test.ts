/** Every document that `ecs` writes keeps to ECS 8.11 and to the mapping of Elastic's integration, whatever a record holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/types.ts';
import { ecs } from '../../src/formats/ecs.ts';
import { Instants } from '../../src/formats/instants.ts';
import { meaningOf } from '../../src/formats/meaning/meaning.ts';
import { siteOf } from '../../src/formats/site.ts';
import { alertOf, sorts } from '../../src/simulator/catalogue.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { randomFrom } from '../../src/simulator/random.ts';
import { streams } from '../../src/streams/index.ts';
import { formatLaws, lineOf, recordOf } from '../laws/format.laws.ts';
import { type Document, ecsFindings, leavesOf } from './ecs-fields.ts';
import { fullAlert, fullEvent } from './ecs-samples.ts';
import { hostileItem, hostileOrigin } from './hostile.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8');
const types: string[] = JSON.parse(fixture('sophos-types.json'));
const golden: { readonly _stream: string; readonly item: Readonly<Record<string, Json>> }[] = fixture('siem/items.ndjson')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

const format = ecs.open(ecs.options.parse({}));
const everything = ecs.open(ecs.options.parse({ preserveOriginalEvent: true, preserveDuplicateCustomFields: true, namespace: 'soc' }));
const originOf = (stream: string) => ({ stream, tenant: { id: '0b1c2d3e-0000-4000-8000-000000000001', name: 'Acme', labels: {} } });

/** A text as it stands within the quotes of JSON. */
const inner = (text: string) => JSON.stringify(text).slice(1, -1);

function valid(item: unknown, stream = 'events', meta?: Json): Document {
  const record = recordOf(JSON.stringify(item), meta === undefined ? {} : { meta });
  for (const one of [everything, format]) expect(ecsFindings(lineOf(one, record, originOf(stream))), JSON.stringify(item).slice(0, 500)).toEqual([]);
  return JSON.parse(lineOf(format, record, originOf(stream)));
}

formatLaws(ecs, {
  read(line, record, { tenant }) {
    expect(ecsFindings(line)).toEqual([]);
    const { event, organization } = JSON.parse(line);
    expect(event.id).toBe(JSON.parse(record.json).id);
    expect(organization.id).toBe(tenant.id);
  },
  options: [{}, { preserveOriginalEvent: true, preserveDuplicateCustomFields: true }],
});

describe('the checker', () => {
  const good = valid(fullEvent.item);
  it.each([
    [{ odd: 1 }, 'odd: is no field of ECS'],
    [{ host: { name: '' } }, 'host.name: "" is no keyword'],
    [{ host: { ip: '10.0.0.1' } }, 'host.ip: is no list'],
    [{ source: { ip: '10.0.0.1000' } }, 'source.ip: "10.0.0.1000" is no ip'],
    [{ source: { mac: '00:15:5d:00:00:01' } }, 'source.mac: 00:15:5d:00:00:01 is not written as ECS does'],
    [{ event: { ...(good.event as object), kind: 'news' } }, 'event.kind: news is not allowed'],
    [{ event: { ...(good.event as object), category: ['malware'], type: ['start'] } }, 'event.type: start is not allowed'],
    [{ sophos_central: { event: { ips_threat_data: { local_port: 'x' } } } }, 'sophos_central.event.ips_threat_data.local_port: is no long'],
  ])('finds what is wrong with %j', (wrong, finding) => {
    expect(ecsFindings(JSON.stringify({ ...good, ...wrong }))).toContain(finding);
  });

  it('finds names that stand twice', () => {
    expect(ecsFindings(JSON.stringify(good).replace('{', '{"message":"a","message":"b",'))).toContain('"message": stands twice in one object');
  });
});

describe('every documented type', () => {
  const random = randomFrom(5);
  const samples = sorts.flatMap(({ event }) => [event(random), event(random)]);
  it.each(types.map((type) => type.replace('*', 'Something')))('%s is valid with whatever a record holds', (type) => {
    for (const stream of ['events', 'siem-alerts', 'alerts']) {
      const { event, labels } = valid({ id: 'e1', type }, stream);
      const { category, action, ecs: place } = meaningOf(type);
      expect(event).toMatchObject({ code: type, category: place.category, type: place.type });
      if (category !== 'web') expect(labels).toEqual({ category, action });
    }
    for (const [i, sample] of samples.entries())
      if (i % 2 === 0) valid({ ...sample, type }, 'events');
      else valid({ ...alertOf(sample, random), type }, 'siem-alerts');
  });
});

describe('records', () => {
  it.each(golden.map(({ _stream, item }, i) => ({ number: i + 1, stream: _stream === 'event' ? 'events' : 'siem-alerts', item })))(
    'of the golden file are valid: $number',
    ({ stream, item }) => {
      valid(item, stream);
    },
  );

  it('with hostile values in every field are valid, and nothing is lost in silence', () => {
    fc.assert(
      fc.property(hostileItem, hostileOrigin, (item, origin) => {
        const record = recordOf(item);
        const line = lineOf(format, record, origin);
        expect(ecsFindings(line)).toEqual([]);
        expect(ecsFindings(lineOf(everything, record, origin))).toEqual([]);
        const { event } = JSON.parse(line);
        if (event.original === undefined) {
          // Every text of the item stands somewhere, as it is or as JSON in a text.
          for (const [, value] of leavesOf(JSON.parse(item))) {
            if (typeof value !== 'string' || value === '') continue;
            const once = inner(value);
            expect(line.includes(once) || line.includes(inner(once)), value.slice(0, 200)).toBe(true);
          }
        } else expect(event.original).toBe(item);
      }),
      { numRuns: 500 },
    );
  });

  it('nested without end, or with fields without number, keep the bounds and say so in `event.original`', () => {
    const wide = { id: 'e1', type: 'x', ...Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, i])) };
    for (const item of [wide, { id: 'e1', x: 'x'.repeat(100_000) }, JSON.parse(`{"id":"e1","x":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`)]) {
      const document = valid(item);
      expect(document).toMatchObject({ event: { original: JSON.stringify(item) } });
      expect(leavesOf(document).length).toBeLessThan(1_100);
    }
    expect(() => lineOf(format, recordOf(`{"x":${'['.repeat(200_000)}`), originOf('events'))).toThrow(expect.objectContaining({ kind: 'rejected' }));
  });

  it('with names that become one, or that are taken, keep both', () => {
    expect(valid({ id: 'e1', userName: 'a', user_name: 'b', 'user.name': 'c', endpoint: 'd', endpoint_id: 'e', __proto__x: 1 })).toMatchObject({
      sophos_central: { event: { user_name: 'a', user_name_: 'b', user_name__: 'c', endpoint_: 'd', endpoint: { id: 'e' } } },
    });
  });

  it('with a value that the mapping would refuse leave it out and bring the item', () => {
    const item = { id: 'e1', ips_threat_data: { localPort: 'x', remoteIp: 'nowhere' }, source_info: { ip: '10.0.0' }, appCerts: 'none' };
    expect(valid(item)).toMatchObject({ event: { original: JSON.stringify(item) } });
  });
});

/** A line of the truth; of streams that are one answer, the line is it. */
const itemOf = (line: { readonly item?: unknown }) => line.item ?? line;

describe('records of the simulator', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await startSimulator({ account: 'tenant', endpoints: 12, eventsPerTenant: 300, alertsPerTenant: 100, openAlertsPerTenant: 20 });
  });
  afterAll(() => simulator.close());

  it.each(streams.map(({ name }) => name))('of %s are valid', async (stream) => {
    const text = await (await fetch(`${simulator.url}/_sim/truth?stream=${stream}`)).text();
    const items = text.split('\n').flatMap((line) => (line === '' ? [] : [itemOf(JSON.parse(line))]));
    expect(items.length).toBeGreaterThan(0);
    for (const item of items.slice(0, 400)) valid(item, stream, stream === 'endpoints' ? { snapshot: 's1', change: 'changed' } : undefined);
  });
});

describe('the parts', () => {
  it('of an address are found, also of one that no standard would allow', () => {
    expect(siteOf('HTTPS://u:p@x.example:8443/a/b?q=1#f')).toEqual({
      ...{ full: 'HTTPS://u:p@x.example:8443/a/b?q=1#f', scheme: 'https', domain: 'x.example', port: 8443, path: '/a/b', query: 'q=1', fragment: 'f' },
    });
    expect(siteOf('bad.example.com')).toMatchObject({ full: undefined, domain: 'bad.example.com', path: undefined });
    expect(siteOf('http://[2001:db8::1]/')).toMatchObject({ domain: '[2001:db8::1]', port: undefined });
    expect(siteOf('http://')).toMatchObject({ domain: undefined });
  });

  it('of an instant are those of a Date', () => {
    const instants = new Instants();
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (at) => {
        expect(instants.text(at)).toBe(new Date(at).toISOString());
      }),
    );
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) expect(instants.text(odd)).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('options', () => {
  it.each(['SOC', 'a-b', 'a b', 'a/b', '', 'x'.repeat(101)])('refuses a namespace that no data stream can have: %j', (namespace) => {
    expect(() => ecs.options.parse({ namespace })).toThrow();
  });

  it('brings the item, byte for byte, and `data_stream.*` only when asked', () => {
    const item = '{"id":"e1", "big":12345678901234567890}';
    const document = JSON.parse(lineOf(everything, recordOf(item), originOf('events')));
    expect(document).toMatchObject({ event: { original: item }, data_stream: { type: 'logs', dataset: 'sophos_central.event', namespace: 'soc' } });
    const bare = JSON.parse(lineOf(format, recordOf(item), originOf('events')));
    expect([bare.event.original, bare.data_stream]).toEqual([undefined, undefined]);
  });
});

describe('agreement with the integration', () => {
  it('sets of an event what the integration sets', () => {
    const document = JSON.parse(lineOf(everything, recordOf(JSON.stringify(fullEvent.item)), originOf('events')));
    expect(document).toMatchObject(fullEvent.integration);
    expect(ecsFindings(JSON.stringify(document))).toEqual([]);
  });

  it('sets of an alert what the integration sets', () => {
    const document = JSON.parse(lineOf(everything, recordOf(JSON.stringify(fullAlert.item)), originOf('siem-alerts')));
    expect(document).toMatchObject(fullAlert.integration);
  });

  it('says no thing twice, unless asked', () => {
    for (const [{ item, duplicates }, stream, kind] of [
      [fullEvent, 'events', 'event'],
      [fullAlert, 'siem-alerts', 'alert'],
    ] as const) {
      const { sophos_central } = valid(item, stream) as { readonly sophos_central: Record<string, unknown> };
      const paths = leavesOf(sophos_central[kind]).map(([path]) => path);
      expect(duplicates.filter((path) => paths.includes(path))).toEqual([]);
    }
  });
});

describe('docs/ecs.md', () => {
  it('has the category, type and outcome of every type', async () => {
    const rows = types.map((type) => {
      const { event, labels } = valid({ id: 'e1', type, severity: 'low' }) as {
        readonly event: Record<string, unknown>;
        readonly labels: Record<string, string>;
      };
      const { category, type: kinds, outcome = '' } = event;
      return `| \`${type.replace('Event::', '')}\` | ${labels.category}, ${labels.action} | ${[category].flat().join(', ')} | ${[kinds].flat().join(', ')} | ${outcome} |`;
    });
    const head = fixture('../../docs/ecs.md').split('<!-- types -->')[0] ?? '';
    const table = ['| type | category, action | `event.category` | `event.type` | `event.outcome` |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
    await expect(`${head}<!-- types -->\n\n${table}\n`).toMatchFileSnapshot('../../docs/ecs.md');
  });

  it('names every field that documents have', () => {
    const page = fixture('../../docs/ecs.md');
    const named = [...page.matchAll(/`([@a-z_]+(?:\.[a-z_*0-9]+)*)`/g)].map(([, name = '']) => name);
    const isNamed = (path: string) => named.some((name) => name === path || (name.endsWith('.*') && path.startsWith(name.slice(0, -1))));
    const samples = [...golden.slice(0, 100).map(({ _stream, item }) => valid(item, _stream === 'event' ? 'events' : 'siem-alerts')), valid(fullEvent.item)];
    const paths = new Set(samples.flatMap((document) => leavesOf(document).map(([path]) => path)));
    expect([...paths].filter((path) => path !== 'ecs.version' && path !== 'event.original' && !isNamed(path))).toEqual([]);
  });
});
