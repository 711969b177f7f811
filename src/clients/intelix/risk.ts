import type { Lookup } from './lookups.ts';

/** From the highest: of several categories the highest counts. */
export const riskLevels = ['HIGH', 'MEDIUM', 'LOW', 'TRUSTED', 'UNCLASSIFIED'] as const;
export type RiskLevel = (typeof riskLevels)[number];

/** What an IP address of a category risks, by the category's name in lower case. */
export type IpRisk = Readonly<Record<string, RiskLevel>>;

/** Source: reference, 11.3 (the table of another tool for this API). What it does not name is never cleaned up, so nothing is added to it here. */
export const defaultIpRisk = {
  malware: 'HIGH',
  botnet: 'HIGH',
  bot: 'HIGH',
  spam_mta: 'HIGH',
  spammers: 'HIGH',
  psh: 'HIGH',
  illegal: 'HIGH',
  bulk_mta: 'MEDIUM',
  bulk_mta_grey: 'MEDIUM',
  enduser_network: 'LOW',
  generic_mta: 'LOW',
  free_mta: 'LOW',
  isp_mta: 'LOW',
  biz_mta: 'LOW',
  news_mta: 'LOW',
  notifications_mta: 'LOW',
  clean_mta: 'TRUSTED',
} as const satisfies IpRisk;

/**
 * The risk of what was looked up.
 *
 * URLs: their `riskLevel`. IP addresses: the highest of their categories', by `ipRisk` and, for what that does not name, `defaultIpRisk`. Files: malware
 * is HIGH, a potentially unwanted application MEDIUM, a good file TRUSTED. Whatever is missing or not known is UNCLASSIFIED.
 */
export function riskOf(lookup: Lookup, ipRisk: IpRisk = {}): RiskLevel {
  if (lookup.kind === 'url') return levelOf(lookup.riskLevel);
  if (lookup.kind === 'file') return ofBand[lookup.band];
  const table = tableOf(ipRisk);
  const risks = new Set(lookup.categories.map((each) => table.get(nameOf(each))));
  return riskLevels.find((level) => risks.has(level)) ?? 'UNCLASSIFIED';
}

const ofBand = { malware: 'HIGH', pua: 'MEDIUM', good: 'TRUSTED', unknown: 'UNCLASSIFIED' } as const;

function levelOf(word: string | undefined): RiskLevel {
  const upper = word?.trim().toUpperCase();
  return riskLevels.find((level) => level === upper) ?? 'UNCLASSIFIED';
}

function tableOf(ipRisk: IpRisk): ReadonlyMap<string, RiskLevel> {
  return new Map([...Object.entries(defaultIpRisk), ...Object.entries(ipRisk)].map(([name, level]) => [nameOf(name), level]));
}

function nameOf(category: string): string {
  return category.trim().toLowerCase();
}
