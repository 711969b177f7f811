import { resolve } from 'node:path';
import type { LocalSite } from '../../clients/central/shapes/web-control.ts';
import { CentralError } from '../../core/failure.ts';
import type { Target } from '../accounts.ts';
import { type ActionOptions, carryOut, checkActionOptions, declareActionOptions } from '../actions/changes.ts';
import { readDeletedSites } from '../actions/deleted-site.ts';
import { deletionOf, siteLeftOut, sitesNamed, sitesOf } from '../actions/local-sites.ts';
import { callsOf, fromEach, openScope } from '../actions/scope.ts';
import { deletionFilter, restoringOf } from '../actions/site-restoring.ts';
import type { Command, CommandContext } from '../command.ts';
import { maxChanges } from '../confirm.ts';
import { usage } from '../exit.ts';

/** Deletes website management entries. */
export const remove: Command<ActionOptions> = {
  name: 'delete',
  summary: 'delete local sites',
  description:
    'Deletes website management entries by id or address, in every chosen tenant that has them. The whole entry is kept in the action log first, so that `local-site restore` can put it back.',
  examples: ['local-site delete old.example.com --dry-run', 'local-site delete old.example.com 203.0.113.7 --tenant Acme --yes'],
  declare: (parser) => void declareActionOptions(parser.argument('<sites...>', 'ids or addresses')),
  async run(context, args, options) {
    checkActionOptions(options);
    const texts = [...new Set(args)];
    if (texts.some((text) => text.trim() === '')) throw usage('which', 'an empty address was given', 'Look how the addresses were put together.');
    const scope = await openScope(context, options);
    const { found, unread } = await fromEach(context, scope, async (_target, calls) => {
      const sites = await sitesOf(calls, context.signal);
      return texts.map((text) => ({ text, sites: sitesNamed(sites, text) }));
    });
    const chosen = found.flatMap(({ target, value }) => value.flatMap(({ sites }) => sites.map((site) => ({ target, site }))));
    const have = new Set(found.flatMap(({ value }) => value.filter(({ sites }) => sites.length > 0).map(({ text }) => text)));
    const missing = texts.filter((text) => !have.has(text));
    const whole = await wholeSites(context, options, chosen);
    const intent = {
      changes: whole.map(({ target, site }) => deletionOf(target, site)),
      leftOut: missing.map((text) => siteLeftOut(null, 'delete', { id: '', url: text }, 'no tenant that was asked has it', true)),
      unread,
    };
    return await carryOut(context, options, intent, { command: 'local-site delete', noun: 'local site' });
  },
};

interface Chosen {
  readonly target: Target;
  readonly site: LocalSite;
}

/** The list may show an id and an address only: what is deleted has to be known whole. */
async function wholeSites({ signal }: CommandContext, options: ActionOptions, chosen: readonly Chosen[]): Promise<readonly Chosen[]> {
  // Too many are refused in any case, and without a call for each.
  if (chosen.length > maxChanges(options) && !options.dryRun) return chosen;
  const unique = new Map(chosen.map((each) => [`${each.target.account.name} ${each.target.tenant.id} ${each.site.id}`, each]));
  const whole: Chosen[] = [];
  for (const { target, site } of unique.values()) {
    try {
      whole.push({ target, site: await callsOf(target).localSites.get(site.id, { signal }) });
    } catch (error) {
      // Somebody else was faster.
      if (!(error instanceof CentralError) || error.status !== 404) throw error;
    }
  }
  return whole;
}

interface RestoreOptions extends ActionOptions {
  readonly where?: string;
}

/** Puts back website management entries. */
export const restore: Command<RestoreOptions> = {
  name: 'restore',
  summary: 'put back local sites that were deleted',
  description:
    'Makes deleted website management entries again, with the same address, category, tags and comment. The report is a `..._deletion_details.json` of `intelix clean`, the action log, or any JSON list or lines of `{"tenant": {"id"}, "site": {"url", "categoryId", "tags", "comment"}}`. What is there already is left out, so it may be done twice, or go on where it was interrupted.',
  examples: [
    'local-site restore a7d3c1e9-5b2f-4e60-8c14-9f2a6b3d0e75_2026-11-20_10-15-00_HIGH_deletion_details.json --dry-run',
    'local-site restore ./sophos-central-state/actions.ndjson --where \'deletedAt >= "2026-11-20"\' --tenant Acme --yes',
  ],
  declare: (parser) =>
    void declareActionOptions(parser.argument('<report>', 'the file that tells what was deleted')).option(
      '--where <expression>',
      'only deletions for which this filter is true: tenant.name, site.url, reason, deletedAt',
    ),
  async run(context, [report = ''], options) {
    checkActionOptions(options);
    const wants = await deletionFilter(options.where);
    const { sites, unreadable } = await readDeletedSites(resolve(context.cwd, report));
    if (unreadable > 0) context.warn(`${unreadable} entries of ${report} could not be read`);
    const scope = await openScope(context, options);
    const isNarrowed = options.tenant !== undefined || options.excludeTenant !== undefined;
    const intent = await restoringOf(context, scope, sites.filter(wants), isNarrowed);
    return await carryOut(context, options, intent, { command: 'local-site restore', noun: 'local site' });
  },
};
