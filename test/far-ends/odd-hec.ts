/**
 * Another collector: it takes what HEC takes, and answers in every way that imitations of it do. It shares nothing with `hec.ts`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';

export interface OddAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface OddHecWays {
  /** What stands before `/services/collector`. */
  readonly prefix: string;
  /** The path that takes events, after `/services/collector`. */
  readonly eventPath: string;
  /** The answer to events that were taken; `ackId` counts from `firstAckId`. */
  readonly taken: (ackId: number) => OddAnswer;
  readonly firstAckId: number;
  /** The answer to a question for acknowledgements, the `round`th, from 1. */
  readonly told: (ids: readonly unknown[], round: number) => OddAnswer;
  readonly health: OddAnswer;
  /** Of an empty request. */
  readonly empty: OddAnswer;
  readonly keepsConnections: boolean;
  readonly isCompressed: boolean;
  readonly byteOrderMark: boolean;
  readonly framing: 'length' | 'chunked' | 'until-close';
  /** An interim answer before the real one, though nobody expects it. */
  readonly interim: 'continue' | 'processing' | 'hints' | null;
  readonly tls: { readonly key: string; readonly cert: string } | null;
}

export interface OddHec {
  readonly url: string;
  /** `fields.sophos_record` of every event taken, in order. */
  readonly records: readonly string[];
  readonly asked: readonly { readonly method: string; readonly path: string; readonly body: string }[];
  close(): Promise<void>;
}

const plain: OddHecWays = {
  prefix: '',
  eventPath: '/event',
  taken: () => ({ body: '{"text":"Success","code":0}' }),
  firstAckId: 0,
  told: (ids) => ({ body: JSON.stringify({ acks: Object.fromEntries(ids.map((id) => [String(id), true])) }) }),
  health: { body: '{"text":"HEC is healthy","code":17}' },
  empty: { status: 400, body: '{"text":"No data","code":5}' },
  keepsConnections: true,
  isCompressed: false,
  byteOrderMark: false,
  framing: 'length',
  interim: null,
  tls: null,
};

export async function startOddHec(different: Partial<OddHecWays> = {}): Promise<OddHec> {
  const ways = { ...plain, ...different };
  const records: string[] = [];
  const asked: { method: string; path: string; body: string }[] = [];
  const sockets = new Set<Socket>();
  let ackId = ways.firstAckId;
  let rounds = 0;

  function answer(method: string, path: string, body: string): OddAnswer {
    if (!path.startsWith(`${ways.prefix}/services/collector`)) return { status: 404, body: 'no such page' };
    const rest = path.slice(`${ways.prefix}/services/collector`.length);
    if (rest === '/health') return ways.health;
    if (method !== 'POST') return { status: 405 };
    if (rest === '/ack') return ways.told((JSON.parse(body) as { acks: unknown[] }).acks, ++rounds);
    if (rest !== ways.eventPath) return { status: 404, body: 'no such page' };
    if (body === '') return ways.empty;
    // Every event ends in its own record id, and no id in these tests holds a quote.
    records.push(...[...body.matchAll(/"sophos_record":"([^"]+)"/g)].map(([, record]) => String(record)));
    return ways.taken(ackId++);
  }

  function send(response: ServerResponse, { status = 200, headers = {}, body = '' }: OddAnswer): void {
    if (ways.interim === 'continue') response.writeContinue();
    if (ways.interim === 'processing') response.writeProcessing();
    if (ways.interim === 'hints') response.writeEarlyHints({ link: '</x>; rel=preload' });
    const text = Buffer.from(ways.byteOrderMark && body !== '' ? `\uFEFF${body}` : body);
    const bytes = ways.isCompressed && text.length > 0 ? gzipSync(text) : text;
    if (bytes !== text) response.setHeader('content-encoding', 'gzip');
    if (!ways.keepsConnections || ways.framing === 'until-close') response.setHeader('connection', 'close');
    if (ways.framing === 'length') response.setHeader('content-length', bytes.length);
    if (ways.framing === 'until-close') response.useChunkedEncodingByDefault = false;
    response.writeHead(status, headers);
    response.end(bytes);
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString('utf8');
      const { pathname } = new URL(request.url ?? '/', 'http://odd');
      asked.push({ method: request.method ?? '', path: pathname, body });
      send(response, answer(request.method ?? '', pathname, body));
    });
  };
  const server = ways.tls ? createTlsServer(ways.tls, onRequest) : createServer(onRequest);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `${ways.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}${ways.prefix}`,
    records,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
