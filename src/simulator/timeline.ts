import { mix32 } from './random.ts';

/** When each record of an endless numbered sequence was created; a function of its number, so nothing is stored. */
export interface Timeline {
  /** How many records were created up to and including `instant`. */
  countAt(instant: number): number;
  /** Never decreases with the number. */
  createdAt(index: number): number;
}

/** So many records between two instants, unevenly, or an endless run at one rate. */
class Spread implements Timeline {
  readonly #from: number;
  readonly #stepMs: number;
  readonly #count: number;
  readonly #salt: number;
  constructor(from: number, stepMs: number, count: number, salt: number) {
    this.#from = from;
    this.#stepMs = stepMs;
    this.#count = count;
    this.#salt = salt;
  }
  createdAt(index: number): number {
    const jitter = (mix32(index ^ this.#salt) >>> 8) / 0x100_0000;
    return Math.floor(this.#from + (index + jitter) * this.#stepMs);
  }
  countAt(instant: number): number {
    if (this.#count === 0 || instant < this.#from) return 0;
    let count = Math.min(this.#count, Math.floor((instant + 1 - this.#from) / this.#stepMs));
    while (count < this.#count && this.createdAt(count) <= instant) count++;
    while (count > 0 && this.createdAt(count - 1) > instant) count--;
    return count;
  }
}

/** Records spread over `[from, until)`. */
function spread(from: number, until: number, count: number, salt: number): Timeline {
  return new Spread(from, count === 0 ? 1 : (until - from) / count, count, salt);
}

/** Records at a rate, from an instant on, for ever. */
function steady(from: number, perMinute: number, salt: number): Timeline {
  return perMinute > 0 ? new Spread(from, 60_000 / perMinute, Number.POSITIVE_INFINITY, salt) : new Spread(from, 1, 0, salt);
}

/** First all of one, which has `count` records, then the other. */
function inTurn(first: Timeline, count: number, then: Timeline): Timeline {
  return {
    createdAt: (index) => (index < count ? first.createdAt(index) : then.createdAt(index - count)),
    countAt(instant) {
      const early = first.countAt(instant);
      return early < count ? early : count + then.countAt(instant);
    },
  };
}

/** An alert is stored so much later than the event that raised it. */
export const ALERT_DELAY_MS = 350;

/** Of the live events, every so many raises an alert. */
const LIVE_EVENTS_PER_ALERT = 50;

/** How many events and alerts one tenant has had, and how many it gets. */
export interface Volume {
  readonly historyFrom: number;
  readonly startedAt: number;
  readonly events: number;
  readonly alerts: number;
  readonly eventsPerMinute: number;
}

/** The two timelines of a tenant: where there are enough events, every alert is about one. */
export function timelines(volume: Volume, salt: number) {
  const { events, alerts, startedAt, historyFrom, eventsPerMinute } = volume;
  // The last second stays empty, so that the alerts of the last events are history too.
  const until = Math.max(historyFrom + 1, startedAt - 1000);
  const eventLine = inTurn(spread(historyFrom, until, events, salt), events, steady(startedAt, eventsPerMinute, salt ^ 0x11ce));
  const every = alerts === 0 ? 0 : Math.floor(events / alerts);
  const linked = alerts === 0 || every > 0;
  const eventOf = (index: number) => (index < alerts ? index * every : events + (index - alerts) * LIVE_EVENTS_PER_ALERT);
  const raises = (index: number) =>
    index < events ? every > 0 && index % every === 0 && index / every < alerts : linked && (index - events) % LIVE_EVENTS_PER_ALERT === 0;
  const following: Timeline = {
    createdAt: (index) => eventLine.createdAt(eventOf(index)) + ALERT_DELAY_MS,
    countAt(instant) {
      const seen = eventLine.countAt(instant - ALERT_DELAY_MS);
      if (seen <= events && every > 0) return Math.min(alerts, Math.ceil(seen / every));
      return seen <= events ? 0 : alerts + Math.ceil((seen - events) / LIVE_EVENTS_PER_ALERT);
    },
  };
  return {
    events: { timeline: eventLine, raises, link: null },
    alerts: linked
      ? { timeline: following, raises: () => false, link: eventOf }
      : { timeline: spread(historyFrom, until, alerts, salt ^ 0xa1e7), raises: () => false, link: null },
  };
}
