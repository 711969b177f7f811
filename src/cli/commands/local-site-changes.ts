import type { TenantCalls } from '../../clients/central/client.ts';
import type { LocalSite, LocalSiteChange } from '../../clients/central/shapes/web-control.ts';
import type { Target } from '../accounts.ts';
import type { Change, LeftOut } from '../actions/change.ts';
import { type ActionOptions, carryOut, checkActionOptions, declareActionOptions } from '../actions/changes.ts';
import { words } from '../actions/items.ts';
import { additionOf, categoriesOf, categoryIdOf, changeOf, contentOf, isSo, sameContent, siteLeftOut, sitesNamed, sitesOf } from '../actions/local-sites.ts';
import { fromEach, openScope, type Scope } from '../actions/scope.ts';
import type { Command, CommandContext, Parser } from '../command.ts';
import { usage } from '../exit.ts';

interface ContentOptions extends ActionOptions {
  readonly category?: string;
  readonly tags?: readonly string[];
  readonly comment?: string;
}

interface UpdateOptions extends ContentOptions {
  readonly url?: string;
}

/** Adds website management entries. */
export const add: Command<ContentOptions> = {
  name: 'add',
  summary: 'add local sites',
  description:
    'Adds website management entries: an address with a category, with tags, or both. Where the address is there already nothing is added. An account with several tenants needs `--tenant`; `--tenant "*"` means all of them.',
  examples: [
    'local-site add intranet.example.com wiki.example.com --category "Business" --tenant Acme --yes',
    'local-site add 203.0.113.0/24 --tags trusted,office --comment "Ticket 4711" --tenant "*" --dry-run',
  ],
  declare: (parser) => declareContent(parser.argument('<urls...>', 'hosts, paths, addresses or ranges')),
  async run(context, args, options) {
    checkActionOptions(options);
    const urls = [...new Set(args.map(urlIn))];
    if (options.category === undefined && (options.tags ?? []).length === 0)
      throw usage('content', 'a local site has a category, or tags, or both', 'Say `--category NAME` or `--tags a,b`.');
    const scope = await openScope(context, options);
    needChosen(scope, options);
    const { found, unread } = await fromEach(context, scope, async (target, calls) => await additionsFor(context, target, calls, urls, options));
    const changes = found.flatMap(({ value }) => value.changes);
    const leftOut = found.flatMap(({ value }) => value.leftOut);
    return await carryOut(context, options, { changes, leftOut, unread }, { command: 'local-site add', noun: 'local site' });
  },
};

/** Changes website management entries. */
export const update: Command<UpdateOptions> = {
  name: 'update',
  summary: 'change a local site',
  description:
    'Changes the category, the tags, the comment or the address of a website management entry; what is not named stays. An address is changed in every chosen tenant that has it.',
  examples: [
    'local-site update intranet.example.com --category "Computing & Internet" --yes',
    'local-site update 5f0c2a1e-7b1d-4f5e-9a53-0c9b8e7d6f10 --tags "" --comment "agreed" --dry-run',
  ],
  declare: (parser) => declareContent(parser.argument('<site>', 'its id or address')).option('--url <url>', 'its new address'),
  async run(context, [text = ''], options) {
    checkActionOptions(options);
    const { category, tags, comment, url } = options;
    if ([category, tags, comment, url].every((each) => each === undefined))
      throw usage('content', 'nothing is to be changed', 'Say `--category`, `--tags`, `--comment` or `--url`.');
    const rest = { ...(tags === undefined ? {} : { tags }), ...(comment === undefined ? {} : { comment }), ...(url === undefined ? {} : { url: urlIn(url) }) };
    const scope = await openScope(context, options);
    const { found, unread } = await fromEach(context, scope, async (target, calls) => await updatesFor(context, target, calls, text, category, rest));
    const changes = found.flatMap(({ value }) => value.changes);
    const leftOut = found.flatMap(({ value }) => value.leftOut);
    if (changes.length + leftOut.length === 0) leftOut.push(siteLeftOut(null, 'update', { id: '', url: text }, 'no tenant that was asked has it', true));
    return await carryOut(context, options, { changes, leftOut, unread }, { command: 'local-site update', noun: 'local site' });
  },
};

