import { type Call, headerOf } from './call.ts';
import type { SimulatedTenant } from './estate.ts';
import type { Reply } from './reply.ts';
import type { Scope } from './routes/route.ts';
import type { Simulation } from './state.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The tenant that a call is about, or why it may not be asked. Of an account's own calls it is the first, of no meaning. */
export function tenantIn(sim: Simulation, call: Call, scope: Scope): SimulatedTenant | Reply {
  if (scope === 'partner' || scope === 'organization') return ownerIn(sim, call, scope);
  if (scope === 'any' && headerOf(call, 'x-tenant-id') === undefined) return ownerIn(sim, call, 'partner');
  const id = headerOf(call, 'x-tenant-id')?.toLowerCase();
  if (id === undefined) return sim.forms.phrase(sim.settings.missingTenantId);
  if (!UUID.test(id)) return sim.forms.short(400);
  const tenant = sim.estate.byId(id);
  const own = sim.setup.account !== 'tenant' || id === sim.accountId;
  if (tenant === undefined || !own) return sim.settings.unknownTenant === 404 ? sim.forms.short(404) : sim.forms.phrase(403);
  return sim.faults.forbids(tenant, sim.forms) ?? tenant;
}

function ownerIn(sim: Simulation, call: Call, kind: 'partner' | 'organization'): SimulatedTenant | Reply {
  const given = headerOf(call, `x-${kind}-id`)?.toLowerCase();
  if (given === undefined) return sim.forms.phrase(401);
  if (sim.setup.account !== kind || given !== sim.accountId) return sim.forms.phrase(403);
  return sim.estate.list()[0] ?? sim.forms.phrase(403);
}
