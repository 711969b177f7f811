/** The fields of the data models, by the part of the record that they come from; which of them a model has, docs/cim.md says. */
import { numberMember, textMember } from '../json-text.ts';
import type { Facts } from '../meaning/facts.ts';
import { severityNumbers } from '../meaning/severity.ts';
import { fieldsIn, listIn, textIn, wholeIn } from '../meaning/values.ts';
import { isThing, signatureOf, titleOf } from '../signature.ts';
import { type Models, updateStatus } from './models.ts';

/** Model by model: what only it has. */
export function modelMembers(facts: Facts, models: Models): string {
  const { meaning } = facts;
  const action = textMember('action', facts.isAlert ? undefined : meaning.cim?.action);
  switch (models.first) {
    case 'Change':
      return action + changeMembers(facts);
    case 'Intrusion_Detection':
      return `${action},"ids_type":"host"`;
    case 'Data_Loss_Prevention':
      return action + lossMembers(facts);
    case 'Malware':
      return (meaning.cim?.dataset === 'Malware_Attacks' ? action : textMember('status', updateStatus(meaning))) + attackMembers(facts);
    case 'Alerts':
      return textMember('type', 'alert') + techniques(facts);
    case 'Inventory':
      return inventoryMembers(facts);
    default:
      return action;
  }
}

function attackMembers({ user }: Facts): string {
  return textMember('dest_nt_domain', user?.domain);
}

/** What was changed: the device, unless the record is about a thing of another kind. */
function changeMembers(facts: Facts): string {
  const { meaning, device, id, text, told, stream } = facts;
  const isSetting = stream !== 'events';
  const kind = { settings: 'configuration', 'directory-sync': 'directory', peripheral: 'peripheral' }[meaning.category as string];
  return (
    textMember('change_type', isSetting ? 'configuration' : 'endpoint') +
    textMember('object', told.peripheral ?? (isSetting ? text : device.host)) +
    textMember('object_id', isSetting ? id : device.id) +
    textMember('object_category', kind ?? 'device') +
    textMember('result', isSetting ? undefined : text) +
    textMember('status', meaning.outcome === 'unknown' ? undefined : meaning.outcome)
  );
}

function lossMembers({ told, evidence }: Facts): string {
  return (
    textMember('dlp_type', 'endpoint') +
    textMember('object', evidence.files[0]?.name) +
    textMember('object_path', evidence.files[0]?.path) +
    textMember('object_category', 'file') +
    textMember('dest_path', told.destination)
  );
}

function inventoryMembers({ item, stream, text }: Facts): string {
  if (stream !== 'endpoints') return textMember('name', text ?? textIn(item.name));
  const os = fieldsIn(item.os);
  const version = [os.majorVersion, os.minorVersion, os.build].map(wholeIn).filter((number) => number !== undefined);
  return (
    textMember('os', textIn(os.name) ?? textIn(os.platform)) +
    textMember('version', version.length === 0 ? undefined : version.join('.')) +
    textMember('serial', textIn(item.serialNumber)) +
    textMember('status', textIn(fieldsIn(item.health).overall))
  );
}

const maxTechniques = 100;

/** `mitre_technique_id` of a detection. */
function techniques({ item, stream }: Facts): string {
  if (stream !== 'detections') return '';
  const found = new Set<string>();
  for (const attack of listIn(item.mitreAttacks).slice(0, maxTechniques))
    for (const technique of listIn(fieldsIn(fieldsIn(attack).tactic).techniques).slice(0, maxTechniques)) {
      const id = textIn(fieldsIn(technique).id);
      if (id !== undefined) found.add(id);
    }
  return found.size === 0 ? '' : `,"mitre_technique_id":${JSON.stringify([...found].slice(0, maxTechniques))}`;
}

/** What every record has: its name, its kind, its severity. */
export function commonMembers(facts: Facts): string {
  const { id, text, meaning, severity, severityText, threat, told } = facts;
  return (
    textMember('id', id) +
    textMember('signature', told.rules?.join(', ') ?? threat ?? text ?? titleOf(meaning)) +
    textMember('signature_id', signatureOf(facts)) +
    textMember('description', text) +
    textMember('severity', isThing(facts) ? undefined : severityNumbers(severity).cim) +
    textMember('severity_id', severityText) +
    textMember('category', told.webCategory ?? told.applicationCategory ?? meaning.category)
  );
}

/**
 * `src` and `dest`.
 *
 * What happened, happened to the device, so it is `dest`; only of a connection that it made (a site, an outbound attack) is it `src`.
 */
export function sideMembers({ device, user, evidence, meaning }: Facts, site: string | undefined): string {
  const { network } = evidence;
  const isSource = network?.direction === 'outbound' || meaning.category === 'web';
  const here = isSource ? 'src' : 'dest';
  const there = isSource ? 'dest' : 'src';
  const ip = device.ip ?? network?.local.ip;
  const far = network?.remote.ip;
  return (
    textMember(here, device.host ?? ip ?? device.id) +
    textMember(`${here}_ip`, ip) +
    textMember(`${here}_mac`, (device.mac ?? network?.local.mac)?.toLowerCase()) +
    numberMember(`${here}_port`, network?.local.port) +
    textMember(there, far ?? site) +
    textMember(`${there}_ip`, far) +
    numberMember(`${there}_port`, network?.remote.port) +
    textMember('transport', network?.protocol?.toLowerCase()) +
    textMember('dvc', device.host) +
    textMember('dvc_id', device.id) +
    textMember('user', user?.name) +
    textMember('user_id', user?.id)
  );
}

/** File, process, site. */
export function evidenceMembers({ evidence, told }: Facts, site: string | undefined): string {
  const { process, sha256, network } = evidence;
  const file = evidence.files[0];
  let members = '';
  if (file !== undefined) members = textMember('file_name', file.name) + textMember('file_path', file.path);
  members +=
    textMember('file_hash', file?.sha256 ?? sha256 ?? network?.sha256) + numberMember('file_size', wholeIn(told.fileSize)) + textMember('cve', network?.cve);
  if (told.url !== undefined) members += textMember('url', told.url) + numberMember('url_length', told.url.length) + textMember('url_domain', site);
  if (process === undefined) return members + textMember('process_name', told.application);
  return (
    members +
    textMember('process', process.path ?? process.name) +
    textMember('process_name', process.name ?? told.application) +
    textMember('process_path', process.path) +
    numberMember('process_id', process.pid) +
    numberMember('parent_process_id', process.parentPid) +
    textMember('parent_process_path', process.parentPath)
  );
}
