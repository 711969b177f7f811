import { instantIn } from './meaning/values.ts';

const dayMs = 86_400_000;

const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** Writes instants in ISO 8601, UTC. What it remembers is the day before the T: records of one page share it. */
export class Instants {
  #day = Number.NaN;
  #date = '';

  /** `2026-10-01T14:20:28.605Z`; what no reader would take is 1970. */
  text(at: number): string {
    const instant = instantIn(at) ?? 0;
    const day = Math.floor(instant / dayMs);
    if (day !== this.#day) {
      this.#date = new Date(day * dayMs).toISOString().slice(0, 11);
      this.#day = day;
    }
    const ms = instant - day * dayMs;
    const seconds = Math.floor(ms / 1_000);
    const minutes = Math.floor(seconds / 60);
    const rest = ms - seconds * 1_000;
    return `${this.#date}${two[Math.floor(minutes / 60)]}:${two[minutes % 60]}:${two[seconds % 60]}.${rest < 100 ? (rest < 10 ? '00' : '0') : ''}${rest}Z`;
  }
}
