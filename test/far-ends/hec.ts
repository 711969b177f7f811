/**
 * A collector on loopback: strict about what it takes, and misbehaving on request.
 *
 * It reads the body with a scanner of its own, so that an event's text is known byte for byte. For one bad event it refuses the
 * request and keeps the events before it, which is the worst that the vendor allows.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface HecEvent {
  /** The event as it was taken: the bytes of the object, or the text. */
  readonly line: string;
  readonly envelope: Readonly<Record<string, unknown>>;
}

export interface HecRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Before decompression. */
  readonly wireBytes: number;
  readonly body: string;
}

/**
 * What becomes of a request.
 *
 * reset          its connection is dropped before anything is taken
 * reset-mid-body it is taken, and the connection dropped half-way through the answer
 * lost-answer    it is taken, and the connection dropped instead of an answer
 * hang           nothing is taken, nothing answered, the connection stays
 */
export type HecFault = 'reset' | 'reset-mid-body' | 'lost-answer' | 'hang' | HecAnswer;

export interface HecAnswer {
  readonly status: number;
  readonly body?: string | Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HecOptions {
  readonly token: string;
  /** Does the token have acknowledgement on? `at-once` acknowledges by itself, `by-hand` waits for `acknowledge`. */
  readonly ack?: 'at-once' | 'by-hand';
  readonly indexes?: readonly string[];
  readonly maxBytes?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface Hec {
  readonly url: string;
  readonly events: readonly HecEvent[];
  readonly requests: readonly HecRequest[];
  /** For the next requests that send events, one each. */
  readonly faults: HecFault[];
  /** For the next polls of acknowledgements, one each. */
  readonly pollFaults: HecFault[];
  /** Numbers handed out and not yet told. */
  pendingAcks(): readonly number[];
  acknowledge(...ackIds: number[]): void;
  /** As after a restart: channels and numbers are forgotten, connections dropped. */
  restart(): void;
  refuseLinesWith(text: string): void;
  close(): Promise<void>;
}

interface Channel {
  next: number;
  readonly state: Map<number, boolean>;
}

const envelopeKeys = new Set(['time', 'host', 'source', 'sourcetype', 'index', 'event', 'fields']);

export async function startHec({ token, ack, indexes, maxBytes = 5_000_000, tls }: HecOptions): Promise<Hec> {
  const events: HecEvent[] = [];
  const requests: HecRequest[] = [];
  const faults: HecFault[] = [];
  const pollFaults: HecFault[] = [];
  const channels = new Map<string, Channel>();
  const sockets = new Set<Socket>();
  let refused: string | null = null;

  function channelOf(id: string): Channel {
    const channel = channels.get(id) ?? { next: 0, state: new Map() };
    channels.set(id, channel);
    return channel;
  }

  function authorize(request: IncomingMessage): HecAnswer | null {
    const { authorization } = request.headers;
    if (authorization === undefined) return { status: 401, body: { text: 'Token is required', code: 2 } };
    if (!authorization.startsWith('Splunk ')) return { status: 401, body: { text: 'Invalid authorization', code: 3 } };
    // Echoed as no collector should, so that tests see that a secret does not pass through.
    if (authorization !== `Splunk ${token}`) return { status: 403, body: { text: `Invalid token ${authorization}`, code: 4 } };
    return null;
  }

  function take(request: IncomingMessage, body: Buffer): HecAnswer {
    if (body.length > maxBytes) return { status: 413, body: '<html>Request Entity Too Large</html>' };
    const channelId = request.headers['x-splunk-request-channel'];
    if (ack && channelId === undefined) return { status: 400, body: { text: 'Data channel is missing', code: 10 } };
    if (ack && !/^[0-9a-f-]{36}$/i.test(String(channelId))) return { status: 400, body: { text: 'Invalid data channel', code: 11 } };
    if (body.length === 0) return { status: 400, body: { text: 'No data', code: 5 } };
    const spoilt = takeEvents(body.toString('utf8'));
    if (spoilt) return { status: 400, body: spoilt };
    if (!ack) return { status: 200, body: { text: 'Success', code: 0 } };
    const channel = channelOf(String(channelId));
    const ackId = channel.next++;
    channel.state.set(ackId, ack === 'at-once');
    return { status: 200, body: { text: 'Success', code: 0, ackId } };
  }

  function takeEvents(text: string): Readonly<Record<string, unknown>> | null {
    let n = 0;
    for (const object of objectsOf(text)) {
      const wrong = (why: string, code: number) => ({ text: why, code, 'invalid-event-number': n });
      if (object === null) return wrong('Invalid data format', 6);
      const { envelope, eventText } = object;
      if (Object.keys(envelope).some((key) => !envelopeKeys.has(key))) return wrong('Invalid data format', 6);
      if (!('event' in envelope)) return wrong('Event field is required', 12);
      const { event, fields, index, time } = envelope;
      if (event === '' || event === null) return wrong('Event field cannot be blank', 13);
      if (typeof time !== 'number') return wrong('Invalid data format', 6);
      if (index !== undefined && indexes && !indexes.includes(String(index))) return wrong('Incorrect index', 7);
      if (typeof fields !== 'object' || fields === null || !Object.values(fields).every((value) => typeof value === 'string' && value !== ''))
        return wrong('Error in handling indexed fields', 15);
      const line = typeof event === 'string' ? event : eventText;
      if (refused !== null && line.includes(refused)) return wrong('Invalid data format', 6);
      events.push({ line, envelope });
      n++;
    }
    return null;
  }

  function poll(request: IncomingMessage, url: URL, body: Buffer): HecAnswer {
    if (!ack) return { status: 400, body: { text: 'ACK is disabled', code: 14 } };
    if (request.headers['content-encoding'] !== undefined) return { status: 400, body: { text: 'Invalid data format', code: 6 } };
    const channel = channelOf(url.searchParams.get('channel') ?? '');
    const { acks } = JSON.parse(body.toString('utf8')) as { acks: number[] };
    const told = acks.map((id) => [id, channel.state.get(id) === true] as const);
    // `true` is told once and forgotten.
    for (const [id, done] of told) if (done) channel.state.delete(id);
    return { status: 200, body: { acks: Object.fromEntries(told) } };
  }

  function answerTo(request: IncomingMessage, url: URL, wire: Buffer): { readonly fault: HecFault | undefined; readonly take: () => HecAnswer } {
    const path = url.pathname;
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    requests.push({ method: request.method ?? '', path, headers: request.headers, wireBytes: wire.length, body: body.toString('utf8') });
    if (path === '/services/collector/health') return { fault: undefined, take: () => ({ status: 200, body: { text: 'HEC is healthy', code: 17 } }) };
    const isPoll = path === '/services/collector/ack';
    const fault = body.length === 0 ? undefined : (isPoll ? pollFaults : faults).shift();
    if (request.method !== 'POST' || (!isPoll && path !== '/services/collector/event'))
      return { fault, take: () => ({ status: 404, body: '<html>nothing here</html>' }) };
    return { fault, take: () => authorize(request) ?? (isPoll ? poll(request, url, body) : take(request, body)) };
  }

  function handle(request: IncomingMessage, response: ServerResponse, wire: Buffer): void {
    const { fault, take } = answerTo(request, new URL(request.url ?? '/', 'http://hec'), wire);
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    if (typeof fault === 'object') {
      send(response, fault);
      return;
    }
    const answer = take();
    if (fault === 'lost-answer') return void request.socket.destroy();
    if (fault === 'reset-mid-body') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"text":"Succ', () => request.socket.destroy());
      return;
    }
    send(response, answer);
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => handle(request, response, Buffer.concat(chunks)));
  };
  const server: Server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    requests,
    faults,
    pollFaults,
    pendingAcks: () => [...channels.values()].flatMap(({ state }) => [...state.keys()]),
    acknowledge(...ackIds) {
      for (const { state } of channels.values()) for (const id of ackIds) if (state.has(id)) state.set(id, true);
    },
    restart() {
      channels.clear();
      drop();
    },
    refuseLinesWith(text) {
      refused = text;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        drop();
      }),
  };
}

