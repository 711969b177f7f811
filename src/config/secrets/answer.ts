/** What a far end that keeps secrets answered: hostile until it is read. */
import { Failure } from '../../core/failure.ts';
import { secret, strikeOut } from '../../core/secret.ts';
import type { HttpReply, Secret } from '../../core/world.ts';
import { didYouMean } from '../suggest.ts';
import { badAnswer, missing, unreachable } from './failures.ts';

/** More than any of the services keeps in one secret (Azure 25 kB, Google and AWS 64 KiB, Vault 1 MiB with its envelope). */
export const maxAnswerBytes = 2 * 1024 * 1024;
const maxSecretBytes = 64 * 1024;

export type Fields = { readonly [key: string]: unknown };

/** The fields of a JSON object; `null` when it is none. */
export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** Own fields only: an answer must not reach a prototype. */
export function field(fields: Fields | null, name: string): unknown {
  return fields !== null && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function textField(fields: Fields | null, name: string): string | undefined {
  const value = field(fields, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The JSON object in a body; `null` when there is none. */
export function jsonOf(body: Uint8Array): Fields | null {
  if (body.length > maxAnswerBytes) return null;
  try {
    return fieldsOf(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return null;
  }
}

/** The JSON object of a success; `who` is the far end in words. */
export function expectJson({ body }: HttpReply, who: string): Fields {
  const fields = jsonOf(body);
  if (fields) return fields;
  const seen = body.length > maxAnswerBytes ? `${body.length} bytes` : body.length === 0 ? 'nothing' : 'something that is no JSON object';
  throw badAnswer(`${who} answered with success and ${seen}`, 'check the address, and look for a proxy in between that answers by itself');
}

/** What a far end says, as a part of one line of ours; what we sent in secret is struck out. */
export function clean(text: string, secrets: readonly (string | undefined)[] = []): string {
  const known = secrets.filter((each): each is string => each !== undefined);
  return strikeOut(text, known)
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

/** A network failure in the words of who asked; anything else as it is. */
export function inWords(error: unknown, who: string): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.kind === 'transient' && error.code.startsWith('http.')) return unreachable(`${who} could not be asked: ${error.message}`, error.advice, error);
  return error.code === 'http.tls' || error.code === 'http.proxy-url'
    ? missing(`${who} could not be asked: ${error.message}`, error.advice ?? 'check the address', error)
    : error;
}

/** The value of a secret: not empty, not endless. */
export function sealed(value: string, what: string): Secret {
  if (value === '') throw missing(`${what} is empty`, 'put a value into it');
  if (Buffer.byteLength(value) > maxSecretBytes) throw missing(`${what} is larger than ${maxSecretBytes} bytes`, 'name a secret that is one text');
  return secret(value);
}

/** One key of what must be a JSON object. */
export function keyOf(text: string, key: string, what: string): Secret {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw missing(`${what} is no JSON, so it has no key \`${clean(key)}\``, `leave out \`#${clean(key)}\` to have all of it, or store a JSON object`);
  }
  const fields = fieldsOf(value);
  if (!fields) throw missing(`${what} is no JSON object, so it has no key \`${clean(key)}\``, 'store it as keys and values');
  return pick(fields, key, what);
}

/** One key of a secret of many, as text. */
export function pick(fields: Fields, key: string, what: string): Secret {
  const value = field(fields, key);
  const name = clean(key);
  if (value === undefined) throw missing(`${what} has no key \`${name}\``, adviceFor(fields, key));
  if (typeof value === 'string') return sealed(value, `the key \`${name}\` of ${what}`);
  // A number beyond this has already lost digits when it is read.
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return secret(String(value));
  const seen =
    value === null ? 'no value' : typeof value === 'number' ? 'a number too large to be read exactly' : Array.isArray(value) ? 'a list' : typeof value;
  throw missing(`the key \`${name}\` of ${what} holds ${seen === 'object' ? 'keys and values' : seen}, not a text`, 'store it as a text, in quotes');
}

/** Keys are names, but whoever stored a secret as a key by mistake shall not read it on a screen: only plain short words are told. */
function adviceFor(fields: Fields, key: string): string {
  const names = Object.keys(fields).filter((name) => /^[A-Za-z][A-Za-z_.-]{0,31}$/.test(name));
  const near = didYouMean(key, names);
  if (near !== undefined) return near;
  if (Object.keys(fields).length === 0) return 'it has no keys at all';
  return names.length === 0 || names.length > 10 ? 'check the key' : `check the key: it has ${names.map((name) => `\`${name}\``).join(', ')}`;
}
