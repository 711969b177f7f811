import type { Facts } from '../meaning/facts.ts';
import { fieldsIn, ipIn } from '../meaning/values.ts';
import type { OcsfClass } from '../meaning/words.ts';
import type { Part } from './parts.ts';

/** Fields that have a place of their own in every class. */
const always = [
  'id',
  'type',
  'severity',
  'name',
  'description',
  'when',
  'created_at',
  'raisedAt',
  'customer_id',
  'location',
  'source',
  'user_id',
  'endpoint_id',
];
const alsoAlways = ['endpoint_type', 'event_service_event_id', 'managedAgent', 'person', 'tenant'];

/** Fields that only some classes hold. */
const more: Readonly<Partial<Record<OcsfClass, readonly string[]>>> = {
  detection_finding: [
    ...['threat', 'origin', 'group', 'category', 'appSha256', 'amsi_threat_data', 'detectionRule', 'ruleDescription', 'attackType'],
    ...['mitreAttacks', 'sensor', 'device', 'time'],
  ],
  compliance_finding: ['group'],
  data_security_finding: ['group', 'origin'],
  incident_finding: ['overview', 'initialDetection', 'assignee', 'status', 'verdict', 'createdAt', 'resolvedAt', 'updatedAt', 'managedBy'],
  inventory_info: [
    ...['hostname', 'os', 'ipv4Addresses', 'ipv6Addresses', 'externalIpv4Addresses', 'macAddresses', 'serialNumber', 'model', 'lastSeenAt'],
    ...['associatedPerson', 'assignedProducts'],
  ],
  user_inventory: ['email', 'firstName', 'lastName', 'exchangeLogin'],
  entity_management: ['url'],
};

const mapped: ReadonlyMap<OcsfClass | undefined, ReadonlySet<string>> = new Map([
  [undefined, new Set([...always, ...alsoAlways])],
  ...(Object.keys(more) as OcsfClass[]).map((name) => [name, new Set([...always, ...alsoAlways, ...(more[name] ?? [])])] as const),
]);

/** Bounds of what is copied: `raw_data` has the whole. */
const maxNodes = 1_000;
const maxLetters = 16_384;
const maxDepth = 16;

/**
 * The item's members that have no other place in the event.
 *
 * Shape    members that are null are left out, and so are those that would go beyond the bounds: then `left` is true.
 */
export function unmappedOf({ item }: Facts, className: OcsfClass): { readonly unmapped: Part | undefined; readonly left: boolean } {
  const taken = mapped.get(className) ?? mapped.get(undefined);
  const room = { nodes: maxNodes, letters: maxLetters };
  let unmapped: Record<string, unknown> | undefined;
  let left = false;
  for (const key in item) {
    if (taken?.has(key)) continue;
    const value = item[key];
    if (value === null || (key === 'source_info' && isAddressAlone(value))) continue;
    const { nodes, letters } = room;
    // A member of this name would be no member of the object that is built here.
    if (key === '__proto__' || !fits(key, value, room, 0)) {
      Object.assign(room, { nodes, letters });
      left = true;
      continue;
    }
    unmapped ??= {};
    unmapped[key] = value;
  }
  return { unmapped, left };
}

/** `{"ip": "..."}`: the device has it. */
function isAddressAlone(value: unknown): boolean {
  for (const key in fieldsIn(value)) if (key !== 'ip') return false;
  return ipIn(fieldsIn(value).ip) !== undefined;
}

function fits(key: string, value: unknown, room: { nodes: number; letters: number }, depth: number): boolean {
  room.nodes--;
  room.letters -= key.length;
  if (typeof value === 'string') room.letters -= value.length;
  if (room.nodes < 0 || room.letters < 0 || depth > maxDepth) return false;
  if (typeof value !== 'object' || value === null) return true;
  for (const inner in value) if (!fits(inner, (value as Part)[inner], room, depth + 1)) return false;
  return true;
}
