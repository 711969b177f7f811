/** Finding alerts, and acting on them. */
import type { TenantCalls } from '../../clients/central/client.ts';
import type { Alert, AlertAction, AlertQuery } from '../../clients/central/shapes/alerts.ts';
import { CentralError } from '../../core/failure.ts';
import { compileGlob } from '../../core/glob.ts';
import type { Json, Origin } from '../../core/types.ts';
import type { Target } from '../accounts.ts';
import type { CommandContext, Parser } from '../command.ts';
import { parseRange, type TimeOptions } from '../instant.ts';
import type { Change, Intent, LeftOut } from './change.ts';
import { type ItemFilter, idsIn, inChunks, itemFilter, someOf, wordOf, words, wordsAmong } from './items.ts';
import { callsOf, fromEach, type ReadFromEach, type Scope } from './scope.ts';

export interface AlertFilterOptions extends TimeOptions {
  readonly severity?: readonly string[];
  readonly product?: readonly string[];
  readonly category?: readonly string[];
  readonly type?: readonly string[];
  readonly groupKey?: string;
  readonly where?: string;
}

/** Declares how alerts are chosen by what they are. */
export function declareAlertFilter(parser: Parser): Parser {
  return parser
    .option('--severity <a,b>', 'low, medium or high', words)
    .option('--product <a,b>', 'such as endpoint, server or firewall', words)
    .option('--category <a,b>', 'such as malware or policy', words)
    .option('--type <glob>', 'such as "Event::Endpoint::Threat::*" (repeatable)', words)
    .option('--group-key <key>', 'alerts of one kind, as `groupKey` names it')
    .option('--where <expression>', 'only alerts for which this filter is true')
    .option('--days <n>', 'raised in the last n days, 1 to 90')
    .option('--since <time>', 'raised from then on: 2026-01-31T12:00:00Z, Unix seconds, or how long ago: 12h, 7d')
    .option('--until <time>', 'raised before then');
}

/** Is any of those options given? */
export function isFiltered(options: AlertFilterOptions): boolean {
  const { severity, product, category, type, groupKey, where, days, since, until } = options;
  return [severity, product, category, type, groupKey, where, days, since, until].some((each) => each !== undefined);
}

/** What is asked of Central, and what is looked at here. */
export interface AlertSearch {
  readonly query: AlertQuery;
  readonly wants: (alert: Alert, origin: Origin) => boolean;
}

const severities = ['low', 'medium', 'high'] as const;

/** Throws config for a wrong time or filter. */
export async function alertSearch(context: CommandContext, options: AlertFilterOptions): Promise<AlertSearch> {
  const { severity, product, category, groupKey, type } = options;
  const { since, until } = parseRange(options, context.world.clock.now());
  const where: ItemFilter = await itemFilter(options.where);
  const types = type?.map(compileGlob);
  return {
    query: {
      ...(severity === undefined ? {} : { severity: wordsAmong('--severity', severity, severities) }),
      ...(product === undefined ? {} : { product }),
      ...(category === undefined ? {} : { category }),
      ...(groupKey === undefined ? {} : { groupKey }),
      ...(since === null ? {} : { from: new Date(since).toISOString() }),
      ...(until === null ? {} : { to: new Date(until).toISOString() }),
    },
    wants: (alert, origin) => (types === undefined || types.some((matches) => matches(wordOf(alert.type)))) && where(alert, origin),
  };
}

/** Open alerts of every tenant, each once. */
export async function searchAlerts(context: CommandContext, scope: Scope, { query, wants }: AlertSearch): Promise<ReadFromEach<readonly Alert[]>> {
  return await fromEach(context, scope, async ({ tenant }, calls) => {
    const found = new Map<string, Alert>();
    for await (const alert of calls.alerts.list({ ...query, signal: context.signal })) {
      if (typeof alert?.id === 'string' && wants(alert, { stream: 'alerts', tenant })) found.set(alert.id, alert);
    }
    return [...found.values()];
  });
}

/** Alerts by id, wherever they are. */
export interface FoundAlerts extends ReadFromEach<readonly Alert[]> {
  /** Ids that no tenant has. */
  readonly missing: readonly string[];
}

