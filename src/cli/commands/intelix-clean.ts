import { resolve } from 'node:path';
import { checkActionOptions, declareActionOptions } from '../actions/changes.ts';
import { concurrencyOf, declareScope, openScope, type ScopeOptions } from '../actions/scope.ts';
import type { Command, Parser } from '../command.ts';
import { maxChanges } from '../confirm.ts';
import { exitCodes } from '../exit.ts';
import { carryOutPlan, codeOf, type DeletionOptions, type FolderOptions, reportPath } from '../intelix/carrying-out.ts';
import { deletionsOf, freshDeletions } from '../intelix/deleting.ts';
import { levelIn, levels } from '../intelix/level.ts';
import { toldLookup } from '../intelix/looking.ts';
import { openIntelix } from '../intelix/open.ts';
import { pastOf } from '../intelix/past.ts';
import { type PlannedSite, planText, readPlan } from '../intelix/plan-file.ts';
import { candidatesOf, planOf } from '../intelix/planning.ts';
import { openReportFolder, writeNewFile } from '../intelix/report-folder.ts';
import { reviewSites, summaryOf } from '../intelix/reviewing.ts';
import { figure, plural } from '../output/progress.ts';
import { declareRowOptions, printRows, type RowOptions } from '../output/rows.ts';
import { categoriesFor, checkRowOptions } from './intelix-lookup.ts';

interface LevelOptions {
  readonly level: string;
}

interface PlanOptions extends ScopeOptions, RowOptions, FolderOptions, LevelOptions {
  readonly out?: string;
}

const planColumns = {
  'tenant.name': 'TENANT',
  'site.url': 'URL',
  risk: 'RISK',
  categories: 'CATEGORIES',
  'site.categoryId': 'OWN CATEGORY',
  'site.tags': 'TAGS',
  'site.comment': 'COMMENT',
};

function declareLevel(parser: Parser): Parser {
  return parser.requiredOption('--level <level>', `what is deleted, by its risk: ${levels.join(', ')}; ALL is HIGH, MEDIUM, LOW and TRUSTED`);
}

/** Plans a deletion. */
export const plan: Command<PlanOptions> = {
  name: 'plan',
  summary: 'plan which local sites to delete by their risk, and change nothing',
  description:
    'Looks up every local site and writes a plan of those whose risk the level names, to be looked through and then given to `intelix apply`. What is not classified, and what could not be looked up, is in no plan.',
  examples: ['intelix plan --level HIGH', 'intelix plan --level HIGH_MEDIUM --tenant "Acme*" --out acme.json'],
  declare: (parser) =>
    void declareRowOptions(declareScope(declareLevel(parser)))
      .option('--out <file>', 'where the plan goes (default: <date>_<time>_<level>_plan.json in --out-dir)')
      .option('--out-dir <folder>', 'the folder of plans and reports (default: ./intelix)'),
  async run(context, _args, options) {
    const level = levelIn(options.level);
    checkRowOptions(options);
    concurrencyOf(options);
    const intelix = await openIntelix(context, await context.loadPlan());
    try {
      const review = await reviewSites(context, intelix, options);
      const { plan: made, unknown } = await planOf(context, level, review, candidatesOf(review, level), 'whole');
      const path = options.out === undefined ? null : resolve(context.cwd, options.out);
      const folder = openReportFolder(reportPath(context, options), context.world.clock.now());
      if (path !== null) await writeNewFile(path, planText(made));
      const written = path ?? (await folder.write((stamp) => `${stamp}_${level}_plan.json`, planText(made)));
      const categories = categoriesFor(context, options);
      await printRows(
        context,
        made.sites.map((each) => planRow(each, categories)),
        planColumns,
        options,
      );
      for (const { tenant, object, reason } of unknown) context.warn(`tenant ${tenant.name}: ${object.name} (${object.id}): ${reason}`);
      context.note(summaryOf(review));
      context.note(`${plural(made.sites.length, 'local site')} would be deleted. The plan: ${written}`);
      return codeOf(review.unread, unknown, review.targets.length);
    } finally {
      await intelix.close();
    }
  },
};

