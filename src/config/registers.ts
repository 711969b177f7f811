import type { FormatKind, SinkKind } from '../core/kinds.ts';
import type { StreamKind } from '../streams/index.ts';

/** The kinds that a configuration may name. */
export interface Registers {
  readonly streams: readonly StreamKind[];
  readonly sinks: readonly SinkKind<unknown>[];
  readonly formats: readonly FormatKind<unknown>[];
}

/** Every kind that this version serves. */
export async function allRegisters(): Promise<Registers> {
  const [{ streams }, { sinks }, { formats }] = await Promise.all([import('../streams/index.ts'), import('../sinks/index.ts'), import('../formats/index.ts')]);
  return { streams, sinks, formats };
}

/** The kind of that name, if there is one. */
export function kindNamed<K extends { readonly name: string }>(kinds: readonly K[], name: string): K | undefined {
  return kinds.find((kind) => kind.name === name);
}
