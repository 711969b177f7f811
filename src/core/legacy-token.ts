import { secret } from './secret.ts';
import type { Secret } from './world.ts';

/** What the one line "API Access URL + Headers" of an old API token holds. */
export interface LegacyToken {
  /** The gateway, such as `https://api1.central.sophos.com/gateway`. */
  readonly url: string;
  readonly apiKey: Secret;
  /** Scheme and token. */
  readonly authorization: Secret;
}

/**
 * Reads the line as Central shows it; `null` when it is not that line.
 *
 * Shape    `url: <url>, x-api-key: <key>, Authorization: <scheme> <token>`: these labels, a comma and one blank between the parts.
 * Source   reference/sophos-central-api.md, section 12.
 */
export function readLegacyToken(line: Secret): LegacyToken | null {
  const found = /^url: (https?:\/\/[^\s,]+), x-api-key: ([\x21-\x2b\x2d-\x7e]+), Authorization: ([A-Za-z]+ [\x21-\x7e]+)$/.exec(line.reveal().trim());
  return found ? { url: found[1] as string, apiKey: secret(found[2] as string), authorization: secret(found[3] as string) } : null;
}
