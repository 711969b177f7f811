/** Objects as Central gave them, as records: for the outputs of `get`, and for `where`. */
import type { Json, Millis, Origin, StreamRecord, Tenant } from '../../core/types.ts';
import type { CommandContext, Parser } from '../command.ts';
import { usage } from '../exit.ts';
import { parseFields } from '../output/fields.ts';
import { openRecordOutput, type RecordOutput, recordOutputs } from '../output/records.ts';

export interface ItemOptions {
  readonly output?: string;
  readonly fields?: string;
}

/** Declares what `openItems` understands. */
export function declareItemOptions(parser: Parser): Parser {
  return parser
    .option('--output <form>', 'table (on a terminal), ndjson (elsewhere), json, csv, raw, or another format')
    .option('--fields <a,b.c>', 'only these fields, in this order');
}

/** Writes objects of several tenants, in the order in which they are given. */
export interface ItemOutput {
  write(tenant: Tenant, items: readonly Identified[]): Promise<void>;
  end(): Promise<void>;
}

export interface Identified {
  readonly id: string;
}

/**
 * Opens standard output for objects of that stream's kind.
 *
 * Throws   config `usage.output`, `usage.fields`, before anything is asked.
 */
export function openItems(context: CommandContext, stream: string, { output, fields }: ItemOptions): ItemOutput {
  if (output?.startsWith('sink:')) throw usage('output', `\`--output ${output}\` is for \`get\``, `Use one of ${recordOutputs().join(', ')}.`);
  const records: RecordOutput = openRecordOutput(
    stream,
    {
      output: output ?? (context.isTty ? 'table' : 'ndjson'),
      fields: fields === undefined ? null : parseFields(fields),
      width: context.isTty ? (context.stdout.columns ?? 100) : undefined,
      color: context.color,
      warn: context.warn,
    },
    context.print,
  );
  const now = context.world.clock.now();
  return {
    async write(tenant, items) {
      if (items.length > 0)
        await records.write(
          items.map((item, i) => recordOf(item, now, i + 1)),
          { stream, tenant },
        );
    },
    end: () => records.end(),
  };
}

/** An object as a record. */
export function recordOf(item: Identified, now: Millis, seq = 1): StreamRecord {
  const json = JSON.stringify(item);
  return { seq, key: item.id, time: now, json, fetchedAt: now, utf8: Buffer.from(json) };
}

/** Is a `--where` true for an object? */
export type ItemFilter = (item: Identified, origin: Origin) => boolean;

/** Compiles `--where`; without one everything passes. Throws config `where.syntax`. */
export async function itemFilter(text: string | undefined): Promise<ItemFilter> {
  if (text === undefined) return () => true;
  const { compileFilter } = await import('../../config/filter.ts');
  const filter = await compileFilter(text);
  return (item, origin) => filter.test(recordOf(item, 0), origin);
}

/** An id as Central writes all of its own. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** Throws config `usage.id` for what is no id. */
export function idsIn(args: readonly string[], noun: string): readonly string[] {
  const wrong = args.find((text) => !isId(text));
  if (wrong !== undefined)
    throw usage('id', `\`${wrong}\` is not the id of ${noun}`, 'Copy the id as Central shows it, such as 56931431-9faf-480c-ba1d-8d7541eae259.');
  return [...new Set(args.map((text) => text.toLowerCase()))];
}

/** Values separated by commas, as typed after an option that may also be repeated. */
export function words(value: string, before: readonly string[] | undefined): readonly string[] {
  const some = value.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  return [...(before ?? []), ...some];
}

/**
 * Words of which Central knows these only, in its spelling.
 *
 * Throws   config `usage.which`: otherwise every tenant would refuse a mistyped one, or have nothing of the kind.
 */
export function wordsAmong(option: string, given: readonly string[], known: readonly string[]): readonly string[] {
  return given.map((text) => {
    const found = known.find((each) => each.toLowerCase() === text.toLowerCase());
    if (found === undefined) throw usage('which', `\`${option}\` does not know \`${text}\``, `Use ${known.join(', ')}.`);
    return found;
  });
}

/** So many ids go into one request. */
const idsAtOnce = 50;

export function* inChunks<T>(items: readonly T[], size = idsAtOnce): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

/** A text that may be missing, or something else. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What an answer says, as plain JSON: only the members named. */
export function someOf(answer: object | null | undefined, names: readonly string[]): Json {
  const fields = answer as { readonly [name: string]: unknown } | null | undefined;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fields?.[name];
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [];
    }),
  );
}
