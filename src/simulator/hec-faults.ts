import { randomFrom } from './random.ts';
import { flagIn, numberIn, objectIn, onlyKeys, rateIn, ratesIn, textIn, textsIn, type Wish } from './wishes.ts';

const KEYS = [
  'seed',
  'down',
  'how',
  'codes',
  'statuses',
  'reset',
  'loseReply',
  'neverAck',
  'lostAck',
  'slowMs',
  'hang',
  'hangMs',
  'refuse',
  'disabledToken',
  'maxBytes',
  'ackDelayMs',
  'indexes',
  'atomic',
  'health',
  'times',
];

/** HTTP status of each documented reply code. */
export const HEC_STATUS: Readonly<Record<number, readonly [number, string]>> = {
  0: [200, 'Success'],
  1: [403, 'Token disabled'],
  2: [401, 'Token is required'],
  3: [401, 'Invalid authorization'],
  4: [403, 'Invalid token'],
  5: [400, 'No data'],
  6: [400, 'Invalid data format'],
  7: [400, 'Incorrect index'],
  8: [500, 'Internal server error'],
  9: [503, 'Server is busy'],
  10: [400, 'Data channel is missing'],
  11: [400, 'Invalid data channel'],
  12: [400, 'Event field is required'],
  13: [400, 'Event field cannot be blank'],
  14: [400, 'ACK is disabled'],
  15: [400, 'Error in handling indexed fields'],
  16: [400, 'Query string authorization is not enabled'],
  17: [200, 'HEC is healthy'],
  18: [503, 'HEC is unhealthy, queues are full'],
  19: [503, 'HEC is unhealthy, ack service unavailable'],
  20: [503, 'HEC is unhealthy, queues are full, ack service unavailable'],
  23: [503, 'Server is shutting down'],
};

/** How the receiver misbehaves, as data; rates are drawn from the plan's own seed. */
export class HecFaults {
  #plan: Wish = {};
  #random = randomFrom(0);
  #timesLeft = Number.POSITIVE_INFINITY;

  plan(wish: Wish): void {
    onlyKeys(wish, KEYS);
    for (const key of ['seed', 'reset', 'loseReply', 'neverAck', 'lostAck', 'slowMs', 'hang', 'hangMs', 'maxBytes', 'ackDelayMs', 'health', 'times'])
      numberIn(wish, key);
    for (const key of ['down', 'atomic', 'disabledToken']) flagIn(wish, key);
    textIn(wish, 'how');
    textsIn(wish, 'indexes');
    ratesIn(wish, 'codes');
    ratesIn(wish, 'statuses');
    if (wish.refuse !== undefined) textIn(objectIn(wish.refuse, '`refuse`'), 'pattern');
    if (wish.seed !== undefined) this.#random = randomFrom(numberIn(wish, 'seed') ?? 0);
    if (wish.times !== undefined) this.#timesLeft = numberIn(wish, 'times') ?? 0;
    this.#plan = { ...this.#plan, ...wish };
  }

  clear(): void {
    this.#plan = {};
    this.#random = randomFrom(0);
    this.#timesLeft = Number.POSITIVE_INFINITY;
  }

  toJSON(): unknown {
    return this.#plan;
  }

  get down(): 'no' | '503' | 'reset' {
    if (this.#plan.down !== true) return 'no';
    return textIn(this.#plan, 'how') === 'reset' ? 'reset' : '503';
  }

  get tokenDisabled(): boolean {
    return this.#plan.disabledToken === true;
  }

  get isAtomic(): boolean {
    return this.#plan.atomic === true;
  }

  get indexes(): ReadonlySet<string> | null {
    const names = textsIn(this.#plan, 'indexes');
    return names === undefined ? null : new Set(names);
  }

  get refusePattern(): string | null {
    return this.#plan.refuse === undefined ? null : (textIn(objectIn(this.#plan.refuse, '`refuse`'), 'pattern') ?? null);
  }

  number(key: 'slowMs' | 'hangMs' | 'maxBytes' | 'ackDelayMs' | 'health', otherwise: number): number {
    return numberIn(this.#plan, key) ?? otherwise;
  }

  /** Does it happen this time? */
  draws(key: 'reset' | 'loseReply' | 'neverAck' | 'lostAck' | 'hang'): boolean {
    return this.#happens(rateIn(this.#plan, key));
  }

  /** A documented code, or a bare status, instead of the true answer. */
  refusal(): { readonly code: number } | { readonly status: number } | null {
    for (const [code, rate] of ratesIn(this.#plan, 'codes') ?? []) if (this.#happens(rate)) return { code: Number(code) };
    for (const [status, rate] of ratesIn(this.#plan, 'statuses') ?? []) if (this.#happens(rate)) return { status: Number(status) };
    return null;
  }

  /** `times` bounds how often chances come true. */
  #happens(rate: number): boolean {
    if (rate <= 0 || this.#timesLeft <= 0 || this.#random() >= rate) return false;
    this.#timesLeft--;
    return true;
  }
}
