import type { FormatKind, SinkKind } from './types.ts';

/** Declares a sink kind; the option type is inferred from the schema. */
export function defineSink<O>(kind: SinkKind<O>): SinkKind<O> {
  return kind;
}

/** Declares a format kind; the option type is inferred from the schema. */
export function defineFormat<O>(kind: FormatKind<O>): FormatKind<O> {
  return kind;
}
