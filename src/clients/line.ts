/**
 * A line of those who wait: first come, first served, each until its turn or its signal's abort.
 *
 * Thousands wait with one signal, and each listener that is added to a signal is compared with all that it has. So a signal gets one
 * listener here, whoever waits with it; and the links between neighbours make leaving from the middle as cheap as from the front.
 */
export class Line<T> {
  #first: Waiter<T> | null = null;
  #last: Waiter<T> | null = null;
  #length = 0;
  readonly #companies = new Map<AbortSignal, Company<T>>();

  get length(): number {
    return this.#length;
  }

  /** Resolves at its turn; rejects with the signal's reason. `left` is called when it went without its turn. */
  wait(signal: AbortSignal, place: 'first' | 'last', left: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const waiter: Waiter<T> = { signal, go: resolve, leave: reject, left, before: null, after: null };
      if (place === 'last') this.#append(waiter);
      else this.#prepend(waiter);
      this.#length++;
      this.#companyOf(signal).members.add(waiter);
    });
  }

  /** It is the first one's turn, and this is what it gets; false when nobody waits. */
  next(turn: T): boolean {
    const first = this.#first;
    if (!first) return false;
    this.#unlink(first);
    const company = this.#companyOf(first.signal);
    company.members.delete(first);
    if (company.members.size === 0) this.#dismiss(first.signal, company);
    first.go(turn);
    return true;
  }

  #companyOf(signal: AbortSignal): Company<T> {
    const known = this.#companies.get(signal);
    if (known) return known;
    const company: Company<T> = { members: new Set(), onAbort: () => this.#abort(signal, company) };
    signal.addEventListener('abort', company.onAbort, { once: true });
    this.#companies.set(signal, company);
    return company;
  }

  #dismiss(signal: AbortSignal, company: Company<T>): void {
    signal.removeEventListener('abort', company.onAbort);
    this.#companies.delete(signal);
  }

  #abort(signal: AbortSignal, company: Company<T>): void {
    this.#dismiss(signal, company);
    for (const waiter of company.members) this.#unlink(waiter);
    for (const { leave, left } of company.members) {
      leave(signal.reason);
      left();
    }
  }

  #append(waiter: Waiter<T>): void {
    waiter.before = this.#last;
    if (this.#last) this.#last.after = waiter;
    else this.#first = waiter;
    this.#last = waiter;
  }

  #prepend(waiter: Waiter<T>): void {
    waiter.after = this.#first;
    if (this.#first) this.#first.before = waiter;
    else this.#last = waiter;
    this.#first = waiter;
  }

  #unlink(waiter: Waiter<T>): void {
    if (waiter.before) waiter.before.after = waiter.after;
    else this.#first = waiter.after;
    if (waiter.after) waiter.after.before = waiter.before;
    else this.#last = waiter.before;
    waiter.before = null;
    waiter.after = null;
    this.#length--;
  }
}

interface Waiter<T> {
  readonly signal: AbortSignal;
  readonly go: (turn: T) => void;
  readonly leave: (reason: unknown) => void;
  readonly left: () => void;
  before: Waiter<T> | null;
  after: Waiter<T> | null;
}

/** Those who wait with one signal. */
interface Company<T> {
  readonly members: Set<Waiter<T>>;
  readonly onAbort: () => void;
}
