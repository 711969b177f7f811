import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type Scalar } from 'yaml';
import type { Problem } from './problems.ts';

/** Where in the tree: keys and list positions from the root. */
export type Path = readonly (string | number)[];

/** A plain value as YAML gives it. */
export type Tree = string | number | boolean | null | Tree[] | { [key: string]: Tree };

/** Part of the file that a problem points at. */
export type Target = 'key' | 'value';

/** A configuration file, read to a plain tree whose every part knows its place. */
export interface Source {
  readonly file: string | null;
  readonly tree: Tree;
  /** Mistakes of the YAML itself. After `broken` the tree is not worth a look. */
  readonly problems: readonly Problem[];
  readonly broken: boolean;
  /** Line and column of a key or value, or of what is nearest above it; `index` counts characters within a text. */
  locate(path: Path, target: Target, index?: number): { readonly line: number | null; readonly column: number | null };
}

/** `a.b[2].c`; keys that are not plain names are quoted. */
export function dotted(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += /^[\w@$*-]+$/.test(step) ? `${text === '' ? '' : '.'}${step}` : `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** A path as the key of a map. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

export const maxSourceBytes = 1_000_000;
/** More parts than any honest configuration has; aliases count each time they are followed. */
const maxNodes = 50_000;
const maxDepth = 40;

interface Spot {
  readonly key: number | null;
  readonly value: number | null;
  readonly scalar: Scalar | null;
}

/** The source of a configuration that has no file. */
export const noSource: Source = { file: null, tree: {}, problems: [], broken: false, locate: () => ({ line: null, column: null }) };

/** Reads YAML. Never throws: what is wrong is among `problems`. */
export function readSource(text: string, file: string): Source {
  const counter = new LineCounter();
  const spots = new Map<string, Spot>();
  const problems: Problem[] = [];
  const placeOf = (offset: number | null) => {
    if (offset === null) return { line: 1, column: 1 };
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complain = (offset: number | null, path: Path, message: string, suggestion: string | null = null) =>
    problems.push({ path: dotted(path), file, ...placeOf(offset), message, suggestion });

  let root: Node | null = null;
  let broken = false;
  let count = 0;
  let resolve: (node: Node) => Node | undefined = () => undefined;
  try {
    // Keys are compared by `mapping` below: the library's own check takes quadratic time on a file made to be slow.
    const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: false, keepSourceTokens: false });
    // What follows the first mistake mostly comes from it.
    for (const error of document.errors.slice(0, 1)) {
      // Some messages quote the text at that place, which may be a secret.
      complain(
        error.pos[0],
        [],
        `this is not YAML: ${error.code === 'MULTIPLE_DOCS' ? 'there is more than one document' : error.message.replace(/: ".*$/s, '')}`,
        adviceFor(error.code),
      );
      broken = true;
    }
    for (const warning of document.warnings)
      complain(warning.pos[0], [], 'a word that begins with `!` is a tag in YAML, and tags are not used here', 'put the text in quotes');
    root = document.contents as Node | null;
    resolve = (node) => (isAlias(node) ? node.resolve(document) : node);
  } catch (error) {
    complain(null, [], `this is not YAML that can be read: ${error instanceof Error ? error.message : String(error)}`, usualAdvice);
    broken = true;
  }

  const startOf = (node: unknown): number | null => (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? (node.range?.[0] ?? null) : null);

  function convert(given: Node | null, path: Path, key: number | null): Tree {
    const value = startOf(given) ?? key;
    if (++count > maxNodes || path.length > maxDepth) {
      if (!broken)
        complain(
          value,
          path,
          count > maxNodes ? `the file has more than ${maxNodes} parts once its aliases are followed` : 'this is nested too deeply',
          'write it out with fewer parts',
        );
      broken = true;
      return null;
    }
    const node = given === null ? null : resolve(given);
    spots.set(pathKey(path), { key, value, scalar: isScalar(given) ? given : null });
    if (node === undefined) {
      complain(value, path, 'a word that begins with `*` is an alias in YAML, and this one names no anchor', 'put the text in quotes');
      return null;
    }
    if (isMap(node)) return mapping(node.items as Pair<Node, Node | null>[], path);
    if (isSeq(node)) return node.items.map((item, i) => convert(item as Node | null, [...path, i], startOf(item)));
    if (isScalar(node)) return scalar(node, path, value);
    return null;
  }

  function mapping(pairs: readonly Pair<Node, Node | null>[], path: Path): Tree {
    const fields: { [key: string]: Tree } = {};
    const seen = new Map<string, number | null>();
    for (const { key, value } of pairs) {
      const at = startOf(key);
      const name = isScalar(key) ? String(key.value ?? '') : null;
      if (name === null || name === '__proto__') {
        complain(at, path, 'a key must be a plain text', 'write a name and a colon, such as `streams:`');
        continue;
      }
      const first = seen.get(name);
      if (first !== undefined) {
        complain(at, [...path, name], `\`${name}\` stands twice, first on line ${placeOf(first).line}`, 'keep one of the two');
        continue;
      }
      seen.set(name, at);
      fields[name] = convert(value, [...path, name], at);
      if (broken) return fields;
    }
    return fields;
  }

  function scalar({ value }: Scalar, path: Path, at: number | null): Tree {
    if (value === null || value === undefined) return null;
    if (typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
    complain(at, path, 'this kind of value is not used here', 'put it in quotes');
    return null;
  }

  const tree = broken ? {} : convert(root, [], null);
  return {
    file,
    tree,
    problems,
    broken,
    locate(path, target, index) {
      for (let length = path.length; length >= 0; length--) {
        const spot = spots.get(pathKey(path.slice(0, length)));
        if (!spot) continue;
        const exact = length === path.length;
        if (exact && target === 'value' && index !== undefined && spot.scalar?.range) {
          const shift = shiftOf(text.slice(spot.scalar.range[0], spot.scalar.range[1]), String(spot.scalar.value), index);
          return placeOf(spot.scalar.range[0] + shift);
        }
        return placeOf(target === 'key' || !exact ? (spot.key ?? spot.value) : spot.value);
      }
      return { line: 1, column: 1 };
    },
  };
}

const usualAdvice = 'look at this line and the one before it: a quote or bracket that is not closed, blanks at the beginning, a missing `: `';

function adviceFor(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'indent with blanks';
  if (code === 'MULTIPLE_DOCS') return 'keep one document: remove the line `---`';
  return code === 'BAD_SCALAR_START' ? 'put the text in quotes' : usualAdvice;
}

/** How many characters of the file stand before character `index` of a scalar's value; 0 when that cannot be told. */
function shiftOf(written: string, value: string, index: number): number {
  if (written === value) return index;
  const quote = written[0];
  if (quote !== '"' && quote !== "'") return 0;
  let at = 1;
  for (let i = 0; i < index; i++) {
    const isEscape = quote === "'" ? written.startsWith("''", at) : written[at] === '\\';
    if (written[at] === '\n' || (isEscape && /[\nxuU]/.test(written[at + 1] ?? ''))) return 0;
    at += isEscape ? 2 : 1;
  }
  return at;
}
