/**
 * Delivery: one loop for each route, from the journal to the route's sink.
 *
 *                    read, encode, fit              deliver                      settle (one transaction)
 *   lanes (rotation) ----------------> slot: waiting ------> sending ---> done ------------------------> gone
 *                                        ^                     |
 *                                        |  after back-off     v
 *                                        +------------------ failed: transient, auth, config
 *                                        +-- cut in two <--- failed: rejected (one record alone: held, then a dead letter)
 *
 * Slots stand in the order of their records. Several may be sending (`sink.inFlight`), but only the first is ever settled, so
 * an offset never steps over something undelivered. When the first fails, those behind it that succeed keep their receipts and
 * wait: nothing that the far end has taken is sent a second time unless the process dies.
 *
 * Retry lives here and nowhere below: a sink that fails says how, once. If settling fails, settling is tried again, not delivering.
 *
 * Two signals end the loop. `stop`: no new batch, what is under way is awaited and settled; for that, a failed parcel before it is
 * sent again. `kill`: at once.
 */
import { Failure, isAbort } from '../core/failure.ts';
import type { Store } from '../core/store.ts';
import type { Millis, Origin, Route } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { isExhausted, openBackoff, type Patience } from './backoff.ts';
import { openLoads } from './loads.ts';
import { parcelOf, recordCount, spansOf } from './parcels.ts';
import { type Attempt, openHeldRefusals } from './refusals.ts';
import { alignedTo, loneRecord, piecesOf, type Slot, settlementOf, slotOf } from './slots.ts';
import { openWake } from './wake.ts';

export interface Delivery {
  readonly route: Route;
  /** A stream of this route has grown to `upTo`. */
  grew(stream: string, origin: Origin | null, upTo: number): void;
  /** Read the lanes anew: some were added or moved by a wish. */
  reload(): void;
  /** Nothing more will come: deliver what waits, digests included, then return. */
  finish(): void;
  /** Runs until stopped or, after `finish`, done. Resolves with why it gave up, `null` if it did not. */
  run(stop: AbortSignal, kill: AbortSignal): Promise<unknown>;
}

export interface DeliveryOptions {
  readonly store: Store;
  readonly world: World;
  /** When a one-pass run gives up; a service never does. */
  readonly patience: Patience | null;
  /** Of a route that trails: so far a stream may be read. */
  readonly limitOf?: (stream: string) => number;
}

