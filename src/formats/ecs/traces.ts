/** What was found on the host: process, file, site, rule, weakness, technique. */
import { distinct, listMember, numberMember, objectMember, quote, textMember } from '../json-text.ts';
import type { Facts } from '../meaning/facts.ts';
import { fieldsIn, listIn, textIn, wholeIn } from '../meaning/values.ts';
import { siteOf } from '../site.ts';

/**
 * `process.*`.
 *
 * The integration writes the path of a script's process to `working_directory`, too. Of an alert about network traffic it has the bare
 * name in `executable`: here the path has preference, and the name is in `name`.
 */
export function processMember(facts: Facts): string {
  const { evidence, told, item, stream } = facts;
  const { process, sha256 } = evidence;
  if (process === undefined && sha256 === undefined && told.application === undefined) return '';
  const network = fieldsIn(item.ips_threat_data);
  const script = stream === 'events' ? textIn(fieldsIn(item.amsi_threat_data).processPath) : undefined;
  return objectMember(
    'process',
    textMember('name', process?.name ?? told.application) +
      numberMember('pid', wholeIn(network.executablePid) ?? process?.pid) +
      textMember('executable', textIn(network.executablePath) ?? process?.path ?? (facts.isAlert ? process?.name : undefined)) +
      textMember('working_directory', script) +
      objectMember('hash', textMember('sha256', sha256)) +
      objectMember('parent', numberMember('pid', process?.parentPid) + textMember('executable', process?.parentPath)),
  );
}

/** `file.*`: the first file, which is the one that the sentence names. */
export function fileMember({ evidence, told }: Facts): string {
  const file = evidence.files[0];
  if (file === undefined) return '';
  const { name, path, sha256 } = file;
  const extension = textMember('extension', extensionOf(name));
  const hash = sha256 === undefined ? '' : `,"hash":{"sha256":"${sha256}"}`;
  return `,"file":{"path":${quote(path)},"name":${quote(name)}${extension}${numberMember('size', wholeIn(told.fileSize))}${hash}}`;
}

function extensionOf(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  const length = name.length - dot - 1;
  return dot > 0 && length > 0 && length < longestExtension ? name.slice(dot + 1) : undefined;
}

const longestExtension = 20;

/** `url.*`. */
export function urlMember({ told }: Facts): string {
  if (told.url === undefined) return '';
  const { full, scheme, domain, port, path, query, fragment } = siteOf(told.url);
  return objectMember(
    'url',
    textMember('original', told.url) +
      textMember('full', full) +
      textMember('scheme', scheme) +
      textMember('domain', domain) +
      numberMember('port', port) +
      textMember('path', path) +
      textMember('query', query) +
      textMember('fragment', fragment),
  );
}

/** `rule.*`: what applied. The rule of data loss, the category of a site or program, a detection's rule; else the signature that matched. */
export function ruleMember(facts: Facts): string {
  const { told, item, stream, meaning, origin, evidence } = facts;
  if (stream === 'detections') {
    const rule = textIn(item.detectionRule);
    const description = textIn(item.ruleDescription);
    return objectMember(
      'rule',
      textMember('id', rule) + textMember('name', rule) + textMember('category', textIn(item.attackType)) + textMember('description', description),
    );
  }
  const name = told.rules?.join(', ') ?? told.webCategory ?? told.applicationCategory ?? facts.threat;
  if (name === undefined || name === '') return '';
  const more = textMember('ruleset', origin) + textMember('description', evidence.network?.message);
  return `,"rule":{"name":${quote(name)},"category":"${meaning.category}"${more}}`;
}

/** `vulnerability.*` of an attack that names one. */
export function vulnerabilityMember({ evidence: { network } }: Facts): string {
  return network?.cve === undefined ? '' : `,"vulnerability":{"id":"${network.cve}","enumeration":"CVE"}`;
}

/**
 * `threat.*`: of an event the name, where the integration has it (it is in `rule.name` as well, which means it); of a detection the
 * techniques.
 */
export function threatMember({ stream, item }: Facts): string {
  if (stream === 'events') {
    const name = textIn(item.threat);
    return name === undefined ? '' : `,"threat":{"feed":{"name":${quote(name)}}}`;
  }
  return stream === 'detections' ? objectMember('threat', techniques(item.mitreAttacks)) : '';
}

const maxTechniques = 100;

function techniques(attacks: unknown): string {
  const tactics = listIn(attacks)
    .slice(0, maxTechniques)
    .map((attack) => fieldsIn(fieldsIn(attack).tactic));
  const found = tactics.flatMap((tactic) => listIn(tactic.techniques).slice(0, maxTechniques).map(fieldsIn)).slice(0, maxTechniques);
  const members = named('tactic', tactics) + named('technique', found);
  return members === '' ? '' : `,"framework":"MITRE ATT&CK"${members}`;
}

function named(of: string, values: readonly Readonly<Record<string, unknown>>[]): string {
  const ids = distinct(values.map(({ id }) => textIn(id)));
  const names = distinct(values.map(({ name }) => textIn(name)));
  return objectMember(of, listMember('id', ids) + listMember('name', names));
}
