/** A forward proxy on loopback: passes plain requests on, tunnels the others, and remembers who came through. */
import { createServer, type IncomingHttpHeaders, type Server, request as send } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ProxiedRequest {
  /** `CONNECT` is a tunnel: what goes through it cannot be read. */
  readonly method: string;
  /** Absolute; of a tunnel `host:port`. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Of the answer; empty for a tunnel. */
  readonly answer: Buffer;
}

export interface ForwardProxy {
  /** With user and password when it wants them. */
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  close(): Promise<void>;
}

/** Starts it; with `password`, nobody gets through without it. */
export async function startProxy({ password }: { readonly password?: string } = {}): Promise<ForwardProxy> {
  const requests: ProxiedRequest[] = [];
  const sockets = new Set<Socket>();
  const wanted = password === undefined ? null : `Basic ${Buffer.from(`user:${password}`).toString('base64')}`;
  const mayPass = (headers: IncomingHttpHeaders) => wanted === null || headers['proxy-authorization'] === wanted;

  const server: Server = createServer((request, response) => {
    const { method = 'GET', url = '', headers } = request;
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (!mayPass(headers)) {
        response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
        return;
      }
      const body = Buffer.concat(parts);
      const { 'proxy-authorization': _own, 'proxy-connection': _hop, connection: _also, ...passed } = headers;
      const onward = send(url, { method, headers: passed }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        const answered: Buffer[] = [];
        answer.on('data', (part: Buffer) => {
          answered.push(part);
          response.write(part);
        });
        answer.on('end', () => {
          requests.push({ method, target: url, headers, body, answer: Buffer.concat(answered) });
          response.end();
        });
        answer.on('error', () => response.destroy());
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    });
  });
  server.on('connect', ({ url = '', headers }, near: Socket) => {
    near.on('error', () => near.destroy());
    if (!mayPass(headers)) {
      near.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
      return;
    }
    requests.push({ method: 'CONNECT', target: url, headers, body: Buffer.alloc(0), answer: Buffer.alloc(0) });
    const [host = '', port = ''] = url.split(':');
    const far = connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    sockets.add(far);
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${password === undefined ? '' : `user:${password}@`}127.0.0.1:${port}`,
    requests,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
