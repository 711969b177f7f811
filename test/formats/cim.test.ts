/** Every line of `cim` has the fields of its model and no other, and the item whole, whatever a record holds. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/types.ts';
import { cim } from '../../src/formats/cim.ts';
import { json } from '../../src/formats/json.ts';
import { actions } from '../../src/formats/meaning/actions.ts';
import { categories } from '../../src/formats/meaning/categories.ts';
import { meaningFor, meaningOf } from '../../src/formats/meaning/meaning.ts';
import type { Action, Category } from '../../src/formats/meaning/words.ts';
import { alertOf, sorts } from '../../src/simulator/catalogue.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { randomFrom } from '../../src/simulator/random.ts';
import { streams } from '../../src/streams/index.ts';
import { readPage } from '../docs/pages.ts';
import { formatLaws, lineOf, recordOf } from '../laws/format.laws.ts';
import { repeatedNames } from './ecs-fields.ts';
import { hostileItem, hostileOrigin } from './hostile.ts';

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8');
const types: string[] = JSON.parse(fixture('sophos-types.json'));
const golden: { readonly _stream: string; readonly item: Readonly<Record<string, Json>> }[] = fixture('siem/items.ndjson')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

type Line = Readonly<Record<string, unknown>>;

/** The fields that docs/cim.md has, by its sections. */
const documented = new Map(
  readPage('docs/cim.md')
    .text.split('\n## ')
    .slice(1)
    .map((section) => {
      const [title = '', ...rows] = section.split('\n');
      return [
        title,
        rows.filter((row) => row.startsWith('| `')).flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name)),
      ];
    }),
);

const words = {
  action: ['allowed', 'blocked', 'deferred', 'created', 'modified', 'deleted', 'started', 'stopped'],
  severity: ['critical', 'high', 'medium', 'low', 'informational', 'unknown'],
  status: ['success', 'failure', 'installed', 'restart required', 'available'],
};

/** What is wrong with a line, by the page. */
function findings(text: string): string[] {
  const line: Line = JSON.parse(text);
  const models = (line.cim_models ?? []) as readonly string[];
  const sections = ['Every record', ...models.map((each) => each.split('.')[0] ?? '')];
  const known = sections.flatMap((title) => documented.get(title) ?? []);
  const found = Object.keys(line).filter((name) => !known.includes(name));
  for (const section of sections) if (!documented.has(section)) found.push(`no section ${section}`);
  for (const [name, value] of Object.entries(line)) if (value === null || value === '') found.push(`${name} is empty`);
  if (!models.includes('Inventory.All_Inventory'))
    for (const [name, allowed] of Object.entries(words))
      if (line[name] !== undefined && !allowed.includes(String(line[name]))) found.push(`${name}: ${line[name]}`);
  return [...found, ...repeatedNames(text.slice(0, text.indexOf('"sophos":')))];
}

const format = cim.open({});
const plain = json.open({});
const originOf = (stream: string) => ({ stream, tenant: { id: '0b1c2d3e-0000-4000-8000-000000000001', name: 'Acme', labels: {} } });

function valid(item: unknown, stream = 'events', meta?: Json): Line {
  const text = lineOf(format, recordOf(JSON.stringify(item), meta === undefined ? {} : { meta }), originOf(stream));
  expect(findings(text), text.slice(0, 1_000)).toEqual([]);
  return JSON.parse(text);
}

formatLaws(cim, {
  read(line, record, { tenant }) {
    expect(findings(line)).toEqual([]);
    const { id, tenant_id, sophos } = JSON.parse(line);
    expect([id, tenant_id]).toEqual([JSON.parse(record.json).id, tenant.id]);
    // The item is the one of `json`, less what that adds.
    const bare = JSON.parse(lineOf(plain, record, originOf('events')));
    expect(sophos).toEqual(Object.fromEntries(Object.entries(bare).filter(([key]) => key in JSON.parse(record.json))));
  },
});

describe('every documented type', () => {
  const random = randomFrom(5);
  const samples = sorts.map(({ event }) => event(random));
  it.each(types.map((type) => type.replace('*', 'Something')))('%s has the fields of its model', (type) => {
    for (const sample of samples) {
      const line = valid({ ...sample, type });
      expect(line).toMatchObject({ signature_id: type, sophos: { type } });
      const { cim: place, category } = meaningOf(type);
      if (category !== 'web') expect((line.cim_models as string[] | undefined)?.[0]).toBe(place && `${place.model}.${place.dataset}`);
      expect(valid({ ...alertOf(sample, random), type }, 'siem-alerts').cim_models).toEqual(['Alerts.Alerts']);
    }
  });
});

