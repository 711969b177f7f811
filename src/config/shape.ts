import type { Schema } from '../core/kinds.ts';
import { jsonSchemaOf, z } from '../core/schema.ts';
import type { Path } from './source.ts';

/** A JSON Schema, as far as messages and masks look at it. */
export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly writeOnly?: boolean;
  readonly minimum?: number;
  readonly required?: readonly string[];
}

/** The JSON Schema of options; of a schema that is none of ours nothing is known. */
export function shapeOf(schema: Schema<unknown>): Shape {
  return schema instanceof z.ZodType ? (jsonSchemaOf(schema) as Shape) : {};
}

/** Every shape that a value at this path may have. */
export function shapesAt(shape: Shape, path: Path): readonly Shape[] {
  let shapes = branches(shape);
  for (const step of path) shapes = shapes.flatMap((one) => below(one, step)).flatMap(branches);
  return shapes;
}

/** The keys that may stand at this path. */
export function keysAt(shape: Shape, path: Path): readonly string[] {
  return shapesAt(shape, path).flatMap((one) => Object.keys(one.properties ?? {}));
}

/** Is a text at this path a secret? */
export function isSecret(shape: Shape, path: Path): boolean {
  return shapesAt(shape, path).some((one) => one.writeOnly === true);
}

/** What may stand at this path, for a message. */
export function expectedAt(shape: Shape, path: Path): string {
  const said = new Set(shapesAt(shape, path).map(describe));
  return [...said].filter((part) => part !== '').join(' or ') || 'something else';
}

/** An example of what may stand at this path, as it is written in YAML within one line. */
export function exampleAt(shape: Shape, path: Path): string | undefined {
  for (const one of shapesAt(shape, path)) {
    const example = exampleOf(one);
    if (example !== undefined) return spelt(example);
  }
  return undefined;
}

function exampleOf({ examples, default: usual, enum: values, const: constant, properties, type, minimum }: Shape): unknown {
  const isBare = typeof usual === 'object' && usual !== null && Object.keys(usual).length === 0;
  const told = examples?.[0] ?? (isBare ? undefined : usual) ?? values?.[0] ?? constant;
  if (told !== undefined) return told;
  if (type === 'integer') return Math.max(1, minimum ?? 1);
  if (type === 'boolean') return true;
  for (const [key, one] of Object.entries(properties ?? {})) {
    const inner = exampleOf(one);
    if (inner !== undefined) return { [key]: inner };
  }
  return undefined;
}

/** A value in YAML, where braces and brackets may stand around it. */
export function spelt(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spelt).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([key, one]) => `${spelt(key)}: ${spelt(one)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  if (typeof value !== 'string') return String(value);
  const isPlain = /^(?:[A-Za-z./~][\w./~<>@+ -]*|[a-z]+:\/\/[\w.:/-]+|\d+[A-Za-z]+)$/.test(value) && !/ $|^(true|false|null|yes|no|on|off)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}

/** A placeholder for a secret whose key has this name. */
export function secretExample(key: string): string {
  return `\${env:${key.replace(/\B[A-Z]/g, '_$&').toUpperCase()}}`;
}

function branches(shape: Shape): readonly Shape[] {
  const parts = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])];
  return parts.length === 0 ? [shape] : [shape, ...parts.flatMap(branches)];
}

function below(shape: Shape, step: string | number): readonly Shape[] {
  if (typeof step === 'number') return shape.items ? [shape.items] : [];
  const named = shape.properties && Object.hasOwn(shape.properties, step) ? shape.properties[step] : undefined;
  if (named) return [named];
  return typeof shape.additionalProperties === 'object' ? [shape.additionalProperties] : [];
}

function describe(shape: Shape): string {
  if (shape.enum) return `one of ${shape.enum.map((value) => `\`${String(value)}\``).join(', ')}`;
  if (shape.const !== undefined) return `\`${String(shape.const)}\``;
  const example = shape.examples?.[0];
  if (shape.type === 'string' && typeof example === 'string' && shape.writeOnly !== true)
    return `${kindOfExample(example)} such as \`${example === '90s' ? '60s' : example}\``;
  switch (shape.type) {
    case 'string':
      return 'a text';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return 'a list';
    case 'object':
      return 'a map of keys and values';
    default:
      return '';
  }
}

function kindOfExample(example: string): string {
  if (/^\d+(ms|[smhdw])$/.test(example)) return 'a duration';
  if (/^\d+[KMGT]?i?B$/i.test(example)) return 'a size';
  return URL.canParse(example) ? 'a URL' : 'a text';
}
