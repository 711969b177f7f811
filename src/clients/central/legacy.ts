import { createHash } from 'node:crypto';
import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import type { Secret } from '../../core/world.ts';

/** What the one line "API Access URL + Headers" holds. */
export interface LegacyToken {
  /** The gateway, such as `https://api1.central.sophos.com/gateway`. */
  readonly url: string;
  readonly apiKey: Secret;
  /** Scheme and token. */
  readonly authorization: Secret;
}

/**
 * Reads the line as Central shows it.
 *
 * Shape    `url: <url>, x-api-key: <key>, Authorization: <scheme> <token>`: these labels, a comma and one blank between the parts (reference, 12).
 * Throws   config `central.legacy-token` for anything else, without repeating any of it.
 */
export function parseLegacyToken(line: Secret): LegacyToken {
  const found = /^url: (https?:\/\/[^\s,]+), x-api-key: ([\x21-\x2b\x2d-\x7e]+), Authorization: ([A-Za-z]+ [\x21-\x7e]+)$/.exec(line.reveal().trim());
  if (!found) {
    throw new Failure('config', 'central.legacy-token', 'The `siemToken` is not the line that Central shows under "API Access URL + Headers"', {
      advice: 'Copy the whole line: `url: https://..., x-api-key: ..., Authorization: Basic ...`.',
    });
  }
  return { url: found[1] as string, apiKey: secret(found[2] as string), authorization: secret(found[3] as string) };
}

/** What the tenant of a legacy token is called until its first record tells: stable, and tells nothing of the key. */
export function legacyTenantId({ apiKey }: LegacyToken): string {
  return `legacy-${createHash('sha256').update(apiKey.reveal()).digest('hex').slice(0, 12)}`;
}
