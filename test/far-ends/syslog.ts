/** A syslog receiver on loopback: strict about every byte, and as unfriendly as it is asked to be. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls';
import { Deframer, type Ending, type Form, type Message, readMessage } from './syslog-reader.ts';

export interface FarSyslogOptions {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'unix';
  readonly framing: Ending;
  readonly form?: Form;
  readonly tls?: TlsOptions;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port?: number;
}

/** What it does to connections from now on. */
export interface Manners {
  /** So many connections are reset as they come. */
  resets: number;
  /** So many connections are taken and never answered: no handshake, no reading. */
  holds: number;
  /** Hangs up in good order on every connection, behind its handshake. */
  hangsUp: boolean;
  /** Reads nothing, of any connection. */
  readsNothing: boolean;
  /** Reads a little in each turn of the event loop, and talks all the time, which nobody asked for. */
  slow: boolean;
  /** Resets a connection that has brought so many bytes. */
  resetAfterBytes: number;
  /** Hangs up in good order on a connection that has brought so many messages. */
  closeAfterMessages: number;
}

export interface FarSyslog {
  readonly address: string;
  readonly port: number;
  readonly messages: readonly Message[];
  /** What was no message: each with the reason. */
  readonly broken: readonly string[];
  readonly manners: Manners;
  /** Connections so far. */
  readonly connections: number;
  readonly bytesRead: number;
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** Resolves when everything that the kernel holds for it has been read. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function startSyslog(options: FarSyslogOptions): Promise<FarSyslog> {
  const far = new Receiver(options);
  await far.listen();
  return far;
}

class Receiver implements FarSyslog {
  readonly messages: Message[] = [];
  readonly broken: string[] = [];
  readonly manners: Manners = {
    resets: 0,
    holds: 0,
    hangsUp: false,
    readsNothing: false,
    slow: false,
    resetAfterBytes: Number.POSITIVE_INFINITY,
    closeAfterMessages: Number.POSITIVE_INFINITY,
  };
  readonly open = new Set<Socket>();
  connections = 0;
  bytesRead = 0;
  readonly #options: FarSyslogOptions;
  #server: Server | undefined;
  #tls: TlsServer | undefined;
  #datagrams: DatagramSocket | undefined;
  #folder = '';
  #port = 0;

  constructor(options: FarSyslogOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    const { transport, host = '127.0.0.1' } = this.#options;
    return transport === 'unix' ? `unix://${join(this.#folder, 'log')}` : `${transport}://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  async listen(): Promise<void> {
    const { transport, tls, host = '127.0.0.1', port = 0 } = this.#options;
    if (transport === 'udp') {
      const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: 4 << 20 });
      socket.on('message', (bytes) => this.#datagram(bytes));
      await new Promise<void>((resolve) => socket.bind(port, host, resolve));
      this.#datagrams = socket;
      this.#port = socket.address().port;
      return;
    }
    if (transport === 'tls') this.#tls = createTlsServer(tls ?? {}, (socket) => this.#read(socket)).on('tlsClientError', () => undefined);
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    if (transport === 'unix') this.#folder = mkdtempSync(join(tmpdir(), 'syslog-'));
    await new Promise<void>((resolve) => (transport === 'unix' ? server.listen(join(this.#folder, 'log'), resolve) : server.listen(port, host, resolve)));
    if (transport !== 'unix') this.#port = (server.address() as AddressInfo).port;
  }

  async settled(): Promise<void> {
    for (let quiet = 0, before = -1; quiet < 25; quiet = before === this.bytesRead ? quiet + 1 : 0) {
      before = this.bytesRead;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    const { transport } = this.#options;
    if (transport === 'udp') await new Promise<void>((resolve) => this.#datagrams?.close(resolve));
    else await new Promise<void>((resolve) => this.#server?.close(() => resolve()));
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    this.connections++;
    this.open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.open.delete(socket));
    if (this.manners.resets > 0) {
      this.manners.resets--;
      reset(socket);
    } else if (this.manners.holds > 0) this.manners.holds--;
    else if (this.#tls) this.#tls.emit('connection', socket);
    else this.#read(socket);
  }

  #read(socket: Socket): void {
    const deframer = new Deframer(this.#options.framing);
    let bytes = 0;
    let messages = 0;
    socket.on('error', () => undefined);
    socket.on('end', () => {
      if (deframer.unfinished.length > 0) this.broken.push(`ends in the middle: ${deframer.unfinished.toString('latin1', 0, 80)}`);
    });
    if (this.manners.hangsUp) socket.end();
    if (this.manners.readsNothing) return;
    socket.on('data', (chunk) => {
      this.bytesRead += chunk.length;
      if (this.manners.slow) {
        socket.pause();
        socket.write('who are you?\n'.repeat(1000));
        setImmediate(() => socket.resume());
      }
      bytes += chunk.length;
      try {
        for (const message of deframer.push(chunk)) {
          this.#take(message);
          messages++;
        }
      } catch (error) {
        this.broken.push(String(error));
        socket.destroy();
      }
      if (bytes >= this.manners.resetAfterBytes) reset(socket);
      else if (messages >= this.manners.closeAfterMessages) socket.end();
    });
  }

  #datagram(bytes: Buffer): void {
    this.bytesRead += bytes.length + 1;
    const { framing } = this.#options;
    const end = framing === 'nul' ? 0x00 : framing === 'lf' ? 0x0a : null;
    if (end !== null && bytes.at(-1) !== end) this.broken.push(`does not end with ${end}`);
    this.#take(end === null ? bytes : bytes.subarray(0, -1));
  }

  #take(bytes: Buffer): void {
    try {
      this.messages.push(readMessage(bytes, this.#options.form ?? 5424));
    } catch (error) {
      this.broken.push(String(error));
    }
  }
}

function reset(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** The texts of messages in order; parts of one record (`part="2/3"`) are put together again. */
export function textsOf(messages: readonly Message[]): string[] {
  const texts: string[] = [];
  for (const { data, text } of messages) {
    const part = [...data.values()].map((values) => values.get('part')).find((value) => value !== undefined);
    if (part === undefined || part.startsWith('1/')) texts.push(text);
    else texts.push(`${texts.pop() ?? ''}${text}`);
  }
  return texts;
}
