import type { Part } from './parts.ts';

/** An address as OCSF takes it apart; a bare host name stays whole. */
export function urlOf(text: string, category?: string): Part {
  const mark = text.indexOf('://');
  const scheme = mark > 0 && mark < 20 ? text.slice(0, mark) : undefined;
  const rest = scheme === undefined ? text : text.slice(mark + 3);
  const end = rest.search(/[/?#]/);
  const host = end < 0 ? rest : rest.slice(0, end);
  const tail = end < 0 ? '' : rest.slice(end);
  const query = tail.indexOf('?');
  const path = query < 0 ? tail : tail.slice(0, query);
  const colon = host.lastIndexOf(':');
  const port = colon > 0 && /^[0-9]{1,5}$/.test(host.slice(colon + 1)) ? Number(host.slice(colon + 1)) : undefined;
  return {
    url_string: text,
    scheme,
    hostname: (port === undefined ? host : host.slice(0, colon)) || undefined,
    port: port !== undefined && port <= 65_535 ? port : undefined,
    path: path || undefined,
    query_string: query < 0 ? undefined : tail.slice(query + 1) || undefined,
    categories: category === undefined ? undefined : [category],
  };
}
