/** The policies of an estate at the start, and what can be set in each type of them. */
import type { Item } from '../collection.ts';
import { adminIn, iso } from './family.ts';
import { type Holder, idIn } from './held.ts';

export interface Setting {
  readonly name: string;
  readonly description: string;
  readonly type: 'boolean' | 'integer' | 'string' | 'array';
  readonly defaultValue: unknown;
  readonly unit?: string;
  readonly format?: string;
}

const flag = (name: string, defaultValue: boolean): Setting => ({ name, description: `Whether ${name} is on`, type: 'boolean', defaultValue });

/** Every type, and its settings by their dotted names. */
export const policyTypes: Readonly<Record<string, readonly Setting[]>> = {
  'threat-protection': [
    flag('endpoint.malware.enabled', true),
    flag('endpoint.scans.scheduled.enabled', true),
    {
      name: 'endpoint.scans.scheduled.days',
      description: 'Days of the scheduled scan',
      type: 'array',
      format: 'string',
      defaultValue: ['monday', 'wednesday', 'friday'],
    },
    { name: 'endpoint.scans.scheduled.hour', description: 'Hour of the scheduled scan', type: 'string', defaultValue: '21:00' },
  ],
  'device-encryption': [
    flag('endpoint.device-encryption.allow-network-unlock', false),
    flag('endpoint.device-encryption.enable-right-click-context-menu', true),
    flag('endpoint.device-encryption.encrypt-non-boot-volumes', true),
    flag('endpoint.device-encryption.require-startup-authentication', true),
    { name: 'endpoint.disk-encryption.key-expiration', description: 'Life of a recovery key', type: 'integer', defaultValue: 48, unit: 'hours' },
  ],
  'peripheral-control': [flag('endpoint.peripheral-control.enabled', false)],
  'application-control': [flag('endpoint.application-control.scan-on-access', true)],
  'web-control': [flag('endpoint.web-control.enabled', true), flag('endpoint.web-control.tags.enabled', false)],
  'agent-updating': [flag('endpoint.updating.scheduled.enabled', false)],
  'server-threat-protection': [flag('server.malware.enabled', true), flag('server.malware.deep-learning', true)],
};

export const policyTypeNames = Object.keys(policyTypes);

/** The settings of a type, each as it is recommended. */
export function recommendedOf(type: string): Record<string, Item> {
  return Object.fromEntries(
    (policyTypes[type] ?? []).map(({ name, defaultValue, unit, format }) => [
      name,
      { value: defaultValue, recommendedValue: defaultValue, ...(unit === undefined ? {} : { unit }), ...(format === undefined ? {} : { format }) },
    ]),
  );
}

export function basePolicyId(holder: Holder, type: string): string {
  return idIn(holder, 'base-policies', policyTypeNames.indexOf(type));
}

const NAMES = ['Finance laptops', 'Büro Köln', 'Block "Acme"', 'Servers / DMZ', 'Pilot, group 1', '=strict'];

export function* policiesMade(holder: Holder): Generator<Item> {
  const { tenant, sim } = holder;
  for (let i = 0; i < sim.setup.policies; i++) {
    const type = policyTypeNames[i % policyTypeNames.length] as string;
    const at = iso(tenant.bornAt - (i + 20) * 86_400_000);
    const name = `${NAMES[i % NAMES.length]}${i < NAMES.length ? '' : ` ${i}`}`;
    yield {
      ...common(holder, idIn(holder, 'policies', i), name, type, at),
      lockedByManagingAccount: i % 6 === 4,
      priority: i + 1,
      enabled: i % 5 !== 3,
      appliesTo: i % 2 === 0 ? { users: [idIn(holder, 'users', i)] } : {},
    };
  }
  const at = iso(tenant.bornAt - 700 * 86_400_000);
  for (const type of policyTypeNames) {
    yield { ...common(holder, basePolicyId(holder, type), `Base Policy - ${type}`, type, at), lockedByManagingAccount: false, priority: 0, enabled: true };
  }
}

function common(holder: Holder, id: string, name: string, type: string, at: string): Item {
  const by = adminIn(holder, 0);
  const tenant = { id: holder.tenant.id, name: holder.tenant.name };
  return { id, name, type, tenant, settings: recommendedOf(type), createdAt: at, createdBy: by, updatedAt: at, updatedBy: by };
}
