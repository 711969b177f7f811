/** How far siem.py has come: its state file, a JSON object that it writes anew after each page. */
import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../../core/failure.ts';
import type { Millis } from '../../../core/types.ts';

/** One tenant, or one legacy token, as siem.py left it. */
export interface SiemPlace {
  /** The tenant's id, or the token. */
  readonly id: string;
  readonly events: string | null;
  readonly alerts: string | null;
  /** When it was last read, by the clock of that machine. */
  readonly lastRunAt: Millis | null;
}

export interface SiemState {
  /** `null`: there is no state file. */
  readonly writtenAt: Millis | null;
  readonly tenants: readonly SiemPlace[];
  /** Cursors of legacy tokens; the key is the token itself. */
  readonly tokens: readonly SiemPlace[];
  /** Files of siem.py 1.x beside it, which kept its place in another way. */
  readonly oldFiles: readonly string[];
}

/** A state of thousands of tenants is well below it. */
const maxBytes = 20_000_000;
/** Longer is no cursor. */
const maxCursor = 8_192;
const oldNames = ['siem_lastrun_events.obj', 'siem_lastrun_alerts.obj'];

/**
 * Reads the state.
 *
 * Throws   config `import.siem-state`, naming the file and what is wrong in it.
 * Source   reference, siem.py, "Configuration and state".
 */
export async function readState(file: string): Promise<SiemState> {
  const oldFiles = await presentOf(oldNames.map((name) => join(dirname(file), name)));
  const found = await readText(file);
  if (found === null) return { writtenAt: null, tenants: [], tokens: [], oldFiles };
  const whole = fieldsOf(parse(found.text, file), file, 'the file');
  // A text that siem.py may have put there is no place; a map is.
  const tenants = entriesOf(whole.tenants, file, 'tenants').map(([id, value]) => placeOf(id, value, file, `tenants.${shown(id)}`));
  const tokens = entriesOf(whole.account, file, 'account').map(([id, value]) => placeOf(id, value, file, 'account.<token>'));
  return { writtenAt: found.writtenAt, tenants: tenants.filter(hasPlace), tokens: tokens.filter(hasPlace), oldFiles };
}

function placeOf(id: string, value: unknown, file: string, at: string): SiemPlace {
  const fields = fieldsOf(value, file, `\`${at}\``);
  return {
    id,
    events: cursorOf(fields.eventsLastFetched, file, `${at}.eventsLastFetched`),
    alerts: cursorOf(fields.alertsLastFetched, file, `${at}.alertsLastFetched`),
    lastRunAt: instantOf(fields.lastRunAt, file, `${at}.lastRunAt`),
  };
}

function hasPlace({ events, alerts }: SiemPlace): boolean {
  return events !== null || alerts !== null;
}

function cursorOf(value: unknown, file: string, at: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > maxCursor || /[^\x21-\x7e]/.test(value)) throw damaged(file, `\`${at}\` is not a cursor`);
  return value;
}

function instantOf(value: unknown, file: string, at: string): Millis | null {
  if (value === undefined || value === null) return null;
  // Seconds since 1970, with a fraction; the year 2100 is far enough.
  if (typeof value !== 'number' || !(value >= 0 && value < 4_102_444_800)) throw damaged(file, `\`${at}\` is not a time in seconds`);
  return Math.floor(value * 1000);
}

function entriesOf(value: unknown, file: string, at: string): readonly [string, unknown][] {
  return value === undefined ? [] : Object.entries(fieldsOf(value, file, `\`${at}\``));
}

function fieldsOf(value: unknown, file: string, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damaged(file, `${what} is not a JSON object`);
  // A copy without a prototype: the file may name `__proto__` and hold nothing else.
  return Object.assign(Object.create(null) as Record<string, unknown>, Object.fromEntries(Object.entries(value)));
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // Its message quotes the text, which may hold a token.
    if (error instanceof SyntaxError) throw damaged(file, text.trim() === '' ? 'it is empty' : 'it is not whole JSON');
    throw error;
  }
}

async function readText(file: string): Promise<{ readonly text: string; readonly writtenAt: Millis } | null> {
  try {
    // Without O_NONBLOCK a pipe of this name would keep us waiting for its writer. Windows knows no such flag.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw damaged(file, 'it is no regular file');
      if (stats.size > maxBytes) throw damaged(file, `it is larger than ${maxBytes / 1_000_000} MB`);
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile()), writtenAt: stats.mtimeMs };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof TypeError) throw damaged(file, 'it is not UTF-8 text');
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (error instanceof Failure || code === undefined) throw error;
    throw damaged(file, `it cannot be read (${code})`);
  }
}

async function presentOf(files: readonly string[]): Promise<readonly string[]> {
  const present = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, i) => present[i]);
}

function damaged(file: string, finding: string): Failure {
  return new Failure('config', 'import.siem-state', `could not read the state of siem.py in ${file}: ${finding}`, {
    advice:
      'Let siem.py run once more, or bring the file back from a backup. If its place is lost, move the file away: then reading begins 12 hours back, and some records come again.',
  });
}

function shown(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
}
