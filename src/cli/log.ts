/**
 * Reports and failures as lines on standard error, or in a file when asked.
 *
 * pino writes them; it is loaded with the first line that is loud enough, and until it is there lines wait in order. Whatever came
 * from outside is made visible before it is written, so that no name and no record can forge a line.
 */
import { CentralError, Failure } from '../core/failure.ts';
import { type LogLevel, levelOf, logLevels, sentenceOf } from '../core/reports.ts';
import type { Json, Millis } from '../core/types.ts';
import type { Clock, Report } from '../core/world.ts';
import { openConcealment } from './log/conceal.ts';
import { openLogFile } from './log/file.ts';
import { openFold } from './log/fold.ts';
import { placed } from './log/place.ts';
import type { Screen } from './output/screen.ts';
import { visible } from './output/visible.ts';

export type LogFormat = 'pretty' | 'json';

export interface LogOptions {
  readonly level: LogLevel;
  /** Unset: pretty on a terminal, JSON otherwise and in a file. */
  readonly format?: LogFormat | undefined;
  /** Instead of standard error; what ends a command is said there too. */
  readonly file?: string | undefined;
  readonly rotate?: { readonly maxBytes: number; readonly keep: number } | undefined;
  readonly color: boolean;
  /** What tells the lines of this process from those of others. */
  readonly run?: string | undefined;
}

/** Where everything goes that is not data. */
export interface Log {
  readonly level: LogLevel;
  /** From `World.report`: level and sentence come from core/reports.ts. */
  report(report: Report): void;
  info(message: string): void;
  warn(message: string): void;
  debug(message: string): void;
  /** What ends a command, for a person: attempted, seen, what to do, correlation id. The stack of a bug only at `debug` and `trace`. */
  failure(error: unknown): void;
  /** For a person, whatever the level but `silent`: what a command has to say besides its data. No level, no time; plain text, unless JSON was asked for. */
  say(message: string): void;
  /** Texts that must never be read in a line, whoever wrote them into a message. */
  conceal(secrets: Iterable<string>): void;
  /** The text without them, for what a command prints elsewhere and others have written. */
  concealed(text: string): string;
  /** Other settings from here on, for example those of the configuration file. */
  configure(options: LogOptions): void;
  /** Writes what still waits. */
  close(): Promise<void>;
}

export type Loudness = Exclude<LogLevel, 'silent'>;
type Fields = Readonly<Record<string, Json>>;

interface Line {
  readonly level: Loudness;
  readonly at: Millis;
  readonly message: string;
  readonly fields: Fields;
}

/** A warning or an error, and whether it was only counted as one of many. */
interface Said {
  readonly line: Line;
  isHidden: boolean;
}

/** Repeats of the same warning or error within this time are one line. */
const foldMs: Millis = 60_000;
/** So many different lines for one cause are written within that time; then they are only counted. */
const mostAlike = 20;

export function openLog(initial: LogOptions, screen: Screen, clock: Clock): Log {
  let options = initial;
  let opening: Promise<void> | null = null;
  let ready: ((line: Line) => void) | null = null;
  const waiting: Line[] = [];
  const fold = openFold<Said>(foldMs);
  const alike = openFold<Line>(foldMs);
  const concealment = openConcealment();

  function isLoud(level: Loudness): boolean {
    return logLevels.indexOf(level) <= logLevels.indexOf(options.level);
  }

  function put(line: Line): void {
    if (ready) ready(line);
    else {
      waiting.push(line);
      opening ??= open();
    }
  }

  async function open(): Promise<void> {
    for (;;) {
      const wanted = options;
      const write = await openWriter(wanted, screen);
      // Other settings came meanwhile: lines that still wait are written by those.
      if (wanted !== options) continue;
      for (const line of waiting.splice(0)) write(line);
      ready = write;
      return;
    }
  }

  function add(level: Loudness, message: string, fields: Fields = {}): void {
    if (!isLoud(level)) return;
    const at = clock.now();
    sumUp(at, at);
    const line: Line = { level, at, message: plain(message), fields: harmless(fields) };
    if ((level === 'error' || level === 'warn') && isFolded(line)) return;
    put(line);
  }

  /** The same line is said once in its time; many lines for one cause, such as those of 300 tenants, are said some twenty times. */
  function isFolded(line: Line): boolean {
    const said: Said = { line, isHidden: false };
    const first = fold.firstOf(`${String(line.fields.tenantId ?? '')} ${withoutIds(line.message)}`, said, line.at);
    if (first?.isHidden === false) return true;
    // A repeat of what was itself only counted is one more of those.
    const cause = causeOf(line.fields);
    const isHidden = cause !== null && alike.repeats(cause, line, line.at) > mostAlike;
    (first ?? said).isHidden = isHidden;
    return isHidden;
  }

  /** Says what was only counted, of all whose time is over. */
  function sumUp(until: Millis, at: Millis): void {
    for (const { value, times } of fold.over(until)) if (!value.isHidden) put({ ...value.line, at, message: `again ${times} times: ${value.line.message}` });
    for (const { value, times } of alike.over(until)) {
      const more = times + 1 - mostAlike;
      if (more <= 0) continue;
      const { code, reason, report } = value.fields;
      const fields = { ...(report === undefined ? {} : { report }), ...(code === undefined ? {} : { code }), more };
      put({ level: value.level, at, message: `${more} more like these (${String(code ?? report ?? '')}): ${String(reason ?? '')}`, fields });
    }
  }

  function plain(text: string): string {
    return visible(concealment.of(text));
  }

  /** From outside or not: nothing in them ends a line, takes the place of the line's own fields, or is a secret. */
  function harmless(fields: Fields): Fields {
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [reserved.has(name) ? `${name}_` : name, typeof value === 'string' ? plain(value) : value]),
    );
  }

  return {
    get level() {
      return options.level;
    },
    report(report) {
      // Each call and each page is one: what nobody wants to read is not worded.
      const level = levelOf(report);
      if (isLoud(level)) add(level, sentenceOf(report), placed(report));
    },
    info: (message) => add('info', message),
    warn: (message) => add('warn', message),
    debug: (message) => add('debug', message),
    say(message) {
      if (options.level === 'silent') return;
      // Whoever asks for JSON reads it by a program, which would stumble over anything else.
      if (options.format === 'json' && options.file === undefined)
        put({ level: message.startsWith('warning: ') ? 'warn' : 'info', at: clock.now(), message: plain(message.replace(/^warning: /, '')), fields: {} });
      else screen.line(concealment.of(message));
    },
    failure(error) {
      if (options.level === 'silent') return;
      const withStack = isLoud('debug');
      if (options.format === 'json' || options.file !== undefined)
        put({ level: 'error', at: clock.now(), message: plain(messageOf(error)), fields: harmless(fieldsOfError(error, withStack)) });
      if (options.format !== 'json' || options.file !== undefined) for (const line of linesOfError(error, withStack)) screen.line(concealment.of(line));
    },
    conceal: concealment.add,
    concealed: concealment.of,
    configure(next) {
      // The process stays the same one.
      options = { ...next, run: next.run ?? initial.run };
      if (ready === null) return;
      ready = null;
      opening = null;
    },
    async close() {
      sumUp(Number.POSITIVE_INFINITY, clock.now());
      await opening;
    },
  };
}

