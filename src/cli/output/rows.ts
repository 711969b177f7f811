/** Lists that are not records of a stream: tenants, dead letters, account facts. */
import type { CommandContext, Parser } from '../command.ts';
import { usage } from '../exit.ts';
import { csvLine } from './csv.ts';
import { cellOf, type Fields, flatten, parseFields, pick, plainly, tenantText, valueAt } from './fields.ts';
import { openTable, type TableOptions } from './table.ts';

export const rowOutputs = ['table', 'ndjson', 'json', 'csv'] as const;
export type RowOutput = (typeof rowOutputs)[number];

export interface RowOptions {
  readonly output?: string;
  readonly fields?: string;
}

/** What of a table's columns is cut last, and left out first; by heading. */
export interface Looks extends Pick<TableOptions, 'whole' | 'ids'> {
  /** How the value at a path reads in a table. */
  readonly texts?: Readonly<Record<string, (value: unknown) => string>>;
}

/** Declares what `printRows` understands. */
export function declareRowOptions(parser: Parser): Parser {
  return parser
    .option('--output <form>', `${rowOutputs.join(', ')} (default: table on a terminal, otherwise ndjson)`)
    .option('--fields <a,b.c>', 'only these fields, in this order');
}

/** Prints rows in the form asked for; `columns` are the table's, by their path and heading. */
export async function printRows(
  context: CommandContext,
  rows: readonly Fields[],
  columns: Readonly<Record<string, string>>,
  options: RowOptions,
  looks: Looks = {},
): Promise<void> {
  const output = rowOutputOf(context, options.output);
  const fields = options.fields === undefined ? null : parseFields(options.fields);
  if (output === 'table') {
    const paths = fields ?? Object.keys(columns);
    const table = openTable({
      headings: paths.map((path) => columns[path] ?? path),
      width: context.isTty ? (context.stdout.columns ?? 100) : undefined,
      color: context.color,
      ...(fields ? {} : { whole: looks.whole ?? [], ids: looks.ids ?? [] }),
    });
    const texts: NonNullable<Looks['texts']> = fields ? {} : { 'tenant.name': tenantText, ...looks.texts };
    const textAt = (row: Fields, path: string) => (texts[path] ?? plainly)(valueAt(row, path));
    for (const row of rows) await printSome(context, table.row(paths.map((path) => textAt(row, path))));
    return printSome(context, table.end());
  }
  const chosen = fields ? rows.map((row) => pick(row, fields)) : rows;
  if (output === 'json') return context.print(`${JSON.stringify(chosen, null, 2)}\n`);
  if (output === 'ndjson') {
    for (const row of chosen) await context.print(`${JSON.stringify(row)}\n`);
    return;
  }
  const flat = chosen.map(flatten);
  const headings = fields ?? [...new Set(flat.flatMap((row) => [...row.keys()]))];
  await context.print(csvLine(headings));
  for (const row of flat) await context.print(csvLine(headings.map((heading) => cellOf(row.get(heading)))));
}

function rowOutputOf(context: CommandContext, wanted: string | undefined): RowOutput {
  if (wanted === undefined) return context.isTty ? 'table' : 'ndjson';
  const found = rowOutputs.find((each) => each === wanted);
  if (!found) throw usage('output', `\`--output ${wanted}\` is not a form of this list`, `Use one of ${rowOutputs.join(', ')}.`);
  return found;
}

async function printSome(context: CommandContext, text: string): Promise<void> {
  if (text !== '') await context.print(text);
}
