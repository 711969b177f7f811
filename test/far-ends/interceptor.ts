/** A proxy as companies have it: it opens the TLS of every tunnel and shows a certificate of its own authority. */
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export interface Interceptor {
  readonly url: string;
  /** Hosts that tunnels were asked for. */
  readonly asked: readonly string[];
  /** Whatever came through before or after the handshake. */
  heard(): string;
  close(): Promise<void>;
}

export async function startInterceptor({ cert, key }: { readonly cert: string; readonly key: string }): Promise<Interceptor> {
  const asked: string[] = [];
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => void response.writeHead(400).end());
  server.on('connect', ({ url = '' }, near: Socket) => {
    asked.push(url);
    near.on('error', () => near.destroy());
    near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    const opened = new TLSSocket(near, { isServer: true, cert, key });
    opened.on('data', (part: Buffer) => heard.push(part));
    opened.on('error', () => opened.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    heard: () => Buffer.concat(heard).toString('latin1'),
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
