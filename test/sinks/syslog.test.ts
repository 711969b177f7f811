import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Report } from '../../src/core/world.ts';
import { type FarSyslog, type FarSyslogOptions, startSyslog, textsOf } from '../far-ends/syslog.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { openSyslog, type Written } from './syslog-world.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
const never = new AbortController().signal;

async function far(options: Partial<FarSyslogOptions> = {}): Promise<FarSyslog> {
  const server = await startSyslog({ transport: 'tcp', framing: 'lf', ...options });
  opened.push(server);
  return server;
}

async function sinkFor(address: string, written: Written = {}, reports: Report[] = []): Promise<Sink> {
  const sink = await openSyslog({ address, maxBytes: '4MB', ...written }, reports);
  opened.push(sink);
  return sink;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw error;
  return error;
}

/** More than all buffers between us hold: 20 MB. */
const flood = () => parcelOf([{ tenant: 't1', items: jsonLines('t1', 200, 1, 'x'.repeat(100_000)) }]);
const few = (from = 1) => parcelOf([{ tenant: 't1', after: from - 1, items: jsonLines('t1', 5, from) }]);

describe('a syslog connection', () => {
  it('is made at the first record, and kept', async () => {
    const server = await far();
    const sink = await sinkFor(server.address);
    expect(server.connections).toBe(0);
    await sink.deliver(few(), never);
    await sink.deliver(few(6), never);
    await server.settled();
    expect(server.connections).toBe(1);
    expect(textsOf(server.messages)).toEqual(jsonLines('t1', 10));
  });

  it('that is reset in the middle of a message makes the parcel transient; sent again, all of it arrives', async () => {
    const server = await far();
    const sink = await sinkFor(server.address);
    server.manners.resetAfterBytes = 1_000_000;
    const failure = await failureOf(sink.deliver(flood(), never));
    expect([failure.kind, failure.code]).toEqual(['transient', 'wire.reset']);
    expect(failure.message).toMatch(/^sending 200 records to tcp:\/\/127\.0\.0\.1:\d+ failed: /);
    server.manners.resetAfterBytes = Number.POSITIVE_INFINITY;
    await sink.deliver(flood(), never);
    await server.settled();
    expect([...new Set(textsOf(server.messages))]).toEqual(jsonLines('t1', 200, 1, 'x'.repeat(100_000)));
  });

  it('that the far end closes after some messages makes a parcel that is under way transient', async () => {
    const server = await far();
    const sink = await sinkFor(server.address);
    server.manners.closeAfterMessages = 3;
    const failure = await failureOf(sink.deliver(flood(), never));
    expect(failure.kind).toBe('transient');
    expect(['wire.closed', 'wire.reset']).toContain(failure.code);
  });

  it('that was closed while idle is made anew, and nothing is sent into the old one', async () => {
    const reports: Report[] = [];
    const server = await far();
    const sink = await sinkFor(server.address, {}, reports);
    await sink.deliver(few(), never);
    await server.settled();
    for (const socket of server.open) socket.end();
    await expect.poll(() => server.open.size).toBe(0);
    await server.settled();
    await sink.deliver(few(6), never);
    await server.settled();
    expect(server.connections).toBe(2);
    expect(textsOf(server.messages)).toEqual(jsonLines('t1', 10));
    expect(reports).toEqual([{ name: 'syslog.connection-closed', sink: 'soc' }]);
  });

  it('that was reset while idle is made anew, and that is said aloud', async () => {
    const reports: Report[] = [];
    const server = await far();
    const sink = await sinkFor(server.address, {}, reports);
    await sink.deliver(few(), never);
    await server.settled();
    for (const socket of server.open) socket.resetAndDestroy();
    await server.settled();
    await sink.deliver(few(6), never);
    expect(reports).toEqual([{ name: 'syslog.connection-reset', sink: 'soc' }]);
  });

  it('that is taken and dropped at once counts as none: the parcel is transient', async () => {
    const server = await far();
    const sink = await sinkFor(server.address);
    server.manners.closeAfterMessages = 0;
    server.manners.resets = 1;
    expect((await failureOf(sink.deliver(few(), never))).kind).toBe('transient');
    await server.settled();
    expect(server.messages).toEqual([]);
  });

  it('into which nothing can be written for `timeout` is given up as transient', async () => {
    const server = await far();
    server.manners.readsNothing = true;
    const sink = await sinkFor(server.address, { timeout: '300ms' });
    const failure = await failureOf(sink.deliver(flood(), never));
    expect([failure.kind, failure.code]).toEqual(['transient', 'wire.timeout']);
    expect(failure.message).toContain('the far end took nothing within 300 ms');
  });

  it('to a far end that reads slowly, and talks where it should listen, carries everything', async () => {
    const server = await far({ framing: 'octet-counting' });
    server.manners.slow = true;
    const sink = await sinkFor(server.address, { framing: 'octet-counting' });
    await sink.deliver(flood(), never);
    await sink.deliver(few(), never);
    await expect.poll(() => server.messages.length, { timeout: 20_000 }).toBe(205);
    expect(server.broken).toEqual([]);
    expect(server.connections).toBe(1);
  });

  it('ends within a second of an abort, though the far end reads nothing', async () => {
    const server = await far();
    server.manners.readsNothing = true;
    const sink = await sinkFor(server.address);
    const stop = new AbortController();
    const work = sink.deliver(flood(), stop.signal).catch((error: unknown) => error);
    await expect.poll(() => server.connections).toBe(1);
    const abortedAt = performance.now();
    stop.abort(new Error('stopped'));
    expect(await work).toEqual(new Error('stopped'));
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  it('is aborted between two messages while the far end reads: none is cut', async () => {
    const server = await far();
    const sink = await sinkFor(server.address);
    const stop = new AbortController();
    const work = sink.deliver(flood(), stop.signal).catch((error: unknown) => error);
    await expect.poll(() => server.messages.length).toBeGreaterThan(5);
    stop.abort(new Error('stopped'));
    await work;
    await sink.close();
    await expect.poll(() => server.open.size).toBe(0);
    expect(server.broken).toEqual([]);
  });

  it('carries two parcels at once one after the other, message by message', async () => {
    const server = await far();
    const sink = await sinkFor(server.address);
    const parcels = ['a', 'b', 'c'].map((tenant) => parcelOf([{ tenant, items: jsonLines(tenant, 200, 1, 'x'.repeat(1000)) }]));
    const stop = new AbortController();
    const all = parcels.map((parcel) => sink.deliver(parcel, never));
    const left = sink.deliver(few(), stop.signal).catch((error: unknown) => error);
    stop.abort(new Error('left the queue'));
    expect(await left).toEqual(new Error('left the queue'));
    await Promise.all(all);
    await sink.deliver(few(), never);
    await server.settled();
    expect(textsOf(server.messages)).toEqual([...['a', 'b', 'c'].flatMap((tenant) => jsonLines(tenant, 200, 1, 'x'.repeat(1000))), ...jsonLines('t1', 5)]);
    expect(server.connections).toBe(1);
  });

  it('that nobody takes is transient, and works as soon as somebody does', async () => {
    const server = await far();
    const { address, port } = server;
    await server.close();
    opened.splice(0);
    const sink = await sinkFor(address);
    const failure = await failureOf(sink.deliver(few(), never));
    expect([failure.kind, failure.code]).toEqual(['transient', 'wire.refused']);
    const again = await far({ port });
    await sink.deliver(few(), never);
    await again.settled();
    expect(textsOf(again.messages)).toEqual(jsonLines('t1', 5));
  });

  it('goes to IPv6 addresses', async () => {
    const server = await far({ host: '::1' });
    const sink = await sinkFor(server.address);
    expect(await sink.check(never)).toContain(`connected to [::1]:${server.port}`);
    await sink.deliver(few(), never);
    await server.settled();
    expect(textsOf(server.messages)).toEqual(jsonLines('t1', 5));
  });

  it('is checked by one of its own, which says what it saw and sends nothing', async () => {
    const server = await far({ framing: 'nul' });
    const sink = await sinkFor(server.address, { framing: 'nul', rfc: 3164, maxBytes: '8KiB' });
    expect(await sink.check(never)).toBe(
      `${server.address}: connected to 127.0.0.1:${server.port}; messages: RFC 3164, framing nul, at most 8192 bytes; nothing is confirmed`,
    );
    await expect.poll(() => server.open.size).toBe(0);
    expect([server.bytesRead, server.broken]).toEqual([0, []]);
  });

  it('is closed in good order: everything that was delivered arrives', async () => {
    const server = await far();
    const sink = await sinkFor(server.address);
    await sink.deliver(flood(), never);
    await sink.close();
    await expect.poll(() => server.open.size).toBe(0);
    expect([textsOf(server.messages).length, server.broken]).toEqual([200, []]);
  });

  it('to a unix socket that is missing is transient: a receiver that starts again makes it anew', async () => {
    const sink = await sinkFor('unix:///tmp/there-is-no-such-socket');
    const failure = await failureOf(sink.deliver(few(), never));
    expect([failure.kind, failure.code]).toEqual(['transient', 'wire.refused']);
  });
});

describe('syslog over UDP', () => {
  it('sees that nobody listens, and calls it transient', async () => {
    const server = await far({ transport: 'udp', framing: 'none' });
    const { address, port } = server;
    await server.close();
    opened.splice(0);
    const sink = await sinkFor(address, { maxBytes: '8KiB' });
    const failure = await failureOf(sink.deliver(few(), never));
    expect([failure.kind, failure.code]).toEqual(['transient', 'wire.refused']);
    const again = await far({ transport: 'udp', framing: 'none', port });
    await sink.deliver(few(), never);
    await again.settled();
    expect(textsOf(again.messages)).toEqual(jsonLines('t1', 5));
  });

  it('sends no more than `perSecond`, in bursts', async () => {
    const server = await far({ transport: 'udp', framing: 'none' });
    const sink = await sinkFor(server.address, { maxBytes: '8KiB', perSecond: 500 });
    const startedAt = systemClock.monotonic();
    await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 161) }]), never);
    // 161 are five bursts of 32 and one more: five pauses of 64 ms.
    expect(systemClock.monotonic() - startedAt).toBeGreaterThan(300);
    await server.settled();
    expect(server.messages.length).toBe(161);
  });

  it('ends within a second of an abort in the middle of a pause', async () => {
    const server = await far({ transport: 'udp', framing: 'none' });
    const sink = await sinkFor(server.address, { maxBytes: '8KiB', perSecond: 1 });
    const stop = new AbortController();
    const work = sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 100) }]), stop.signal).catch((error: unknown) => error);
    await expect.poll(() => server.messages.length).toBe(32);
    const abortedAt = performance.now();
    stop.abort(new Error('stopped'));
    expect(await work).toEqual(new Error('stopped'));
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  it('ends each datagram with NUL when asked, as siem.py does', async () => {
    const server = await far({ transport: 'udp', framing: 'nul', form: 'none' });
    const sink = await sinkFor(server.address, { maxBytes: '8KiB', framing: 'nul', rfc: 'none' });
    await sink.deliver(few(), never);
    await server.settled();
    expect([textsOf(server.messages), server.broken]).toEqual([jsonLines('t1', 5), []]);
  });

  it('goes to IPv6 addresses, and its check says that nothing can be seen', async () => {
    const server = await far({ transport: 'udp', framing: 'none', host: '::1' });
    const sink = await sinkFor(server.address, { maxBytes: '8KiB' });
    expect(await sink.check(never)).toContain(`datagrams go to [::1]:${server.port}; whether anybody listens there cannot be seen`);
    await sink.deliver(few(), never);
    await server.settled();
    expect(textsOf(server.messages)).toEqual(jsonLines('t1', 5));
  });

  it('says that it confirms nothing', async () => {
    const sink = await sinkFor('udp://127.0.0.1:9', { maxBytes: '8KiB' });
    expect([sink.unconfirmed, sink.inFlight]).toEqual([true, undefined]);
  });
});
