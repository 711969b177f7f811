import { systemClock } from '../../core/clock.ts';
import { Failure } from '../../core/failure.ts';
import { secret } from '../../core/secret.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply, Renew, Secret, World } from '../../core/world.ts';
import { openHttp } from '../http.ts';
import { openPace, type Pace, type RateLimits } from '../pace.ts';
import { quoted } from '../quoted.ts';
import { openRenewable } from '../renewable.ts';
import { badBody, jsonOf } from '../request.ts';
import { SingleFlight } from '../single-flight.ts';
import { kindOfAddress, type LookupKind, normalAddress, segmentOf, sentAddress, shown } from './address.ts';
import { Analysis } from './analysis.ts';
import type { IntelixCredential } from './auth.ts';
import { isFresh, keptUntil, type LookupCache, MemoryCache } from './cache.ts';
import { type IntelixAnswer, type IntelixCaller, openIntelixCaller } from './caller.ts';
import { correlationIdOf } from './correlation.ts';
import { type IntelixHosts, type IntelixRegion, openIntelixHosts } from './hosts.ts';
import { type Lookup, type LookupOf, readLookup, type UrlLookup } from './lookups.ts';

export interface IntelixOptions {
  /** Of SophosLabs Intelix; not those of Sophos Central. */
  readonly clientId: string;
  readonly clientSecret: string | Secret;
  /** Asked when the credential is refused: what it is now, or `null` when it is still the same. */
  readonly renew?: (signal: AbortSignal) => Promise<{ readonly clientId: string; readonly clientSecret: string | Secret } | null>;
  /** Default `us`. */
  readonly region?: IntelixRegion;
  /** Another token service, such as a simulator's; default `https://api.labs.sophos.com`. */
  readonly authUrl?: string;
  /** Another host for everything else; default: that of the region. */
  readonly apiUrl?: string;
  /** Default 10/s, 600/min, 36000/h, 864000/day; nobody has stated the real ones, and what Intelix refuses (429) is waited out. */
  readonly rateLimits?: RateLimits;
  /** `http://[user:password@]host:port`; `null`: none. Default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. */
  readonly proxy?: string | null;
  /** PEM text of a certificate to trust besides the system's. */
  readonly ca?: string;
  /** Of one request, to the last byte of its answer; default 30 s. */
  readonly timeoutMs?: Millis;
  /** How often a failed read is asked again, with growing pauses; default 5. */
  readonly retries?: number;
  /** Default: in memory, of the last 20,000 addresses. `null`: none. */
  readonly cache?: LookupCache | null;
  /** Clock, randomness, HTTP and reports; default: the real ones, and no reports. */
  readonly world?: World;
  /** A budget that is shared with others who use the credential. */
  readonly pace?: Pace;
}

export interface LookupOptions {
  readonly signal?: AbortSignal;
  /** The `X-Correlation-ID` of the call, which Sophos support asks for; default: a random UUID. */
  readonly correlationId?: string;
}

/** What `test` saw. */
export interface IntelixTest {
  readonly tokenUrl: string;
  readonly apiUrl: string;
  /** What the region host answered about an address that everybody knows. */
  readonly lookup: UrlLookup;
  /** From asking for the token to the last byte. */
  readonly tookMs: Millis;
}

/** Ten a second, as for Central. No limit of Intelix is documented; where one is lower, it says so with a 429, and then everybody waits. */
const defaultIntelixLimits: Required<RateLimits> = { second: 10, minute: 600, hour: 36_000, day: 864_000 };

const paths: Readonly<Record<LookupKind, string>> = { url: '/lookup/urls/v1/', ip: '/lookup/ips/v1/', file: '/lookup/files/v1/' };
const nouns: Readonly<Record<LookupKind, string>> = { url: 'the URL', ip: 'the IP address', file: 'the file' };

