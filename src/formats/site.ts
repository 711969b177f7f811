import { portIn } from './meaning/values.ts';

/** The parts of an address. */
export interface Site {
  /** The whole, where it has a scheme. */
  readonly full?: string | undefined;
  readonly scheme?: string | undefined;
  readonly domain?: string | undefined;
  readonly port?: number | undefined;
  readonly path?: string | undefined;
  readonly query?: string | undefined;
  readonly fragment?: string | undefined;
}

/** Takes an address apart, also a bare host name, and one that no standard would allow. */
export function siteOf(address: string): Site {
  const mark = address.indexOf('://');
  const hasScheme = mark > 0 && /^[a-z][a-z0-9+.-]{0,19}$/i.test(address.slice(0, Math.min(mark, 30)));
  const start = hasScheme ? mark + 3 : 0;
  const [beforeFragment, fragment] = parted(address.slice(start), '#');
  const [beforeQuery, query] = parted(beforeFragment, '?');
  const slash = beforeQuery.indexOf('/');
  const authority = slash < 0 ? beforeQuery : beforeQuery.slice(0, slash);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const { domain, port } = hostAndPort(host);
  return {
    full: hasScheme ? address : undefined,
    scheme: hasScheme ? address.slice(0, mark).toLowerCase() : undefined,
    domain: domain === '' ? undefined : domain,
    port,
    path: slash < 0 ? undefined : beforeQuery.slice(slash),
    query: query === '' ? undefined : query,
    fragment: fragment === '' ? undefined : fragment,
  };
}

function hostAndPort(host: string): { readonly domain: string; readonly port?: number | undefined } {
  const colon = host.lastIndexOf(':');
  // An IPv6 address has colons of its own, within brackets.
  if (colon < 0 || host.indexOf(']', colon) >= 0) return { domain: host };
  const port = portIn(host.slice(colon + 1));
  return port === undefined ? { domain: host } : { domain: host.slice(0, colon), port };
}

function parted(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
