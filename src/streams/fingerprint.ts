import { createHash } from 'node:crypto';

/**
 * Has an item changed? 11 characters that tell: 66 bits of SHA-256 over its JSON with sorted keys, so that the order in which Central
 * writes them does not matter.
 *
 * Shape    `ignore` names members of the item that are left out, as paths such as `usage.current.date`.
 */
export function fingerprint(item: unknown, ignore: ReadonlySet<string>): string {
  let counted = item;
  for (const path of ignore) counted = without(counted, path.split('.'));
  return digest(JSON.stringify(counted, sortKeys));
}

function without(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined || typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    rest.length === 0 ? entries.filter(([key]) => key !== name) : entries.map(([key, inner]) => [key, key === name ? without(inner, rest) : inner]),
  );
}

/** The same of a row of keys: is this the same page again? */
export function fingerprintOfKeys(keys: readonly string[]): string {
  return digest(JSON.stringify(keys));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 11);
}

function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Entries, not properties: a key may be `__proto__`.
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