/**
 * SophosLabs Intelix: what Sophos knows of URLs, IP addresses and files.
 *
 * Throws   Failure, by `kind`: `config` for wrong options, `auth` for a refused or not subscribed credential, `transient` for what may pass,
 *          `rejected` for what will not, among it input that cannot be an address. Every answer that was no success is a CentralError.
 * Calls    any number at once: they share one token, one budget and one cache, and two lookups of one address at once are one call.
 * Source   reference, section 11.
 */
export class Intelix {
  /** Analysis of whole files. */
  readonly analysis: Analysis;
  /** The call budget, for those who watch it. */
  readonly pace: Pace;
  readonly #world: World;
  readonly #hosts: IntelixHosts;
  readonly #caller: IntelixCaller;
  readonly #cache: LookupCache | null;
  readonly #flights = new SingleFlight<Lookup>();
  readonly #close: () => Promise<void>;

  constructor(options: IntelixOptions) {
    const credential = credentialOf(options);
    this.#hosts = openIntelixHosts(options.region, options.authUrl, options.apiUrl);
    const { world, close } = options.world ? { world: options.world, close: async () => undefined } : openWorld();
    const { ca, proxy, rateLimits } = options;
    this.#world = world;
    this.#close = close;
    this.#cache = options.cache === undefined ? new MemoryCache() : options.cache;
    this.pace = options.pace ?? openPace({ clock: world.clock, report: world.report, limits: { ...defaultIntelixLimits, ...rateLimits } });
    this.#caller = openIntelixCaller({
      world,
      pace: this.pace,
      hosts: this.#hosts,
      credential: openRenewable(credential, world.clock, renewOf(credential, options.renew)),
      via: { ...(ca === undefined ? {} : { ca }), ...(proxy === undefined ? {} : { proxy }) },
      timeoutMs: options.timeoutMs ?? 30_000,
      retries: options.retries ?? 5,
      onClosed: (failure) => this.#flights.endAll(failure),
    });
    this.analysis = new Analysis(this.#caller, world.random);
  }

  /** What is known of a URL, with or without scheme; of a host name too. It is sent as it is written, but for blanks around it. */
  async url(url: string, options: LookupOptions = {}): Promise<LookupOf<'url'>> {
    return await this.#look('url', url, options);
  }

  /** What is known of an IPv4 or IPv6 address. */
  async ip(ip: string, options: LookupOptions = {}): Promise<LookupOf<'ip'>> {
    return await this.#look('ip', ip, options);
  }

  /** What is known of a file, by its SHA-256. A file that Intelix does not know has the band `unknown` and no score. */
  async file(sha256: string, options: LookupOptions = {}): Promise<LookupOf<'file'>> {
    return await this.#look('file', sha256, options);
  }

  /** Looks up whatever it is; see `kindOfAddress`. */
  async lookup(address: string, options: LookupOptions = {}): Promise<Lookup> {
    return await this.#look(kindOfAddress(address), address, options);
  }

  /** Proves the credential with a new token, and the region's host with one lookup, which counts like any other. */
  async test(options: LookupOptions = {}): Promise<IntelixTest> {
    const { clock } = this.#world;
    const startedAt = clock.monotonic();
    this.#caller.forgetToken();
    const lookup = await this.#ask('url', 'sophos.com', correlationIdOf(options.correlationId, this.#world.random), options.signal, isNever);
    const { tokenUrl, apiUrl } = this.#hosts;
    return { tokenUrl, apiUrl, lookup, tookMs: Math.round(clock.monotonic() - startedAt) };
  }

  /** Ends the connections, unless they belong to a world that was given. */
  async close(): Promise<void> {
    await this.#close();
  }

  async #look<K extends LookupKind>(kind: K, text: string, { signal, correlationId }: LookupOptions): Promise<LookupOf<K>> {
    signal?.throwIfAborted();
    const sent = sentAddress(kind, text);
    const id = correlationIdOf(correlationId, this.#world.random);
    const address = normalAddress(sent);
    const cached = this.#cache?.get(kind, address);
    if (cached && isFresh(cached, this.#world.clock.now()) && isOf(kind, cached.lookup)) return { ...cached.lookup, input: text, cached: true };
    const lookup = await this.#flights.join(`${kind} ${address}`, signal ?? never(), async (shared) => {
      const found = await this.#ask(kind, sent, id, shared);
      const until = keptUntil(found.ttl, this.#world.clock.now());
      if (until !== null) this.#cache?.put(kind, address, { lookup: found, expiresAt: until });
      return found;
    });
    if (!isOf(kind, lookup)) throw new Error(`a lookup of another kind: ${lookup.kind}`);
    return { ...lookup, input: text };
  }

  async #ask<K extends LookupKind>(kind: K, sent: string, correlationId: string, signal?: AbortSignal, accepts = isUnknown): Promise<LookupOf<K>> {
    const call = {
      path: paths[kind] + segmentOf(sent),
      shownPath: `${paths[kind]}{${kind === 'file' ? 'sha256' : kind}}`,
      purpose: `to look up ${nouns[kind]} ${quoted(shown(sent))}`,
      correlationId,
      signal,
      accepts,
    };
    return await this.#caller.call(call, (answer) =>
      readLookup[kind](fieldsOf(answer), { input: sent, cached: false, lookedUpAt: Math.round(this.#world.clock.now()) }),
    );
  }
}

function isOf<K extends LookupKind>(kind: K, lookup: Lookup): lookup is LookupOf<K> {
  return lookup.kind === kind;
}

function fieldsOf({ reply, ask }: IntelixAnswer): Readonly<Record<string, unknown>> {
  if (reply.status === 404 && reply.body.length === 0) return {};
  const answer = jsonOf(reply, ask);
  if (!isObject(answer)) throw badBody(ask, reply, 'the answer is not an object');
  if (reply.status !== 404 && typeof answer.error === 'string' && answer.error !== '') throw badBody(ask, reply, 'it is an error with the status of a success');
  return answer;
}

/** What Intelix does not know may be a 404 (reference, 11.5); the 404 of a gateway, which is a page and not JSON, says nothing of it. */
function isUnknown({ status, body }: HttpReply): boolean {
  if (status !== 404) return false;
  try {
    return body.length === 0 || isObject(JSON.parse(body.toString('utf8')));
  } catch {
    return false;
  }
}

/** An address that everybody knows is not unknown: a 404 of it is that of another host. */
function isNever(): boolean {
  return false;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One that is the same by its value is no other. */
function renewOf(first: IntelixCredential, renew: IntelixOptions['renew']): Renew<IntelixCredential> | undefined {
  if (!renew) return undefined;
  let last = first;
  return async (signal) => {
    const given = await renew(signal);
    const fresh = given === null ? last : credentialOf(given);
    if (fresh.clientId === last.clientId && fresh.clientSecret.reveal() === last.clientSecret.reveal()) return null;
    last = fresh;
    return fresh;
  };
}

function credentialOf({ clientId, clientSecret }: Pick<IntelixOptions, 'clientId' | 'clientSecret'>): IntelixCredential {
  // `Basic` puts a colon between id and secret, so the id can have none.
  if (clientId && clientSecret && !clientId.includes(':'))
    return { clientId, clientSecret: typeof clientSecret === 'string' ? secret(clientSecret) : clientSecret };
  throw new Failure('config', 'intelix.no-credential', 'There is no credential for Intelix: `clientId`, without a colon, and `clientSecret` are both needed', {
    advice: 'Subscribe to SophosLabs Intelix in the AWS Marketplace, and give both parts of what it shows.',
  });
}

/** The world of library users. */
function openWorld(): { readonly world: World; close(): Promise<void> } {
  const { http, close } = openHttp();
  return { world: { clock: systemClock, random: Math.random, http, report: () => undefined }, close };
}

function never(): AbortSignal {
  return new AbortController().signal;
}
