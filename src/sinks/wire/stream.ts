import type { SecureContext } from 'node:tls';
import type { Clock } from '../../core/world.ts';
import { type Carrier, oneAtATime } from './carrier.ts';
import { type Dialling, dial, type Link } from './link.ts';

export interface StreamOptions extends Omit<Dialling, 'context'> {
  /** Reads certificates and keys, anew for each connection. */
  readonly readContext: (() => Promise<SecureContext>) | null;
  /** Told when a connection is found lost that was idle: what the far end had not read by then is lost with it, and nobody says so. */
  readonly onLost: (wasReset: boolean) => void;
}

/** Carries frames over one connection, which is made when it is needed and kept. */
export function openStream(options: StreamOptions, clock: Clock): Carrier {
  const { readContext, onLost, ...dialling } = options;
  const inTurn = oneAtATime();
  let kept: Link | null = null;
  let closed = false;

  const dialNow = async (signal: AbortSignal) => dial({ ...dialling, context: await readContext?.() }, clock, signal);

  async function linkOf(signal: AbortSignal): Promise<Link> {
    if (kept?.isGone) {
      onLost(kept.wasReset);
      kept.destroy();
      kept = null;
    }
    kept ??= await dialNow(signal);
    return kept;
  }

  return {
    send: (frames, what, signal) =>
      inTurn(async () => {
        const link = await linkOf(signal);
        try {
          await link.write(frames, what, signal);
        } catch (error) {
          // Of an aborted write only what ended between two frames is kept.
          if (!signal.aborted || link.isGone) {
            link.destroy();
            kept = null;
          }
          throw error;
        }
        if (closed) link.destroy();
      }, signal),
    async check(signal) {
      const link = await dialNow(signal);
      const { seen } = link;
      await link.end();
      return seen;
    },
    async close() {
      closed = true;
      const link = kept;
      kept = null;
      await link?.end();
    },
  };
}
