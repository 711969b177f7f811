import type { Collection, Item } from '../collection.ts';
import { hexText, idOf, mix32, pick, randomFrom } from '../random.ts';
import { endpointsOf } from './endpoints.ts';
import { iso } from './family.ts';
import { collectionOf, familyOf, type Holder } from './held.ts';

const SLOT_MS = 2 * 3_600_000;
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;

/** Rule, attack type, tactic, technique, category, severity. */
const RULES = [
  ['WIN-PER-PSH-ADD-SERVICE-REG-1', 'Persistence', ['TA0003', 'T1543', 'Create or Modify System Process'], 'Process', 5],
  ['WIN-EXE-PSH-ENCODED-COMMAND-1', 'Execution', ['TA0002', 'T1059', 'Command and Scripting Interpreter'], 'Process', 6],
  ['WIN-CRE-LSASS-MEMORY-ACCESS-2', 'Credential Access', ['TA0006', 'T1003', 'OS Credential Dumping'], 'Process', 9],
  ['WIN-DET-EVADE-DEFENDER-OFF-1', 'Defense Evasion', ['TA0005', 'T1562', 'Impair Defenses'], 'Registry', 7],
  ['WIN-PROT-SAV-PUA-PSEXEC-1', 'Lateral Movement', ['TA0008', 'T1569', 'System Services'], 'Threat', 3],
  ['WIN-MITRE-Behavioral-TA0011-T1105', 'Command and Control', ['TA0011', 'T1105', 'Ingress Tool Transfer'], 'Network', 8],
  ['LNX-EXE-REVERSE-SHELL-BASH-1', 'Execution', ['TA0002', 'T1059', 'Command and Scripting Interpreter'], 'Process', 9],
  ['FW-IPS-EXPLOIT-ATTEMPT-1', 'Initial Access', ['TA0001', 'T1190', 'Exploit Public-Facing Application'], 'Network', 4],
  ['MS-SEC-GRAPH-unfamiliar-signin', 'Initial Access', ['TA0001', 'T1078', 'Valid Accounts'], 'Identity', 2],
  ['CLD-AWS-ROOT-LOGIN-1', 'Privilege Escalation', ['TA0004', 'T1078', 'Valid Accounts'], 'Cloud', 1],
  ['WIN-VULN-OUTDATED-RUNTIME-1', 'Discovery', ['TA0007', 'T1518', 'Software Discovery'], 'Vulnerability', 0],
  ['WIN-IMP-SHADOW-COPY-DELETE-1', 'Impact', ['TA0040', 'T1490', 'Inhibit System Recovery'], 'Process', 10],
] as const;
const COUNTRIES = ['Germany', 'Canada', 'Japan', 'Brazil', 'United Kingdom'] as const;

/**
 * Everything that has been detected by now, and what control has added.
 *
 * Shape    one about every two hours, from 30 days before the first look; more as the clock goes on.
 */
export function detectionsIn(holder: Holder, now: number): Collection {
  const collection = collectionOf(holder, 'detections', () => []);
  const progress = collectionOf(holder, 'detection slots', () => []);
  const last = Math.floor((now - holder.tenant.bornAt) / SLOT_MS);
  const oldest = last - KEPT_MS / SLOT_MS;
  let slot = Math.max(oldest, Number(progress.get('next')?.slot ?? oldest));
  for (; slot <= last; slot++) {
    const one = detectionAt(holder, slot);
    if (Date.parse(String(one.time)) > now) break;
    collection.put(one);
  }
  progress.put({ id: 'next', slot });
  return collection;
}

/** Those of the last 30 days, the oldest first. */
export function detectionsOf(holder: Holder, now: number): readonly Item[] {
  const found = detectionsIn(holder, now)
    .list()
    .map((one) => ({ one, at: Date.parse(String(one.time)) }));
  const kept = found.filter(({ at }) => at > now - KEPT_MS && at <= now);
  return kept.sort((a, b) => a.at - b.at).map(({ one }) => one);
}

/** A single one, also when its 30 days are over. */
export function detectionAt(holder: Holder, slot: number): Item {
  const { tenant, sim } = holder;
  const random = randomFrom(familyOf(holder, 'detections') ^ mix32(slot));
  const at = tenant.bornAt + slot * SLOT_MS + Math.floor(random() * SLOT_MS);
  const [rule, attack, [tactic, technique, techniqueName], category, usual] = pick(RULES, random);
  const severity = Math.min(10, Math.max(0, usual + Math.floor(random() * 3) - 1));
  const device = Math.floor(random() * sim.setup.endpoints);
  const endpoint = endpointsOf(holder).at(device);
  const entity = String(endpoint?.hostname ?? `HOST-${device}`);
  const source = rule.startsWith('MS-') ? 'Microsoft' : rule.startsWith('FW-') ? 'Firewall' : 'Sophos';
  const username = `user${device % 40}@example.com`;
  return {
    id: `${hexText(64, random)}_${hexText(40, random)}`,
    detectionRule: rule,
    attackType: 'Security Event Service Detections',
    detectionAttack: attack,
    ruleDescription: `${attack}: ${techniqueName}.`,
    severity,
    type: category === 'Vulnerability' ? 'Vulnerability' : 'Threat',
    category,
    time: iso(at),
    sensorGeneratedAt: iso(at - 15_000 - Math.floor(random() * 60_000)),
    sensor: { id: idOf(familyOf(holder, 'sensors'), device), type: source === 'Firewall' ? 'firewall' : 'endpoint', source, version: '2024.3.1' },
    device: { id: endpoint?.id ?? '', type: endpoint?.type ?? 'computer', entity },
    mitreAttacks: [{ tactic: { id: tactic, name: attack, techniques: [{ id: technique, name: techniqueName }] } }],
    rawData: { meta_hostname: entity, meta_username: username, osPlatform: rule.startsWith('LNX-') ? 'linux' : 'windows', pid: 1000 + slot * slot },
    geolocation: source === 'Microsoft' ? [{ country: pick(COUNTRIES, random), ip: `198.51.100.${device % 250}` }] : [],
    intelixFileReputation: [],
    entities: [{ type: 'device', name: entity }],
    detectionLicenses: '["MDR","XDR"]',
    suppressed: random() < 0.05 ? 'true' : 'false',
  };
}
