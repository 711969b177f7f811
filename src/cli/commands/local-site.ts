import { codeFor } from '../accounts.ts';
import { categoriesOf, sitesOf } from '../actions/local-sites.ts';
import { concurrencyOf, declareScope, fromEach, openScope, type ScopeOptions } from '../actions/scope.ts';
import type { Command, CommandGroup } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { plural } from '../output/progress.ts';
import { declareRowOptions, printRows, type RowOptions } from '../output/rows.ts';
import { add, update } from './local-site-changes.ts';
import { remove, restore } from './local-site-deletion.ts';

interface ListOptions extends ScopeOptions, RowOptions {
  readonly full?: boolean;
}

const columns = { 'tenant.name': 'TENANT', url: 'URL', category: 'CATEGORY', tags: 'TAGS', comment: 'COMMENT', id: 'ID' };

const list: Command<ListOptions> = {
  name: 'list',
  summary: 'list local sites, with the names of their categories',
  description:
    "Lists the website management entries of all or of chosen tenants. Central's list may tell the address alone: `--full` then asks for each entry by itself.",
  examples: ['local-site list', 'local-site list --tenant "Acme*" --full --output csv'],
  declare: (parser) => void declareRowOptions(declareScope(parser)).option('--full', 'ask for each entry by itself'),
  async run(context, _args, options) {
    concurrencyOf(options);
    const { signal } = context;
    const { found, unread } = await fromEach(context, await openScope(context, options), async ({ tenant }, calls) => {
      const [sites, categories] = [await sitesOf(calls, signal), await categoriesOf(calls, signal)];
      const names = new Map(categories.map(({ id, name, label }) => [id, name ?? label ?? undefined]));
      const rows = [];
      for (const site of sites) {
        const { id, url, categoryId, tags, comment } = options.full ? await calls.localSites.get(site.id, { signal }) : site;
        const category = typeof categoryId === 'number' ? names.get(categoryId) : undefined;
        rows.push({ tenant: { id: tenant.id, name: tenant.name }, id, url, ...dropMissing({ categoryId, category, tags, comment }) });
      }
      return rows;
    });
    const rows = found.flatMap(({ value }) => value);
    await printRows(context, rows, columns, options, { whole: ['URL'], ids: ['ID'] });
    context.note(`${plural(rows.length, 'local site')} of ${plural(found.length, 'tenant')}${unread.length === 0 ? '' : `; ${unread.length} not read`}.`);
    return unread.length === 0 ? exitCodes.done : codeFor(unread, unread.length + found.length);
  },
};

/** Website management: addresses with a category or tags of their own. */
export const localSite: CommandGroup = {
  name: 'local-site',
  summary: 'list, add, update, delete or restore website management entries',
  examples: [
    'local-site list --tenant Acme',
    'local-site add intranet.example.com --category "Business" --tenant Acme',
    'local-site delete old.example.com --dry-run',
  ],
  commands: [list, add, update, remove, restore] as readonly Command[],
};

function dropMissing(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}
