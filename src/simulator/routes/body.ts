/** Reading the JSON body of a request strictly: what is missing, unknown or of another type is a 400. */
import type { Item } from '../collection.ts';
import { durationOf, instantOf, isUuid } from './asking.ts';
import { type Asked, Refused } from './route.ts';

type Kind = 'any' | 'text' | 'long' | 'flag' | 'int' | 'uuid' | 'uuids' | 'texts' | 'ints' | 'object' | 'objects' | 'time' | 'duration';

/** What a body may hold, by name; with `!` it must. A list stands for the words that are allowed. */
export type Shape = Readonly<Record<string, Kind | `${Kind}!` | readonly string[]>>;

const MOST_TEXT = 5000;
const ofAll = (test: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(test);
const isText = (value: unknown) => typeof value === 'string' && value.length <= MOST_TEXT;
const isLong = (value: unknown) => typeof value === 'string';
const isInt = (value: unknown) => Number.isSafeInteger(value);
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

const TESTS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  any: () => true,
  text: isText,
  long: isLong,
  flag: (value) => typeof value === 'boolean',
  int: isInt,
  uuid: isUuid,
  uuids: ofAll(isUuid),
  texts: ofAll(isText),
  ints: ofAll(isInt),
  object: isObject,
  objects: ofAll(isObject),
  time: (value) => typeof value === 'string' && instantOf(value) !== null,
  duration: (value) => typeof value === 'string' && durationOf(value) !== null,
};

/** The body, when it is an object of that shape. */
export function bodyIn({ body }: Pick<Asked, 'body'>, shape: Shape): Item {
  if (body === undefined) throw new Refused(400, 'a body is required');
  return shapedIn(body, shape, 'the body');
}

/** The same for an object within a body. */
export function shapedIn(value: unknown, shape: Shape, what: string): Item {
  if (!isObject(value)) throw new Refused(400, `${what} must be an object`);
  const given = new Map(Object.entries(value as Item));
  for (const [key, kind] of Object.entries(shape))
    if (typeof kind === 'string' && kind.endsWith('!') && !given.has(key)) throw new Refused(400, `${key} is required`);
  for (const [key, each] of given) {
    const kind = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (kind === undefined) throw new Refused(400, `${what} has an unknown field`);
    if (!fits(each, kind)) throw new Refused(400, `${key} is not valid`);
  }
  return Object.fromEntries(given);
}

function fits(value: unknown, kind: Shape[string]): boolean {
  if (typeof kind !== 'string') return typeof value === 'string' && kind.includes(value);
  return TESTS[kind.replace('!', '') as Kind](value);
}

/** A list of texts that a body has been found to hold. */
export function textsIn(body: Item, key: string): readonly string[] {
  const value = body[key];
  return Array.isArray(value) ? value.map(String) : [];
}
