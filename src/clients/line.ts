/**
 * A line of those who wait: first come, first served, each until its turn or its signal's abort.
 *
 * Thousands wait with one signal, and each listener that is added to a signal is compared with all that it has. So a signal gets one
 * listener here, whoever waits with it; and the links between neighbours make leaving from the middle as cheap as from the front.
 */
export class Line {
  #first: Waiter | null = null;
  #last: Waiter | null = null;
  #length = 0;
  readonly #companies = new Map<AbortSignal, Company>();

  get length(): number {
    return this.#length;
  }

  /** Resolves at its turn; rejects with the signal's reason. `left` is called when it went without its turn. */
  wait(signal: AbortSignal, place: 'first' | 'last', left: () => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const waiter: Waiter = { signal, go: resolve, leave: reject, left, before: null, after: null };
      if (place === 'last') this.#append(waiter);
      else this.#prepend(waiter);
      this.#length++;
      this.#companyOf(signal).members.add(waiter);
    });
  }

  /** It is the first one's turn; false when nobody waits. */
  next(): boolean {
    const first = this.#first;
    if (!first) return false;
    this.#unlink(first);
    const company = this.#companyOf(first.signal);
    company.members.delete(first);
    if (company.members.size === 0) this.#dismiss(first.signal, company);
    first.go();
    return true;
  }

  #companyOf(signal: AbortSignal): Company {
    const known = this.#companies.get(signal);
    if (known) return known;
    const company: Company = { members: new Set(), onAbort: () => this.#abort(signal, company) };
    signal.addEventListener('abort', company.onAbort, { once: true });
    this.#companies.set(signal, company);
    return company;
  }

  #dismiss(signal: AbortSignal, company: Company): void {
    signal.removeEventListener('abort', company.onAbort);
    this.#companies.delete(signal);
  }

  #abort(signal: AbortSignal, company: Company): void {
    this.#dismiss(signal, company);
    for (const waiter of company.members) this.#unlink(waiter);
    for (const { leave, left } of company.members) {
      leave(signal.reason);
      left();
    }
  }

  #append(waiter: Waiter): void {
    waiter.before = this.#last;
    if (this.#last) this.#last.after = waiter;
    else this.#first = waiter;
    this.#last = waiter;
  }

  #prepend(waiter: Waiter): void {
    waiter.after = this.#first;
    if (this.#first) this.#first.before = waiter;
    else this.#last = waiter;
    this.#first = waiter;
  }

  #unlink(waiter: Waiter): void {
    if (waiter.before) waiter.before.after = waiter.after;
    else this.#first = waiter.after;
    if (waiter.after) waiter.after.before = waiter.before;
    else this.#last = waiter.before;
    waiter.before = null;
    waiter.after = null;
    this.#length--;
  }
}

interface Waiter {
  readonly signal: AbortSignal;
  readonly go: () => void;
  readonly leave: (reason: unknown) => void;
  readonly left: () => void;
  before: Waiter | null;
  after: Waiter | null;
}

/** Those who wait with one signal. */
interface Company {
  readonly members: Set<Waiter>;
  readonly onAbort: () => void;
}
