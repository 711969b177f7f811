/** What can be done to an endpoint, each as a change. */
import type { Endpoint } from '../../clients/central/shapes/endpoints.ts';
import { CentralError } from '../../core/failure.ts';
import type { Json } from '../../core/types.ts';
import type { Target } from '../accounts.ts';
import type { Change, Effect, Intent, LeftOut, Together } from './change.ts';
import { type ChosenEndpoints, endpointObject, isIsolated, isTrue, missingEndpoints } from './endpoints.ts';
import { someOf } from './items.ts';
import { callsOf } from './scope.ts';

/** A change for this endpoint, or why there is none. */
type Maker = (target: Target, endpoint: Endpoint) => Change | string;

/** An intent for everything that was chosen. */
export function endpointIntent(chosen: ChosenEndpoints, action: string, make: Maker): Intent {
  const changes: Change[] = [];
  const leftOut: LeftOut[] = [];
  for (const { target, value } of chosen.found) {
    for (const endpoint of value) {
      const made = make(target, endpoint);
      if (typeof made === 'string') leftOut.push({ tenant: target.tenant, action, object: endpointObject(endpoint), reason: made, isFailure: false });
      else changes.push(made);
    }
  }
  return { changes, leftOut: [...leftOut, ...missingEndpoints(chosen, action)], unread: chosen.unread };
}

const requestedFields = ['id', 'status', 'requestedAt'];

/** Starts a scan. Whether one was asked for cannot be seen afterwards. */
export function scanOf(target: Target, endpoint: Endpoint): Change {
  return {
    ...about(target, endpoint, 'scan'),
    perform: async (signal) => someOf(await callsOf(target).endpoints.scan(endpoint.id, { signal }), requestedFields),
  };
}

/** Has an endpoint look for updates. */
export function updateOf(target: Target, endpoint: Endpoint): Change {
  return {
    ...about(target, endpoint, 'update'),
    perform: async (signal) => someOf(await callsOf(target).endpoints.checkForUpdates(endpoint.id, { signal }), requestedFields),
  };
}

/** Takes an endpoint out of Central. One that is gone is deleted already. */
export function deletionOf(target: Target, endpoint: Endpoint): Change {
  const { endpoints } = callsOf(target);
  return {
    ...about(target, endpoint, 'delete'),
    detail: { ...(someOf(endpoint, ['hostname', 'type', 'serialNumber', 'lastSeenAt']) as { readonly [name: string]: Json }) },
    async perform(signal) {
      try {
        return someOf(await endpoints.delete(endpoint.id, { signal }), ['deleted']);
      } catch (error) {
        if (isGone(error)) return { already: 'it is gone' };
        throw error;
      }
    },
    async look(signal) {
      try {
        await endpoints.get(endpoint.id, { view: 'basic', signal });
        return 'not seen';
      } catch (error) {
        if (isGone(error)) return 'seen';
        throw error;
      }
    },
  };
}

export interface IsolationWish {
  readonly enabled: boolean;
  readonly comment: string | undefined;
}

/** So many endpoints go into one request for isolation. */
const isolatedAtOnce = 50;

/** Cuts endpoints off the network, or lets them back; those of one tenant go together. */
export function isolationMaker({ enabled, comment }: IsolationWish): Maker {
  const action = enabled ? 'isolate' : 'deisolate';
  const together = new Map<Target, Together>();
  return (target, endpoint) => {
    if (isIsolated(endpoint) === enabled) return enabled ? 'it is isolated already' : 'it is not isolated';
    const bulk = together.get(target) ?? bulkIsolation(target, enabled, comment);
    together.set(target, bulk);
    return {
      ...about(target, endpoint, action),
      detail: { enabled, ...(comment === undefined ? {} : { comment }) },
      together: bulk,
      perform: async () => Promise.reject(new Error('isolation goes together')),
      look: async (signal) => effect((await callsOf(target).endpoints.isolation(endpoint.id, { signal })).enabled === enabled),
    };
  };
}

function bulkIsolation(target: Target, enabled: boolean, comment: string | undefined): Together {
  return {
    atMost: isolatedAtOnce,
    async perform(changes, signal) {
      const ids = changes.map(({ object }) => object.id);
      const answer = await callsOf(target).endpoints.isolate({ enabled, ids, ...(comment === undefined ? {} : { comment }) }, { signal });
      const named = (answer?.items ?? []).flatMap((each) => (typeof each?.id === 'string' ? [each.id.toLowerCase()] : []));
      // Central has accepted the request; the example of the answer names nobody.
      const taken = named.length === 0 ? ids : ids.filter((id) => named.includes(id.toLowerCase()));
      return new Map(taken.map((id) => [id, { status: 'requested' }]));
    },
  };
}

export interface TamperWish {
  readonly enabled: boolean | null;
  readonly regenerate: boolean;
}

/** Turns tamper protection on or off, or makes a new password. The password in the answer goes nowhere. */
export function tamperMaker({ enabled, regenerate }: TamperWish): Maker {
  const action = enabled === null ? 'tamper regenerate' : `tamper ${enabled ? 'on' : 'off'}`;
  return (target, endpoint) => {
    const { endpoints } = callsOf(target);
    if (!regenerate && isTrue(endpoint.tamperProtectionEnabled) === enabled && endpoint.tamperProtectionEnabled !== undefined)
      return `tamper protection is ${enabled ? 'on' : 'off'} already`;
    const body = { ...(enabled === null ? {} : { enabled }), ...(regenerate ? { regeneratePassword: true } : {}) };
    return {
      ...about(target, endpoint, action),
      present: isTrue(endpoint.tamperProtectionEnabled) ? 'on' : 'off',
      detail: body,
      perform: async (signal) => someOf(await endpoints.setTamperProtection(endpoint.id, body, { signal }), ['enabled']),
      // A password that was made cannot be told from the one before.
      ...(regenerate ? {} : { look: async (signal) => effect(isTrue((await endpoints.tamperProtection(endpoint.id, { signal })).enabled) === enabled) }),
    };
  };
}

function about(target: Target, endpoint: Endpoint, action: string) {
  const health = endpoint.health?.overall;
  const isolated = isIsolated(endpoint) === true ? 'isolated' : '';
  return { target, action, object: endpointObject(endpoint), present: [health, isolated].filter((each) => typeof each === 'string' && each !== '').join(', ') };
}

function effect(isSeen: boolean): Effect {
  return isSeen ? 'seen' : 'not seen';
}

function isGone(error: unknown): boolean {
  return error instanceof CentralError && error.status === 404;
}