describe('records', () => {
  it('of the golden file are valid', () => {
    for (const { _stream, item } of golden) valid(item, _stream === 'event' ? 'events' : 'siem-alerts');
  });

  it('with hostile values in every field are valid, and have the item whole', () => {
    fc.assert(
      fc.property(hostileItem, hostileOrigin, (item, origin) => {
        const line = lineOf(format, recordOf(item), origin);
        expect(findings(line)).toEqual([]);
        const bare = JSON.parse(lineOf(plain, recordOf(item), { stream: 'x', tenant: { id: '', name: '', labels: {} } }));
        const { sophos } = JSON.parse(line);
        for (const [key, value] of Object.entries(sophos)) if (key !== 'tenant') expect(bare[key]).toEqual(value);
      }),
      { numRuns: 500 },
    );
  });

  it('of a site have the device as source, of an attack from outside as destination, of one from inside as source', () => {
    const device = { location: 'PC-1', source_info: { ip: '10.0.0.1' } };
    const site = { ...device, id: 'e1', type: 'Event::Endpoint::WebControlViolation', name: "'https://a.example/x' blocked due to category 'News'" };
    expect(valid(site)).toMatchObject({ src: 'PC-1', src_ip: '10.0.0.1', dest: 'a.example', url_domain: 'a.example', category: 'News', action: 'blocked' });
    const attack = { ...device, id: 'e1', type: 'Event::Endpoint::Threat::IpsInboundDetection' };
    const seen = { remoteIp: '203.0.113.1', remotePort: '1', localPort: '2' };
    expect(valid({ ...attack, ips_threat_data: { ...seen, detectionType: 0 } })).toMatchObject({ dest: 'PC-1', dest_port: 2, src: '203.0.113.1', src_port: 1 });
    expect(valid({ ...attack, ips_threat_data: { ...seen, detectionType: 1 } })).toMatchObject({ src: 'PC-1', src_port: 2, dest: '203.0.113.1', dest_port: 1 });
  });

  it('of settings that are listed are in no model; of settings that changed they are', () => {
    expect(valid({ id: 'p1', name: 'Base' }, 'policies').cim_models).toBeUndefined();
    expect(valid({ id: 'p1', name: 'Base' }, 'policies', { change: 'changed' })).toMatchObject({ cim_models: ['Change.All_Changes'], action: 'modified' });
  });
});

describe('records of the simulator', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await startSimulator({ account: 'tenant', endpoints: 12, eventsPerTenant: 300, alertsPerTenant: 100, openAlertsPerTenant: 20 });
  });
  afterAll(() => simulator.close());

  it.each(streams.map(({ name }) => name))('of %s are valid', async (stream) => {
    const text = await (await fetch(`${simulator.url}/_sim/truth?stream=${stream}`)).text();
    const items = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
    expect(items.length).toBeGreaterThan(0);
    for (const { item, ...line } of items.slice(0, 400)) valid(item ?? line, stream);
  });
});

describe('docs/cim.md', () => {
  it('has the event types and tags of every model', async () => {
    const models = new Map<string, readonly string[]>([
      ['Alerts.Alerts', ['alert']],
      ['Updates.Updates', ['update', 'status']],
    ]);
    for (const category of Object.keys(categories) as Category[])
      for (const action of Object.keys(actions) as Action[]) {
        const place = meaningFor(category, action).cim;
        if (place !== undefined) models.set(`${place.model}.${place.dataset}`, place.tags);
      }
    const names = [...models]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([model, tags]) => ({ model, tags, type: `sophos_central_${(model.split('.')[1] ?? '').toLowerCase()}` }));
    const eventtypes = names.map(({ model, type }) => `[${type}]\nsearch = sourcetype=sophos:central:* "cim_models{}"="${model}"`).join('\n\n');
    const tags = names.map(({ tags, type }) => `[eventtype=${type}]\n${tags.map((tag) => `${tag} = enabled`).join('\n')}`).join('\n\n');
    const head = fixture('../../docs/cim.md').split('<!-- eventtypes -->')[0] ?? '';
    const page = `${head}<!-- eventtypes -->\n\n\`\`\`ini\n# eventtypes.conf\n${eventtypes}\n\`\`\`\n\n\`\`\`ini\n# tags.conf\n${tags}\n\`\`\`\n`;
    await expect(page).toMatchFileSnapshot('../../docs/cim.md');
  });
});
