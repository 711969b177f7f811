/** The alerts that were polled, as positions of our own stream: one for each tenant. */
import type { Adopted } from '../../../core/store.ts';
import type { Millis, Tenant } from '../../../core/types.ts';
import { alertsAdopted } from '../../../streams/alert-window.ts';
import { plural } from '../../output/progress.ts';
import type { Finding } from '../takeover.ts';
import type { LeftAlert } from './left-over.ts';
import type { Polling, SentAlert } from './polling.ts';

export interface Positions {
  readonly streams: readonly Adopted[];
  readonly findings: readonly Finding[];
}

/** Alerts without a tenant are known to every tenant, up to so many in all: a checkpoint is kept for each. */
const mostShared = 500_000;

/**
 * Shape    `tenants` are those of the account; offline those that are named in the lists.
 *          `leftOver` become dead letters: whoever retries them sends them, so the stream must not.
 */
export function positionsOf(polling: Polling, tenants: readonly Tenant[], leftOver: readonly LeftAlert[]): Positions {
  const { since, readUpTo } = polling;
  const owned = new Map<string, Known[]>(tenants.map(({ id }) => [id, []]));
  const shared: Known[] = [];
  let strange = 0;
  const add = (id: string, { raisedAt, tenantId }: SentAlert) => {
    if (tenantId === null) shared.push({ id, raisedAt });
    else {
      const mine = owned.get(tenantId);
      if (mine) mine.push({ id, raisedAt });
      else strange++;
    }
  };
  for (const [id, alert] of polling.sent) add(id, alert);
  for (const { id, raisedAt, tenant } of leftOver) add(id, { raisedAt, tenantId: tenant.id });
  const isShared = shared.length * tenants.length <= mostShared;
  const streams = tenants.map((tenant): Adopted => {
    const known = [...(owned.get(tenant.id) ?? []), ...(isShared ? shared : [])];
    const origin = { stream: 'alerts', tenant: { id: tenant.id, name: tenant.name, labels: {} } };
    return { id: `${tenant.id}/alerts`, origin, checkpoint: alertsAdopted({ since, readUpTo, known }), readUpTo, delivered: [] };
  });
  return { streams, findings: findingsOf(polling, { strange, unshared: isShared ? 0 : shared.length }) };
}

interface Known {
  readonly id: string;
  readonly raisedAt: Millis;
}

function findingsOf(polling: Polling, { strange, unshared }: { readonly strange: number; readonly unshared: number }): Finding[] {
  const { sent, since, undated, odd, isBrokenOff } = polling;
  const findings: Finding[] = [
    {
      outcome: 'taken',
      what: 'polling/alert_ids.json, temp_alert_ids.json',
      how: `${plural(sent.size, 'alert')} that Splunk has: none of them is sent again.`,
    },
    { outcome: 'taken', what: 'polling/poll_config.json', how: `Alerts raised since ${new Date(since).toISOString()} that are in neither list are sent.` },
  ];
  if (isBrokenOff)
    findings.push({
      outcome: 'changed',
      what: 'polling/poll_config.json first_loop',
      how: 'The last run did not come to its end, or is under way: stop it, and import again. What it has sent is in the lists; what it was sending when it died may be sent again.',
    });
  if (undated > 0)
    findings.push({
      outcome: 'changed',
      what: 'polling: raised_at',
      how: `${plural(undated, 'item')} without a readable time: remembered as if raised when the last run ended.`,
    });
  if (odd > 0) findings.push({ outcome: 'left', what: 'polling: lists of ids', how: `${plural(odd, 'item')} that are no alert.` });
  if (strange > 0)
    findings.push({ outcome: 'left', what: 'polling: tenant_id', how: `${plural(strange, 'alert')} of tenants that this credential does not see (any more).` });
  if (unshared > 0)
    findings.push({
      outcome: 'left',
      what: 'polling: tenant_id',
      how: `${plural(unshared, 'alert')} without a tenant, too many to be remembered for every one: they may be sent again.`,
    });
  return findings;
}
