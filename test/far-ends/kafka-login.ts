/** As much of a Kafka broker as a login needs, on loopback: it offers one mechanism, and refuses everybody. */
import { createServer, type Socket } from 'node:net';
import { int16, int32, int64, onFrames } from './kafka.ts';

export interface Login {
  readonly address: string;
  /** How often somebody tried. */
  logins(): number;
  close(): Promise<void>;
}

/** Kinds of requests. */
const saslHandshake = 17;
const apiVersions = 18;
const saslAuthenticate = 36;
/** Kind, oldest and newest version of what it knows. */
const known = [
  [3, 0, 6],
  [0, 0, 7],
  [22, 0, 1],
  [saslHandshake, 1, 1],
  [apiVersions, 0, 0],
  [saslAuthenticate, 0, 0],
] as const;
const unsupportedMechanism = 33;
const unsupportedVersion = 35;
const authenticationFailed = 58;

const text = (value: string) => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);

/** @param said what a refusal says: nobody should repeat a password, and some do */
export async function startLogin(mechanism: string, said: string): Promise<Login> {
  const sockets = new Set<Socket>();
  let logins = 0;

  function answerTo(frame: Buffer): Buffer | null {
    const version = frame.readInt16BE(6);
    switch (frame.readInt16BE(4)) {
      case apiVersions:
        return Buffer.concat([
          int16(version === 0 ? 0 : unsupportedVersion),
          int32(known.length),
          ...known.flat().map(int16),
          ...(version === 0 ? [] : [int32(0)]),
        ]);
      case saslHandshake:
        return Buffer.concat([int16(frame.includes(mechanism) ? 0 : unsupportedMechanism), int32(1), text(mechanism)]);
      case saslAuthenticate:
        logins++;
        return Buffer.concat([int16(authenticationFailed), text(said), int32(0), ...(version === 0 ? [] : [int64(0)])]);
      default:
        return null;
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    onFrames(socket, (frame) => {
      const answer = answerTo(frame);
      if (answer === null) return void socket.destroy();
      const body = Buffer.concat([frame.subarray(8, 12), answer]);
      socket.write(Buffer.concat([int32(body.length), body]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    logins: () => logins,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
