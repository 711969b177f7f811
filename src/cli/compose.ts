/** The only place that wires: from a checked plan to open clients, sinks and routes. Heavy modules are imported when they are used. */
import { statfs } from 'node:fs/promises';
import type { SophosCentral } from '../clients/central/client.ts';
import type { Pace } from '../clients/pace.ts';
import type { AccountPlan, Plan, Renewal, StreamPlan } from '../config/plan.ts';
import type { TenantChoice } from '../config/tenants.ts';
import { Failure } from '../core/failure.ts';
import type { TenantNames } from '../core/kinds.ts';
import type { Store } from '../core/store.ts';
import type { Checkpoint, Millis, Route, Tenant } from '../core/types.ts';
import type { World } from '../core/world.ts';
import type { JournalLimits } from '../engine/housekeeping.ts';
import type { Feed, Source } from '../engine/source.ts';
import type { KnownTargets } from './known-targets.ts';
import { centralCredential, told } from './renewed.ts';
import { openRenewedSink } from './renewed-sink.ts';

/** How soon a legacy token without any record is asked again. */
const unknownTenantMs: Millis = 60_000;

/**
 * A client for one account, whose credential is read again by `renewal` when it is refused. `retries` is 0 for the service: there, starting
 * the loop again is the retry. `pace` stands in for a budget of its own.
 */
export async function openClient(account: AccountPlan, world: World, retries: number, renewal?: Renewal, pace?: Pace): Promise<SophosCentral> {
  const { SophosCentral } = await import('../clients/central/client.ts');
  const { name, credentials, authUrl, apiUrl, rateLimits, via, timeoutMs } = account;
  const reader = renewal?.account(name);
  const renew = reader && told(reader, { account: name }, world);
  return new SophosCentral({
    ...centralCredential(credentials),
    ...(renew
      ? {
          async renew(signal) {
            const fresh = await renew(signal);
            return fresh && centralCredential(fresh);
          },
        }
      : {}),
    ...(authUrl === null ? {} : { authUrl }),
    ...(apiUrl === null ? {} : { apiUrl }),
    ...via,
    rateLimits,
    ...(pace ? { pace } : {}),
    timeoutMs,
    retries,
    world: { ...world, report: (report) => world.report({ account: name, ...report }) },
  });
}

/** The plan's choice of tenants, compiled. */
export async function openChoice(plan: Plan): Promise<TenantChoice> {
  const { chooseTenants } = await import('../config/tenants.ts');
  return chooseTenants(plan.tenants);
}

/** The accounts of a plan, as the engine reads them; `known` hears of every tenant that can be asked. */
export async function openSources(plan: Plan, world: World, known: KnownTargets): Promise<Source[]> {
  const choice = await openChoice(plan);
  return await Promise.all(
    plan.accounts.map(async (account) => sourceOf(account, await openClient(account, world, 0, plan.renew), plan, choice, world, known)),
  );
}

function sourceOf(account: AccountPlan, client: SophosCentral, plan: Plan, choice: TenantChoice, world: World, known: KnownTargets): Source {
  const { second, minute, hour, day } = account.rateLimits;
  return {
    account: account.name,
    callsPerHour: Math.min(second * 3_600, minute * 60, hour, day),
    async discover(signal) {
      const feeds: Feed[] = [];
      const tenants: Tenant[] = [];
      const aside: { tenant: Tenant; reason: string }[] = [];
      for await (const { items } of client.tenants.pages({ signal })) {
        for (const entry of items) {
          const isLegacy = account.credentials.kind === 'token';
          // A legacy token's tenant is told by its first record; until there is one, there is nothing to read either.
          if (isLegacy && entry.id.startsWith('legacy-')) return { tenants, feeds, aside, againMs: unknownTenantMs };
          const name = isLegacy ? account.name : entry.name;
          const tenant = { id: entry.id, name, labels: choice.labelsOf({ id: entry.id, name }) };
          if (!choice.wants(tenant)) continue;
          tenants.push(tenant);
          const reason = client.tenants.whyNot(entry);
          if (reason !== null) {
            aside.push({ tenant, reason });
            continue;
          }
          const reached = { ...tenant, apiHost: entry.apiHost ?? null };
          known.add({ account, client, entry, tenant: reached, reason, isConfigured: true });
          for (const each of plan.streams) feeds.push(feedOf(each, reached, client, world));
        }
      }
      known.listed(account.name);
      return { tenants, feeds, aside };
    },
  };
}

function feedOf({ kind, options, everyMs }: StreamPlan, tenant: Tenant & { readonly apiHost: string | null }, client: SophosCentral, world: World): Feed {
  return { stream: kind.open(options, tenant, client, world, everyMs), everyMs };
}

/** Opens every route with a sink of its own: marks and back-pressure are a route's. */
export async function openRoutes(plan: Plan, world: World, names: TenantNames): Promise<Route[]> {
  const routes: Route[] = [];
  try {
    for (const { name, from, sink: sinkName, format, where, everyMs, start } of plan.routes) {
      const sinkPlan = plan.sinks.get(sinkName);
      if (!sinkPlan)
        throw new Failure('config', 'config.unknown-sink', `Route \`${name}\` goes to the sink \`${sinkName}\`, which is not configured`, {
          advice: 'Add it under `sinks`, or correct `to`.',
        });
      const open = (options: unknown) => sinkPlan.kind.open(options, world, { name: sinkName, folder: plan.folder, names });
      const renew = plan.renew.sink(sinkName);
      const sink = renew
        ? await openRenewedSink({ open, options: sinkPlan.options, renew: told(renew, { sink: sinkName }, world), clock: world.clock })
        : await open(sinkPlan.options);
      routes.push({
        name,
        sinkName,
        streams: from,
        format: format.kind.open(format.options),
        sink,
        start,
        ...(where ? { where: (record, origin) => where.test(record, origin) } : {}),
        ...(everyMs === undefined ? {} : { everyMs }),
      });
    }
    return routes;
  } catch (error) {
    await closeRoutes(routes);
    throw error;
  }
}

export async function closeRoutes(routes: readonly Route[]): Promise<void> {
  await Promise.all(routes.map(({ sink }) => sink.close()));
}

/** Opens the journal as the one that runs. */
export async function openOwnStore(plan: Plan, world: World, command: string): Promise<Store> {
  const { openStore } = await import('../journal/index.ts');
  return await openStore(plan.statePath, { mode: 'own', holder: command, clock: world.clock, report: world.report });
}

export function journalLimits(plan: Plan): JournalLimits {
  return {
    ...plan.journal,
    async freeBytes() {
      try {
        const { bavail, bsize } = await statfs(plan.statePath);
        return bavail * bsize;
      } catch (error) {
        // Some file systems do not tell; `maxSize` still holds.
        if (error instanceof Error) return null;
        throw error;
      }
    },
  };
}

/** The checkpoint from which a stream of that kind reads again. */
export async function openRestart(): Promise<(kind: string, since: Millis) => Checkpoint> {
  const { streams } = await import('../streams/index.ts');
  return (name, since) => {
    const kind = streams.find((each) => each.name === name);
    if (!kind)
      throw new Failure('config', 'config.unknown-stream', `There is no stream \`${name}\``, {
        advice: 'See `sophos-central get --help` for those there are.',
      });
    return kind.restart(since);
  };
}
