/**
 * Carries requests to one of several addresses in turn, with credentials, compression and a proxy.
 *
 * It sends once: whoever reads the answer says what it means, and the engine sends again.
 */
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip as gzipCallback } from 'node:zlib';
import { Failure } from '../../core/failure.ts';
import type { SinkPlace } from '../../core/kinds.ts';
import type { HttpReply, Secret, Via, World } from '../../core/world.ts';
import { type Clean, cleanOf } from './answer.ts';
import { readCredentials } from './credentials.ts';
import { openRotation } from './rotation.ts';
import { readPem } from './trust.ts';
import type { WebOptions } from './web-options.ts';

const gzip = promisify(gzipCallback);

/** Smaller bodies fit one network packet anyway. */
const gzipFromBytes = 1024;

/** One request, whichever address it goes to. */
export interface Letter {
  readonly method: string;
  readonly url: (address: string) => string;
  /** Names in lower case. They win over those of the configuration. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Headers that need the bytes as they are sent, such as a signature. */
  readonly seal?: (body: Uint8Array) => Readonly<Record<string, string>>;
}

export interface Courier {
  readonly addresses: readonly string[];
  /** Cleans the far end's words of everything secret. */
  readonly clean: Clean;
  /**
   * Sends to whose turn it is; `read` makes something of the answer, or throws what it means.
   *
   * Throws   what `read` throws; Failure as `World.http` has it. While another address can take over, no wish to wait is handed on.
   */
  carry<T>(letter: Letter, read: (reply: HttpReply, url: string) => T, signal: AbortSignal): Promise<T>;
  /** Sends to one address, out of turn. */
  ask(letter: Letter, address: string, signal: AbortSignal): Promise<HttpReply>;
}

export interface CourierOptions extends WebOptions {
  readonly url: string | readonly string[];
  /** In place of `bearer` and `username`: the whole value of `Authorization`, and what of it is secret. */
  readonly authorization?: { readonly value: string; readonly secrets: readonly Secret[] } | undefined;
  /** What else no message may hold. */
  readonly secrets?: readonly Secret[];
}

/**
 * Reads files and secrets, and connects to nothing yet.
 *
 * Throws   config `wire.tls-file`, `wire.secret-malformed`.
 */
export async function openCourier(given: CourierOptions, world: World, { folder }: SinkPlace): Promise<Courier> {
  const [first, ...others] = typeof given.url === 'string' ? [given.url] : given.url;
  if (first === undefined) throw new Error('the schema lets no empty list of addresses pass');
  const credentials = readCredentials(given);
  const via = await readVia(given, folder);
  const rotation = openRotation([first, ...others], world.clock);
  const { authorization } = given;
  const secrets = [...credentials.texts, ...(authorization?.secrets ?? []), ...(given.secrets ?? [])];
  const plainHeaders = Object.fromEntries(Object.entries(given.headers).map(([name, value]) => [name.toLowerCase(), value]));

  async function ask({ method, url, headers, body, seal }: Letter, address: string, signal: AbortSignal): Promise<HttpReply> {
    signal.throwIfAborted();
    const isGzip = given.gzip && body.length > gzipFromBytes;
    // Level 1: higher ones cost more time than they save on fast networks, and the thread pool does it either way.
    const sent = isGzip ? await gzip(body, { level: constants.Z_BEST_SPEED }) : body;
    signal.throwIfAborted();
    return world.http({
      method,
      url: url(address),
      headers: {
        accept: 'application/json, */*;q=0.5',
        'user-agent': 'sophos-central-connector',
        ...plainHeaders,
        ...headers,
        ...Object.fromEntries(Object.entries(credentials.headers).map(([name, value]) => [name, value.reveal()])),
        ...(authorization ? { authorization: authorization.value } : {}),
        ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
        ...seal?.(sent),
      },
      ...(method === 'GET' || method === 'HEAD' ? {} : { body: sent }),
      timeoutMs: given.timeout,
      via,
      signal,
    });
  }

  /** With several addresses the wish of one is kept here, and the parcel may go to another at once. */
  function passedOn(failure: unknown, address: string): unknown {
    if (!(failure instanceof Failure) || failure.kind === 'rejected') return failure;
    rotation.rest(address, failure.retryAfterMs);
    if (failure.kind !== 'transient' || failure.retryAfterMs === undefined || !rotation.hasOther(address)) return failure;
    const { advice } = failure;
    return new Failure('transient', failure.code, failure.message, { cause: failure, ...(advice === undefined ? {} : { advice }) });
  }

  return {
    addresses: [first, ...others],
    clean: cleanOf(secrets),
    ask,
    async carry(letter, read, signal) {
      const address = rotation.next();
      try {
        const value = read(await ask(letter, address, signal), letter.url(address));
        rotation.wake(address);
        return value;
      } catch (error) {
        throw passedOn(error, address);
      }
    },
  };
}

async function readVia({ caFile, proxy }: WebOptions, folder: string): Promise<Via> {
  const ca = caFile === undefined ? undefined : await readPem('caFile', path.resolve(folder, caFile), /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(proxy === undefined ? {} : { proxy: proxy === 'none' ? null : proxy.reveal() }),
  };
}