function declareContent(parser: Parser): Parser {
  return declareActionOptions(parser)
    .option('--category <name|id>', 'its category, as `local-site list` names it')
    .option('--tags <a,b>', 'its tags', words)
    .option('--comment <text>', 'its comment');
}

/** Adding to every tenant has to be said. */
function needChosen({ targets }: Scope, { tenant }: ActionOptions): void {
  if (targets.length <= 1 || tenant !== undefined) return;
  throw usage('tenant', `there are ${targets.length} tenants, and none was chosen`, 'Say `--tenant NAME`, or `--tenant "*"` for all of them.');
}

/** Throws config `usage.url`. */
function urlIn(text: string): string {
  const url = text.trim();
  if (url !== '' && url.length <= 2048 && !/\p{Cc}/u.test(url)) return url;
  throw usage('url', 'an address is empty, longer than 2,048 characters, or holds control characters', 'Give a host, a path, an address or a range.');
}

interface ForTenant {
  readonly changes: readonly Change[];
  readonly leftOut: readonly LeftOut[];
}

async function additionsFor(
  { signal }: CommandContext,
  target: Target,
  calls: TenantCalls,
  urls: readonly string[],
  options: ContentOptions,
): Promise<ForTenant> {
  const { category, tags = [], comment } = options;
  const leaveOut = (site: { readonly id: string; readonly url?: string | null }, reason: string, isFailure: boolean) =>
    siteLeftOut(target, 'add', site, reason, isFailure);
  const categoryId = category === undefined ? undefined : categoryIdOf(await categoriesOf(calls, signal), category);
  if (typeof categoryId === 'object') return { changes: [], leftOut: urls.map((url) => leaveOut({ id: '', url }, categoryId.reason, true)) };
  const sites = await sitesOf(calls, signal);
  const changes: Change[] = [];
  const leftOut: LeftOut[] = [];
  for (const url of urls) {
    const content = contentOf({
      id: '',
      url,
      ...(tags.length === 0 ? {} : { tags }),
      ...(categoryId === undefined ? {} : { categoryId }),
      ...(comment === undefined ? {} : { comment }),
    });
    const [there] = sitesNamed(sites, url);
    if (!there) changes.push(additionOf(target, 'add', content));
    else {
      const isSame = sameContent(contentOf(await calls.localSites.get(there.id, { signal })), content);
      leftOut.push(leaveOut(there, isSame ? 'it is there already' : 'it is there already, and not like this: use `local-site update`', !isSame));
    }
  }
  return { changes, leftOut };
}

async function updatesFor(
  { signal }: CommandContext,
  target: Target,
  calls: TenantCalls,
  text: string,
  category: string | undefined,
  rest: LocalSiteChange,
): Promise<ForTenant> {
  const sites = sitesNamed(await sitesOf(calls, signal), text);
  if (sites.length === 0) return { changes: [], leftOut: [] };
  const categoryId = category === undefined ? undefined : categoryIdOf(await categoriesOf(calls, signal), category);
  if (typeof categoryId === 'object') return { changes: [], leftOut: sites.map((site) => siteLeftOut(target, 'update', site, categoryId.reason, true)) };
  const change: LocalSiteChange = { ...rest, ...(categoryId === undefined ? {} : { categoryId }) };
  const full: LocalSite[] = [];
  for (const { id } of sites) full.push(await calls.localSites.get(id, { signal }));
  return {
    changes: full.filter((site) => !isSo(site, change)).map((site) => changeOf(target, site, change)),
    leftOut: full.filter((site) => isSo(site, change)).map((site) => siteLeftOut(target, 'update', site, 'it is so already', false)),
  };
}
