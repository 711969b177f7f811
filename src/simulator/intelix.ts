import { type Call, headerOf } from './call.ts';
import type { SimulatorClock } from './clock.ts';
import type { Item } from './collection.ts';
import { IntelixAnalysis } from './intelix-analysis.ts';
import { intelixAnswer, type LookupKind } from './intelix-answers.ts';
import { IntelixSettings } from './intelix-settings.ts';
import { hexText, randomFrom } from './random.ts';
import { json, type Reply } from './reply.ts';

export const INTELIX_TOKEN_PATH = '/oauth2/token';
const TOKEN_LIFE_MS = 3_600_000;
const LOOKUP = /^\/lookup\/(urls|ips|files)\/v1\/([^/]+)$/;
const OURS = /^\/(?:oauth2\/token|lookup(?:\/.*)?|analysis(?:\/.*)?)$/;
const PLACEHOLDERS: Readonly<Record<LookupKind, string>> = { urls: '{url}', ips: '{ip}', files: '{sha256}' };
const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);

const ERRORS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['badRequest', 'The request is malformed.'],
  401: ['unauthorized', 'The access token is missing, wrong or expired.'],
  403: ['forbidden', 'There is no subscription for this.'],
  404: ['notFound', 'Nothing was found.'],
  405: ['methodNotAllowed', 'This method is not allowed.'],
  413: ['payloadTooLarge', 'The file is too large.'],
  429: ['tooManyRequests', 'The quota is used up.'],
  500: ['internalServerError', 'Something went wrong.'],
  503: ['serviceUnavailable', 'Come again later.'],
};

/**
 * SophosLabs Intelix: its own tokens, which come without `Bearer`, reputation lookups and the file sandbox.
 *
 * Source   reference, section 11.
 */
export class Intelix {
  clientId: string;
  clientSecret: string;
  readonly settings = new IntelixSettings();
  readonly #seed: number;
  readonly #clock: SimulatorClock;
  readonly #freshId: () => string;
  readonly #random: () => number;
  readonly #analysis: IntelixAnalysis;
  readonly #tokens = new Map<string, number>();
  readonly #lookups: Readonly<Record<LookupKind, Map<string, number>>> = { urls: new Map(), ips: new Map(), files: new Map() };
  readonly #refused = new Map<string, number>();
  #issued = 0;

