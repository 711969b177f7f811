import type { Cell } from './csv.ts';

/** An object as JSON.parse makes it. */
export type Fields = Readonly<Record<string, unknown>>;

/** `a, b.c` as typed after `--fields`. */
export function parseFields(text: string): readonly string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    ),
  ];
}

/** What stands at a dotted path; a key that itself has the dots comes first. */
export function valueAt(fields: unknown, path: string): unknown {
  if (typeof fields !== 'object' || fields === null) return undefined;
  if (Object.hasOwn(fields, path)) return (fields as Fields)[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(fields, head)) continue;
    const found = valueAt((fields as Fields)[head], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An object with only these paths, nested as they were; what is missing or null is left out. */
export function pick(fields: Fields, paths: readonly string[]): Fields {
  const picked: Record<string, unknown> = Object.create(null);
  for (const path of paths) {
    const value = valueAt(fields, path);
    if (value !== undefined && value !== null) place(picked, path.split('.'), value);
  }
  return picked;
}

function place(into: Record<string, unknown>, [step, ...rest]: readonly string[], value: unknown): void {
  if (step === undefined) return;
  if (rest.length === 0) {
    into[step] = value;
    return;
  }
  const inner = into[step];
  const next: Record<string, unknown> = isMap(inner) ? { ...inner } : Object.create(null);
  into[step] = next;
  place(next, rest, value);
}

/** Every value that is no object, by its dotted path; lists stay whole. */
export function flatten(fields: Fields): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  const walk = (value: unknown, path: string): void => {
    if (!isMap(value)) {
      flat.set(path, value);
      return;
    }
    for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
  };
  walk(fields, '');
  return flat;
}

/** A value as one cell: lists and objects as JSON. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

/** A value for a person: a list as its parts. */
export function plainly(value: unknown): string {
  const isPlain = Array.isArray(value) && value.every((each) => typeof each === 'string' || typeof each === 'number');
  return isPlain ? value.join(', ') : String(cellOf(value));
}

/** A tenant for a table: a credential of one tenant does not tell its name, and of an id the beginning is enough to tell it from others. */
export function tenantText(name: unknown): string {
  const text = plainly(name);
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.slice(0, 8) : text;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