function planRow({ tenant, site, risk, lookup }: PlannedSite, categories: ReturnType<typeof categoriesFor>) {
  return { tenant, site, risk, categories: categories(lookup), lookup: toldLookup(lookup) };
}

function declareDeletion(parser: Parser): Parser {
  return declareActionOptions(parser).option('--out-dir <folder>', 'where the reports go (default: ./intelix)');
}

/** Does what a plan says. */
export const apply: Command<DeletionOptions> = {
  name: 'apply',
  summary: 'delete the local sites of a saved plan',
  description:
    'Deletes what a plan names, but for entries that are no longer as they were when it was made. Every deletion is in the action log before it is sent, so a run that was interrupted goes on when it is started again: nothing is deleted twice. `local-site restore` puts back what the `..._deletion_details.json` of a tenant holds.',
  examples: ['intelix apply acme.json --dry-run', 'intelix apply intelix/2026-11-20_10-15-00_HIGH_plan.json --yes --max 500'],
  declare: (parser) => void declareDeletion(parser.argument('<plan>', 'a file that `intelix plan` wrote')),
  async run(context, [file = ''], options) {
    checkActionOptions(options);
    const { statePath } = await context.loadPlan();
    const saved = await readPlan(resolve(context.cwd, file));
    if (saved.sites.length === 0) {
      context.note('Nothing to do: there is nothing in the plan.');
      return exitCodes.done;
    }
    const isNarrowed = options.tenant !== undefined || options.excludeTenant !== undefined;
    const past = await pastOf(statePath, saved.id);
    // Only tenants that the plan names are of interest, of those that the configuration chooses.
    const tenant = options.tenant ?? [...new Set(saved.sites.map((each) => each.tenant.id))];
    const all = await openScope(context, { ...options, tenant });
    const scope = { ...all, targets: all.targets.filter(({ isConfigured }) => options.tenant !== undefined || isConfigured) };
    return await carryOutPlan(context, options, statePath, {
      command: 'intelix apply',
      plan: saved,
      past,
      tenants: [],
      unknown: [],
      intentOf: (before) => deletionsOf(context, scope, saved, past, isNarrowed, before),
    });
  },
};

/** Plan and apply in one. */
export const clean: Command<DeletionOptions & LevelOptions> = {
  name: 'clean',
  summary: 'delete local sites by their risk: plan and apply in one',
  description:
    'Looks up every local site of all or of chosen tenants and deletes those whose risk the level names. What is not classified, and what could not be looked up, is never deleted. For each tenant it writes a `..._deletion_report.json` and a `..._deletion_details.json`, from which `local-site restore` puts everything back; with `--dry-run` a `..._dry_run_report.json`.',
  examples: ['intelix clean --level HIGH --dry-run', 'intelix clean --level HIGH_MEDIUM --tenant "Acme*" --yes --max 500'],
  declare: (parser) => void declareDeletion(declareLevel(parser)),
  async run(context, _args, options) {
    const level = levelIn(options.level);
    checkActionOptions(options);
    const { statePath } = await context.loadPlan();
    const intelix = await openIntelix(context, await context.loadPlan());
    try {
      const review = await reviewSites(context, intelix, options);
      const candidates = candidatesOf(review, level);
      context.note(summaryOf(review));
      // Too many are refused in any case, and without a call for each.
      const isTooMuch = candidates.length > maxChanges(options) && !options.dryRun;
      const { plan: made, unknown } = await planOf(context, level, review, candidates, isTooMuch ? 'as listed' : 'whole');
      if (unknown.length > 0) context.warn(`${figure(unknown.length)} local sites could not be looked up or read: they are not deleted`);
      return await carryOutPlan(context, options, statePath, {
        command: 'intelix clean',
        plan: made,
        past: new Map(),
        tenants: review.targets.map(({ tenant }) => tenant),
        unknown,
        intentOf: async (before) => ({
          changes: freshDeletions(made, review.targets, before),
          leftOut: [],
          unread: review.unread,
          goneSince: new Set(),
          tenantsRead: review.targets.length,
        }),
      });
    } finally {
      await intelix.close();
    }
  },
};
