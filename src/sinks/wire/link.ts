/**
 * One connection to a far end that takes bytes and says nothing.
 *
 *   dial -> open, quiet for a moment -> write, write ... -> end
 *                                          '-> gone: a reset, a FIN, an alert; never used again
 *
 * Nobody confirms what was written, so everything that the far end can show us is looked at: a connection counts as open only when it
 * is still there a moment after it was made (ACLs and load balancers accept and hang up; with TLS 1.3 a client certificate is refused
 * after the handshake); we read all the time, so that a FIN is seen while we are idle; keep-alive finds hosts that vanished; and a write
 * is over only when the kernel has taken its bytes and no reset has arrived by then.
 */
import net, { type Socket } from 'node:net';
import tls, { type PeerCertificate, type SecureContext, TLSSocket } from 'node:tls';
import { describeCertificate, harmless } from '../../core/certificate.ts';
import type { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';
import type { StreamAddress } from './address.ts';
import { hungUp, tooLate, wireFailure } from './failure.ts';
import { type Frames, runsOf } from './framing.ts';
import { late, lookAround, within } from './patience.ts';

export interface Dialling {
  readonly address: StreamAddress;
  /** For `tls` only. */
  readonly context?: SecureContext | undefined;
  /** The name that the certificate must be for, when it is not the address's. */
  readonly servername?: string | undefined;
  /** Longest wait for the connection and its handshake, and for the far end to take the next piece. */
  readonly timeoutMs: Millis;
}

/** Idle time before the system asks whether the far end is still there. */
const keepAliveMs = 30_000;
/** What is written at once: small enough that a slow far end shows progress, whole frames so that an abort mostly ends between two. */
const pieceBytes = 32_768;
/** On abort: for the piece that is under way, so that no frame is cut. */
const graceMs = 500;

/**
 * Connects.
 *
 * Throws   Failure as `wireFailure` has it, `wire.timeout`, `wire.closed`; the signal's reason on abort.
 */
export async function dial(dialling: Dialling, clock: Clock, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  const { address, timeoutMs } = dialling;
  const what = `connecting to ${address.text}`;
  const startedAt = clock.monotonic();
  const link = new Link(connect(dialling), dialling, clock);
  try {
    const outcome = await within(link.opened, timeoutMs, clock, signal);
    if (outcome === late) throw tooLate(what, timeoutMs, `no connection${address.scheme === 'tls' ? ' or no TLS handshake' : ''}`);
    link.throwIfGone(what);
    // Two times the way there and back, as far as we know it by now.
    const quietMs = Math.min(1000, Math.max(50, 2 * (clock.monotonic() - startedAt)));
    await within(link.gone, quietMs, clock, signal);
    await lookAround();
    link.throwIfGone(what);
    return link;
  } catch (error) {
    link.destroy();
    throw error;
  }
}

function connect({ address, context, servername }: Dialling): Socket {
  if (address.scheme === 'unix') return net.connect({ path: address.path });
  const { host, port } = address;
  if (address.scheme === 'tcp') return net.connect({ host, port });
  // Node's own verification, always on; a host that is an IP address is not sent as a server name.
  const name = servername ?? (net.isIP(host) === 0 ? host : undefined);
  return tls.connect({
    host,
    port,
    rejectUnauthorized: true,
    ...(context === undefined ? {} : { secureContext: context }),
    ...(name === undefined ? {} : { servername: name }),
  });
}

export class Link {
  /** Resolves when the connection, with its handshake, is made or lost. */
  readonly opened: Promise<void>;
  /** Resolves when the connection is lost. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #dialling: Dialling;
  readonly #clock: Clock;
  #lost: Error | 'hung up' | null = null;
  #certificate: PeerCertificate | undefined;
  /** Ends the wait for the piece that is being written. (A race against `gone` would leave something behind for each piece.) */
  #wake: () => void = () => undefined;

  constructor(socket: Socket, dialling: Dialling, clock: Clock) {
    this.#socket = socket;
    this.#dialling = dialling;
    this.#clock = clock;
    this.gone = new Promise((resolve) => {
      const lose = (why: Error | 'hung up') => {
        this.#lost ??= why;
        resolve();
        this.#wake();
      };
      socket.on('error', lose);
      socket.once('end', () => lose('hung up'));
      socket.once('close', () => lose('hung up'));
    });
    const made = new Promise<void>((resolve) => {
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => resolve());
    });
    this.opened = Promise.race([made, this.gone]);
    // Before Node judges the certificate, so that it can be named when it is refused.
    if (socket instanceof TLSSocket) socket.prependOnceListener('secure', () => this.#keepCertificate(socket));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    // What the far end says is not ours to read, but its FIN is.
    socket.resume();
  }

  /** Is it certain that nothing can be written any more? */
  get isGone(): boolean {
    return this.#lost !== null || this.#socket.destroyed;
  }

  /** Was it lost by a reset, and not in good order? */
  get wasReset(): boolean {
    return this.#lost instanceof Error;
  }

  /** Where it leads and what protects it. */
  get seen(): string {
    const socket = this.#socket;
    const { address } = this.#dialling;
    if (address.scheme === 'unix') return `connected to ${address.path}`;
    const at = `connected to ${net.isIPv6(socket.remoteAddress ?? '') ? `[${socket.remoteAddress}]` : socket.remoteAddress}:${socket.remotePort}`;
    if (!(socket instanceof TLSSocket)) return at;
    const certificate = this.#certificate ? `; certificate: ${describeCertificate(this.#certificate)}` : '';
    return `${at} with ${harmless(socket.getProtocol())} and ${harmless(socket.getCipher()?.standardName)}${certificate}`;
  }

  throwIfGone(what: string): void {
    if (this.isGone) throw this.#failure(what);
  }

  /**
   * Resolves when the kernel has taken all frames, and nothing speaks against their arrival.
   *
   * Throws   Failure when the connection is lost, or the far end takes nothing for `timeoutMs`; the signal's reason on abort. The
   *          connection is of no use afterwards, unless it was aborted between two frames.
   */
  async write(frames: Frames, what: string, signal: AbortSignal): Promise<void> {
    const { timeoutMs } = this.#dialling;
    for (const { from, to } of runsOf(frames, pieceBytes)) {
      signal.throwIfAborted();
      this.throwIfGone(what);
      const taken = this.#taken(frames.bytes.subarray(from, to));
      const outcome = await within(taken, timeoutMs, this.#clock, signal).catch(async (reason: unknown) => {
        if ((await within(taken, graceMs, this.#clock)) === late) this.destroy();
        throw reason;
      });
      if (outcome === late) {
        this.destroy();
        throw tooLate(what, timeoutMs, 'the far end took nothing');
      }
    }
    await lookAround();
    this.throwIfGone(what);
  }

  /** Says goodbye, and waits a moment for the far end to do so. */
  async end(): Promise<void> {
    if (!this.#socket.destroyed) {
      const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
      this.#socket.end();
      await within(closed, graceMs, this.#clock);
    }
    this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Resolves when the kernel has taken the bytes, or the connection is lost. */
  #taken(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      // An error is told to the listeners as well.
      this.#socket.write(bytes, (error) => {
        if (error) this.#lost ??= error;
        resolve();
      });
    });
  }

  #failure(what: string): Failure {
    const { address } = this.#dialling;
    if (this.#lost instanceof Error) return wireFailure(this.#lost, what, address, this.#certificate);
    return hungUp(what, address);
  }

  #keepCertificate(socket: TLSSocket): void {
    const certificate = socket.getPeerCertificate();
    if (Object.keys(certificate).length > 0) this.#certificate = certificate;
  }
}
