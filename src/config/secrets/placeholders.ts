import { Failure, isAbort } from '../../core/failure.ts';
import type { SecretProvider } from '../../core/world.ts';
import { type Path, pathKey, type Tree } from '../source.ts';
import { didYouMean } from '../suggest.ts';

/** Valid schemes that no provider serves yet. */
const later: ReadonlySet<string> = new Set(['aws-secret', 'keyring', 'vault']);

/** A tree whose placeholders are replaced. */
export interface Resolved {
  readonly tree: Tree;
  /** Keys (see `pathKey`) of the texts that held a placeholder. */
  readonly sealed: ReadonlySet<string>;
  /** Those of them whose placeholder could not be replaced. */
  readonly unresolved: ReadonlySet<string>;
  /** What the placeholders stood for; nothing of it may be shown. */
  readonly values: readonly string[];
}

type Complain = (path: Path, index: number, message: string, suggestion: string | undefined) => void;

/**
 * Replaces `${scheme:name}` in every text of a tree; `$${` stands for `${` itself.
 *
 * Throws   never for a placeholder that cannot be replaced: that is told to `complain`, and the text stays as it is.
 */
export async function resolvePlaceholders(tree: Tree, providers: readonly SecretProvider[], complain: Complain, signal: AbortSignal): Promise<Resolved> {
  const sealed = new Set<string>();
  const unresolved = new Set<string>();
  const values = new Set<string>();

  async function walk(value: Tree, path: Path): Promise<Tree> {
    if (typeof value === 'string') return value.includes('${') ? replace(value, path) : value;
    if (Array.isArray(value)) {
      const list: Tree[] = [];
      for (const [i, element] of value.entries()) list.push(await walk(element, [...path, i]));
      return list;
    }
    if (typeof value !== 'object' || value === null) return value;
    const fields: { [key: string]: Tree } = {};
    for (const [key, member] of Object.entries(value)) fields[key] = await walk(member, [...path, key]);
    return fields;
  }

  async function replace(text: string, path: Path): Promise<string> {
    let whole = '';
    let rest = 0;
    for (const found of text.matchAll(/\$?\$\{([^{}]*\})?/g)) {
      whole += text.slice(rest, found.index);
      const written = found[0];
      rest = found.index + written.length;
      if (written.startsWith('$$')) whole += written.slice(1);
      else {
        sealed.add(pathKey(path));
        const value = await lookUp(written, path, found.index);
        if (value === undefined) unresolved.add(pathKey(path));
        else values.add(value);
        whole += value ?? written;
      }
    }
    return whole + text.slice(rest);
  }

  async function lookUp(written: string, path: Path, index: number): Promise<string | undefined> {
    const inner = /^\$\{(.*)\}$/s.exec(written)?.[1];
    if (inner === undefined) return refuse('this placeholder is not closed', `close it with \`}\`, or write \`$\${\` for the characters themselves`);
    const colon = inner.indexOf(':');
    const scheme = inner.slice(0, Math.max(0, colon));
    const name = inner.slice(colon + 1).trim();
    if (colon < 0) return refuse(`the placeholder \`${written}\` names no source`, `write \`\${env:${name}}\``);
    if (later.has(scheme)) return refuse(`\`\${${scheme}:...}\` is not served yet`, `use \`\${env:NAME}\` or \`\${file:PATH}\``);
    const provider = providers.find((one) => one.scheme === scheme);
    if (!provider)
      return refuse(`the source \`${scheme}\` of the placeholder is unknown`, didYouMean(scheme, [...providers.map((one) => one.scheme), ...later]));
    if (name === '') return refuse(`the placeholder \`${written}\` names nothing`, undefined);
    try {
      return (await provider.resolve(name, signal)).reveal();
    } catch (error) {
      if (!(error instanceof Failure) || isAbort(error, signal)) throw error;
      return refuse(error.message, error.advice);
    }

    function refuse(message: string, suggestion: string | undefined): undefined {
      complain(path, index, message, suggestion);
      return undefined;
    }
  }

  return { tree: await walk(tree, []), sealed, unresolved, values: [...values] };
}
