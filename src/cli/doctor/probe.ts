/**
 * A look at the way to a host, step by step, so that the step that fails can be named:
 *
 *     name ---> connection ---> (proxy: CONNECT) ---> TLS
 *
 * It trusts any certificate for as long as it looks, and says nothing over the connection: what the program itself trusts is decided by the
 * same roots, and is told.
 */
import { lookup } from 'node:dns/promises';
import net, { type Socket } from 'node:net';
import tls, { type DetailedPeerCertificate } from 'node:tls';
import { systemRoots } from '../../clients/http.ts';
import { harmless } from '../../core/certificate.ts';
import { passwordIn, percentDecoded, strikeOut } from '../../core/secret.ts';
import type { Millis } from '../../core/types.ts';
import type { Clock } from '../../core/world.ts';
import type { ProxyInForce } from './proxy.ts';

export type Step = 'proxy-name' | 'proxy-connection' | 'proxy-answer' | 'name' | 'connection' | 'tls';

/** How far it came. */
export interface Look {
  readonly tookMs: Millis;
  /** The step that failed, and what was seen. */
  readonly failed: { readonly step: Step; readonly seen: string; readonly proxyStatus?: number } | null;
  readonly certificate: SeenCertificate | null;
}

export interface SeenCertificate {
  /** OpenSSL's or Node's word when it is not trusted; `null`: it is. */
  readonly refusedFor: string | null;
  readonly issuer: string;
  /** Who stands at the end of what was shown, and is not known here. */
  readonly chainEnd: string;
  readonly validFrom: Millis;
  readonly validUntil: Millis;
  readonly protocol: string;
}

export interface LookOptions {
  readonly url: URL;
  readonly proxy: ProxyInForce | null;
  /** PEM to trust besides the system's. */
  readonly ca?: string | undefined;
  readonly clock: Clock;
  readonly limitMs: Millis;
  readonly signal: AbortSignal;
}

class Stopped extends Error {
  readonly step: Step;
  readonly proxyStatus: number | undefined;
  constructor(step: Step, seen: string, proxyStatus?: number) {
    super(seen);
    this.step = step;
    this.proxyStatus = proxyStatus;
  }
}

/** Looks; never throws for what it finds, only when the signal aborts. */
export async function lookAt(options: LookOptions): Promise<Look> {
  const { url, proxy, clock, signal } = options;
  const began = clock.monotonic();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.limitMs)]);
  const open: Socket[] = [];
  const done = (failed: Look['failed'], certificate: SeenCertificate | null): Look => ({ tookMs: Math.round(clock.monotonic() - began), failed, certificate });
  try {
    const nearest = proxy?.url ?? url;
    await resolved(nearest, proxy ? 'proxy-name' : 'name', limit);
    let socket = await connected(nearest, proxy ? 'proxy-connection' : 'connection', limit, open);
    if (proxy?.url.protocol === 'https:') socket = (await secured(socket, proxy.url, options, limit, open, 'proxy-connection')).socket;
    if (url.protocol !== 'https:') return done(null, null);
    if (proxy) await tunnelled(socket, url, proxy, limit);
    const { certificate } = await secured(socket, url, options, limit, open, 'tls');
    return done(certificate.refusedFor === null ? null : { step: 'tls', seen: certificate.refusedFor }, certificate);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Stopped)) throw error;
    return done({ step: error.step, seen: error.message, ...(error.proxyStatus === undefined ? {} : { proxyStatus: error.proxyStatus }) }, null);
  } finally {
    hangUp(open);
  }
}

/** The outermost first, and those below it once it is closed: the other way round kills some versions of Node.js (20.20, a segmentation fault). */
function hangUp(open: Socket[]): void {
  const outer = open.pop();
  if (!outer) return;
  if (outer.closed) hangUp(open);
  else outer.once('close', () => hangUp(open));
  outer.destroy();
}

const bare = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
const portOf = (url: URL) => Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);

async function resolved(url: URL, step: Step, limit: AbortSignal): Promise<void> {
  await within(limit, step, (resolve, reject) => void lookup(bare(url)).then(resolve, (error: NodeJS.ErrnoException) => reject(wordOf(error))));
}

function connected(url: URL, step: Step, limit: AbortSignal, open: Socket[]): Promise<Socket> {
  return within(limit, step, (resolve, reject) => {
    const socket = net.connect({ host: bare(url), port: portOf(url) });
    open.push(socket);
    socket.once('connect', () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => reject(wordOf(error)));
  });
}

