import type { ServerResponse } from 'node:http';
import { addRecords, tenantIn } from './additions.ts';
import type { Call } from './call.ts';
import { revokeAll } from './central.ts';
import { changeAlerts, changeCollection, holdingLines } from './changes.ts';
import type { SimulatedTenant } from './estate.ts';
import { json, type Reply } from './reply.ts';
import { rotateCredential, rotateHecToken } from './rotation.ts';
import { changeSettings } from './settings.ts';
import type { Simulation } from './state.ts';
import { truthLines } from './truth.ts';
import { BadWish, listIn, numberIn, objectIn, onlyKeys, textIn, type Wish } from './wishes.ts';

type Answer = Reply | ((res: ServerResponse) => Promise<void>);
type Handler = (sim: Simulation, call: Call) => Answer;

/** The control plane: one line for each method and path. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  'GET /_sim/stats': (sim) => json(200, sim.stats),
  'POST /_sim/stats/reset': (sim) => {
    sim.stats.reset();
    return done();
  },
  'GET /_sim/truth': truth,
  'POST /_sim/events': (sim, call) => json(200, addRecords(sim, wishOf(call))),
  'POST /_sim/alerts': (sim, call) => json(200, changeAlerts(sim, wishOf(call))),
  'POST /_sim/collection': (sim, call) => json(200, changeCollection(sim, wishOf(call))),
  'GET /_sim/requests': (sim, call) => ndjson(sim.requests.lines(call.query.get('changes') === 'true')),
  'DELETE /_sim/requests': (sim) => {
    sim.requests.clear();
    return done();
  },
  'GET /_sim/faults': (sim) => json(200, sim.faults),
  'POST /_sim/faults': (sim, call) => {
    sim.faults.plan(wishOf(call));
    return json(200, sim.faults);
  },
  'DELETE /_sim/faults': (sim) => {
    sim.faults.clear();
    return done();
  },
  'GET /_sim/clock': (sim) => json(200, { now: sim.clock.now() }),
  'POST /_sim/clock': clock,
  'GET /_sim/settings': (sim) => json(200, sim.settings),
  'POST /_sim/settings': settings,
  'GET /_sim/tenants': (sim) => json(200, { items: sim.estate.list().map(shown) }),
  'POST /_sim/tenants': tenants,
  'POST /_sim/tokens/revoke': (sim) => {
    revokeAll(sim);
    return done();
  },
  'GET /_sim/tokens': (sim) => json(200, { given: sim.identity.given }),
  'POST /_sim/credential': (sim, call) => {
    rotateCredential(sim, wishOf(call));
    return done();
  },
  'GET /_sim/intelix': (sim) => json(200, sim.intelix),
  'POST /_sim/intelix': (sim, call) => {
    sim.intelix.settings.change(wishOf(call));
    return json(200, sim.intelix);
  },
  'DELETE /_sim/intelix': (sim) => {
    sim.intelix.clear();
    return done();
  },
  'GET /_sim/hec': hec,
  'DELETE /_sim/hec': (sim) => {
    sim.hec.clear();
    return done();
  },
  'POST /_sim/hec/restart': (sim) => {
    sim.hec.forgetAcks();
    return done();
  },
  'POST /_sim/hec/token': (sim, call) => {
    rotateHecToken(sim, wishOf(call));
    return done();
  },
  'GET /_sim/hec/faults': (sim) => json(200, sim.hec.faults),
  'POST /_sim/hec/faults': (sim, call) => {
    sim.hec.faults.plan(wishOf(call));
    return json(200, sim.hec.faults);
  },
  'DELETE /_sim/hec/faults': (sim) => {
    sim.hec.faults.clear();
    return done();
  },
};

/** Answers a control request; a wish that makes no sense is a 400 that says why. */
export function control(sim: Simulation, call: Call): Answer {
  const handler = HANDLERS[`${call.method} ${call.path}`];
  if (handler === undefined) return json(404, { error: `no such control; there are ${Object.keys(HANDLERS).join(', ')}` });
  try {
    return handler(sim, call);
  } catch (error) {
    if (error instanceof BadWish || error instanceof SyntaxError) return json(400, { error: error.message });
    throw error;
  }
}

function done(): Reply {
  return json(200, { ok: true });
}

function wishOf(call: Call): Wish {
  return objectIn(call.body.length === 0 ? {} : JSON.parse(call.body.toString('utf8')), 'the body');
}

