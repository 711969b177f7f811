/** Objects of OCSF that several classes hold. An object that could not keep its constraints is undefined. */
import type { FileSeen, Peer, ProcessSeen } from '../meaning/evidence.ts';
import type { Facts } from '../meaning/facts.ts';
import { baseName } from '../meaning/values.ts';

/** An OCSF object; members that are undefined are not written. */
export type Part = Readonly<Record<string, unknown>>;

/** What most classes hold, made once for each record. */
export interface Parts {
  readonly device: Part | undefined;
  readonly user: Part | undefined;
  readonly actor: Part | undefined;
}

export function partsOf(facts: Facts): Parts {
  const user = userOf(facts);
  return { device: deviceOf(facts), user, actor: user === undefined ? undefined : { user } };
}

/** `device.type_id`. Central does not tell laptops from desktops. */
const deviceTypes: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ['computer', [2, 'Desktop']],
  ['server', [1, 'Server']],
  ['mobile', [5, 'Mobile']],
  ['security_vm', [6, 'Virtual']],
  ['securityVm', [6, 'Virtual']],
  ['utm', [9, 'Firewall']],
  ['xgfirewall', [9, 'Firewall']],
  ['switch', [10, 'Switch']],
]);

const systems: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ['windows', [100, 'Windows']],
  ['linux', [200, 'Linux']],
  ['android', [201, 'Android']],
  ['macos', [300, 'macOS']],
  ['ios', [301, 'iOS']],
]);

function deviceOf({ device: { host, hostAsWritten, id, type, platform, ip, mac } }: Facts): Part | undefined {
  if (host === undefined && id === undefined && ip === undefined) return undefined;
  const [typeId, caption] = type === undefined ? [0, 'Unknown'] : (deviceTypes.get(type) ?? [99, type]);
  return { type_id: typeId, type: caption, uid: id, hostname: host, name: hostAsWritten, ip, mac, os: platform === undefined ? undefined : osOf(platform) };
}

export function osOf(platform: string, name = platform): Part {
  const [typeId, type] = systems.get(platform.length > 20 ? '' : platform.toLowerCase()) ?? [99, platform];
  return { name, type_id: typeId, type };
}

function userOf({ user }: Facts): Part | undefined {
  if (user === undefined) return undefined;
  return { name: user.name, uid: user.id, domain: user.domain, email_addr: user.email };
}

/** A file as its path tells. */
export function fileOf({ path, name, sha256 }: FileSeen): Part {
  return { name, path, type_id: 1, type: 'Regular File', hashes: sha256 === undefined ? undefined : [hashOf(sha256)] };
}

export function hashOf(value: string): Part {
  return { algorithm_id: 3, algorithm: 'SHA-256', value };
}

/** A program; without the number of its process, the process has no identity that OCSF would take. */
export function processOf({ pid, name, path, version, parentPid, parentPath }: ProcessSeen): Part | undefined {
  if (pid === undefined) return undefined;
  const parent = parentPid === undefined ? undefined : { pid: parentPid, file: parentPath === undefined ? undefined : programOf(parentPath) };
  return { pid, name, path, file: path === undefined ? undefined : programOf(path, version), parent_process: parent };
}

export function programOf(path: string, version?: string): Part {
  return { name: baseName(path), path, type_id: 8, type: 'Executable File', version };
}

export function endpointOf({ ip, port, mac }: Peer): Part | undefined {
  return ip === undefined ? undefined : { ip, port, mac };
}
