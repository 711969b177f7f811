import { inspect } from 'node:util';
import type { Secret } from './world.ts';

/** Wraps a value so that it prints as `[secret]` wherever it is logged, joined, inspected or serialised. */
export function secret(value: string): Secret {
  return new Sealed(value);
}

class Sealed implements Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): '[secret]' {
    return '[secret]';
  }
  toJSON(): '[secret]' {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}
