import { systemClock } from '../../core/clock.ts';
import { Failure } from '../../core/failure.ts';
import type { LegacyToken } from '../../core/legacy-token.ts';
import type { Millis } from '../../core/types.ts';
import type { Via, World } from '../../core/world.ts';
import { openHttp } from '../http.ts';
import { openPace, type Pace, type RateLimits } from '../pace.ts';
import type { Renewable } from '../renewable.ts';
import { badBody, jsonOf } from '../request.ts';
import { type BoundForms, bind } from './bound.ts';
import { type Answer, type Caller, openCaller } from './caller.ts';
import { type CentralCredential, openCredential } from './credential.ts';
import { openHosts, regionOf } from './hosts.ts';
import { legacyTenantId } from './legacy.ts';
import type { PageSizes } from './list.ts';
import { organizationForms, partnerForms, tenantForms } from './resources/index.ts';
import { Siem, type SiemTenant } from './resources/siem.ts';
import { Tenants } from './resources/tenants.ts';
import type { CentralTenant, WhoAmI } from './shapes/account.ts';

export interface SophosCentralOptions extends CentralCredential {
  /**
   * Asked when the credential is refused: what it is now, or `null` when it is still the same. If it is another one, what was refused is
   * asked for once more. After an answer that brought nothing, it is not asked again for a minute.
   */
  readonly renew?: (signal: AbortSignal) => Promise<CentralCredential | null>;
  /** Another identity service, such as a simulator's; default `https://id.sophos.com`. */
  readonly authUrl?: string;
  /** Another global host; default `https://api.central.sophos.com`. */
  readonly apiUrl?: string;
  /** The credential's allowance; default 10/s, 100/min, 1000/h, 200000/day. */
  readonly rateLimits?: RateLimits;
  /** Of each tenant, inside `rateLimits`; default: none. */
  readonly tenantRateLimits?: RateLimits;
  /** `http://[user:password@]host:port`; `null`: none. Default: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say. */
  readonly proxy?: string | null;
  /** PEM text of a certificate to trust besides the system's. */
  readonly ca?: string;
  /** Of one request, to the last byte of its answer; default 30 s. */
  readonly timeoutMs?: Millis;
  /** How often a failed read is asked again, with growing pauses; default 5. */
  readonly retries?: number;
  /** Clock, randomness, HTTP and reports; default: the real ones, and no reports. */
  readonly world?: World;
  /** A budget that is shared with others who use the credential. */
  readonly pace?: Pace;
}

/** Every call about one tenant; docs/calls.md lists them. */
export type TenantCalls = BoundForms<typeof tenantForms>;
/** Every call of a partner about itself. */
export type PartnerCalls = BoundForms<typeof partnerForms>;
/** Every call of an organization about itself. */
export type OrganizationCalls = BoundForms<typeof organizationForms>;

/**
 * Sophos Central, as one credential sees it.
 *
 * Throws   Failure, by `kind`: `config` for wrong options, `auth` for a refused credential, `transient` for what may pass, `rejected` for what
 *          will not; every answer that was no success is a CentralError, with status, Central's code and correlation id.
 * Calls    any number at once: they share one token and one budget. `close` ends the connections.
 */
export class SophosCentral {
  readonly tenants: Tenants;
  readonly siem: Siem;
  /** The call budget, for those who watch it. */
  readonly pace: Pace;
  /** As a partner; every call is refused to other credentials. */
  readonly partner: PartnerCalls;
  /** As an organization; every call is refused to other credentials. */
  readonly organization: OrganizationCalls;
  readonly #sizes: PageSizes = new Map();
  readonly #caller: Caller;
  readonly #legacy: Renewable<LegacyToken> | null;
  readonly #close: () => Promise<void>;

