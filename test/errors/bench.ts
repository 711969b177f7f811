/** What a row needs to provoke its failure: far ends, clients, folders; and secrets that must not come out again. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SophosCentral, type SophosCentralOptions } from '../../src/clients/central/client.ts';
import { type Asked, FarCentral, type Fault, type Reply } from '../far-ends/central.ts';
import { FarIntelix } from '../far-ends/intelix.ts';
import { secretToken } from '../sinks/splunk-hec-world.ts';

export const proxyPassword = 'proxy-hunter2-password';
export const legacyKey = 'legacy-hunter2-key';
export const legacyToken = 'legacy-hunter2-token';

/** Every secret that a row gives to the code under test. */
export const secrets: readonly string[] = [new FarCentral().clientSecret, new FarIntelix().clientSecret, secretToken, proxyPassword, legacyKey, legacyToken];

/** What a hostile far end would say: it moves the cursor, begins a line of its own, and reverses the reading order. */
export const hostile = '\u001b[2J\u001b]0;owned\u0007no\r\nerror: forged\u2028\u202e';

/** The far end's words: hostile, and repeating whatever secret the request carried. */
export const sayingTo = ({ headers, body }: Asked): string =>
  `${hostile} ${headers.authorization ?? ''} ${headers['x-api-key'] ?? ''} ${decodeURIComponent(body)}`;

/** One row's far ends and folders. */
export class Bench {
  readonly #cleanups: (() => Promise<unknown>)[] = [];

  /** Runs when the row is over, the last first. */
  later(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }

  async close(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'errors-'));
    this.later(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** A Central that answers requests whose path begins so like this, every time. */
  async central(path = '/none', answer: Fault | ((asked: Asked) => Fault) = 'hang'): Promise<FarCentral> {
    const far = await new FarCentral().open();
    this.later(() => far.close());
    far.intercept = (asked) => (asked.path.startsWith(path) ? (typeof answer === 'function' ? answer(asked) : answer) : null);
    return far;
  }

  /** A client that asks once; of `url` unless the options name another. */
  client(url: string, options: Partial<SophosCentralOptions> = {}): SophosCentral {
    const { clientId, clientSecret } = new FarCentral();
    const client = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, retries: 0, timeoutMs: 5000, proxy: null, ...options });
    this.later(() => client.close());
    return client;
  }

  serve(handle: RequestListener): Promise<number> {
    return this.#listen(createServer(handle));
  }

  /** Says these bytes to whoever asks, and hangs up. */
  say(text: string): Promise<number> {
    return this.#listen(createTcpServer((socket) => void socket.once('data', () => socket.end(text))));
  }

  /** A port on which nobody listens. */
  async freePort(): Promise<number> {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  #listen(server: ReturnType<typeof createTcpServer>): Promise<number> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    });
    this.later(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    });
    return listening(server);
  }
}

function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

export const correlationId = 'c0ffee00-1111-4222-8333-444455556666';

/** Form A of the reference, in hostile words. */
export const formA =
  (status: number, error: string, headers: Readonly<Record<string, string>> = {}) =>
  (asked: Asked): Reply => ({ status, headers, body: { error, message: sayingTo(asked), correlationId, requestId: 'request-1' } });

/** Form C: an error alone. */
export const formC = (status: number, error: string): Reply => ({ status, body: { error: `${error}${hostile}` } });

/** Form E: a page of something in between. */
export const page = (status: number): Reply => ({
  status,
  headers: { 'content-type': 'text/html' },
  raw: `<html>\u001b[31m<h1>${status} Bad Gateway</h1>\r\n</html>`,
});
