import type { Item } from '../collection.ts';
import { pick } from '../random.ts';
import { adminIn, type Family, iso, many } from './family.ts';
import { type Holder, idIn } from './held.ts';

const DAY_MS = 86_400_000;
export const MOBILE_SIZES = { usual: 50, max: 500 } as const;
export const PLATFORMS = ['android', 'ios', 'ipados', 'chrome', 'windows', 'macos'] as const;
/** Name, platform, version. */
const SYSTEMS = [
  ['iOS 17.6.1', 'ios', [17, 6, 1]],
  ['iOS 18.1.0', 'ios', [18, 1, 0]],
  ['Android 13.0', 'android', [13, 0, 0]],
  ['Android 14.0', 'android', [14, 0, 0]],
  ['Android 15.0', 'android', [15, 0, 0]],
  ['Chrome 131', 'chrome', [131, 0, 0]],
] as const;
const GROUPS = ['Field staff', 'Office', 'Kiosks', 'Guests'] as const;
export const ACTIONS = ['unenroll', 'sync', 'get-logs', 'scan', 'send-message', 'locate', 'lock', 'wipe'] as const;

function tenantOf({ tenant }: Holder): Item {
  return { id: tenant.id, name: tenant.name };
}

export const systems: Family = {
  name: 'mobile systems',
  sizes: MOBILE_SIZES,
  make: (holder) =>
    many(holder, 'mobile systems', SYSTEMS.length, (i, _random, id) => {
      const [name, platform, [majorVersion, minorVersion, patchVersion]] = SYSTEMS[i] ?? SYSTEMS[0];
      return { id, version: `${majorVersion}.${minorVersion}.${patchVersion}`, name, platform, majorVersion, minorVersion, patchVersion };
    }),
};

export function made(holder: Holder, ms: number): Item {
  return { createdAt: iso(ms), createdBy: adminIn(holder, 0), updatedAt: iso(ms), updatedBy: adminIn(holder, 1) };
}

export const deviceGroups: Family = {
  name: 'mobile groups',
  sizes: MOBILE_SIZES,
  unique: 'name',
  make: (holder) =>
    many(holder, 'mobile groups', GROUPS.length, (i, _random, id) => ({
      id,
      tenant: tenantOf(holder),
      name: GROUPS[i],
      description: `Devices: ${String(GROUPS[i]).toLowerCase()}.`,
      employeeCompliancePolicy: { id: idIn(holder, 'mobile policies', 0), name: 'Private devices' },
      corporateCompliancePolicy: { id: idIn(holder, 'mobile policies', 1), name: 'Company devices' },
      ...(i === 0 ? { iosAutoEnrollment: { enabled: true, installSmcApp: true, url: `https://enroll.example.com/${id}` } } : {}),
      ...made(holder, holder.tenant.bornAt - (100 - i) * DAY_MS),
    })),
};

export const appGroups: Family = {
  name: 'app groups',
  sizes: MOBILE_SIZES,
  unique: 'name',
  make: (holder) =>
    many(holder, 'app groups', 3, (i, _random, id) => {
      const apps = [{ identifier: `com.example.app${i}`, name: `App ${i}`, link: `https://apps.example.com/${i}` }];
      return {
        id,
        tenant: tenantOf(holder),
        name: `App group ${i + 1}`,
        platform: PLATFORMS[i],
        count: apps.length,
        apps,
        ...made(holder, holder.tenant.bornAt - i * DAY_MS),
      };
    }),
};

/** Every seventh waits to be enrolled. */
export const devices: Family = {
  name: 'mobile devices',
  sizes: MOBILE_SIZES,
  make: (holder) => many(holder, 'mobile devices', 45, (i, random, id) => madeDevice(holder, i, random, id)),
};

function madeDevice(holder: Holder, i: number, random: () => number, id: string): Item {
  const { tenant } = holder;
  const place = Math.floor(random() * SYSTEMS.length);
  const [name, platform, [majorVersion, minorVersion, patchVersion]] = SYSTEMS[place] ?? SYSTEMS[0];
  const os = {
    id: idIn(holder, 'mobile systems', place),
    version: `${majorVersion}.${minorVersion}.${patchVersion}`,
    name,
    platform,
    majorVersion,
    minorVersion,
    patchVersion,
  };
  const common = { id, tenant: tenantOf(holder), name: `${platform}-${i}`, description: '', email: `user${i}@example.com`, os };
  const ownership = {
    ownershipType: i % 4 === 0 ? 'employee' : 'corporate',
    deviceGroup: { id: idIn(holder, 'mobile groups', i % GROUPS.length), name: GROUPS[i % GROUPS.length] },
  };
  const times = made(holder, tenant.bornAt - (60 - i) * DAY_MS);
  const isBad = random() < 0.15;
  const compliance = isBad ? { compliant: false, severity: pick(['low', 'medium', 'high'], random) } : { compliant: true };
  if (i % 7 === 6) return { ...common, ...ownership, compliance, managementType: 'notManaged', managedState: 'notManaged', ...times };
  return {
    ...common,
    ...ownership,
    availableActions: ACTIONS.filter((action) => action !== 'wipe' || i % 2 === 0),
    assignedPerson: { id: idIn(holder, 'mobile people', i), name: `Person ${i}`, email: `user${i}@example.com` },
    compliance,
    managedState: 'managed',
    healthState: { state: isBad ? pick(['amber', 'red'], random) : 'green', mode: 'automatic' },
    managementType: platform === 'ios' ? 'mdm' : 'ixm',
    modelName: platform === 'ios' ? 'iPhone 15' : 'Pixel 9 Pro',
    lastSeenAt: iso(tenant.bornAt - Math.floor(random() * 20 * DAY_MS)),
    scanResultSummary: { lastScannedAt: iso(tenant.bornAt - DAY_MS), suspiciousCount: 0, maliciousCount: isBad ? 1 : 0, puaCount: 0, lowReputationCount: 2 },
    logLevel: 'info',
    supervised: platform === 'ios' && i % 2 === 0,
    ...times,
  };
}

/** Names of types in replies: `get-logs` in a path is `getLogs` in a body. */
export function typeOfAction(action: string): string {
  return action.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export const actions: Family = {
  name: 'mobile actions',
  sizes: MOBILE_SIZES,
  make: (holder) =>
    many(holder, 'mobile actions', 20, (i, _random, id) => {
      const state = ['successful', 'skipped', 'notified', 'failed'][i % 4];
      const at = iso(holder.tenant.bornAt - (i + 1) * 3_600_000);
      const facts = {
        device: { id: idIn(holder, 'mobile devices', i), name: `Device ${i}` },
        type: typeOfAction(ACTIONS[i % ACTIONS.length] ?? 'sync'),
        state,
      };
      const error = state === 'failed' ? { error: 'system.processing-failed' } : {};
      return { id, tenant: tenantOf(holder), ...facts, ...error, scheduledAt: at, executedAt: at, ...made(holder, holder.tenant.bornAt - (i + 1) * 3_600_000) };
    }),
};
