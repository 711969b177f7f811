/** Every way in which a resolver, a socket and TLS can fail, in one place. */
import type { PeerCertificate } from 'node:tls';
import { describeCertificate, harmless } from '../../core/certificate.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { Address } from './address.ts';

const untrusted: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself, not by an issuer that is trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'the issuer at the end of its chain signed itself and is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'an issuer in its chain is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it came without that of its issuer, which is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
  INVALID_PURPOSE: 'it may not be used for a server',
};

/** The alerts by which a far end refuses the certificate of the one who calls, or that there is none. */
const refusesOurs =
  /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)|ALERT_NO_CERTIFICATE/;
const noTls = new Set(['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST', 'ERR_SSL_UNEXPECTED_MESSAGE']);
const unreachable = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EADDRNOTAVAIL', 'ENOENT']);
const broken = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_SOCKET_CLOSED']);

/**
 * What an error of a socket means.
 *
 * @param what was attempted, with the address
 * @param certificate of the far end, where TLS came so far
 */
export function wireFailure(error: Error, what: string, address: Address, certificate?: PeerCertificate): Failure {
  const cause = rootOf(error);
  const code = codeOf(cause);
  const detail = { cause: error };
  if (untrusted[code] !== undefined || /^(?:CERT_|UNABLE_TO_|INVALID_CA|PATH_LENGTH|HOSTNAME_MISMATCH)/.test(code)) {
    const named = certificate ? `; the certificate is: ${describeCertificate(certificate)}` : '';
    return new Failure(
      'config',
      'wire.certificate',
      `${what} failed: the certificate is refused, as ${untrusted[code] ?? harmless(cause.message)} (${code})${named}`,
      {
        ...detail,
        advice: 'Give the certificate of a private authority as `caFile`; check `servername`, the address and the clock.',
      },
    );
  }
  if (refusesOurs.test(code))
    return new Failure('auth', 'wire.client-certificate', `${what} failed: the far end refuses our certificate, or wants one (${code})`, {
      ...detail,
      advice: 'Give `certFile` and `keyFile` of a certificate that the far end trusts.',
    });
  if (noTls.has(code) || code === 'EPROTO')
    return new Failure('config', 'wire.tls', `${what} failed: the far end does not speak TLS on this port (${code})`, {
      ...detail,
      advice: 'Check the port, and whether it wants `tcp://`.',
    });
  if (/^ERR_(?:SSL|TLS|OSSL)_/.test(code))
    return new Failure('config', 'wire.tls', `${what} failed: the TLS handshake did not succeed (${code})`, {
      ...detail,
      advice: 'Look at what the far end allows: TLS 1.2 or 1.3 is needed, and if it wants a client certificate, give `certFile` and `keyFile`.',
    });
  if (code === 'ENOTFOUND' || code === 'ENODATA' || code.startsWith('EAI_'))
    return new Failure('transient', 'wire.dns', `${what} failed: the name could not be resolved (${code})`, {
      ...detail,
      advice: 'Check the name in `address`, and the resolver.',
    });
  if (code === 'EPROTOTYPE')
    return new Failure('config', 'wire.datagram-socket', `${what} failed: the socket takes datagrams, and Node.js can write to stream sockets only`, {
      ...detail,
      advice: 'Let the receiver listen on a stream socket, or use `udp://127.0.0.1:514`.',
    });
  if (code === 'EMSGSIZE')
    return new Failure('rejected', 'wire.datagram-size', `${what} failed: the system sends no datagram of that size (${code})`, {
      ...detail,
      advice: 'Lower `maxBytes`, or use `tcp://`.',
    });
  if (code === 'EACCES' || code === 'EPERM')
    return new Failure('config', 'wire.permission', `${what} failed: the system forbids it (${code})`, {
      ...detail,
      advice: address.scheme === 'unix' ? 'Give the user of this program the right to write to the socket.' : 'Look at the firewall of this machine.',
    });
  if (unreachable.has(code))
    return new Failure('transient', 'wire.refused', `${what} failed: ${code === 'ECONNREFUSED' ? 'nobody listens there' : 'it cannot be reached'} (${code})`, {
      ...detail,
      advice: 'Check host, port and firewall, and whether the receiver runs.',
    });
  if (code === 'ETIMEDOUT')
    return new Failure('transient', 'wire.timeout', `${what} failed: the far end answers no more (${code})`, {
      ...detail,
      advice: 'Check the network and firewalls in between.',
    });
  if (broken.has(code))
    return new Failure('transient', 'wire.reset', `${what} failed: the connection was reset (${code})`, {
      ...detail,
      advice: 'Look at the log of the receiver, and at firewalls and load balancers in between.',
    });
  return new Failure('transient', 'wire.failed', `${what} failed: ${harmless(cause.message)}${code === '' ? '' : ` (${code})`}`, {
    ...detail,
    advice: 'Look at the network of this machine; if it goes on, report it.',
  });
}

/** The far end hung up in good order. */
export function hungUp(what: string, { scheme }: Address): Failure {
  const wants = scheme === 'tls' ? 'want a client certificate that it knows' : 'want TLS';
  return new Failure('transient', 'wire.closed', `${what} failed: the far end closed the connection`, {
    advice: `Look at the log of the receiver: it may allow other senders only, or ${wants}.`,
  });
}

export function tooLate(what: string, timeoutMs: Millis, phase: string): Failure {
  return new Failure('transient', 'wire.timeout', `${what} failed: ${phase} within ${timeoutMs} ms`, {
    advice: 'Check the network and the receiver; if it is only slow, raise `timeout`.',
  });
}

/** Several addresses of one name fail together. */
function rootOf(error: Error): Error {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}
