/** Bodies of the finding classes: detection, compliance, incident, data security. */
import { actions } from '../meaning/actions.ts';
import type { Facts } from '../meaning/facts.ts';
import { type Fields, fieldsIn, instantIn, listIn, textIn, wholeIn } from '../meaning/values.ts';
import { evidencesOf, malwareOf } from './evidences.ts';
import type { Part, Parts } from './parts.ts';
import type { Place } from './place.ts';

export function detectionFinding(facts: Facts, { device, actor }: Parts, { activityId }: Place): Part {
  const isDetection = facts.stream === 'detections';
  return {
    finding_info: isDetection ? infoOfDetection(facts) : findingInfo(facts),
    is_alert: activityId === 1 ? true : undefined,
    malware: malwareOf(facts),
    evidences: evidencesOf(facts),
    vulnerabilities: vulnerabilitiesOf(facts),
    device,
    actor,
  };
}

function findingInfo(facts: Facts): Part {
  const { id, text, type, at, group, eventId, meaning } = facts;
  return {
    uid: id ?? '',
    title: text ?? type ?? meaning.category,
    created_time: at,
    types: [meaning.category],
    analytic: analyticOf(facts),
    data_sources: group === undefined ? undefined : [group],
    related_events: eventId === undefined ? undefined : [{ uid: eventId, type }],
  };
}

/** Technologies that `origin` names, as OCSF's kinds of analytics. Source: reference, section 4.4. */
const origins: ReadonlyMap<string, readonly [id: number, type: string]> = new Map([
  ['ML', [4, 'Learning (ML/DL)']],
  ['ML_MALWARE_DETECTION', [4, 'Learning (ML/DL)']],
  ['VDL_MALWARE_DETECTION', [5, 'Fingerprinting']],
  ['SAV', [5, 'Fingerprinting']],
  ['BLOCKLISTED', [5, 'Fingerprinting']],
  ['BLOCKLISTED_BY_ADMIN', [5, 'Fingerprinting']],
  ['HMPA_DETECTION', [2, 'Behavioral']],
  ['BEHAVIORAL_DETECTION', [2, 'Behavioral']],
  ['AMSI_DETECTION', [1, 'Rule']],
  ['IPS_DETECTION', [1, 'Rule']],
]);

function analyticOf({ origin, type }: Facts): Part | undefined {
  if (origin === undefined) return type === undefined ? undefined : { type_id: 0, type: 'Unknown', name: type };
  const [typeId, word] = origins.get(origin) ?? [99, origin];
  return { type_id: typeId, type: word, name: origin };
}

function infoOfDetection(facts: Facts): Part {
  const { id, item, at, text } = facts;
  const rule = textIn(item.detectionRule);
  return {
    uid: id ?? '',
    title: textIn(item.attackType) ?? rule ?? 'Detection',
    desc: text,
    created_time: at,
    types: [textIn(item.type) ?? 'Detection'],
    analytic: rule === undefined ? undefined : { type_id: 1, type: 'Rule', name: rule, desc: textIn(item.ruleDescription) },
    attacks: attacksOf(item),
    data_sources: sensorOf(fieldsIn(item.sensor)),
  };
}

function sensorOf({ name, source, type }: Fields): string[] | undefined {
  const sensor = textIn(name) ?? textIn(source) ?? textIn(type);
  return sensor === undefined ? undefined : [sensor];
}

const maxAttacks = 50;

/** Tactics with their techniques: one attack for each technique. */
function attacksOf(item: Fields): Part[] | undefined {
  const attacks: Part[] = [];
  for (const each of listIn(item.mitreAttacks).slice(0, maxAttacks)) {
    const written = fieldsIn(fieldsIn(each).tactic);
    const tactic = named(written);
    const techniques = listIn(written.techniques).slice(0, maxAttacks);
    for (const one of techniques) {
      const technique = named(fieldsIn(one));
      if (technique !== undefined) attacks.push({ tactic, technique });
    }
    if (techniques.length === 0 && tactic !== undefined) attacks.push({ tactic });
  }
  return attacks.length === 0 ? undefined : attacks.slice(0, maxAttacks);
}

function named({ id, name }: Fields): Part | undefined {
  const part = { uid: textIn(id), name: textIn(name) };
  return part.uid === undefined && part.name === undefined ? undefined : part;
}

function vulnerabilitiesOf({ evidence: { network } }: Facts): Part[] | undefined {
  return network?.cve === undefined ? undefined : [{ cve: { uid: network.cve }, title: network.message }];
}

