import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import type { Secret } from '../../core/world.ts';
import type { WebOptions } from './web-options.ts';

/** What every request carries to be let in. */
export interface Credentials {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, Secret>>;
  /** Every text that no message may hold. */
  readonly texts: readonly Secret[];
}

/**
 * Makes headers of the secrets.
 *
 * Throws   config `wire.secret-malformed` for a value that no header can hold, or that could forge one.
 */
export function readCredentials({
  bearer,
  username,
  password,
  secretHeaders,
}: Pick<WebOptions, 'bearer' | 'username' | 'password' | 'secretHeaders'>): Credentials {
  const headers: Record<string, Secret> = {};
  const texts: Secret[] = [];
  for (const [name, value] of Object.entries(secretHeaders)) {
    headers[name.toLowerCase()] = readSecret(`secretHeaders.${name}`, value, /^[\x20-\x7e]+$/);
    texts.push(value);
  }
  if (bearer) {
    const token = readSecret('bearer', bearer, /^[\x21-\x7e]+$/);
    headers.authorization = secret(`Bearer ${token.reveal()}`);
    texts.push(token);
  }
  if (username !== undefined && password) {
    // A password from a file ends in a line break that is none of it.
    const word = password.reveal().replace(/\r?\n$/, '');
    const basic = Buffer.from(`${username}:${word}`).toString('base64');
    headers.authorization = secret(`Basic ${basic}`);
    texts.push(secret(basic), secret(word));
  }
  return { headers, texts: [...texts, ...Object.values(headers)] };
}

/** A secret from a file often ends in a line break; within, it could only forge headers. */
export function readSecret(option: string, given: Secret, form: RegExp): Secret {
  const value = given.reveal().trim();
  if (!form.test(value))
    throw new Failure('config', 'wire.secret-malformed', `opening the sink failed: \`${option}\` is empty or holds characters that no header can carry`, {
      advice: 'Copy the value again, without blanks and line breaks.',
    });
  return secret(value);
}
