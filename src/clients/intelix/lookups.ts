/** What lookups answer, and how answers are read: every field may be missing, and nothing that came from outside is taken as it is. */
import type { Millis } from '../../core/types.ts';
import type { LookupKind } from './address.ts';

interface Looked {
  /** What was asked for, as it was given. */
  readonly input: string;
  /** How long the answer may be kept, in seconds. */
  readonly ttl?: number;
  readonly requestId?: string;
  readonly correlationId?: string;
  /** It comes from the cache: no call was made. */
  readonly cached: boolean;
  /** When Intelix answered, ms since 1970 UTC. */
  readonly lookedUpAt: Millis;
}

/** Source: reference, 11.3 and appendix C. The three words are open enumerations, as Intelix writes them. */
export interface UrlLookup extends Looked {
  readonly kind: 'url';
  readonly productivityCategory?: string;
  readonly securityCategory?: string;
  readonly riskLevel?: string;
}

export interface IpLookup extends Looked {
  readonly kind: 'ip';
  /** Empty when Intelix has none. */
  readonly categories: readonly string[];
}

/** By score: 0-19 malware, 20-29 potentially unwanted, 30-69 unknown, 70-100 good (reference, 11.3). */
export type FileBand = 'malware' | 'pua' | 'unknown' | 'good';

export interface FileLookup extends Looked {
  readonly kind: 'file';
  /** 0 (malware) to 100 (known good); missing when Intelix does not know the file. */
  readonly reputationScore?: number;
  readonly band: FileBand;
  readonly detectionName?: string;
}

export type Lookup = UrlLookup | IpLookup | FileLookup;
export type LookupOf<K extends LookupKind> = Extract<Lookup, { kind: K }>;

type Fields = Readonly<Record<string, unknown>>;

/** What is known about a lookup besides what Intelix answered. */
export interface Circumstances {
  readonly input: string;
  readonly cached: boolean;
  readonly lookedUpAt: Millis;
}

/** Reads an answer, or a lookup that was written down, field by field. */
export const readLookup: { readonly [K in LookupKind]: (fields: Fields, about: Circumstances) => LookupOf<K> } = {
  url: (fields, about) => ({
    kind: 'url',
    ...said(fields, 'productivityCategory', 'securityCategory', 'riskLevel'),
    ...lookedOf(fields, about),
  }),
  ip: (fields, about) => ({ kind: 'ip', categories: categoriesOf(fields.category ?? fields.categories), ...lookedOf(fields, about) }),
  file: (fields, about) => {
    const score = numberOf(fields.reputationScore);
    const known = score !== undefined && score >= 0 && score <= 100 ? score : undefined;
    return {
      kind: 'file',
      ...(known === undefined ? {} : { reputationScore: known }),
      band: bandOf(known),
      ...said(fields, 'detectionName'),
      ...lookedOf(fields, about),
    };
  },
};

function lookedOf(fields: Fields, { input, cached, lookedUpAt }: Circumstances): Looked {
  const ttl = numberOf(fields.ttl);
  return { input, ...(ttl === undefined || ttl < 0 ? {} : { ttl }), ...said(fields, 'requestId', 'correlationId'), cached, lookedUpAt };
}

function bandOf(score: number | undefined): FileBand {
  if (score === undefined) return 'unknown';
  if (score < 20) return 'malware';
  if (score < 30) return 'pua';
  return score < 70 ? 'unknown' : 'good';
}

/** As many as make sense; the longest list that is known has 17 words to choose from. */
const mostCategories = 100;

function categoriesOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value.slice(0, mostCategories) : [value];
  return [...new Set(all.map(textOf).filter((each) => each !== undefined))];
}

function said<const N extends string>(fields: Fields, ...names: readonly N[]): { [K in N]?: string } {
  const found: { [K in N]?: string } = {};
  for (const name of names) {
    const text = textOf(fields[name]);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** A word that can stand in a table, a file name or a log. */
function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .replace(/\p{Surrogate}/gu, '\uFFFD');
  return text === '' ? undefined : text;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,12}(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
