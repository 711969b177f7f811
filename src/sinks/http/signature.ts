import { createHmac } from 'node:crypto';
import type { Secret } from '../../core/world.ts';

/**
 * `sha256=` and the hexadecimal HMAC-SHA256 over the time (seconds since 1970, decimal), a dot, and the body.
 *
 * The body is signed as it is sent, so compressed if it is: a receiver checks before it unpacks anything. The time is part of it, so that
 * a request that somebody kept cannot be sent again later.
 */
export function signatureOf(key: Secret, seconds: number, body: Uint8Array): string {
  return `sha256=${createHmac('sha256', key.reveal()).update(`${seconds}.`).update(body).digest('hex')}`;
}
