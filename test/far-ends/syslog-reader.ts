/** Reads syslog as the RFCs have it, and refuses everything else. Knows nothing of how ours is written. */

export interface Message {
  readonly facility: number;
  readonly severity: number;
  /** The header's fields as they stand there; absent where there is no header. */
  readonly time?: string;
  readonly host?: string;
  readonly app?: string;
  readonly procId?: string;
  readonly msgId?: string;
  readonly data: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly text: string;
  readonly bytes: number;
}

export type Form = 5424 | 3164 | 'none';
export type Ending = 'lf' | 'nul' | 'octet-counting' | 'none';

const header5424 =
  /^<(\d|[1-9]\d|1[0-8]\d|19[01])>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /;
const header3164 =
  /^<(\d|[1-9]\d|1[0-8]\d|19[01])>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]{1,255}) ([A-Za-z0-9_./-]{1,32})\[([A-Za-z0-9_./-]{1,32})\]: /;
const headerNone = /^<(\d|[1-9]\d|1[0-8]\d|19[01])>/;

/** One message. Throws what is wrong with it. */
export function readMessage(bytes: Buffer, form: Form): Message {
  const whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  const found = (form === 5424 ? header5424 : form === 3164 ? header3164 : headerNone).exec(whole);
  if (!found) throw new Error(`no header of ${form}: ${JSON.stringify(whole.slice(0, 200))}`);
  const [front, pri, time, host, app, procId, msgId] = found;
  const data = new Map<string, ReadonlyMap<string, string>>();
  const rest = whole.slice(front.length);
  const text = form === 5424 ? readData(rest, data) : rest;
  const fields = { time, host, app, procId, msgId };
  const named = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { facility: Number(pri) >> 3, severity: Number(pri) & 7, ...named, data, text, bytes: bytes.length };
}

/** Reads structured data into the map. Returns the text behind it. */
function readData(text: string, into: Map<string, ReadonlyMap<string, string>>): string {
  let at = 0;
  if (text[0] === '-') at = 1;
  else
    while (text[at] === '[') {
      const id = /^\[([!#-<>-\\^-~]{1,32})/.exec(text.slice(at))?.[1];
      if (id === undefined) throw new Error(`no SD-ID: ${text.slice(at, at + 40)}`);
      at += id.length + 1;
      const values = new Map<string, string>();
      for (;;) {
        const param = /^ ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"/.exec(text.slice(at));
        if (!param) break;
        values.set(param[1] ?? '', (param[2] ?? '').replace(/\\(["\\\]])/g, '$1'));
        at += param[0].length;
      }
      if (text[at] !== ']') throw new Error(`structured data does not end: ${text.slice(at, at + 40)}`);
      at++;
      into.set(id, values);
    }
  if (at === 0) throw new Error('no structured data, not even `-`');
  if (at === text.length) return '';
  if (text[at] !== ' ') throw new Error(`no blank behind structured data: ${text.slice(at, at + 40)}`);
  return text.slice(at + 1);
}

/** Cuts a stream of bytes into messages; what is not whole yet is kept. */
export class Deframer {
  readonly #ending: Ending;
  #rest: Buffer = Buffer.alloc(0);

  constructor(ending: Ending) {
    this.#ending = ending;
  }

  /** What has come of a message that is not whole. */
  get unfinished(): Buffer {
    return this.#rest;
  }

  /** The messages that are whole with these bytes. Throws when what comes is no frame. */
  push(bytes: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    for (let next = this.#next(); next; next = this.#next()) messages.push(next);
    return messages;
  }

  #next(): Buffer | null {
    const rest = this.#rest;
    if (rest.length === 0) return null;
    if (this.#ending === 'octet-counting') {
      const length = /^([1-9]\d{0,9}) /.exec(rest.toString('latin1', 0, 12));
      if (!length) {
        if (/^([1-9]\d{0,9})?$/.test(rest.toString('latin1', 0, 12))) return null;
        throw new Error(`no length: ${JSON.stringify(rest.toString('latin1', 0, 40))}`);
      }
      const start = length[0].length;
      const end = start + Number(length[1]);
      if (rest.length < end) return null;
      this.#rest = rest.subarray(end);
      return rest.subarray(start, end);
    }
    const end = rest.indexOf(this.#ending === 'lf' ? 0x0a : 0x00);
    if (end < 0) return null;
    this.#rest = rest.subarray(end + 1);
    return rest.subarray(0, end);
  }
}
