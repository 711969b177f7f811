import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { told } from '../../src/cli/renewed.ts';
import { openRenewedSink } from '../../src/cli/renewed-sink.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Mark, Marks, Parcel, Receipt, Sink } from '../../src/core/types.ts';
import type { Report } from '../../src/core/world.ts';
import { openDelivery } from '../../src/engine/delivery.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { splunkHec } from '../../src/sinks/splunk-hec.ts';
import { HandClock, openTestWorld } from '../clients/world.ts';
import { quickly, routeTo, Scene } from '../engine/scene.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';

const never = () => new AbortController().signal;
const parcel = (n = 0) => parcelOf([{ tenant: 't1', after: n, items: jsonLines('t1', 1, n + 1) }]);

async function failure(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw new Error('no failure', { cause: error });
  return error;
}

/** A far end that takes one key, and tells what each sink that was opened on it was asked. */
class Lock {
  key = 'first';
  /** What the store says the key is. */
  kept = 'first';
  reads = 0;
  readonly said: string[] = [];
  readonly clock = new HandClock();
  readonly marks: readonly [string, Mark][] | null;
  /** What `deliver` waits for before it looks at the key. */
  gate: Promise<unknown> = Promise.resolve();
  mayOpen = true;
  #opened = 0;

  constructor(marks: readonly [string, Mark][] | null = null) {
    this.marks = marks;
  }

  open(): Promise<Sink> {
    let last = this.kept;
    return openRenewedSink({
      options: this.kept,
      clock: this.clock,
      open: async (options) => this.#sink(String(options)),
      renew: async () => {
        this.reads++;
        if (this.kept === last) return null;
        last = this.kept;
        return { options: last };
      },
    });
  }

  #sink(key: string): Sink {
    const me = `${++this.#opened}:${key}`;
    if (!this.mayOpen) throw new Failure('config', 'test.cannot-open', 'no');
    const judge = () => {
      if (key !== this.key) throw new Failure('auth', 'test.refused', 'this key does not fit', { advice: 'Check it.' });
    };
    const { marks, said } = this;
    return {
      limits: { records: 10, bytes: 1000 },
      inFlight: 4,
      marksAreOptional: true,
      check: async () => `checked by ${me}`,
      resume: async (known) => {
        judge();
        said.push(`${me} resumes ${JSON.stringify([...known])}`);
      },
      ...(marks ? { prepare: async (): Promise<Marks> => new Map([['place', 'as-it-was']]) } : {}),
      deliver: async (sent: Parcel): Promise<Receipt> => {
        await this.gate;
        judge();
        said.push(`${me} delivers ${sent.sections[0]?.after}`);
        return marks ? { refused: [], marks: new Map(marks) } : { refused: [] };
      },
      close: async () => void said.push(`${me} closes`),
    };
  }
}

