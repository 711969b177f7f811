import type { Item } from './collection.ts';
import type { LookupKind } from './intelix-answers.ts';
import { randomFrom } from './random.ts';
import { BadWish, listIn, numberIn, objectIn, onlyKeys, rateIn, textIn, type Wish } from './wishes.ts';

const KEYS = ['urls', 'ips', 'files', 'rate429', 'quota', 'retryAfterS', 'unknownHash', 'fail'];
const KINDS: readonly LookupKind[] = ['urls', 'ips', 'files'];

/** How Intelix is to answer: known answers by address, limits, failures. */
export class IntelixSettings {
  readonly #known: Readonly<Record<LookupKind, Map<string, Item | null>>> = { urls: new Map(), ips: new Map(), files: new Map() };
  #random = randomFrom(0);
  #rate429 = 0;
  #failRate = 0;
  #statuses: readonly number[] = [];
  #quota = Number.POSITIVE_INFINITY;
  retryAfterS: number | undefined;
  /** A hash that nobody has seen: 404, or 200 with a score in the middle. */
  unknownHash: '404' | 'neutral' = '404';

  /**
   * Takes a wish; keys that are absent stay as they are.
   *
   * Shape    `{urls: {address: reply}, ips, files, rate429, quota, retryAfterS, unknownHash, fail: {rate, seed, statuses}}`;
   *          a reply `null` means that nothing is known of the address: of a URL or an IP that nothing is told, of a file the unknown hash.
   */
  change(wish: Wish): void {
    onlyKeys(wish, KEYS);
    const known = KINDS.map((kind) => [kind, repliesIn(wish, kind)] as const);
    const fail = wish.fail === undefined ? undefined : objectIn(wish.fail, '`fail`');
    if (fail !== undefined) onlyKeys(fail, ['rate', 'seed', 'statuses']);
    const statuses = fail === undefined ? undefined : (listIn(fail, 'statuses') ?? [500]).map(statusOf);
    const unknownHash = textIn(wish, 'unknownHash');
    if (unknownHash !== undefined && unknownHash !== '404' && unknownHash !== 'neutral') throw new BadWish('`unknownHash` is one of 404, neutral');
    const quota = wish.quota === null ? Number.POSITIVE_INFINITY : numberIn(wish, 'quota');
    for (const [kind, replies] of known) for (const [address, reply] of replies) this.#known[kind].set(address, reply);
    if (wish.rate429 !== undefined) this.#rate429 = rateIn(wish, 'rate429');
    if (quota !== undefined) this.#quota = quota;
    this.retryAfterS = numberIn(wish, 'retryAfterS') ?? this.retryAfterS;
    this.unknownHash = unknownHash ?? this.unknownHash;
    if (fail === undefined || statuses === undefined) return;
    this.#failRate = rateIn(fail, 'rate');
    this.#statuses = statuses;
    this.#random = randomFrom(numberIn(fail, 'seed') ?? 0);
  }

  clear(): void {
    for (const kind of KINDS) this.#known[kind].clear();
    this.#random = randomFrom(0);
    this.#rate429 = 0;
    this.#failRate = 0;
    this.#statuses = [];
    this.#quota = Number.POSITIVE_INFINITY;
    this.retryAfterS = undefined;
    this.unknownHash = '404';
  }

  /** The answer that control wants; `undefined` when it wants none in particular. */
  known(kind: LookupKind, address: string): Item | null | undefined {
    return this.#known[kind].get(address.toLowerCase());
  }

  /** The status with which the next lookup is refused; `null` when it is answered, which the quota counts. */
  refusal(): number | null {
    if (this.#failRate > 0 && this.#statuses.length > 0 && this.#random() < this.#failRate)
      return this.#statuses[Math.floor(this.#random() * this.#statuses.length)] ?? 500;
    if (this.#quota <= 0 || (this.#rate429 > 0 && this.#random() < this.#rate429)) return 429;
    this.#quota--;
    return null;
  }
}

function repliesIn(wish: Wish, kind: LookupKind): ReadonlyMap<string, Item | null> {
  if (wish[kind] === undefined) return new Map();
  const replies = Object.entries(objectIn(wish[kind], `\`${kind}\``));
  return new Map(replies.map(([address, reply]) => [address.toLowerCase(), reply === null ? null : objectIn(reply, `the reply for ${address}`)]));
}

function statusOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 400 || value > 599)
    throw new BadWish('`statuses` is a list of statuses from 400 to 599');
  return value;
}
