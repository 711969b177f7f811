import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Report } from '../../src/core/world.ts';
import { startSyslog, textsOf } from '../far-ends/syslog.ts';
import { readMessage } from '../far-ends/syslog-reader.ts';
import { parcelOf } from '../laws/parcels.ts';
import { planned, sent } from './syslog-sent.ts';
import { openSyslog } from './syslog-world.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
const never = new AbortController().signal;
const one = (line: string | Uint8Array, more: object = {}) => ({ tenant: 't', items: [{ json: '{}', line, ...more }] });
const text = (message: string) => readMessage(Buffer.from(message), 5424).text;

/** Text that is cut at awkward places. */
const awkward = fc.array(fc.constantFrom('a', 'é', '漢', '😀', '\n', '\0', '"', ' '), { minLength: 0, maxLength: 3000 }).map((parts) => parts.join(''));

describe('a record that is too long', () => {
  it('is cut at a whole character, and says how much is missing', async () => {
    await fc.assert(
      fc.asyncProperty(awkward, fc.integer({ min: 1024, max: 3000 }), async (line, maxBytes) => {
        const [only = '', ...others] = await sent({ maxBytes: `${maxBytes}B`, tooLong: 'truncate' }, one(line));
        expect(others).toEqual([]);
        expect(Buffer.byteLength(only)).toBeLessThanOrEqual(maxBytes);
        const got = text(only);
        const mark = /\.\.\.\[(\d+) bytes cut\]$/.exec(got);
        const kept = mark ? got.slice(0, mark.index) : got;
        expect(line.startsWith(kept)).toBe(true);
        expect(Buffer.byteLength(kept) + Number(mark?.[1] ?? 0)).toBe(Buffer.byteLength(line));
      }),
      { numRuns: 60 },
    );
  });

  it.each([5424, 3164, 'none'] as const)('is split into parts that make the whole again (RFC %s)', async (rfc) => {
    await fc.assert(
      fc.asyncProperty(awkward, fc.integer({ min: 1024, max: 3000 }), async (line, maxBytes) => {
        const all = await sent({ rfc, maxBytes: `${maxBytes}B`, tooLong: 'split' }, one(line));
        for (const message of all) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(maxBytes);
        const messages = all.map((message) => readMessage(Buffer.from(message), rfc));
        if (rfc === 5424) expect(textsOf(messages)).toEqual([line]);
        else {
          const parts = messages.map((message) => /^(?:\((\d+)\/(\d+)\) )?(.*)$/s.exec(message.text));
          expect(parts.map((part) => part?.[3]).join('')).toBe(line);
          if (all.length > 1) expect(parts.map((part) => [part?.[1], part?.[2]])).toEqual(all.map((_, i) => [String(i + 1), String(all.length)]));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is refused by name, and nothing of its parcel is sent', async () => {
    const far = await startSyslog({ transport: 'tcp', framing: 'lf' });
    opened.push(far);
    const sink = await open({ address: far.address, maxBytes: '1KiB' });
    const parcel = parcelOf([
      { tenant: 'a', items: ['short', 'short'] },
      { tenant: 'b', after: 7, items: ['short', 'x'.repeat(1024)] },
    ]);
    const error = await sink.deliver(parcel, never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ kind: 'rejected', code: 'syslog.too-long', at: { lane: { route: 'route', stream: 'b/events' }, seq: 9 } });
    await far.settled();
    expect(far.messages).toEqual([]);
  });

  it('is cut by default in a datagram, which is reported; and refused in a stream', async () => {
    const far = await startSyslog({ transport: 'udp', framing: 'none' });
    opened.push(far);
    const reports: Report[] = [];
    const sink = await open({ address: far.address }, reports);
    await sink.deliver(parcelOf([{ tenant: 'a', items: ['short', 'x'.repeat(5000), 'y'.repeat(5000)] }]), never);
    await far.settled();
    expect(far.messages.map(({ bytes }) => bytes)).toEqual([expect.any(Number), 2048, 2048]);
    expect(reports).toEqual([{ name: 'syslog.truncated', sink: 'soc', records: 2, maxBytes: 2048 }]);
    const stream = await open({ address: 'tcp://127.0.0.1:9' });
    await expect(stream.deliver(parcelOf([{ tenant: 'a', items: ['x'.repeat(65_536)] }]), never)).rejects.toMatchObject({ code: 'syslog.too-long' });
  });

  it('goes without its structured data when that would leave it no room', async () => {
    const fields = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`field${i}`, 'v'.repeat(250)]));
    const [only = ''] = await sent({ maxBytes: '1KiB', fields }, one('short'));
    const message = readMessage(Buffer.from(only), 5424);
    expect([message.data.size, message.text]).toEqual([0, 'short']);
    const parts = (await sent({ maxBytes: '1KiB', fields, tooLong: 'split' }, one('z'.repeat(3000)))).map((each) => readMessage(Buffer.from(each), 5424));
    expect(textsOf(parts)).toEqual(['z'.repeat(3000)]);
  });
});

describe('a text', () => {
  it('that is no UTF-8 is made so', async () => {
    const [only = ''] = await sent({}, one(new Uint8Array([0x61, 0xff, 0xc3, 0x62])));
    expect(text(only)).toBe('a��b');
  });

  it('that looks like a message stays within its own', async () => {
    const forged = '\n<0>1 2026-01-01T00:00:00Z evil root - - - forged\r\n\0<0>1 - - - - - - forged\n57 <0>1 - - - - - - forged';
    for (const framing of ['lf', 'nul', 'octet-counting'] as const) {
      const far = await startSyslog({ transport: 'tcp', framing });
      opened.push(far);
      const sink = await open({ address: far.address, framing });
      await sink.deliver(planned({ tenant: forged, name: forged, items: [{ json: JSON.stringify({ location: forged }), key: forged, line: forged }] }), never);
      await far.settled();
      expect(far.broken).toEqual([]);
      expect(far.messages.map((message) => message.text)).toEqual([framing === 'octet-counting' ? forged : forged.replace(/[\n\r\0]/g, ' ')]);
    }
  });
});

async function open(written: object, reports: Report[] = []): Promise<Sink> {
  const sink = await openSyslog({ ...written }, reports);
  opened.push(sink);
  return sink;
}
