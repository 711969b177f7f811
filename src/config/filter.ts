import type { Origin, StreamRecord } from '../core/types.ts';
import { compileWhere, type RegexEngine } from '../core/where.ts';
import { jsonFields } from '../formats/json.ts';

/** A `where` over records: it sees the fields of the `json` format. */
export interface RecordFilter {
  readonly text: string;
  readonly paths: readonly string[];
  /** Parses the record's text once. */
  test(record: StreamRecord, origin: Origin): boolean;
}

/**
 * Compiles a `where` for records.
 *
 * Throws   WhereFailure (config, `where.syntax`).
 */
export async function compileFilter(text: string): Promise<RecordFilter> {
  const where = compileWhere(text, { regex: await engineFor(text) });
  return { text, paths: where.paths, test: (record, origin) => where.test(jsonFields(record, origin)) };
}

/** The linear-time engine that `=~` uses; loaded only for texts that could need it. */
export async function engineFor(text: string): Promise<RegexEngine> {
  if (!text.includes('=~')) return unused;
  const { RE2JS } = await import('re2js');
  return (pattern) => {
    const compiled = RE2JS.compile(pattern);
    return (value) => compiled.test(value);
  };
}

function unused(): never {
  throw new Error('a filter without `=~` asked for a regular expression');
}
