import { type Call, headerOf, parameterOf } from './call.ts';
import type { SimulatedTenant } from './estate.ts';
import { json, type Reply } from './reply.ts';
import type { Simulation } from './state.ts';

const MAX_PAGE_SIZE = 100;
const USUAL_PAGE_SIZE = 50;

/** `GET /whoami/v1`. */
export function whoami(sim: Simulation, { origin }: Call): Reply {
  const own = origin ?? sim.url;
  const shown = sim.settings.whoamiExample ? `${own.replace(/^https:/, 'http:')}/` : own;
  const hosts = sim.setup.account === 'tenant' ? { global: shown, dataRegion: sim.faults.hostileHost ?? shown } : { global: shown };
  return json(200, { id: sim.accountId, idType: sim.setup.account, apiHosts: hosts });
}

/** `GET /partner/v1/tenants[/id]` and `GET /organization/v1/tenants[/id]`. */
export function tenantRoutes(sim: Simulation, call: Call, kind: 'partner' | 'organization', id: string | undefined): Reply {
  const given = headerOf(call, `x-${kind}-id`)?.toLowerCase();
  if (given === undefined) return sim.forms.phrase(401);
  if (sim.setup.account !== kind || given !== sim.accountId) return sim.forms.phrase(403);
  const own = call.origin ?? sim.url;
  if (id === undefined) return list(sim, call.query, kind, own);
  const tenant = sim.estate.byId(id.toLowerCase());
  return tenant === undefined ? sim.forms.short(404) : json(200, { ...shape(sim, tenant, kind, own), showAs: tenant.name });
}

function list(sim: Simulation, query: URLSearchParams, kind: 'partner' | 'organization', own: string): Reply {
  const current = positive(parameterOf(query, 'page') ?? '1');
  let size = positive(parameterOf(query, 'pageSize') ?? String(USUAL_PAGE_SIZE));
  // A client in Python may write `True`.
  const totals = parameterOf(query, 'pageTotal')?.toLowerCase() ?? 'false';
  if (current === null || size === null || !['true', 'false'].includes(totals)) return sim.forms.short(400);
  if (size > MAX_PAGE_SIZE) {
    if (sim.settings.pageSizeTooLarge === 'reject') return sim.forms.short(400, `pageSize must be at most ${MAX_PAGE_SIZE}`);
    size = MAX_PAGE_SIZE;
  }
  const all = sim.estate.list();
  const fields = kind === 'partner' ? parameterOf(query, 'fields')?.split(',') : undefined;
  const items = all.slice((current - 1) * size, current * size).map((tenant) => chosen(shape(sim, tenant, kind, own), fields));
  const counted = totals === 'true' ? { total: Math.ceil(all.length / size), items: all.length } : {};
  return json(200, { items, pages: { current, size, ...counted, maxSize: MAX_PAGE_SIZE } });
}

function shape(sim: Simulation, tenant: SimulatedTenant, kind: 'partner' | 'organization', own: string): Readonly<Record<string, unknown>> {
  const host = tenant.apiHost === undefined ? (sim.faults.hostileHost ?? own) : tenant.apiHost;
  return {
    id: tenant.id,
    name: tenant.name,
    dataGeography: tenant.geography,
    ...(host === null ? {} : { dataRegion: tenant.region }),
    billingType: tenant.billingType,
    [kind]: { id: sim.accountId },
    ...(host === null ? {} : { apiHost: host }),
    status: tenant.status,
  };
}

function chosen(item: Readonly<Record<string, unknown>>, fields: readonly string[] | undefined): unknown {
  return fields === undefined ? item : Object.fromEntries(Object.entries(item).filter(([key]) => fields.includes(key)));
}

function positive(text: string): number | null {
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
