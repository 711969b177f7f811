/**
 * Another Central: small, legal, and different in every way that the contract leaves open. It shares nothing with the simulator.
 *
 * Each way of being odd is a value in `ways`; what is not named there is as plain as can be. Cursors are opaque texts full of what
 * a URL must encode. A feed keeps its items in the order of their arrival, as the texts that it will send.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

export interface OddAsked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface OddReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** What a page of a feed says, before it is written down. */
export interface OddPage {
  readonly items: readonly string[];
  readonly more: boolean;
  readonly cursor: string;
}

export interface Ways {
  readonly token: (token: string) => object;
  /** In seconds, for the server; what the reply says is up to `token`. */
  readonly tokenLifeS: number;
  readonly whoami: (plain: { readonly id: string; readonly idType: string; readonly apiHosts: object }, url: string) => object;
  readonly tenantPage: (all: readonly object[], query: URLSearchParams) => object;
  readonly page: (page: OddPage) => string;
  /** How many items a page really has. */
  readonly pageItems: (limit: number) => number;
  /** The answer to a cursor that is older than one page. */
  readonly staleCursor: OddReply | null;
  readonly encoding: 'gzip' | 'x-gzip' | 'deflate' | 'deflate-raw' | 'br' | null;
  readonly framing: 'length' | 'chunked' | 'until-close';
  readonly keepsConnections: boolean;
  readonly tellsDate: boolean;
  /** Pause between the sixteenths of a body. */
  readonly dripMs: number;
  readonly byteOrderMark: boolean;
  readonly contentType: string | null;
}

const dayMs = 86_400_000;

const plain: Ways = {
  token: (access_token) => ({ access_token, expires_in: 3600 }),
  tokenLifeS: 3600,
  whoami: (account) => account,
  tenantPage: (all, query) => {
    const [page, size] = [Number(query.get('page') ?? 1), Number(query.get('pageSize') ?? 50)];
    return { items: all.slice((page - 1) * size, page * size), pages: { current: page, size } };
  },
  page: ({ items, more, cursor }) => `{"has_more":${more},"items":[${items.join(',')}],"next_cursor":${JSON.stringify(cursor)}}`,
  pageItems: (limit) => limit,
  staleCursor: null,
  encoding: null,
  framing: 'length',
  keepsConnections: true,
  tellsDate: true,
  dripMs: 0,
  byteOrderMark: false,
  contentType: 'application/json',
};

