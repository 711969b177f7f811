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
  /** Did it come through a placeholder? */
  readonly isSealed?: (path: Path) => boolean;
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
    return issue.keys.map((key) => unknownKey(path, key, known, seen));
  }
  if (seen === undefined && path.length > 0) {
    const key = String(path.at(-1));
    const example = hidden ? secretExample(key) : (exampleAt(shape, path) ?? '...');
    return [{ path, target: 'key', message: `\`${key}\` is missing: ${expectedAt(shape, path)}`, suggestion: `add \`${key}: ${example}\``, isMissing: true }];
  }

  const other = advice ?? forExample(checked, path);
  switch (issue.code) {
    case 'invalid_type':
      if (seen === null) return at(`has no value; expected ${expectedAt(shape, path)}`, forExample(checked, path));
      return at(`expected ${expectedAt(shape, path)}, seen ${spellOut(seen, hidden || typeof seen === 'string')}`, other);
    case 'invalid_value':
      return at(
        `expected ${expectedAt(shape, path)}, seen ${spellOut(seen, hidden)}`,
        (typeof seen === 'string' && !hidden ? didYouMean(seen, issue.values.map(String)) : undefined) ?? other,
      );
    case 'invalid_union':
      return union(issue, path, checked);
    case 'too_small':
      if (issue.origin === 'string' || !/^Too small/.test(issue.message)) return at(issue.message, forExample(checked, path));
      if (issue.origin === 'array') return at(`needs at least ${issue.minimum} entries`, forExample(checked, path));
      return at(`must be at least ${issue.minimum}, seen ${spellOut(seen, hidden)}`, `write ${entry(path, String(issue.minimum))} or more`);
    case 'too_big':
      return issue.origin === 'number' || issue.origin === 'int'
        ? at(`must be at most ${issue.maximum}, seen ${spellOut(seen, hidden)}`, `write ${entry(path, String(issue.maximum))} or less`)
        : at(issue.message, `cut it to ${issue.maximum}`);
    default:
      return at(issue.message.replace(/^./, (letter) => letter.toLowerCase()).replace(/\.$/, ''), ofRule(issue.message, checked, path, advice));
  }
}

/** Advice for a rule that a schema tells in words of its own. */
function ofRule(message: string, checked: Checked, path: Path, advice: string | undefined): string | undefined {
  const [, limit, bound = ''] = /^must be at (least|most) (\d+\w+)$/.exec(message) ?? [];
  if (limit !== undefined) return `write ${entry(path, bound)} or ${limit === 'least' ? 'more' : 'less'}`;
  if (/\b(goes|go|together|needs|needed|belong|stands in|is for)\b/.test(message)) return 'leave it out, or change what it does not go with';
  return advice ?? forExample(checked, path);
}

/** What could stand there. */
function forExample({ shape, isHidden, isSealed }: Checked, path: Path): string | undefined {
  if (isSealed?.(path)) return 'correct what the placeholder stands for';
  if (isHidden(path)) return `write ${entry(path, secretExample(keyOf(path)))}`;
  const example = exampleAt(shape, path);
  return example === undefined ? undefined : `for example ${entry(path, example)}`;
}

/** A key with its value, or an element of a list alone. */
function entry(path: Path, value: string): string {
  return typeof path.at(-1) === 'string' ? `\`${String(path.at(-1))}: ${value}\`` : `\`${value}\``;
}

function keyOf(path: Path): string {
  return String([...path].reverse().find((step) => typeof step === 'string') ?? 'NAME');
}

/** Of several forms that did not fit, the one that fits best speaks: it got beyond the type of the whole value. */
function union(issue: z.core.$ZodIssueInvalidUnion, path: Path, checked: Checked): readonly Finding[] {
  const { value, shape } = checked;
  const near = issue.errors.find((errors) => errors.every((one) => !(one.path.length === 0 && (one.code === 'invalid_type' || one.code === 'invalid_value'))));
  if (near) return near.flatMap((one) => explain(one, path, checked));
  const seen = valueAt(value, path);
  const hidden = checked.isHidden(path);
  const message = `expected ${expectedAt(shape, path)}, seen ${spellOut(seen, hidden)}`;
  return [{ path, target: 'value', message, suggestion: (hidden ? undefined : hint(seen, shape, path)) ?? forExample(checked, path) }];
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
    if (expected.includes('a duration')) return `write \`${key}: ${value}s\``;
    if (expected.includes('a size')) return `write \`${key}: ${value}MB\``;
    if (typeof value === 'string') return expected.includes('number') ? `write \`${key}: ${value}\` without quotes` : undefined;
    return expected.includes('a text') ? `put it in quotes: \`"${value}"\`` : undefined;
  }
  if (typeof value === 'boolean' && expected.includes('a text')) return `put it in quotes: \`"${value}"\``;
  if (typeof value === 'string' && expected.includes('`true`'))
    return /^(yes|on|1)$/i.test(value) ? 'write `true`' : /^(no|off|0)$/i.test(value) ? 'write `false`' : undefined;
  if (typeof value === 'string' && expected === 'a list') return `write \`[${value}]\``;
  return undefined;
}

function unknownKey(parent: Path, key: string, known: readonly string[], beside: Tree | undefined): Finding {
  const meant = suggest(key, known);
  const isThere = meant !== undefined && typeof beside === 'object' && beside !== null && Object.hasOwn(beside, meant);
  const list =
    known.length > 0 && known.length <= 15
      ? `known are ${[...new Set(known)].map((one) => `\`${one}\``).join(', ')}`
      : 'all that may stand here is in docs/options.md';
  return {
    path: [...parent, key],
    target: 'key',
    message: `the key \`${key}\` is unknown here`,
    suggestion: meant === undefined ? list : isThere ? `remove it: \`${meant}\` is there already` : `did you mean \`${meant}\`?`,
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
