import type { Facts } from '../meaning/facts.ts';
import type { Part } from './parts.ts';
import type { Place } from './place.ts';

/** `observable.type_id`, as the schema server makes them of the types of attributes. Source: schema.ocsf.io, 1.8.0, "observable". */
const kinds = {
  host: [1, 'Hostname'],
  ip: [2, 'IP Address'],
  user: [4, 'User Name'],
  url: [6, 'URL String'],
  file: [7, 'File Name'],
  hash: [8, 'Hash'],
} as const;

const maxFiles = 5;

/** What can be searched for across events, each with the attribute that holds it. */
export function observablesOf({ device, user, told, evidence }: Facts, { className }: Place): readonly Part[] | undefined {
  const found: Part[] = [];
  const add = (kind: keyof typeof kinds, name: string, value: string | undefined) => {
    if (value !== undefined) found.push({ type_id: kinds[kind][0], type: kinds[kind][1], name, value });
  };
  if (className !== 'user_inventory' && className !== 'incident_finding') {
    add('host', 'device.hostname', device.host);
    add('ip', 'device.ip', device.ip);
  }
  if (className !== 'inventory_info' && className !== 'user_inventory' && className !== 'incident_finding') add('user', 'actor.user.name', user?.name);
  if (className === 'http_activity') add('url', 'http_request.url.url_string', told.url);
  if (className === 'detection_finding') {
    add('url', 'evidences[].url.url_string', told.url);
    for (const { name, sha256 } of evidence.files.slice(0, maxFiles)) {
      add('file', 'evidences[].file.name', name);
      add('hash', 'evidences[].file.hashes[].value', sha256);
    }
    const isInbound = evidence.network?.direction === 'inbound';
    add('ip', isInbound ? 'evidences[].src_endpoint.ip' : 'evidences[].dst_endpoint.ip', evidence.network?.remote.ip);
  }
  return found.length === 0 ? undefined : found;
}