  constructor(options: SophosCentralOptions) {
    const hosts = openHosts(options.authUrl, options.apiUrl);
    const { world, close } = options.world ? { world: options.world, close: async () => undefined } : openWorld();
    const { rateLimits: limits, tenantRateLimits: tenantLimits } = options;
    this.#close = close;
    const credential = openCredential(options, hosts.admit, world.clock, options.renew);
    this.#legacy = credential.kind === 'token' ? credential.token : null;
    this.pace =
      options.pace ?? openPace({ clock: world.clock, report: world.report, ...(limits ? { limits } : {}), ...(tenantLimits ? { tenantLimits } : {}) });
    this.#caller = openCaller({
      world,
      pace: this.pace,
      hosts,
      credential,
      via: viaOf(options),
      timeoutMs: options.timeoutMs ?? 30_000,
      retries: options.retries ?? 5,
    });
    this.siem = new Siem(this.#caller, this.#legacy !== null);
    this.partner = this.#own('partner', partnerForms);
    this.organization = this.#own('organization', organizationForms);
    const legacy = this.#legacy;
    this.tenants = new Tenants(this.#caller, (signal) => this.whoami(signal), legacy ? (signal) => this.#tenantOf(legacy.current, signal) : null);
  }

  /**
   * Everything that can be asked about one tenant. Asks nothing by itself.
   *
   * Throws   with each call, before anything is sent: rejected `central.no-api-host` and `central.foreign-host`; config `central.legacy-calls`
   *          with a legacy token.
   */
  forTenant(tenant: SiemTenant): TenantCalls {
    const { id, apiHost } = tenant;
    return bind(tenantForms, {
      caller: this.#caller,
      sizes: this.#sizes,
      tenantId: id,
      whose: `of tenant ${id}`,
      baseOf: ({ place }) => {
        this.#refuseLegacy();
        return place === 'global' ? this.#caller.hosts.apiUrl : regionOf(this.#caller.hosts, id, apiHost);
      },
    });
  }

  /** Central's time: the `Date` of its last answer plus monotonic time; the local clock before the first. */
  now(): Millis {
    return this.#caller.now();
  }

  /**
   * Whose credential this is, and where its data lies. Hosts are https and without a trailing slash, however Central writes them.
   *
   * Throws   config `central.legacy-whoami` with a legacy token, which belongs to no account.
   */
  async whoami(signal?: AbortSignal): Promise<WhoAmI> {
    if (this.#legacy)
      throw new Failure('config', 'central.legacy-whoami', 'A legacy API token cannot be asked whose it is: it opens the SIEM feeds only', {
        advice: 'Use `clientId` and `clientSecret` for everything else.',
      });
    const reply = await this.#caller.call({ path: '/whoami/v1', purpose: 'to learn whose credential this is', signal }, whoAmIOf);
    const { admit } = this.#caller.hosts;
    const { global, dataRegion } = reply.apiHosts;
    return {
      ...reply,
      apiHosts: { ...reply.apiHosts, global: admit(global, 'whoami'), ...(dataRegion ? { dataRegion: admit(dataRegion, 'whoami') } : {}) },
    };
  }

  /** Ends the connections, unless they belong to a world that was given. */
  async close(): Promise<void> {
    await this.#close();
  }

  /** Calls of the account about itself: whose header they need, whoami tells. */
  #own<F extends typeof partnerForms | typeof organizationForms>(kind: 'partner' | 'organization', forms: F): BoundForms<F> {
    let learnt: string | null = null;
    return bind(forms, {
      caller: this.#caller,
      sizes: this.#sizes,
      whose: '',
      baseOf: () => {
        this.#refuseLegacy();
        return this.#caller.hosts.apiUrl;
      },
      headers: async (signal) => {
        learnt ??= (await this.whoami(signal)).id;
        return { [`x-${kind}-id`]: learnt };
      },
    });
  }

  #refuseLegacy(): void {
    if (!this.#legacy) return;
    throw new Failure('config', 'central.legacy-calls', 'A legacy API token opens the SIEM feeds only', {
      advice: 'Use `clientId` and `clientSecret` for everything else.',
    });
  }

  /** The tenant of a legacy token is the `customer_id` of its first record. */
  async #tenantOf(token: LegacyToken, signal?: AbortSignal): Promise<CentralTenant> {
    const unknown = legacyTenantId(token);
    for (const feed of ['events', 'alerts'] as const) {
      for await (const { items } of this.siem.pages(feed, { id: unknown }, { limit: 200, ...(signal ? { signal } : {}) })) {
        const id = items.find((item) => typeof item?.customer_id === 'string' && item.customer_id !== '')?.customer_id;
        if (id) return { id, name: id, apiHost: token.url };
        if (items.length > 0) break;
      }
    }
    return { id: unknown, name: unknown, apiHost: token.url };
  }
}

function whoAmIOf({ reply, ask }: Answer): WhoAmI {
  const whoami = jsonOf(reply, ask) as Partial<WhoAmI> | null;
  if (typeof whoami?.id === 'string' && typeof whoami.idType === 'string' && typeof whoami.apiHosts?.global === 'string')
    return { ...(whoami as WhoAmI), idType: whoami.idType.toLowerCase() };
  throw badBody(ask, reply, 'it lacks `id`, `idType` or `apiHosts`');
}

/** The world of library users. */
function openWorld(): { readonly world: World; close(): Promise<void> } {
  const { http, close } = openHttp();
  return { world: { clock: systemClock, random: Math.random, http, report: () => undefined }, close };
}

function viaOf({ ca, proxy }: SophosCentralOptions): Via {
  return { ...(ca === undefined ? {} : { ca }), ...(proxy === undefined ? {} : { proxy }) };
}