function send(response: ServerResponse, { status, body = '', headers = {} }: HecAnswer): void {
  const isJson = typeof body !== 'string';
  response.writeHead(status, { 'content-type': isJson ? 'application/json; charset=UTF-8' : 'text/html', ...headers });
  response.end(isJson ? JSON.stringify(body) : body);
}

interface SentObject {
  readonly envelope: Readonly<Record<string, unknown>>;
  /** The value of `event` as it was written. */
  readonly eventText: string;
}

/** The objects of a body, one after another; null where it is none, and then no more. */
function* objectsOf(text: string): Generator<SentObject | null> {
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const end = endOfValue(text, at);
    try {
      if (text[at] !== '{') throw new SyntaxError('no object');
      yield { envelope: JSON.parse(text.slice(at, end)) as Record<string, unknown>, eventText: eventTextOf(text, at) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return yield null;
    }
    at = end;
  }
}

/** Walks the object's own keys, so that an `"event":` within a value is not mistaken for it. */
function eventTextOf(text: string, start: number): string {
  for (let at = start + 1; text[at] === '"' || text[at] === ','; ) {
    if (text[at] === ',') at++;
    const keyEnd = endOfValue(text, at);
    const key = text.slice(at, keyEnd);
    const valueEnd = endOfValue(text, keyEnd + 1);
    if (key === '"event"') return text.slice(keyEnd + 1, valueEnd);
    at = valueEnd;
  }
  return '';
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] as string)) at++;
  return at;
}

/** Where the value that begins here ends. */
function endOfValue(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return endOfString(text, start);
  if (first !== '{' && first !== '[') return start + Math.max(1, /^[^\s,:}\]]*/.exec(text.slice(start, start + 100))?.[0].length ?? 0);
  for (let at = start, depth = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') at = endOfString(text, at) - 1;
    else if (letter === '{' || letter === '[') depth++;
    else if ((letter === '}' || letter === ']') && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}
