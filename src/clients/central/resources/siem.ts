import { textOf } from '../../../core/pack.ts';
import type { Millis, Pack } from '../../../core/types.ts';
import { badBody } from '../../request.ts';
import type { Answer, Call, Caller } from '../caller.ts';
import { BrokenPage, type Cut, cutPage } from '../cut.ts';
import { regionOf } from '../hosts.ts';
import { byCursor, type PageOf } from '../pages.ts';
import type { SiemAlert, SiemEvent } from '../shapes/siem.ts';

export type SiemFeed = 'events' | 'alerts';

/** What the calls of one tenant need. */
export interface SiemTenant {
  readonly id: string;
  /** Not looked at for a legacy token, whose gateway is its own. */
  readonly apiHost?: string | null;
}

export interface SiemQuery {
  readonly cursor?: string;
  /** Unix seconds; not sent with a cursor. */
  readonly fromDate?: number;
  /** 200 to 1000, default 1000 (reference, 4.1). */
  readonly limit?: number;
  /** Of events only. */
  readonly excludeTypes?: readonly string[];
  /** Central holds back the newest minutes (reference, 4.2). */
  readonly offsetMinutes?: number;
}

/**
 * One page of a SIEM feed, cut but not parsed.
 *
 * Shape    `items` are the elements' own bytes; `nextCursor` is where to go on, also when nothing is left, and empty if Central named none.
 */
export interface SiemPage {
  readonly items: Pack;
  readonly hasMore: boolean;
  readonly nextCursor: string;
  /** Central's time when the request was sent. */
  readonly askedAt: Millis;
  /** How many items came without a usable id or time. */
  readonly odd: number;
}

export interface SiemReading {
  /** Up to 24 h ago; default 24 h. Not looked at with a cursor. */
  readonly since?: Date | Millis;
  readonly cursor?: string;
  readonly limit?: number;
  readonly excludeTypes?: readonly string[];
  readonly offsetMinutes?: number;
  readonly signal?: AbortSignal;
}

/** The SIEM feeds of a tenant: what Central recorded in the last 24 hours. */
export class Siem {
  readonly #caller: Caller;
  readonly #isLegacy: boolean;

  constructor(caller: Caller, isLegacy: boolean) {
    this.#caller = caller;
    this.#isLegacy = isLegacy;
  }

  /**
   * One page.
   *
   * Throws   rejected `central.no-api-host` and `central.foreign-host` before anything is sent; CentralError for every other answer; transient
   *          `central.bad-body` when the body is not whole.
   * Source   reference, section 4.
   */
  async page(feed: SiemFeed, tenant: SiemTenant, { cursor, fromDate, limit, excludeTypes, offsetMinutes }: SiemQuery, signal?: AbortSignal): Promise<SiemPage> {
    const call: Call = {
      ...(this.#isLegacy ? {} : { base: regionOf(this.#caller.hosts, tenant.id, tenant.apiHost) }),
      path: `/siem/v1/${feed}`,
      query: {
        limit: Math.min(1000, Math.max(200, Math.floor(limit ?? 1000))),
        cursor: cursor || undefined,
        from_date: cursor || fromDate === undefined ? undefined : Math.floor(fromDate),
        exclude_types: feed === 'events' && excludeTypes?.length ? excludeTypes.join(',') : undefined,
        from_date_offset_minutes: offsetMinutes || undefined,
      },
      tenantId: tenant.id,
      purpose: `to read the SIEM ${feed} of tenant ${tenant.id}`,
      signal,
    };
    return this.#caller.call(call, pageOf);
  }

  /** Events, one by one, until there are no more. */
  async *events(tenant: SiemTenant, reading: SiemReading = {}): AsyncGenerator<SiemEvent> {
    for await (const { items } of this.pages('events', tenant, reading)) yield* items;
  }

  /** Alerts, one by one, until there are no more. */
  async *alerts(tenant: SiemTenant, reading: SiemReading = {}): AsyncGenerator<SiemAlert> {
    for await (const { items } of this.pages('alerts', tenant, reading)) yield* items;
  }

  /** Page by page, each with the cursor to go on from: keep it, and nothing is read twice. */
  pages<F extends SiemFeed>(
    feed: F,
    tenant: SiemTenant,
    { since, cursor: start, signal, ...query }: SiemReading = {},
  ): AsyncGenerator<PageOf<F extends 'events' ? SiemEvent : SiemAlert, string>> {
    const fromDate = since === undefined ? {} : { fromDate: Number(since) / 1000 };
    return byCursor(async (cursor) => {
      const page = await this.page(feed, tenant, { ...query, ...(cursor === null ? fromDate : { cursor }) }, signal);
      return { ...page, items: parsed<F extends 'events' ? SiemEvent : SiemAlert>(page.items) };
    }, start ?? null);
  }
}

function pageOf(answer: Answer): SiemPage {
  const { reply, ask, askedAt } = answer;
  const { items, odd, envelope } = cut(answer);
  const { has_more: hasMore, next_cursor: nextCursor } = envelope;
  if (typeof hasMore !== 'boolean') throw badBody(ask, reply, 'there is no `has_more` in it');
  return { items, odd, hasMore, nextCursor: typeof nextCursor === 'string' ? nextCursor : '', askedAt };
}

function cut({ reply, ask, askedAt }: Answer): Cut {
  try {
    return cutPage(reply.body, askedAt);
  } catch (error) {
    if (error instanceof BrokenPage) throw badBody(ask, reply, `the body is broken, ${error.message}`);
    throw error;
  }
}

function parsed<T>(pack: Pack): T[] {
  return Array.from({ length: pack.count }, (_, i) => JSON.parse(Buffer.from(textOf(pack, i)).toString('utf8')));
}
