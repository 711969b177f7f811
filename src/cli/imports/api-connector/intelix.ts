/** intelix_config.ini: the credential of SophosLabs Intelix, and what a category of IP address risks. */
import type { Finding } from '../takeover.ts';
import { oddities, type Part, plain, readCredential, type Settings, type Started } from './part.ts';

/** The tool writes a number for each word of the API. */
const levels = ['UNCLASSIFIED', 'TRUSTED', 'LOW', 'MEDIUM', 'HIGH'] as const;
/** More categories than the API has by far. */
const mostCategories = 500;

const known = {
  intelix: ['secret_name', 'region_name', 'client_id_key', 'client_secret_key'],
  aws: ['secret_name', 'region_name', 'client_id_key', 'client_secret_key'],
  static: ['client_id', 'client_secret'],
  ip_lookup_risk: 'any',
} as const;

export function intelixPart(settings: Settings, started: Started | null): Part {
  const section = settings.ini.sections.has('intelix') ? 'intelix' : 'aws';
  const { tree, secrets, findings: own, region } = readCredential({ settings, aws: section, at: 'intelix', variable: 'SOPHOS_INTELIX_CLIENT_SECRET', started });
  if (tree.clientSecret === undefined && tree.clientId === undefined) {
    // As it is shipped: the tool was never used with Intelix.
    return { tree: {}, comments: {}, secrets: [], findings: [...own, ...oddities(settings, known)], region: null };
  }
  const findings: Finding[] = [...own];
  const ipRisk = readRisks(settings, findings);
  findings.push(...oddities(settings, known));
  const intelix = { ...tree, ...(Object.keys(ipRisk).length === 0 ? {} : { ipRisk }) };
  const comments =
    Object.keys(ipRisk).length === 0 ? {} : { 'intelix.ipRisk': 'What an IP address of a category risks. Of several categories the highest counts.' };
  return { tree: { intelix }, comments, secrets, findings, region };
}

function readRisks({ name, ini }: Settings, findings: Finding[]): { [category: string]: string } {
  const risks = new Map<string, string>();
  let odd = 0;
  for (const [category, { value }] of ini.sections.get('ip_lookup_risk') ?? []) {
    const word = value.trim().toUpperCase();
    const level = /^[0-4]$/.test(word) ? levels[Number(word)] : levels.find((each) => each === word);
    if (level === undefined || risks.size >= mostCategories || !/^[a-z0-9][\w .-]{0,63}$/i.test(category)) odd++;
    else risks.set(plain(category), level);
  }
  if (odd > 0)
    findings.push({
      outcome: 'left',
      what: `${name} [ip_lookup_risk]`,
      how: `${odd} of its lines name no category, or no risk from 0 to 4; those categories keep what they have here.`,
    });
  if (risks.size > 0)
    findings.push({
      outcome: 'taken',
      what: `${name} [ip_lookup_risk]`,
      how: `\`intelix.ipRisk\`: ${risks.size} categories, their numbers as words from UNCLASSIFIED (0) to HIGH (4).`,
    });
  return Object.fromEntries(risks);
}
