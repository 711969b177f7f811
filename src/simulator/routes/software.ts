/** Software packages and notes on them, and installers (reference, section 6.4). */
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { orderOf, timeOf, wordOf, wordsOf } from './asking.ts';
import { bodyIn } from './body.ts';
import { type Family, heldBy, many, namedBy, shows } from './family.ts';
import { collectionOf } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/endpoint/v1/software';
const DAY_MS = 86_400_000;
const PLATFORMS = ['windows', 'linux', 'macOS'];
const PRODUCTS = ['coreAgent', 'interceptX', 'xdr', 'endpointProtection', 'deviceEncryption', 'mtr', 'mtd', 'ztna'];
const KINDS = ['fixed', 'longTermSupport', 'special'];

const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const modules = (version: string) => [{ name: 'coreAgent', version }];

const packages: Family = {
  name: 'static-packages',
  make: (holder) =>
    many(holder, 'static-packages', 7, (i, _random, id) => ({
      id,
      name: `Static package 2026.${i}`,
      releasedAt: day(holder.tenant.bornAt - (i + 1) * 40 * DAY_MS),
      expiresAt: day(holder.tenant.bornAt + (7 - i) * 30 * DAY_MS),
      type: KINDS[i % 3],
      platform: i % 4 === 3 ? 'linux' : 'windows',
      endpointType: i % 2 === 0 ? 'computer' : 'server',
      modules: modules(`2026.${i}.0.40`),
      packageNotesUrl: 'https://support.example.com/notes',
      // A special one is shown once its id, which support gives out, has been added.
      visible: i % 3 !== 2,
    })),
};

const recommended: readonly Item[] = [
  { id: 'recommended-win', platform: 'windows', modules: modules('2026.1.1') },
  { id: 'recommended-winserv', platform: 'windows', modules: modules('2026.1.0.40') },
  { id: 'recommended-linux', platform: 'linux', modules: modules('2026.1.3.7') },
];

function listStatic(asked: Asked): Reply {
  const types = wordsOf(asked, 'type', KINDS);
  const platform = wordOf(asked, 'platform', PLATFORMS);
  const endpointType = wordOf(asked, 'endpointType', ['computer', 'server']);
  const stretch = (name: string) => [dayOf(asked, `${name}From`), dayOf(asked, `${name}To`)] as const;
  const [expires, released] = [stretch('expires'), stretch('released')];
  const inside = (value: unknown, [from, to]: readonly [string | null, string | null]) =>
    (from === null || String(value) >= from) && (to === null || String(value) < to);
  const items = heldBy(packages, asked)
    .list()
    .filter((each) => each.visible === true && (types.length === 0 || types.includes(String(each.type))))
    .filter((each) => (platform === undefined || each.platform === platform) && (endpointType === undefined || each.endpointType === endpointType))
    .filter((each) => inside(each.expiresAt, expires) && inside(each.releasedAt, released));
  const order = orderOf(asked, ['id', 'name', 'releasedAt', 'expiresAt']);
  return json(200, { items: (order === null ? items : items.sort(order)).map(brief) });
}

/** A day, or the day of a time. */
function dayOf(asked: Asked, name: string): string | null {
  const text = asked.query.get(name);
  if (text === null || text === '') return null;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  const at = timeOf(asked, name);
  return at === undefined ? null : day(at);
}

/** As lists show one. */
function brief({ endpointType: _, packageNotesUrl: __, ...shown }: Item): Item {
  return shown;
}

function addSpecial(asked: Asked): Reply {
  const special = namedBy(packages, asked, 'staticPackageId');
  if (special.visible === true) throw new Refused(409, 'the package is there already');
  return json(201, heldBy(packages, asked).put({ ...special, visible: true }));
}

const notesOf = (asked: Asked) => collectionOf(asked, 'package-comments', () => []);

function shownNote(asked: Asked, { id, comment }: Item, whole: boolean): Item {
  const about = heldBy(packages, asked).get(String(id)) ?? {};
  return { package: whole ? about : brief(about), id, comment };
}

function noteIn(asked: Asked): Item {
  const note = notesOf(asked).get(String(namedBy(packages, asked, 'staticPackageId').id));
  if (note === undefined) throw new Refused(404);
  return note;
}

function download(asked: Asked): Reply {
  const products = wordsOf(asked, 'requestedProducts', PRODUCTS);
  const platforms = wordsOf(asked, 'platforms', PLATFORMS);
  const files = [
    ['windows', 'computer', 'SophosSetup.exe'],
    ['windows', 'server', 'SophosServerSetup.exe'],
    ['macOS', 'computer', 'SophosInstall.zip'],
    ['linux', 'server', 'SophosSetup.sh'],
  ] as const;
  const supportedProducts = products.length === 0 ? PRODUCTS : products;
  const installers = files
    .filter(([platform]) => platforms.length === 0 || platforms.includes(platform))
    .map(([platform, type, file]) => {
      const downloadUrl = `${asked.call.origin ?? asked.sim.url}/api/download/${asked.tenant.id}/${file}`;
      return { productName: 'Sophos Endpoint Protection', platform, type, supportedProducts, downloadUrl };
    });
  return json(200, { tenant: { id: asked.tenant.id }, licensedProducts: PRODUCTS, installers });
}

export const softwareRoutes: readonly Route[] = [
  route('GET /endpoint/v1/downloads', download),
  route(`GET ${PATH}/packages/recommended`, () => json(200, { items: recommended })),
  route(`GET ${PATH}/packages/static`, listStatic),
  route(`GET ${PATH}/packages/static/{staticPackageId}`, shows(packages, 'staticPackageId')),
  route(`POST ${PATH}/packages/static/{staticPackageId}/add`, addSpecial),
  route(`GET ${PATH}/comments`, (asked) =>
    json(200, {
      items: notesOf(asked)
        .list()
        .map((note) => shownNote(asked, note, false)),
    }),
  ),
  route(`GET ${PATH}/comments/{staticPackageId}`, (asked) => json(200, shownNote(asked, noteIn(asked), true))),
  route(`PUT ${PATH}/comments/{staticPackageId}`, (asked) => {
    const { id } = namedBy(packages, asked, 'staticPackageId');
    const { comment } = bodyIn(asked, { comment: 'text!' });
    return json(200, shownNote(asked, notesOf(asked).put({ id, comment }), true));
  }),
  route(`DELETE ${PATH}/comments/{staticPackageId}`, (asked) => {
    notesOf(asked).remove(String(namedBy(packages, asked, 'staticPackageId').id));
    return json(200, { deleted: true });
  }),
];
