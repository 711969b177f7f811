/**
 * Which records make which object, and its key.
 *
 * A key names the first record that the object holds: the route, the stream, the number, and when the record was fetched. What the engine
 * sends again begins where it began before, so an object is written over by itself, whatever the new parcel is cut to: a longer one holds
 * what the old one held, and of a shorter one the rest follows under keys of its own. Within one parcel each object begins with the first
 * record of its folder, which is the first of them in every other cut, too. So nothing is there twice, and nothing is lost.
 *
 * What comes another way has another key, even for the same record: another route, the retry of a dead letter, a new state.
 */
import { createHash } from 'node:crypto';
import type { TenantNames } from '../../core/kinds.ts';
import { textOf } from '../../core/pack.ts';
import { compileTemplate } from '../../core/template.ts';
import type { Millis, Parcel, Section, StreamRecord } from '../../core/types.ts';

/** One object to be: records of one lane, in order. */
export interface ObjectPlan {
  readonly key: string;
  readonly parts: readonly Part[];
  /** How many records it holds, and the number of the last. */
  readonly count: number;
  readonly last: number;
  readonly json: boolean;
}

/** Which records of a section, by their positions. */
interface Part {
  readonly section: Section;
  readonly picked: number[];
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

  /** Adds the records of a section to the folders of its lane. */
  function sortInto(folders: Map<string, Part[]>, section: Section): void {
    let day = Number.NaN;
    let current: Part = { section, picked: [] };
    for (const [i, { time }] of section.records.entries()) {
      const own = template.usesDate ? dayOf(time) : 0;
      if (own !== day) {
        current = partOf(folders, template.path(section.origin, time, names), section);
        day = own;
      }
      current.picked.push(i);
    }
  }

  return {
    plan({ sections }) {
      // A parcel may hold several sections of one lane, and another cut would join them: so they are joined here.
      const lanes = new Map<string, Map<string, Part[]>>();
      for (const section of sections) {
        const lane = JSON.stringify([section.lane.route, section.lane.stream, section.json]);
        const folders = lanes.get(lane) ?? new Map<string, Part[]>();
        lanes.set(lane, folders);
        sortInto(folders, section);
      }
      return [...lanes.values()].flatMap((folders) => [...folders].map(([folder, parts]) => planOf(folder, parts, gzip)));
    },
  };
}

function partOf(folders: Map<string, Part[]>, folder: string, section: Section): Part {
  const parts = folders.get(folder) ?? [];
  folders.set(folder, parts);
  const known = parts.find((part) => part.section === section);
  if (known) return known;
  const part: Part = { section, picked: [] };
  parts.push(part);
  return part;
}

function planOf(folder: string, parts: readonly Part[], gzip: boolean): ObjectPlan {
  const recordAt = ({ section, picked }: Part, at: number) => section.records[picked.at(at) ?? -1];
  const [start] = parts;
  const end = parts.at(-1);
  const first = start && recordAt(start, 0);
  const last = end && recordAt(end, -1);
  if (!start || !first || !last) throw new Error('a folder without records');
  const { section } = start;
  return {
    key: `${folder}/${nameOf(section, first)}.${section.json ? 'ndjson' : 'log'}${gzip ? '.gz' : ''}`,
    parts,
    count: parts.reduce((sum, { picked }) => sum + picked.length, 0),
    last: last.seq,
    json: section.json,
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
export function contentOf({ parts }: ObjectPlan): Uint8Array {
  const pieces = parts.map(linesOf);
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
}

function linesOf({ section: { lines }, picked }: Part): Uint8Array {
  if (picked.length === lines.count && countOf(lines.bytes, LF) === lines.count) return lines.bytes;
  const texts = picked.map((i) => textOf(lines, i));
  const whole = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + text.length + 1, 0));
  let at = 0;
  for (const text of texts) {
    const end = at + text.length;
    whole.set(text, at);
    for (let feed = whole.subarray(0, end).indexOf(LF, at); feed >= 0; feed = whole.subarray(0, end).indexOf(LF, feed + 1)) whole[feed] = blank;
    whole[end] = LF;
    at = end + 1;
  }
  return whole;
}

function countOf(bytes: Uint8Array, wanted: number): number {
  let count = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) count++;
  return count;
}
