import type { SimulatorClock } from './clock.ts';
import { hexText, idOf, mix32, randomFrom } from './random.ts';
import { type ErrorForms, json, type Reply } from './reply.ts';

const TOKEN_LIFE_MS = 3_600_000;

/** The identity service: one client, and the tokens it was given. */
export class Identity {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly #clock: SimulatorClock;
  readonly #forms: ErrorForms;
  readonly #random: () => number;
  readonly #tokens = new Map<string, number>();

  constructor(seed: number, clock: SimulatorClock, forms: ErrorForms) {
    this.#clock = clock;
    this.#forms = forms;
    this.#random = randomFrom(seed ^ 0x1de7);
    this.clientId = idOf(mix32(seed ^ 0xc11e), 0);
    this.clientSecret = hexText(100, this.#random);
  }

  /** `POST /api/v2/oauth2/token`; `errorCode` makes a 200 that is none. */
  token(body: string, errorCode?: string): Reply {
    const form = new URLSearchParams(body);
    if (form.get('grant_type') !== 'client_credentials') return this.#forms.identity(400, 'oauth.invalid_grant_type', 'grant_type must be client_credentials');
    if (form.get('scope') !== 'token') return this.#forms.identity(400, 'oauth.invalid_scope', 'scope must be token');
    if (form.get('client_id') !== this.clientId) return this.#forms.identity(401, 'oauth.client_app_does_not_exist', 'Unauthorized');
    if (form.get('client_secret') !== this.clientSecret) return this.#forms.identity(401, 'oauth.invalid_client_secret', 'Unauthorized');
    if (errorCode !== undefined) return this.#forms.identity(200, errorCode, 'Not quite OK');
    const token = this.#issue();
    const known = { refresh_token: hexText(64, this.#random), errorCode: 'success', message: 'OK', trackingId: idOf(0x7a, this.#tokens.size) };
    return json(200, { access_token: token, token_type: 'bearer', expires_in: TOKEN_LIFE_MS / 1000, ...known });
  }

  #issue(): string {
    const now = this.#clock.now();
    for (const [token, until] of this.#tokens) if (until <= now) this.#tokens.delete(token);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { sub: this.clientId, jti: hexText(32, this.#random), exp: Math.floor((now + TOKEN_LIFE_MS) / 1000) };
    const token = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.${hexText(43, this.#random)}`;
    this.#tokens.set(token, now + TOKEN_LIFE_MS);
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
  }
}
