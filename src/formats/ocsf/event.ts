/**
 * One record as an OCSF event: what all classes share, around the body of the one that fits.
 *
 * The event is put together as text: what is the same for a class, a severity, a tenant is written once and kept, and only the rest goes
 * through JSON.stringify. As one object, an event takes three times as long.
 */
import type { LineWriter, Origin, StreamRecord } from '../../core/types.ts';
import type { Facts } from '../meaning/facts.ts';
import { severityNumbers } from '../meaning/severity.ts';
import { applicationLifecycle, httpActivity, peripheralActivity, processActivity, scanActivity } from './activities.ts';
import { categoryCaptions, classes, controlActions, dispositions, severities } from './classes.ts';
import { complianceFinding, dataSecurityFinding, detectionFinding, findingStatus, incidentFinding, incidentStatus, outcomeStatus } from './findings.ts';
import { observablesOf } from './observables.ts';
import { type Part, type Parts, partsOf } from './parts.ts';
import { type Place, placeOf } from './place.ts';
import { deviceStateChange, entityManagement, inventoryInfo, userInventory } from './states.ts';
import { unmappedOf } from './unmapped.ts';

export const ocsfVersion = '1.8.0';

export interface EventOptions {
  readonly rawData: boolean;
  readonly observables: boolean;
}

/** Makes the events of one format. What it remembers are texts that the same record would make again. */
export class Events {
  readonly #options: EventOptions;
  /** Of the tenant and stream that were seen last. */
  #origin: Origin | undefined;
  readonly #heads = new Map<number, string>();

  constructor(options: EventOptions) {
    this.#options = options;
  }

  /** Writes the event as JSON on one line; in pieces, because one letter beyond Latin-1 makes a whole text twice as large. */
  write(facts: Facts, record: StreamRecord, origin: Origin, out: LineWriter): void {
    const { rawData, observables } = this.#options;
    const parts = partsOf(facts);
    const place = placeOf(facts, parts);
    const { left, unmapped } = unmappedOf(facts, place.className);
    out.text(this.#headOf(place, origin));
    out.text(metadataOf(facts, record, left && !rawData) + severityOf(facts) + spokenOf(facts, place));
    out.text(membersOf(bodyOf(facts, parts, place)));
    if (observables) out.text(membersOf({ observables: observablesOf(facts, place) }));
    if (rawData) {
      out.text(',"raw_data":');
      out.text(JSON.stringify(facts.json));
    }
    out.text(unmapped === undefined ? '}' : `,"unmapped":${JSON.stringify(unmapped)}}`);
  }

  /** The class, and what the metadata say of every record of a tenant's stream. */
  #headOf(place: Place, origin: Origin): string {
    if (this.#origin !== origin) {
      this.#origin = origin;
      this.#heads.clear();
    }
    const { className, activityId, dispositionId, actionId = 0 } = place;
    const control = dispositionId === undefined ? 999 : dispositionId * 5 + actionId;
    const key = (classes[className].uid * 100 + activityId) * 1000 + control;
    const known = this.#heads.get(key);
    if (known !== undefined) return known;
    const text = JSON.stringify(headOf(place)).slice(0, -1) + metadataBeginning(place, origin);
    this.#heads.set(key, text);
    return text;
  }
}

function metadataBeginning({ dispositionId }: Place, { stream, tenant }: Origin): string {
  const metadata = {
    version: ocsfVersion,
    product: { name: 'Sophos Central', vendor_name: 'Sophos' },
    profiles: dispositionId === undefined ? ['host'] : ['host', 'security_control'],
    log_name: stream,
    log_provider: 'Sophos Central',
    tenant_uid: tenant.id,
    tags: [{ name: 'tenant_name', value: tenant.name }],
  };
  return `,"metadata":${JSON.stringify(metadata).slice(0, -1)}`;
}

