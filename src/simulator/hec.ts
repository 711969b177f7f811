import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Call, headerOf } from './call.ts';
import { type Envelope, readBatch } from './hec-envelopes.ts';
import { HEC_STATUS, HecFaults } from './hec-faults.ts';
import { RecordLog } from './hec-log.ts';
import { idOf, mix32, randomFrom } from './random.ts';
import { html, json, type Reply } from './reply.ts';

const unzip = promisify(gunzip);
const KEPT_EVENTS = 1000;
/** Splunk's own default of `max_content_length`. */
const MAX_BYTES = 838_860_800;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What becomes of a request: an answer, or a connection that ends without one. */
export type HecOutcome = { readonly reply: Reply; readonly delayMs: number } | { readonly transport: 'reset' | 'hang' };

/** One channel's acknowledgements: number -> simulator time at which it becomes true. */
interface Channel {
  next: number;
  readonly pending: Map<number, number>;
}

/**
 * A receiver of events as Splunk's: two tokens, one of which wants acknowledgements asked for.
 *
 * Order    a request is indexed before it is answered; with acknowledgements it is confirmed later, once, and then forgotten.
 */
export class Hec {
  token: string;
  ackToken: string;
  readonly faults = new HecFaults();
  readonly #now: () => number;
  readonly #log = new RecordLog();
  readonly #channels = new Map<string, Channel>();
  readonly #byIndex = new Map<string, number>();
  readonly #bySourcetype = new Map<string, number>();
  readonly #outcomes = new Map<string, number>();
  #last: Buffer[] = [];
  #requests = 0;
  #bytes = 0;

  constructor(seed: number, now: () => number) {
    const random = randomFrom(seed ^ 0x4ec);
    const family = mix32(Math.floor(random() * 2 ** 32));
    this.token = idOf(family, 0);
    this.ackToken = idOf(family, 1);
    this.#now = now;
  }

  async handle(call: Call): Promise<HecOutcome> {
    this.#requests++;
    const outcome = await this.#decide(call);
    const name = 'transport' in outcome ? outcome.transport : String(outcome.reply.status);
    this.#outcomes.set(name, (this.#outcomes.get(name) ?? 0) + 1);
    return outcome;
  }

  async #decide(call: Call): Promise<HecOutcome> {
    if (this.faults.down === 'reset' || this.faults.draws('reset')) return { transport: 'reset' };
    if (this.faults.draws('hang')) return { transport: 'hang' };
    const delayMs = this.faults.number('slowMs', 0);
    if (this.faults.down === '503') return { reply: code(9), delayMs };
    if (call.path === '/services/collector/health') return { reply: code(this.faults.number('health', 17)), delayMs };
    const refusal = this.faults.refusal();
    if (refusal !== null) return { reply: 'code' in refusal ? code(refusal.code) : html(refusal.status, 'Error'), delayMs };
    const wrong = this.#authorize(call);
    if (wrong !== null) return { reply: code(wrong), delayMs };
    if (call.path === '/services/collector/ack') return { reply: this.#acknowledge(call), delayMs };
    const taken = await this.#take(call);
    return taken.indexed && this.faults.draws('loseReply') ? { transport: 'reset' } : { reply: taken.reply, delayMs };
  }

