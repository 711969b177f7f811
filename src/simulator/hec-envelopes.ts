/** One event as it was sent, checked as far as HEC checks. */
export interface Envelope {
  readonly index: string | undefined;
  readonly sourcetype: string | undefined;
  readonly record: string | null;
  readonly text: Buffer;
}

/** What is wrong with a batch, and with which of its events. */
export interface BadEvent {
  readonly code: 6 | 7 | 12 | 13 | 15;
  readonly number: number;
}

export interface Batch {
  /** Those before the bad one, or all. */
  readonly events: readonly Envelope[];
  readonly bad: BadEvent | null;
}

export interface BatchRules {
  /** Indexes that the token may write to; `null`: any. */
  readonly indexes: ReadonlySet<string> | null;
  /** Events that contain it are invalid. */
  readonly refusePattern: string | null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Reads JSON objects one after another; white space between them is optional. */
export function readBatch(body: Buffer, rules: BatchRules): Batch {
  const events: Envelope[] = [];
  let at = 0;
  for (;;) {
    while (at < body.length && (body[at] as number) <= 0x20) at++;
    if (at >= body.length) return { events, bad: null };
    const end = endOfObject(body, at);
    if (end < 0) return { events, bad: { code: 6, number: events.length } };
    const text = body.subarray(at, end);
    const checked = check(text, rules);
    if (typeof checked === 'number') return { events, bad: { code: checked, number: events.length } };
    events.push(checked);
    at = end;
  }
}

/** Where the object that begins here ends; -1 when it does not. */
function endOfObject(body: Buffer, start: number): number {
  if (body[start] !== OPEN) return -1;
  let depth = 0;
  for (let i = start; i < body.length; i++) {
    const byte = body[i];
    if (byte === QUOTE) {
      i = endOfText(body, i);
      if (i < 0) return -1;
    } else if (byte === OPEN) depth++;
    else if (byte === CLOSE && --depth === 0) return i + 1;
  }
  return -1;
}

/** Where the closing quote of the text that begins here stands: after an even number of backslashes. */
function endOfText(body: Buffer, start: number): number {
  for (let at = body.indexOf(QUOTE, start + 1); at >= 0; at = body.indexOf(QUOTE, at + 1)) {
    let before = at - 1;
    while (body[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return -1;
}

function check(text: Buffer, rules: BatchRules): Envelope | BadEvent['code'] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.toString('utf8'));
  } catch {
    return 6;
  }
  const envelope = parsed as Readonly<Record<string, unknown>>;
  const { event, index, sourcetype, time, fields } = envelope;
  if (event === undefined || event === null) return 12;
  if (typeof event === 'string' && event.trim() === '') return 13;
  if (time !== undefined && !isTime(time)) return 6;
  for (const key of ['host', 'source', 'sourcetype', 'index'] as const) if (envelope[key] !== undefined && typeof envelope[key] !== 'string') return 6;
  if (typeof index === 'string' && rules.indexes !== null && !rules.indexes.has(index)) return 7;
  if (fields !== undefined && !areFields(fields)) return 15;
  if (rules.refusePattern !== null && text.includes(rules.refusePattern)) return 6;
  const record = (fields as Readonly<Record<string, unknown>> | undefined)?.sophos_record;
  return {
    index: index as string | undefined,
    sourcetype: sourcetype as string | undefined,
    record: typeof record === 'string' ? record : null,
    text,
  };
}

function isTime(time: unknown): boolean {
  return typeof time === 'number' ? time >= 0 : typeof time === 'string' && /^\d+(\.\d+)?$/.test(time);
}

/** A flat object of texts, numbers, flags or lists of texts. */
function areFields(fields: unknown): boolean {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return false;
  return Object.values(fields).every((value) =>
    Array.isArray(value) ? value.every((v) => typeof v === 'string') : value !== null && typeof value !== 'object',
  );
}
