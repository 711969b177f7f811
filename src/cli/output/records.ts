/** Records of a stream, written as they come: to standard output or into a file. */

import { LineBuffer } from '../../core/pack.ts';
import type { Format, Origin, StreamRecord } from '../../core/types.ts';
import { formats } from '../../formats/index.ts';
import { jsonFields } from '../../formats/json.ts';
import { usage } from '../exit.ts';
import { type Column, columnsOf, type Showing, textIn } from './columns.ts';
import { type Cell, csvLine } from './csv.ts';
import { cellOf, flatten, pick, valueAt } from './fields.ts';
import { openTable } from './table.ts';

/** Where bytes go; resolves when there is room for more. */
export type Outlet = (data: string | Uint8Array) => Promise<void>;

export interface RecordOutput {
  /** Records of one page, in order. */
  write(records: readonly StreamRecord[], origin: Origin): Promise<void>;
  /** What is left: the end of a list, a table that was still waiting for its widths. */
  end(): Promise<void>;
}

export interface RecordOutputOptions {
  /** `table`, `ndjson`, `json`, `csv`, or a format's name. */
  readonly output: string;
  readonly fields: readonly string[] | null;
  /** Width of the terminal, if it is one. */
  readonly width: number | undefined;
  readonly color: boolean;
  /** Of a table; default `state`. */
  readonly showing?: Showing;
  /** What the reader has to know, such as columns that a CSV file could not take. */
  readonly warn: (message: string) => void;
}

/** Names that `--output` of a reading command takes, besides `sink:NAME`. */
export function recordOutputs(): readonly string[] {
  return [...new Set(['table', 'ndjson', 'json', 'csv', ...formats.map(({ name }) => name)])];
}

/**
 * Opens an output.
 *
 * Throws   config `usage.output` for an unknown form, `usage.fields` where fields cannot be chosen.
 */
export function openRecordOutput(stream: string, options: RecordOutputOptions, outlet: Outlet): RecordOutput {
  const { output, fields } = options;
  switch (output) {
    case 'table':
      return tableOutput(columnsOf(stream, fields, options.showing), options, outlet);
    case 'csv':
      return csvOutput(options, outlet);
    case 'json':
      return fields ? pickedOutput(fields, true, outlet) : arrayOutput(formatNamed('json'), outlet);
    case 'ndjson':
      return fields ? pickedOutput(fields, false, outlet) : lineOutput(formatNamed('json'), outlet);
    default:
      if (!formats.some(({ name }) => name === output))
        throw usage('output', `\`--output ${output}\` is not known`, `Use one of ${recordOutputs().join(', ')}, or sink:NAME.`);
      if (fields) throw usage('fields', `\`--fields\` cannot be chosen with \`--output ${output}\``, 'Use it with table, ndjson, json or csv.');
      return lineOutput(formatNamed(output), outlet);
  }
}

function formatNamed(name: string): Format {
  const kind = formats.find((each) => each.name === name);
  if (!kind) throw usage('output', `the format \`${name}\` is not known`, `Use one of ${recordOutputs().join(', ')}.`);
  return open(kind);
}

function open<O>(kind: { readonly options: { parse(value: unknown): O }; open(options: O): Format }): Format {
  return kind.open(kind.options.parse({}));
}

function lineOutput(format: Format, outlet: Outlet): RecordOutput {
  return {
    async write(records, origin) {
      const lines = new LineBuffer(records.length * 1024);
      for (const record of records) {
        format.encode(record, origin, lines);
        lines.endLine();
      }
      if (lines.length > 0) await outlet(lines.lines().bytes);
    },
    end: async () => undefined,
  };
}

