/** What the tool's flags stand for: our own command lines. */
import { join } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import type { LogLevel } from '../../../core/reports.ts';
import type { Millis } from '../../../core/types.ts';
import { mapOf } from '../map-of.ts';
import type { Takeover } from '../takeover.ts';
import type { Flags, Kind, PeerLogLevel } from './flags.ts';

export interface StandIn {
  /** One after the other, without `sophos-central`. */
  readonly lines: readonly (readonly string[])[];
  readonly logLevel: LogLevel;
  /** What the flags change in the configuration. */
  change(takeover: Takeover): Takeover;
}

/** The tool has no limit. */
const noLimit = ['--yes', '--max', '1000000'];

const streams: Readonly<Record<Exclude<Kind, 'tenants'>, string>> = { inventory: 'endpoints', alerts: 'alerts', 'local-sites': 'local-sites' };
const folders: Readonly<Record<Exclude<Kind, 'tenants'>, string>> = { inventory: 'get_inventory', alerts: 'get_alerts', 'local-sites': 'get_local_sites' };

const levels: Readonly<Record<PeerLogLevel, LogLevel>> = { CRITICAL: 'error', ERROR: 'error', WARNING: 'warn', INFO: 'info', DEBUG: 'debug' };

const dayMs: Millis = 86_400_000;
/** Central lists no older alerts. */
const mostDays = 90;

/** `folder` is the tool's own, absolute: its outputs lie below it. */
export function standIn(flags: Flags, folder: string, now: Millis): StandIn {
  const tenant = flags.tenant === undefined ? [] : ['--tenant', flags.tenant];
  return {
    lines: linesOf(flags, folder, tenant, now),
    // The tool says nothing unless it is told to; a tenant that could not be read is said here all the same.
    logLevel: flags.logLevel === undefined ? 'warn' : levels[flags.logLevel],
    change: (takeover) => changed(takeover, flags),
  };
}

function linesOf(flags: Flags, folder: string, tenant: readonly string[], now: Millis): readonly (readonly string[])[] {
  const { get, intelix, days, cleanLevel } = flags;
  if (intelix !== undefined) {
    const out = ['--out-dir', join(folder, 'output', 'intelix')];
    if (intelix === 'test') return [['intelix', 'test']];
    if (intelix === 'report') return [['intelix', 'report', ...tenant, ...out]];
    return [['intelix', 'clean', '--level', cleanLevel ?? '', ...tenant, ...out, ...(flags.dryRun ? ['--dry-run'] : noLimit)]];
  }
  if (get === undefined || get === 'tenants') return [['tenants']];
  if (flags.pollAlerts) {
    const back = ['reset', 'alerts', ...daysBack(days, now), ...tenant, ...noLimit];
    return flags.reset ? [back, ['run', '--once']] : [['run', '--once']];
  }
  const since = get === 'alerts' ? daysBack(days, now) : [];
  return [['get', streams[get], ...since, ...tenant, ...outputOf(flags, get, folder)]];
}

/** The tool begins at midnight, UTC, so many days ago. */
function daysBack(days: number, now: Millis): readonly string[] {
  if (days >= mostDays) return ['--days', String(mostDays)];
  return ['--since', new Date((Math.floor(now / dayMs) - days) * dayMs).toISOString()];
}

function outputOf({ output }: Flags, get: Exclude<Kind, 'tenants'>, folder: string): readonly string[] {
  if (output === 'stdout') return ['--output', 'ndjson'];
  if (output === 'json') return ['--output', 'json', '--out-dir', join(folder, 'output', folders[get])];
  return ['--output', `sink:${output}`];
}

type Map = { readonly [key: string]: Tree };

/** The sink that the flags name, whatever the import took for the usual one; and of the tenants, the one. */
function changed(takeover: Takeover, { output, tenant, get, pollAlerts }: Flags): Takeover {
  const { draft, leftOver } = takeover;
  const tree: { [section: string]: Tree } = { ...draft.tree };
  const sinks = mapOf(tree.sinks);
  // Without values of its own the second output is the first one.
  const isToSplunk = output === 'splunk' || output === 'splunk_trans';
  if (isToSplunk && sinks.splunk !== undefined) {
    const sink: Map = { ...mapOf(sinks.splunk_trans ?? sinks.splunk) };
    const isInventory = get === 'inventory' && output === 'splunk_trans' && typeof sink.sourcetype === 'string';
    const transformed = isInventory ? { ...sink, sourcetype: String(sink.sourcetype).replace(/\{stream\}$/, 'inventory') } : sink;
    const both: Map = { ...sinks, splunk_trans: transformed };
    // Alerts go to one of them; the other would be told as a sink without a route, at each time.
    tree.sinks = pollAlerts ? { [output]: both[output] ?? transformed } : both;
    tree.routes = routesOf(tree.routes).map((route) => ({ ...route, to: output }));
  }
  if (tenant !== undefined && pollAlerts) tree.tenants = { include: [tenant] };
  const secrets = takeover.secrets.some(({ at }) => at === 'sinks.splunk_trans.token')
    ? takeover.secrets
    : [...takeover.secrets, ...takeover.secrets.filter(({ at }) => at === 'sinks.splunk.token').map((each) => ({ ...each, at: 'sinks.splunk_trans.token' }))];
  const kept = mapOf(tree.sinks);
  return {
    ...takeover,
    // Whatever else is read has nothing to do with a position, nor with who holds the journal.
    streams: pollAlerts ? takeover.streams : [],
    secrets: secrets.filter(({ at }) => !at.startsWith('sinks.') || kept[at.split('.')[1] ?? ''] !== undefined),
    leftOver: pollAlerts ? leftOver.map((each) => ({ ...each, route: output })) : [],
    draft: { ...draft, tree },
  };
}

function routesOf(value: Tree | undefined): readonly Map[] {
  return Array.isArray(value) ? value.map((each) => mapOf(each as Tree)) : [];
}
