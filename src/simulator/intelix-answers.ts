import { createHash } from 'node:crypto';
import type { Item } from './collection.ts';
import { mix32, pick, randomFrom } from './random.ts';

/** Which reputation is asked for. */
export type LookupKind = 'urls' | 'ips' | 'files';

const PRODUCTIVITY: Readonly<Record<string, readonly string[]>> = {
  HIGH: ['PHISHING_AND_FRAUD', 'SPYWARE_AND_MALWARE', 'COMMAND_AND_CONTROL', 'CRIMINAL_ACTIVITY', 'NEWLY_REGISTERED_WEBSITES'],
  MEDIUM: ['ANONYMIZERS', 'HACKING', 'SPAM_URLS', 'PARKED_DOMAINS', 'PEER_TO_PEER_AND_TORRENTS', 'UNAUTHORIZED_SOFTWARE_STORES'],
  LOW: ['ADVERTISEMENTS', 'BLOGS_AND_FORUMS', 'GAMES', 'ONLINE_SHOPPING', 'PERSONAL_SITES', 'SOCIAL_NETWORKS', 'VIDEO_HOSTING', 'DYNAMIC_DNS_AND_ISP_SITES'],
  TRUSTED: ['SOFTWARE_UPDATES', 'INFORMATION_TECHNOLOGY', 'CRL_AND_OCSP', 'GOVERNMENT', 'FINANCIAL_SERVICES', 'SEARCH_ENGINES', 'GENERAL_BUSINESS'],
  UNCLASSIFIED: ['UNCATEGORIZED'],
};
const SECURITY: Readonly<Record<string, readonly string[]>> = {
  HIGH: ['MALWARE_REPOSITORY', 'MALWARE_CALLHOME', 'MALWARE_INFECTED', 'ILLEGAL_PHISHING', 'MALWARE_HACKING', 'MALWARE_SPYWARE_INSTALL'],
  MEDIUM: ['PUA_ADWARE', 'PUA_REMOTE_ADMIN_TOOL', 'PUA_OTHER', 'SPAM_OTHER', 'SPAM_PRODUCT', 'PUA_HACKING_TOOL'],
  LOW: ['UNCATEGORIZED', 'PUA_SYSTEM_MONITOR', 'MALWARE_REFERENCE'],
  TRUSTED: ['TRUSTED_UPDATE_SITE', 'UNCATEGORIZED'],
  UNCLASSIFIED: ['UNCATEGORIZED'],
};
/** The last place is for an answer without a level. */
const RISKS = ['HIGH', 'MEDIUM', 'LOW', 'LOW', 'TRUSTED', 'TRUSTED', 'UNCLASSIFIED', 'UNCLASSIFIED', undefined] as const;

/** All that is documented, and one that nobody has heard of: the list is open. */
export const IP_CATEGORIES = [
  'malware',
  'botnet',
  'bot',
  'spam_mta',
  'spammers',
  'phishing',
  'psh',
  'illegal',
  'bulk_mta',
  'bulk_mta_grey',
  'enduser_network',
  'generic_mta',
  'free_mta',
  'isp_mta',
  'biz_mta',
  'news_mta',
  'notifications_mta',
  'clean_mta',
  'open_relay_watch',
] as const;

const TTLS_S = [0, 300, 1800, 3600, 3600, 21_600, 86_400, 86_400, 604_800] as const;
const MALWARE_NAMES = ['Troj/Agent-BKQX', 'Mal/Generic-S', 'Troj/PDFUri-HXP', 'ML/PE-A', 'W32/Sality-D', 'Troj/Ransom-GZT'] as const;
const PUA_NAMES = ['Generic PUA JB', 'Bundlore Installer', 'PsExec', 'Conduit Toolbar'] as const;

/**
 * What is known of an address: the same for the same seed and the same address, however it is capitalized.
 *
 * Shape    `null` for a hash that nobody has seen.
 * Source   reference, section 11.3 and appendix C.
 */
export function intelixAnswer(seed: number, kind: LookupKind, address: string): Item | null {
  const digest = createHash('sha256').update(`${seed} ${kind} ${address.toLowerCase()}`).digest();
  const random = randomFrom(mix32(digest.readUInt32LE(0)) ^ digest.readUInt32LE(4));
  if (kind === 'urls') return urlAnswer(random);
  return kind === 'ips' ? ipAnswer(random) : fileAnswer(random);
}

function urlAnswer(random: () => number): Item {
  const risk = pick(RISKS, random);
  const like = risk ?? 'LOW';
  // Either category, both, or none.
  const shown = Math.floor(random() * 5);
  return {
    ...(shown === 0 || shown === 1 ? {} : { productivityCategory: `PROD_${pick(PRODUCTIVITY[like] ?? ['UNCATEGORIZED'], random)}` }),
    ...(shown === 0 || shown === 2 ? {} : { securityCategory: `SEC_${pick(SECURITY[like] ?? ['UNCATEGORIZED'], random)}` }),
    ...(risk === undefined ? {} : { riskLevel: risk }),
    ttl: pick(TTLS_S, random),
  };
}

function ipAnswer(random: () => number): Item {
  const ttl = pick(TTLS_S, random);
  const shape = random();
  if (shape < 0.18) return { ttl };
  const first = pick(IP_CATEGORIES, random);
  if (shape < 0.24) return { category: first, ttl };
  const many = shape < 0.6 ? [first] : [first, pick(IP_CATEGORIES, random), pick(IP_CATEGORIES, random)];
  return { category: [...new Set(many)], ttl };
}

function fileAnswer(random: () => number): Item | null {
  const kind = random();
  const ttl = pick(TTLS_S, random);
  const score = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  if (kind < 0.25) return null;
  if (kind < 0.45) return { reputationScore: score(0, 19), detectionName: pick(MALWARE_NAMES, random), ttl };
  if (kind < 0.55) return { reputationScore: score(20, 29), detectionName: pick(PUA_NAMES, random), ttl };
  return { reputationScore: kind < 0.7 ? score(30, 69) : score(70, 100), ttl };
}
