/**
 * Which records make which object, and its key.
 *
 * A key names the first record that the object holds: the route, the stream, the number, and when the record was fetched. What the engine
 * sends again begins where it began before, so an object is written over by itself, whatever the new parcel is cut to: a longer one holds
 * what the old one held, and of a shorter one the rest follows under keys of its own. Within one section each object begins with the first
 * record of its folder, which is the first of them in every other cut, too. So nothing is there twice, and nothing is lost.
 *
 * What comes another way has another key, even for the same record: another route, the retry of a dead letter, a new state.
 */
import { createHash } from 'node:crypto';
import type { TenantNames } from '../../core/kinds.ts';
import { textOf } from '../../core/pack.ts';
import { compileTemplate } from '../../core/template.ts';
import type { Millis, Parcel, Section, StreamRecord } from '../../core/types.ts';

/** One object to be. */
export interface ObjectPlan {
  readonly key: string;
  readonly section: Section;
  /** Which of the section's records, in order. */
  readonly picked: readonly number[];
}

export interface ObjectPlanner {
  plan(parcel: Parcel): ObjectPlan[];
}

const dayMs = 86_400_000;
const LF = 0x0a;
const blank = 0x20;
/** Numbers up to these sort as texts do. */
const digits = 12;

/**
 * Compiles the prefix.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileObjectPlanner({ prefix, gzip }: { readonly prefix: string; readonly gzip: boolean }, names: TenantNames): ObjectPlanner {
  const template = compileTemplate(prefix);

  /** Folder -> positions; mostly one folder. */
  function foldersOf({ origin, records }: Section): Map<string, number[]> {
    const folders = new Map<string, number[]>();
    let day = Number.NaN;
    let current: number[] = [];
    for (const [i, { time }] of records.entries()) {
      const own = template.usesDate ? dayOf(time) : 0;
      if (own !== day) {
        const folder = template.path(origin, time, names);
        current = folders.get(folder) ?? [];
        folders.set(folder, current);
        day = own;
      }
      current.push(i);
    }
    return folders;
  }

  return {
    plan({ sections }) {
      const plans: ObjectPlan[] = [];
      for (const section of sections)
        for (const [folder, picked] of foldersOf(section)) {
          const first = section.records[picked[0] ?? -1];
          if (first) plans.push({ key: `${folder}/${nameOf(section, first)}.${section.json ? 'ndjson' : 'log'}${gzip ? '.gz' : ''}`, section, picked });
        }
      return plans;
    },
  };
}

/** Times that no calendar holds are one day of their own. */
function dayOf(time: Millis): number {
  return Math.abs(time) <= 8.64e15 ? Math.floor(time / dayMs) : Number.POSITIVE_INFINITY;
}

function nameOf({ lane }: Section, { seq, key, fetchedAt }: StreamRecord): string {
  const origin = createHash('sha256').update(JSON.stringify([lane.route, lane.stream, key, fetchedAt]));
  return `${String(seq).padStart(digits, '0')}-${origin.digest('hex').slice(0, 12)}`;
}

/** One line for each record, each with its line end. A line feed within a record becomes a blank, which in JSON means the same. */
export function contentOf({ section: { lines }, picked }: ObjectPlan): Uint8Array {
  if (picked.length === lines.count && countOf(lines.bytes, LF) === lines.count) return lines.bytes;
  const parts = picked.map((i) => textOf(lines, i));
  const whole = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + part.length + 1, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    for (let feed = whole.indexOf(LF, at); feed >= 0 && feed < at + part.length; feed = whole.indexOf(LF, feed + 1)) whole[feed] = blank;
    at += part.length;
    whole[at++] = LF;
  }
  return whole;
}

function countOf(bytes: Uint8Array, wanted: number): number {
  let count = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) count++;
  return count;
}
