/** Bodies of the classes for states, entities and inventories. */

import { datastreamOf } from '../json.ts';
import type { Facts } from '../meaning/facts.ts';
import { splitUser } from '../meaning/people.ts';
import { type Fields, fieldsIn, instantIn, ipIn, listIn, macIn, textIn, wholeIn } from '../meaning/values.ts';
import type { Category } from '../meaning/words.ts';
import { osOf, type Part, type Parts } from './parts.ts';

/** What a state means for security: `security_level_id`, and the state itself. */
const levels = { unknown: [0, 'Unknown'], secure: [1, 'Secure'], risk: [2, 'At Risk'] } as const;

export function deviceStateChange({ meaning: { category, action } }: Facts, { device, actor }: Parts): Part {
  const [levelId, level] = levels[levelOf(action)];
  const state = securityState(category, action);
  const isOn = action === 'enabled' ? true : action === 'disabled' ? false : undefined;
  return {
    security_level_id: levelId,
    security_level: level,
    security_states: state === undefined ? undefined : [{ state_id: state[0], state: state[1] }],
    state_id: isOn === undefined ? undefined : isOn ? 2 : 1,
    state: isOn === undefined ? undefined : isOn ? 'Enabled' : 'Disabled',
    device,
    actor,
  };
}

function levelOf(action: string): keyof typeof levels {
  if (['enabled', 'recovered', 'released', 'updated', 'added'].includes(action)) return 'secure';
  return ['disabled', 'degraded', 'failed', 'outdated', 'isolated', 'expired'].includes(action) ? 'risk' : 'unknown';
}

/** `security_states[].state_id`, where one fits. */
function securityState(category: Category, action: string): readonly [id: number, caption: string] | undefined {
  if (category === 'isolation') return action === 'isolated' ? [3, 'In network quarantine'] : undefined;
  if (category !== 'protection') return undefined;
  if (action === 'outdated') return [1, 'Missing or outdated content'];
  if (action === 'disabled') return [4, 'Protection off'];
  return action === 'degraded' || action === 'failed' ? [5, 'Protection malfunction'] : undefined;
}

/** `managed_entity.type_id` of streams of settings. */
const entityKinds: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ['user-groups', [3, 'Group']],
  ['endpoint-groups', [3, 'Group']],
  ['firewall-groups', [3, 'Group']],
  ['policies', [5, 'Policy']],
]);

export function entityManagement(facts: Facts, { device, actor, user }: Parts): Part {
  return { entity: entityOf(facts, device, user), device, actor };
}

function entityOf({ meaning: { category }, stream, item, id, type, text }: Facts, device: Part | undefined, user: Part | undefined): Part {
  if (category === 'settings') {
    const [typeId, word] = entityKinds.get(stream) ?? [99, datastreamOf(stream)];
    return { name: textIn(item.name) ?? textIn(item.url) ?? id, uid: id, type_id: typeId, type: word };
  }
  if (category === 'directory-sync') return { name: 'Directory', type_id: 4, type: 'Organization' };
  if (category === 'cloud-account') return { name: text ?? 'Cloud account', type_id: 99, type: 'Cloud account' };
  if (type === 'Event::Endpoint::UserAutoCreated' && user !== undefined) return { name: user.name ?? user.uid, type_id: 2, type: 'User', user };
  if (device !== undefined) return { name: device.hostname ?? device.uid ?? device.ip, uid: device.uid, type_id: 1, type: 'Device', device };
  return { name: text ?? type ?? 'Sophos Central', type_id: 0, type: 'Unknown' };
}

export function inventoryInfo({ item, stream, device: { type } }: Facts, { device }: Parts): Part {
  const serial = textIn(item.serialNumber);
  return {
    device: {
      ...device,
      os: systemOf(fieldsIn(item.os)),
      model: textIn(item.model),
      network_interfaces: interfacesOf(item),
      groups: groupsOf(item.group),
      hw_info: serial === undefined ? undefined : { serial_number: serial },
      last_seen_time: instantIn(item.lastSeenAt),
      modified_time: instantIn(item.lastAgentUpdateAt) ?? instantIn(item.stateChangedAt),
      owner: ownerOf(item),
      agent_list: stream === 'endpoints' ? agentsOf(item.assignedProducts) : undefined,
      is_managed: true,
      vendor_name: type === 'utm' ? 'Sophos' : undefined,
    },
  };
}

function systemOf({ name, platform, majorVersion, minorVersion, build }: Fields): Part | undefined {
  const written = textIn(platform) ?? textIn(name);
  if (written === undefined) return undefined;
  const numbers = [majorVersion, minorVersion].map(wholeIn).filter((each) => each !== undefined);
  return { ...osOf(written, textIn(name)), version: numbers.length === 0 ? undefined : numbers.join('.'), build: wholeIn(build)?.toString() };
}

const mostListed = 20;

/** Central lists addresses apart from cards: they are paired by their place as far as they go. */
function interfacesOf(item: Fields): Part[] | undefined {
  const ips = [...listIn(item.ipv4Addresses), ...listIn(item.ipv6Addresses), ...listIn(item.externalIpv4Addresses)].slice(0, mostListed).map(ipIn);
  const macs = listIn(item.macAddresses).slice(0, mostListed).map(macIn);
  const found = [
    ...ips.filter((ip) => ip !== undefined).map((ip) => ({ ip, type_id: 0, type: 'Unknown' })),
    ...macs.filter((mac) => mac !== undefined).map((mac) => ({ mac, type_id: 0, type: 'Unknown' })),
  ];
  return found.length === 0 ? undefined : found;
}

function groupsOf(group: unknown): Part[] | undefined {
  const { id, name } = fieldsIn(group);
  const part = { uid: textIn(id), name: textIn(name) };
  return part.uid === undefined && part.name === undefined ? undefined : [part];
}

function ownerOf(item: Fields): Part | undefined {
  const { id, name, viaLogin } = fieldsIn(item.associatedPerson);
  const part = { uid: textIn(id), name: textIn(viaLogin) ?? textIn(name), full_name: textIn(name) };
  return part.uid === undefined && part.name === undefined ? undefined : part;
}

function agentsOf(products: unknown): Part[] | undefined {
  const agents: Part[] = [];
  for (const product of listIn(products).slice(0, mostListed)) {
    const { code, version } = fieldsIn(product);
    const name = textIn(code);
    if (name !== undefined) agents.push({ name, version: textIn(version), vendor_name: 'Sophos' });
  }
  return agents.length === 0 ? undefined : agents;
}

export function userInventory({ item, stream, id, text }: Facts): Part {
  const isAdmin = stream === 'admins';
  const email = textIn(item.email);
  const full = textIn(item.name) ?? [textIn(item.firstName), textIn(item.lastName)].filter((each) => each !== undefined).join(' ');
  return {
    user: {
      uid: id ?? '',
      name: textIn(item.exchangeLogin) ?? textIn(item.username) ?? email ?? text,
      full_name: full || undefined,
      email_addr: email === undefined ? undefined : splitUser(email).email,
      type_id: isAdmin ? 2 : 1,
      type: isAdmin ? 'Admin' : 'User',
    },
  };
}
