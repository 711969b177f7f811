/**
 * A small Central on loopback, written for the client's and the streams' tests: a token endpoint, whoami, tenant lists and the SIEM feeds.
 * It misbehaves on request. Its clock stands still unless it is moved.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Monotonic. */
  readonly at: number;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sends these bytes as they are, instead of `body`. */
  readonly raw?: string | Buffer;
}

/**
 * What one request can meet instead of its answer.
 *
 * hang        no answer at all          reset       the connection is dropped before one
 * cut         the connection is dropped in the middle of the body
 */
export type Fault = Reply | 'hang' | 'reset' | 'cut';

export interface FarItem {
  readonly id: string;
  readonly created_at: string;
  readonly [field: string]: unknown;
}

const dayMs = 86_400_000;

export class FarCentral {
  readonly asked: Asked[] = [];
  readonly clientId = 'b6a1f3c2-0d5e-4f7a-9b8c-7d6e5f4a3b2c';
  readonly clientSecret = 'correct-horse-battery-staple-0123456789';
  /** ms; the `Date` of every answer. */
  now = Date.parse('2026-11-20T12:00:00.000Z');
  tokenLifeSeconds = 3600;
  idType = 'tenant';
  tenants: Record<string, unknown>[] = [];
  readonly accountId = 'a7d3c1e9-5b2f-4e60-8c14-9f2a6b3d0e75';
  /** Feed items in the order in which they were recorded. */
  readonly feeds: Record<string, FarItem[]> = { events: [], alerts: [] };
  /** Sees each request first; what it returns is used instead of the answer. */
  intercept: (asked: Asked) => Fault | null | undefined = () => null;
  readonly #faults: { readonly path: string; readonly fault: Fault }[] = [];
  readonly #tokens = new Set<string>();
  #issued = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#serve(request, Buffer.concat(chunks).toString(), response));
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

  /** The next request whose path begins so meets this. */
  failNext(path: string, ...faults: Fault[]): void {
    for (const fault of faults) this.#faults.push({ path, fault });
  }

  /** All tokens given so far are no good any more. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  to(path: string): Asked[] {
    return this.asked.filter((asked) => asked.path.startsWith(path));
  }

  #serve(request: IncomingMessage, body: string, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://far');
    const asked: Asked = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, body, at: performance.now() };
    this.asked.push(asked);
    const at = this.#faults.findIndex(({ path }) => asked.path.startsWith(path));
    const fault = at >= 0 ? this.#faults.splice(at, 1)[0]?.fault : this.intercept(asked);
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    const reply = fault && fault !== 'cut' ? fault : this.#answer(asked);
    const bytes = Buffer.from(reply.raw ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)));
    response.sendDate = false;
    response.writeHead(reply.status ?? 200, {
      'content-type': 'application/json',
      'content-length': bytes.length,
      date: new Date(this.now).toUTCString(),
      ...reply.headers,
    });
    if (fault !== 'cut') return void response.end(bytes);
    response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
  }

  #answer(asked: Asked): Reply {
    if (asked.path === '/api/v2/oauth2/token') return this.#token(asked);
    if (asked.path.startsWith('/gateway/siem/v1/')) {
      if (asked.headers['x-api-key'] !== 'key-1' || asked.headers.authorization !== 'Basic old-token') return { status: 403, body: { error: 'Forbidden' } };
      return this.#siem(asked, asked.path.slice('/gateway/siem/v1/'.length));
    }
    if (!this.#tokens.has((asked.headers.authorization ?? '').replace('Bearer ', '')))
      return { status: 401, body: { error: 'Unauthorized', correlationId: 'c-401', requestId: 'r-401' } };
    if (asked.path === '/whoami/v1') {
      const dataRegion = this.idType === 'tenant' ? { dataRegion: `${this.url}/` } : {};
      return { body: { id: this.accountId, idType: this.idType, apiHosts: { global: this.url, ...dataRegion } } };
    }
    if (asked.path === `/${this.idType}/v1/tenants`) {
      const size = Number(asked.query.get('pageSize') ?? 50);
      const page = Number(asked.query.get('page') ?? 1);
      return { body: { items: this.tenants.slice((page - 1) * size, page * size), pages: { current: page, size, maxSize: 100 } } };
    }
    if (asked.path.startsWith('/siem/v1/')) return this.#siem(asked, asked.path.slice('/siem/v1/'.length));
    return { status: 404, body: { error: 'notFound', message: 'Resource not found.' } };
  }

  #token({ body }: Asked): Reply {
    const form = new URLSearchParams(body);
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== this.clientSecret) {
      return { status: 401, body: { errorCode: 'oauth.invalid_client_secret', message: 'Unauthorized', trackingId: 't-1' } };
    }
    const token = `token-${++this.#issued}`;
    this.#tokens.add(token);
    return { body: { access_token: token, token_type: 'bearer', expires_in: this.tokenLifeSeconds, errorCode: 'success', message: 'OK' } };
  }

  /** A cursor is a number of items passed, and when it was given; one that is more than a day old begins anew. */
  #siem({ query }: Asked, feed: string): Reply {
    const items = this.feeds[feed] ?? [];
    const oldest = this.now - dayMs;
    const limit = Number(query.get('limit') ?? 200);
    const cursor = query.get('cursor');
    const fromDate = query.get('from_date');
    let passed: number;
    if (cursor !== null) {
      const found = /^at\|(\d+)\|(\d+)$/.exec(Buffer.from(cursor, 'base64').toString());
      if (!found) return { status: 400, body: { error: 'badRequest', message: 'cursor is not valid' } };
      passed = Number(found[2]) < oldest ? this.#firstSince(items, oldest) : Number(found[1]);
    } else {
      if (fromDate !== null && Number(fromDate) * 1000 < oldest) return { status: 400, body: { error: 'badRequest', message: 'from_date is too old' } };
      passed = this.#firstSince(items, fromDate === null ? oldest : Number(fromDate) * 1000);
    }
    const page = items.slice(passed, passed + limit);
    const next = passed + page.length;
    return { body: { has_more: next < items.length, items: page, next_cursor: this.cursorAt(next) } };
  }

  cursorAt(passed: number): string {
    return Buffer.from(`at|${passed}|${this.now}`).toString('base64');
  }

  /** Items in the order of their recording; asked by time, a far end skips what is older, and only that. */
  #firstSince(items: readonly FarItem[], since: number): number {
    const at = items.findIndex(({ created_at }) => Date.parse(created_at) >= since);
    return at < 0 ? items.length : at;
  }
}