const encoders: Readonly<Record<NonNullable<Ways['encoding']>, (body: Buffer) => Buffer>> = {
  gzip: (body) => gzipSync(body),
  'x-gzip': (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
  'deflate-raw': (body) => deflateRawSync(body),
  br: (body) => brotliCompressSync(body),
};

export class OddCentral {
  readonly clientId = 'odd-client';
  readonly clientSecret = 'odd-secret-0123456789';
  readonly accountId = '0dd00000-0000-4000-8000-000000000001';
  readonly asked: OddAsked[] = [];
  ways: Ways = plain;
  /** Of a partner; of a tenant's own credential there is none. */
  tenants: object[] | null = null;
  /** The next requests whose path matches are answered so instead, in turn. */
  readonly instead: { readonly path: RegExp; readonly reply: OddReply | 'reset' }[] = [];
  /** Sees every request that nothing else answered. */
  always: (asked: OddAsked) => OddReply | null = () => null;
  readonly #feeds = new Map<string, { readonly text: string; readonly at: number }[]>();
  readonly #tokens = new Map<string, number>();
  #issued = 0;
  #cursors = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  url = '';

  constructor(ways: Partial<Ways> = {}) {
    this.ways = { ...plain, ...ways };
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

  /** Adds items, as the texts that will be sent, which arrived at `at`. */
  add(texts: readonly string[], feed: 'events' | 'alerts' = 'events', tenant = this.accountId, at = Date.now() - 60_000): void {
    const items = this.#feeds.get(`${tenant}/${feed}`) ?? [];
    items.push(...texts.map((text) => ({ text, at })));
    this.#feeds.set(`${tenant}/${feed}`, items);
  }

  to(path: string): OddAsked[] {
    return this.asked.filter((asked) => asked.path.startsWith(path));
  }

  #serve(request: IncomingMessage, body: string, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://odd');
    const asked: OddAsked = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, body };
    this.asked.push(asked);
    const at = this.instead.findIndex(({ path }) => path.test(asked.path));
    const reply = at < 0 ? (this.always(asked) ?? this.#answer(asked)) : this.instead.splice(at, 1)[0]?.reply;
    if (reply === undefined || reply === 'reset') request.socket.destroy();
    else this.#send(response, reply);
  }

  #send(response: ServerResponse, { status = 200, headers = {}, body = '' }: OddReply): void {
    const { encoding, framing, keepsConnections, tellsDate, contentType, byteOrderMark, dripMs } = this.ways;
    const text = typeof body === 'string' && byteOrderMark && body !== '' ? `\uFEFF${body}` : body;
    const raw = Buffer.from(text);
    const bytes = encoding === null || raw.length === 0 ? raw : encoders[encoding](raw);
    response.sendDate = tellsDate;
    if (contentType !== null) response.setHeader('content-type', contentType);
    if (encoding !== null && raw.length > 0) response.setHeader('content-encoding', encoding === 'deflate-raw' ? 'deflate' : encoding);
    if (!keepsConnections || framing === 'until-close') response.setHeader('connection', 'close');
    if (framing === 'length') response.setHeader('content-length', bytes.length);
    if (framing === 'until-close') {
      response.useChunkedEncodingByDefault = false;
      response.removeHeader('transfer-encoding');
    }
    response.writeHead(status, headers);
    this.#write(response, bytes, dripMs === 0 ? bytes.length : Math.ceil(bytes.length / 16), dripMs);
  }

  #write(response: ServerResponse, bytes: Buffer, piece: number, dripMs: number): void {
    if (bytes.length <= piece) return void response.end(bytes);
    response.write(bytes.subarray(0, piece));
    setTimeout(() => this.#write(response, bytes.subarray(piece), piece, dripMs), dripMs);
  }

  #answer(asked: OddAsked): OddReply {
    const { path, query, headers } = asked;
    if (path === '/api/v2/oauth2/token') return this.#token(asked);
    if ((this.#tokens.get((headers.authorization ?? '').replace(/^Bearer /, '')) ?? 0) <= performance.now()) return { status: 401, body: '<h1>No.</h1>' };
    if (path === '/whoami/v1') {
      const isTenant = this.tenants === null;
      const account = {
        id: this.accountId,
        idType: isTenant ? 'tenant' : 'partner',
        apiHosts: { global: this.url, ...(isTenant ? { dataRegion: this.url } : {}) },
      };
      return json(this.ways.whoami(account, this.url));
    }
    if (path === '/partner/v1/tenants' && this.tenants !== null) return json(this.ways.tenantPage(this.tenants, query));
    const [, feed] = /^\/siem\/v1\/(events|alerts)$/.exec(path) ?? [];
    return feed === undefined ? { status: 404 } : this.#page(String(headers['x-tenant-id']), feed, query);
  }

  #token({ body }: OddAsked): OddReply {
    const form = new URLSearchParams(body);
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== this.clientSecret) return { status: 400, body: '"invalid_client"' };
    const token = `odd.${++this.#issued}~+/=`;
    this.#tokens.set(token, performance.now() + this.ways.tokenLifeS * 1000);
    return json(this.ways.token(token));
  }

  #page(tenant: string, feed: string, query: URLSearchParams): OddReply {
    const all = this.#feeds.get(`${tenant}/${feed}`) ?? [];
    const cursor = query.get('cursor');
    const oldest = Date.now() - dayMs;
    let passed: number;
    if (cursor === null) {
      const from = Number(query.get('from_date') ?? oldest / 1000) * 1000;
      if (from < oldest) return { status: 400, body: '["from_date", "too old"]' };
      passed = all.findIndex(({ at }) => at >= from);
      if (passed < 0) passed = all.length;
    } else {
      const [, number, at] = /^odd\+\/=&\?#% (\d+)\.(\d+)\+$/.exec(cursor) ?? [];
      if (at === undefined) return { status: 400, body: 'what cursor?' };
      if (this.ways.staleCursor && Number(number) < this.#cursors) return this.ways.staleCursor;
      passed = Number(at);
    }
    const items = all.slice(passed, passed + this.ways.pageItems(Number(query.get('limit') ?? 200))).map(({ text }) => text);
    const next = passed + items.length;
    const page = { items, more: next < all.length, cursor: `odd+/=&?#% ${++this.#cursors}.${next}+` };
    return { body: this.ways.page(page) };
  }
}

function json(value: object): OddReply {
  return { body: JSON.stringify(value) };
}
