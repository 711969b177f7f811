import { Failure } from '../../../core/failure.ts';
import { quoted } from '../../quoted.ts';
import { badBody, jsonOf } from '../../request.ts';
import type { Answer, Caller } from '../caller.ts';
import { byPage, type Paged, type PageOf } from '../pages.ts';
import type { CentralTenant, WhoAmI } from '../shapes/account.ts';

/** The largest page of the tenant lists (reference, section 3). */
const pageSize = 100;

/**
 * The account's tenants. Iterating gives each once; of a tenant's own credential, that tenant.
 *
 * Throws   as `whoami`; rejected `central.page-loop` when the list does not end.
 */
export class Tenants implements AsyncIterable<CentralTenant> {
  readonly #caller: Caller;
  readonly #whoami: (signal?: AbortSignal) => Promise<WhoAmI>;
  /** Of a legacy token: asked from the data, since it has no account. */
  readonly #legacy: ((signal?: AbortSignal) => Promise<CentralTenant>) | null;

  constructor(caller: Caller, whoami: (signal?: AbortSignal) => Promise<WhoAmI>, legacy: ((signal?: AbortSignal) => Promise<CentralTenant>) | null) {
    this.#caller = caller;
    this.#whoami = whoami;
    this.#legacy = legacy;
  }

  /** Page by page, with the number of the page that follows. `whose`: what `whoami` has told already, which saves a call. */
  async *pages({
    signal,
    from = 1,
    whose,
  }: {
    readonly signal?: AbortSignal;
    readonly from?: number;
    readonly whose?: WhoAmI;
  } = {}): AsyncGenerator<PageOf<CentralTenant, number>> {
    if (this.#legacy) return yield { items: [await this.#legacy(signal)], next: null };
    const { id, idType, apiHosts } = whose ?? (await this.#whoami(signal));
    if (idType === 'tenant') return yield { items: [{ id, name: id, ...(apiHosts.dataRegion ? { apiHost: apiHosts.dataRegion } : {}) }], next: null };
    if (idType !== 'partner' && idType !== 'organization') {
      throw new Failure(
        'rejected',
        'central.account-kind',
        `The credential belongs to an account of the kind ${quoted(idType)}, which has no list of tenants that we know`,
        { advice: 'Use a credential of a tenant, an organization or a partner.' },
      );
    }
    const header = idType === 'partner' ? 'x-partner-id' : 'x-organization-id';
    const ask = (page: number) =>
      this.#caller.call(
        {
          base: apiHosts.global,
          path: `/${idType}/v1/tenants`,
          query: { page, pageSize },
          headers: { [header]: id },
          purpose: `to read the tenants of the ${idType}`,
          signal,
        },
        listOf,
      );
    yield* byPage(ask, pageSize, (tenant) => tenant.id, from, `Reading the tenants of the ${idType}`);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CentralTenant> {
    for await (const { items } of this.pages()) yield* items;
  }

  /** Why nothing can be read from this tenant, as far as the list tells; `null` if it can be tried. */
  whyNot({ apiHost, status }: CentralTenant): string | null {
    if (status && status.toLowerCase() !== 'active') return `its status in Sophos Central is ${quoted(status)}, not active`;
    if (!apiHost) return 'it has no API host yet: it is not provisioned';
    try {
      this.#caller.hosts.admit(apiHost, 'the tenant list');
      return null;
    } catch (error) {
      if (error instanceof Failure) return error.message;
      throw error;
    }
  }
}

function listOf({ reply, ask }: Answer): Paged<CentralTenant> {
  const list = jsonOf(reply, ask) as Paged<CentralTenant> | null;
  if (!Array.isArray(list?.items)) throw badBody(ask, reply, 'there is no `items` array in it');
  const items = list.items.map((tenant: CentralTenant) => {
    if (typeof tenant?.id !== 'string' || tenant.id === '') throw badBody(ask, reply, 'it holds a tenant without an `id`');
    return typeof tenant.name === 'string' ? tenant : { ...tenant, name: tenant.id };
  });
  return { ...list, items };
}
