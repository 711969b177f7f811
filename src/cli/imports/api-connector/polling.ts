/**
 * The folder `polling`: how far the tool has come with alerts.
 *
 * What the files mean (from its code, release 0.1.x):
 *
 *   poll_config.json      the end of the last run that went well, and whether the last one did. The next run asks for a day before that end on
 *   alert_ids.json        every alert that Splunk has taken since; older ones are dropped at the next run. By id: when it was raised, its tenant
 *   temp_alert_ids.json   during a run: those of the runs before. Splunk has taken these too. A run that ends well puts both together again
 *
 * So both lists together are what has been sent, also of a run that died. An alert whose answer never came is in neither: it is sent again, as the
 * tool would have done.
 *
 * Where reading begins: where the next run would have begun, or at the oldest alert of the lists if that is earlier. Nothing that was
 * dropped from the lists is as young as that, so nothing is sent twice. And what releases that filter out too much (from their second run on they
 * take every alert for sent) have left out since their first run is found.
 */
import { join } from 'node:path';
import type { Millis } from '../../../core/types.ts';
import { isMap, readJson, textIn, unreadable } from './folder.ts';

export interface Polling {
  readonly since: Millis;
  /** The end of the last run that went well; `since` when none is known to have. */
  readonly readUpTo: Millis;
  readonly sent: ReadonlyMap<string, SentAlert>;
  /** Entries without a readable time: as if raised when the last run ended. */
  readonly undated: number;
  /** Entries that are none. */
  readonly odd: number;
  /** The last run did not come to its end. */
  readonly isBrokenOff: boolean;
}

export interface SentAlert {
  readonly raisedAt: Millis;
  /** `null`: nobody wrote it down. */
  readonly tenantId: string | null;
}

const dayMs: Millis = 86_400_000;
/** As far back as Central lists (reference, section 5.1). */
const longestMs: Millis = 90 * dayMs;
/** Ids of Central have 36. */
const longestId = 1000;

/** `null` when it never polled. Throws config `import.unreadable`. */
export async function readPolling(folder: string, now: Millis): Promise<Polling | null> {
  const configFile = join(folder, 'polling', 'poll_config.json');
  const config = await readJson(configFile);
  const lists: readonly unknown[] = [await readList(folder, 'temp_alert_ids.json'), await readList(folder, 'alert_ids.json')];
  if (config === undefined && lists.every((list) => list === undefined)) return null;
  if (config !== undefined && !isMap(config)) throw unreadable(configFile, 'holds no object');

  const lastEnd = lastEndOf(config);
  const end = Math.min(lastEnd ?? now, now);
  const sent = new Map<string, SentAlert>();
  let undated = 0;
  let odd = 0;
  for (const [id, entry] of lists.flatMap((list) => (isMap(list) ? Object.entries(list) : []))) {
    if (id === '' || id.length > longestId || !isMap(entry)) {
      odd++;
      continue;
    }
    const raisedAt = instantOf(textIn(entry, 'raised_at'));
    if (raisedAt === null) undated++;
    const tenantId = textIn(entry, 'tenant_id');
    sent.set(id, { raisedAt: raisedAt ?? end, tenantId: tenantId === undefined || tenantId === '' ? null : tenantId });
  }
  let since = end - dayMs;
  for (const { raisedAt } of sent.values()) if (raisedAt < since && raisedAt >= now - longestMs) since = raisedAt;
  return { since, readUpTo: lastEnd === null ? since : end, sent, undated, odd, isBrokenOff: textIn(config, 'first_loop') === 'False' };
}

/** Of a tool that never polled, and begins there. */
export function pollingFrom(since: Millis): Polling {
  return { since, readUpTo: since, sent: new Map(), undated: 0, odd: 0, isBrokenOff: false };
}

async function readList(folder: string, name: string): Promise<unknown> {
  const file = join(folder, 'polling', name);
  const list = await readJson(file);
  if (list !== undefined && !isMap(list)) throw unreadable(file, 'holds no object of ids');
  return list;
}

/** What the tool itself would take. The other one, when that is missing: a run that fails before any went well has none. */
function lastEndOf(config: unknown): Millis | null {
  const run = instantOf(textIn(config, 'last_run_datetime'));
  const success = instantOf(textIn(config, 'last_run_success_datetime'));
  return textIn(config, 'last_run_success_bool') === 'False' ? (success ?? run) : (run ?? success);
}

/** `2026-01-31T12:00:00.000Z`, with any number of decimals or none. */
export function instantOf(text: string | undefined): Millis | null {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z?$/.test(text)) return null;
  const at = Date.parse(text.endsWith('Z') ? text : `${text}Z`);
  return Number.isNaN(at) ? null : at;
}
