/**
 * How far Sophos API Connect has come with one kind of record.
 *
 * It keeps no cursor: it asks for the last 24 h and adds what its files do not hold yet. So reading begins 24 h back here too, and what
 * any of its files holds is known. What one file holds and the other lacks waits for the other one's route alone, as if it had
 * been read: from the JSON file, or from Central where only the text file has it.
 */
import type { Adopted } from '../../../core/store.ts';
import type { Item, Millis, Origin, Tenant } from '../../../core/types.ts';
import { dayMs, restartAt } from '../../../streams/siem.ts';
import { plural } from '../../output/progress.ts';
import type { Finding, LeftOver } from '../takeover.ts';
import { type HeldFile, itemsOf } from './held.ts';

/** One kind of record, with its files and the routes that go on with them. */
export interface Kind {
  readonly stream: 'events' | 'siem-alerts';
  /** As the tool and people call them. */
  readonly title: 'events' | 'alerts';
  readonly text: Continued | null;
  readonly json: Continued | null;
}

export interface Continued {
  readonly held: HeldFile;
  readonly route: string;
  /** Records of the other kind are in it too, and are not told apart. */
  readonly isShared: boolean;
}

/** What Central has of these records; `null` when nobody may be asked. */
export type AskCentral = (stream: Kind['stream'], ids: ReadonlySet<string>) => Promise<readonly Item[] | null>;

export interface Position {
  readonly adopted: Adopted;
  readonly waiting: readonly LeftOver[];
  readonly findings: readonly Finding[];
}

export async function positionOf(kind: Kind, tenant: Tenant, now: Millis, ask: AskCentral): Promise<Position> {
  const origin: Origin = { stream: kind.stream, tenant };
  const { text, json } = kind;
  const known = new Map([...(text?.held.times ?? []), ...(json?.held.times ?? [])]);
  const adopted: Adopted = {
    id: `${tenant.id}/${kind.stream}`,
    origin,
    // Earlier than Central allows: it begins as early as it may, whatever this clock says.
    checkpoint: restartAt(now - 2 * dayMs),
    readUpTo: null,
    delivered: [...known].map(([key, time]) => ({ key, time })),
  };
  if (!text || !json) return { adopted, waiting: [], findings: [] };
  if (text.isShared || json.isShared) {
    const how = 'events and alerts go into one file, so it was not looked at whether one file lacks what the other one holds';
    return { adopted, waiting: [], findings: [{ outcome: 'left', what: `${kind.title}, text and JSON file`, how }] };
  }
  const toText = await forText(text, json, kind, now);
  const toJson = await forJson(text, json, kind, now, ask);
  const waiting = [toText, toJson].flatMap(({ items, route }): LeftOver[] =>
    items.length === 0 ? [] : [{ origin, route, reason: 'one of its files had it, and the other one not', items, becomes: 'waiting' }],
  );
  return { adopted, waiting, findings: [...toText.findings, ...toJson.findings] };
}

interface Missing {
  readonly route: string;
  readonly items: readonly Item[];
  readonly findings: readonly Finding[];
}

async function forText(text: Continued, json: Continued, { title }: Kind, now: Millis): Promise<Missing> {
  const ids = missing(json.held, text.held, now);
  const items = ids.size === 0 ? [] : await itemsOf(json.held.path, ids, now);
  const how = `${plural(items.length, 'record')} of the last 24 h, found in \`${json.held.path}\` and not here: added first. The tool itself leaves out of its text files what was recorded before midnight`;
  return { route: text.route, items, findings: items.length === 0 ? [] : [{ outcome: 'changed', what: `${title}, text file`, how }] };
}

async function forJson(text: Continued, json: Continued, { stream, title }: Kind, now: Millis, ask: AskCentral): Promise<Missing> {
  const ids = missing(text.held, json.held, now);
  const items = ids.size === 0 ? [] : await ask(stream, ids);
  const what = `${title}, JSON file`;
  const findings: Finding[] = [];
  if (items && items.length > 0)
    findings.push({
      outcome: 'changed',
      what,
      how: `${plural(items.length, 'record')} of the last 24 h, found in \`${text.held.path}\` and not here: asked of Central, and added first`,
    });
  const lost = ids.size - (items?.length ?? 0);
  const why = items ? 'Central has no more of them' : 'Central could not be asked; leave out `--offline`';
  if (lost > 0)
    findings.push({
      outcome: 'left',
      what,
      how: `${plural(lost, 'record')} of the last 24 h, found in \`${text.held.path}\` and not here: not added, because ${why}`,
    });
  return { route: json.route, items: items ?? [], findings };
}

/** What `one` holds of the last 24 h and `other` does not. */
function missing(one: HeldFile, other: HeldFile, now: Millis): ReadonlySet<string> {
  const since = now - dayMs;
  return new Set([...one.times].flatMap(([id, time]) => (time >= since && !other.times.has(id) ? [id] : [])));
}
