/** Records through a configured sink, once, without the journal: for `get --output sink:NAME` and `test-sink`. */
import type { Plan, SinkPlan } from '../../config/plan.ts';
import { didYouMean } from '../../config/suggest.ts';
import { Failure } from '../../core/failure.ts';
import { safeTenantName } from '../../core/tenant-name.ts';
import type { Format, Lane, Origin, Sink, StreamRecord } from '../../core/types.ts';
import type { World } from '../../core/world.ts';
import { openBackoff } from '../../engine/backoff.ts';
import { cutToFit, encode, halve, type Load, type Portion, parcelOf, recordCount } from '../../engine/parcels.ts';
import { usage } from '../exit.ts';

export interface OpenSink {
  readonly sink: Sink;
  readonly format: Format;
  readonly plan: SinkPlan;
}

/** One record that the sink will never take. */
export interface Refused {
  readonly record: StreamRecord;
  readonly reason: string;
}

/** What became of one parcel. */
export interface Settled {
  /** The number of its last record. */
  readonly upTo: number;
  /** How many of its records the sink has. */
  readonly taken: number;
  readonly refused: readonly Refused[];
}

const tries = 5;

/**
 * Opens a sink of the plan, with the format of the first route that goes there.
 *
 * Throws   config `usage.sink` when there is none of that name.
 */
export async function openSinkNamed(plan: Plan, name: string, world: World): Promise<OpenSink> {
  const found = plan.sinks.get(name);
  if (!found) {
    const known = [...plan.sinks.keys()];
    const advice = didYouMean(name, known) ?? (known.length === 0 ? 'Add one under `sinks`.' : `Choose one of ${known.join(', ')}.`);
    throw usage('sink', `there is no sink \`${name}\` in ${plan.file ?? 'the configuration'}`, advice);
  }
  const route = plan.routes.find((each) => each.sink === name);
  const format = route ? route.format.kind.open(route.format.options) : await jsonFormat();
  const sink = await found.kind.open(found.options, world, { name, folder: plan.folder, names: { of: safeTenantName } });
  return { sink, format, plan: found };
}

/** Has the sink marks of its own, which only the journal of a service can keep? Then nobody else may write there. */
export function keepsMarks(sink: Sink): boolean {
  return sink.prepare !== undefined && sink.marksAreOptional !== true;
}

async function jsonFormat(): Promise<Format> {
  const { json } = await import('../../formats/json.ts');
  return json.open({});
}

/**
 * Delivers records in order, in parcels within the sink's limits.
 *
 * Calls    `settled` after each parcel.
 * Throws   what the sink says when it is not about single records; a transient failure after five tries.
 */
export async function deliver(
  { sink, format }: Pick<OpenSink, 'sink' | 'format'>,
  records: readonly StreamRecord[],
  origin: Origin,
  world: World,
  signal: AbortSignal,
  settled: (parcel: Settled) => Promise<void> = async () => undefined,
): Promise<readonly Refused[]> {
  const first = records[0];
  if (!first) return [];
  const lane: Lane = { route: 'once', stream: `${origin.tenant.id}/${origin.stream}` };
  const route = { name: lane.route, sinkName: '', streams: new Set([origin.stream]), format, sink, start: 'oldest' } as const;
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  const refused: Refused[] = [];
  const refuse = (seq: number, reason: string) => {
    const record = bySeq.get(seq);
    if (record) refused.push({ record, reason });
  };
  const whole = encode({ lane, after: first.seq - 1, records }, origin, route, records.length * 1024);
  let told = 0;

  async function send(load: Load): Promise<void> {
    const parcel = parcelOf(load);
    try {
      if (parcel.sections.length > 0) {
        const receipt = await patiently(() => sink.deliver(parcel, signal), world, signal);
        for (const { seq, reason } of receipt.refused) refuse(seq, reason);
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'rejected') throw error;
      if (recordCount(load) > 1) {
        for (const half of halve(load)) await send(half);
        return;
      }
      for (const section of parcel.sections) for (const { seq } of section.records) refuse(seq, error.message);
    }
    for (const { section, refused: unwritten } of load) {
      for (const { seq, reason } of unwritten) refuse(seq, reason);
      const without = refused.slice(told);
      told = refused.length;
      await settled({ upTo: section.upTo, taken: section.records.length + unwritten.length - without.length, refused: without });
    }
  }

  for (let rest: Portion | null = whole; rest; ) {
    const cut: ReturnType<typeof cutToFit> = cutToFit(rest, sink.limits, { records: 0, bytes: 0 });
    if (cut.fits) await send([cut.fits]);
    rest = cut.rest;
  }
  return refused;
}

/** Asks again after a transient failure, like the engine, but not for ever. */
async function patiently<T>(work: () => Promise<T>, { clock, random }: World, signal: AbortSignal): Promise<T> {
  const backoff = openBackoff(random);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure) || error.kind !== 'transient') throw error;
      const pauseMs = backoff.failed(error, clock.monotonic());
      if (backoff.tries >= tries) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}
