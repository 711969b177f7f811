/**
 * Datagrams: each frame is one, and nobody says whether it arrived.
 *
 * What can be done is done: the socket is connected, so that an ICMP refusal is seen; sending is paced, as bursts overflow the buffers
 * of this machine and of the receiver; and the name is looked up again from time to time, as no connection breaks when it moves.
 */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';
import type { InetAddress } from './address.ts';
import { type Carrier, oneAtATime } from './carrier.ts';
import { tooLate, wireFailure } from './failure.ts';
import type { Frames } from './framing.ts';
import { late, lookAround, within } from './patience.ts';

export interface DatagramOptions {
  readonly address: InetAddress<'udp'>;
  readonly timeoutMs: Millis;
  /** Most datagrams in one second. */
  readonly perSecond: number;
}

/** A burst: what the usual receive buffer of 208 KiB takes without anybody reading meanwhile. */
const burst = { datagrams: 32, bytes: 64 * 1024 };
/** A socket that is older is made anew, and its name looked up again. */
const maxAgeMs = 300_000;

interface Opened {
  readonly socket: Socket;
  readonly openedAt: Millis;
  readonly at: string;
  /** The first error that the socket told, such as an ICMP refusal. */
  error: Error | null;
}

export function openDatagrams({ address, timeoutMs, perSecond }: DatagramOptions, clock: Clock): Carrier {
  const inTurn = oneAtATime();
  let kept: Opened | null = null;

  async function open(signal: AbortSignal): Promise<Opened> {
    const what = `opening ${address.text}`;
    try {
      const opened = await within(connect(address, clock), timeoutMs, clock, signal);
      if (opened === late) throw tooLate(what, timeoutMs, 'the name was not resolved');
      return opened;
    } catch (error) {
      throw isSystemError(error) ? wireFailure(error, what, address) : error;
    }
  }

  function drop(): void {
    kept?.socket.close();
    kept = null;
  }

  async function sendAll({ bytes, ends }: Frames, what: string, signal: AbortSignal): Promise<void> {
    if (kept && (kept.error || clock.monotonic() - kept.openedAt > maxAgeMs)) drop();
    kept ??= await open(signal);
    const opened = kept;
    let start = 0;
    for (let i = 0; i < ends.length; ) {
      signal.throwIfAborted();
      const begunAt = clock.monotonic();
      const sent: Promise<Error | null>[] = [];
      for (let size = 0; i < ends.length && sent.length < burst.datagrams && (sent.length === 0 || size < burst.bytes); i++) {
        const end = ends[i] as number;
        sent.push(sendOne(opened.socket, bytes.subarray(start, end)));
        size += end - start;
        start = end;
      }
      const errors = await Promise.all(sent);
      const error = opened.error ?? errors.find((each) => each !== null);
      if (error) throw wireFailure(error, what, address);
      const restMs = (sent.length * 1000) / perSecond - (clock.monotonic() - begunAt);
      if (i < ends.length && restMs > 1) await clock.sleep(restMs, signal);
    }
    await lookAround();
    if (opened.error) throw wireFailure(opened.error, what, address);
  }

  return {
    send: (frames, what, signal) =>
      inTurn(async () => {
        try {
          await sendAll(frames, what, signal);
        } catch (error) {
          drop();
          throw error;
        }
      }, signal),
    async check(signal) {
      const { socket, at } = await open(signal);
      socket.close();
      return `datagrams go to ${at}; whether anybody listens there cannot be seen`;
    },
    close: async () => drop(),
  };
}

async function connect({ host, port }: DatagramOptions['address'], clock: Clock): Promise<Opened> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  const opened: Opened = { socket, openedAt: clock.monotonic(), at: `${family === 6 ? `[${address}]` : address}:${port}`, error: null };
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => resolve());
  });
  socket.on('error', (error) => {
    opened.error ??= error;
  });
  // Only its errors are of interest; it must not hold up the end of the program.
  socket.unref();
  return opened;
}

function sendOne(socket: Socket, datagram: Uint8Array): Promise<Error | null> {
  return new Promise((resolve) => socket.send(datagram, (error) => resolve(error)));
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
