import { createHash } from 'node:crypto';
import { Failure } from '../../core/failure.ts';
import { type LegacyToken, readLegacyToken } from '../../core/legacy-token.ts';
import type { Secret } from '../../core/world.ts';

/**
 * The parts of a legacy token.
 *
 * Throws   config `central.legacy-token` for anything but the line that Central shows, without repeating any of it.
 */
export function parseLegacyToken(line: Secret): LegacyToken {
  const token = readLegacyToken(line);
  if (token) return token;
  throw new Failure('config', 'central.legacy-token', 'The `siemToken` is not the line that Central shows under "API Access URL + Headers"', {
    advice: 'Copy the whole line: `url: https://..., x-api-key: ..., Authorization: Basic ...`.',
  });
}

/** What the tenant of a legacy token is called until its first record tells: stable, and tells nothing of the key. */
export function legacyTenantId({ apiKey }: LegacyToken): string {
  return `legacy-${createHash('sha256').update(apiKey.reveal()).digest('hex').slice(0, 12)}`;
}
