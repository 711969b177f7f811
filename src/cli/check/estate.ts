/** What `check` counts in one tenant's estate. */
import type { Endpoint } from '../../clients/central/shapes/endpoints.ts';
import type { Millis, Origin, StreamRecord } from '../../core/types.ts';
import type { Target } from '../accounts.ts';

/** What is looked at, and what is left out. */
export interface EstateWishes {
  readonly what: ReadonlySet<string>;
  readonly since: Millis | null;
  readonly notSeenMs: Millis;
  readonly where: ((record: StreamRecord, origin: Origin) => boolean) | null;
  /** Matches the text of an alert, or a hostname, that does not count. */
  readonly excludesAlert: (text: string) => boolean;
  readonly excludesEndpoint: (hostname: string) => boolean;
}

/** A line for people. */
export interface Detail {
  /** Only the first lines are shown: these come before the others. */
  readonly isUrgent: boolean;
  readonly text: string;
}

/** Counts by the name of their figure, and lines for people. */
export interface Count {
  readonly figures: Map<string, number>;
  readonly details: Detail[];
}

export const alertFigures = ['alerts_critical', 'alerts_high', 'alerts_medium', 'alerts_low', 'alerts_total'] as const;
export const endpointFigures = ['endpoints_bad', 'endpoints_suspicious', 'endpoints_unknown', 'tamper_off', 'not_seen', 'endpoints_total'] as const;

/** Counts open alerts and endpoints of a tenant. Throws what its calls throw. */
export async function countEstate({ client, tenant }: Target, wishes: EstateWishes, now: Millis, signal: AbortSignal): Promise<Count> {
  const count: Count = { figures: new Map(), details: [] };
  const calls = client.forTenant(tenant);
  const wants = (item: object, stream: string) => wishes.where === null || wishes.where(recordOf(item, now), { stream, tenant });
  if (wishes.what.has('alerts')) {
    const from = wishes.since === null ? {} : { from: new Date(wishes.since) };
    for await (const alert of calls.alerts.list({ ...from, signal })) {
      if (wishes.excludesAlert(`${alert.type ?? ''} ${alert.description ?? ''}`) || !wants(alert, 'alerts')) continue;
      const severity = String(alert.severity ?? '').toLowerCase();
      add(count, 'alerts_total');
      add(count, `alerts_${severity}`);
      if (severity !== 'low' && severity !== 'none')
        count.details.push({ isUrgent: severity !== 'medium', text: `${tenant.name}: ${severity} alert: ${alert.description ?? alert.type ?? alert.id}` });
    }
  }
  if (wishes.what.has('endpoints')) {
    for await (const endpoint of calls.endpoints.list({ view: 'full', signal })) {
      if (wishes.excludesEndpoint(endpoint.hostname ?? '') || !wants(endpoint, 'endpoints')) continue;
      countEndpoint(count, endpoint, tenant.name, now - wishes.notSeenMs);
    }
  }
  return count;
}

function countEndpoint(count: Count, endpoint: Endpoint, tenant: string, seenAfter: Millis): void {
  const health = String(endpoint.health?.overall ?? 'unknown').toLowerCase();
  const trouble: string[] = [];
  add(count, 'endpoints_total');
  add(count, `endpoints_${health}`);
  if (health !== 'good') trouble.push(`health ${health}`);
  if (isNo(endpoint.tamperProtectionEnabled) && !isNo(endpoint.tamperProtectionSupported)) {
    add(count, 'tamper_off');
    trouble.push('tamper protection off');
  }
  const seenAt = endpoint.lastSeenAt ? Date.parse(withZone(endpoint.lastSeenAt)) : Number.NaN;
  if (seenAt < seenAfter) {
    add(count, 'not_seen');
    trouble.push(`not seen since ${new Date(seenAt).toISOString().slice(0, 10)}`);
  }
  if (trouble.length > 0) count.details.push({ isUrgent: health === 'bad', text: `${tenant}: ${endpoint.hostname ?? endpoint.id}: ${trouble.join(', ')}` });
}

function add({ figures }: Count, name: string): void {
  figures.set(name, (figures.get(name) ?? 0) + 1);
}

/** Some replies spell truth as text (reference, 6.2). */
function isNo(value: unknown): boolean {
  return value === false || (typeof value === 'string' && value.toLowerCase() === 'false');
}

/** A time without a zone is UTC (reference, 0.4). */
function withZone(text: string): string {
  return /(Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`;
}

/** An item as filters see records. */
function recordOf(item: object, now: Millis): StreamRecord {
  const json = JSON.stringify(item);
  const key = 'id' in item && typeof item.id === 'string' ? item.id : '';
  return { key, time: now, json, seq: 0, fetchedAt: now, utf8: Buffer.from(json) };
}