async function openWriter(options: LogOptions, screen: Screen): Promise<(line: Line) => void> {
  const { pino } = await import('pino');
  const isPretty = options.format === 'pretty' || (options.format === undefined && options.file === undefined && screen.isTerminal);
  const aside = (text: string) => screen.line(text);
  const to = options.file === undefined ? { write: aside } : openLogFile(options.file, aside, options.rotate);
  // The level is decided before a line comes here; its time is the clock's.
  const logger = pino(
    { level: 'trace', base: null, timestamp: false, messageKey: 'msg', formatters: { level: (label) => ({ level: label }) } },
    isPretty ? await prettyTo(to, options.color && options.file === undefined) : to,
  );
  const { run } = options;
  return ({ level, at, message, fields }) => logger[level]({ time: new Date(at).toISOString(), ...(run === undefined ? {} : { run }), ...fields }, message);
}

interface Writes {
  write(text: string): void;
}

async function prettyTo(to: Writes, color: boolean): Promise<Writes> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: color,
    hideObject: true,
    timestampKey: 'time',
    messageKey: 'msg',
    translateTime: "UTC:yyyy-mm-dd'T'HH:MM:ss'Z'",
    ignore: 'pid,hostname',
    messageFormat: (line, messageKey) => `${typeof line.run === 'string' ? `(${line.run}) ` : ''}${String(line[messageKey] ?? '')}`,
  });
  return { write: (text) => to.write(pretty(text)) };
}

/** Names that the line itself has. */
const reserved = new Set(['time', 'level', 'msg', 'run']);

/** What lines have in common that differ only in whom they are about. */
function causeOf({ report, code, reason }: Fields): string | null {
  return report === undefined || reason === undefined ? null : JSON.stringify([report, code ?? null, typeof reason === 'string' ? withoutIds(reason) : reason]);
}

/** What makes the same answer another text each time: the id that Central gives it, and whom it was about. */
function withoutIds(text: string): string {
  return text.replace(/correlation id [^\s)]+/g, '').replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '');
}

function messageOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}

function fieldsOfError(error: unknown, withStack: boolean): Fields {
  if (!(error instanceof Failure)) return { code: 'internal', ...(withStack && error instanceof Error && error.stack ? { stack: error.stack } : {}) };
  const { code, kind, advice } = error;
  const central = error instanceof CentralError ? { status: error.status, correlationId: error.correlationId ?? null, requestId: error.requestId ?? null } : {};
  return { code, kind, ...(advice === undefined ? {} : { advice }), ...central };
}

function linesOfError(error: unknown, withStack: boolean): string[] {
  const stack = withStack && error instanceof Error && error.stack ? error.stack.split('\n').map(visible) : [];
  if (!(error instanceof Failure))
    return [`error: ${visible(messageOf(error))}`, 'This is a bug: please report it, with what `--log-level debug` prints.', ...stack];
  // Our own messages may have several lines (a place in a file with its picture); what they quote was made visible where it was quoted.
  const lines = error.message.split('\n').map(visible);
  const found = [`error: ${lines[0] ?? ''}`, ...lines.slice(1)];
  if (error.advice !== undefined) found.push(...error.advice.split('\n').map((line) => `  ${visible(line)}`));
  if (error instanceof CentralError && error.correlationId && !error.message.includes(error.correlationId))
    found.push(`  correlation id: ${visible(error.correlationId)}`);
  return [...found, ...stack];
}