/** The rest of the metadata, and the time. */
function metadataOf(facts: Facts, record: StreamRecord, isTruncated: boolean): string {
  const { type, id, eventId, at, recordedAt, atAsWritten, meaning, change } = facts;
  const ids = member('event_code', type) + member('uid', id) + member('original_time', atAsWritten) + member('correlation_uid', eventId);
  const labels = `"${meaning.category}","${meaning.action}"${change === undefined ? '' : `,${JSON.stringify(change)}`}`;
  const size = isTruncated ? `,"is_truncated":true,"untruncated_size":${record.utf8.byteLength}` : '';
  return `${ids},"logged_time":${recordedAt},"processed_time":${record.fetchedAt},"labels":[${labels}]${size}},"time":${at}`;
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${plain.test(value) ? `"${value}"` : JSON.stringify(value)}`;
}

/** Ids, instants and types: nothing in them is escaped, and a look is cheaper than the call. */
const plain = /^[\w:. -]{1,80}$/;

/** The members of an object, each with a comma before it. */
function membersOf(part: Part): string {
  const text = JSON.stringify(part);
  return text === '{}' ? '' : `,${text.slice(1, -1)}`;
}

function headOf({ className, activityId, dispositionId, actionId }: Place): Part {
  const { uid, caption, activities } = classes[className];
  const category = Math.trunc(uid / 1000);
  const activity = activities[activityId] ?? 'Other';
  return {
    activity_id: activityId,
    activity_name: activity,
    category_uid: category,
    category_name: categoryCaptions[category],
    class_uid: uid,
    class_name: caption,
    type_uid: uid * 100 + activityId,
    type_name: `${caption}: ${activity}`,
    disposition_id: dispositionId,
    disposition: dispositionId === undefined ? undefined : dispositions[dispositionId],
    action_id: actionId,
    action: actionId === undefined ? undefined : controlActions[actionId],
  };
}

const severityTexts = severities.map((caption, id) => `,"severity_id":${id},"severity":"${caption}"`);

/** A severity that is written but that nobody knows is 99, with its own word. */
function severityOf({ severity, severityText }: Facts): string {
  if (severity === undefined && severityText !== undefined) return `,"severity_id":99,"severity":${JSON.stringify(severityText)}`;
  return severityTexts[severityNumbers(severity).ocsf] ?? '';
}

/** Message and status; of what failed, the message says why. */
function spokenOf(facts: Facts, place: Place): string {
  const { status } = classes[place.className];
  const [id, caption] = status === 'outcome' ? outcomeStatus(facts) : status === 'finding' ? findingStatus(facts, place) : incidentStatus(facts);
  const state = `,"status_id":${id}${member('status', caption)}`;
  if (facts.text === undefined) return state;
  const message = JSON.stringify(facts.text);
  return `,"message":${message}${state}${facts.meaning.outcome === 'failure' ? `,"status_detail":${message}` : ''}`;
}

function bodyOf(facts: Facts, parts: Parts, place: Place): Part {
  switch (place.className) {
    case 'detection_finding':
      return detectionFinding(facts, parts, place);
    case 'compliance_finding':
      return complianceFinding(facts, parts);
    case 'data_security_finding':
      return dataSecurityFinding(facts, parts, place);
    case 'incident_finding':
      return incidentFinding(facts);
    case 'http_activity':
      return httpActivity(facts, parts);
    case 'process_activity':
      return processActivity(facts, parts);
    case 'peripheral_activity':
      return peripheralActivity(facts, parts);
    case 'scan_activity':
      return scanActivity(facts, parts);
    case 'application_lifecycle':
      return applicationLifecycle(facts, parts);
    case 'device_config_state_change':
      return deviceStateChange(facts, parts);
    case 'entity_management':
      return entityManagement(facts, parts);
    case 'inventory_info':
      return inventoryInfo(facts, parts);
    case 'user_inventory':
      return userInventory(facts);
    case 'application_error':
    case 'base_event':
      return { device: parts.device, actor: parts.actor };
  }
}
