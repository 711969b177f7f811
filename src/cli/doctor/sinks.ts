/** Each sink, asked whether it would take records; sent only what `--send` wants sent. */
import type { Plan, SinkPlan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { sendTestRecord, sentText } from '../output/test-record.ts';
import { type OpenSink, openSinkNamed } from '../output/to-sink.ts';
import { forEach } from './examine.ts';
import { ok, skipped, type Tell, type Told, wrong } from './finding.ts';
import { expiryOf } from './network.ts';
import { lookAt } from './probe.ts';
import { proxyFor } from './proxy.ts';

const atOnce = 4;
/** One sink that hangs must not hide what the others say. */
export const sinkLimitMs: Millis = 30_000;
const lookLimitMs: Millis = 5_000;

export async function examineSinks(plan: Plan | null, send: boolean, context: CommandContext, tell: Tell, signal: AbortSignal): Promise<void> {
  if (!plan) {
    tell(skipped('sinks', 'the configuration has to be corrected first'));
    return;
  }
  if (plan.sinks.size === 0) {
    tell(skipped('sinks', 'none is configured'));
    return;
  }
  const told = await forEach([...plan.sinks.values()], atOnce, (sink) => examineSink(plan, sink, send, context, signal));
  told.flat().forEach(tell);
}

async function examineSink(plan: Plan, sink: SinkPlan, send: boolean, context: CommandContext, signal: AbortSignal): Promise<readonly Told[]> {
  const { clock } = context.world;
  const over = new AbortController();
  const limit = AbortSignal.any([signal, over.signal]);
  const expired = clock.sleep(sinkLimitMs, limit).then(tooSlow, tooSlow);
  const asked = ask(plan, sink, send, context, limit).then(
    (said) => [ok(sink.name, said)],
    (error: unknown) => [failureOf(sink, error)],
  );
  const told = await Promise.race([asked, expired.then((failure) => [failureOf(sink, failure)])]);
  signal.throwIfAborted();
  over.abort(tooSlow());
  const expiry = told.some(({ state }) => state === 'ok') ? await expiries(sink, context, signal) : [];
  return [...told, ...expiry];
}

async function ask(plan: Plan, { name }: SinkPlan, send: boolean, context: CommandContext, signal: AbortSignal): Promise<string> {
  const open = await openSinkNamed(plan, name, context.world);
  try {
    const said = await open.sink.check(signal);
    const unconfirmed = open.sink.unconfirmed ? '; it confirms nothing: what the system took counts as delivered' : '';
    return `${said}${unconfirmed}${send ? await sendOne(open, context, signal) : ''}`;
  } finally {
    await open.sink.close();
  }
}

async function sendOne(open: OpenSink, { world }: CommandContext, signal: AbortSignal): Promise<string> {
  const sent = await sendTestRecord(open, world, 'doctor', signal);
  if (sent.outcome === 'refused')
    throw new Failure('rejected', 'doctor.test-refused', `the test record was refused: ${sent.reason}`, {
      advice: 'Look at what the far end wants of a record.',
    });
  return `; test record ${'key' in sent ? `${sent.key} ` : ''}${sentText[sent.outcome]}`;
}

function failureOf({ name, kind }: SinkPlan, error: unknown): Told {
  if (error instanceof Failure) return wrong('failed', name, `${kind.name}: would take nothing now`, error.message, error.advice ?? 'Try again.', error.code);
  const words = error instanceof Error ? error.message : String(error);
  return wrong(
    'failed',
    name,
    `${kind.name}: could not be asked, which is a bug of the program`,
    words,
    'Report it, with the output of `sophos-central doctor --json`.',
  );
}

function tooSlow(): Failure {
  return new Failure('transient', 'doctor.too-slow', `no answer within ${sinkLimitMs / 1000} s`, {
    advice: 'Look at the network on the way, and whether the far end is overloaded.',
  });
}

/** Certificates of its TLS addresses, where the way there is direct. */
async function expiries({ name, options }: SinkPlan, { world: { clock } }: CommandContext, signal: AbortSignal): Promise<readonly Told[]> {
  const told = await forEach(tlsAddresses(options), 1, async (url) => {
    if (proxyFor(url, {}, '') !== null) return null;
    const { certificate } = await lookAt({ url, proxy: null, clock, limitMs: lookLimitMs, signal });
    return certificate === null ? null : expiryOf(`${name}, ${url.host}`, certificate, clock.now());
  });
  return told.flatMap((each) => (each === null ? [] : [each]));
}

/** What begins with a scheme that means TLS from the first byte, as an https URL. */
function tlsAddresses(options: unknown): readonly URL[] {
  if (typeof options !== 'object' || options === null || ('proxy' in options && options.proxy !== undefined)) return [];
  const texts = Object.values(options)
    .flatMap((value: unknown) => (Array.isArray(value) ? value : [value]))
    .filter((value) => typeof value === 'string');
  return texts.flatMap((text) => {
    const [, scheme = '', rest] = /^(https|tls|smtps):\/\/(.+)$/.exec(text) ?? [];
    if (rest === undefined || !URL.canParse(`https://${rest}`)) return [];
    const url = new URL(`https://${rest}`);
    if (url.port === '' && scheme !== 'https') url.port = scheme === 'smtps' ? '465' : '6514';
    return [url];
  });
}
