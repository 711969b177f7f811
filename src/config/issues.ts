import type { z } from '../core/schema.ts';
import { exampleAt, expectedAt, keysAt, type Shape, secretExample } from './shape.ts';
import type { Path, Target, Tree } from './source.ts';
import { didYouMean, suggest } from './suggest.ts';

/** A schema's complaint in the user's words; `path` is relative to what was checked. */
export interface Finding {
  readonly path: Path;
  readonly target: Target;
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** Is this a key that is not there? */
  readonly isMissing?: true;
  /** The path, as JSON, that a misspelt key probably was to be. */
  readonly meant?: string | undefined;
}

/** Keys that are valid where `path` says and are checked by someone else. */
export type KnownKeys = (path: Path) => readonly string[];

/** What was checked: the value, its JSON Schema, and which parts of it no message may quote. */
export interface Checked {
  readonly value: Tree;
  readonly shape: Shape;
  readonly alsoKnown: KnownKeys;
  readonly isHidden: (path: Path) => boolean;
}

/** Says what is wrong, for each issue of a zod schema. A key that is missing because it is misspelt is told once. */
export function findingsOf(issues: readonly z.core.$ZodIssue[], checked: Checked): readonly Finding[] {
  const findings = issues.flatMap((issue) => explain(issue, [], checked));
  const meant = new Set(findings.map(({ meant }) => meant));
  return findings.filter(({ path, isMissing }) => !(isMissing && meant.has(JSON.stringify(path))));
}

function explain(issue: z.core.$ZodIssue, base: Path, checked: Checked): readonly Finding[] {
  const { value, shape, alsoKnown } = checked;
  const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  const seen = valueAt(value, path);
  const at = (message: string, suggestion?: string): readonly Finding[] => [{ path, target: 'value', message, suggestion }];
  const hidden = checked.isHidden(path);
  const advice = hidden ? undefined : hint(seen, shape, path);

  if (issue.code === 'unrecognized_keys') {
    const known = [...keysAt(shape, path), ...alsoKnown(path)];
    return issue.keys.map((key) => unknownKey(path, key, known));
  }
  if (seen === undefined && path.length > 0) {
    const key = String(path.at(-1));
    const example = hidden ? secretExample(key) : (exampleAt(shape, path) ?? '...');
    return [{ path, target: 'key', message: `\`${key}\` is missing: ${expectedAt(shape, path)}`, suggestion: `add \`${key}: ${example}\``, isMissing: true }];
  }

  switch (issue.code) {
    case 'invalid_type':
      if (seen === null) return at(`has no value; expected ${expectedAt(shape, path)}`);
      return at(`expected ${expectedAt(shape, path)}, seen ${spellOut(seen, hidden || typeof seen === 'string')}`, advice);
    case 'invalid_value':
      return at(
        `expected ${expectedAt(shape, path)}, seen ${spellOut(seen, hidden)}`,
        typeof seen === 'string' ? didYouMean(seen, issue.values.map(String)) : advice,
      );
    case 'invalid_union':
      return union(issue, path, checked);
    case 'too_small':
      if (issue.origin === 'string' || !/^Too small/.test(issue.message)) return at(issue.message);
      return at(issue.origin === 'array' ? `needs at least ${issue.minimum} entries` : `must be at least ${issue.minimum}, seen ${spellOut(seen, hidden)}`);
    case 'too_big':
      return at(issue.origin === 'number' || issue.origin === 'int' ? `must be at most ${issue.maximum}, seen ${spellOut(seen, hidden)}` : issue.message);
    default:
      return at(
        issue.message.replace(/^./, (letter) => letter.toLowerCase()).replace(/\.$/, ''),
        /^expected a (duration|size)/.test(issue.message) ? advice : undefined,
      );
  }
}

/** Of several forms that did not fit, the one that fits best speaks: it got beyond the type of the whole value. */
function union(issue: z.core.$ZodIssueInvalidUnion, path: Path, checked: Checked): readonly Finding[] {
  const { value, shape } = checked;
  const near = issue.errors.find((errors) => errors.every((one) => !(one.path.length === 0 && (one.code === 'invalid_type' || one.code === 'invalid_value'))));
  if (near) return near.flatMap((one) => explain(one, path, checked));
  const seen = valueAt(value, path);
  const hidden = checked.isHidden(path);
  const message = `expected ${expectedAt(shape, path)}, seen ${spellOut(seen, hidden)}`;
  return [{ path, target: 'value', message, suggestion: hidden ? undefined : hint(seen, shape, path) }];
}

/** A value in words. */
function spellOut(value: Tree | undefined, hidden: boolean): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'no value';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map of keys and values';
  if (typeof value === 'string') return hidden ? 'a text' : `\`${value.length > 40 ? `${value.slice(0, 40)}...` : value}\``;
  if (typeof value === 'number') return hidden ? 'a number' : `the number ${value}`;
  return `\`${value}\``;
}

/** What to write instead, where that can be told. */
function hint(value: Tree | undefined, shape: Shape, path: Path): string | undefined {
  const expected = expectedAt(shape, path);
  const key = String(path.at(-1) ?? '');
  if (typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value))) {
    const example = exampleAt(shape, path) ?? '';
    if (expected.includes('a duration')) return `write \`${key}: ${value}s\``;
    if (expected.includes('a size')) return `write \`${key}: ${value}MB\``;
    if (typeof value === 'string') return expected.includes('number') ? `write \`${key}: ${value}\` without quotes` : undefined;
    return expected.includes('a text') && example === '' ? `put it in quotes: \`"${value}"\`` : undefined;
  }
  if (typeof value === 'boolean' && expected.includes('a text')) return `put it in quotes: \`"${value}"\``;
  if (typeof value === 'string' && expected.includes('`true`'))
    return /^(yes|on|1)$/i.test(value) ? 'write `true`' : /^(no|off|0)$/i.test(value) ? 'write `false`' : undefined;
  if (typeof value === 'string' && expected === 'a list') return `write \`[${value}]\``;
  return undefined;
}

function unknownKey(parent: Path, key: string, known: readonly string[]): Finding {
  const meant = suggest(key, known);
  const list = known.length > 0 && known.length <= 15 ? `known are ${[...new Set(known)].map((one) => `\`${one}\``).join(', ')}` : undefined;
  return {
    path: [...parent, key],
    target: 'key',
    message: `the key \`${key}\` is unknown here`,
    suggestion: meant === undefined ? list : `did you mean \`${meant}\`?`,
    meant: meant === undefined ? undefined : JSON.stringify([...parent, meant]),
  };
}

function valueAt(value: Tree, path: Path): Tree | undefined {
  let at: Tree | undefined = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Array.isArray(at) ? at[Number(step)] : Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}
