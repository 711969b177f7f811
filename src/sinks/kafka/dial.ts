import net from 'node:net';
import tls, { type PeerCertificate, type SecureContext } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { Failure } from '../../core/failure.ts';
import { wireFailure } from '../wire/failure.ts';

/** Makes the connections of the client, and remembers what the last one that failed failed with. */
export interface Dialer {
  readonly connect: ISocketFactory;
  lost(): Failure | null;
}

const keepAliveMs = 60_000;

/** @param context of TLS; null: none */
export function openDialer(context: SecureContext | null): Dialer {
  let lost: Failure | null = null;
  return {
    lost: () => lost,
    connect({ host, port, onConnect }) {
      let certificate: PeerCertificate | undefined;
      const name = net.isIP(host) === 0 ? { servername: host } : {};
      // Node's own verification, always on.
      const socket = context
        ? tls.connect({ host, port, secureContext: context, rejectUnauthorized: true, ...name }, onConnect)
        : net.connect({ host, port }, onConnect);
      if (socket instanceof tls.TLSSocket)
        // Before Node judges the certificate, so that it can be named when it is refused.
        socket.prependOnceListener('secure', () => {
          const seen = socket.getPeerCertificate();
          if (Object.keys(seen).length > 0) certificate = seen;
        });
      const scheme = context ? 'tls' : 'tcp';
      const text = `${net.isIPv6(host) ? `[${host}]` : host}:${port}`;
      socket.on('error', (error) => {
        const { kind, code, message, advice } = wireFailure(error, `connecting to ${text}`, { scheme, host, port, text }, certificate);
        lost = new Failure(kind, code, message, { cause: error, advice: adviceOn(code) ?? advice ?? 'Look at the network of this machine.' });
      });
      socket.setKeepAlive(true, keepAliveMs);
      return socket;
    },
  };
}

/** Where the options have other names than those of other sinks. */
function adviceOn(code: string): string | undefined {
  switch (code) {
    case 'wire.certificate':
      return 'Give the certificate of a private authority as `caFile`; check the names in `brokers`, those that the brokers advertise, and the clock.';
    case 'wire.tls':
      return 'Check the port in `brokers`, and whether it wants `tls: false`.';
    case 'wire.dns':
      return 'Check the names in `brokers` and those that the brokers advertise, and the resolver.';
    default:
      return undefined;
  }
}
