/** Reading what control is asked: plain JSON, checked by hand, so that a misspelt wish is an answer and not silence. */

/** What is wrong with a control request. */
export class BadWish extends Error {}

export type Wish = Readonly<Record<string, unknown>>;

export function objectIn(value: unknown, what: string): Wish {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadWish(`${what} must be an object`);
  return value as Wish;
}

/** Refuses keys that nobody would read. */
export function onlyKeys(wish: Wish, known: readonly string[]): void {
  for (const key of Object.keys(wish)) if (!known.includes(key)) throw new BadWish(`\`${key}\` is not known here; known are ${known.join(', ')}`);
}

export function numberIn(wish: Wish, key: string): number | undefined {
  const value = wish[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadWish(`\`${key}\` must be a number`);
  return value;
}

/** How often, from 0 to 1; `true` is always. */
export function rateIn(wish: Wish, key: string): number {
  const value = wish[key];
  if (typeof value === 'boolean') return value ? 1 : 0;
  return numberIn(wish, key) ?? 0;
}

export function textIn(wish: Wish, key: string): string | undefined {
  const value = wish[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new BadWish(`\`${key}\` must be a text`);
  return value;
}

export function flagIn(wish: Wish, key: string): boolean | undefined {
  const value = wish[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'boolean') throw new BadWish(`\`${key}\` must be true or false`);
  return value;
}

export function listIn(wish: Wish, key: string): readonly unknown[] | undefined {
  const value = wish[key];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new BadWish(`\`${key}\` must be a list`);
  return value;
}

export function textsIn(wish: Wish, key: string): readonly string[] | undefined {
  return listIn(wish, key)?.map((value) => {
    if (typeof value !== 'string') throw new BadWish(`\`${key}\` must be a list of texts`);
    return value;
  });
}

/** Numbers by name, such as rates by code. */
export function ratesIn(wish: Wish, key: string): ReadonlyMap<string, number> | undefined {
  if (wish[key] === undefined) return undefined;
  const rates = objectIn(wish[key], `\`${key}\``);
  return new Map(Object.keys(rates).map((name) => [name, numberIn(rates, name) ?? 0]));
}
