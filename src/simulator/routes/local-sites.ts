/** Websites of web control: the list, and changes to it (reference, section 6.5). */
import type { Collection, Item } from '../collection.ts';
import { pick, randomFrom } from '../random.ts';
import { json } from '../reply.ts';
import { pathId } from './asking.ts';
import { bodyIn, type Shape, textsIn } from './body.ts';
import { categories, isCategory } from './categories.ts';
import { collectionOf, familyOf, freshIdIn, type Holder, idIn } from './held.ts';
import { pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/endpoint/v1/settings/web-control/local-sites';
const SHAPE: Shape = { url: 'text', categoryId: 'int', tags: 'texts', comment: 'text' };
const MOST_URL = 2048;
const TAGS = ['allowed', 'blocked', 'Büro', 'review "2026"', 'PCI'];
const COMMENTS = ['Needed by Sales', 'Ticket #4711, „dringend“', 'as agreed; see mail', '=1+1', 'two\nlines'];

/** Sites that stand in several estates; the number of an estate says where it begins in the list. */
const SHARED = 40;

function urlAt(index: number): string {
  const bytes = `${(index >> 8) & 255}.${index & 255}`;
  switch (index % 12) {
    case 0:
      return `www.site${index}.example.com`;
    case 1:
      return `https://site${index}.example.com`;
    case 2:
      return `site${index}.example.org/path/${index}?a=1&b=ü`;
    case 3:
      return `203.0.${bytes}`;
    case 4:
      return `10.${bytes}.0/24`;
    case 5:
      return `SITE${index}.Example.COM`;
    case 6:
      return `münchen.site${index}.example`;
    case 7:
      return `xn--mnchen-3ya.own${index}.example`;
    case 8:
      return `site${index}.example.net:8443`;
    case 9:
      return `*.wild${index}.example.com`;
    case 10:
      return `http://192.0.${bytes}:8080/a b`;
    default:
      return `deep.sub${index}.example.co.uk/`;
  }
}

function* made(holder: Holder): Generator<Item> {
  const { tenant, sim } = holder;
  const random = randomFrom(familyOf(holder, 'local-sites'));
  const { localSites } = sim.setup;
  for (let i = 0; i < localSites; i++) {
    // Every second one is common to many estates, the others are this one's own.
    const number = i % 2 === 0 ? ((i >> 1) + (tenant.number % 3) * 2) % Math.max(SHARED, localSites) : 1_000_000 + tenant.number * localSites + i;
    const tags = i % 3 === 1 ? { tags: [pick(TAGS, random)] } : {};
    const category = i % 3 === 1 && i % 2 === 0 ? {} : { categoryId: pick(categories, random).id };
    yield { id: idIn(holder, 'local-sites', i), url: urlAt(number), ...category, ...tags, ...(i % 4 === 3 ? {} : { comment: pick(COMMENTS, random) }) };
  }
}

export function localSitesOf(holder: Holder): Collection {
  return collectionOf(holder, 'local-sites', () => made(holder));
}

function siteIn(asked: Asked): Item {
  const site = localSitesOf(asked).get(pathId(asked, 'localSiteId'));
  if (site === undefined) throw new Refused(404);
  return site;
}

/** What a request may make of a site; refused when it would be none. */
function checked(asked: Asked, site: Item): Item {
  const { url, categoryId } = site;
  if (typeof url !== 'string' || url === '' || url.length > MOST_URL || url !== url.trim()) throw new Refused(400, 'url is required');
  if (categoryId !== undefined && !isCategory(categoryId)) throw new Refused(400, 'categoryId is not a category');
  if (categoryId === undefined && textsIn(site, 'tags').length === 0) throw new Refused(400, 'either categoryId or tags is required');
  const isTwin = (other: Item) => other.id !== site.id && String(other.url).toLowerCase() === url.toLowerCase();
  if (localSitesOf(asked).list().some(isTwin)) throw new Refused(409);
  return site;
}

function brief({ id, url }: Item): Item {
  return { id, url };
}

export const localSiteRoutes: readonly Route[] = [
  route('GET /endpoint/v1/settings/web-control/categories', () => json(200, categories)),
  route(`GET ${PATH}`, (asked) => pageReply(asked, localSitesOf(asked).list(), undefined, asked.sim.settings.localSitesBrief ? brief : undefined)),
  route(`POST ${PATH}`, (asked) => {
    const given = checked(asked, bodyIn(asked, SHAPE));
    const sites = localSitesOf(asked);
    return json(201, sites.put({ id: freshIdIn(asked, 'local-sites', sites), ...given }));
  }),
  route(`GET ${PATH}/{localSiteId}`, (asked) => json(200, siteIn(asked))),
  route(`PATCH ${PATH}/{localSiteId}`, (asked) => {
    const site = siteIn(asked);
    return json(200, localSitesOf(asked).put(checked(asked, { ...site, ...bodyIn(asked, SHAPE) })));
  }),
  route(`DELETE ${PATH}/{localSiteId}`, (asked) => {
    localSitesOf(asked).remove(pathId(asked, 'localSiteId'));
    return json(200, { deleted: true });
  }),
];
