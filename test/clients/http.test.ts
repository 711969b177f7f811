import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type OpenHttp, openHttp } from '../../src/clients/http.ts';
import { Failure } from '../../src/core/failure.ts';
import type { HttpReply, HttpRequest } from '../../src/core/world.ts';
import { startProxy } from '../far-ends/proxy.ts';

let opened: OpenHttp | null = null;
const servers: (Server | TcpServer)[] = [];
const sockets = new Set<Socket>();

afterEach(async () => {
  await opened?.close();
  opened = null;
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen<S extends Server | TcpServer>(server: S): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const serve = (handle: (request: IncomingMessage, response: ServerResponse) => void) => listen(createServer(handle));
/** A server that says these bytes to whoever asks, then maybe hangs up. */
const say = (text: string, end: 'close' | 'reset' | 'stay') =>
  listen(
    createTcpServer((socket) => {
      socket.once('data', () => socket.write(text, () => (end === 'close' ? socket.end() : end === 'reset' ? socket.resetAndDestroy() : undefined)));
    }),
  );

function ask(port: number | string, more: Partial<HttpRequest> = {}): Promise<HttpReply> {
  opened ??= openHttp();
  const url = typeof port === 'number' ? `http://127.0.0.1:${port}/path?token=hunter2` : port;
  return opened.http({ method: 'GET', url, headers: {}, timeoutMs: 10_000, ...more });
}
async function failure(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  const failed = error as Failure;
  expect(`${failed.message} ${failed.advice}`).not.toContain('hunter2');
  return failed;
}

describe('an HTTP exchange', () => {
  it('sends method, path, headers and body, and reads status, headers and body', async () => {
    const port = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(201, { 'X-Seen': `${request.method} ${request.url} ${request.headers['x-mine']}`, 'set-cookie': ['a=1', 'b=2'] });
        response.end(Buffer.concat(chunks));
      });
    });
    const reply = await ask(port, { method: 'POST', headers: { 'x-mine': 'yes' }, body: 'grüße' });
    expect(reply.status).toBe(201);
    expect(reply.headers['x-seen']).toBe('POST /path?token=hunter2 yes');
    expect(reply.headers['set-cookie']).toBe('a=1, b=2');
    expect(reply.body.toString()).toBe('grüße');
  });

  it('follows no redirect and fails for no status', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked++;
      response.writeHead(asked === 1 ? 302 : 503, { location: '/elsewhere' }).end();
    });
    expect((await ask(port)).status).toBe(302);
    expect((await ask(port)).status).toBe(503);
    expect(asked).toBe(2);
  });

  it('uses a connection again', async () => {
    const used = new Set<unknown>();
    const port = await serve((request, response) => {
      used.add(request.socket.remotePort);
      response.end('ok');
    });
    for (let i = 0; i < 20; i++) await ask(port);
    // One that is not quite free yet may cost a second.
    expect(used.size).toBeLessThan(3);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ] as const)('uncompresses %s', async (name, compress) => {
    const text = 'x'.repeat(100_000);
    const port = await serve((_, response) => response.writeHead(200, { 'content-encoding': name }).end(compress(text)));
    expect((await ask(port)).body.toString()).toBe(text);
  });

  it('calls a compressed body that ends too early truncated', async () => {
    const bytes = gzipSync(Buffer.from('x'.repeat(100_000)));
    const port = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes.subarray(0, -12)));
    expect(await failure(ask(port))).toMatchObject({ kind: 'transient', code: 'http.truncated' });
  });

  it.each([
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'close', 'http.truncated'],
    ['a body that is cut by a reset', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'reset', 'http.truncated'],
    ['chunks without their end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n', 'close', 'http.truncated'],
    ['no answer before the end', '', 'close', 'http.reset'],
    ['no answer before a reset', '', 'reset', 'http.reset'],
    ['half of the headers', 'HTTP/1.1 200 OK\r\ncontent-le', 'close', 'http.reset'],
    ['something that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'stay', 'http.reset'],
  ] as const)('names %s', async (_, text, end, code) => {
    const port = await say(text, end);
    expect(await failure(ask(port))).toMatchObject({ kind: 'transient', code, message: expect.stringContaining(`GET to 127.0.0.1:${port}`) });
  });

  it('ends in time when nothing comes, and when a body stops coming', async () => {
    const silent = await serve(() => undefined);
    expect(await failure(ask(silent, { timeoutMs: 100 }))).toMatchObject({
      kind: 'transient',
      code: 'http.timeout',
      message: expect.stringContaining('waiting for the answer'),
    });
    const slow = await serve((_, response) => response.writeHead(200, { 'content-length': 100 }).write('begun'));
    expect(await failure(ask(slow, { timeoutMs: 200 }))).toMatchObject({
      kind: 'transient',
      code: 'http.timeout',
      message: expect.stringContaining('reading the answer'),
    });
  });

  it('rejects with the reason of an abort, before, while waiting and while reading', async () => {
    const silent = await serve((_, response) => response.writeHead(200, { 'content-length': 100 }).write('begun'));
    const early = new AbortController();
    early.abort(new Error('too early'));
    await expect(ask(silent, { signal: early.signal })).rejects.toThrow('too early');
    const late = new AbortController();
    const waiting = ask(silent, { signal: late.signal });
    setTimeout(() => late.abort(new Error('gone')), 50);
    await expect(waiting).rejects.toThrow('gone');
  });

  it('tells a port where nobody listens, and a name that nobody has', async () => {
    const port = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await failure(ask(port))).toMatchObject({ kind: 'transient', code: 'http.refused', advice: expect.stringContaining('port') });
    expect(await failure(ask('http://nobody.invalid/?token=hunter2'))).toMatchObject({ kind: 'transient', code: 'http.dns' });
  });

  it('has nothing left after close', async () => {
    const port = await serve((_, response) => response.end('ok'));
    await ask(port);
    await opened?.close();
    await opened?.close();
    expect(await failure(ask(port))).toMatchObject({ kind: 'transient', code: 'http.reset' });
  });
});

