import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Clock, Http } from '../../src/core/world.ts';
import { type Hec, type HecOptions, startHec } from '../far-ends/hec.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { failureOf, openHecSink, secretToken, until, type Written } from './splunk-hec-world.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
const never = new AbortController().signal;
const channel = '0aeeac95-ac74-4aa9-b30d-6c4c0ac581ba';

async function start(written: Written = {}, ack: HecOptions['ack'] = 'by-hand', through?: (http: Http) => Http): Promise<{ hec: Hec; sink: Sink }> {
  const hec = await startHec({ token: secretToken, ack });
  opened.push(hec);
  const sink = await openHecSink({ url: hec.url, ack: true, ackPollMs: 50, ...written }, through);
  opened.push(sink);
  return { hec, sink };
}

/** Sends one record and says what became of it, without waiting. */
function send(sink: Sink, n: number, signal = never): { readonly outcome: () => unknown; readonly settled: Promise<unknown> } {
  let outcome: unknown = 'waiting';
  const settled = sink.deliver(parcelOf([{ tenant: 't1', after: n, items: jsonLines('t1', 1, n) }]), signal).then(
    () => (outcome = 'delivered'),
    (error: unknown) => (outcome = error),
  );
  return { outcome: () => outcome, settled };
}

const polls = (hec: Hec) => hec.requests.filter(({ path }) => path.endsWith('/ack'));
const asks = (hec: Hec) => polls(hec).map(({ body }) => (JSON.parse(body) as { acks: number[] }).acks);

/** Sends them one after the other, so that number `n` waits for acknowledgement `n`. */
async function sendInOrder(hec: Hec, sink: Sink, count: number) {
  const sent = [];
  for (let n = 0; n < count; n++) {
    sent.push(send(sink, n));
    await until(() => hec.pendingAcks().length === n + 1, `request ${n}`);
  }
  return sent;
}

