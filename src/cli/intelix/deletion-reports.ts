/**
 * The reports of a deletion, one of each kind per tenant: what was done, and all of what was deleted, so that it can be put back.
 *
 * The details are written before the first deletion is sent, with everything that is about to be deleted, and again at the end with what was.
 * So a run that dies leaves a report that knows at least what it deleted. What the end writes comes from the action log: it has what earlier
 * runs of the same plan did, too.
 */
import { rm } from 'node:fs/promises';
import type { Millis } from '../../core/types.ts';
import type { Change, LeftOut } from '../actions/change.ts';
import { type DeletedSite, writeDeletedSites } from '../actions/deleted-site.ts';
import { toldLookup } from './looking.ts';
import { deletionKey, type Past, pastOf } from './past.ts';
import type { DeletionPlan, PlannedSite } from './plan-file.ts';
import { inName, type ReportFolder } from './report-folder.ts';

interface NamedTenant {
  readonly id: string;
  readonly name: string;
}

/** What the reports are about. */
export interface Reported {
  readonly plan: DeletionPlan;
  /** Tenants that get a report also when nothing of theirs is in the plan. */
  readonly tenants: readonly NamedTenant[];
  /** Sites of the plan that are not deleted, by `deletionKey`. */
  readonly leftOut: ReadonlyMap<string, LeftOut>;
  /** Sites that are not in the plan because nobody knows what they are. */
  readonly unknown: readonly LeftOut[];
  readonly goneSince: ReadonlySet<string>;
  readonly at: Millis;
}

export interface DeletionReports {
  /** Writes the details of what is about to be deleted, and of what was before. Throws config `intelix-report.unwritable`. */
  prepare(changes: readonly Change[], past: Past): Promise<void>;
  /** Writes what was done, by what the action log tells. Resolves with the paths. */
  end(reported: Reported): Promise<readonly string[]>;
}

/** Of one run. */
export function openDeletionReports(folder: ReportFolder, plan: DeletionPlan, statePath: string): DeletionReports {
  const details = new Map<string, string>();
  const { level } = plan;

  async function writeDetails(tenant: NamedTenant, sites: readonly DeletedSite[]): Promise<void> {
    const path = details.get(tenant.id);
    if (path === undefined) details.set(tenant.id, await folder.write((stamp) => `${inName(tenant.id)}_${stamp}_${level}_deletion_details.json`, sites));
    else if (sites.length > 0) await writeDeletedSites(path, sites);
    else {
      await rm(path, { force: true });
      details.delete(tenant.id);
    }
  }

  return {
    async prepare(changes, past) {
      const wanted = new Set(changes.map(({ target, object }) => deletionKey(target.tenant, object)));
      for (const [tenant, own] of byTenant(plan.sites)) {
        const sites = own.flatMap((planned) => (wanted.has(deletionKey(tenant, planned.site)) ? [detailOf(planned, '')] : deletedOf(planned, past, new Set())));
        if (sites.length > 0) await writeDetails(tenant, sites);
      }
    },
    async end(reported) {
      const past = await pastOf(statePath, plan.id);
      const paths: string[] = [];
      for (const [tenant, own] of byTenant(plan.sites, reported.tenants)) {
        const deleted = own.flatMap((planned) => deletedOf(planned, past, reported.goneSince));
        if (deleted.length > 0 || details.has(tenant.id)) await writeDetails(tenant, deleted);
        const report = reportOf(tenant, own, reported, (planned) => outcomeOf(planned, past, reported));
        paths.push(await folder.write((stamp) => `${inName(tenant.id)}_${stamp}_${level}_deletion_report.json`, report));
      }
      return [...paths, ...details.values()];
    },
  };
}

