import type { z } from '../core/schema.ts';
import { findingsOf, type KnownKeys } from './issues.ts';
import { looksSecret } from './mask.ts';
import type { Problem } from './problems.ts';
import type { Resolved } from './secrets/placeholders.ts';
import { isSecret, type Shape, shapeOf } from './shape.ts';
import { dotted, type Path, pathKey, type Source, type Target, type Tree } from './source.ts';

/** Where a complaint points, when it is not the value as a whole. */
export interface Pointer {
  readonly target?: Target;
  /** A character within the text. */
  readonly index?: number;
}

/** The reading of one configuration: collects every problem, so that all are told in one go. */
export interface Reading {
  readonly tree: { readonly [key: string]: Tree };
  readonly problems: readonly Problem[];
  /** Adds a problem that is not in the tree. */
  add(problem: Problem): void;
  complain(path: Path, message: string, suggestion?: string | null, pointer?: Pointer): void;
  /** Reads a value by a schema; what is wrong becomes problems below `path`, and the outcome `undefined`. */
  check<T>(schema: z.ZodType<T>, value: Tree | undefined, path: Path, alsoKnown?: KnownKeys): T | undefined;
  isSealed(path: Path): boolean;
  /** Could a placeholder in this text not be replaced? That is told already. */
  isUnresolved(path: Path): boolean;
  hasProblemAt(path: Path): boolean;
  placeOf(path: Path): { readonly line: number | null; readonly column: number | null };
}

/** Begins to read a tree whose placeholders are replaced. */
export function startReading(source: Source, { tree, sealed, unresolved, values }: Resolved): Reading {
  const problems: Problem[] = [];
  const told = new Set<string>();
  const add = (problem: Problem) => {
    problems.push(problem);
    told.add(problem.path);
  };
  source.problems.forEach(add);
  const masked = values.filter((value) => value.length >= 4).sort((a, b) => b.length - a.length);
  const scrub = (message: string) => masked.reduce((text, value) => text.replaceAll(value, '[secret]'), message);

  function complain(path: Path, message: string, suggestion: string | null = null, { target = 'value', index }: Pointer = {}): void {
    const place = source.locate(path, target, sealed.has(pathKey(path)) ? undefined : index);
    add({ path: dotted(path), file: source.file, ...place, message: scrub(message), suggestion: suggestion === null ? null : scrub(suggestion) });
  }

  const hasProblemAt = (path: Path) => told.has(dotted(path));

  /** Without the texts that are not known and that `refused` says are wrong; the value itself when there are none. */
  function withoutUnresolved(value: Tree | undefined, path: Path, refused: readonly string[]): Tree | undefined {
    const key = pathKey(path);
    if (unresolved.has(key)) return refused.some((one) => one === key || key.startsWith(`${one.slice(0, -1)},`) || one === '[]') ? undefined : value;
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([step, member]) => {
      const known = withoutUnresolved(member, [...path, Array.isArray(value) ? Number(step) : step], refused);
      return { step, known, isWhole: known === member };
    });
    if (entries.every(({ isWhole }) => isWhole)) return value;
    const kept = entries.flatMap(({ step, known }) => (known === undefined ? [] : [[step, known] as const]));
    return Array.isArray(value) ? kept.map(([, known]) => known) : Object.fromEntries(kept);
  }

  function check<T>(schema: z.ZodType<T>, value: Tree | undefined, path: Path, alsoKnown: KnownKeys = () => []): T | undefined {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const shape: Shape = shapeOf(schema);
    const isSealed = (inner: Path) => sealed.has(pathKey([...path, ...inner]));
    const isHidden = (inner: Path) => isSecret(shape, inner) || isSealed(inner) || looksSecret(String(inner.at(-1) ?? ''));
    for (const finding of findingsOf(parsed.error.issues, { value: value ?? null, shape, alsoKnown, isHidden, isSealed })) {
      const whole = [...path, ...finding.path];
      if (unresolved.has(pathKey(whole)) || hasProblemAt(whole)) continue;
      complain(whole, finding.message, finding.suggestion, { target: finding.target });
    }
    // What is not known cannot be wrong: the rest is read as if it were not there.
    const refused = parsed.error.issues.map((issue) => pathKey([...path, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]));
    const known = withoutUnresolved(value, path, refused);
    return known === value ? undefined : schema.safeParse(known).data;
  }

  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
    if (!source.broken && tree !== null)
      complain([], 'expected keys and values, such as `central:`, `streams:`, `sinks:` and `routes:`', 'begin a line with one of these');
    return reading({});
  }
  return reading(tree);

  function reading(root: { readonly [key: string]: Tree }): Reading {
    return {
      tree: root,
      problems,
      add,
      complain,
      check,
      isSealed: (path) => sealed.has(pathKey(path)),
      isUnresolved: (path) => unresolved.has(pathKey(path)),
      hasProblemAt,
      placeOf: (path) => source.locate(path, 'key'),
    };
  }
}
