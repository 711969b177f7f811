import type { SimulatorClock } from './clock.ts';
import { hexText, idOf, mix32, randomFrom } from './random.ts';
import { type ErrorForms, json, type Reply } from './reply.ts';
import type { Settings } from './settings.ts';

const TOKEN_LIFE_MS = 3_600_000;
/** Nothing is known of a refresh token's life; a day outlasts any token. */
const REFRESH_LIFE_MS = 86_400_000;
const MOST_TOKENS_TOLD = 10_000;
const FORM = 'application/x-www-form-urlencoded';

/** What is asked of the token endpoint, by field. */
export type TokenRequest = ReadonlyMap<string, string>;
const NOTHING_ASKED: TokenRequest = new Map();

/**
 * Reads the body of a token request.
 *
 * Shape    a form, also when its type is not told; JSON for the grant `refresh_token` only; nothing of any other type.
 * Source   reference, section 1.
 */
export function tokenRequest(contentType: string | undefined, body: Buffer): TokenRequest {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() || FORM;
  if (type === FORM) return new Map(new URLSearchParams(body.toString('utf8')));
  const fields: TokenRequest =
    type === 'application/json' ? new Map(Object.entries(objectOf(body)).map(([name, value]) => [name, String(value)])) : NOTHING_ASKED;
  return fields.get('grant_type') === 'refresh_token' ? fields : NOTHING_ASKED;
}

function objectOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** The identity service: one client, whose id and secret control may replace, and the tokens it was given. */
export class Identity {
  clientId: string;
  clientSecret: string;
  /** Every access token that it ever gave, for those who look for one where none may stand. */
  readonly given: string[] = [];
  readonly #clock: SimulatorClock;
  readonly #forms: ErrorForms;
  readonly #random: () => number;
  readonly #tokens = new Map<string, number>();
  readonly #refreshTokens = new Map<string, number>();

  constructor(seed: number, clock: SimulatorClock, forms: ErrorForms) {
    this.#clock = clock;
    this.#forms = forms;
    this.#random = randomFrom(seed ^ 0x1de7);
    this.clientId = idOf(mix32(seed ^ 0xc11e), 0);
    this.clientSecret = hexText(100, this.#random);
  }

  /** `POST /api/v2/oauth2/token`; `errorCode` makes a 200 that is none. */
  token(asked: TokenRequest, errorCode?: string, expired: Settings['expiredCredential'] = 'no'): Reply {
    const renews = asked.get('grant_type') === 'refresh_token';
    if (!renews && asked.get('grant_type') !== 'client_credentials')
      return this.#forms.identity(400, 'oauth.invalid_grant_type', 'grant_type must be client_credentials or refresh_token');
    if (!renews && asked.get('scope') !== 'token') return this.#forms.identity(400, 'oauth.invalid_scope', 'scope must be token');
    if (asked.get('client_id') !== this.clientId) return this.#forms.identity(401, 'oauth.client_app_does_not_exist', 'Unauthorized');
    if (asked.get('client_secret') !== this.clientSecret) return this.#forms.identity(401, 'oauth.invalid_client_secret', 'Unauthorized');
    if (expired !== 'no') return this.#forms.identity(401, expired === 'told' ? 'oauth.client_secret_expired' : 'oauth.invalid_client_secret', 'Unauthorized');
    if (renews && !this.#mayRenew(asked.get('refresh_token'))) return this.#forms.identity(401, 'oauth.invalid_refresh_token', 'Unauthorized');
    if (errorCode !== undefined) return this.#forms.identity(200, errorCode, 'Not quite OK');
    const token = this.#issue();
    const refreshToken = hexText(64, this.#random);
    this.#refreshTokens.set(refreshToken, this.#clock.now() + REFRESH_LIFE_MS);
    const known = { refresh_token: refreshToken, errorCode: 'success', message: 'OK', trackingId: idOf(0x7a, this.#tokens.size) };
    return json(200, { access_token: token, token_type: 'bearer', expires_in: TOKEN_LIFE_MS / 1000, ...known });
  }

  #mayRenew(refreshToken: string | undefined): boolean {
    const until = refreshToken === undefined ? undefined : this.#refreshTokens.get(refreshToken);
    return until !== undefined && this.#clock.now() < until;
  }

  #issue(): string {
    const now = this.#clock.now();
    for (const kept of [this.#tokens, this.#refreshTokens]) for (const [token, until] of kept) if (until <= now) kept.delete(token);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: this.clientId, jti: hexText(32, this.#random), exp: Math.floor((now + TOKEN_LIFE_MS) / 1000) };
    const token = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${hexText(43, this.#random)}`;
    this.#tokens.set(token, now + TOKEN_LIFE_MS);
    if (this.given.length < MOST_TOKENS_TOLD) this.given.push(token);
    return token;
  }

  accepts(authorization: string | undefined): boolean {
    const token = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const until = token === undefined ? undefined : this.#tokens.get(token);
    return until !== undefined && this.#clock.now() < until;
  }

  /** As if an administrator had ended every session. */
  revokeAll(): void {
    this.#tokens.clear();
    this.#refreshTokens.clear();
  }
}
