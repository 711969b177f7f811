/**
 * What every sink promises.
 *
 * A sink's own test calls `sinkLaws(name, setup, cannot)`. `setup` starts a fresh far end for each law; `cannot` names what this
 * sink or its protocol has no way to do, with the reason, which is printed with the law that it skips. An ability that is
 * neither offered by the far end nor excused in `cannot` fails its law.
 */
import { afterEach, describe, expect, it, type TestContext } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Mark, Parcel, Receipt, Sink } from '../../src/core/types.ts';
import { jsonLines, parcelOf } from './parcels.ts';

/**
 * What can go wrong at a far end.
 *
 * busy          the next delivery is answered with "not now", naming `wishMs`
 * reset         the connection of the next delivery is dropped before the far end takes it
 * lost-answer   the far end takes the next delivery, and its answer never arrives
 * hang          the next delivery is not answered at all
 * refuse        from now on a line that holds `refuse-me` is refused for good
 */
export type Fault = 'busy' | 'reset' | 'lost-answer' | 'hang' | 'refuse';

/** `bad-token`: credentials. `text`: lines that are not JSON. `raw-newlines`: a line feed within a line. */
export type Ability = Fault | 'bad-token' | 'text' | 'raw-newlines';

/** A far end on loopback or in a temporary folder, and the way to open sinks on it. */
export interface FarEnd {
  /** `unconfirmed`: what was in flight at a failure may arrive twice or in part. */
  readonly promises: 'exactly-once' | 'at-least-once' | 'unconfirmed';
  /** A fresh sink for this far end; each is closed when its law ends. */
  open(): Promise<Sink>;
  /** All lines that the far end holds, in the order that it took them, byte for byte as the parcels had them. */
  received(): Promise<readonly string[]>;
  breakOnce?(fault: Fault): void | Promise<void>;
  /** What `busy` asks for, if the protocol can say. */
  readonly wishMs?: number;
  openWithBadToken?(): Promise<Sink>;
  /** None of these may stand in any message. */
  readonly secrets?: readonly string[];
  close(): Promise<void>;
}