describe('an exchange through a proxy', () => {
  /** Speaks CONNECT and absolute-form requests; notes what it was asked. */
  async function openProxy(allow: (authorization: string | undefined) => boolean = () => true): Promise<{ port: number; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url?.split('?')[0]}`);
      if (!allow(request.headers['proxy-authorization'])) return void response.writeHead(407).end();
      response.end('from the proxy');
    });
    server.on('connect', (request, client: Socket) => {
      asked.push(`CONNECT ${request.url}`);
      if (!allow(request.headers['proxy-authorization'])) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      const [host, port] = (request.url ?? '').split(':');
      const far = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        far.pipe(client).pipe(far);
      });
      sockets.add(far);
      far.on('error', () => client.destroy());
      client.on('error', () => far.destroy());
    });
    return { port: await listen(server), asked };
  }

  it('asks for plain http without a tunnel, with user and password', async () => {
    const wanted = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    const proxy = await openProxy((authorization) => authorization === wanted);
    const via = { proxy: `http://me:p%40ss@127.0.0.1:${proxy.port}` };
    expect((await ask('http://example.invalid/a', { via })).body.toString()).toBe('from the proxy');
    expect(proxy.asked).toEqual(['GET http://example.invalid/a']);
  });

  it('says that the proxy refused, and repeats no password', async () => {
    const proxy = await openProxy(() => false);
    const via = { proxy: `http://me:hunter2@127.0.0.1:${proxy.port}` };
    expect(await failure(ask('http://example.invalid/a', { via }))).toMatchObject({ kind: 'transient', code: 'http.proxy' });
    expect(await failure(ask('https://example.invalid/a', { via }))).toMatchObject({ kind: 'transient', code: 'http.proxy' });
    expect(await failure(ask('https://example.invalid/a', { via: { proxy: 'hunter2' } }))).toMatchObject({ kind: 'config', code: 'http.proxy-url' });
  });

  it('takes the proxy of the environment unless told otherwise', async () => {
    const proxy = await openProxy();
    const direct = await serve((_, response) => response.end('direct'));
    const before = { ...process.env };
    for (const name of ['http_proxy', 'no_proxy', 'NO_PROXY']) delete process.env[name];
    process.env.HTTP_PROXY = `http://127.0.0.1:${proxy.port}`;
    try {
      expect((await ask(direct)).body.toString()).toBe('from the proxy');
      expect((await ask(direct, { via: { proxy: null } })).body.toString()).toBe('direct');
      process.env.NO_PROXY = '127.0.0.1';
      expect((await ask(direct)).body.toString()).toBe('direct');
    } finally {
      process.env = before;
    }
  });

  it('travels through a tunnel to https', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'http-'));
    try {
      const { cert, key } = selfSigned(folder, 'localhost');
      const far = await listen(createTlsServer({ cert, key }, (_, response) => response.end('far')));
      const proxy = await openProxy();
      const reply = await ask(`https://localhost:${far}/`, { via: { ca: cert, proxy: `http://127.0.0.1:${proxy.port}` } });
      expect(reply.body.toString()).toBe('far');
      expect(proxy.asked).toEqual([`CONNECT localhost:${far}`]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function selfSigned(folder: string, name: string): { cert: string; key: string } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${name}`,
    ],
    { stdio: 'ignore' },
  );
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

describe('an exchange over TLS', () => {
  let folder = '';
  let pair = { cert: '', key: '' };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'http-'));
    pair = selfSigned(folder, 'localhost');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('trusts the given certificate besides the others, and nothing without it', async () => {
    const port = await listen(createTlsServer(pair, (_, response) => response.end('safe')));
    const url = `https://localhost:${port}/?token=hunter2`;
    expect((await ask(url, { via: { ca: pair.cert } })).body.toString()).toBe('safe');
    expect(await failure(ask(url))).toMatchObject({
      kind: 'config',
      code: 'http.tls',
      message: expect.stringMatching(
        /signed by itself.*the certificate is: subject CN=localhost; for DNS:localhost; issuer CN=localhost; valid from .*; SHA-256 [0-9A-F:]{95}$/,
      ),
      advice: expect.stringContaining('caFile'),
    });
  });

  it('names the names of a certificate for another host', async () => {
    const port = await listen(createTlsServer(pair, (_, response) => response.end('safe')));
    const failed = await failure(ask(`https://127.0.0.1:${port}/`, { via: { ca: pair.cert } }));
    expect(failed).toMatchObject({ kind: 'config', code: 'http.tls', message: expect.stringContaining('DNS:localhost') });
  });

  it('does not go around a proxy to see a certificate', async () => {
    const server = createTlsServer(pair, (_, response) => response.end('safe'));
    let connections = 0;
    server.on('connection', () => connections++);
    const port = await listen(server);
    const proxy = await startProxy();
    onTestFinished(proxy.close);
    const failed = await failure(ask(`https://localhost:${port}/`, { via: { proxy: proxy.url } }));
    expect(failed).toMatchObject({ kind: 'config', code: 'http.tls', message: expect.not.stringContaining('the certificate is:') });
    expect(connections).toBe(1);
  });

  it('says that the far end speaks no TLS', async () => {
    const port = await serve((_, response) => response.end());
    expect(await failure(ask(`https://localhost:${port}/`))).toMatchObject({ kind: 'config', code: 'http.tls' });
  });
});