/** Asks every tenant of the scope for those ids. */
export async function findAlerts(context: CommandContext, scope: Scope, args: readonly string[]): Promise<FoundAlerts> {
  const ids = idsIn(args, 'an alert');
  const read = await fromEach(context, scope, async (_target, calls) => await alertsById(calls, ids, context.signal));
  const have = new Set(read.found.flatMap(({ value }) => value.map(({ id }) => id.toLowerCase())));
  return { ...read, missing: ids.filter((id) => !have.has(id)) };
}

async function alertsById(calls: TenantCalls, ids: readonly string[], signal: AbortSignal): Promise<readonly Alert[]> {
  const wanted = new Set(ids);
  const found = new Map<string, Alert>();
  for (const some of inChunks(ids)) {
    for await (const alert of calls.alerts.list({ ids: some, signal })) {
      // What was not asked for is not believed.
      if (typeof alert?.id === 'string' && wanted.has(alert.id.toLowerCase())) found.set(alert.id, alert);
    }
  }
  return [...found.values()];
}

export interface AlertDeed {
  readonly action: AlertAction;
  readonly message: string | undefined;
}

/** What is to be done about these alerts: only those that allow it. `byName` are ids that were typed. */
export function actOnAlerts({ found, unread }: ReadFromEach<readonly Alert[]>, deed: AlertDeed, byName: boolean, missing: readonly string[]): Intent {
  const changes: Change[] = [];
  const leftOut: LeftOut[] = [];
  for (const { target, value } of found) {
    for (const alert of value) {
      const allowed = Array.isArray(alert.allowedActions) ? alert.allowedActions : [];
      if (allowed.includes(deed.action)) changes.push(alertChange(target, alert, deed));
      else {
        const instead = allowed.length === 0 ? 'it allows none' : `it allows ${allowed.join(', ')}`;
        leftOut.push({ tenant: target.tenant, action: deed.action, object: objectOf(alert), reason: instead, isFailure: byName });
      }
    }
  }
  for (const id of missing) leftOut.push(gone(id, deed, unread.length > 0));
  return { changes, leftOut, unread };
}

/** An alert that nobody has was dealt with, as far as acknowledging goes. */
function gone(id: string, { action }: AlertDeed, isUncertain: boolean): LeftOut {
  const counts = action === 'acknowledge' && !isUncertain;
  const reason = counts
    ? 'it is gone, so it counts as done already'
    : isUncertain
      ? 'no tenant that could be asked has it'
      : 'no tenant has such an open alert';
  return { tenant: { id: '', name: '' }, action, object: { kind: 'alert', id, name: '' }, reason, isFailure: !counts };
}

function objectOf({ id, description, type }: Alert) {
  return { kind: 'alert', id, name: wordOf(description) || wordOf(type) };
}

export function alertChange(target: Target, alert: Alert, { action, message }: AlertDeed): Change {
  const { id } = alert;
  const calls = callsOf(target);
  return {
    target,
    action,
    object: objectOf(alert),
    present: [alert.severity, alert.raisedAt].filter((each) => typeof each === 'string').join(', '),
    ...(message === undefined ? {} : { detail: { message } }),
    async perform(signal): Promise<Json> {
      try {
        const answer = await calls.alerts.act(id, { action, ...(message === undefined ? {} : { message }) }, { signal });
        return someOf(answer, ['id', 'status', 'result', 'requestedAt', 'startedAt', 'completedAt']);
      } catch (error) {
        if (action === 'acknowledge' && isGone(error)) return { already: 'it is gone' };
        throw error;
      }
    },
    async look(signal) {
      try {
        await calls.alerts.get(id, { signal });
        // Only the effect of this one is sure to be seen here, and at once.
        return action === 'acknowledge' ? 'not seen' : 'unknown';
      } catch (error) {
        if (isGone(error)) return 'seen';
        throw error;
      }
    },
  };
}

function isGone(error: unknown): boolean {
  return error instanceof CentralError && error.status === 404;
}
