/**
 * From a plan to changes: what is as it was when the plan was made is deleted, everything else is left out, each with its reason.
 *
 * Twice it is looked at: before the question, so that nobody is asked about what will not be done, and right before the deletion is sent.
 */
import type { TenantCalls } from '../../clients/central/client.ts';
import type { LocalSite } from '../../clients/central/shapes/web-control.ts';
import { CentralError, Failure } from '../../core/failure.ts';
import type { Json } from '../../core/types.ts';
import type { Target } from '../accounts.ts';
import type { Change, Intent, LeftOut } from '../actions/change.ts';
import { contentOf, deletionOf, sameContent, siteLeftOut, sitesOf } from '../actions/local-sites.ts';
import { callsOf, fromEach, type Scope } from '../actions/scope.ts';
import type { CommandContext } from '../command.ts';
import { categoriesOf } from './looking.ts';
import { deletionKey, type Past } from './past.ts';
import type { DeletionPlan, PlannedSite } from './plan-file.ts';

/** What is to be done of a plan. */
export interface Deleting extends Intent {
  /** Sites that a run which was broken off has deleted after all, by `deletionKey`. */
  readonly goneSince: ReadonlySet<string>;
  readonly tenantsRead: number;
}

/** Told of every change before it is sent. */
export type BeforeSending = () => Promise<void>;

/** The changes of a plan that was made just now, of tenants that have just been read. */
export function freshDeletions(plan: DeletionPlan, targets: readonly Target[], before: BeforeSending): readonly Change[] {
  const byId = targetsById(targets);
  return plan.sites.flatMap((planned) => {
    const target = byId.get(planned.tenant.id.toLowerCase());
    return target ? [plannedDeletion(target, planned, plan, before)] : [];
  });
}

/** What is left to be done of a saved plan. `isNarrowed`: tenants were chosen, so others are left out on purpose. */
export async function deletionsOf(
  context: CommandContext,
  scope: Scope,
  plan: DeletionPlan,
  past: Past,
  isNarrowed: boolean,
  before: BeforeSending,
): Promise<Deleting> {
  const wanted = new Set(plan.sites.map(({ tenant }) => tenant.id.toLowerCase()));
  const concerned = { ...scope, targets: scope.targets.filter(({ tenant }) => wanted.has(tenant.id.toLowerCase())) };
  const goneSince = new Set<string>();
  const { found, unread } = await fromEach(context, concerned, async (target, calls) => {
    const own = plan.sites.filter(({ tenant }) => tenant.id.toLowerCase() === target.tenant.id.toLowerCase());
    const pending = own.filter(({ tenant, site }) => past.get(deletionKey(tenant, site))?.state !== 'deleted');
    const listed = new Map(pending.length === 0 ? [] : (await sitesOf(calls, context.signal)).map((site) => [site.id, site]));
    const outcomes: (Change | LeftOut)[] = [];
    for (const planned of own) {
      const key = deletionKey(planned.tenant, planned.site);
      const state = past.get(key)?.state;
      if (state === 'deleted') outcomes.push(leftOut(target, planned, 'done already, by an earlier run of this plan', false));
      else {
        const why = await whyNot(calls, planned, listed.get(planned.site.id), context.signal);
        if (why === null) outcomes.push(plannedDeletion(target, planned, plan, before));
        else if (why.is === 'changed') outcomes.push(leftOut(target, planned, why.reason, true));
        else if (state !== 'open') outcomes.push(leftOut(target, planned, 'it is gone already', false));
        else {
          goneSince.add(key);
          outcomes.push(leftOut(target, planned, 'done already, by a run of this plan that was broken off', false));
        }
      }
    }
    return outcomes;
  });
  const outcomes = found.flatMap(({ value }) => value);
  const known = new Set(scope.targets.map(({ tenant }) => tenant.id.toLowerCase()));
  const elsewhere = isNarrowed ? [] : plan.sites.filter(({ tenant }) => !known.has(tenant.id.toLowerCase()));
  return {
    changes: outcomes.filter((each): each is Change => 'perform' in each),
    leftOut: [...outcomes.filter((each): each is LeftOut => !('perform' in each)), ...elsewhere.map(unreachable)],
    unread,
    tenantsRead: found.length,
    goneSince,
  };
}

type WhyNot = { readonly is: 'gone' } | { readonly is: 'changed'; readonly reason: string };

/** Why it is not to be deleted now. The list may tell the address alone, or not all: what it has not, or has otherwise, is asked for by itself. */
async function whyNot(calls: TenantCalls, { site }: PlannedSite, listed: LocalSite | undefined, signal: AbortSignal): Promise<WhyNot | null> {
  const planned = contentOf({ ...site });
  if (listed && sameContent(planned, contentOf({ ...site, ...listed }))) return null;
  const now = await lookedAt(calls, site.id, signal);
  if (now === null) return { is: 'gone' };
  const difference = differenceOf(planned, now);
  return difference === null ? null : { is: 'changed', reason: difference };
}

async function lookedAt(calls: TenantCalls, id: string, signal: AbortSignal): Promise<LocalSite | null> {
  try {
    return await calls.localSites.get(id, { signal });
  } catch (error) {
    if (error instanceof CentralError && error.status === 404) return null;
    throw error;
  }
}

/** A sentence of what is no longer as it was; `null`: nothing. */
function differenceOf(planned: ReturnType<typeof contentOf>, site: LocalSite): string | null {
  const now = contentOf(site);
  if (sameContent(planned, now)) return null;
  const names = (['url', 'categoryId', 'tags', 'comment'] as const).filter((name) => JSON.stringify(planned[name]) !== JSON.stringify(now[name]));
  return `it has changed since the plan was made: ${names.map((name) => `${name} is now ${shownValue(now[name])}`).join(', ')}`;
}

function shownValue(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** One site of a plan, deleted only if it still is as it was. */
function plannedDeletion(target: Target, planned: PlannedSite, plan: DeletionPlan, before: BeforeSending): Change {
  const calls = callsOf(target);
  const { site, risk, lookup } = planned;
  const deletion = deletionOf(target, { ...site });
  let isSent = false;
  return {
    ...deletion,
    present: [`${risk} (${categoriesOf(lookup).join(', ') || 'no category'})`, deletion.present].filter((part) => part).join('; '),
    detail: { id: site.id, ...contentOf({ ...site }), risk, level: plan.level, plan: plan.id } satisfies Json,
    async perform(signal) {
      await before();
      const now = await lookedAt(calls, site.id, signal);
      if (now === null) return isSent ? { deleted: true, answerLost: true } : { already: 'it is gone already' };
      const difference = differenceOf(contentOf({ ...site }), now);
      if (difference !== null)
        throw new Failure('rejected', 'local-site.changed', `${difference}; it was not deleted`, { advice: 'Make a new plan with `intelix plan`.' });
      isSent = true;
      try {
        return await deletion.perform(signal);
      } catch (error) {
        if (error instanceof CentralError && error.status === 404) return { already: 'it is gone already' };
        throw error;
      }
    },
  };
}

function leftOut(target: Target, { site }: PlannedSite, reason: string, isFailure: boolean): LeftOut {
  return siteLeftOut(target, 'delete', site, reason, isFailure);
}

function unreachable({ tenant, site }: PlannedSite): LeftOut {
  return { ...siteLeftOut(null, 'delete', site, 'the credential does not open this tenant, or the configuration leaves it out', true), tenant };
}

function targetsById(targets: readonly Target[]): ReadonlyMap<string, Target> {
  return new Map(targets.map((target) => [target.tenant.id.toLowerCase(), target]));
}
