/** How Sophos' values are written so that the integration's mapping takes them: one value of another kind, and the whole document is refused. */

import { numberMember, objectMember, quote, textMember } from '../json-text.ts';
import { rawDataLines } from '../meaning/evidence.ts';
import { splitUser } from '../meaning/people.ts';
import { instantIn, ipIn, isFields, macIn, portIn, sha256In, textIn, wholeIn } from '../meaning/values.ts';

export type Sort = 'keyword' | 'long' | 'port' | 'pid' | 'ip' | 'address' | 'sha256' | 'date' | 'seconds' | 'boolean' | 'user' | 'lines' | 'objects';

interface Writer {
  /** JSON text; undefined for a value that the mapping would not take. */
  readonly write: (value: unknown, keepDuplicates: boolean) => string | undefined;
  /** Has an ECS field taken it, where it is said to be a duplicate? Only what this would write. */
  readonly isTaken: (value: unknown) => boolean;
}

const isWhole = (value: unknown) => wholeIn(value) !== undefined;
const never = () => false;

const whole = (value: unknown) => numberText(wholeIn(value));

/** `objects` is written by the copy. */
export const sorts: Readonly<Record<Exclude<Sort, 'objects'>, Writer>> = {
  keyword: { write: keyword, isTaken: (value) => typeof value === 'string' },
  long: { write: whole, isTaken: isWhole },
  port: { write: whole, isTaken: (value) => portIn(value) !== undefined },
  pid: { write: keyword, isTaken: isWhole },
  ip: { write: (value) => quoted(ipIn(value)), isTaken: (value) => ipIn(value) !== undefined },
  address: { write: address, isTaken: (value) => address(value) !== undefined },
  sha256: { write: keyword, isTaken: (value) => sha256In(value) !== undefined },
  date: { write: (value) => isoText(instantIn(value)), isTaken: (value) => instantIn(value) !== undefined },
  seconds: { write: (value) => isoText(typeof value === 'number' ? instantIn(value * 1_000) : instantIn(value)), isTaken: never },
  boolean: { write: truth, isTaken: never },
  user: { write: user, isTaken: never },
  lines: { write: lines, isTaken: never },
};

/** An object that holds an address and nothing else. */
function address(value: unknown): string | undefined {
  return isFields(value) && Object.keys(value).length === 1 ? quoted(ipIn(value.ip)) : undefined;
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : quote(text);
}

function numberText(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function isoText(at: number | undefined): string | undefined {
  return at === undefined ? undefined : `"${new Date(at).toISOString()}"`;
}

/** A keyword takes every scalar and lists of them; an object would be refused, so its JSON is the word. */
function keyword(value: unknown): string | undefined {
  if (typeof value === 'string') return quote(value);
  if (!Array.isArray(value)) return JSON.stringify(word(value));
  const words = value.filter((each) => each !== null && each !== '').map(word);
  return words.length === 0 ? '' : JSON.stringify(words);
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function truth(value: unknown): string | undefined {
  if (typeof value === 'boolean') return String(value);
  return value === 'true' || value === 'false' ? value : undefined;
}

/** `source`: the user as written, and with duplicates also taken apart. */
function user(value: unknown, keepDuplicates: boolean): string | undefined {
  const original = keyword(value);
  if (original === undefined || original === '') return original;
  const parts = keepDuplicates && typeof value === 'string' && value !== 'n/a' ? splitUser(value) : undefined;
  const domain = objectMember('domain', textMember('name', parts?.domain));
  return `{"original":${original}${domain}${objectMember('user', textMember('name', parts?.name))}}`;
}

/** `rawData` of network attacks: the text, and what its lines say. */
function lines(value: unknown): string | undefined {
  const original = textIn(value);
  if (original === undefined) return undefined;
  const said = rawDataLines(original);
  const peer = (side: 'Local' | 'Remote') =>
    textMember('ip', ipIn(said.get(`${side} IP`))) +
    numberMember('port', portIn(said.get(`${side} Port`))) +
    textMember('mac', hyphened(macIn(said.get(`${side} MAC`))));
  const members =
    textMember('original', original) +
    textMember('message', said.get('Message') ?? (said.size === 0 ? original : undefined)) +
    textMember('reference', said.get('Reference')) +
    textMember('packet_type', said.get('Packet type')) +
    objectMember('local', peer('Local')) +
    objectMember('remote', peer('Remote')) +
    textMember('pid', said.get('PID')) +
    textMember('executable', said.get('Executable')) +
    textMember('version', said.get('Version')) +
    textMember('signer', said.get('Signer')) +
    textMember('sha_256', said.get('SHA-256'));
  return `{${members.slice(1)}}`;
}

/** A MAC address as ECS writes it: `00-15-5D-A8-4B-64`. */
export function hyphened(mac: string | undefined): string | undefined {
  return mac?.replaceAll(':', '-');
}