describe('a sink whose secret was rotated', () => {
  it('asks the engine to send what was refused again, and then takes it with the new one', async () => {
    const lock = new Lock();
    const sink = await lock.open();
    await sink.resume(new Map(), never());
    await sink.deliver(parcel(0), never());
    for (const key of ['second', 'third']) {
      lock.key = lock.kept = key;
      expect(await failure(sink.deliver(parcel(1), never()))).toMatchObject({ kind: 'transient', code: 'secret.renewed', cause: { code: 'test.refused' } });
      await sink.deliver(parcel(1), never());
    }
    await sink.close();
    expect(lock.said).toEqual([
      '1:first resumes []',
      '1:first delivers 0',
      '2:second resumes []',
      '1:first closes',
      '2:second delivers 1',
      '3:third resumes []',
      '2:second closes',
      '3:third delivers 1',
      '3:third closes',
    ]);
    expect(lock.reads).toBe(2);
  });

  it('says the refusal itself when the secret is the same, and reads it again only after a minute', async () => {
    const lock = new Lock();
    const sink = await lock.open();
    lock.key = 'second';
    for (let i = 0; i < 5; i++) expect(await failure(sink.deliver(parcel(), never()))).toMatchObject({ kind: 'auth', code: 'test.refused' });
    expect(lock.reads).toBe(1);
    lock.kept = 'second';
    await lock.clock.pass(60_000);
    expect(await failure(sink.deliver(parcel(), never()))).toMatchObject({ code: 'secret.renewed' });
    await sink.deliver(parcel(), never());
  });

  it('reads it once for all parcels under way, and closes the old one when the last of them has ended', async () => {
    const lock = new Lock();
    const sink = await lock.open();
    let refuse: () => void = () => expect.fail('not yet');
    lock.gate = new Promise<void>((resolve) => {
      refuse = resolve;
    });
    let accept: () => void = () => expect.fail('not yet');
    const early = [0, 1, 2].map((n) => failure(sink.deliver(parcel(n), never())));
    lock.gate = new Promise<void>((resolve) => {
      accept = resolve;
    });
    const late = failure(sink.deliver(parcel(3), never()));
    lock.key = lock.kept = 'second';
    refuse();
    expect((await Promise.all(early)).map(({ code }) => code)).toEqual(Array(3).fill('secret.renewed'));
    expect(lock.said).toEqual([]);
    accept();
    expect((await late).code).toBe('secret.renewed');
    expect(lock.said).toEqual(['1:first closes']);
    expect(lock.reads).toBe(1);
    await sink.deliver(parcel(0), never());
    expect(lock.said.at(-1)).toBe('2:second delivers 0');
  });

  it('goes on from the marks of what was delivered, once the old one is at rest', async () => {
    const lock = new Lock([
      ['place', 7],
      ['gone', null],
    ]);
    const sink = await lock.open();
    await sink.resume(
      new Map([
        ['other', 1],
        ['gone', 3],
      ]),
      never(),
    );
    await sink.prepare?.(parcel());
    await sink.deliver(parcel(), never());
    lock.key = lock.kept = 'second';
    expect((await failure(sink.deliver(parcel(1), never()))).code).toBe('secret.renewed');
    expect(lock.said.filter((line) => line.startsWith('2'))).toEqual(['2:second resumes [["other",1],["place",7]]']);
  });

  it('with marks begins no parcel with the old one while the new one is opened', async () => {
    const lock = new Lock([['place', 1]]);
    const sink = await lock.open();
    await sink.resume(new Map(), never());
    let go: () => void = () => expect.fail('not yet');
    lock.gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const slow = failure(sink.deliver(parcel(0), never()));
    const open = lock.gate;
    lock.gate = Promise.resolve();
    lock.key = lock.kept = 'second';
    const refused = failure(sink.deliver(parcel(1), never()));
    await expect.poll(() => lock.reads).toBe(1);
    const later = sink.deliver(parcel(2), never());
    expect(lock.said).toEqual(['1:first resumes []']);
    go();
    await open;
    expect([(await slow).code, (await refused).code]).toEqual(['secret.renewed', 'secret.renewed']);
    await later;
    expect(lock.said.slice(1)).toEqual(['2:second resumes []', '1:first closes', '2:second delivers 2']);
  });

  it('is found by `resume` too, which the engine repeats', async () => {
    const lock = new Lock();
    const sink = await lock.open();
    lock.key = lock.kept = 'second';
    expect((await failure(sink.resume(new Map([['a', 1]]), never()))).code).toBe('secret.renewed');
    await sink.resume(new Map([['a', 1]]), never());
    expect(lock.said).toEqual(['1:first closes', '2:second resumes [["a",1]]']);
  });

  it('is not forgotten when it could not be opened at first', async () => {
    const lock = new Lock();
    const sink = await lock.open();
    lock.key = lock.kept = 'second';
    lock.mayOpen = false;
    expect((await failure(sink.deliver(parcel(), never()))).code).toBe('test.cannot-open');
    lock.mayOpen = true;
    expect((await failure(sink.deliver(parcel(), never()))).code).toBe('test.refused');
    await lock.clock.pass(60_000);
    expect((await failure(sink.deliver(parcel(), never()))).code).toBe('secret.renewed');
    await sink.deliver(parcel(), never());
  });

  it('is not looked for after any other failure, and looks like the sink that it is', async () => {
    const lock = new Lock();
    const sink = await lock.open();
    lock.gate = Promise.reject(new Failure('transient', 'test.busy', 'not now'));
    expect((await failure(sink.deliver(parcel(), never()))).code).toBe('test.busy');
    expect(lock.reads).toBe(0);
    expect(sink).toMatchObject({ limits: { records: 10, bytes: 1000 }, inFlight: 4, marksAreOptional: true });
    expect([sink.unconfirmed, sink.prepare, await sink.check(never())]).toEqual([undefined, undefined, 'checked by 1:first']);
    await sink.close();
    await sink.close();
  });
});

