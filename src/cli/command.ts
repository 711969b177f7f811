/** What a command is, and what it is given. Adding one is one file in commands/ and one line in commands/index.ts. */
import type { Readable, Writable } from 'node:stream';
import type { Command as Parser } from 'commander';
import type { Plan } from '../config/plan.ts';
import type { LogLevel } from '../core/reports.ts';
import type { World } from '../core/world.ts';
import type { ExitCode } from './exit.ts';
import type { Log, LogFormat } from './log.ts';
import type { Progress } from './output/progress.ts';
import type { Screen } from './output/screen.ts';

export type { Parser };

/** Options that are accepted before and after every command. */
export interface GlobalOptions {
  readonly config?: string;
  readonly state?: string;
  readonly logLevel?: LogLevel;
  readonly logFile?: string;
  readonly logFormat?: LogFormat;
  /** `false` after `--no-color`. */
  readonly color?: boolean;
  readonly quiet?: boolean;
}

/** A standard output or error, or what stands in its place. */
export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command needs of the configuration. */
export interface PlanNeeds {
  readonly credentials: 'required' | 'optional';
  /** `unasked`: nothing is opened with the secrets, so nobody is asked for them over the network; their values are not known then. */
  readonly secrets?: 'asked' | 'unasked';
}

/** Everything that a command knows of where it runs. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Is standard output a terminal? */
  readonly isTty: boolean;
  /** May somebody be asked: are standard input and standard error terminals? */
  readonly isInteractive: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
  /** Standard error, with its one line that is redrawn. */
  readonly screen: Screen;
  /** Aborts on the first Ctrl-C or SIGTERM, and when the reader of standard output has gone. A second signal ends the program at once. */
  readonly signal: AbortSignal;
  readonly world: World;
  readonly log: Log;
  readonly globals: GlobalOptions;
  /** Every command there is, this one among them. */
  readonly commands: readonly CommandEntry[];
  /**
   * The checked configuration; read once, then remembered. The log follows its `log:` where no option said otherwise.
   *
   * Shape    `credentials: 'optional'` is for commands that do not call Central; default `required`.
   */
  loadPlan(needs?: PlanNeeds): Promise<Plan>;
  /** Data, to standard output; resolves when there is room for more. Throws config `stdout.closed` when the reader has gone. */
  print(data: string | Uint8Array): Promise<void>;
  /** What a person likes to know, to standard error; nothing with `--quiet`. */
  note(message: string): void;
  /** What a person has to know, to standard error. */
  warn(message: string): void;
  /** Shows how far long work has come; nothing with `--quiet`. Call `end()` in a `finally`. */
  progress(): Progress;
}

/** One command. `O` is what its options are once commander has read them. */
export interface Command<O extends object = object> {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** More, for its own help. */
  readonly description?: string;
  /** Whole command lines, without `sophos-central`; at least one. */
  readonly examples: readonly string[];
  /** Declares arguments and options; the global ones are there already. */
  declare?(parser: Parser): void;
  /**
   * Shape    `args` are the positional arguments.
   * Throws   Failure; exit.ts makes the exit code of it. After an abort of `context.signal`, its reason.
   */
  run(context: CommandContext, args: readonly string[], options: O): Promise<ExitCode>;
}

/** Commands under one word, such as `config check`. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly examples: readonly string[];
  readonly commands: readonly Command[];
}

/** A line in the table of commands: enough for the list; the module is loaded when it is run or its help is asked for. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** One example in the overview. */
  readonly example?: string;
  /** The exit code of everything that goes wrong, where the usual ones would say something else (see exit.ts). */
  readonly troubleCode?: ExitCode;
  load(): Promise<Command | CommandGroup>;
}

export function isGroup(command: Command | CommandGroup): command is CommandGroup {
  return 'commands' in command;
}
