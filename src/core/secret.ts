import { inspect } from 'node:util';
import type { Secret } from './world.ts';

/** Wraps a value so that it prints as `[secret]` wherever it is logged, joined, inspected or serialised. */
export function secret(value: string): Secret {
  return new Sealed(value);
}

class Sealed implements Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): '[secret]' {
    return '[secret]';
  }
  toJSON(): '[secret]' {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** A shorter one gives pieces of Base64 that stand in other texts by chance. */
const shortestInBase64 = 6;

/**
 * The ways in which a far end that repeats a secret may write it: as it is, in JSON, in JSON within JSON, in a URL, in a form, and within a longer text in Base64
 * (a header with user and password), where it begins at any of three places.
 */
export function spellingsOf(value: string): readonly string[] {
  // Half of a surrogate pair has no form in a URL.
  const whole = Buffer.from(value).toString('utf8');
  const form = new URLSearchParams({ '': whole }).toString().slice(1);
  const inJson = JSON.stringify(value).slice(1, -1);
  const plain = [value, value.trim(), inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(whole), form];
  return [...new Set(whole.length < shortestInBase64 ? plain : [...plain, ...[0, 1, 2].flatMap((before) => inBase64(whole, before))])];
}

/** What stands in Base64 whatever the neighbours are, after so many other bytes in the same group of three. */
function inBase64(value: string, before: number): readonly string[] {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
  const core = bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
  return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
}

/** Strikes secrets out of a text that somebody else wrote, in all their spellings; those of fewer than 4 characters would make every text unreadable. */
export function strikeOut(text: string, secrets: readonly string[]): string {
  const spellings = secrets.flatMap((each) => (each.length < 4 ? [] : spellingsOf(each)));
  return struckOut(text, longestFirst(spellings, 4));
}

/** Each spelling once, those that are too short left out, the longest first: one secret may be a part of another. */
export function longestFirst(spellings: Iterable<string>, shortest: number): readonly string[] {
  return [...new Set(spellings)].filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length);
}

/** The text without these spellings, which are in the order of `longestFirst`. */
export function struckOut(text: string, spellings: readonly string[]): string {
  return spellings.reduce((left, each) => left.replaceAll(each, '[secret]'), text);
}

/** The password in an address such as `http://user:password@proxy:3128`; `null` when there is none. A `%` that begins no escape stands for itself. */
export function passwordIn(address: string | null | undefined): string | null {
  if (address === undefined || address === null || !URL.canParse(address)) return null;
  const { password } = new URL(address);
  return password === '' ? null : percentDecoded(password);
}

export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody wrote it as it is.
    return text;
  }
}
