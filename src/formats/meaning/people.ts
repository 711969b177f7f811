import type { Members } from './members.ts';
import type { Told } from './sentences.ts';
import { fieldsIn, textIn, trimmed } from './values.ts';

/** The user that a record is about. */
export interface User {
  /** Without its domain. */
  readonly name?: string | undefined;
  /** Domain or host before the backslash. */
  readonly domain?: string | undefined;
  readonly id?: string | undefined;
  readonly email?: string | undefined;
  /** As Central wrote it. */
  readonly asWritten?: string | undefined;
}

/** Reads the user; undefined for `n/a` and where there is none. */
export function readUser(item: Members, told: Told): User | undefined {
  const person = fieldsIn(item.person);
  const associated = fieldsIn(item.associatedPerson);
  const id = textIn(item.user_id) ?? textIn(person.id) ?? textIn(associated.id);
  const written = nameOf(item.source) ?? told.user ?? nameOf(person.name) ?? nameOf(associated.viaLogin) ?? nameOf(associated.name);
  if (written === undefined) return id === undefined ? undefined : { id };
  const { name, domain, email }: User = splitUser(written);
  return { name, domain, id, email, asWritten: written };
}

/** `source` of a detection is no user but a sensor's word; it is an object there or absent. */
function nameOf(value: unknown): string | undefined {
  const name = trimmed(value);
  return name === undefined || name.toLowerCase() === 'n/a' ? undefined : name;
}

/** `DOMAIN\user`, `\user`, `user@domain`, `Given Family`. */
export function splitUser(written: string): { readonly name: string; readonly domain?: string; readonly email?: string } {
  const at = written.indexOf('\\');
  if (at >= 0 && at < written.length - 1) {
    const name = written.slice(at + 1);
    return at === 0 ? { name } : { name, domain: written.slice(0, at) };
  }
  return isEmail(written) ? { name: written, email: written } : { name: written };
}

function isEmail(text: string): boolean {
  return text.length <= 254 && text.includes('@') && /^[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(text);
}
