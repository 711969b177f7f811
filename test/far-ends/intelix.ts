/**
 * A small Intelix on loopback: a token service and the lookups, by what the tests put into it. It misbehaves on request, and keeps
 * every request as it stood on the wire.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface IntelixAsked {
  readonly method: string;
  /** As it stood on the request line. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface IntelixReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text or bytes. */
  readonly body?: unknown;
}

/**
 * What one request can meet instead of its answer.
 *
 * hang        no answer at all          reset       the connection is dropped before one
 * cut         the connection is dropped in the middle of the body
 */
export type IntelixFault = IntelixReply | 'hang' | 'reset' | 'cut';

const tokenPath = '/oauth2/token';

export class FarIntelix {
  readonly clientId = 'intelix-client-7d6e5f4a';
  readonly clientSecret = 'correct-horse-battery-staple-intelix';
  readonly asked: IntelixAsked[] = [];
  tokenLife: unknown = 3600;
  /** The answer to a lookup, by the decoded last segment of its path; anything else is answered with no category. */
  readonly known = new Map<string, object>();
  ttl: unknown = 3600;
  /** Sees each request first; what it returns is used instead of the answer. */
  intercept: (asked: IntelixAsked) => IntelixFault | null = () => null;
  /** Answers wait until it is resolved. */
  gate: Promise<void> = Promise.resolve();
  readonly #faults: { readonly path: string; readonly fault: IntelixFault }[] = [];
  readonly #tokens = new Set<string>();
  readonly #sockets = new Set<Socket>();
  readonly #waiting: { readonly count: number; readonly met: () => void }[] = [];
  readonly #server: Server;
  #issued = 0;
  url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => void this.#serve(request, Buffer.concat(chunks), response));
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The next requests to this path meet these, one each. */
  failNext(path: string, ...faults: IntelixFault[]): void {
    this.#faults.push(...faults.map((fault) => ({ path, fault })));
  }

  revokeTokens(): void {
    this.#tokens.clear();
  }

  get tokenCalls(): IntelixAsked[] {
    return this.asked.filter(({ target }) => target === tokenPath);
  }

  get lookups(): IntelixAsked[] {
    return this.asked.filter(({ target }) => target !== tokenPath);
  }

  /** Resolves when so many requests have come in all. */
  async hasAsked(count: number): Promise<void> {
    if (this.asked.length >= count) return;
    await new Promise<void>((met) => this.#waiting.push({ count, met }));
  }

  async #serve(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const asked: IntelixAsked = { method: request.method ?? '', target: request.url ?? '', headers: request.headers, body };
    this.asked.push(asked);
    for (const { count, met } of this.#waiting) if (this.asked.length >= count) met();
    await this.gate;
    const at = this.#faults.findIndex(({ path }) => asked.target.startsWith(path));
    const fault = at < 0 ? this.intercept(asked) : (this.#faults.splice(at, 1)[0]?.fault ?? null);
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    send(response, fault === null || fault === 'cut' ? this.#answer(asked) : fault, fault === 'cut');
  }

  #answer({ method, target, headers, body }: IntelixAsked): IntelixReply {
    if (target === tokenPath) return this.#token(method, headers, body);
    if (!this.#tokens.has(headers.authorization ?? '')) return { status: 401, body: { error: 'unauthorized', message: 'who?', requestId: 'r-401' } };
    const [, kind, segment] = /^\/lookup\/(urls|ips|files)\/v1\/([^/?#]+)$/.exec(target) ?? [];
    if (kind === undefined || segment === undefined) return { status: 404, body: '<h1>No such route</h1>', headers: { 'content-type': 'text/html' } };
    const known = this.known.get(decodeURIComponent(segment));
    if (kind === 'files' && !known) return { status: 404, body: { error: 'notFound', requestId: 'r-404', correlationId: headers['x-correlation-id'] } };
    return { body: { requestId: `r-${this.asked.length}`, correlationId: headers['x-correlation-id'], ttl: this.ttl, ...known } };
  }

  #token(method: string, headers: IncomingMessage['headers'], body: Buffer): IntelixReply {
    const basic = `Basic ${Buffer.from(`${this.clientId}:${this.clientSecret}`).toString('base64')}`;
    const isRight = method === 'POST' && headers['content-type'] === 'application/x-www-form-urlencoded' && body.toString() === 'grant_type=client_credentials';
    if (headers.authorization !== basic || !isRight) return { status: 401, body: { error: 'invalid_client', message: `not ${headers.authorization}` } };
    const token = `eyJ.token-${++this.#issued}.x_y-z`;
    this.#tokens.add(token);
    return { body: { access_token: token, expires_in: this.tokenLife, token_type: 'bearer' } };
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '' }: IntelixReply, isCut: boolean): void {
  const bytes = Buffer.isBuffer(body) || typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  if (!isCut) return void response.end(bytes);
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}