/** Writes what would be done, per tenant. Resolves with the paths. */
export async function writeDryRun(folder: ReportFolder, reported: Reported): Promise<readonly string[]> {
  const { plan } = reported;
  const paths: string[] = [];
  for (const [tenant, own] of byTenant(plan.sites, reported.tenants)) {
    const report = reportOf(tenant, own, reported, (planned) => {
      const left = leftOutOf(planned, reported);
      return left ? { outcome: 'left out', reason: left.reason } : { outcome: 'would be deleted' };
    });
    paths.push(await folder.write((stamp) => `${inName(tenant.id)}_${stamp}_${plan.level}_dry_run_report.json`, { dryRun: true, ...report }));
  }
  return paths;
}

interface Outcome {
  readonly outcome: string;
  readonly reason?: string;
  readonly at?: string;
}

function reportOf(tenant: NamedTenant, own: readonly PlannedSite[], { plan, unknown, at }: Reported, outcome: (planned: PlannedSite) => Outcome) {
  const sites = own.map((planned) => ({ site: planned.site, risk: planned.risk, lookup: toldLookup(planned.lookup), ...outcome(planned) }));
  const counts: Record<string, number> = {};
  for (const each of sites) counts[each.outcome] = (counts[each.outcome] ?? 0) + 1;
  const others = unknown.filter((each) => each.tenant.id === tenant.id);
  return {
    tenant,
    level: plan.level,
    plan: plan.id,
    at: new Date(at).toISOString(),
    counts,
    sites,
    notLookedUp: others.map(({ object, reason }) => ({ site: { id: object.id, url: object.name }, reason })),
  };
}

function outcomeOf(planned: PlannedSite, past: Past, reported: Reported): Outcome {
  const key = deletionKey(planned.tenant, planned.site);
  const known = past.get(key);
  if (known?.state === 'deleted') return { outcome: 'deleted', at: known.line.at };
  if (known && reported.goneSince.has(key)) return { outcome: 'deleted', at: known.line.at, reason: 'by a run that was broken off' };
  const left = leftOutOf(planned, reported);
  if (left) return { outcome: left.reason === 'it is gone already' ? 'gone already' : 'left out', reason: left.reason };
  if (!known) return { outcome: 'not begun' };
  const { state, line } = known;
  if (state === 'gone') return { outcome: 'gone already', at: line.at };
  const told = { at: line.at, ...(line.reason === undefined ? {} : { reason: line.reason }) };
  if (line.state === 'failed' && line.outcome === 'not sent') return { outcome: 'not begun', ...told };
  return { outcome: line.state === 'failed' && line.outcome !== 'unknown' ? 'failed' : 'unknown', ...told };
}

function leftOutOf({ tenant, site }: PlannedSite, { leftOut }: Reported): LeftOut | undefined {
  return leftOut.get(deletionKey(tenant, site));
}

/** What may have been deleted is kept as well: putting back looks whether it is there. */
function deletedOf(planned: PlannedSite, past: Past, goneSince: ReadonlySet<string>): readonly DeletedSite[] {
  const key = deletionKey(planned.tenant, planned.site);
  const known = past.get(key);
  if (!known) return [];
  if (known.state === 'deleted' || goneSince.has(key)) return [detailOf(planned, known.line.at)];
  return known.state === 'open' ? [detailOf(planned, '')] : [];
}

function detailOf({ tenant, site, risk }: PlannedSite, deletedAt: string): DeletedSite {
  return { tenant: { id: tenant.id, name: tenant.name }, site, reason: `Intelix: ${risk}`, deletedAt };
}

/** In the order of the tenants given, then of the plan. */
function byTenant(sites: readonly PlannedSite[], tenants: readonly NamedTenant[] = []): Iterable<readonly [NamedTenant, readonly PlannedSite[]]> {
  const groups = new Map<string, readonly [NamedTenant, PlannedSite[]]>();
  for (const { id, name } of tenants) groups.set(id.toLowerCase(), [{ id, name }, []]);
  for (const planned of sites) {
    const id = planned.tenant.id.toLowerCase();
    const group = groups.get(id);
    if (group) group[1].push(planned);
    else groups.set(id, [planned.tenant, [planned]]);
  }
  return groups.values();
}