/** One array, one record per line, never held in memory as a whole. */
function arrayOutput(format: Format, outlet: Outlet): RecordOutput {
  let count = 0;
  return {
    async write(records, origin) {
      const lines = new LineBuffer(records.length * 1024);
      for (const record of records) {
        lines.text(count++ === 0 ? '[\n' : ',\n');
        format.encode(record, origin, lines);
      }
      if (records.length === 0) return;
      // An array has its line ends between the records: the one that ends this piece is not part of it.
      lines.endLine();
      const { bytes } = lines.lines();
      await outlet(bytes.subarray(0, bytes.length - 1));
    },
    end: () => outlet(count === 0 ? '[]\n' : '\n]\n'),
  };
}

function pickedOutput(fields: readonly string[], isArray: boolean, outlet: Outlet): RecordOutput {
  let count = 0;
  return {
    async write(records, origin) {
      const texts = records.map((record) => JSON.stringify(pick(jsonFields(record, origin), fields)));
      if (texts.length === 0) return;
      await outlet(isArray ? `${count === 0 ? '[\n' : ',\n'}${texts.join(',\n')}` : `${texts.join('\n')}\n`);
      count += texts.length;
    },
    end: async () => {
      if (isArray) await outlet(count === 0 ? '[]\n' : '\n]\n');
    },
  };
}

function tableOutput(columns: readonly Column[], { width, color }: RecordOutputOptions, outlet: Outlet): RecordOutput {
  const those = (kind: Column['is']) => columns.flatMap(({ heading, is }) => (is === kind ? [heading] : []));
  const table = openTable({
    headings: columns.map(({ heading }) => heading),
    width,
    color,
    whole: those('whole'),
    times: those('time'),
    days: those('day'),
    ids: those('id'),
    brief: Object.fromEntries(columns.flatMap(({ heading, brief }) => (brief ? [[heading, brief]] : []))),
  });
  return {
    async write(records, origin) {
      let text = '';
      for (const record of records) {
        const fields = jsonFields(record, origin);
        text += table.row(columns.map((column) => textIn(fields, column)));
      }
      if (text !== '') await outlet(text);
    },
    async end() {
      const text = table.end();
      if (text !== '') await outlet(text);
    },
  };
}

/** So many records wait until it is known which columns there are: of a list that is not longer, none is missing. */
const csvLooksAt = 5000;

/** The columns are those of the first records; what later ones have besides is said at the end, by name. */
function csvOutput({ fields, warn }: RecordOutputOptions, outlet: Outlet): RecordOutput {
  let headings = fields;
  let isBegun = false;
  let waiting: Map<string, unknown>[] = [];
  const left = new Set<string>();
  async function begin(names: readonly string[]): Promise<void> {
    isBegun = true;
    headings = names;
    await outlet(csvLine(names));
  }
  async function writeFlat(rows: readonly Map<string, unknown>[]): Promise<void> {
    const known = headings ?? [];
    const columns = new Set(known);
    let text = '';
    for (const row of rows) {
      text += csvLine(known.map((heading): Cell => cellOf(row.get(heading))));
      for (const key of row.keys()) if (!columns.has(key)) left.add(key);
    }
    await outlet(text);
  }
  async function letGo(): Promise<void> {
    const rows = waiting;
    waiting = [];
    const names = new Set<string>();
    for (const row of rows) for (const key of row.keys()) names.add(key);
    await begin([...names]);
    await writeFlat(rows);
  }
  return {
    async write(records, origin) {
      if (records.length === 0) return;
      const rows = records.map((record) => jsonFields(record, origin));
      if (fields) {
        if (!isBegun) await begin(fields);
        await outlet(rows.map((row) => csvLine(fields.map((heading): Cell => cellOf(valueAt(row, heading))))).join(''));
        return;
      }
      const flat = rows.map(flatten);
      if (isBegun) return writeFlat(flat);
      for (const row of flat) waiting.push(row);
      if (waiting.length >= csvLooksAt) await letGo();
    },
    async end() {
      if (waiting.length > 0) await letGo();
      if (!isBegun && fields) await begin(fields);
      if (left.size > 0) warn(`columns that the first records did not have are not in the CSV: ${[...left].join(', ')} (name them with --fields)`);
    },
  };
}
