/** Doing what a plan says, through the machinery that all changes go through, and writing the reports. */
import { resolve } from 'node:path';
import type { Failure } from '../../core/failure.ts';
import { codeFor } from '../accounts.ts';
import type { LeftOut } from '../actions/change.ts';
import { type ActionOptions, carryOut } from '../actions/changes.ts';
import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit.ts';
import { plural } from '../output/progress.ts';
import type { BeforeSending, Deleting } from './deleting.ts';
import { openDeletionReports, type Reported, writeDryRun } from './deletion-reports.ts';
import { deletionKey, type Past } from './past.ts';
import type { DeletionPlan } from './plan-file.ts';
import { openReportFolder } from './report-folder.ts';

export interface FolderOptions {
  readonly outDir?: string;
}

export interface DeletionOptions extends ActionOptions, FolderOptions {}

/** A plan, on its way to be done. */
export interface Undertaking {
  /** As the log and the question name it. */
  readonly command: string;
  readonly plan: DeletionPlan;
  readonly past: Past;
  /** Tenants that get a report also when nothing of theirs is in the plan. */
  readonly tenants: readonly { readonly id: string; readonly name: string }[];
  /** Sites of which nobody knows what they are. */
  readonly unknown: readonly LeftOut[];
  /** What is to be done; every change has to await `before` before it is sent. */
  intentOf(before: BeforeSending): Promise<Deleting>;
}

/** The folder of the reports, absolute. */
export function reportPath({ cwd }: CommandContext, { outDir }: FolderOptions): string {
  return resolve(cwd, outDir ?? 'intelix');
}

/** Shows, asks, deletes, tells, and writes the reports, also of a run that is interrupted. */
export async function carryOutPlan(context: CommandContext, options: DeletionOptions, statePath: string, work: Undertaking): Promise<ExitCode> {
  const { plan, past, tenants, unknown, command } = work;
  const now = context.world.clock.now();
  const folder = openReportFolder(reportPath(context, options), now);
  const reports = openDeletionReports(folder, plan, statePath);
  let preparing: Promise<void> | null = null;
  const deleting: Deleting = await work.intentOf(() => {
    preparing ??= reports.prepare(deleting.changes, past);
    return preparing;
  });
  const leftOut = new Map(deleting.leftOut.map((each) => [deletionKey(each.tenant, each.object), each]));
  const reported: Reported = { plan, tenants, leftOut, unknown, goneSince: deleting.goneSince, at: now };
  const intent = { changes: deleting.changes, leftOut: [...deleting.leftOut, ...unknown], unread: [] };

  async function report(): Promise<void> {
    const isDone = preparing !== null || deleting.changes.length === 0;
    if (!options.dryRun && !isDone) return;
    const paths = options.dryRun ? await writeDryRun(folder, reported) : await reports.end(reported);
    if (paths.length > 0) context.note(`${plural(paths.length, 'report')} in ${folder.path}.`);
  }

  let code: ExitCode;
  try {
    code = await carryOut(context, options, intent, { command, noun: 'local site' });
  } catch (error) {
    await report().catch((second: unknown) => context.warn(`the reports could not be written: ${second instanceof Error ? second.message : String(second)}`));
    throw error;
  }
  await report();
  return code === exitCodes.done ? codeOf(deleting.unread, unknown, deleting.tenantsRead) : code;
}

/** All was done that could be; was that all? */
export function codeOf(unread: readonly Failure[], unknown: readonly unknown[], tenantsRead: number): ExitCode {
  if (unread.length > 0) return codeFor(unread, unread.length + tenantsRead);
  return unknown.length > 0 ? exitCodes.partly : exitCodes.done;
}
