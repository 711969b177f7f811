/** Makes the messages of a parcel: header, text, frame, and a decision about what is too long. */
import { isUtf8 } from 'node:buffer';
import { Failure } from '../../core/failure.ts';
import { textOf } from '../../core/pack.ts';
import type { Parcel, Section, StreamRecord } from '../../core/types.ts';
import { cutUtf8, type Frames, FrameWriter } from '../wire/framing.ts';
import type { Header, PartOf } from './header.ts';
import type { Settings } from './presets.ts';

export interface Messages {
  /**
   * Frames for every record of the parcel, in order.
   *
   * Throws   rejected `syslog.too-long`, naming the record, when it is too long and may be neither cut nor split.
   */
  write(parcel: Parcel): Written;
}

export interface Written {
  readonly frames: Frames;
  /** How many records were cut. */
  readonly truncated: number;
}

/** One record on its way. */
interface Passage {
  readonly section: Section;
  readonly record: StreamRecord;
  readonly text: Uint8Array;
}

/** Structured data is left out of a message when less than this would be left for the text. */
const leastTextBytes = 256;
/** `part="9999/9999"` and a blank, or `(9999/9999) `. */
const partBytes = 17;
const maxParts = 9999;
/** A header, generously: the buffer grows if it must. */
const headBytes = 400;

export function compileMessages(header: Header, { framing, maxBytes, tooLong }: Settings): Messages {
  /** The header and the bytes it leaves for the text. */
  function headOf({ record, section }: Passage, part?: PartOf): { readonly head: string; readonly room: number } {
    const head = header.of(record, section.origin, part);
    const room = maxBytes - Buffer.byteLength(head);
    if (room >= leastTextBytes) return { head, room };
    const short = header.short(record, section.origin, part);
    return { head: short, room: maxBytes - Buffer.byteLength(short) };
  }

  /** Adds one record. Resolves with how many were cut: none or this one. */
  function add(out: FrameWriter, passage: Passage): number {
    const { text } = passage;
    const full = header.of(passage.record, passage.section.origin);
    if (Buffer.byteLength(full) + text.length <= maxBytes) {
      out.add(full, text);
      return 0;
    }
    if (tooLong === 'refuse') throw refusal(passage, Buffer.byteLength(full) + text.length);
    if (tooLong === 'split') {
      split(out, passage);
      return 0;
    }
    const { head, room } = headOf(passage);
    if (text.length <= room) {
      out.add(head, text);
      return 0;
    }
    const kept = cutUtf8(text, room - cutMark(text.length).length);
    out.add(head, kept, cutMark(text.length - kept.length));
    return 1;
  }

  function split(out: FrameWriter, passage: Passage): void {
    const room = headOf(passage, '1/1').room - partBytes;
    const pieces: Uint8Array[] = [];
    for (let rest = passage.text; rest.length > 0; rest = rest.subarray((pieces.at(-1) as Uint8Array).length)) pieces.push(cutUtf8(rest, room));
    if (pieces.length > maxParts) throw refusal(passage, passage.text.length);
    pieces.forEach((piece, i) => void out.add(headOf(passage, `${i + 1}/${pieces.length}`).head, piece));
  }

  function refusal({ section, record }: Passage, bytes: number): Failure {
    return new Failure('rejected', 'syslog.too-long', `sending a record as one message failed before it began: ${bytes} bytes, \`maxBytes\` is ${maxBytes}`, {
      advice: 'Raise `maxBytes` here and at the receiver, or set `tooLong` to `split` or `truncate`.',
      at: { lane: section.lane, seq: record.seq },
    });
  }

  return {
    write({ sections }) {
      const size = sections.reduce((sum, { lines }) => sum + lines.bytes.length + lines.count * headBytes, 64);
      const out = new FrameWriter(framing, size);
      let truncated = 0;
      for (const section of sections) {
        const { records, lines } = section;
        const isClean = isUtf8(lines.bytes);
        for (let i = 0; i < records.length; i++) {
          const line = textOf(lines, i);
          truncated += add(out, { section, record: records[i] as StreamRecord, text: isClean || isUtf8(line) ? line : wellFormed(line) });
        }
      }
      return { frames: out.frames(), truncated };
    },
  };
}

/** Says that something is missing, and how much. */
function cutMark(bytes: number): Buffer {
  return Buffer.from(`...[${bytes} bytes cut]`);
}

/** The same text with every byte that is no UTF-8 replaced. */
function wellFormed(line: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
}
