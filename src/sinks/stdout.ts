import type { Writable } from 'node:stream';
import { Failure } from '../core/failure.ts';
import { defineSink } from '../core/kinds.ts';
import { object } from '../core/schema.ts';
import type { Parcel, Sink } from '../core/types.ts';

/** Standard output, one line per record. */
export const stdout = defineSink({
  name: 'stdout',
  summary: 'Standard output, one line per record; ends quietly when the pipe is closed',
  options: object({}),
  unconfirmed: true,
  open: async () => linesTo(process.stdout),
});

/**
 * A sink on any writable stream.
 *
 * Throws   config `stdout.closed` when the reader has gone (`| head`): that is no fault of anybody, and whoever runs the
 *          program ends it quietly, with exit code 0, when standard output was all that it was for;
 *          transient `stdout.failed` for anything else that the stream says.
 * Calls    one delivery at a time; resolves when the kernel took the bytes, so a slow reader holds back the reading of the journal.
 *          What the kernel took counts as delivered; nobody confirms that it was read.
 */
export function linesTo(stream: Writable): Sink {
  let closed = false;
  // The same error also comes to the write's callback; without a listener it would end the process.
  const onError = () => undefined;
  stream.on('error', onError);
  return {
    limits: { records: 5000, bytes: 1 << 20 },
    unconfirmed: true,
    check: async () => {
      if (gone(stream)) throw readerGone();
      return 'standard output is open';
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      await write(stream, bytesOf(parcel), signal);
      return { refused: [] };
    },
    async close() {
      if (closed) return;
      closed = true;
      // A stream tells its callback first and its listeners in the next turn.
      await new Promise((resolve) => setImmediate(resolve));
      // What an aborted delivery left in the stream may still fail, long after.
      if (stream.writableLength === 0) stream.off('error', onError);
    },
  };
}

function bytesOf(parcel: Parcel): Uint8Array {
  const [only, ...others] = parcel.sections.filter((section) => section.lines.count > 0);
  if (!only) return new Uint8Array(0);
  return others.length === 0 ? only.lines.bytes : Buffer.concat([only.lines.bytes, ...others.map((section) => section.lines.bytes)]);
}

function write(stream: Writable, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  if (bytes.length === 0) return Promise.resolve();
  if (gone(stream)) return Promise.reject(readerGone());
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.write(bytes, (error) => {
      signal.removeEventListener('abort', onAbort);
      if (!error) resolve();
      else reject(classify(error, stream));
    });
  });
}

function gone(stream: Writable): boolean {
  return stream.destroyed || stream.writableEnded || stream.errored !== null;
}

function classify(error: NodeJS.ErrnoException, stream: Writable): Failure {
  const { code } = error;
  if (
    code === 'EPIPE' ||
    code === 'EOF' ||
    code === 'ECONNRESET' ||
    code === 'ERR_STREAM_DESTROYED' ||
    code === 'ERR_STREAM_WRITE_AFTER_END' ||
    stream.destroyed
  )
    return readerGone(error);
  return new Failure('transient', 'stdout.failed', `could not write to standard output: ${error.message}`, {
    cause: error,
    advice: 'Look at what standard output leads to: its disk or its terminal.',
  });
}

function readerGone(cause?: unknown): Failure {
  return new Failure('config', 'stdout.closed', 'could not write to standard output: its reader has closed the pipe', {
    cause,
    advice: 'Nothing to do if the reader had enough; otherwise look why it ended.',
  });
}
