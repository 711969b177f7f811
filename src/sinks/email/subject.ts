import { compileTemplate } from '../../core/template.ts';
import type { Fact } from './facts.ts';
import { rankOf, tenantName } from './facts.ts';
import { counted, plain } from './words.ts';

/** A subject, compiled once. */
export interface Subject {
  /** Of a mail that tells of these, at least one. */
  write(facts: readonly [Fact, ...Fact[]]): string;
}

type Value = (facts: readonly [Fact, ...Fact[]]) => string;

/** Longest subject, in characters. */
const longest = 180;

/** The one value, or how many different ones there are. */
const oneOf =
  (pick: (fact: Fact) => string, noun: string): Value =>
  (facts) => {
    const values = new Set(facts.map(pick));
    values.delete('');
    const [only = `no ${noun}`] = values;
    return values.size <= 1 ? only : counted(values.size, noun);
  };

const worst: Value = (facts) => {
  const { severity } = facts.reduce((a, b) => (rankOf(b.severity) > rankOf(a.severity) ? b : a));
  return severity === '' ? 'no severity' : severity;
};

const values: Readonly<Record<string, Value>> = {
  count: (facts) => String(facts.length),
  records: (facts) => counted(facts.length, 'record'),
  severity: worst,
  type: oneOf(({ type }) => type, 'type'),
  group: oneOf(({ group }) => group, 'group'),
  name: oneOf(({ name }) => name, 'name'),
  host: oneOf(({ host }) => host, 'host'),
  user: oneOf(({ user }) => user, 'user'),
  stream: oneOf(({ origin }) => origin.stream, 'stream'),
  route: oneOf(({ section }) => section.lane.route, 'route'),
  'tenant.id': oneOf(({ origin }) => origin.tenant.id, 'tenant'),
  'tenant.name': (facts) => {
    const ids = new Set(facts.map(({ origin }) => origin.tenant.id));
    return ids.size === 1 ? tenantName(facts[0].origin) : counted(ids.size, 'tenant');
  },
};

/** What may stand between braces. */
export const subjectPlaceholders: readonly string[] = [...Object.keys(values), 'tenant.label.X', 'date'];

/**
 * Compiles a subject.
 *
 * Shape    what is known here, and all that templates of the house know; a value that differs among the records is how many there are,
 *          the severity is the worst, the date that of the newest record.
 */
export function compileSubject(text: string): Subject | { readonly problem: string } {
  const parts: (string | Value)[] = [];
  let rest = 0;
  for (const found of text.matchAll(/\{([^{}]*)\}/g)) {
    const word = found[1] ?? '';
    const value = valueFor(word);
    if (!value) return { problem: `the placeholder \`{${word}}\` is unknown; there are ${subjectPlaceholders.map((one) => `\`{${one}}\``).join(', ')}` };
    parts.push(text.slice(rest, found.index), value);
    rest = found.index + found[0].length;
  }
  parts.push(text.slice(rest));
  if (parts.some((part) => typeof part === 'string' && /[{}]/.test(part))) return { problem: 'it has a brace without its partner' };
  return {
    write: (facts) => {
      const joined = parts.map((part) => (typeof part === 'string' ? part : plain(part(facts), 100))).join('');
      // `=?` begins an encoded word: what a record says must not be decoded once more.
      return plain(joined.replaceAll('=?', '= ?'), longest);
    },
  };
}

function valueFor(word: string): Value | undefined {
  if (Object.hasOwn(values, word)) return values[word];
  if (word === 'date') return (facts) => compileTemplate('{date}').plain(facts[0].origin, Math.max(...facts.map(({ record }) => record.time)));
  if (!/^tenant\.label\../.test(word)) return undefined;
  const template = compileTemplate(`{${word}}`);
  return oneOf(({ origin, record }) => template.plain(origin, record.time), 'value');
}
