/**
 * HTTP as the house wants it: one exchange, read to its end, every way to fail with a name.
 *
 * Underneath is undici's `request`: it follows no redirect, sends nothing twice, and keeps connections. We add what it leaves open:
 * one time limit over everything, a body that is whole or a Failure, decompression, proxies from the environment, and words.
 * undici is loaded by `openHttp`'s first request: it costs 70 ms, which `--help` should not pay.
 */
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Dispatcher } from 'undici';
import { systemClock } from '../core/clock.ts';
import { Failure } from '../core/failure.ts';
import { passwordIn, percentDecoded, strikeOut } from '../core/secret.ts';
import type { Http, HttpReply, HttpRequest, Via } from '../core/world.ts';
import { lookAtCertificate } from './certificate.ts';

/** What one body may hold, compressed or not: a page is 1 MB, and a far end that sends without end must not fill our memory. */
const maxBodyBytes = 256 * 1024 * 1024;
/** Shorter than the idle limits of the far ends that are known (splunkd: 12 s), so that a connection is seldom closed under a request. */
const keepAliveMs = 10_000;

export interface OpenHttp {
  readonly http: Http;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

/** Opens connections as they are needed and keeps them, apart for each way to travel. */
export function openHttp(): OpenHttp {
  const dispatchers = new Map<string, Dispatcher>();
  let closed = false;

  async function dispatcherFor(via: Via): Promise<Dispatcher> {
    const key = JSON.stringify(via);
    const known = dispatchers.get(key);
    if (known) return known;
    const undici = await import('undici');
    const made = dispatchers.get(key) ?? openDispatcher(undici, via);
    dispatchers.set(key, made);
    return made;
  }

  const http: Http = async (request) => {
    if (closed) throw new Failure('transient', 'http.reset', `${sought(request)}: the connections have been closed`);
    request.signal?.throwIfAborted();
    const dispatcher = await dispatcherFor(request.via ?? {});
    return exchange(dispatcher, request);
  };

  return {
    http,
    async close() {
      closed = true;
      const all = [...dispatchers.values()];
      dispatchers.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

function openDispatcher(undici: typeof import('undici'), { ca, proxy }: Via): Dispatcher {
  // Our own limit covers every phase, so undici's are off. The context is made once: parsing 150 roots takes 10 ms.
  const trust = ca === undefined ? {} : { secureContext: tls.createSecureContext({ ca: [...systemRoots(), ca] }) };
  const common = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: keepAliveMs, connect: trust };
  // Without a tunnel for plain http: most proxies refuse CONNECT to port 80.
  const proxied = { ...common, proxyTunnel: false, requestTls: trust, proxyTls: trust };
  if (proxy === null) return new undici.Agent(common);
  if (proxy === undefined) return new undici.EnvHttpProxyAgent(proxied);
  const url = readProxy(proxy);
  const user = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  const token = user === ':' ? {} : { token: `Basic ${Buffer.from(user).toString('base64')}` };
  return new undici.ProxyAgent({ ...proxied, ...token, uri: url.origin });
}

function readProxy(proxy: string): URL {
  const url = URL.canParse(proxy) ? new URL(proxy) : null;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  // The text may hold a password: it is not repeated.
  throw new Failure('config', 'http.proxy-url', 'The `proxy` is no URL that can be used', { advice: 'Write it as `http://[user:password@]host:port`.' });
}

/** What Node trusts when it is not told otherwise. */
export function systemRoots(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return getCACertificates('default');
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return extra ? [...tls.rootCertificates, readFileSync(extra, 'utf8')] : tls.rootCertificates;
}

async function exchange(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpReply> {
  const { method, url, headers, body, timeoutMs, signal } = request;
  const done = new AbortController();
  const stop = new AbortController();
  systemClock.sleep(timeoutMs, done.signal).then(
    () => stop.abort(new Expired()),
    () => undefined,
  );
  // By hand, since each `AbortSignal.any` over a signal that lives long leaves 1.2 kB behind for ever (measured, Node 20.20).
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const target = new URL(url);
  const phase = { name: 'waiting for the answer' };
  try {
    const reply = await dispatcher.request({
      origin: target.origin,
      path: target.pathname + target.search,
      method: method as Dispatcher.HttpMethod,
      headers: { ...headers },
      body: body ?? null,
      signal: stop.signal,
    });
    if (reply.statusCode === 407) {
      reply.body.on('error', () => undefined).destroy();
      throw proxyRefused(request, 'it answered 407 (proxy authentication required)');
    }
    phase.name = 'reading the answer';
    const flat = flatHeaders(reply.headers);
    const raw = await readWhole(reply.body, request);
    const whole = await uncompress(raw, flat['content-encoding'], request);
    return { status: reply.statusCode, headers: flat, body: reply.statusCode < 400 ? whole : withoutPassword(whole, request) };
  } catch (error) {
    signal?.throwIfAborted();
    const failure = failureOf(error, request, phase.name);
    throw failure instanceof Failure && failure.code === 'http.tls' ? await withCertificate(failure, target, request) : failure;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    // With a reason of its own: the default is an exception with a stack, made for each request.
    done.abort(over);
  }
}

/** Without a tunnel, whoever is behind a careless proxy is given its password, and some repeat what they are given. */
function withoutPassword(body: Buffer, { url, via }: HttpRequest): Buffer {
  const password = url.startsWith('http:') ? passwordIn(via?.proxy === undefined ? (process.env.http_proxy ?? process.env.HTTP_PROXY) : via.proxy) : null;
  if (password === null || body.length > 65_536) return body;
  return Buffer.from(strikeOut(body.toString('latin1'), [Buffer.from(password).toString('latin1'), password]), 'latin1');
}

/** Says which certificate it was that is refused. */
async function withCertificate(failure: Failure, target: URL, { via, signal }: HttpRequest): Promise<Failure> {
  const { message, advice, cause } = failure;
  if (!(cause instanceof Error) || !isOfCertificate(codeOf(rootOf(cause)))) return failure;
  const seen = await lookAtCertificate(target, via ?? {}, signal);
  signal?.throwIfAborted();
  return seen === null ? failure : new Failure('config', 'http.tls', `${message}; the certificate is: ${seen}`, { cause, advice: advice ?? tlsAdvice });
}

class Expired extends Error {}

const over = 'the exchange is over';

async function readWhole(body: AsyncIterable<Buffer>, request: HttpRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBodyBytes) throw tooLarge(request);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
}

function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  return flat;
}

const limit = { maxOutputLength: maxBodyBytes };
/** In the thread pool: a page must not hold up the loop. */
const decoders: Readonly<Record<string, (raw: Buffer) => Promise<Buffer>>> = {
  gzip: (raw) => promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)(raw, limit),
  // `deflate` means zlib's wrapping (RFC 9110, 8.4.1.2); some send it bare. The low half of zlib's first byte is always 8.
  deflate: (raw) => promisify<Buffer, zlib.ZlibOptions, Buffer>(((raw[0] ?? 0) & 15) === 8 ? zlib.inflate : zlib.inflateRaw)(raw, limit),
  br: (raw) => promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress)(raw, limit),
};

