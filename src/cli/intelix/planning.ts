/** From what Intelix knows to what is to be deleted. */
import { randomUUID } from 'node:crypto';
import type { LocalSite } from '../../clients/central/shapes/web-control.ts';
import { CentralError, Failure } from '../../core/failure.ts';
import type { LeftOut } from '../actions/change.ts';
import type { SiteEntry } from '../actions/deleted-site.ts';
import { contentOf, siteLeftOut } from '../actions/local-sites.ts';
import { callsOf } from '../actions/scope.ts';
import type { CommandContext } from '../command.ts';
import { sideBySide } from '../side-by-side.ts';
import { type DeletableRisk, deletableAt, type Level } from './level.ts';
import { type DeletionPlan, fitsPlan, type PlannedSite } from './plan-file.ts';
import type { Review, Reviewed } from './reviewing.ts';

/** A plan, and what is not in it although it may have to be. */
export interface Planned {
  readonly plan: DeletionPlan;
  /** Sites that were not looked up, or could not be read whole: never deleted, each with its reason. */
  readonly unknown: readonly LeftOut[];
}

interface Candidate extends Reviewed {
  readonly risk: DeletableRisk;
  readonly looked: Reviewed['looked'] & { readonly is: 'looked up' };
}

/** Sites that are deleted at this level. What is not classified, or was not looked up, is none, at any level. */
export function candidatesOf({ sites }: Review, level: Level): readonly Candidate[] {
  return sites.flatMap(({ target, site, looked }) => {
    const risk = looked.is === 'looked up' ? deletableAt(level, looked.risk) : null;
    return risk === null || looked.is !== 'looked up' ? [] : [{ target, site, looked, risk }];
  });
}

/**
 * Makes the plan of these candidates. Entries that the list tells in brief are asked for one by one, unless `depth` says that they will not be
 * deleted in any case; what is gone by then is not in the plan.
 *
 * Throws   auth and config failures; the signal's reason.
 */
export async function planOf(
  context: CommandContext,
  level: Level,
  review: Review,
  candidates: readonly Candidate[],
  depth: 'whole' | 'as listed',
): Promise<Planned> {
  const whole = new Map<Candidate, LocalSite | Failure | null>();
  const progress = context.progress();
  try {
    await sideBySide(candidates, review.scope.concurrency, async (candidate) => {
      const site = depth === 'whole' && isBrief(candidate.site) ? await wholeOf(candidate, context.signal) : candidate.site;
      whole.set(candidate, site);
      progress.update({ unit: 'local sites', done: whole.size, total: candidates.length, records: whole.size });
    });
  } finally {
    progress.end();
  }
  const sites: PlannedSite[] = [];
  const unknown = review.sites.flatMap(({ target, site, looked }) =>
    looked.is === 'looked up' ? [] : [siteLeftOut(target, 'delete', site, `not looked up: ${looked.reason}`, false)],
  );
  for (const candidate of candidates) {
    const { target, looked, risk } = candidate;
    const site = whole.get(candidate);
    if (site instanceof Failure) unknown.push(siteLeftOut(target, 'delete', candidate.site, `could not be read: ${site.message}`, false));
    else if (site) {
      const planned = { tenant: { id: target.tenant.id, name: target.tenant.name }, site: entryOf(site), lookup: looked.lookup, risk };
      if (fitsPlan(planned)) sites.push(planned);
      else unknown.push(siteLeftOut(target, 'delete', candidate.site, 'Central tells an id or a text that no entry can have', false));
    }
  }
  return { plan: { id: randomUUID(), madeAt: new Date(context.world.clock.now()).toISOString(), level, sites }, unknown };
}

/** Every entry has a category or tags: one that is told without both is told in brief. */
function isBrief({ categoryId, tags }: LocalSite): boolean {
  return typeof categoryId !== 'number' && !Array.isArray(tags);
}

/** `null`: somebody else was faster. */
async function wholeOf({ target, site }: Candidate, signal: AbortSignal): Promise<LocalSite | Failure | null> {
  signal.throwIfAborted();
  try {
    return await callsOf(target).localSites.get(site.id, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CentralError && error.status === 404) return null;
    if (!(error instanceof Failure) || error.kind === 'auth' || error.kind === 'config') throw error;
    return error;
  }
}

/** A site as plans and reports keep it. */
export function entryOf(site: LocalSite): SiteEntry {
  return { id: site.id, ...contentOf(site) };
}