  constructor(seed: number, clock: SimulatorClock, freshId: () => string) {
    this.#seed = seed;
    this.#clock = clock;
    this.#freshId = freshId;
    this.#random = randomFrom(seed ^ 0x171e11);
    this.#analysis = new IntelixAnalysis(seed);
    this.clientId = hexText(26, this.#random);
    this.clientSecret = hexText(52, this.#random);
  }

  /** The path under which a call is counted; `null` when it is not for Intelix. */
  counted(path: string): string | null {
    if (!OURS.test(path)) return null;
    if (path === INTELIX_TOKEN_PATH) return path;
    const [, kind] = LOOKUP.exec(path) ?? [];
    if (isKind(kind)) return `/lookup/${kind}/v1/${PLACEHOLDERS[kind]}`;
    return this.#analysis.counted(path) ?? 'other';
  }

  /** Answers a call whose path is counted here. */
  answer(call: Call): Reply {
    const given = headerOf(call, 'x-correlation-id');
    const ids = { requestId: this.#freshId(), correlationId: given ?? this.#freshId() };
    if (call.path === INTELIX_TOKEN_PATH) return this.#token(call, ids);
    if (!this.#accepts(headerOf(call, 'authorization'))) return failed(401, ids);
    const [, kind, address] = LOOKUP.exec(call.path) ?? [];
    if (isKind(kind) && address !== undefined) return call.method === 'GET' ? this.#lookUp(kind, address, ids) : failed(405, ids);
    const analysed = this.#analysis.answer(call, this.#clock.now());
    return 'body' in analysed ? json(200, { ...ids, ...analysed.body }) : failed(analysed.status, ids);
  }

  revokeAll(): void {
    this.#tokens.clear();
  }

  /** Forgets what control wished and what was counted. */
  clear(): void {
    this.settings.clear();
    for (const counts of Object.values(this.#lookups)) counts.clear();
    this.#refused.clear();
    this.#issued = 0;
  }

  /** Answered lookups by address in lower case, refused ones by status, and tokens given out. */
  toJSON(): unknown {
    const [urls, ips, files] = [this.#lookups.urls, this.#lookups.ips, this.#lookups.files].map((counts) => Object.fromEntries(counts));
    return { urls, ips, files, refused: Object.fromEntries(this.#refused), tokens: this.#issued };
  }

  #token(call: Call, ids: Item): Reply {
    if (call.method !== 'POST') return failed(405, ids);
    const type = headerOf(call, 'content-type')?.split(';')[0]?.trim().toLowerCase();
    const [, basic] = /^basic +(\S+)$/i.exec(headerOf(call, 'authorization') ?? '') ?? [];
    const given = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString('utf8');
    if (given !== `${this.clientId}:${this.clientSecret}`) return json(401, { error: 'invalid_client', message: 'Client authentication failed.', ...ids });
    const grant = type === 'application/x-www-form-urlencoded' ? new URLSearchParams(call.body.toString('utf8')).get('grant_type') : null;
    if (grant !== 'client_credentials') return json(400, { error: 'unsupported_grant_type', message: 'grant_type must be client_credentials.', ...ids });
    const now = this.#clock.now();
    for (const [token, until] of this.#tokens) if (until <= now) this.#tokens.delete(token);
    const token = hexText(96, this.#random);
    this.#tokens.set(token, now + TOKEN_LIFE_MS);
    this.#issued++;
    return json(200, { access_token: token, expires_in: TOKEN_LIFE_MS / 1000, token_type: 'Bearer' });
  }

  /** The token as it is: with `Bearer` before it, it is none. */
  #accepts(authorization: string | undefined): boolean {
    const until = authorization === undefined ? undefined : this.#tokens.get(authorization.trim());
    return until !== undefined && this.#clock.now() < until;
  }

  #lookUp(kind: LookupKind, step: string, ids: Item): Reply {
    const address = addressIn(kind, step);
    const status = address === null ? 400 : this.settings.refusal();
    if (address === null || status !== null) return this.#refuse(status ?? 400, ids);
    this.#lookups[kind].set(address.toLowerCase(), (this.#lookups[kind].get(address.toLowerCase()) ?? 0) + 1);
    const wished = this.settings.known(kind, address);
    const known = wished === undefined ? intelixAnswer(this.#seed, kind, address) : wished;
    if (known !== null) return json(200, { ...ids, ...known });
    if (kind !== 'files') return json(200, { ...ids, ttl: 300 });
    return this.settings.unknownHash === '404' ? failed(404, ids) : json(200, { ...ids, reputationScore: 50, ttl: 300 });
  }

  #refuse(status: number, ids: Item): Reply {
    this.#refused.set(String(status), (this.#refused.get(String(status)) ?? 0) + 1);
    const { retryAfterS } = this.settings;
    return failed(status, ids, status === 429 && retryAfterS !== undefined ? { 'retry-after': String(retryAfterS) } : {});
  }
}

function isKind(kind: string | undefined): kind is LookupKind {
  return kind === 'urls' || kind === 'ips' || kind === 'files';
}

/** The one path segment decoded; `null` when it is not an address of that kind. */
function addressIn(kind: LookupKind, step: string): string | null {
  let text: string;
  try {
    text = decodeURIComponent(step);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
  if (kind === 'ips') return IPV4.test(text) ? text : null;
  if (kind === 'files') return /^[0-9a-f]{64}$/i.test(text) ? text : null;
  return text.trim() === '' ? null : text;
}

function failed(status: number, ids: Item, headers: Readonly<Record<string, string>> = {}): Reply {
  const [error, message] = ERRORS[status] ?? ['error', 'Error.'];
  return json(status, { ...ids, error, message }, headers);
}