async function uncompress(raw: Buffer, encoding: string | undefined, request: HttpRequest): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase().replace(/^x-/, '');
  if (name === 'identity' || name === '' || raw.length === 0) return raw;
  const decode = decoders[name];
  if (!decode)
    throw new Failure('transient', 'http.encoding', `${sought(request)}: the body is compressed as \`${clean(name.slice(0, 20))}\`, which nobody asked for`, {
      advice: 'Look for a proxy or gateway in between that compresses answers by itself.',
    });
  try {
    return await decode(raw);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(request);
    throw new Failure('transient', 'http.truncated', `${sought(request)}: the compressed body is broken or ends too early`, { cause, advice: interrupted });
  }
}

// ---------------------------------------------------------------- failures

const tlsReasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  CERT_REVOKED: 'the certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself, not by an issuer that is trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'the issuer at the end of the chain signed itself and is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'an issuer in the chain is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the server sent its certificate without that of the issuer, which is not known here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the far end does not speak TLS on this port',
  EPROTO: 'the far end and Node found no common TLS',
};
/** Is it the certificate, and not that nobody speaks TLS there? */
const isOfCertificate = (code: string) => code in tlsReasons && code !== 'ERR_SSL_WRONG_VERSION_NUMBER' && code !== 'EPROTO';
const tlsAdvice = 'If a proxy in between inspects TLS, give its root certificate as `caFile`; otherwise check the host name and the clock.';

