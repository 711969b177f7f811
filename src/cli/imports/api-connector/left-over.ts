/**
 * logs/failed_events.json: what Splunk would not have.
 *
 * The tool means to keep a map of events there, and its released code fails before it writes any; people and later releases do. So whatever can hold an
 * alert is taken: the alert itself, the envelope that was sent (`{"event": alert}`), either of them as text, in a list or in a map by any key.
 */
import { join } from 'node:path';
import type { Item, Millis, Tenant } from '../../../core/types.ts';
import { plural } from '../../output/progress.ts';
import type { Finding, LeftOver } from '../takeover.ts';
import { isMap, readJson, textIn } from './folder.ts';
import { instantOf, type SentAlert } from './polling.ts';

/** An alert that was not delivered, with its whole text. */
export interface LeftAlert {
  readonly id: string;
  readonly raisedAt: Millis;
  readonly tenant: Tenant;
  readonly json: string;
}

export interface FailedEvents {
  readonly alerts: readonly LeftAlert[];
  readonly findings: readonly Finding[];
}

const what = 'logs/failed_events.json';
const nothing: FailedEvents = { alerts: [], findings: [] };

/** `sent` is what Splunk took in the end. Throws config `import.unreadable`. */
export async function readFailedEvents(folder: string, tenants: readonly Tenant[], sent: ReadonlyMap<string, SentAlert>, now: Millis): Promise<FailedEvents> {
  const held = await readJson(join(folder, 'logs', 'failed_events.json'));
  const entries: readonly unknown[] = Array.isArray(held) ? held : isMap(held) ? Object.values(held) : [];
  if (entries.length === 0) return nothing;
  const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
  const alerts = new Map<string, LeftAlert>();
  const counts = { sent: 0, bare: 0, strange: 0 };
  for (const entry of entries) {
    const alert = alertIn(entry);
    const id = textIn(alert, 'id') ?? '';
    // Without more than an id there is nothing that could be sent: the stream brings it again, if Central still lists it.
    if (alert === null || id === '' || id.length > 1000 || Object.keys(alert).length < 3) {
      counts.bare++;
      continue;
    }
    if (sent.has(id)) {
      counts.sent++;
      continue;
    }
    const owner = textIn(Object.hasOwn(alert, 'tenant') ? alert.tenant : null, 'id');
    const tenant = owner === undefined ? (tenants.length === 1 ? tenants[0] : undefined) : byId.get(owner);
    const json = textOf(alert);
    if (json === null) counts.bare++;
    else if (tenant === undefined) counts.strange++;
    else alerts.set(id, { id, raisedAt: instantOf(textIn(alert, 'raisedAt')) ?? now, tenant, json });
  }
  return { alerts: [...alerts.values()], findings: findingsOf(alerts.size, counts) };
}

function alertIn(entry: unknown): Readonly<Record<string, unknown>> | null {
  const value = typeof entry === 'string' ? parsed(entry) : entry;
  if (!isMap(value)) return null;
  const event = Object.hasOwn(value, 'event') ? value.event : undefined;
  const inner = typeof event === 'string' ? parsed(event) : event;
  return isMap(inner) ? inner : value;
}

/** `null` for what is nested deeper than can be written again: no alert is. */
function textOf(alert: object): string | null {
  try {
    return JSON.stringify(alert);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text that is no JSON holds no alert, and is counted as such.
    return null;
  }
}

function findingsOf(taken: number, { sent, bare, strange }: { readonly sent: number; readonly bare: number; readonly strange: number }): Finding[] {
  const findings: Finding[] = [];
  if (taken > 0)
    findings.push({
      outcome: 'taken',
      what,
      how: `${plural(taken, 'alert')} that could not be sent: dead letters now. \`sophos-central dead-letter retry\` sends them.`,
    });
  if (sent > 0) findings.push({ outcome: 'left', what, how: `${plural(sent, 'alert')} that Splunk took later, as the lists of ids say.` });
  if (bare > 0) findings.push({ outcome: 'left', what, how: `${plural(bare, 'item')} without the text of an alert. What Central still lists is read again.` });
  if (strange > 0) findings.push({ outcome: 'left', what, how: `${plural(strange, 'alert')} of tenants that this credential does not see (any more).` });
  return findings;
}

/** By tenant, for the route that takes them. */
export function leftOverOf(alerts: readonly LeftAlert[], route: string): LeftOver[] {
  const byTenant = new Map<string, { readonly tenant: Tenant; readonly items: Item[] }>();
  for (const { id, raisedAt, tenant, json } of alerts) {
    const mine = byTenant.get(tenant.id) ?? { tenant, items: [] };
    mine.items.push({ key: id, time: raisedAt, json });
    byTenant.set(tenant.id, mine);
  }
  const reason = 'sophos-central-api-connector could not send it to Splunk';
  return [...byTenant.values()].map(({ tenant, items }) => ({
    origin: { stream: 'alerts', tenant: { id: tenant.id, name: tenant.name, labels: {} } },
    route,
    reason,
    items,
  }));
}
