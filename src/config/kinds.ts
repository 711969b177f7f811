/** Reads the sections whose shape the registers bring: `streams` and `sinks`. */

import type { Schema } from '../core/kinds.ts';
import { z } from '../core/schema.ts';
import { placeholders } from '../core/template.ts';
import type { SinkPlan, StreamPlan } from './plan.ts';
import type { Reading } from './reading.ts';
import { kindNamed, type Registers } from './registers.ts';
import { betterName, nameForm, nameRule, sinkCommon, streamCommon } from './sections.ts';
import { sinkNames, streamNames } from './served.ts';
import type { Path, Tree } from './source.ts';
import { didYouMean } from './suggest.ts';

type Fields = { readonly [key: string]: Tree };

/** What is read when no `streams` are named. */
export const defaultStreams: readonly string[] = ['events', 'siem-alerts'];

export function readStreams(reading: Reading, { streams: kinds }: Registers): readonly StreamPlan[] {
  const written = reading.tree.streams ?? null;
  const section =
    written === null
      ? Object.fromEntries(defaultStreams.filter((name) => kindNamed(kinds, name)).map((name) => [name, {}]))
      : mapping(reading, written, ['streams']);
  if (written !== null && section && Object.keys(section).length === 0)
    reading.complain(['streams'], 'names no stream', 'leave `streams` out for `events` and `siem-alerts`', { target: 'key' });
  const plans: StreamPlan[] = [];
  for (const [name, value] of Object.entries(section ?? {})) {
    const path = ['streams', name];
    const kind = kindNamed(kinds, name);
    if (!kind) {
      complainUnknown(reading, path, 'key', 'stream', name, kinds, streamNames);
      continue;
    }
    const fields = mapping(reading, value ?? {}, path);
    if (!fields) continue;
    const { common, rest } = split(fields, ['every']);
    const every = reading.check(streamCommon, common, path);
    const options = checkOptions(reading, kind.options, rest, path, ['every']);
    if (every && options) plans.push({ kind, options: options.value, everyMs: every.every ?? kind.everyMs });
  }
  return plans;
}

export function readSinks(reading: Reading, { sinks: kinds }: Registers): ReadonlyMap<string, SinkPlan> {
  const plans = new Map<string, SinkPlan>();
  for (const [name, value] of Object.entries(mapping(reading, reading.tree.sinks ?? {}, ['sinks']) ?? {})) {
    const path = ['sinks', name];
    if (!nameForm.test(name)) reading.complain(path, `the sink's name ${nameRule}`, betterName(name), { target: 'key' });
    const fields = mapping(reading, value, path);
    if (!fields) continue;
    const { common, rest } = split(fields, ['type', 'every']);
    if (fields.type === undefined || fields.type === null)
      reading.complain([...path, 'type'], '`type` is missing', `types are ${kinds.map((kind) => `\`${kind.name}\``).join(', ')}`, { target: 'key' });
    const given = reading.check(sinkCommon, common, path);
    const type = fields.type;
    if (typeof type !== 'string' || reading.isUnresolved([...path, 'type'])) continue;
    const kind = kindNamed(kinds, type);
    if (!kind) {
      complainUnknown(reading, [...path, 'type'], 'value', 'sink type', type, kinds, sinkNames);
      continue;
    }
    checkTemplates(reading, rest, path);
    const options = checkOptions(reading, kind.options, rest, path, ['type', 'every']);
    if (given && options) plans.set(name, { name, kind, options: options.value, ...(given.every === undefined ? {} : { everyMs: given.every }) });
  }
  return plans;
}

/** Reads options by a kind's own schema. */
export function checkOptions(
  reading: Reading,
  schema: Schema<unknown>,
  value: Tree,
  path: Path,
  common: readonly string[],
): { readonly value: unknown } | undefined {
  if (!(schema instanceof z.ZodType)) return { value: schema.parse(value) };
  const before = reading.problems.length;
  const parsed = reading.check(schema, value, path, (inner) => (inner.length === 0 ? common : []));
  return reading.problems.length > before && parsed === undefined ? undefined : { value: parsed };
}

/** "unknown", or "not served yet" for what a later version will know. */
export function complainUnknown(
  reading: Reading,
  path: Path,
  target: 'key' | 'value',
  noun: string,
  name: string,
  kinds: readonly { readonly name: string }[],
  valid: readonly string[],
): void {
  const served = kinds.map((kind) => kind.name);
  const list = `served are ${served.map((one) => `\`${one}\``).join(', ')}`;
  if (valid.includes(name)) reading.complain(path, `the ${noun} \`${name}\` is not served yet`, list, { target });
  else reading.complain(path, `the ${noun} \`${name}\` is unknown`, didYouMean(name, served) ?? didYouMean(name, valid) ?? list, { target });
}

/** What may stand at a path of `streams` or `sinks`. */
function exampleBelow([section, name]: Path): string {
  if (section === 'streams') return name === undefined ? '`streams: { events: {} }`' : `\`${name}: {}\``;
  const sink = '{ type: file, path: out.ndjson }';
  return name === undefined ? `\`sinks: { archive: ${sink} }\`` : `\`${name}: ${sink}\``;
}

/** The value as a map, or a problem. */
export function mapping(reading: Reading, value: Tree, path: Path): Fields | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  if (!reading.hasProblemAt(path)) reading.complain(path, `expected keys and values below \`${String(path.at(-1))}\``, `write ${exampleBelow(path)}`);
  return undefined;
}

function split(fields: Fields, keys: readonly string[]): { readonly common: { [key: string]: Tree }; readonly rest: { [key: string]: Tree } } {
  const entries = Object.entries(fields);
  return {
    common: Object.fromEntries(entries.filter(([key]) => keys.includes(key))),
    rest: Object.fromEntries(entries.filter(([key]) => !keys.includes(key))),
  };
}

const knownPlaceholders = placeholders.map((one) => one.slice(1, -1));

/**
 * Points at a misspelt placeholder in any text of a sink. Only near misses: what else may stand between braces is the sink's own matter,
 * and its schema refuses the rest.
 */
function checkTemplates(reading: Reading, value: Tree, path: Path): void {
  if (Array.isArray(value)) value.forEach((element, i) => void checkTemplates(reading, element, [...path, i]));
  else if (typeof value === 'object' && value !== null) for (const [key, member] of Object.entries(value)) checkTemplates(reading, member, [...path, key]);
  else if (typeof value === 'string' && !reading.isSealed(path)) {
    for (const { 1: word = '', index } of value.matchAll(/\{([A-Za-z][\w.-]{0,60})\}/g)) {
      if (knownPlaceholders.includes(word) || /^tenant\.label\.[^.]/.test(word)) continue;
      const meant = /^tenant[.]?la?b/i.test(word) ? 'did you mean `{tenant.label.X}`?' : didYouMean(word, knownPlaceholders)?.replace(/`(.+)`/, '`{$1}`');
      if (meant !== undefined) reading.complain(path, `the placeholder \`{${word}}\` is unknown`, meant, { index: index });
    }
  }
}