const resets = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED', 'UND_ERR_ABORTED']);
const refusals = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'ENOENT']);
const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** Every way in which undici, the sockets, the resolver and TLS can fail, in one place. */
function failureOf(error: unknown, request: HttpRequest, phase: string): unknown {
  if (error instanceof Failure) return error;
  const what = sought(request);
  if (error instanceof Expired) {
    const advice = 'If the network is slow but well, raise `timeoutMs` of the account or `timeout` of the sink.';
    return new Failure('transient', 'http.timeout', `${what}: nothing more came within ${request.timeoutMs} ms (${phase})`, { advice });
  }
  if (!(error instanceof Error)) return error;
  const cause = rootOf(error);
  const code = codeOf(cause);
  const detail = { cause: error };
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return new Failure('transient', 'http.truncated', `${what}: the body was shorter than announced`, { ...detail, advice: interrupted });
  if (isProxyTrouble(cause)) return proxyRefused(request, clean(cause.message), error);
  if (timeouts.has(code)) return new Failure('transient', 'http.timeout', `${what}: no connection in time (${code})`, { ...detail, advice: unreachable });
  if (code === 'ENOTFOUND' || code.startsWith('EAI_') || code === 'ENODATA')
    return new Failure('transient', 'http.dns', `${what}: the name could not be resolved (${code}${whereOf(cause)})`, {
      ...detail,
      advice: 'Check the name, the resolver, and whether a `proxy` is needed.',
    });
  if (refusals.has(code))
    return new Failure(
      'transient',
      'http.refused',
      `${what}: ${code === 'ECONNREFUSED' ? 'the connection was refused' : 'it cannot be reached'} (${code}${whereOf(cause)})`,
      {
        ...detail,
        advice: unreachable,
      },
    );
  const reason = tlsReason(cause, code);
  if (reason) {
    const advice = code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? 'Check the port, and whether it wants `http://`.' : tlsAdvice;
    return new Failure('config', 'http.tls', `${what}: ${reason} (${code})`, { ...detail, advice });
  }
  if (cause.name === 'HTTPParserError') return new Failure('transient', 'http.reset', `${what}: the answer is not HTTP`, { ...detail, advice: unreachable });
  if (resets.has(code) || cause.message === 'terminated') {
    const cut = phase === 'reading the answer';
    return new Failure(
      'transient',
      cut ? 'http.truncated' : 'http.reset',
      `${what}: the connection was closed ${cut ? 'in the middle of the body' : 'before an answer'} (${code})`,
      { ...detail, advice: interrupted },
    );
  }
  if (code.startsWith('UND_ERR_'))
    return new Failure('transient', 'http.reset', `${what}: ${clean(cause.message)} (${code})`, { ...detail, advice: interrupted });
  return error;
}

const unreachable = 'Check host, port, firewall, and whether a `proxy` is needed.';
const interrupted = 'Try again; if it goes on, look at proxies, firewalls and load balancers in between.';

/** Who could not be reached: with a proxy it is not the host that was meant. */
function whereOf(cause: Error): string {
  const { hostname, address, port } = cause as { hostname?: unknown; address?: unknown; port?: unknown };
  if (typeof address === 'string') return ` ${clean(address)}${typeof port === 'number' ? `:${port}` : ''}`;
  return typeof hostname === 'string' ? ` ${clean(hostname)}` : '';
}

/** Proxies and happy eyeballs wrap what really went wrong. */
function rootOf(error: Error): Error {
  let root = error;
  for (let depth = 0; depth < 5; depth++) {
    if (root instanceof AggregateError && root.errors[0] instanceof Error) root = root.errors[0];
    else if (codeOf(root) === '' && root.cause instanceof Error) root = root.cause;
    else break;
  }
  return root;
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function isProxyTrouble(error: Error): boolean {
  return /^Proxy (?:response \(|Authentication)|^Secure Proxy/i.test(error.message) || codeOf(error) === 'UND_ERR_PRX_TLS';
}

function tlsReason(error: Error, code: string): string | null {
  const known = tlsReasons[code];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { cert } = error as { cert?: { subjectaltname?: string; subject?: { CN?: string }; issuer?: { CN?: string } } };
    return `${known}: it names ${clean(cert?.subjectaltname ?? cert?.subject?.CN ?? 'none')}, issued by ${clean(cert?.issuer?.CN ?? 'nobody')}`;
  }
  if (known) return known;
  return /^(?:ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH)/.test(code) ? clean(error.message) : null;
}

function proxyRefused(request: HttpRequest, seen: string, cause?: unknown): Failure {
  const advice = 'Check the `proxy` option or the HTTPS_PROXY, HTTP_PROXY and NO_PROXY variables, its user and password, and its rules.';
  return new Failure('transient', 'http.proxy', `${sought(request)}: the proxy did not let it through: ${seen}`, { cause, advice });
}

function tooLarge(request: HttpRequest): Failure {
  return new Failure('transient', 'http.too-large', `${sought(request)}: the body is larger than ${maxBodyBytes / 1024 / 1024} MB`, {
    advice: 'Look at what answers there: neither Central nor a collector says so much.',
  });
}

/** What was attempted: method and host. Paths and queries can hold secrets (webhooks do). */
function sought({ method, url }: HttpRequest): string {
  return `${method} to ${new URL(url).host}`;
}

function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, 200);
}
