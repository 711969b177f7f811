import { Failure } from './failure.ts';
import type { TenantNames } from './kinds.ts';
import type { Millis, Origin, Tenant } from './types.ts';

/** What may stand between braces. */
export const placeholders = ['{tenant.id}', '{tenant.name}', '{tenant.label.X}', '{stream}', '{date}'] as const;

/** How many bytes of UTF-8 one inserted value may take in a path: more than a name of `TenantNames` ever has, so that those stay unique. */
const maxValueBytes = 120;
/** What every file system in use takes for one name. */
const maxSegmentBytes = 255;

/**
 * A text with placeholders, compiled once.
 *
 * Shape    `{tenant.id}`, `{tenant.name}`, `{tenant.label.X}`, `{stream}`, `{date}` (UTC date of `time`, YYYY-MM-DD).
 */
export interface Template {
  readonly text: string;
  /** Does the outcome differ between two times? */
  readonly usesDate: boolean;
  /** Does the outcome differ between two origins? */
  readonly usesOrigin: boolean;
  /** The values as they are: for fields of a protocol that escapes them itself. A label that the tenant lacks is empty. */
  plain(origin: Origin, time: Millis): string;
  /**
   * Each value made safe as (a part of) one name in a path; slashes of the template's own text stay.
   * The outcome is never above the folders that the template's text names before its first placeholder.
   */
  path(origin: Origin, time: Millis, names: TenantNames): string;
}

type Part = { readonly literal: string } | { readonly value: (origin: Origin, time: Millis, nameOf: (tenant: Tenant) => string) => string };

/**
 * Compiles a template.
 *
 * Throws   config `config.template` for an unknown placeholder or a stray brace, naming what is known.
 */
export function compileTemplate(text: string): Template {
  const parts: Part[] = [];
  let rest = 0;
  let usesDate = false;
  let usesOrigin = false;
  for (const found of text.matchAll(/\{([^{}]*)\}/g)) {
    parts.push({ literal: literal(text, rest, found.index) });
    rest = found.index + found[0].length;
    const word = found[1] as string;
    usesDate ||= word === 'date';
    usesOrigin ||= word !== 'date';
    parts.push({ value: valueFor(word, text) });
  }
  parts.push({ literal: literal(text, rest, text.length) });
  return {
    text,
    usesDate,
    usesOrigin,
    plain: (origin, time) => parts.map((part) => ('literal' in part ? part.literal : part.value(origin, time, rawName))).join(''),
    path: (origin, time, names) => pathOf(parts, origin, time, (tenant) => names.of(tenant)),
  };
}

/**
 * Refuses a template whose own text could lead out of the folder before its first placeholder.
 *
 * Throws   config `config.template` when `..` stands after a placeholder, or the text is no file name at all.
 */
export function compilePathTemplate(text: string): Template {
  const template = compileTemplate(text);
  const brace = text.indexOf('{');
  const prefix = brace < 0 ? text : text.slice(0, brace);
  const after = segmentsOf(text.slice(Math.max(prefix.lastIndexOf('/'), prefix.lastIndexOf('\\')) + 1));
  if (brace >= 0 && after.includes('..'))
    throw new Failure('config', 'config.template', `the path template \`${text}\` has \`..\` after a placeholder, which could lead anywhere`, {
      advice: 'Put `..` before the first placeholder, or leave it out.',
    });
  const last = segmentsOf(text).at(-1) ?? '';
  if (last === '' || last === '.' || last === '..')
    throw new Failure('config', 'config.template', `the path template \`${text}\` names a folder, not a file`, { advice: 'End it with a file name.' });
  if (text.includes('\0')) throw new Failure('config', 'config.template', 'the path template holds a NUL character', { advice: 'Remove it.' });
  return template;
}

/** The value as one safe name: no separators, control characters, reserved names or leading and trailing dots; at most 120 bytes, never empty. */
export function safeSegment(value: string): string {
  const plain = cutBytes(value.normalize('NFC').replace(unsafe, '_'), maxValueBytes)
    .replace(/^[. ]+/, (dots) => '_'.repeat(dots.length))
    .replace(/[. ]+$/, (dots) => '_'.repeat(dots.length));
  return plain === '' ? '_' : unreserve(plain);
}

// Separators and what Windows refuses; control characters, line separators, marks that reverse the reading order, halves of surrogate pairs.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const unsafe = /[/\\<>:"|?*\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

// Windows reads these as devices, whatever extension follows.
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\s*(\.|$))/i;

function unreserve(segment: string): string {
  return segment.replace(reserved, '$1_');
}

function pathOf(parts: readonly Part[], origin: Origin, time: Millis, nameOf: (tenant: Tenant) => string): string {
  let path = '';
  // Where the segment began that the first inserted value stands in: from there on every name is ours to answer for.
  let guarded = -1;
  for (const part of parts) {
    if ('literal' in part) path += part.literal;
    else {
      if (guarded < 0) guarded = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1;
      path += safeSegment(part.value(origin, time, nameOf));
    }
  }
  if (guarded < 0) return path;
  const ours = path.slice(guarded).replace(/[^/\\]+/g, (segment) => {
    const safe = unreserve(segment);
    return Buffer.byteLength(safe) <= maxSegmentBytes ? safe : shorten(safe);
  });
  return path.slice(0, guarded) + ours;
}

/** Cuts a name that is too long before its extension. */
function shorten(segment: string): string {
  const dot = segment.lastIndexOf('.');
  const extension = dot > 0 && segment.length - dot <= 20 ? segment.slice(dot) : '';
  return cutBytes(segment.slice(0, segment.length - extension.length), maxSegmentBytes - Buffer.byteLength(extension)) + extension;
}

/** At most so many bytes of UTF-8, never half a character. */
function cutBytes(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}

function segmentsOf(path: string): string[] {
  return path.split(/[/\\]/);
}

function literal(text: string, from: number, to: number): string {
  const part = text.slice(from, to);
  if (/[{}]/.test(part))
    throw new Failure('config', 'config.template', `the template \`${text}\` has a brace without its partner`, {
      advice: `Write placeholders like these: ${placeholders.join(', ')}.`,
    });
  return part;
}

function valueFor(word: string, text: string): (origin: Origin, time: Millis, nameOf: (tenant: Tenant) => string) => string {
  if (word === 'tenant.id') return ({ tenant }) => tenant.id;
  if (word === 'tenant.name') return ({ tenant }, _time, nameOf) => nameOf(tenant);
  if (word === 'stream') return ({ stream }) => stream;
  if (word === 'date') return (_origin, time) => utcDate(time);
  if (word.startsWith('tenant.label.') && word.length > 'tenant.label.'.length) {
    const label = word.slice('tenant.label.'.length);
    return ({ tenant }) => (Object.hasOwn(tenant.labels, label) ? (tenant.labels[label] ?? '') : '');
  }
  throw new Failure('config', 'config.template', `the template \`${text}\` uses the unknown placeholder \`{${word}}\``, {
    advice: `Use one of ${placeholders.join(', ')}.`,
  });
}

const rawName = (tenant: Tenant) => tenant.name;

/** The UTC date of an instant, YYYY-MM-DD. An instant that no calendar holds is `undated`. */
function utcDate(time: Millis): string {
  if (!(Math.abs(time) <= 8.64e15)) return 'undated';
  const text = new Date(time).toISOString();
  return text.slice(0, text.indexOf('T'));
}