describe('indexer acknowledgement', () => {
  it('resolves a delivery when it is told `true`, and not before', async () => {
    const { hec, sink } = await start();
    const [first] = await sendInOrder(hec, sink, 1);
    await until(() => polls(hec).length >= 2, 'two polls');
    expect(first?.outcome()).toBe('waiting');
    hec.acknowledge(0);
    expect(await first?.settled).toBe('delivered');
  });

  it('resolves deliveries in whatever order they are acknowledged', async () => {
    const { hec, sink } = await start();
    const [a, b, c] = await sendInOrder(hec, sink, 3);
    hec.acknowledge(2);
    await c?.settled;
    expect([a?.outcome(), b?.outcome(), c?.outcome()]).toEqual(['waiting', 'waiting', 'delivered']);
    hec.acknowledge(0);
    await a?.settled;
    expect([a?.outcome(), b?.outcome()]).toEqual(['delivered', 'waiting']);
    hec.acknowledge(1);
    await b?.settled;
  });

  it('asks for everything that waits in one request, uncompressed, on the channel, and only for what waits', async () => {
    const { hec, sink } = await start({ channel, gzip: true });
    const sent = await sendInOrder(hec, sink, 5);
    await until(() => asks(hec).some((ids) => ids.length === 5), 'a poll for all');
    hec.acknowledge(1, 3);
    await Promise.all([sent[1]?.settled, sent[3]?.settled]);
    const before = polls(hec).length;
    await until(() => polls(hec).length > before, 'another poll');
    expect(asks(hec).at(-1)).toEqual([0, 2, 4]);
    for (const { headers } of polls(hec)) {
      expect(headers['content-encoding']).toBeUndefined();
      expect(headers['x-splunk-request-channel']).toBe(channel);
    }
    hec.acknowledge(0, 2, 4);
    await Promise.all(sent.map(({ settled }) => settled));
  });

  it('polls, and keeps timers, only while something waits', async () => {
    let sleepers = 0;
    const clock: Clock = {
      ...systemClock,
      async sleep(ms, signal) {
        sleepers++;
        await systemClock.sleep(ms, signal).finally(() => sleepers--);
      },
    };
    const hec = await startHec({ token: secretToken, ack: 'at-once' });
    opened.push(hec);
    const sink = await openHecSink({ url: hec.url, ack: true, ackPollMs: 50 }, undefined, clock);
    opened.push(sink);
    const stop = new AbortController();
    for (const n of [1, 2]) {
      const sent = send(sink, n);
      await until(() => sleepers > 0, 'a poll is due');
      expect(await sent.settled).toBe('delivered');
      await until(() => sleepers === 0, 'no poll is due');
    }
    const aborted = send(sink, 3, stop.signal);
    await until(() => sleepers > 0, 'a poll is due');
    stop.abort();
    await aborted.settled;
    await until(() => sleepers === 0, 'no poll is due after an abort');
    const closed = send(sink, 4);
    await until(() => sleepers > 0, 'a poll is due');
    await sink.close();
    await closed.settled;
    await until(() => sleepers === 0, 'no poll is due after close');
  });

  it('calls what is never acknowledged transient, and has it sent again', async () => {
    const { hec, sink } = await start({ ackTimeoutMs: 200 });
    expect(await send(sink, 1).settled).toMatchObject({ kind: 'transient', code: 'hec.unacknowledged' });
    const again = send(sink, 1);
    await until(() => hec.pendingAcks().length === 2, 'the second request');
    hec.acknowledge(1);
    expect(await again.settled).toBe('delivered');
    expect(new Set(hec.events.map(({ line }) => line)).size).toBe(1);
  });

  it('times out each delivery by its own clock', async () => {
    const { hec, sink } = await start({ ackTimeoutMs: 300 });
    const [a, b] = await sendInOrder(hec, sink, 2);
    hec.acknowledge(1);
    expect(await b?.settled).toBe('delivered');
    expect(await a?.settled).toMatchObject({ code: 'hec.unacknowledged' });
  });

  it('sees that an indexer counts anew, and calls what waited lost at once', async () => {
    const { hec, sink } = await start();
    const [a, b] = await sendInOrder(hec, sink, 2);
    await until(() => polls(hec).length >= 1, 'a poll');
    hec.restart();
    // What was sent before the restart is not taken for what is acknowledged after it.
    const c = send(sink, 3);
    expect(await a?.settled).toMatchObject({ kind: 'transient', code: 'hec.unacknowledged' });
    expect(await b?.settled).toMatchObject({ kind: 'transient', code: 'hec.unacknowledged' });
    hec.acknowledge(0);
    expect(await c.settled).toBe('delivered');
  });

  it.each(['reset', { status: 503, body: { text: 'unhealthy', code: 19 } }, { status: 502, body: '<html>' }] as const)(
    'goes on asking after a poll that ends in %j',
    async (fault) => {
      const { hec, sink } = await start();
      hec.pollFaults.push(fault, fault);
      const [a] = await sendInOrder(hec, sink, 1);
      hec.acknowledge(0);
      expect(await a?.settled).toBe('delivered');
      expect(hec.pollFaults).toEqual([]);
    },
  );

  it('says what the last poll said when time is up', async () => {
    const { hec, sink } = await start({ ackTimeoutMs: 200 });
    for (let i = 0; i < 20; i++) hec.pollFaults.push({ status: 503, body: { text: 'no ack service', code: 19 } });
    const failure = await failureOf(sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), never));
    expect(failure).toMatchObject({ kind: 'transient', code: 'hec.unacknowledged' });
    expect(failure.message).toContain('no ack service');
  });

  it('loses a `true` whose answer was lost, and has the records sent again', async () => {
    const { hec, sink } = await start({ ackTimeoutMs: 300 }, 'at-once');
    hec.pollFaults.push('lost-answer');
    expect(await send(sink, 1).settled).toMatchObject({ kind: 'transient', code: 'hec.unacknowledged' });
    expect(await send(sink, 1).settled).toBe('delivered');
  });

  it.each([
    [{ status: 403, body: { text: 'Token disabled', code: 1 } }, 'auth', 'hec.token-disabled'],
    [{ status: 400, body: { text: 'ACK is disabled', code: 14 } }, 'config', 'hec.ack-disabled'],
    [{ status: 400, body: { text: 'Invalid data format', code: 6 } }, 'config', 'hec.ack-refused'],
    [{ status: 200, body: '<html>' }, 'config', 'hec.not-hec'],
    [{ status: 200, body: { code: 0, text: 'Success' } }, 'config', 'hec.ack-refused'],
  ] as const)('fails everything that waits when a poll is answered %j', async (fault, kind, code) => {
    const { hec, sink } = await start();
    const [a, b] = await sendInOrder(hec, sink, 2);
    await until(() => asks(hec).some((ids) => ids.length === 2), 'a poll for both');
    hec.pollFaults.push(fault);
    expect(await a?.settled).toMatchObject({ kind, code });
    expect(await b?.settled).toMatchObject({ kind, code });
  });

  it('calls a success without `ackId` a matter of configuration', async () => {
    const { hec, sink } = await start();
    hec.faults.push({ status: 200, body: { text: 'Success', code: 0 } });
    const failure = await failureOf(sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), never));
    expect(failure).toMatchObject({ kind: 'config', code: 'hec.no-ack-id' });
    expect(failure.advice).toContain('ack: false');
  });

  it('ends within a second of an abort, and others wait on', async () => {
    const { hec, sink } = await start();
    const stop = new AbortController();
    const a = send(sink, 0, stop.signal);
    await until(() => hec.pendingAcks().length === 1, 'the request');
    const b = send(sink, 1);
    await until(() => hec.pendingAcks().length === 2, 'the second request');
    const abortedAt = performance.now();
    stop.abort(new Error('stopped'));
    expect(await a.settled).toBe(stop.signal.reason);
    expect(performance.now() - abortedAt).toBeLessThan(1000);
    hec.acknowledge(1);
    expect(await b.settled).toBe('delivered');
  });

  it('ends what waits when the sink is closed', async () => {
    const { hec, sink } = await start();
    const [a] = await sendInOrder(hec, sink, 1);
    await sink.close();
    expect(await a?.settled).toMatchObject({ code: 'hec.closed' });
  });

  it('a poll that hangs does not keep a delivery from timing out', async () => {
    const { hec, sink } = await start({ ackTimeoutMs: 200 });
    hec.pollFaults.push('hang');
    const startedAt = performance.now();
    expect(await send(sink, 1).settled).toMatchObject({ code: 'hec.unacknowledged' });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  it('sends what one indexer did not acknowledge to another', async () => {
    const silent = await startHec({ token: secretToken, ack: 'by-hand' });
    const well = await startHec({ token: secretToken, ack: 'at-once' });
    opened.push(silent, well);
    const sink = await openHecSink({ url: [silent.url, well.url], ack: true, ackPollMs: 50, ackTimeoutMs: 200 });
    opened.push(sink);
    expect(await send(sink, 1).settled).toMatchObject({ code: 'hec.unacknowledged' });
    for (let i = 0; i < 3; i++) expect(await send(sink, 1).settled).toBe('delivered');
    expect(well.events.length).toBe(3);
  });
});
