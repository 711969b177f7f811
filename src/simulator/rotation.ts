/** Secrets that change while somebody uses them, as when an administrator makes new ones and ends the old. */
import { revokeAll } from './central.ts';
import type { Simulation } from './state.ts';
import { BadWish, flagIn, objectIn, onlyKeys, textIn, type Wish } from './wishes.ts';

const CREDENTIAL_KEYS = ['clientId', 'clientSecret', 'revokeTokens', 'intelix', 'legacy'] as const;

/**
 * From now on these open, and nothing else: `{clientId?, clientSecret?, intelix?: {clientId?, clientSecret?}, legacy?: {apiKey?, authorization?}, revokeTokens?}`.
 * Tokens that were given live on, unless `revokeTokens` ends them. A wish that makes no sense changes nothing.
 */
export function rotateCredential(sim: Simulation, wish: Wish): void {
  onlyKeys(wish, CREDENTIAL_KEYS);
  const own = pairOf(wish);
  const intelix = objectIn(wish.intelix ?? {}, '`intelix`');
  onlyKeys(intelix, ['clientId', 'clientSecret']);
  const theirs = pairOf(intelix);
  const legacy = objectIn(wish.legacy ?? {}, '`legacy`');
  onlyKeys(legacy, ['apiKey', 'authorization']);
  const legacyKey = filledIn(legacy, 'apiKey') ?? sim.legacyKey;
  const legacyAuthorization = filledIn(legacy, 'authorization') ?? sim.legacyAuthorization;
  const revokes = flagIn(wish, 'revokeTokens') ?? false;
  Object.assign(sim.identity, own);
  Object.assign(sim.intelix, theirs);
  Object.assign(sim, { legacyKey, legacyAuthorization });
  if (revokes) revokeAll(sim);
}

/** From now on its Splunk takes these tokens: `{token?, ackToken?}`. An old one is answered 403 with code 4. */
export function rotateHecToken(sim: Simulation, wish: Wish): void {
  onlyKeys(wish, ['token', 'ackToken']);
  const token = filledIn(wish, 'token');
  const ackToken = filledIn(wish, 'ackToken');
  if (token === undefined && ackToken === undefined) throw new BadWish('name `token`, `ackToken` or both');
  sim.hec.token = token ?? sim.hec.token;
  sim.hec.ackToken = ackToken ?? sim.hec.ackToken;
}

function pairOf(wish: Wish): { readonly clientId?: string; readonly clientSecret?: string } {
  const clientId = filledIn(wish, 'clientId');
  const clientSecret = filledIn(wish, 'clientSecret');
  return { ...(clientId === undefined ? {} : { clientId }), ...(clientSecret === undefined ? {} : { clientSecret }) };
}

function filledIn(wish: Wish, key: string): string | undefined {
  const value = textIn(wish, key);
  if (value === '') throw new BadWish(`\`${key}\` must not be empty`);
  return value;
}
