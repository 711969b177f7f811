/** Settings of the whole estate: tamper protection, TLS decryption, peripherals, the event journal (reference, section 6.5). */
import type { Item } from '../collection.ts';
import { pick } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { momentOf, within, wordsOf } from './asking.ts';
import { bodyIn, shapedIn } from './body.ts';
import { categories, isCategory } from './categories.ts';
import { type Family, heldBy, iso, lists, many, shows } from './family.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const TLS = '/endpoint/v1/settings/web-control/tls-decryption';
const PERIPHERALS = '/endpoint/v1/settings/peripheral-control/peripherals';
const JOURNAL = '/endpoint/v1/settings/event-journal/{endpointType}';
const DAY_MS = 86_400_000;
const MOST_EXCLUDED = 250;
const EXCERPT = 250;
const PERIPHERAL_TYPES = ['bluetooth', 'encryptedStorage', 'floppyDrive', 'infrared', 'modem', 'mtpPtp', 'opticalDrive', 'removableStorage', 'wireless'];

const decryption: Family = {
  name: 'tls-categories',
  ids: 'free',
  make: () => categories.map(({ id, name }) => ({ id, name, decryptionEnabled: id % 3 === 1 })),
};

const excluded: Family = {
  name: 'tls-excluded-websites',
  ids: 'free',
  make: (holder) => many(holder, 'tls-excluded-websites', 6, (i) => excludedSite(`bank${i}.example.com`, i % 2 === 0 ? 'Banking' : undefined)),
};

function excludedSite(value: string, comment: unknown): Item {
  return { id: value.toLowerCase(), value, ...(comment === undefined ? {} : { comment }) };
}

/** What Central shows of one has no id. */
function bare({ id: _, ...site }: Item): Item {
  return site;
}

function tls(asked: Asked): Reply {
  const sites = heldBy(excluded, asked).list();
  const items = sites.slice(0, EXCERPT).map(bare);
  return json(200, { categories: heldBy(decryption, asked).list(), excludedWebsites: { itemsCount: items.length, total: sites.length, items } });
}

function objectsIn(body: Item, key: string): readonly unknown[] {
  const value = body[key];
  return Array.isArray(value) ? value : [];
}

function setTls(asked: Asked): Reply {
  const given = objectsIn(bodyIn(asked, { categories: 'objects!' }), 'categories').map((each) => {
    const category = shapedIn(each, { id: 'int!', decryptionEnabled: 'flag!' }, 'a category');
    if (!isCategory(category.id)) throw new Refused(400, 'there is no such category');
    return category;
  });
  const all = heldBy(decryption, asked);
  for (const category of given) all.put({ ...all.get(String(category.id)), ...category });
  return tls(asked);
}

function setExcluded(asked: Asked): Reply {
  const body = bodyIn(asked, { add: 'objects', remove: 'objects' });
  const read = (key: string) =>
    objectsIn(body, key).map((each) => {
      const { value, comment } = shapedIn(each, { value: 'text!', comment: 'text' }, 'a website');
      if (value === '') throw new Refused(400, 'value is required');
      return excludedSite(String(value), comment);
    });
  const [add, remove] = [read('add'), read('remove')];
  const sites = heldBy(excluded, asked);
  const fresh = add.filter(({ id }) => sites.get(String(id)) === undefined);
  const gone = remove.filter(({ id }) => sites.get(String(id)) !== undefined);
  if (sites.size + fresh.length - gone.length > MOST_EXCLUDED) throw new Refused(422, `at most ${MOST_EXCLUDED} websites can be excluded`);
  for (const { id } of gone) sites.remove(String(id));
  for (const site of add) sites.put(site);
  return json(200, { added: add.map(bare), removed: gone.map(bare) });
}

const peripherals: Family = {
  name: 'peripherals',
  make: (holder) =>
    many(holder, 'peripherals', 12, (i, random, id) => ({
      id,
      type: PERIPHERAL_TYPES[i % PERIPHERAL_TYPES.length],
      category: i % 9 === 8 || i % 9 === 4 ? 'network' : 'storage',
      model: pick(['Kingston DataTraveler 3.0', 'Wireless Network Adapter (802.11 a∕b∕g∕n∕ac)', "O'Hara „Stick“"], random),
      modelId: `MODEL-${i}`,
      instanceId: `INS:MODEL-${i}`,
      lastEndpointHostname: `FIN-WS-000${i % 10}`,
      lastUsedBy: `ACME\\user${i}`,
      lastActionTaken: pick(['allowed', 'blocked', 'readOnly'], random),
      firstSeenAt: iso(holder.tenant.bornAt - (i + 60) * DAY_MS),
      lastSeenAt: iso(holder.tenant.bornAt - i * DAY_MS),
    })),
};

const journals: Family = {
  name: 'event-journal',
  ids: 'free',
  make: () =>
    ['computer', 'server'].map((id) => ({
      id,
      useRecommended: true,
      diskSpaceLimitInMB: { recommendedValue: 5250, value: 5250 },
      diskSpaceLimitAsPercentage: { recommendedValue: 10, value: 10 },
    })),
};

function journalIn(asked: Asked): Item {
  const found = heldBy(journals, asked).get(asked.ids.endpointType ?? '');
  if (found === undefined) throw new Refused(400, 'endpointType is computer or server');
  return found;
}

function setJournal(asked: Asked): Reply {
  const journal = journalIn(asked);
  const { useRecommended, ...limits } = bodyIn(asked, { useRecommended: 'flag', diskSpaceLimitInMB: 'int', diskSpaceLimitAsPercentage: 'int' });
  const changed: Record<string, unknown> = { ...journal, ...(useRecommended === undefined ? {} : { useRecommended }) };
  for (const [name, value] of Object.entries(limits)) {
    if (Number(value) < 1 || (name.endsWith('Percentage') && Number(value) > 100)) throw new Refused(400, `${name} is out of range`);
    changed[name] = { ...(journal[name] as Item), value };
  }
  return json(200, bare(heldBy(journals, asked).put(changed)));
}

export const endpointSettingRoutes: readonly Route[] = [
  route('GET /endpoint/v1/settings/tamper-protection', ({ sim }) => json(200, { enabled: sim.settings.globalTamperProtection })),
  route(`GET ${TLS}`, tls),
  route(`PATCH ${TLS}`, setTls),
  route(`GET ${TLS}/excluded-websites`, lists({ ...excluded, show: (_asked, site) => bare(site) })),
  route(`PATCH ${TLS}/excluded-websites`, setExcluded),
  route(`DELETE ${TLS}/excluded-websites`, (asked) => {
    heldBy(excluded, asked).clear();
    return json(200, { deleted: true });
  }),
  route(
    `GET ${PERIPHERALS}`,
    lists(peripherals, (asked) => {
      const types = wordsOf(asked, 'type', PERIPHERAL_TYPES);
      const [after, before] = [momentOf(asked, 'lastSeenAfter'), momentOf(asked, 'lastSeenBefore')];
      return ({ type, lastSeenAt }) => (types.length === 0 || types.includes(String(type))) && within(lastSeenAt, after, before);
    }),
  ),
  route(`GET ${PERIPHERALS}/{peripheralId}`, shows(peripherals, 'peripheralId')),
  route(`GET ${JOURNAL}`, (asked) => json(200, bare(journalIn(asked)))),
  route(`PATCH ${JOURNAL}`, setJournal),
];
