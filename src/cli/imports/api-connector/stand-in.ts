/** What the tool's flags stand for: our own command lines. */
import { join } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import type { LogLevel } from '../../../core/reports.ts';
import type { Millis } from '../../../core/types.ts';
import { mapOf } from '../map-of.ts';
import type { Takeover } from '../takeover.ts';
import type { Flags, Kind, PeerLogLevel } from './flags.ts';
import { plain, type Started } from './part.ts';

export interface StandIn {
  /** One after the other, without `sophos-central`. */
  readonly lines: readonly (readonly string[])[];
  readonly logLevel: LogLevel;
  /** What the reader of the tool's folder has to know of the flags, but where polling begins. */
  readonly started: Pick<Started, 'auth' | 'needs' | 'output'>;
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
const slackMs: Millis = 600_000;

/** `folder` is the tool's own, absolute: its outputs lie below it. */
export function standIn(flags: Flags, folder: string, now: Millis): StandIn {
  const tenant = flags.tenant === undefined ? [] : ['--tenant', flags.tenant];
  return {
    lines: linesOf(flags, folder, tenant, now),
    // The tool says nothing unless it is told to; a tenant that could not be read is said here all the same.
    logLevel: flags.logLevel === undefined ? 'warn' : levels[flags.logLevel],
    started: {
      auth: flags.auth,
      // `intelix test` asks nobody but Intelix.
      needs: [...(flags.intelix === 'test' ? [] : (['central'] as const)), ...(flags.intelix === undefined ? [] : (['intelix'] as const))],
      output: flags.output === 'splunk' || flags.output === 'splunk_trans' ? flags.output : null,
    },
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
  return ['--since', new Date(beginOf(days, now)).toISOString()];
}

/** The same moment; of 90 days, a little after what Central lists, as clocks differ. */
export function beginOf(days: number, now: Millis): Millis {
  return Math.max((Math.floor(now / dayMs) - days) * dayMs, now - mostDays * dayMs + slackMs);
}

function outputOf({ output }: Flags, get: Exclude<Kind, 'tenants'>, folder: string): readonly string[] {
  if (output === 'stdout') return ['--output', 'ndjson'];
  if (output === 'json') return ['--output', 'json', '--out-dir', join(folder, 'output', folders[get])];
  return ['--output', `sink:${output}`];
}

/** The source type that the inventory has, and of the tenants the one. */
function changed(takeover: Takeover, { output, tenant, get, pollAlerts }: Flags): Takeover {
  const { draft } = takeover;
  const tree: { [section: string]: Tree } = { ...draft.tree };
  const sinks = mapOf(tree.sinks);
  const { sourcetype, ...sink } = mapOf(sinks.splunk_trans);
  if (output === 'splunk_trans' && get === 'inventory' && typeof sourcetype === 'string')
    tree.sinks = { ...sinks, splunk_trans: { ...sink, sourcetype: sourcetype.replace(/\{stream\}$/, 'inventory') } };
  if (tenant !== undefined && pollAlerts) tree.tenants = { include: [plain(tenant)] };
  return {
    ...takeover,
    // Whatever else is read has nothing to do with a position, nor with who holds the journal.
    streams: pollAlerts ? takeover.streams : [],
    leftOver: pollAlerts ? takeover.leftOver : [],
    draft: { ...draft, tree },
  };
}