export function openDelivery(route: Route, { store, world, patience, limitOf }: DeliveryOptions): Delivery {
  const { sink } = route;
  const { clock } = world;
  const { journal, directory } = store;
  const inFlight = Math.max(1, sink.inFlight ?? 1);
  const loads = openLoads(route, journal);
  const held = openHeldRefusals();
  const backoff = openBackoff(world.random);
  const wake = openWake();
  const subject = `sink:${route.name}`;
  let slots: Slot[] = [];
  let finishing = false;
  let mustReload = true;
  let mustForget: 'refused' | 'stale' | null = null;
  let mustResume = true;
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let unwell = false;

  /** Reads the lanes' word again. What is under way or held stays so: a wish moves no lane that has something under way. */
  async function reload(): Promise<void> {
    mustReload = false;
    try {
      const all = await directory.lanes(route.name);
      const states = limitOf ? all.map((state) => ({ ...state, upTo: Math.min(state.upTo, limitOf(state.stream)) })) : all;
      loads.reload(states, [...held.spans, ...slots.flatMap(({ load }) => spansOf(load))]);
    } catch (error) {
      mustReload = true;
      throw error;
    }
  }

  /** Forgets everything that is not settled, so that it is read and sent again; but what the far end has taken, as far as that can be kept. */
  async function forget(why: 'refused' | 'stale', kill: AbortSignal): Promise<void> {
    // Nothing may be under way when it is forgotten, or it would be sent twice.
    while (slots.some((slot) => slot.state === 'sending')) {
      kill.throwIfAborted();
      await wake.wait(kill);
    }
    const isTaken = slots.some((slot) => slot.state === 'done');
    // Something was taken after all: the records are at fault, and are told so with its settlement.
    const kept = why === 'refused' ? (isTaken ? slots : null) : isTaken && held.code === null ? alignedTo(await directory.lanes(route.name), slots) : null;
    mustForget = null;
    mustReload = true;
    if (why === 'refused' && kept) return;
    slots = kept ?? [];
    loads.drop();
    held.drop();
    // What was delivered and cannot be settled is taken back where the sink can.
    if (!kept && why === 'stale') mustResume = true;
  }

  function start(slot: Slot, kill: AbortSignal): void {
    const parcel = parcelOf(slot.load);
    if (parcel.sections.length === 0) {
      slot.state = 'done';
      return;
    }
    slot.state = 'sending';
    const deliver = async () => {
      if (sink.prepare) {
        const fresh = await sink.prepare(parcel);
        if (fresh.size > 0) await journal.prepare(route.name, fresh);
      }
      return await sink.deliver(parcel, kill);
    };
    deliver().then(
      (receipt) => {
        slot.receipt = receipt;
        slot.state = 'done';
        wake.ring();
      },
      (error: unknown) => {
        slot.failure = error;
        slot.state = 'failed';
        wake.ring();
      },
    );
  }

  /** Settles what is done from the front, as one transaction; refusals that were held go first. */
  async function settleDone(): Promise<void> {
    let count = 0;
    while (slots[count]?.state === 'done') count++;
    const done = slots.slice(0, count);
    const { spans, receipt, records, bytes, filtered } = settlementOf(held, done);
    await journal.settle(spans, receipt, clock.now());
    held.settled();
    slots.splice(0, count);
    world.report({ name: 'parcel.settled', route: route.name, sink: route.sinkName, records, bytes, filtered, refused: receipt.refused.length });
    for (const { lane, seq, code, reason } of receipt.refused) {
      world.report({ name: 'record.refused', route: route.name, sink: route.sinkName, stream: lane.stream, seq, code, reason });
    }
    for (const { load, attempt, receipt: own } of done) {
      attempt.accepted += recordCount(load) - own.refused.length;
      close(attempt, recordCount(load));
    }
    await well();
  }

  /** Counts records of an attempt whose fate is known; the third whole refusal running is the configuration's fault. */
  function close(attempt: Attempt, records: number): void {
    attempt.open -= records;
    if (attempt.open > 0) return;
    if (!held.isConfiguration(attempt)) return;
    if (slots.some((slot) => slot.state === 'done')) return;
    mustForget = 'refused';
    throw new Failure('config', 'delivery.all-refused', `The sink refused every record of three parcels running for one same reason: ${attempt.reason}`, {
      advice: 'Correct the sink or its far end; nothing was dropped, and the route goes on by itself.',
    });
  }

  /** The first slot was rejected: cut it until the guilty record stands alone. */
  function onRejected(slot: Slot, failure: Failure): void {
    if (recordCount(slot.load) > 1) {
      slots.splice(0, 1, ...piecesOf(slot, failure));
      return;
    }
    const { lane, record } = loneRecord(slot);
    const refusal = { lane, seq: record.seq, code: failure.code, reason: failure.message };
    const { attempt } = slot;
    attempt.codes.add(failure.code);
    attempt.reason = failure.message;
    if (attempt.accepted > 0 || (held.code !== null && held.code !== failure.code)) {
      // The records are at fault, not the configuration: what is held, and this one, are dead letters now.
      if (held.code !== null) attempt.codes.add(held.code);
      slot.receipt = { refused: [refusal] };
      slot.state = 'done';
      return;
    }
    held.hold(spansOf(slot.load), [refusal, ...slot.load.flatMap((portion) => portion.refused)], failure.code);
    slots.shift();
    world.report({
      name: 'record.held',
      route: route.name,
      sink: route.sinkName,
      stream: lane.stream,
      seq: record.seq,
      code: failure.code,
      reason: failure.message,
    });
    close(attempt, 1);
  }

  async function well(): Promise<void> {
    backoff.succeeded();
    if (!unwell) return;
    unwell = false;
    world.report({ name: 'sink.recovered', route: route.name, sink: route.sinkName });
    await directory.note(subject, { at: clock.now(), failure: null, nextAt: null });
  }

  /** Notes the failure and waits, but not beyond `end`. Resolves with true when it is time to give up. */
  async function failed(error: unknown, end: AbortSignal): Promise<boolean> {
    if (error instanceof Failure && error.kind === 'stale') {
      world.report({ name: 'delivery.stale', route: route.name, sink: route.sinkName, reason: error.message });
      mustForget = 'stale';
      return false;
    }
    const pauseMs = backoff.failed(error, clock.monotonic());
    const message = error instanceof Error ? error.message : String(error);
    const isBug = !(error instanceof Failure);
    world.report({
      name: isBug ? 'loop.parked' : 'sink.failed',
      route: route.name,
      sink: route.sinkName,
      code: isBug ? 'bug' : error.code,
      reason: message,
      advice: isBug ? undefined : error.advice,
      stack: isBug && error instanceof Error ? error.stack : undefined,
      tries: backoff.tries,
      pauseMs: Math.round(pauseMs),
    });
    unwell = true;
    try {
      await directory.note(subject, { at: clock.now(), failure: message, nextAt: clock.now() + pauseMs });
    } catch (noteError) {
      world.report({ name: 'health.unkept', route: route.name, reason: noteError instanceof Error ? noteError.message : String(noteError) });
    }
    if (patience) {
      const hopeless = isBug || error.kind === 'auth' || error.kind === 'config';
      if (hopeless || isExhausted(backoff, patience, clock.monotonic())) return true;
    }
    await clock.sleep(pauseMs, end).catch((reason: unknown) => {
      if (!end.aborted) throw reason;
    });
    return false;
  }

  /** May a new parcel leave now? A digest leaves at most once in `everyMs`. */
  function restMs(): Millis {
    if (route.everyMs === undefined || finishing) return 0;
    return Math.max(0, lastSentAt + route.everyMs - clock.monotonic());
  }

  /** Has the far end taken something, or is it about to, that can only be settled once what stands before it is? */
  function isOwed(): boolean {
    return slots.some((slot) => slot.state === 'done' || slot.state === 'sending');
  }

  async function fill(stop: AbortSignal, kill: AbortSignal): Promise<void> {
    const head = slots[0];
    if (head?.state === 'waiting' && (!stop.aborted || isOwed())) start(head, kill);
    // Behind a failed or cut head nothing new is sent: what comes next would only pile up.
    if (stop.aborted || slots.some((slot) => slot.state === 'waiting' || slot.state === 'failed')) return;
    while (!stop.aborted && slots.length < inFlight && restMs() === 0) {
      const load = await loads.next();
      if (!load) return;
      const slot = slotOf(load);
      slots.push(slot);
      start(slot, kill);
      lastSentAt = clock.monotonic();
    }
  }

  /** One round. Resolves with true when there is nothing left to do for ever. */
  async function round(stop: AbortSignal, kill: AbortSignal): Promise<boolean> {
    // An aborted wait ends at once: without this, the loop would leave nobody else a turn.
    kill.throwIfAborted();
    if (mustForget) await forget(mustForget, kill);
    if (mustReload) await reload();
    if (mustResume) {
      // What an earlier run left behind: the first success takes it away.
      unwell ||= ((await directory.healths()).get(subject)?.failure ?? null) !== null;
      await sink.resume(await journal.marks(route.name), kill);
      mustResume = false;
    }
    await fill(stop, kill);
    const head = slots[0];
    if (head?.state === 'done') {
      await settleDone();
      return false;
    }
    if (head?.state === 'failed') {
      const { failure } = head;
      if (isAbort(failure, kill)) throw failure;
      if (failure instanceof Failure && failure.kind === 'rejected') {
        onRejected(head, failure);
        return false;
      }
      head.state = 'waiting';
      throw failure;
    }
    if (head?.state === 'waiting' && stop.aborted) return true;
    if (!head) {
      if (stop.aborted) return true;
      if (finishing && !loads.waiting()) {
        if (held.code === null) return true;
        await settleDone();
        return false;
      }
    }
    const rest = restMs();
    await wake.wait(head ? kill : stop, rest > 0 && loads.waiting() ? rest : undefined, clock);
    return false;
  }

  return {
    route,
    grew(stream, origin, upTo) {
      if (!loads.grew(stream, origin, upTo)) mustReload = true;
      wake.ring();
    },
    reload() {
      mustReload = true;
      wake.ring();
    },
    finish() {
      finishing = true;
      wake.ring();
    },
    async run(stop, kill) {
      for (;;) {
        try {
          if (await round(stop, kill)) return null;
        } catch (error) {
          if (kill.aborted) return null;
          if (stop.aborted && !isOwed()) return error;
          if (await failed(error, stop.aborted ? kill : stop)) return error;
        }
      }
    },
  };
}
