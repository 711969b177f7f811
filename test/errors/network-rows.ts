/** What can go wrong before anybody answers, or in the middle of it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SophosCentralOptions } from '../../src/clients/central/client.ts';
import { type Bench, proxyPassword } from './bench.ts';
import type { Row } from './row.ts';

const tokenHost = /^POST to 127\.0\.0\.1:\d+: /;
const temporary = { kind: 'transient', exit: 1, attempted: tokenHost } as const;

async function whoami(bench: Bench, url: string, options: Partial<SophosCentralOptions> = {}): Promise<unknown> {
  return bench.client(url, options).whoami();
}

async function selfSigned(bench: Bench): Promise<{ readonly url: (host: string) => string; readonly ca: string }> {
  const folder = await bench.folder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...make, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  const server = createTlsServer(pair, (_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  bench.later(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: (host) => `https://${host}:${(server.address() as AddressInfo).port}`, ca: pair.cert };
}

/** A proxy that lets nobody through. */
async function refusingProxy(bench: Bench, status: number): Promise<string> {
  const port = await bench.say(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  return `http://me:${proxyPassword}@127.0.0.1:${port}`;
}

export const networkRows: readonly Row[] = [
  {
    what: 'nobody listens on the port',
    ...temporary,
    code: 'http.refused',
    seen: /refused.*\(ECONNREFUSED 127\.0\.0\.1:\d+\)/,
    provoke: async (bench) => whoami(bench, `http://127.0.0.1:${await bench.freePort()}`),
  },
  {
    what: 'the connection is dropped before an answer',
    ...temporary,
    code: 'http.reset',
    seen: /closed before an answer/,
    provoke: async (bench) => whoami(bench, (await bench.central('/api/v2/oauth2', 'reset')).url),
  },
  {
    what: 'no answer comes in time',
    ...temporary,
    code: 'http.timeout',
    seen: /nothing more came within 100 ms \(waiting for the answer\)/,
    provoke: async (bench) => whoami(bench, (await bench.central('/api/v2/oauth2', 'hang')).url, { timeoutMs: 100 }),
  },
  {
    what: 'the answer stops half-way and the connection stays',
    ...temporary,
    code: 'http.timeout',
    seen: /within 100 ms \(reading the answer\)/,
    async provoke(bench) {
      const port = await bench.serve((_, response) => void response.writeHead(200, { 'content-length': '50' }).write('half'));
      return whoami(bench, `http://127.0.0.1:${port}`, { timeoutMs: 100 });
    },
  },
  {
    what: 'the connection is dropped in the middle of the body',
    ...temporary,
    code: 'http.truncated',
    seen: /middle of the body/,
    provoke: async (bench) => whoami(bench, (await bench.central('/api/v2/oauth2', 'cut')).url),
  },
  {
    what: 'the body is shorter than announced',
    ...temporary,
    code: 'http.truncated',
    seen: /shorter than announced|middle of the body/,
    provoke: async (bench) => whoami(bench, `http://127.0.0.1:${await bench.say('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":')}`),
  },
  {
    what: 'the compressed body is broken',
    ...temporary,
    code: 'http.truncated',
    seen: /compressed body is broken/,
    async provoke(bench) {
      const port = await bench.serve((_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'));
      return whoami(bench, `http://127.0.0.1:${port}`);
    },
  },
  {
    what: 'the body is compressed in a way that nobody asked for',
    ...temporary,
    code: 'http.encoding',
    seen: /compressed as `snappy`/,
    async provoke(bench) {
      const port = await bench.serve((_, response) => void response.writeHead(200, { 'content-encoding': 'snappy' }).end('??'));
      return whoami(bench, `http://127.0.0.1:${port}`);
    },
  },
  {
    what: 'what answers does not speak HTTP',
    ...temporary,
    code: 'http.reset',
    seen: /the answer is not HTTP/,
    provoke: async (bench) => whoami(bench, `http://127.0.0.1:${await bench.say('220 mail.example ESMTP\u001b[2J\r\n')}`),
  },
  {
    what: 'the host has no address',
    kind: 'transient',
    exit: 1,
    code: 'http.dns',
    attempted: /^POST to no-such-host\.invalid: /,
    seen: /could not be resolved \(E\w+ no-such-host\.invalid\)/,
    provoke: (bench) => whoami(bench, 'https://no-such-host.invalid'),
  },
  {
    what: 'the certificate is signed by itself',
    kind: 'config',
    exit: 2,
    code: 'http.tls',
    attempted: /^POST to localhost:\d+: /,
    seen: /signed by itself/,
    provoke: async (bench) => whoami(bench, (await selfSigned(bench)).url('localhost')),
  },
  {
    what: 'the certificate is for another host',
    kind: 'config',
    exit: 2,
    code: 'http.tls',
    attempted: tokenHost,
    seen: /for another name: it names DNS:localhost/,
    async provoke(bench) {
      const { url, ca } = await selfSigned(bench);
      return whoami(bench, url('127.0.0.1'), { ca });
    },
  },
  {
    what: 'the port speaks no TLS',
    kind: 'config',
    exit: 2,
    code: 'http.tls',
    attempted: tokenHost,
    seen: /does not speak TLS|no common TLS/,
    provoke: async (bench) => whoami(bench, (await bench.central()).url.replace('http:', 'https:')),
  },
  {
    what: 'the proxy is down',
    kind: 'transient',
    exit: 1,
    code: 'http.refused',
    attempted: /^POST to id\.sophos\.com: /,
    // Named is the proxy, since that is what could not be reached.
    seen: /refused.*\(ECONNREFUSED 127\.0\.0\.1:\d+\)/,
    provoke: async (bench) => whoami(bench, 'https://id.sophos.com', { proxy: `http://me:${proxyPassword}@127.0.0.1:${await bench.freePort()}` }),
  },
  {
    what: 'the proxy wants another password',
    kind: 'transient',
    exit: 1,
    code: 'http.proxy',
    attempted: /^POST to id\.sophos\.com: /,
    seen: /the proxy did not let it through: .*407/,
    provoke: async (bench) => whoami(bench, 'http://id.sophos.com', { proxy: await refusingProxy(bench, 407) }),
  },
  {
    what: 'the proxy refuses the tunnel',
    kind: 'transient',
    exit: 1,
    code: 'http.proxy',
    attempted: /^POST to id\.sophos\.com: /,
    seen: /the proxy did not let it through: .*403/,
    provoke: async (bench) => whoami(bench, 'https://id.sophos.com', { proxy: await refusingProxy(bench, 403) }),
  },
  {
    what: 'the proxy is no URL',
    kind: 'config',
    exit: 2,
    code: 'http.proxy-url',
    attempted: /`proxy`/,
    seen: /no URL/,
    provoke: (bench) => whoami(bench, 'https://id.sophos.com', { proxy: `me:${proxyPassword}@proxy` }),
  },
];
