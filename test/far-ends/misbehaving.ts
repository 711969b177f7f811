/** A web server on loopback that answers as its protocol wants, and misbehaves on request. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** As it came, before decompression. */
  readonly wire: Buffer;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: string | object;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What becomes of a request.
 *
 * reset          its connection is dropped before anything is taken
 * reset-mid-body it is taken, and the connection dropped half-way through the answer
 * lost-answer    it is taken, and the connection dropped instead of an answer
 * hang           nothing is taken, nothing answered, the connection stays
 */
export type WebFault = 'reset' | 'reset-mid-body' | 'lost-answer' | 'hang' | Answer;

export interface Misbehaving {
  readonly url: string;
  readonly requests: readonly Asked[];
  /** For the next requests that bring records, one each. */
  readonly faults: WebFault[];
  close(): Promise<void>;
}

export interface Ways {
  /** Does the request bring records? Only those meet faults. */
  readonly bringsRecords: (asked: Asked) => boolean;
  /** Takes the request. */
  readonly take: (asked: Asked) => Answer;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startMisbehaving({ bringsRecords, take, tls }: Ways): Promise<Misbehaving> {
  const requests: Asked[] = [];
  const faults: WebFault[] = [];
  const sockets = new Set<Socket>();

  function handle(asked: Asked, request: IncomingMessage, response: ServerResponse): void {
    requests.push(asked);
    const fault = bringsRecords(asked) ? faults.shift() : undefined;
    if (fault === 'hang') return;
    if (fault === 'reset') return void request.socket.destroy();
    if (typeof fault === 'object') return void send(response, fault);
    const answer = take(asked);
    if (fault === 'lost-answer') return void request.socket.destroy();
    if (fault === 'reset-mid-body') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"part', () => request.socket.destroy());
      return;
    }
    send(response, answer);
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://far');
      const wire = Buffer.concat(chunks);
      const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire).toString('utf8');
      handle({ method: request.method ?? '', path: pathname, query: searchParams, headers: request.headers, wire, body }, request, response);
    });
  };
  const server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function send(response: ServerResponse, { status, body = '', headers = {} }: Answer): void {
  const isJson = typeof body !== 'string';
  response.writeHead(status, { 'content-type': isJson ? 'application/json' : 'text/html', ...headers });
  response.end(status === 204 || status === 304 ? undefined : isJson ? JSON.stringify(body) : body);
}
