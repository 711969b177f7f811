/** What can go wrong between us and a syslog receiver. */
import type { PeerCertificate } from 'node:tls';
import { readAddress } from '../../src/sinks/wire/address.ts';
import { wireFailure } from '../../src/sinks/wire/failure.ts';
import { makeCertificates } from '../far-ends/certificates.ts';
import { startSyslog } from '../far-ends/syslog.ts';
import { parcelOf } from '../laws/parcels.ts';
import { openSyslog, type Written } from '../sinks/syslog-world.ts';
import { type Bench, hostile } from './bench.ts';
import type { Row } from './row.ts';

const parcel = parcelOf([{ tenant: 'acme', items: ['{"id":1}'] }]);
const never = new AbortController().signal;

async function deliver(bench: Bench, written: Written): Promise<unknown> {
  const sink = await openSyslog({ timeout: '2s', ...written });
  bench.later(() => sink.close());
  return sink.deliver(parcel, never);
}

const connecting = (scheme: string) => new RegExp(`^connecting to ${scheme}:\\/\\/\\S+ failed: `);
const transient = { kind: 'transient', exit: 1, attempted: connecting('tcp') } as const;
const config = { kind: 'config', exit: 2, attempted: connecting('tls') } as const;

/** What a test cannot bring about here comes from the one place that reads the system's word. */
function mapped(what: string, error: object, text: string, told: Pick<Row, 'kind' | 'code' | 'exit' | 'seen'>): Row {
  const address = readAddress(text, { udp: 514, tcp: 601, tls: 6514 });
  if (!address) throw new Error(text);
  const thrown = Object.assign(new Error(`no ${hostile}`), error);
  const certificate = {
    subject: { CN: hostile },
    issuer: { CN: hostile },
    valid_from: hostile,
    valid_to: '',
    fingerprint256: 'AA:BB',
  } as unknown as PeerCertificate;
  return { what, ...told, attempted: connecting('\\w+'), provoke: () => Promise.reject(wireFailure(thrown, `connecting to ${text}`, address, certificate)) };
}

export const wireRows: readonly Row[] = [
  {
    what: 'nobody listens',
    ...transient,
    code: 'wire.refused',
    seen: /nobody listens there \(ECONNREFUSED\)/,
    provoke: async (bench) => deliver(bench, { address: `tcp://127.0.0.1:${await bench.freePort()}` }),
  },
  {
    what: 'the socket is not there',
    ...transient,
    attempted: connecting('unix'),
    code: 'wire.refused',
    seen: /it cannot be reached \(ENOENT\)/,
    provoke: async (bench) => deliver(bench, { address: `unix://${await bench.folder()}/log` }),
  },
  {
    what: 'the name does not exist',
    ...transient,
    code: 'wire.dns',
    seen: /could not be resolved \(E\w+\)/,
    provoke: (bench) => deliver(bench, { address: 'tcp://no-such-host.invalid' }),
  },
  {
    what: 'the receiver resets the connection',
    ...transient,
    code: 'wire.reset',
    seen: /was reset \(ECONNRESET\)/,
    async provoke(bench) {
      const far = await startSyslog({ transport: 'tcp', framing: 'lf' });
      bench.later(() => far.close());
      far.manners.resets = 1;
      return deliver(bench, { address: far.address });
    },
  },
  {
    what: 'the receiver says nothing to a TLS handshake',
    ...transient,
    attempted: connecting('tls'),
    code: 'wire.timeout',
    seen: /no connection or no TLS handshake within 300 ms/,
    async provoke(bench) {
      const far = await startSyslog({ transport: 'tls', framing: 'lf' });
      bench.later(() => far.close());
      far.manners.holds = 1;
      return deliver(bench, { address: far.address, timeout: '300ms' });
    },
  },
  {
    what: 'the receiver hangs up behind the handshake',
    ...transient,
    attempted: connecting('tls'),
    code: 'wire.closed',
    seen: /closed the connection/,
    async provoke(bench) {
      const { server, authority, remove } = makeCertificates();
      bench.later(async () => remove());
      const far = await startSyslog({ transport: 'tls', framing: 'lf', tls: { cert: server.cert, key: server.key } });
      bench.later(() => far.close());
      far.manners.hangsUp = true;
      return deliver(bench, { address: far.address, caFile: authority.certFile });
    },
  },
  {
    what: 'the certificate is of an unknown authority',
    ...config,
    code: 'wire.certificate',
    seen: /the certificate is refused, as .*; the certificate is: subject O=House, CN=siem; .*issuer O=House, CN=House Authority; .*SHA-256 [0-9A-F:]{95}$/,
    async provoke(bench) {
      const { server, remove } = makeCertificates();
      bench.later(async () => remove());
      const far = await startSyslog({ transport: 'tls', framing: 'lf', tls: { cert: server.cert, key: server.key } });
      bench.later(() => far.close());
      return deliver(bench, { address: far.address });
    },
  },
  mapped('a certificate is full of hostile text', { code: 'CERT_HAS_EXPIRED' }, 'tls://siem:6514', {
    kind: 'config',
    exit: 2,
    code: 'wire.certificate',
    seen: /it has expired \(CERT_HAS_EXPIRED\)/,
  }),
  mapped('the receiver refuses our certificate', { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' }, 'tls://siem:6514', {
    kind: 'auth',
    exit: 1,
    code: 'wire.client-certificate',
    seen: /refuses our certificate, or wants one/,
  }),
  {
    what: 'what answers does not speak TLS',
    ...config,
    code: 'wire.tls',
    seen: /does not speak TLS on this port/,
    provoke: async (bench) => deliver(bench, { address: `tls://127.0.0.1:${await bench.say('HTTP/1.1 400 Bad Request\r\n\r\n')}` }),
  },
  {
    what: 'a certificate file is missing',
    ...config,
    attempted: /^reading `caFile` failed: /,
    code: 'wire.tls-file',
    seen: /ENOENT/,
    provoke: (bench) => deliver(bench, { address: 'tls://127.0.0.1', caFile: 'no-such-file.pem' }),
  },
  mapped('the system forbids it', { code: 'EACCES' }, 'unix:///dev/log', { kind: 'config', exit: 2, code: 'wire.permission', seen: /forbids it \(EACCES\)/ }),
  mapped('the socket takes datagrams', { code: 'EPROTOTYPE' }, 'unix:///dev/log', {
    kind: 'config',
    exit: 2,
    code: 'wire.datagram-socket',
    seen: /takes datagrams/,
  }),
  mapped('a datagram is too large for the system', { code: 'EMSGSIZE' }, 'udp://siem:514', {
    kind: 'rejected',
    exit: 1,
    code: 'wire.datagram-size',
    seen: /no datagram of that size/,
  }),
  mapped('the network says something unheard of', { code: 'EWHATEVER' }, 'udp://siem:514', {
    kind: 'transient',
    exit: 1,
    code: 'wire.failed',
    seen: /\(EWHATEVER\)/,
  }),
  {
    what: 'a record is too long for the receiver',
    kind: 'rejected',
    exit: 1,
    attempted: /^sending a record as one message failed before it began: /,
    code: 'syslog.too-long',
    seen: /\d+ bytes, `maxBytes` is 1024/,
    async provoke(bench) {
      const sink = await openSyslog({ address: 'tcp://127.0.0.1:9', maxBytes: '1KiB' });
      bench.later(() => sink.close());
      return sink.deliver(parcelOf([{ tenant: 'acme', items: ['x'.repeat(1024)] }]), never);
    },
  },
];
