/** Which options of a sink are asked for, read from its own schema: those that it cannot do without, and a few that most people want. */

import { findingsOf } from '../../config/issues.ts';
import { isSecret, type Shape, shapeOf, shapesAt } from '../../config/shape.ts';
import type { Tree } from '../../config/source.ts';
import type { SinkKind } from '../../core/kinds.ts';
import { z } from '../../core/schema.ts';

/** One option, as a question. */
export interface OptionQuestion {
  readonly key: string;
  /** What the schema says of it. */
  readonly description: string;
  readonly isSecret: boolean;
  readonly isRequired: boolean;
  /** The answer for Enter alone. */
  readonly usual: string | undefined;
  readonly example: string | undefined;
  /** Closed choices, where it has them and nothing else. */
  readonly choices: readonly string[] | undefined;
  readonly isFlag: boolean;
}

/** Beside what a sink cannot do without; everything else has a default that serves. */
const worthAsking: Readonly<Record<string, readonly string[]>> = {
  'splunk-hec': ['ack', 'index'],
  syslog: ['preset', 'facility'],
  email: ['user', 'password'],
  http: ['bearer'],
  otlp: ['bearer'],
  elasticsearch: ['apiKey'],
  s3: ['region', 'accessKeyId', 'secretAccessKey'],
  kafka: ['topic', 'tls'],
};

/** Answers for Enter alone, where the schema has none that serves a first start. */
const usual: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  file: { path: 'out/{tenant.name}/{stream}-{date}.ndjson' },
};

/** What is usually wanted by the far ends, and by receivers that a preset names; `json` elsewhere. */
const usualFormats: Readonly<Record<string, string>> = {
  syslog: 'cef',
  elasticsearch: 'ecs',
  'syslog/qradar': 'leef',
  'syslog/wazuh': 'json',
  'syslog/secops': 'json',
  'syslog/insightidr': 'json',
};

/** The format that is offered first. */
export function usualFormatOf(type: string, options: { readonly [key: string]: Tree }): string {
  return usualFormats[`${type}/${String(options.preset ?? '')}`] ?? usualFormats[type] ?? 'json';
}

/** The questions of a kind of sink, in the order in which they are asked. */
export function questionsOf(kind: SinkKind<unknown>): readonly OptionQuestion[] {
  const shape = shapeOf(kind.options);
  const required = shape.required ?? [];
  const keys = [...new Set([...required, ...(worthAsking[kind.name] ?? [])])].filter((key) => Object.hasOwn(shape.properties ?? {}, key));
  return keys.map((key) => {
    const own = shapesAt(shape, [key]);
    const described = own.find(({ description }) => description !== undefined)?.description;
    const words = own.flatMap((each) => each.enum ?? []).map(String);
    return {
      key,
      description: described ?? key,
      isSecret: isSecret(shape, [key]),
      isRequired: required.includes(key),
      usual: usual[kind.name]?.[key] ?? defaultOf(own),
      example: exampleOf(own),
      choices: words.length > 0 ? words : undefined,
      isFlag: own.some(({ type }) => type === 'boolean'),
    };
  });
}

/** As it is typed here, not as it is written in YAML: a list is parts with commas between them. */
function exampleOf(shapes: readonly Shape[]): string | undefined {
  const [first] = shapes.flatMap(({ examples = [] }) => examples);
  if (Array.isArray(first)) return first.join(', ');
  return first === undefined || typeof first === 'object' ? undefined : String(first);
}

function defaultOf(shapes: readonly Shape[]): string | undefined {
  const found = shapes
    .map((shape) => ('default' in shape ? shape.default : undefined))
    .find((value) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean');
  return found === undefined ? undefined : String(found);
}

/** A typed text as the value that the schema wants: a flag, a number, a list, or the text itself. */
export function readTyped(kind: SinkKind<unknown>, key: string, typed: string): Tree {
  const own = shapesAt(shapeOf(kind.options), [key]);
  const types = new Set(own.map(({ type }) => type));
  if (types.has('boolean') && /^(true|false)$/.test(typed)) return typed === 'true';
  if (types.has('integer') && /^\d+$/.test(typed)) return Number(typed);
  const parts = typed
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (types.has('array') && (!types.has('string') || (parts.length > 1 && complaintOf(kind, { [key]: typed }, key) !== undefined))) return parts;
  return typed;
}

/** What the schema says against one option, among those that are there; `undefined` when nothing. A placeholder may stand for anything. */
export function complaintOf(kind: SinkKind<unknown>, options: { readonly [key: string]: Tree }, key: string): string | undefined {
  const { options: schema } = kind;
  if (!(schema instanceof z.ZodType) || String(options[key] ?? '').includes('${')) return undefined;
  const parsed = schema.safeParse(options);
  if (parsed.success) return undefined;
  const shape = shapeOf(schema);
  const findings = findingsOf(parsed.error.issues, { value: { ...options }, shape, alsoKnown: () => [], isHidden: (path) => isSecret(shape, path) });
  const found = findings.find(({ path, isMissing }) => path[0] === key && !isMissing);
  return found && `${found.message}${found.suggestion === undefined ? '' : ` (${found.suggestion})`}`;
}