describe('what is told of a secret that is read again', () => {
  it('says whose it is and what came of it, and never the secret', async () => {
    const reports: Report[] = [];
    const report = (each: Report) => void reports.push(each);
    const answers = ['fresh', null];
    const read = told(async () => answers.shift() ?? null, { account: 'acme' }, { report });
    expect([await read(never()), await read(never())]).toEqual(['fresh', null]);
    const fail = told(() => Promise.reject(new Failure('transient', 'secret.unrenewed', 'gone', { advice: 'Look.' })), { sink: 'splunk' }, { report });
    expect(await fail(never())).toBeNull();
    expect(reports).toEqual([
      { name: 'secret.renewed', account: 'acme' },
      { name: 'secret.unchanged', account: 'acme' },
      { name: 'secret.unrenewed', sink: 'splunk', code: 'secret.unrenewed', reason: 'gone', advice: 'Look.' },
    ]);
    const bug = new TypeError('a bug');
    await expect(told(() => Promise.reject(bug), { service: 'x' }, { report })(never())).rejects.toBe(bug);
  });
});

describe('the engine with a collector whose token is rotated', () => {
  let sim: RunningSimulator;
  let scene: Scene;
  let closers: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    sim = await startSimulator();
    scene = await Scene.open(quickly(2));
    closers = [() => sim.close(), () => scene.close()];
  });
  afterEach(async () => {
    for (const close of closers.reverse()) await close();
  });

  it.each([false, true])('delivers every record once, however often it is (acknowledgement: %s)', async (ack) => {
    const { world, close } = openTestWorld();
    closers.push(close);
    let token = ack ? sim.hecAckToken : sim.hecToken;
    let last = token;
    const optionsOf = (one: string) => splunkHec.options.parse({ url: sim.hecUrl, token: one, ack, ackPollMs: 50, inFlight: 4, batch: { records: 20 } });
    const sink = await openRenewedSink({
      options: optionsOf(token),
      clock: world.clock,
      open: (options) => splunkHec.open(options as ReturnType<typeof optionsOf>, world, { name: 'splunk', folder: '/', names: { of: ({ name }) => name } }),
      renew: async () => {
        if (token === last) return null;
        last = token;
        return { options: optionsOf(last) };
      },
    });
    closers.push(() => sink.close());
    await scene.openLane();
    const delivery = openDelivery(routeTo(sink), { store: scene.store, world: scene.world, patience: null });
    const stop = new AbortController();
    const running = delivery.run(stop.signal, never());
    for (let round = 1; round <= 5; round++) {
      await scene.append(200, { from: (round - 1) * 200 });
      delivery.grew('t1/events', null, round * 200);
      token = `token-${round}`;
      await fetch(`${sim.url}/_sim/hec/token`, { method: 'POST', body: JSON.stringify(ack ? { ackToken: token } : { token }) });
      await expect.poll(() => scene.backlog(), { timeout: 10_000 }).toBe(0);
    }
    stop.abort();
    await running;
    const { distinct, indexed } = (await (await fetch(`${sim.url}/_sim/hec`)).json()) as { distinct: number; indexed: number };
    expect(distinct).toBe(1000);
    // Without acknowledgement a refused parcel was not taken; with it, one may have been taken whose number was never told.
    if (!ack) expect(indexed).toBe(1000);
  });
});
