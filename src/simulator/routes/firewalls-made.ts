import type { Item } from '../collection.ts';
import { hexText, pick } from '../random.ts';
import { adminIn, type Family, iso, many } from './family.ts';
import { type Holder, idIn } from './held.ts';

const DAY_MS = 86_400_000;
const FIRMWARE = ['SF01V_SO01_19.5.3.652', 'SF01V_SO01_20.0.2.378', 'SF01V_SO01_21.0.0.169', 'XN01_SO01_21.0.1.277'] as const;
const MODELS = ['SFVUNL_SO01_SFOS 19.5.3 MR-3-Build652', 'XGS107_XN01_SFOS 20.0.2 MR-2-Build378', 'XGS2100_XN02_SFOS 21.0.1 MR-1-Build277'] as const;
const PLACES = [
  ['48.14', '11.58'],
  ['51.75', '-1.26'],
  ['35.68', '139.69'],
  ['-33.87', '151.21'],
] as const;
const GROUPS = ['Head office', 'Branches', 'Warehouses'] as const;

/** One firewall for every ten endpoints, and at least three. */
export function firewallCount({ sim }: Holder): number {
  return Math.max(3, Math.ceil(sim.setup.endpoints / 10));
}

/** The second and third are a cluster; the rest stand alone. */
export const firewalls: Family = {
  name: 'firewalls',
  sizes: { usual: 100, max: 1000 },
  unique: 'name',
  make: (holder) => many(holder, 'firewalls', firewallCount(holder), (i, random, id) => madeFirewall(holder, i, random, id)),
};

/** Its serial number, which the licences know too. */
export function serialOf(holder: Holder, index: number): string {
  return `C${idIn(holder, 'firewall serials', index).replaceAll('-', '').slice(0, 14).toUpperCase()}`;
}

function madeFirewall(holder: Holder, i: number, random: () => number, id: string): Item {
  const { tenant } = holder;
  const state = i % 7 === 6 ? 'approvalPending' : 'approved';
  const group = i % 4 === 3 ? null : { id: idIn(holder, 'firewall-groups', i % 3), name: GROUPS[i % 3] };
  const place = pick(PLACES, random);
  const isPair = i === 1 || i === 2;
  const peer = 3 - i;
  const cluster = {
    id: idIn(holder, 'clusters', 0),
    mode: 'activePassive',
    status: i === 1 ? 'primary' : 'auxiliary',
    peers: { id: idIn(holder, 'firewalls', peer), serialNumber: serialOf(holder, peer) },
  };
  return {
    id,
    cluster: isPair ? cluster : null,
    tenant: { id: tenant.id },
    serialNumber: serialOf(holder, i),
    group,
    hostname: `fw-${hexText(4, random)}.example.com`,
    name: `Firewall ${i + 1}`,
    externalIpv4Addresses: i % 9 === 8 ? [] : [`203.0.113.${i % 250}`, ...(i % 3 === 0 ? [`198.51.100.${i % 250}`] : [])],
    firmwareVersion: pick(FIRMWARE, random),
    model: pick(MODELS, random),
    status: { managing: state, reporting: state, connected: random() < 0.85, suspended: random() < 0.05 },
    stateChangedAt: iso(tenant.bornAt - Math.floor(random() * 20 * DAY_MS)),
    capabilities: i % 2 === 0 ? ['sdwanGroup'] : [],
    geoLocation: i % 5 === 4 ? null : { latitude: place[0], longitude: place[1] },
    createdBy: adminIn(holder, i),
    createdAt: iso(tenant.bornAt - (300 - i) * DAY_MS),
    updatedBy: adminIn(holder, i + 1),
    updatedAt: iso(tenant.bornAt - Math.floor(random() * 10 * DAY_MS)),
  };
}

/** The third is within the second. */
export const firewallGroups: Family = {
  name: 'firewall-groups',
  sizes: { usual: 100, max: 1000 },
  unique: 'name',
  make: (holder) =>
    many(holder, 'firewall-groups', GROUPS.length, (i, _random, id) => ({
      id,
      name: GROUPS[i],
      ...(i === 2 ? { parentGroup: { id: idIn(holder, 'firewall-groups', 1) } } : {}),
      tenant: { id: holder.tenant.id },
      lockedByManagingAccount: false,
      createdBy: adminIn(holder, i),
      createdAt: iso(holder.tenant.bornAt - (250 - i) * DAY_MS),
      updatedAt: iso(holder.tenant.bornAt - 30 * DAY_MS),
    })),
};
