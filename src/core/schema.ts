/**
 * Option schemas: a thin layer over zod, so that an option is declared once and its TypeScript type, validation message,
 * JSON Schema and reference page come from that declaration.
 *
 * Every schema here has `.optional()`, `.default(value)` and `.describe('one sentence')`.
 * Load this lazily on command lines that need no options: zod costs about 50 ms.
 */
import * as z from 'zod';
import { secret } from './secret.ts';
import type { Millis } from './types.ts';
import type { Secret } from './world.ts';

/** A non-empty text. */
export const text = () => z.string().min(1, 'must not be empty');

/** A text with a pattern and a sentence that says what is expected. */
export const pattern = (form: RegExp, expected: string) => z.string().regex(form, expected);

export const integer = (limits: { readonly min?: number; readonly max?: number } = {}) =>
  z
    .int()
    .min(limits.min ?? Number.MIN_SAFE_INTEGER)
    .max(limits.max ?? Number.MAX_SAFE_INTEGER);

/** `true` or `false`. */
export const flag = () => z.boolean();

export const choice = <const T extends readonly [string, ...string[]]>(...values: T) => z.enum(values);

export const list = <T extends z.ZodType>(of: T) => z.array(of);

/** A map with free keys. */
export const map = <T extends z.ZodType>(of: T) => z.record(z.string(), of);

/** Only the keys named; any other is an error with its path. */
export const object = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

export const either = <A extends z.ZodType, B extends z.ZodType>(a: A, b: B) => z.union([a, b]);

/** A text that is sealed as soon as it is read. */
export const secretText = () =>
  z
    .string()
    .min(1, 'must not be empty')
    .transform((value): Secret => secret(value))
    .meta({ writeOnly: true });

const units: Readonly<Record<string, Millis>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `90s`, `5m`, `12h`, `7d` to milliseconds; `undefined` when it is not a duration. */
export function durationMs(value: string): Millis | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)$/.exec(value.trim());
  return found ? Math.round(Number(found[1]) * (units[found[2] as string] as number)) : undefined;
}

/** `100MB`, `20GB`, `64KiB` to bytes (KB = 1000, KiB = 1024); `undefined` when it is not a size. */
export function sizeBytes(value: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*(B|[KMGT]i?B)$/i.exec(value.trim());
  if (!found) return undefined;
  const unit = (found[2] as string).toUpperCase();
  const base = unit.includes('I') ? 1024 : 1000;
  return Math.round(Number(found[1]) * base ** 'BKMGT'.indexOf(unit[0] as string));
}

/** Limits of a text, in words, for who reads the JSON Schema. */
function spellLimits(least: string | undefined, most: string | undefined): { readonly limits?: string } {
  const told = [...(least === undefined ? [] : [`at least ${least}`]), ...(most === undefined ? [] : [`at most ${most}`])];
  return told.length === 0 ? {} : { limits: told.join(', ') };
}

const isWithin = (value: number, { min = 0, max = Number.POSITIVE_INFINITY }: { readonly min?: number; readonly max?: number }) => value >= min && value <= max;

/** A duration such as `90s`, `12h`, `7d`, in ms after parsing. */
export const duration = (limits: { readonly min?: Millis; readonly max?: Millis } = {}) =>
  z
    .string()
    .meta({
      examples: ['90s', '12h', '7d'].filter((one) => isWithin(durationMs(one) ?? 0, limits)),
      pattern: '^\\s*\\d+(\\.\\d+)?\\s*(ms|s|m|h|d|w)\\s*$',
      ...spellLimits(limits.min === undefined ? undefined : spell(limits.min), limits.max === undefined ? undefined : spell(limits.max)),
    })
    .transform((value, context): Millis => {
      const ms = durationMs(value);
      if (ms === undefined) context.addIssue({ code: 'custom', message: 'expected a duration such as `90s`, `12h` or `7d`' });
      else if (ms < (limits.min ?? 0)) context.addIssue({ code: 'custom', message: `must be at least ${spell(limits.min ?? 0)}` });
      else if (ms > (limits.max ?? Number.POSITIVE_INFINITY)) context.addIssue({ code: 'custom', message: `must be at most ${spell(limits.max ?? 0)}` });
      return ms ?? 0;
    });

/** A size such as `100MB` or `64KiB`, in bytes after parsing; `least` is one, too. */
export const size = ({ least }: { readonly least?: string } = {}) =>
  z
    .string()
    .meta({ examples: ['100MB', '20GB'], pattern: '^\\s*\\d+(\\.\\d+)?\\s*([Bb]|[KMGTkmgt][Ii]?[Bb])\\s*$', ...spellLimits(least, undefined) })
    .transform((value, context): number => {
      const bytes = sizeBytes(value);
      if (bytes === undefined) context.addIssue({ code: 'custom', message: 'expected a size such as `100MB` or `20GB`' });
      else if (bytes < (sizeBytes(least ?? '0B') ?? 0)) context.addIssue({ code: 'custom', message: `must be at least ${least}` });
      return bytes ?? 0;
    });

/** A duration as a person writes it. */
export function spell(ms: Millis): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    const each = units[unit] as number;
    if (ms >= each && ms % each === 0) return `${ms / each}${unit}`;
  }
  return `${ms}ms`;
}

/** A size as a person writes it. */
export function sizeSpelt(bytes: number): string {
  for (const [i, unit] of ['TB', 'GB', 'MB', 'KB'].entries()) {
    const each = 1000 ** (4 - i);
    if (bytes >= each && bytes % each === 0) return `${bytes / each}${unit}`;
  }
  return `${bytes}B`;
}

/** The JSON Schema (draft 2020-12) of what the user writes. */
export function jsonSchemaOf(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    // zod takes the examples of what is transformed for examples of the outcome; ours are what a user writes.
    override({ zodSchema, jsonSchema }) {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (examples !== undefined) jsonSchema.examples = examples as unknown[];
    },
  });
}

export { z };
