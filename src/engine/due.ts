import type { Millis } from '../core/types.ts';

/** Something that is due at an instant (monotonic). */
export interface Due {
  dueAt: Millis;
}

/** The earliest first: a binary heap, so that ten thousand waiting streams cost one timer. */
export interface DueQueue<T extends Due> {
  readonly size: number;
  push(each: T): void;
  peek(): T | undefined;
  pop(): T | undefined;
  /** Those still in it, in no order. */
  all(): Iterable<T>;
}

export function openDueQueue<T extends Due>(): DueQueue<T> {
  const heap: T[] = [];
  const at = (i: number) => (heap[i] as T).dueAt;
  const swap = (i: number, j: number) => {
    const held = heap[i] as T;
    heap[i] = heap[j] as T;
    heap[j] = held;
  };
  return {
    get size() {
      return heap.length;
    },
    push(each) {
      let i = heap.push(each) - 1;
      while (i > 0 && at((i - 1) >> 1) > at(i)) {
        swap(i, (i - 1) >> 1);
        i = (i - 1) >> 1;
      }
    },
    peek: () => heap[0],
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (top === undefined || last === undefined || heap.length === 0) return top;
      heap[0] = last;
      for (let i = 0; ; ) {
        const left = 2 * i + 1;
        let least = i;
        if (left < heap.length && at(left) < at(least)) least = left;
        if (left + 1 < heap.length && at(left + 1) < at(least)) least = left + 1;
        if (least === i) return top;
        swap(i, least);
        i = least;
      }
    },
    all: () => heap,
  };
}