export function complianceFinding(facts: Facts, { device, actor }: Parts): Part {
  const isMet = facts.meaning.action === 'compliant';
  return {
    finding_info: findingInfo(facts),
    compliance: { control: 'Sophos Central policy', status_id: isMet ? 1 : 3, status: isMet ? 'Pass' : 'Fail' },
    device,
    actor,
  };
}

/** `detection_system_id`: where a loss was seen. */
const lossSystems: Readonly<Partial<Record<string, readonly [id: number, caption: string]>>> = { xgemail: [6, 'Secure Email Gateway'] };

export function dataSecurityFinding(facts: Facts, { device, actor }: Parts, { activityId }: Place): Part {
  const { told, evidence, type = '' } = facts;
  const [systemId, system] = (/^Event::Xgemail/.test(type) ? lossSystems.xgemail : undefined) ?? [1, 'Endpoint'];
  const rules = told.rules?.filter((rule) => rule !== '') ?? [];
  const [file] = evidence.files;
  return {
    finding_info: findingInfo(facts),
    is_alert: activityId === 1 ? true : undefined,
    data_security: {
      detection_system_id: systemId,
      detection_system: system,
      policy: rules.length === 0 ? undefined : { name: rules.join(', ') },
    },
    file:
      file === undefined
        ? undefined
        : { name: file.name, path: file.path, type_id: 1, type: 'Regular File', size: wholeIn(told.fileSize), desc: told.fileType },
    device,
    actor: actor === undefined ? undefined : { ...actor, app_name: told.application },
  };
}

/** `verdict_id` of the verdicts that a case can have. */
const verdicts: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ['falsePositive', [1, 'False Positive']],
  ['truePositive', [2, 'True Positive']],
]);

export function incidentFinding({ item, id, text, at }: Facts): Part {
  const initial = fieldsIn(item.initialDetection);
  const verdict = textIn(item.verdict);
  const [verdictId, caption] = verdict === undefined ? [] : (verdicts.get(verdict) ?? [99, verdict]);
  return {
    desc: textIn(item.overview) ?? text,
    finding_info_list: [
      { uid: textIn(initial.id) ?? id ?? '', title: textIn(initial.detectionRule) ?? text ?? 'Case', created_time: instantIn(item.createdAt) ?? at },
    ],
    ...assignedTo(item),
    verdict_id: verdictId,
    verdict: caption,
    start_time: instantIn(item.createdAt),
    end_time: instantIn(item.resolvedAt),
  };
}

/** OCSF wants somebody: without an assignee it is the team that manages the case. */
function assignedTo(item: Fields): Part {
  const assignee = fieldsIn(item.assignee);
  const name = textIn(item.assignee) ?? textIn(assignee.name) ?? textIn(assignee.id);
  if (name !== undefined) return { assignee: { name, uid: textIn(assignee.id) } };
  return { assignee_group: { name: item.managedBy === 'sophos' ? 'Sophos MDR' : 'Unassigned' } };
}

const resolving: ReadonlySet<string> = new Set(['cleaned', 'resolved', 'dismissed', 'compliant', 'recovered', 'removed', 'nothing-found']);

/** `status_id` of a finding: 1 new, 2 in progress, 4 resolved. */
export function findingStatus({ meaning: { action }, isAlert }: Facts, { activityId }: Place): readonly [id: number, caption: string] {
  if (activityId === 3 || (!isAlert && resolving.has(action))) return [4, 'Resolved'];
  return activityId === 1 ? [1, 'New'] : [2, 'In Progress'];
}

/** `status_id` of an incident. */
const incidents: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ['new', [1, 'New']],
  ['investigating', [2, 'In Progress']],
  ['actionRequired', [2, 'In Progress']],
  ['onHold', [3, 'On Hold']],
  ['resolved', [4, 'Resolved']],
  ['closed', [5, 'Closed']],
]);

export function incidentStatus({ item }: Facts): readonly [id: number, caption: string] {
  const status = textIn(item.status);
  return status === undefined ? [0, 'Unknown'] : (incidents.get(status) ?? [99, status]);
}

/** The outcome of everything else. */
export function outcomeStatus({ meaning: { action } }: Facts): readonly [id: number, caption: string] {
  const { outcome } = actions[action];
  if (outcome === 'unknown') return [0, 'Unknown'];
  return outcome === 'success' ? [1, 'Success'] : [2, 'Failure'];
}
