import { isIP } from 'node:net';
import type { Item } from '../collection.ts';
import { hexText, randomFrom } from '../random.ts';
import { isUuid } from './asking.ts';
import { type Shape, shapedIn, textsIn } from './body.ts';
import { adds, changes, type Family, heldBy, iso, lists, many, removes, shows } from './family.ts';
import { familyOf } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const MOST = 50;

/** As this API writes its times: with an offset instead of the letter. */
function offset(ms: number): string {
  return iso(ms).replace('Z', '+00:00');
}

function secured(id: string, enabled: boolean): Item {
  return { dohSecureLocationId: id, dohEnabled: enabled, ...(enabled ? { dohUrl: `https://${id}.dns.example.com/dns-query` } : {}) };
}

const locations: Family = {
  name: 'dns locations',
  unique: 'name',
  make: (holder) =>
    many(holder, 'dns locations', 4, (i, random, id) => ({
      id,
      name: ['Default', 'Head office', 'Depot', 'Home workers'][i],
      default: i === 0,
      description: i % 2 === 0 ? 'Made when the estate was set up.' : '',
      createdAt: offset(holder.tenant.bornAt - (90 - i) * 86_400_000),
      updatedAt: offset(holder.tenant.bornAt - i * 86_400_000),
      ipList: i === 3 ? [] : [`203.0.113.${i + 1}`],
      domainNames: i === 3 ? ['home.example.com'] : [],
      ...secured(hexText(14, random), i % 2 === 1),
      policyId: holder.tenant.id,
    })),
};

const COMMON = { description: 'text', dohEnabled: 'flag', policyId: 'text' } as const satisfies Shape;
/** The object as it is shown may be sent back; what the service decides is read over. */
const WHOLE: Shape = {
  ...COMMON,
  name: 'text!',
  ipList: 'texts',
  domainNames: 'texts',
  ipAddresses: 'texts',
  id: 'text',
  default: 'flag',
  createdAt: 'text',
  updatedAt: 'text',
  dohSecureLocationId: 'text',
  dohUrl: 'text',
};

function addresses(asked: Asked, list: readonly string[], but?: unknown): readonly string[] {
  for (const address of list) {
    if (isIP(address) === 0) throw new Refused(400, 'an address is not valid');
    const other = heldBy(locations, asked)
      .list()
      .find((one) => one.id !== but && textsIn(one, 'ipList').includes(address));
    if (other !== undefined) throw new Refused(409, 'an address belongs to another location');
  }
  return [...new Set(list)];
}

/** A list with what `{add, remove}` says done to it. */
function edited(list: readonly string[], edit: unknown, what: string): readonly string[] {
  if (edit === undefined) return list;
  const body = shapedIn(edit, { add: 'texts', remove: 'texts' }, what);
  const gone = textsIn(body, 'remove');
  return [...new Set([...list.filter((each) => !gone.includes(each)), ...textsIn(body, 'add')])];
}

/** Locations of DNS Protection: at most fifty, and the default one stays. */
export const dnsLocationRoutes: readonly Route[] = [
  route('GET /dns-protection/v2/locations', lists(locations)),
  route(
    'POST /dns-protection/v2/locations',
    adds(locations, WHOLE, (asked, body) => {
      if (heldBy(locations, asked).size >= MOST) throw new Refused(400, `there are ${MOST} locations already`);
      if (body.policyId !== undefined && !isUuid(body.policyId)) throw new Refused(400, 'policyId is not a UUID');
      const ipList = addresses(asked, [...textsIn(body, 'ipList'), ...textsIn(body, 'ipAddresses')]);
      const at = offset(asked.now);
      const own = { name: body.name, default: false, description: body.description ?? '', createdAt: at, updatedAt: at, ipList };
      const id = hexText(14, randomFrom(familyOf(asked, String(body.name))));
      return { ...own, domainNames: textsIn(body, 'domainNames'), ...secured(id, body.dohEnabled === true), policyId: body.policyId ?? asked.tenant.id };
    }),
  ),
  route('GET /dns-protection/v2/locations/{id}', shows(locations, 'id')),
  route(
    'PATCH /dns-protection/v2/locations/{id}',
    changes(
      locations,
      'id',
      { ...COMMON, name: 'text', ipAddresses: 'object', domainNames: 'object' },
      (asked, { ipAddresses, domainNames, dohEnabled, ...body }, item) => ({
        ...body,
        ipList: addresses(asked, edited(textsIn(item, 'ipList'), ipAddresses, 'ipAddresses'), item.id),
        domainNames: edited(textsIn(item, 'domainNames'), domainNames, 'domainNames'),
        ...(dohEnabled === undefined ? {} : { dohUrl: undefined, ...secured(String(item.dohSecureLocationId), dohEnabled === true) }),
      }),
    ),
  ),
  route(
    'DELETE /dns-protection/v2/locations/{id}',
    removes(locations, 'id', (_asked, item) => {
      if (item.default === true) throw new Refused(400, 'the default location cannot be deleted');
    }),
  ),
];
