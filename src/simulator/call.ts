import type { IncomingHttpHeaders } from 'node:http';

/** One request, read whole. */
export interface Call {
  /** A HEAD is served as the GET that it stands for; the server leaves the body out. */
  readonly method: string;
  /** Without double slashes and without one at the end: clients join a base and a path as they like. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Where the client found us, such as `http://localhost:8080`; null when it did not say. */
  readonly origin: string | null;
}

/** A header that counts only when it came once. */
export function headerOf(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** A query parameter; one without a value counts as not given. */
export function parameterOf(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

/** Reads a request target, in origin form or, as proxies send it, in absolute form. */
export function targetOf(target: string): Pick<Call, 'path' | 'query'> {
  const [, path = '/', query = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(target) ?? [];
  const tidy = path.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
  return { path: tidy === '' ? '/' : tidy, query: new URLSearchParams(query) };
}

/** The origin that the client's `Host` names: its apiHost must be one that it can reach, be it behind a name or a mapped port. */
export function originOf(host: string | undefined, isTls: boolean): string | null {
  if (host === undefined || !/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host)) return null;
  return `${isTls ? 'https' : 'http'}://${host}`;
}
