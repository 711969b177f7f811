/**
 * A Kafka broker on loopback: the mock cluster of librdkafka behind a door of ours, which misbehaves on request.
 *
 *   sink  <->  door (faults)  <->  mock cluster  <->  librdkafka's consumer, which reads back what is there
 *
 * The cluster names its own address in its answers; the door writes its own in its place, so that nobody goes around it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface KafkaMessage {
  readonly partition: number;
  readonly offset: number;
  readonly time: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What becomes of a produce request.
 *
 * A number is a code of the protocol, answered without asking the cluster.
 */
export type BrokerFault = 'reset' | 'lost-answer' | 'hang' | number;

export interface Broker {
  readonly address: string;
  /** For the next produce requests, one each. */
  readonly faults: BrokerFault[];
  /** How many produce requests came. */
  produced(): number;
  messages(topic: string): Promise<readonly KafkaMessage[]>;
  close(): Promise<void>;
}

const python = '/usr/bin/python3';

/** Why there is no such broker here; null when there is. */
export function whyNoBroker(): string | null {
  try {
    execFileSync(python, ['-c', 'import confluent_kafka'], { stdio: 'pipe' });
    return null;
  } catch {
    return 'the mock cluster of librdkafka is not here: apt-get install python3-confluent-kafka';
  }
}

export async function startBroker(): Promise<Broker> {
  const child = spawn(python, [path.join(import.meta.dirname, 'kafka.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async <T>() => {
    const { value, done } = await answers.next();
    if (done) throw new Error('the mock cluster has ended');
    return JSON.parse(value as string) as T;
  };
  const { address } = await next<{ address: string }>();
  const door = await openDoor(address);
  return {
    ...door,
    async messages(topic) {
      child.stdin.write(`${JSON.stringify({ read: topic })}\n`);
      const found = await next<KafkaMessage[]>();
      return found.map((each) => ({ ...each, value: Buffer.from(each.value, 'base64').toString('utf8') }));
    },
    async close() {
      await door.close();
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
}

/** Kinds of requests. */
const produce = 0;
const metadata = 3;

async function openDoor(behind: string): Promise<Pick<Broker, 'address' | 'faults' | 'produced' | 'close'>> {
  const [host = '', port = ''] = behind.split(':');
  const faults: BrokerFault[] = [];
  const sockets = new Set<Socket>();
  let produced = 0;
  let server: Server;

  const named = (at: number) => {
    const bytes = Buffer.alloc(2 + host.length + 4);
    bytes.writeUInt16BE(host.length);
    bytes.write(host, 2);
    bytes.writeInt32BE(at, 2 + host.length);
    return bytes;
  };

  function join(near: Socket): void {
    const far = connect(Number(port), host);
    /** Requests whose answers are lost. */
    const lost = new Set<number>();
    /** Versions of the requests for metadata. */
    const asked = new Map<number, number>();
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    onFrames(near, (frame) => {
      const correlation = frame.readInt32BE(8);
      if (frame.readInt16BE(4) === produce) {
        produced++;
        const fault = faults.shift();
        if (fault === 'hang') return;
        if (fault === 'reset') return void near.destroy();
        if (typeof fault === 'number') return void near.write(produceAnswer(correlation, frame.readInt16BE(6), fault));
        if (fault === 'lost-answer') lost.add(correlation);
      }
      if (frame.readInt16BE(4) === metadata) asked.set(correlation, frame.readInt16BE(6));
      far.write(frame);
    });
    onFrames(far, (frame) => {
      const correlation = frame.readInt32BE(4);
      if (lost.has(correlation)) return void near.destroy();
      const version = asked.get(correlation);
      if (version !== undefined) nameController(frame, version);
      const theirs = named(Number(port));
      for (let at = frame.indexOf(theirs); at >= 0; at = frame.indexOf(theirs, at + 1)) named((server.address() as { port: number }).port).copy(frame, at);
      near.write(frame);
    });
  }

  server = createServer(join);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    faults,
    produced: () => produced,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Whole requests or answers, each with the four bytes of its length. */
export function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(Buffer.from(rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
  });
}

/** The mock cluster names no controller: its first broker shall be it. */
function nameController(frame: Buffer, version: number): void {
  let at = version >= 3 ? 12 : 8;
  const skipText = () => {
    at += 2 + Math.max(0, frame.readInt16BE(at));
  };
  const brokers = frame.readInt32BE(at);
  const first = frame.readInt32BE(at + 4);
  at += 4;
  for (let i = 0; i < brokers; i++) {
    at += 4;
    skipText();
    at += 4;
    if (version >= 1) skipText();
  }
  if (version >= 2) skipText();
  if (version >= 1) frame.writeInt32BE(first, at);
}

/** One partition of one topic, whichever were asked for: the client reads the code alone. */
function produceAnswer(correlation: number, version: number, code: number): Buffer {
  const topic = Buffer.from('t');
  const parts = [int32(correlation), int32(1), int16(topic.length), topic, int32(1), int32(0), int16(code), int64(-1)];
  if (version >= 2) parts.push(int64(-1));
  if (version >= 5) parts.push(int64(-1));
  parts.push(int32(0));
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.length), body]);
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
