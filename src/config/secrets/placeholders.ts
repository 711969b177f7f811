import { Failure } from '../../core/failure.ts';
import { type Path, pathKey, type Tree } from '../source.ts';
import { didYouMean } from '../suggest.ts';
import { type SecretSource, schemes } from './provider.ts';

/** A tree whose placeholders are replaced. */
export interface Resolved {
  readonly tree: Tree;
  /** Keys (see `pathKey`) of the texts that held a placeholder. */
  readonly sealed: ReadonlySet<string>;
  /** Those of them whose placeholder could not be replaced, or was not to be. */
  readonly unresolved: ReadonlySet<string>;
  /** What the placeholders stood for; nothing of it may be shown. */
  readonly values: readonly string[];
}

/** `failure` is what the source threw, if it was asked. */
export type Complain = (path: Path, index: number, message: string, suggestion: string | undefined, failure?: Failure) => void;

/** How many are asked for at the same time. */
const atOnce = 8;

/** What became of one placeholder: its value, why there is none, or nothing at all where nobody may be asked. */
type Outcome = { readonly value: string } | { readonly message: string; readonly suggestion: string | undefined; readonly failure?: Failure } | null;

/**
 * Replaces `${scheme:name}` in every text of a tree, which stands at `base`; `$${` stands for `${` itself.
 *
 * Throws   never for a placeholder that cannot be replaced: that is told to `complain`, in the order of the file, and the text stays as it is.
 * Calls    each source once for each of its names, up to 8 at the same time.
 */
export async function resolvePlaceholders(
  tree: Tree,
  sources: readonly SecretSource[],
  complain: Complain,
  signal: AbortSignal,
  base: Path = [],
): Promise<Resolved> {
  const outcomes = await askAll([...new Set(placeholdersIn(tree))], sources, signal);
  const sealed = new Set<string>();
  const unresolved = new Set<string>();
  const values = new Set<string>();

  function walk(value: Tree, path: Path): Tree {
    if (typeof value === 'string') return value.includes('${') ? replace(value, path) : value;
    if (Array.isArray(value)) return value.map((element, i) => walk(element, [...path, i]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member, [...path, key])]));
  }

  function replace(text: string, path: Path): string {
    return text.replace(form, (written: string, _inner: string | undefined, index: number) => {
      if (written.startsWith('$$')) return written.slice(1);
      sealed.add(pathKey(path));
      const outcome = outcomes.get(written) ?? null;
      if (outcome !== null && 'value' in outcome) {
        values.add(outcome.value);
        return outcome.value;
      }
      unresolved.add(pathKey(path));
      if (outcome !== null) complain(path, index, outcome.message, outcome.suggestion, outcome.failure);
      return written;
    });
  }

  return { tree: walk(tree, base), sealed, unresolved, values: [...values] };
}

const form = /\$?\$\{([^{}]*\})?/g;

/** As they are written, in the order of the file. */
function placeholdersIn(tree: Tree): readonly string[] {
  if (typeof tree === 'string')
    return tree.includes('${') ? [...tree.matchAll(form)].map(([written]) => written).filter((written) => !written.startsWith('$$')) : [];
  return typeof tree === 'object' && tree !== null ? Object.values(tree).flatMap(placeholdersIn) : [];
}

async function askAll(placeholders: readonly string[], sources: readonly SecretSource[], signal: AbortSignal): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const waiting = [...placeholders];
  const worker = async () => {
    for (let written = waiting.shift(); written !== undefined; written = waiting.shift()) {
      signal.throwIfAborted();
      outcomes.set(written, await lookUp(written, sources, signal));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, placeholders.length) }, worker));
  return outcomes;
}

async function lookUp(written: string, sources: readonly SecretSource[], signal: AbortSignal): Promise<Outcome> {
  const inner = /^\$\{(.*)\}$/s.exec(written)?.[1];
  if (inner === undefined)
    return { message: 'this placeholder is not closed', suggestion: `close it with \`}\`, or write \`$\${\` for the characters themselves` };
  const colon = inner.indexOf(':');
  const scheme = inner.slice(0, Math.max(0, colon));
  const name = inner.slice(colon + 1).trim();
  if (colon < 0) return { message: `the placeholder \`${written}\` names no source`, suggestion: `write \`\${env:${name === '' ? 'NAME' : name}}\`` };
  const source = sources.find((one) => one.scheme === scheme);
  if (!source) return unknown(scheme, sources);
  if (name === '') return { message: `the placeholder \`${written}\` names nothing`, suggestion: `write \`\${${scheme}:NAME}\`` };
  try {
    if (!source.resolve) await source.check?.(name);
    return source.resolve ? { value: (await source.resolve(name, signal)).reveal() } : null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    // Who is asked over the network may be far from where the name is written.
    return { message: source.check ? `\`${written}\`: ${error.message}` : error.message, suggestion: error.advice, failure: error };
  }
}

function unknown(scheme: string, sources: readonly SecretSource[]): Outcome {
  const here = sources.map((one) => one.scheme);
  if ((schemes as readonly string[]).includes(scheme))
    return {
      message: `\`\${${scheme}:...}\` cannot stand in \`secrets\`, which says how such secrets are asked for`,
      suggestion: `use ${here.map((one) => `\`\${${one}:}\``).join(', ')} here`,
    };
  return {
    message: `the source \`${scheme}\` of the placeholder is unknown`,
    suggestion: didYouMean(scheme, schemes) ?? `use one of ${schemes.map((one) => `\`${one}\``).join(', ')}`,
  };
}
