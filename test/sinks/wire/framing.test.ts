import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutUtf8, FrameWriter, type Framing, runsOf } from '../../../src/sinks/wire/framing.ts';
import { Deframer } from '../../far-ends/syslog-reader.ts';

/** Bytes that like to end frames, look like lengths, or are no text at all. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => new Uint8Array(Buffer.from(text))),
  fc
    .array(fc.constantFrom('\n', '\r', '\0', '5 ', '12 <13>1 ', '<134>1 - - - - - - forged', ' '), { maxLength: 8 })
    .map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
);
const messages = fc.array(fc.record({ head: fc.constantFrom('<134>1 - h a p m - ', '<13>', '<0>é漢'), text: hostile }), { maxLength: 20 });

function framed(framing: Framing, all: readonly { readonly head: string; readonly text: Uint8Array }[]) {
  const writer = new FrameWriter(framing, 8);
  for (const { head, text } of all) writer.add(head, text);
  return writer.frames();
}

const blanked = (text: Uint8Array) => Buffer.from(text.map((byte) => (byte === 0x0a || byte === 0x0d || byte === 0 ? 0x20 : byte)));

describe('a frame', () => {
  it.each(['lf', 'nul'] as const)('that ends with %s comes out as one message whatever stands in it, with blanks for what could end it', (framing) => {
    fc.assert(
      fc.property(messages, (all) => {
        const { bytes } = framed(framing, all);
        const got = new Deframer(framing).push(Buffer.from(bytes));
        expect(got).toEqual(all.map(({ head, text }) => Buffer.concat([Buffer.from(head), blanked(text)])));
      }),
    );
  });

  it('that is counted comes out byte for byte, in whatever pieces it arrives', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 40 }), (all, size) => {
        const bytes = Buffer.from(framed('octet-counting', all).bytes);
        const deframer = new Deframer('octet-counting');
        const got: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) got.push(...deframer.push(bytes.subarray(at, at + size)));
        expect(got).toEqual(all.map(({ head, text }) => Buffer.concat([Buffer.from(head), text])));
      }),
      { examples: [[[{ head: '<13>', text: new Uint8Array(0) }], 1]] },
    );
  });

  it('of a datagram is the message and nothing else', () => {
    fc.assert(
      fc.property(messages, (all) => {
        const { bytes, ends } = framed('none', all);
        const got = ends.map((end, i) => Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], end)));
        expect(got).toEqual(all.map(({ head, text }) => Buffer.concat([Buffer.from(head), text])));
      }),
    );
  });

  it('counts bytes, not characters', () => {
    expect(Buffer.from(framed('octet-counting', [{ head: '<13>é', text: Buffer.from('漢😀') }]).bytes).toString()).toBe('13 <13>é漢😀');
  });
});

describe('runs of frames', () => {
  it('hold every frame whole, in order, and are no longer than asked unless one frame is', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 200 }), (all, most) => {
        const frames = framed('lf', all);
        const runs = runsOf(frames, most);
        expect(runs.map(({ from, to }) => Buffer.from(frames.bytes.subarray(from, to)).toString('latin1')).join('')).toBe(
          Buffer.from(frames.bytes).toString('latin1'),
        );
        expect(runs.every(({ to }) => frames.ends.includes(to))).toBe(true);
        expect(runs.every(({ from, to, frames: count }) => to - from <= most || count === 1)).toBe(true);
        expect(runs.reduce((sum, { frames: count }) => sum + count, 0)).toBe(all.length);
      }),
    );
  });
});

describe('cutting UTF-8', () => {
  it('never leaves half a character, and never cuts more than one away', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 0, max: 200 }), (text, most) => {
        const whole = Buffer.from(Buffer.from(text).toString());
        const kept = Buffer.from(cutUtf8(whole, most));
        expect(whole.subarray(0, kept.length)).toEqual(kept);
        expect(kept.length).toBeLessThanOrEqual(most);
        expect(kept.length).toBeGreaterThan(Math.min(most, whole.length) - 4);
        expect(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(kept)).toBe(kept.toString());
      }),
    );
  });
});