function ndjson(lines: Iterable<Buffer>): Answer {
  return async (res) => {
    res.setHeader('content-type', 'application/x-ndjson');
    for (const chunk of lines) {
      if (res.destroyed) return;
      if (!res.write(chunk)) await new Promise<void>((resolve) => afterWrite(res, resolve));
    }
    res.end();
  };
}

/** Calls back once, when there is room again or nobody left to read. */
function afterWrite(res: ServerResponse, resolve: () => void): void {
  const go = () => {
    res.off('drain', go);
    res.off('close', go);
    resolve();
  };
  res.on('drain', go);
  res.on('close', go);
}

function truth(sim: Simulation, call: Call): Answer {
  const ref = call.query.get('tenant');
  const stream = call.query.get('stream');
  const gone = ref === null ? undefined : sim.estate.everyone().find((known) => known.id === ref);
  const tenant = ref === null || ref === '' ? null : (gone ?? tenantIn(sim, ref));
  const idsOnly = call.query.get('fields') === 'ids';
  const name = stream === '' ? null : stream;
  if (name !== null && name !== 'events' && name !== 'siem-alerts') return ndjson(held(sim, tenant, name, idsOnly));
  return ndjson(truthLines(sim, { tenant, stream: name, idsOnly }));
}

/** Whether there is such a kind is found out before the first line. */
function held(sim: Simulation, tenant: SimulatedTenant | null, name: string, idsOnly: boolean): readonly Buffer[] {
  return [...holdingLines(sim, tenant === null ? sim.estate.everyone() : [tenant], name, idsOnly)];
}

function clock(sim: Simulation, call: Call): Answer {
  const wish = wishOf(call);
  onlyKeys(wish, ['advanceMs', 'set']);
  const advanceMs = numberIn(wish, 'advanceMs');
  if (advanceMs !== undefined) sim.clock.advance(advanceMs);
  if (wish.set !== undefined) {
    const instant = typeof wish.set === 'string' ? Date.parse(wish.set) : numberIn(wish, 'set');
    if (instant === undefined || Number.isNaN(instant)) throw new BadWish('`set` is an instant: ISO 8601, or ms since 1970');
    sim.clock.set(instant);
  }
  return json(200, { now: sim.clock.now() });
}

function settings(sim: Simulation, call: Call): Answer {
  const wrong = changeSettings(sim.settings, wishOf(call));
  if (wrong !== null) throw new BadWish(wrong);
  if ('rateLimits' in wishOf(call)) sim.limits.clear();
  return json(200, sim.settings);
}

function hec(sim: Simulation, call: Call): Answer {
  const list = call.query.get('list');
  if (list === null) return json(200, sim.hec.summary());
  if (list === 'ids') return ndjson(sim.hec.ids());
  if (list === 'events') return ndjson(sim.hec.events());
  throw new BadWish('`list` is `ids` or `events`');
}

/** `{add: [{name, events?, alerts?}], remove: [ref], update: [{tenant, name?, status?, billingType?, apiHost?}]}` */
function tenants(sim: Simulation, call: Call): Answer {
  const wish = wishOf(call);
  onlyKeys(wish, ['add', 'remove', 'update']);
  const added = (listIn(wish, 'add') ?? []).map((value) => {
    const one = objectIn(value, 'an entry of `add`');
    onlyKeys(one, ['name', 'events', 'alerts']);
    return sim.estate.add(textIn(one, 'name') ?? 'New tenant', numberIn(one, 'events') ?? 0, numberIn(one, 'alerts') ?? 0);
  });
  for (const ref of listIn(wish, 'remove') ?? []) sim.estate.remove(tenantIn(sim, ref));
  for (const value of listIn(wish, 'update') ?? []) {
    const one = objectIn(value, 'an entry of `update`');
    onlyKeys(one, ['tenant', 'name', 'status', 'billingType', 'apiHost']);
    const tenant = tenantIn(sim, one.tenant);
    tenant.name = textIn(one, 'name') ?? tenant.name;
    tenant.status = textIn(one, 'status') ?? tenant.status;
    tenant.billingType = textIn(one, 'billingType') ?? tenant.billingType;
    if (one.apiHost === null) tenant.apiHost = null;
    else if (one.apiHost === '') delete tenant.apiHost;
    else if (one.apiHost !== undefined) tenant.apiHost = textIn(one, 'apiHost') ?? null;
  }
  return json(200, { added: added.map(shown), items: sim.estate.list().map(shown) });
}

function shown(tenant: SimulatedTenant): unknown {
  const { id, name, status, billingType, apiHost } = tenant;
  return { id, name, status, billingType, ...(apiHost === undefined ? {} : { apiHost }) };
}
