import { defineFormat } from '../core/kinds.ts';
import { object } from '../core/schema.ts';
import type { Millis, Origin, StreamRecord } from '../core/types.ts';
import { headerLimits } from './cef-dictionary.ts';
import { evidencePairs } from './cef-evidence.ts';
import { identifier, labelled, text } from './cef-pairs.ts';
import { sidePairs } from './cef-sides.ts';
import { headerText } from './cef-text.ts';
import { rememberingHostNames } from './host-name.ts';
import { type Facts, readFacts } from './meaning/facts.ts';
import { severityNumbers } from './meaning/severity.ts';
import { isThing, signatureOf, titleOf } from './signature.ts';

/**
 * ArcSight's Common Event Format, version 0: one line that follows the standard's grammar and uses keys of its dictionary only.
 *
 * Shape    the header's name and `msg` are Sophos' own sentence. What the dictionary has no key for is left out; `json` has everything.
 * Units    times in ms since 1970 UTC.
 * Throws   rejected for a record that is no JSON.
 * Source: ArcSight, Common Event Format, version 25; docs/cef.md has the mapping.
 */
export const cef = defineFormat({
  name: 'cef',
  summary: 'CEF:0 as ArcSight specifies it, with keys of its dictionary only',
  options: object({}),
  open() {
    const pagePairs = remembering();
    const hostName = rememberingHostNames();
    return {
      json: false,
      encode(record, origin, out) {
        const facts = readFacts(record, origin);
        out.text(header(facts) + commonPairs(facts) + pagePairs(record, origin) + sidePairs(facts, hostName) + evidencePairs(facts));
      },
    };
  },
});

/** The device version is that of this mapping: Sophos Central has none. */
const productPart = 'CEF:0|Sophos|Sophos Central|1.0|';

function header(facts: Facts): string {
  const name = headerText(facts.text ?? '', headerLimits.name);
  return `${productPart}${headerText(signatureOf(facts), headerLimits.signature)}|${name === '' ? titleOf(facts.meaning) : name}|${severityOf(facts)}|`;
}

function severityOf(facts: Facts): number {
  return isThing(facts) ? 0 : severityNumbers(facts.severity).cef;
}

/** What every record has. The first pair has no blank before it. */
function commonPairs(facts: Facts): string {
  const { meaning } = facts;
  const at = String(Math.trunc(facts.at));
  return (
    `rt=${Math.trunc(facts.recordedAt)} start=${at} end=${at} cat=${meaning.category} act=${meaning.action}${meaning.outcome === 'unknown' ? '' : ` outcome=${meaning.outcome}`}` +
    identifier('externalId', facts.id) +
    text('msg', facts.text) +
    labelled('cs3', 'Device Type', facts.device.type) +
    labelled('cs4', 'Group', facts.group) +
    labelled('cs5', 'Threat', facts.threat) +
    labelled('flexString1', 'Detection Technology', facts.origin) +
    more(facts)
  );
}

/** Four things that seldom meet share one key: the first that is there. */
function more(facts: Facts): string {
  if (facts.change !== undefined) return labelled('flexString2', 'Change', facts.change);
  if (facts.severity === undefined && !isThing(facts)) return labelled('flexString2', 'Unknown Severity', facts.severityText ?? 'none given');
  if (facts.told.destination !== undefined) return labelled('flexString2', 'Destination Path', facts.told.destination);
  return facts.eventId === facts.id ? '' : labelled('flexString2', 'Event ID', facts.eventId);
}

/** Records of one page share their origin and the time of the fetch: these pairs are made once. A memo only: the same two always get the same. */
function remembering(): (record: StreamRecord, origin: Origin) => string {
  let last: { readonly origin: Origin; readonly fetchedAt: Millis; readonly pairs: string } | undefined;
  return ({ fetchedAt }, origin) => {
    if (last?.origin !== origin || last.fetchedAt !== fetchedAt) last = { origin, fetchedAt, pairs: pairsOf(origin, fetchedAt) };
    return last.pairs;
  };
}

function pairsOf({ stream, tenant }: Origin, fetchedAt: Millis): string {
  return (
    ` deviceCustomDate1=${Math.trunc(fetchedAt)} deviceCustomDate1Label=Collected` +
    text('deviceFacility', stream) +
    labelled('cs1', 'Tenant ID', tenant.id) +
    labelled('cs2', 'Tenant Name', tenant.name)
  );
}
