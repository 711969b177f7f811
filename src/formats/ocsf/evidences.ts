import type { NetworkSeen } from '../meaning/evidence.ts';
import type { Facts } from '../meaning/facts.ts';
import type { Category } from '../meaning/words.ts';
import { endpointOf, fileOf, type Part, processOf, programOf } from './parts.ts';
import { urlOf } from './url.ts';

const maxEvidences = 20;

/** Each file, process and connection as one evidence. */
export function evidencesOf({ evidence: { files, process, network }, told }: Facts): Part[] | undefined {
  const evidences: Part[] = [];
  for (const file of files.slice(0, maxEvidences)) evidences.push({ file: fileOf(file) });
  if (process !== undefined) {
    const part = processOf(process);
    if (part !== undefined) evidences.push({ process: part });
    else if (process.path !== undefined) evidences.push({ file: programOf(process.path, process.version) });
  }
  if (network !== undefined) {
    const connection = connectionOf(network);
    if (connection !== undefined) evidences.push(connection);
  }
  if (told.url !== undefined) evidences.push({ url: urlOf(told.url, told.webCategory) });
  return evidences.length === 0 ? undefined : evidences;
}

const directions = { unknown: [0, 'Unknown'], inbound: [1, 'Inbound'], outbound: [2, 'Outbound'] } as const;

function connectionOf({ direction, local, remote, protocol }: NetworkSeen): Part | undefined {
  const [directionId, caption] = directions[direction];
  const [from, to] = direction === 'inbound' ? [remote, local] : [local, remote];
  const source = endpointOf(from);
  const target = endpointOf(to);
  if (source === undefined && target === undefined) return undefined;
  return {
    src_endpoint: source,
    dst_endpoint: target,
    connection_info: { direction_id: directionId, direction: caption, protocol_name: protocol?.toLowerCase() },
  };
}

/** Categories in which a threat's name is the name of malware. */
const malicious: ReadonlySet<Category> = new Set<Category>([
  'malware',
  'pua',
  'ransomware',
  'behavior',
  'script',
  'blocked-item',
  'reputation',
  'outbreak',
  'cookies',
  'web',
  'exploit',
  'other',
]);

/** Beginnings of Sophos names, and OCSF's classification. */
const kinds: readonly (readonly [beginning: string, id: number, caption: string])[] = [
  ['Troj/', 18, 'Trojan'],
  ['W32/', 19, 'Virus'],
  ['W64/', 19, 'Virus'],
  ['OF97/', 19, 'Virus'],
  ['Ransom', 10, 'Ransomware'],
  ['CryptoGuard', 10, 'Ransomware'],
  ['Exp/', 8, 'Exploit-Kit'],
  ['Adware', 1, 'Adware'],
  ['C2/', 3, 'Bot'],
];

export function malwareOf({ threat, meaning: { category }, evidence: { files } }: Facts): Part[] | undefined {
  if (threat === undefined || !malicious.has(category)) return undefined;
  const [, id, caption] = kindOf(threat, category);
  const [file] = files;
  return [
    {
      name: threat,
      classification_ids: [id],
      classifications: [caption],
      provider: 'Sophos',
      path: file?.path,
    },
  ];
}

function kindOf(threat: string, category: Category): readonly [string, number, string] {
  const found = kinds.find(([beginning]) => threat.startsWith(beginning));
  if (found !== undefined) return found;
  if (category === 'ransomware') return ['', 10, 'Ransomware'];
  return category === 'pua' ? ['', 99, 'Potentially unwanted application'] : ['', 0, 'Unknown'];
}
