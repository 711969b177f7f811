import { randomBytes, randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import type { OpenHttp } from '../clients/http.ts';
import type { Plan } from '../config/plan.ts';
import { systemClock } from '../core/clock.ts';
import { Failure } from '../core/failure.ts';
import type { Http, World } from '../core/world.ts';
import type { CommandContext, CommandEntry, GlobalOptions, PlanNeeds, Terminal } from './command.ts';
import { usage } from './exit.ts';
import { type LogOptions, openLog } from './log.ts';
import { noProgress, openProgress } from './output/progress.ts';
import { openScreen, type Screen } from './output/screen.ts';
import { visible } from './output/visible.ts';
import { overridesOf } from './overrides.ts';
import type { Surroundings } from './surroundings.ts';

export interface OpenContext extends CommandContext {
  /** Writes what the log still holds and ends all connections. */
  close(): Promise<void>;
}

/**
 * Makes what a command is given out of what the process gives.
 *
 * Calls    loads neither an HTTP client nor the configuration before they are asked for.
 */
export function openContext(around: Surroundings, globals: GlobalOptions, commands: readonly CommandEntry[]): OpenContext {
  const { env, cwd, stdin, stdout, stderr, signal } = around;
  const clock = around.world?.clock ?? systemClock;
  const quiet = globals.quiet === true;
  const color = hasColor(env, globals, stdout);
  const screen = openScreen(stderr);
  const logOptions: LogOptions = {
    level: globals.logLevel ?? (quiet ? 'warn' : 'info'),
    format: globals.logFormat,
    file: globals.logFile === undefined ? undefined : resolve(cwd, globals.logFile),
    color: hasColor(env, globals, stderr),
    run: randomBytes(4).toString('hex'),
  };
  const log = openLog(logOptions, screen, clock);

  let connections: Promise<OpenHttp> | null = null;
  const http: Http = async (request) => {
    connections ??= import('../clients/http.ts').then(({ openHttp }) => openHttp());
    return (await connections).http(request);
  };
  const world: World = { clock, random: around.world?.random ?? chance, http: around.world?.http ?? http, report: around.world?.report ?? log.report };

  let plan: Promise<Plan> | null = null;
  async function load({ credentials, secrets = 'asked' }: PlanNeeds): Promise<Plan> {
    const { loadConfig } = await import('../config/load.ts');
    const { config: file, logLevel } = globals;
    const loaded = await loadConfig(
      {
        ...(file === undefined ? {} : { file }),
        cwd,
        env: { HOME: around.home, ...env },
        overrides: overridesOf(globals),
        credentials,
        conceal: log.conceal,
        ...(secrets === 'unasked' ? {} : { world }),
      },
      signal,
    );
    const { level, format, file: logTo, rotate } = loaded.log;
    log.configure({
      ...logOptions,
      level: quiet && logLevel === undefined ? 'warn' : level,
      format: format ?? undefined,
      file: logTo ?? undefined,
      rotate: rotate ?? undefined,
    });
    return loaded;
  }

  return {
    env,
    cwd,
    stdin,
    stdout,
    stderr,
    isTty: stdout.isTTY === true,
    isInteractive: stdin.isTTY === true && stderr.isTTY === true,
    color,
    quiet,
    screen,
    signal,
    world,
    log,
    globals,
    commands,
    loadPlan(needs = { credentials: 'required' }) {
      plan ??= load(needs);
      return plan;
    },
    print: (data) => print(stdout, data, signal, screen),
    note(message) {
      if (!quiet) log.say(visible(message));
    },
    warn: (message) => log.say(`warning: ${visible(message)}`),
    progress: () => (quiet ? noProgress : openProgress(screen, clock, log.say)),
    async close() {
      screen.status(null);
      await log.close();
      await (await connections)?.close();
    },
  };
}

async function print(stdout: Terminal, data: string | Uint8Array, signal: AbortSignal, screen: Screen): Promise<void> {
  signal.throwIfAborted();
  if (stdout.destroyed) {
    throw new Failure('config', 'stdout.closed', 'the reader of standard output has gone', { advice: 'Look why it ended, unless it had enough.' });
  }
  let hasRoom = true;
  const write = () => {
    hasRoom = stdout.write(data);
  };
  if (stdout.isTTY) screen.makeRoom(write, endsLine(data));
  else write();
  if (hasRoom) return;
  await new Promise<void>((resolve, reject) => {
    const settle = () => {
      stdout.off('drain', settle).off('close', settle);
      signal.removeEventListener('abort', settle);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    stdout.on('drain', settle).on('close', settle);
    signal.addEventListener('abort', settle, { once: true });
  });
}

function endsLine(data: string | Uint8Array): boolean {
  return typeof data === 'string' ? data.endsWith('\n') : data.at(-1) === 0x0a;
}

/** Options beat environment; https://no-color.org and https://force-color.org say what the variables mean. */
function hasColor(env: Surroundings['env'], { color }: GlobalOptions, terminal: Terminal): boolean {
  if (color === false) return false;
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return terminal.isTTY === true && env.TERM !== 'dumb';
}

function chance(): number {
  return randomInt(0x1_0000_0000) / 0x1_0000_0000;
}

/** The value of an option that is a whole number within limits. */
export function wholeNumber(name: string, text: string, limits: { readonly min: number; readonly max: number }): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= limits.min && value <= limits.max) return value;
  const upTo = limits.max >= Number.MAX_SAFE_INTEGER ? `at least ${limits.min}` : `${limits.min} to ${limits.max}`;
  throw usage('number', `\`${name}\` takes a whole number, ${upTo}; seen \`${text}\``, `Write for example \`${name} ${Math.max(1, limits.min)}\`.`);
}
