/** Which proxy a call takes, and who says so. */
import type { Via } from '../../core/world.ts';

export interface ProxyInForce {
  readonly url: URL;
  /** Where it is set: `central.proxy`, or a variable. */
  readonly setBy: string;
}

/**
 * The proxy for a URL; `null`: none.
 *
 * Calls    reads the variables of the process, as the HTTP client does: small letters first, and https takes the proxy of http when it has none.
 */
export function proxyFor(target: URL, { proxy }: Via, place: string): ProxyInForce | null {
  if (proxy === null) return null;
  if (proxy !== undefined) return URL.canParse(proxy) ? { url: new URL(proxy), setBy: place } : null;
  if (isExcepted(target)) return null;
  const names = target.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined && value !== '' && URL.canParse(value)) return { url: new URL(value), setBy: `the variable ${name}` };
  }
  return null;
}

/** Is the host excepted by NO_PROXY? */
function isExcepted({ hostname, port, protocol }: URL): boolean {
  const list = process.env.no_proxy ?? process.env.NO_PROXY ?? '';
  if (list.trim() === '*') return true;
  const wanted = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return list
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, host = entry, only] = /^(.+):(\d+)$/.exec(entry) ?? [];
      const name = host.replace(/^\*?\./, '').toLowerCase();
      return (only === undefined || only === wanted) && (hostname === name || hostname.endsWith(`.${name}`));
    });
}

/** Without user and password. */
export function shownProxy({ url }: ProxyInForce): string {
  return `${url.protocol}//${url.username === '' ? '' : '[user]@'}${hostAndPort(url)}`;
}

export function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`;
}
