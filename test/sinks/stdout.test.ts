import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { Sink } from '../../src/core/types.ts';
import { linesTo, stdout } from '../../src/sinks/stdout.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';

const signal = new AbortController().signal;
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** `cat`, as the reader at the other end of a pipe. */
async function reader(): Promise<FarEnd> {
  const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  let sent = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const open = async (): Promise<Sink> => {
    const sink = linesTo(child.stdin);
    return {
      ...sink,
      async deliver(parcel, until) {
        const receipt = await sink.deliver(parcel, until);
        for (const { lines } of parcel.sections) sent += lines.bytes.length;
        return receipt;
      },
    };
  };
  return {
    promises: 'unconfirmed',
    open,
    async received() {
      while (Buffer.byteLength(text) < sent) await once(child.stdout, 'data');
      return text === '' ? [] : text.slice(0, -1).split('\n');
    },
    async breakOnce(fault) {
      if (fault === 'hang') child.kill('SIGSTOP');
      // Fill the pipe, so that the next delivery has to wait for the reader.
      child.stdin.write('x'.repeat(4 << 20));
    },
    async close() {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

sinkLaws('stdout', reader, {
  busy: 'a pipe has no way to say "not now": a slow reader is waited for',
  reset: 'a pipe whose reader is gone stays closed: `stdout.closed`, below',
  'lost-answer': 'a pipe answers nothing',
  refuse: 'a pipe takes every byte',
  'bad-token': 'a pipe knows no credentials',
});

describe('stdout', () => {
  it('is the standard output of the process, by name', async () => {
    expect(stdout.name).toBe('stdout');
    expect(stdout.options.parse({})).toEqual({});
    expect(() => stdout.options.parse({ path: 'x' })).toThrow(/path/);
  });

  it('says `stdout.closed` when the reader has gone, now and later, and raises nothing else', async () => {
    const child = spawn('true', { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'exit');
    const sink = linesTo(child.stdin);
    cleanups.push(() => sink.close());
    for (let round = 0; round < 3; round++) {
      const failure = await sink.deliver(parcelOf([{ tenant: 't', items: jsonLines('t', 100) }]), signal).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Failure);
      expect([(failure as Failure).kind, (failure as Failure).code]).toEqual(['config', 'stdout.closed']);
    }
    await expect(sink.check(signal)).rejects.toMatchObject({ code: 'stdout.closed' });
  });

  it('resolves only after a slow reader has taken the bytes', async () => {
    const { near, far } = await pair();
    far.pause();
    const sink = linesTo(near);
    cleanups.push(() => sink.close());
    let resolved = false;
    const lines = jsonLines('t', 8, 1, 'x'.repeat(2 << 20));
    const work = sink.deliver(parcelOf([{ tenant: 't', items: lines }]), signal).then(() => {
      resolved = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(resolved).toBe(false);
    const taken: Buffer[] = [];
    far.on('data', (chunk: Buffer) => taken.push(chunk));
    far.resume();
    await work;
    const total = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    while (taken.reduce((sum, chunk) => sum + chunk.length, 0) < total) await once(far, 'data');
    expect(Buffer.concat(taken).toString()).toBe(`${lines.join('\n')}\n`);
  });
});

async function pair(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  cleanups.push(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}