export function sinkLaws(name: string, setup: () => Promise<FarEnd>, cannot: Partial<Record<Ability, string>> = {}): void {
  const opened: { close(): Promise<void> }[] = [];
  const messages: string[] = [];
  afterEach(async () => {
    // Sinks first: a far end waits for its connections to end.
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });

  async function begin(): Promise<FarEnd> {
    const far = await setup();
    opened.push(far);
    return far;
  }
  async function start(far: FarEnd, engine: SmallEngine, open = () => far.open()): Promise<Sink> {
    const sink = await open();
    opened.push(sink);
    await sink.resume(engine.marks, engine.signal);
    return sink;
  }
  async function failureOf(work: Promise<unknown>): Promise<Failure> {
    const error = await work.then(
      () => new Error('nothing failed'),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof Failure)) throw error;
    messages.push(`${error.message} ${error.advice ?? ''} ${String(error.cause ?? '')} ${error.stack ?? ''}`);
    return error;
  }
  /** Runs only where the sink can; otherwise prints why it is skipped. */
  function able(ability: Ability, context: TestContext): void {
    const reason = cannot[ability];
    if (reason !== undefined) context.skip(`${name}: ${reason}`);
  }
  async function breakOnce(far: FarEnd, fault: Fault): Promise<void> {
    if (!far.breakOnce) throw new Error(`this far end cannot \`${fault}\`: let it, or say why not in \`cannot\``);
    await far.breakOnce(fault);
  }
  /** Each once, or at least once, as the sink promises; in order either way. */
  function expectKept(far: FarEnd, received: readonly string[], sent: readonly string[]): void {
    const wanted = new Set(sent);
    const mine = received.filter((line) => wanted.has(line));
    expect(far.promises === 'exactly-once' ? mine : [...new Set(mine)]).toEqual(sent);
    expect(
      received.filter((line) => !wanted.has(line)),
      'nothing that was not sent',
    ).toEqual([]);
  }

  describe(`${name} keeps the laws of sinks`, () => {
    it('takes a healthy parcel whole and in order before deliver resolves', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const lines = jsonLines('t1', 500);
      const receipt = await engine.send(await start(far, engine), parcelOf([{ tenant: 't1', items: lines }]));
      expect(receipt.refused).toEqual([]);
      expect(await far.received()).toEqual(lines);
    });

    it('keeps the order of every lane of a parcel, and from parcel to parcel', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const sink = await start(far, engine);
      const tenants = ['a', 'b', 'c'];
      for (let round = 0; round < 4; round++)
        await engine.send(sink, parcelOf(tenants.map((tenant) => ({ tenant, after: round * 10, items: jsonLines(tenant, 10, round * 10 + 1) }))));
      const received = await far.received();
      expect(received.length).toBe(120);
      for (const tenant of tenants) expect(received.filter((line) => line.includes(`"${tenant}-`))).toEqual(jsonLines(tenant, 40));
    });

    it('takes an empty section among others', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      await engine.send(
        await start(far, engine),
        parcelOf([
          { tenant: 'none', items: [] },
          { tenant: 'some', items: jsonLines('some', 2) },
        ]),
      );
      expect(await far.received()).toEqual(jsonLines('some', 2));
    });

    it('takes as many records as its limits allow', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const sink = await start(far, engine);
      expect(sink.limits.records).toBeGreaterThan(0);
      expect(sink.limits.bytes).toBeGreaterThan(0);
      const lines = jsonLines('t1', Math.min(sink.limits.records, Math.floor(sink.limits.bytes / 64)));
      await engine.send(sink, parcelOf([{ tenant: 't1', items: lines }]));
      expect(await far.received()).toEqual(lines);
    });

    it('takes a single line above its limit alone, or refuses it for good', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const sink = await start(far, engine);
      const lines = jsonLines('t1', 1, 1, 'x'.repeat(sink.limits.bytes));
      const outcome = await engine.send(sink, parcelOf([{ tenant: 't1', items: lines }])).catch((error: unknown) => error);
      if (outcome instanceof Failure) expect(outcome.kind).toBe('rejected');
      else if ((outcome as Receipt).refused.length > 0) expect((outcome as Receipt).refused.map((refusal) => refusal.seq)).toEqual([1]);
      else expect(await far.received()).toEqual(lines);
    });

    it('keeps quotes, escapes, NUL, emoji and lines of 64 KiB as they are', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const texts = ['"quoted" \\ back', 'line\nbreak\r\n', 'NUL \0 and \u001b[31m', '😀 ünï 漢字 \u2028', 'x'.repeat(65_536), ''];
      const lines = texts.map((text, i) => JSON.stringify({ id: i, text }));
      await engine.send(await start(far, engine), parcelOf([{ tenant: 't1', items: lines }]));
      expect(await far.received()).toEqual(lines);
    });

    it('keeps lines that are not JSON as they are', async (context) => {
      able('text', context);
      const far = await begin();
      const engine = new SmallEngine();
      const lines = ['CEF:0|Sophos|a=b c=\\n', 'say "hi"; \\ and 😀', '{not json', 'x'.repeat(65_536)];
      await engine.send(await start(far, engine), parcelOf([{ tenant: 't1', json: false, items: lines }]));
      expect(await far.received()).toEqual(lines);
    });

    it('keeps a line feed and a NUL within a line', async (context) => {
      able('raw-newlines', context);
      const far = await begin();
      const engine = new SmallEngine();
      const lines = ['first\nsecond', 'NUL \0 here', '\n', 'last'];
      await engine.send(await start(far, engine), parcelOf([{ tenant: 't1', json: false, items: lines }]));
      expect((await far.received()).join('\n')).toBe(lines.join('\n'));
    });

    it('calls a busy far end transient, keeps its wish, and takes the parcel when it is sent again', async (context) => {
      able('busy', context);
      const far = await begin();
      const engine = new SmallEngine();
      const sink = await start(far, engine);
      const lines = jsonLines('t1', 5);
      const parcel = parcelOf([{ tenant: 't1', items: lines }]);
      await breakOnce(far, 'busy');
      const failure = await failureOf(engine.send(sink, parcel));
      expect(failure.kind).toBe('transient');
      expect(failure.retryAfterMs).toBe(far.wishMs);
      await engine.send(sink, parcel);
      expectKept(far, await far.received(), lines);
    });

    for (const fault of ['reset', 'lost-answer'] as const)
      it(`calls a ${fault} transient, and keeps its promise when the parcel is sent again`, async (context) => {
        able(fault, context);
        const far = await begin();
        const engine = new SmallEngine();
        const sink = await start(far, engine);
        const lines = jsonLines('t1', 50);
        const parcel = parcelOf([{ tenant: 't1', items: lines }]);
        await breakOnce(far, fault);
        expect((await failureOf(engine.send(sink, parcel))).kind).toBe('transient');
        await engine.send(sink, parcel);
        expectKept(far, await far.received(), lines);
      });

    it('names a record that is refused for good, or rejects its parcel whole', async (context) => {
      able('refuse', context);
      const far = await begin();
      const engine = new SmallEngine();
      const sink = await start(far, engine);
      await breakOnce(far, 'refuse');
      const lines = [...jsonLines('t1', 2), JSON.stringify({ id: 'refuse-me' }), ...jsonLines('t1', 2, 3)];
      const parcel = parcelOf([{ tenant: 't1', after: 7, items: lines }]);
      const outcome = await engine.send(sink, parcel).catch((error: unknown) => error);
      if (outcome instanceof Failure) expect(outcome.kind).toBe('rejected');
      else expect((outcome as Receipt).refused.map(({ lane, seq }) => [lane, seq])).toEqual([[parcel.sections[0]?.lane, 10]]);
      expect(await far.received()).not.toContain(lines[2]);
    });

    it('calls bad credentials `auth`', async (context) => {
      able('bad-token', context);
      const far = await begin();
      const engine = new SmallEngine();
      const openWithBadToken = far.openWithBadToken;
      if (!openWithBadToken) throw new Error('this far end has no `openWithBadToken`: give it one, or say why not in `cannot`');
      const sink = await start(far, engine, openWithBadToken);
      expect((await failureOf(engine.send(sink, parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }])))).kind).toBe('auth');
      expect(await far.received()).toEqual([]);
    });

    it('ends within a second of an abort', async (context) => {
      able('hang', context);
      const far = await begin();
      const engine = new SmallEngine();
      const sink = await start(far, engine);
      await breakOnce(far, 'hang');
      const stop = new AbortController();
      const work = engine.send(sink, parcelOf([{ tenant: 't1', items: jsonLines('t1', 5) }]), stop.signal).then(
        () => 'delivered',
        () => 'ended',
      );
      // Let the request leave before it is aborted; that it has not ended by then is asserted, too.
      expect(await Promise.race([work, after(100, 'under way')])).toBe('under way');
      const abortedAt = performance.now();
      stop.abort();
      expect(await work).toBe('ended');
      expect(performance.now() - abortedAt).toBeLessThan(1000);
    });

    it('keeps its promise after a kill between prepare and deliver', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const lines = jsonLines('t1', 20);
      const parcel = parcelOf([{ tenant: 't1', items: lines }]);
      const killed = await start(far, engine);
      await engine.prepare(killed, parcel);
      await killed.close();
      await engine.send(await start(far, engine), parcel);
      expectKept(far, await far.received(), lines);
    });

    it('keeps its promise after a kill between deliver and settle', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const settled = jsonLines('t1', 20);
      const unsettled = jsonLines('t1', 20, 21);
      const parcel = parcelOf([
        { tenant: 't1', after: 20, items: unsettled },
        { tenant: 't2', items: jsonLines('t2', 3) },
      ]);
      const killed = await start(far, engine);
      await engine.send(killed, parcelOf([{ tenant: 't1', items: settled }]));
      await engine.prepare(killed, parcel);
      await killed.deliver(parcel, engine.signal);
      await killed.close();
      const next = await start(far, engine);
      await engine.send(next, parcel);
      const received = await far.received();
      expectKept(
        far,
        received.filter((line) => line.includes('"t1-')),
        [...settled, ...unsettled],
      );
      expectKept(
        far,
        received.filter((line) => line.includes('"t2-')),
        jsonLines('t2', 3),
      );
      expect(received.every((line) => /"t[12]-/.test(line))).toBe(true);
    });

    it('goes on after a kill behind settle, and repeats nothing', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const killed = await start(far, engine);
      await engine.send(killed, parcelOf([{ tenant: 't1', items: jsonLines('t1', 20) }]));
      await killed.close();
      await engine.send(await start(far, engine), parcelOf([{ tenant: 't1', after: 20, items: jsonLines('t1', 20, 21) }]));
      expect(await far.received()).toEqual(jsonLines('t1', 40));
    });

    it('answers a check with one sentence and sends nothing', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const sink = await start(far, engine);
      expect((await sink.check(engine.signal)).length).toBeGreaterThan(0);
      expect(await far.received()).toEqual([]);
      await engine.send(sink, parcelOf([{ tenant: 't1', items: jsonLines('t1', 2) }]));
      expect(await far.received()).toEqual(jsonLines('t1', 2));
    });

    it('can be closed twice, unused or used', async () => {
      const far = await begin();
      const engine = new SmallEngine();
      const unused = await far.open();
      await unused.close();
      await unused.close();
      const used = await start(far, engine);
      await engine.send(used, parcelOf([{ tenant: 't1', items: jsonLines('t1', 2) }]));
      await used.close();
      await used.close();
      expect(await far.received()).toEqual(jsonLines('t1', 2));
    });

    it('puts no secret into any message of the failures above', async () => {
      const far = await begin();
      for (const secret of far.secrets ?? []) expect(messages.filter((message) => message.includes(secret))).toEqual([]);
    });
  });
}

/** As much of the engine as a law needs: it prepares, delivers and settles, and its marks outlive every sink, as the journal's do. */
export class SmallEngine {
  readonly marks = new Map<string, Mark>();
  readonly signal = new AbortController().signal;

  async prepare(sink: Sink, parcel: Parcel): Promise<void> {
    for (const [place, mark] of (await sink.prepare?.(parcel)) ?? []) this.marks.set(place, mark);
  }

  settle(receipt: Receipt): void {
    for (const [place, mark] of receipt.marks ?? []) {
      if (mark === null) this.marks.delete(place);
      else this.marks.set(place, mark);
    }
  }

  async send(sink: Sink, parcel: Parcel, signal = this.signal): Promise<Receipt> {
    await this.prepare(sink, parcel);
    const receipt = await sink.deliver(parcel, signal);
    this.settle(receipt);
    return receipt;
  }
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, ms, value));
}