  /** The code of what is wrong with the token. */
  #authorize(call: Call): number | null {
    const given = headerOf(call, 'authorization');
    if (given === undefined) return call.query.has('token') ? 16 : 2;
    const token = tokenOf(call);
    if (token === undefined) return 3;
    if (token !== this.token && token !== this.ackToken) return 4;
    return this.faults.tokenDisabled ? 1 : null;
  }

  async #take(call: Call): Promise<{ readonly reply: Reply; readonly indexed: boolean }> {
    const refused = (number: number, more = {}) => ({ reply: code(number, more), indexed: false });
    const wantsAck = tokenOf(call) === this.ackToken;
    const channel = channelOf(call);
    if (wantsAck && channel === undefined) return refused(10);
    if (channel !== undefined && !GUID.test(channel)) return refused(11);
    const maxBytes = this.faults.number('maxBytes', MAX_BYTES);
    const body = await bodyOf(call, maxBytes);
    if (body === 'large') return { reply: html(413, 'Request Entity Too Large'), indexed: false };
    if (body === null) return refused(6, { 'invalid-event-number': 0 });
    if (body.toString('latin1', 0, 64).trim() === '' && body.toString('latin1').trim() === '') return refused(5);
    const { events, bad } = readBatch(body, { indexes: this.faults.indexes, refusePattern: this.faults.refusePattern });
    const lost = wantsAck && this.faults.draws('lostAck');
    if (!lost && (bad === null || !this.faults.isAtomic)) this.#index(events);
    this.#bytes += call.body.length;
    if (bad !== null) return { ...refused(bad.code, { 'invalid-event-number': bad.number }), indexed: false };
    if (!wantsAck || channel === undefined) return { reply: code(0), indexed: true };
    const never = lost || this.faults.draws('neverAck');
    return { reply: code(0, { ackId: this.#promise(channel.toLowerCase(), never) }), indexed: true };
  }

  #index(events: readonly Envelope[]): void {
    for (const event of events) {
      this.#log.add(event.record);
      const index = event.index ?? 'main';
      this.#byIndex.set(index, (this.#byIndex.get(index) ?? 0) + 1);
      const sourcetype = event.sourcetype ?? 'httpevent';
      this.#bySourcetype.set(sourcetype, (this.#bySourcetype.get(sourcetype) ?? 0) + 1);
    }
    // Copies: a slice would keep its whole request alive.
    for (const event of events.slice(-KEPT_EVENTS)) this.#last.push(Buffer.from(event.text));
    if (this.#last.length > 2 * KEPT_EVENTS) this.#last = this.#last.slice(-KEPT_EVENTS);
  }

  #promise(name: string, never: boolean): number {
    const channel = this.#channels.get(name) ?? { next: 0, pending: new Map<number, number>() };
    this.#channels.set(name, channel);
    const id = channel.next++;
    if (!never) channel.pending.set(id, this.#now() + this.faults.number('ackDelayMs', 0));
    return id;
  }

  #acknowledge(call: Call): Reply {
    if (tokenOf(call) !== this.ackToken) return code(14);
    const name = channelOf(call);
    if (name === undefined) return code(10);
    if (!GUID.test(name)) return code(11);
    const asked = ackIds(call.body);
    if (asked === null) return code(6);
    const channel = this.#channels.get(name.toLowerCase());
    const now = this.#now();
    const acks: Record<string, boolean> = {};
    for (const id of asked) {
      const readyAt = channel?.pending.get(id);
      const ready = readyAt !== undefined && readyAt <= now;
      if (ready) channel?.pending.delete(id);
      acks[String(id)] = ready;
    }
    return json(200, { acks });
  }

  /** As if the indexer had restarted: nothing that was promised will be confirmed. */
  forgetAcks(): void {
    for (const channel of this.#channels.values()) channel.pending.clear();
  }

  summary(): unknown {
    return {
      indexed: this.#log.count,
      distinct: this.#log.distinct,
      repeated: this.#log.repeated,
      requests: this.#requests,
      bytes: this.#bytes,
      channels: this.#channels.size,
      byIndex: Object.fromEntries(this.#byIndex),
      bySourcetype: Object.fromEntries(this.#bySourcetype),
      byOutcome: Object.fromEntries(this.#outcomes),
      last: this.#last.slice(-10).map((text) => JSON.parse(text.toString('utf8'))),
    };
  }

  /** Every `sophos_record` in the order of indexing, one JSON text per line. */
  *ids(): Generator<Buffer> {
    const count = this.#log.count;
    for (let from = 0; from < count; from += 5000) {
      let lines = '';
      for (let i = from; i < Math.min(count, from + 5000); i++) lines += `${JSON.stringify(this.#log.at(i)?.toString('utf8') ?? null)}\n`;
      yield Buffer.from(lines);
    }
  }

  /** The last whole envelopes, one per line. */
  *events(): Generator<Buffer> {
    for (const text of this.#last.slice(-KEPT_EVENTS)) yield Buffer.from(`${JSON.stringify(JSON.parse(text.toString('utf8')))}\n`);
  }

  clear(): void {
    this.#log.clear();
    this.#channels.clear();
    this.#byIndex.clear();
    this.#bySourcetype.clear();
    this.#outcomes.clear();
    this.#last = [];
    this.#requests = 0;
    this.#bytes = 0;
  }
}

function code(number: number, more: Readonly<Record<string, unknown>> = {}): Reply {
  const [status, text] = HEC_STATUS[number] ?? [500, 'Error'];
  return json(status, { text, code: number, ...more });
}

/** The scheme of `Authorization` is written in either case. */
function tokenOf(call: Call): string | undefined {
  return /^Splunk +(\S+)$/i.exec(headerOf(call, 'authorization') ?? '')?.[1];
}

function channelOf(call: Call): string | undefined {
  return headerOf(call, 'x-splunk-request-channel') ?? call.query.get('channel') ?? undefined;
}

async function bodyOf(call: Call, maxBytes: number): Promise<Buffer | 'large' | null> {
  if (call.body.length > maxBytes) return 'large';
  if (!/^(?:x-)?gzip$/i.test(headerOf(call, 'content-encoding') ?? '')) return call.body;
  try {
    return await unzip(call.body, { maxOutputLength: maxBytes });
  } catch (error) {
    return error instanceof RangeError ? 'large' : null;
  }
}

function ackIds(body: Buffer): readonly number[] | null {
  try {
    const { acks } = JSON.parse(body.toString('utf8')) as { acks?: unknown };
    return Array.isArray(acks) && acks.every((id) => Number.isInteger(id)) ? (acks as number[]) : null;
  } catch {
    return null;
  }
}
