import { percentDecoded } from '../core/secret.ts';
import { type Path, pathKey, type Tree } from './source.ts';

/** Is this the name of something secret, whatever the schema says? */
export function looksSecret(key: string): boolean {
  // A path of a file is no secret, whatever lies in the file.
  return !/File$/.test(key) && /secret|token|passw|passphrase|credential|api-?key|private-?key|^authorization$|^(set-)?cookie$/i.test(key);
}

/** Names that users give (`sinks.token-store`) say nothing, and the section `secrets` holds none. */
function isNamedSecret(path: Path): boolean {
  return path.length !== 2 && !(path.length === 1 && path[0] === 'secrets') && looksSecret(String(path.at(-1) ?? ''));
}

/** `https://user:password@host` */
const hasPassword = /\w:\/\/[^/@\s]*:[^/@\s]+@/;

/** How to tell what must not be shown. */
export interface MaskRules {
  /** Texts that held a placeholder. */
  readonly sealed: ReadonlySet<string>;
  readonly values: readonly string[];
  readonly isSecret: (path: Path) => boolean;
}

/** The text with nothing before the host of a URL. */
export function withoutPasswords(text: string): string {
  return text.replace(/(\w:\/\/)[^/@\s]+@/g, '$1[secret]@');
}

/** A copy of the tree in which secrets read `[secret]`. */
export function maskTree(tree: Tree, { sealed, values, isSecret }: MaskRules): Tree {
  const inText = values.filter((value) => value.length >= 4).sort((a, b) => b.length - a.length);
  // `https://user:password@host`
  const scrub = (text: string) => withoutPasswords(inText.reduce((left, value) => left.replaceAll(value, '[secret]'), text));

  function walk(value: Tree, path: Path, within: boolean): Tree {
    const hide = within || isSecret(path) || isNamedSecret(path);
    if (Array.isArray(value)) return value.map((element, i) => walk(element, [...path, i], hide));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [scrub(key), walk(member, [...path, key], hide)]));
    if (sealed.has(pathKey(path))) return '[secret]';
    if (typeof value === 'string') return hide ? '[secret]' : scrub(value);
    return hide && typeof value === 'number' ? '[secret]' : value;
  }
  return walk(tree, [], false);
}

/** Paths of secrets that stand in the tree as they are. */
export function plainSecretsOf(tree: Tree, { sealed, isSecret }: MaskRules): readonly Path[] {
  const found: Path[] = [];
  // A proxy is hidden for the password that may stand in it; most have none.
  const isTold = (path: Path) => path.at(-1) !== 'proxy' && (isSecret(path) || isNamedSecret(path));
  const walk = (value: Tree, path: Path): void => {
    if (Array.isArray(value)) value.forEach((element, i) => void walk(element, [...path, i]));
    else if (typeof value === 'object' && value !== null) for (const [key, member] of Object.entries(value)) walk(member, [...path, key]);
    else if (typeof value === 'string' && !sealed.has(pathKey(path)) && (hasPassword.test(value) || isTold(path))) found.push(path);
  };
  walk(tree, []);
  return found;
}

/** Texts of the tree that are secrets, wherever they came from; of a URL its password. A placeholder that nobody could replace is none. */
export function secretTextsOf(tree: Tree, isSecret: MaskRules['isSecret']): readonly string[] {
  const found: string[] = [];
  const walk = (value: Tree, path: Path, within: boolean): void => {
    const hide = within || isSecret(path) || isNamedSecret(path);
    if (Array.isArray(value)) value.forEach((element, i) => void walk(element, [...path, i], hide));
    else if (typeof value === 'object' && value !== null) for (const [key, member] of Object.entries(value)) walk(member, [...path, key], hide);
    else if (typeof value === 'string') found.push(...(hide && !/^\$\{[^{}]*\}$/.test(value) ? [value] : []), ...passwordsIn(value));
  };
  walk(tree, [], false);
  return found;
}

/** As it is written there, and as it is meant. */
function passwordsIn(text: string): readonly string[] {
  const [, written] = /^\w+:\/\/[^/@\s:]*:([^/@\s]+)@/.exec(text) ?? [];
  return written === undefined ? [] : [written, percentDecoded(written)];
}
