/** Putting back local sites that were deleted. */
import type { LocalSite } from '../../clients/central/shapes/web-control.ts';
import { engineFor } from '../../config/filter.ts';
import { compileWhere, type Where } from '../../core/where.ts';
import type { Target } from '../accounts.ts';
import type { CommandContext } from '../command.ts';
import type { Change, Intent, LeftOut } from './change.ts';
import type { DeletedSite, SiteEntry } from './deleted-site.ts';
import { wordOf } from './items.ts';
import { additionOf, contentOf, sameContent, siteKey, siteLeftOut, sitesOf } from './local-sites.ts';
import { callsOf, fromEach, type Scope } from './scope.ts';

/** A filter over deletions: it sees `tenant`, `site`, `reason` and `deletedAt`. Throws config `where.syntax`. */
export async function deletionFilter(text: string | undefined): Promise<(deleted: DeletedSite) => boolean> {
  if (text === undefined) return () => true;
  const where: Where = compileWhere(text, { regex: await engineFor(text) });
  return (deleted) => where.test({ ...deleted });
}

/** The last deletion of each address of each tenant, in the order of the report. */
export function lastOfEach(sites: readonly DeletedSite[]): readonly DeletedSite[] {
  const last = new Map<string, DeletedSite>();
  for (const deleted of sites) {
    const key = `${deleted.tenant.id.toLowerCase()}\n${siteKey(deleted.site.url)}`;
    const before = last.get(key);
    if (before === undefined || before.deletedAt <= deleted.deletedAt) last.set(key, deleted);
  }
  return [...last.values()];
}

/** What has to be made again: every site whose address is not there now. */
export async function restoringOf(context: CommandContext, scope: Scope, sites: readonly DeletedSite[], isNarrowed: boolean): Promise<Intent> {
  const wanted = new Map<string, DeletedSite[]>();
  for (const deleted of lastOfEach(sites)) {
    const id = deleted.tenant.id.toLowerCase();
    wanted.set(id, [...(wanted.get(id) ?? []), deleted]);
  }
  const concerned = { ...scope, targets: scope.targets.filter(({ tenant }) => wanted.has(tenant.id.toLowerCase())) };
  const { found, unread } = await fromEach(context, concerned, async (_target, calls) => await sitesOf(calls, context.signal));
  const changes: Change[] = [];
  const leftOut: LeftOut[] = [];
  for (const { target, value } of found) {
    const there = new Map(value.map((site) => [siteKey(wordOf(site.url)), site]));
    for (const { site } of wanted.get(target.tenant.id.toLowerCase()) ?? []) {
      const present = there.get(siteKey(site.url));
      if (present) leftOut.push(await presentAlready(context, target, site, present));
      else changes.push(additionOf(target, 'restore', contentOf({ ...site })));
    }
  }
  const known = new Set(scope.targets.map(({ tenant }) => tenant.id.toLowerCase()));
  // Whoever chose tenants has left out the others on purpose.
  if (!isNarrowed) for (const [id, of] of wanted) if (!known.has(id)) leftOut.push(...of.map(elsewhere));
  return { changes, leftOut, unread };
}

async function presentAlready({ signal }: CommandContext, target: Target, site: SiteEntry, present: LocalSite): Promise<LeftOut> {
  // The list may show the address alone.
  const full = await callsOf(target).localSites.get(present.id, { signal });
  const isSame = sameContent(contentOf(full), contentOf({ ...site }));
  return siteLeftOut(target, 'restore', present, isSame ? 'it is there already' : 'it is there already, with another category, tags or comment', false);
}

function elsewhere({ tenant, site }: DeletedSite): LeftOut {
  return { ...siteLeftOut(null, 'restore', { id: '', url: site.url }, 'the credential does not open this tenant, or it cannot be read', true), tenant };
}
