import type { Members } from './members.ts';
import { type Fields, fieldsIn, ipIn, listIn, macIn, textIn, trimmed } from './values.ts';

/** The device that a record is about. */
export interface Device {
  /** Without blanks at its ends. */
  readonly host?: string | undefined;
  /** As Central wrote it, where that is something else: two devices may differ in a blank alone. */
  readonly hostAsWritten?: string | undefined;
  /** `endpoint_id`, `managedAgent.id` or the item's own id. */
  readonly id?: string | undefined;
  /** `computer`, `server`, `utm`, `mobile` ... */
  readonly type?: string | undefined;
  /** `windows`, `macOS`, `linux` ... */
  readonly platform?: string | undefined;
  readonly ip?: string | undefined;
  readonly mac?: string | undefined;
}

const owners: ReadonlySet<string> = new Set(['endpoints', 'firewalls', 'mobile-devices', 'access-points', 'switches']);

/** Reads the device; `data` is the item's member of that name. */
export function readDevice(item: Members, data: Fields, stream: string): Device {
  const agent = fieldsIn(item.managedAgent);
  const seen = fieldsIn(item.device);
  const isDevice = owners.has(stream);
  const written = textIn(item.location) ?? textIn(agent.name) ?? textIn(seen.entity) ?? textIn(item.hostname) ?? (isDevice ? textIn(item.name) : undefined);
  const host = trimmed(written);
  return {
    host,
    hostAsWritten: written === host ? undefined : written,
    id: textIn(item.endpoint_id) ?? textIn(data.endpoint_id) ?? textIn(agent.id) ?? textIn(seen.id) ?? (isDevice ? textIn(item.id) : undefined),
    type: textIn(item.endpoint_type) ?? textIn(data.endpoint_type) ?? textIn(agent.type) ?? textIn(seen.type) ?? (isDevice ? typeOf(item, stream) : undefined),
    platform: platformOf(textIn(data.endpoint_platform) ?? textIn(fieldsIn(item.os).platform)),
    ip: ipIn(fieldsIn(item.source_info).ip) ?? ipIn(fieldsIn(data.source_info).ip) ?? (isDevice ? firstIp(item) : undefined),
    mac: isDevice ? macIn(listIn(item.macAddresses)[0]) : undefined,
  };
}

/** The firewall objects of the Firewall API carry no type. */
function typeOf(item: Members, stream: string): string | undefined {
  return textIn(item.type) ?? { firewalls: 'utm', switches: 'switch', 'access-points': 'access_point', 'mobile-devices': 'mobile' }[stream];
}

function platformOf(platform: string | undefined): string | undefined {
  return platform === 'unknown' ? undefined : platform;
}

function firstIp(item: Members): string | undefined {
  return ipIn(listIn(item.ipv4Addresses)[0]) ?? ipIn(listIn(item.ipv6Addresses)[0]) ?? ipIn(listIn(item.externalIpv4Addresses)[0]);
}
