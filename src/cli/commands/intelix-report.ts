import { codeFor } from '../accounts.ts';
import { concurrencyOf, declareScope, type ScopeOptions } from '../actions/scope.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { type FolderOptions, reportPath } from '../intelix/carrying-out.ts';
import { type Looked, toldLookup } from '../intelix/looking.ts';
import { openIntelix } from '../intelix/open.ts';
import { entryOf } from '../intelix/planning.ts';
import { openReportFolder } from '../intelix/report-folder.ts';
import { type Review, type Reviewed, reviewSites, summaryOf } from '../intelix/reviewing.ts';
import { declareRowOptions, printRows, type RowOptions } from '../output/rows.ts';
import { categoriesFor, checkRowOptions } from './intelix-lookup.ts';

interface ReportOptions extends ScopeOptions, RowOptions, FolderOptions {}

const columns = { 'tenant.name': 'TENANT', 'site.url': 'URL', risk: 'RISK', categories: 'CATEGORIES', 'site.categoryId': 'OWN CATEGORY', reason: 'REASON' };

/** What Intelix knows of every local site. */
export const report: Command<ReportOptions> = {
  name: 'report',
  summary: 'report what Intelix knows of every local site, and change nothing',
  description:
    'Reads the website management entries of all or of chosen tenants, looks every distinct address up once, prints what Intelix knows of each site, and writes two files: `<date>_<time>_intelix_results.json`, one entry for each address, and `<date>_<time>_intelix_results_combined.json`, one for each site.',
  examples: ['intelix report', 'intelix report --tenant "Acme*" --out-dir ./reports --output csv > sites.csv'],
  declare: (parser) => void declareRowOptions(declareScope(parser)).option('--out-dir <folder>', 'where the files go (default: ./intelix)'),
  async run(context, _args, options) {
    checkRowOptions(options);
    concurrencyOf(options);
    const intelix = await openIntelix(context, await context.loadPlan());
    try {
      const now = context.world.clock.now();
      const review = await reviewSites(context, intelix, options);
      const folder = openReportFolder(reportPath(context, options), now);
      const paths = [
        await folder.write((stamp) => `${stamp}_intelix_results.json`, resultsOf(review)),
        await folder.write((stamp) => `${stamp}_intelix_results_combined.json`, review.sites.map(combinedOf)),
      ];
      const categories = categoriesFor(context, options);
      await printRows(
        context,
        review.sites.map((each) => rowOf(each, categories)),
        columns,
        options,
      );
      context.note(summaryOf(review));
      for (const path of paths) context.note(`Written: ${path}`);
      const { unread, targets, sites } = review;
      if (unread.length > 0) return codeFor(unread, unread.length + targets.length);
      return sites.some(({ looked }) => looked.is === 'not looked up') ? exitCodes.partly : exitCodes.done;
    } finally {
      await intelix.close();
    }
  },
};

function resultsOf({ addresses }: Review) {
  return addresses.map(({ address, kind, sites, looked }) => ({ address, kind, sites, ...found(looked) }));
}

function combinedOf({ target, site, looked }: Reviewed) {
  return { tenant: { id: target.tenant.id, name: target.tenant.name }, site: entryOf(site), ...found(looked) };
}

function rowOf(reviewed: Reviewed, categories: ReturnType<typeof categoriesFor>) {
  const { looked } = reviewed;
  return { ...combinedOf(reviewed), ...(looked.is === 'looked up' ? { categories: categories(looked.lookup) } : {}) };
}

/** `risk` is `null` for what was not looked up, which is not the same as UNCLASSIFIED. */
function found(looked: Looked) {
  if (looked.is === 'looked up') return { risk: looked.risk, lookup: toldLookup(looked.lookup) };
  return { risk: null, lookup: null, reason: `not looked up: ${looked.reason}` };
}
