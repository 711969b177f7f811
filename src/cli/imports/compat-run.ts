/**
 * A peer's own command line, carried out by ours.
 *
 * The peer's folder stays the source of truth: it is read each time, and what it says becomes a configuration in memory, with its secrets in an
 * environment that only this process has. Only the journal is ours: a folder beside the peer's state. At the first time the peer's position is
 * taken over; from then on ours counts.
 */
import { join, resolve } from 'node:path';
import type { Plan } from '../../config/plan.ts';
import type { LogLevel } from '../../core/reports.ts';
import type { CommandContext } from '../command.ts';
import { type ExitCode, exitCodes } from '../exit.ts';
import { plural } from '../output/progress.ts';
import { shellWord } from '../output/shell-word.ts';
import { askBeside } from '../store.ts';
import { adoptAll } from './adoption.ts';
import { surroundings } from './importing.ts';
import { runNative } from './native.ts';
import { readable } from './placeholders.ts';
import { planOfDraft, statePathOf } from './plan.ts';
import type { Peer, Takeover } from './takeover.ts';

export interface CompatRun {
  readonly peer: Peer;
  /** The peer's folder, absolute; relative paths of its configuration start there. */
  readonly folder: string;
  /** Our journal, absolute, unless `--state` names another one. */
  readonly statePath: string;
  /** Our command lines, one after the other, without `sophos-central`, such as `['run', '--once']`. */
  readonly lines: readonly (readonly string[])[];
  /** What the peer's flags change. */
  change?(takeover: Takeover): Takeover;
  /** The peer's quiet flag: no remarks, and the native command line is not shown. */
  readonly quiet: boolean;
  /** The peer's debug flag. Default: what its configuration says. */
  readonly logLevel?: LogLevel;
  /** What the flags change in the configuration, for whoever goes over to our own command line. */
  readonly settings?: readonly string[];
  /** `remembered`: once something has been taken over, the reader of the peer's folder hears of the tenants that our state knows, and Central is not asked. */
  readonly tenants?: 'asked' | 'remembered';
  /** The position is what was delivered: it is remembered, also of streams that our state has read. */
  readonly remembers?: boolean;
}

/**
 * Does what the peer would have done.
 *
 * Throws   as the peer's reader; config `import.unacceptable`; what the native command throws. Its exit code is ours, not the peer's.
 */
export async function runCompat(outside: CommandContext, compat: CompatRun): Promise<ExitCode> {
  const { peer, folder, lines } = compat;
  const context = quietly(outside, compat);
  const statePath = statePathOf(context, compat.statePath);
  const around = surroundings(context, folder, { asks: 'central', warn: context.warn });
  const remembered = compat.tenants === 'remembered' ? ((await askBeside(context, { statePath }, ({ directory }) => directory.tenants())) ?? []) : [];
  const read = await peer.read(folder, remembered.length === 0 ? around : { ...around, tenants: async () => remembered });
  const takeover = compat.change ? compat.change(read) : read;
  const plan = { ...(await planOfCompat(context, takeover, folder, statePath)), file: null };
  if (!context.quiet && compat.logLevel === undefined && context.globals.logLevel === undefined) logAt(context, plan.log.level);
  const withSettings = (compat.settings ?? []).map((setting, i) => `${i === 0 ? ', with' : ' and'} \`${setting}\``).join('');
  for (const line of lines)
    context.note(
      `compat: this stands for \`sophos-central ${line.map(shellWord).join(' ')} --state ${shellWord(plan.statePath)}\` after \`sophos-central import ${peer.name} ${shellWord(folder)}\`${withSettings}`,
    );

  const adopted = await adoptAll(context, plan, takeover, { which: 'unread', remembers: compat.remembers ?? false, command: `compat ${peer.name}` });
  if (adopted.streams.length > 0) context.note(`compat: ${plural(adopted.streams.length, 'stream')} taken over where ${peer.name} stopped.`);
  if (adopted.behind.length > 0 && !compat.remembers)
    context.warn(
      `${peer.name} has read since this state did (${adopted.behind
        .map(({ id }) => id)
        .slice(0, 3)
        .join(', ')}): what it delivered since is delivered again`,
    );
  const derived: CommandContext = { ...context, loadPlan: async () => plan };
  let worst: ExitCode = exitCodes.done;
  for (const line of lines) worst = worseOf(worst, await runNative(derived, line));
  return worst;
}

async function planOfCompat(context: CommandContext, { draft, secrets }: Takeover, folder: string, statePath: string): Promise<Plan> {
  const inMemory = readable({ ...draft, tree: { ...draft.tree, state: statePath } }, secrets, context.env);
  return planOfDraft(context, join(folder, 'sophos-central.yaml'), inMemory);
}

/** The peer's flags in place of ours. */
function quietly(context: CommandContext, { quiet, logLevel }: CompatRun): CommandContext {
  const isQuiet = quiet || context.quiet;
  logAt(context, context.globals.logLevel ?? logLevel ?? (isQuiet ? 'warn' : 'info'));
  return { ...context, quiet: isQuiet, note: isQuiet ? () => undefined : context.note };
}

function logAt({ log, globals, cwd, color, screen }: CommandContext, level: LogLevel): void {
  const file = globals.logFile === undefined ? undefined : resolve(cwd, globals.logFile);
  log.configure({ level, format: globals.logFormat, file, color: color && screen.isTerminal });
}

/** The first that says something. */
function worseOf(one: ExitCode, other: ExitCode): ExitCode {
  return one === exitCodes.done ? other : one;
}
