/**
 * What the text of an event or alert tells: threat and path, site and category, program, device, data loss.
 *
 * Every reader looks for fixed words from one end to the other, so that a hostile text costs its length and no more.
 * Source: reference, section 4.7.
 */
import type { Category } from './words.ts';

export interface Told {
  readonly threat?: string;
  readonly path?: string;
  readonly url?: string;
  readonly webCategory?: string;
  readonly application?: string;
  readonly applicationCategory?: string;
  readonly peripheral?: string;
  readonly scan?: string;
  readonly user?: string;
  readonly rules?: readonly string[];
  readonly userAction?: string;
  readonly controlAction?: string;
  readonly fileType?: string;
  readonly fileSize?: string;
  readonly destination?: string;
  readonly destinationType?: string;
  /** Of sites: what was done, when the text says so. */
  readonly action?: 'blocked' | 'warned' | 'proceeded';
}

const nothing: Told = Object.freeze({});

export function readSentence(text: string, category: Category): Told {
  switch (category) {
    case 'web':
      return site(text);
    case 'application':
    case 'endpoint-firewall':
      return application(text);
    case 'peripheral':
      return peripheral(text);
    case 'dlp':
      return dataLoss(text);
    case 'scan':
      return scan(text);
    case 'malware':
    case 'pua':
    case 'behavior':
    case 'blocked-item':
    case 'reputation':
    case 'network-threat':
    case 'outbreak':
    case 'cookies':
    case 'detection':
    case 'other':
      return threatAtPath(text);
    case 'script':
    case 'ransomware':
    case 'exploit':
      return runtimeThreat(text);
    default:
      return nothing;
  }
}

/** `Malware detected: 'T' at 'P'`; P may hold apostrophes, and so may T. */
function threatAtPath(text: string): Told {
  const open = text.indexOf("'");
  if (open < 0) return nothing;
  const at = text.indexOf("' at '", open + 1);
  const end = text.lastIndexOf("'");
  if (at > open && end > at + 5) return { threat: text.slice(open + 1, at), path: text.slice(at + 6, end) };
  const close = text.indexOf("'", open + 1);
  return close > open + 1 ? { threat: text.slice(open + 1, close) } : nothing;
}

/** `... blocked a threat: T at P`, `CryptoGuard detected ransomware in P`, `'M' exploit prevented in P`. */
function runtimeThreat(text: string): Told {
  const quoted = threatAtPath(text);
  if (quoted.path !== undefined) return quoted;
  const mark = ' threat: ';
  const from = text.indexOf(mark);
  if (from >= 0) {
    const at = text.indexOf(' at ', from + mark.length);
    return at < 0 ? { threat: text.slice(from + mark.length) } : { threat: text.slice(from + mark.length, at), ...pathAfter(text, at + 4) };
  }
  const place = text.indexOf(' in ');
  return place < 0 ? quoted : { ...quoted, ...pathAfter(text, place + 4) };
}

function pathAfter(text: string, at: number): Told {
  const path = text.slice(at);
  return path.includes('\\') || path.includes('/') ? { path } : nothing;
}

/** `'U' blocked due to category 'C'`, `User bypassed category block to 'U'`, `Access was blocked to "H" because of "T".`. */
function site(text: string): Told {
  const quote = text.indexOf('"') >= 0 && (text.indexOf("'") < 0 || text.indexOf('"') < text.indexOf("'")) ? '"' : "'";
  const open = text.indexOf(quote);
  const close = text.indexOf(quote, open + 1);
  if (open < 0 || close <= open + 1) return nothing;
  const url = slashes(text.slice(open + 1, close));
  const reason = lastQuoted(text, quote, close);
  const told = { url, ...doneToSite(text, close) };
  if (reason === undefined) return told;
  return text.startsWith(' because of ', close + 1) || text.startsWith(' as ', close + 1) ? { ...told, threat: reason } : { ...told, webCategory: reason };
}

function lastQuoted(text: string, quote: string, from: number): string | undefined {
  const open = text.indexOf(quote, from + 1);
  const close = open < 0 ? -1 : text.indexOf(quote, open + 1);
  return close > open + 1 ? text.slice(open + 1, close) : undefined;
}

function doneToSite(text: string, close: number): Told {
  if (text.startsWith(' blocked', close + 1) || text.startsWith('Access ')) return { action: 'blocked' };
  if (text.startsWith(' warned', close + 1)) return { action: 'warned' };
  return text.startsWith('User bypassed') ? { action: 'proceeded' } : nothing;
}

/** U+2215 stands for `/` in addresses and names of file types. */
function slashes(text: string): string {
  return text.includes('\u2215') ? text.replaceAll('\u2215', '/') : text;
}

/** `Controlled application blocked: A (C)`. */
function application(text: string): Told {
  const from = text.indexOf(': ');
  if (from < 0) return nothing;
  const rest = text.slice(from + 2).trim();
  const open = rest.lastIndexOf(' (');
  if (open > 0 && rest.endsWith(')')) return { application: rest.slice(0, open), applicationCategory: rest.slice(open + 2, -1) };
  return rest === '' ? nothing : { application: rest };
}

/** `Peripheral allowed: P`. */
function peripheral(text: string): Told {
  const from = text.indexOf(': ');
  const rest = from < 0 ? '' : slashes(text.slice(from + 2).trim());
  return rest === '' ? nothing : { peripheral: rest };
}

/** `Scan 'S' completed`. */
function scan(text: string): Told {
  const open = text.indexOf("'");
  const close = text.lastIndexOf("'");
  return open >= 0 && close > open + 1 ? { scan: text.slice(open + 1, close) } : nothing;
}

/** The labelled parts of a data loss event, each between two blanks and the next two. */
const labels: readonly (readonly [field: keyof Told, label: string])[] = [
  ['user', '  Username: '],
  ['rules', '  Rule names: '],
  ['userAction', '  User action: '],
  ['application', '  Application Name: '],
  ['controlAction', '  Data Control action: '],
  ['fileType', '  File type: '],
  ['fileSize', '  File size: '],
  ['path', '  Source path: '],
  ['destination', '  Destination path: '],
  ['destinationType', '  Destination type: '],
];

function dataLoss(text: string): Told {
  const told: Record<string, string | readonly string[]> = {};
  let open: keyof Told | undefined;
  let from = 0;
  for (const [field, label] of labels) {
    const at = text.indexOf(label, from);
    if (at < 0) continue;
    if (open !== undefined) told[open] = partOf(open, text.slice(from, at));
    open = field;
    from = at + label.length;
  }
  if (open !== undefined) told[open] = partOf(open, text.slice(from));
  return told;
}

function partOf(field: keyof Told, text: string): string | readonly string[] {
  if (field === 'rules') return text.split(',').map((rule) => rule.replaceAll('\u2032', '').trim());
  return field === 'fileType' ? slashes(text) : text;
}