/** Asks the proxy for a tunnel. */
function tunnelled(socket: Socket, target: URL, { url }: ProxyInForce, limit: AbortSignal): Promise<void> {
  const { promise, fail, finish } = pending<void>();
  const address = `${target.hostname}:${portOf(target)}`;
  const user = `${percentDecoded(url.username)}:${percentDecoded(url.password)}`;
  const login = user === ':' ? '' : `proxy-authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;
  let answer = '';
  const hear = (part: Buffer) => {
    answer += part.toString('latin1');
    if (!answer.includes('\r\n\r\n') && answer.length < 16_384) return;
    socket.off('data', hear);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
    if (status >= 200 && status < 300) finish();
    else fail(new Stopped('proxy-answer', harmless(strikeOut(answer.split('\r\n')[0] ?? '', [passwordIn(url.href) ?? '']), 80), status));
  };
  socket.on('data', hear);
  socket.once('error', (error: NodeJS.ErrnoException) => fail(new Stopped('proxy-answer', wordOf(error))));
  socket.once('close', () => fail(new Stopped('proxy-answer', answer === '' ? 'it closed the connection without an answer' : harmless(answer, 80), 0)));
  onLimit(limit, () => fail(new Stopped('proxy-answer', 'no answer in time', 0)));
  socket.write(`CONNECT ${address} HTTP/1.1\r\nhost: ${address}\r\n${login}\r\n`);
  return promise;
}

function secured(
  socket: Socket,
  url: URL,
  { ca }: LookOptions,
  limit: AbortSignal,
  open: Socket[],
  step: Step,
): Promise<{ readonly socket: Socket; readonly certificate: SeenCertificate }> {
  return within(limit, step, (resolve, reject) => {
    const host = bare(url);
    const names = net.isIP(host) ? {} : { servername: host };
    const trust = ca === undefined ? {} : { ca: [...systemRoots(), ca] };
    const safe = tls.connect({ socket, host, rejectUnauthorized: false, ...names, ...trust });
    open.push(safe);
    safe.once('secureConnect', () => {
      const leaf = safe.getPeerCertificate(true);
      const refusedFor = safe.authorized ? null : harmless(String(safe.authorizationError), 80);
      const certificate: SeenCertificate = {
        refusedFor,
        issuer: nameOf(leaf.issuer),
        chainEnd: endOf(leaf),
        validFrom: Date.parse(leaf.valid_from ?? ''),
        validUntil: Date.parse(leaf.valid_to ?? ''),
        protocol: safe.getProtocol() ?? 'TLS',
      };
      resolve({ socket: safe, certificate });
    });
    safe.on('error', (error: NodeJS.ErrnoException) => reject(wordOf(error)));
    safe.once('close', () => reject('the connection was closed during the handshake'));
  });
}

/** The issuer of the last certificate that was shown: a root signs itself, so that is its own name. */
function endOf(leaf: DetailedPeerCertificate): string {
  let last = leaf;
  for (let depth = 0; depth < 10; depth++) {
    const above: DetailedPeerCertificate | undefined = last.issuerCertificate;
    if (above === undefined || above.fingerprint256 === last.fingerprint256) break;
    last = above;
  }
  return nameOf(last.issuer);
}

function nameOf(name: unknown): string {
  const fields = typeof name === 'object' && name !== null ? new Map(Object.entries(name)) : new Map<string, unknown>();
  const text = (key: string) => (fields.has(key) ? harmless(String(fields.get(key)), 80) : '');
  const [common, organization] = [text('CN'), text('O')];
  if (common === '') return organization === '' ? 'nobody' : organization;
  return organization === '' || organization === common ? common : `${common} (${organization})`;
}

function within<T>(limit: AbortSignal, step: Step, work: (resolve: (value: T) => void, reject: (seen: string) => void) => void): Promise<T> {
  const { promise, fail, finish } = pending<T>();
  onLimit(limit, () => fail(new Stopped(step, 'no answer in time')));
  work(finish, (seen) => fail(new Stopped(step, seen)));
  return promise;
}

function pending<T>(): { readonly promise: Promise<T>; fail(error: Error): void; finish(value: T): void } {
  let fail: (error: Error) => void = () => undefined;
  let finish: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  return { promise, fail, finish };
}

function onLimit(limit: AbortSignal, act: () => void): void {
  if (limit.aborted) act();
  else limit.addEventListener('abort', act, { once: true });
}

function wordOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return wordOf(error.errors[0]);
  return harmless(error.code ?? error.message, 80);
}
