/** A webhook on loopback: it wants a token, checks signatures as a careful receiver does, and keeps what it takes. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Asked, type Misbehaving, startMisbehaving, type Ways } from './misbehaving.ts';

export interface Webhook extends Misbehaving {
  /** Each record that it took, with where it came to. */
  readonly taken: readonly { readonly path: string; readonly line: string }[];
  refuseLinesWith(text: string): void;
}

export interface WebhookWays {
  readonly bearer?: string;
  /** Key of the signatures that it wants. */
  readonly key?: string;
  readonly maxBytes?: number;
  readonly tls?: Ways['tls'];
  /** Status of a success. */
  readonly status?: number;
}

export async function startWebhook({ bearer, key, maxBytes = 5_000_000, tls, status = 200 }: WebhookWays = {}): Promise<Webhook> {
  const taken: { path: string; line: string }[] = [];
  let refused: string | null = null;
  const far = await startMisbehaving({
    ...(tls ? { tls } : {}),
    bringsRecords: ({ method }) => method !== 'HEAD',
    take(asked) {
      if (asked.method === 'HEAD') return { status: 405 };
      // Echoed as nobody should, so that tests see that a secret does not pass through.
      if (bearer !== undefined && asked.headers.authorization !== `Bearer ${bearer}`) return { status: 401, body: `no: ${asked.headers.authorization}` };
      if (key !== undefined && !isSigned(asked, key)) return { status: 403, body: 'wrong signature' };
      if (asked.body.length > maxBytes) return { status: 413, body: 'too large' };
      const lines = linesOf(asked);
      if (lines === null) return { status: 415, body: 'what is this?' };
      if (lines.some((line) => refused !== null && line.includes(refused))) return { status: 422, body: { message: 'refused' } };
      for (const line of lines) taken.push({ path: asked.path, line });
      return { status, body: { ok: true } };
    },
  });
  return {
    ...far,
    taken,
    refuseLinesWith(text) {
      refused = text;
    },
  };
}

/** As docs/http.md tells receivers to check. */
function isSigned({ headers, wire }: Asked, key: string): boolean {
  const wanted = createHmac('sha256', key).update(`${headers['x-signature-timestamp']}.`).update(wire).digest('hex');
  const given = Buffer.from(String(headers['x-signature']));
  const right = Buffer.from(`sha256=${wanted}`);
  return given.length === right.length && timingSafeEqual(given, right);
}

/** The records of a body, byte for byte; null when it is not what its content type says. */
function linesOf({ headers, body }: Asked): string[] | null {
  const type = String(headers['content-type']);
  if (type === 'application/x-ndjson' || type.startsWith('text/plain')) {
    if (headers['x-layout'] === 'one') return [body];
    return body.endsWith('\n') ? body.slice(0, -1).split('\n') : null;
  }
  if (type !== 'application/json') return null;
  return body.startsWith('[') ? elementsOf(body) : [body];
}

/** The elements of a JSON array as they were written; a text is unquoted. */
function elementsOf(body: string): string[] | null {
  const elements: string[] = [];
  let at = 1;
  if (!Array.isArray(JSON.parse(body))) return null;
  while (body[at] !== ']') {
    const start = at;
    for (let depth = 0; at < body.length; at++) {
      const letter = body[at];
      if (letter === '"') {
        at++;
        while (body[at] !== '"') at += body[at] === '\\' ? 2 : 1;
      } else if (letter === '{' || letter === '[') depth++;
      else if (depth > 0 && (letter === '}' || letter === ']')) depth--;
      else if (depth === 0 && (letter === ',' || letter === ']')) break;
    }
    const text = body.slice(start, at);
    const value: unknown = JSON.parse(text);
    elements.push(typeof value === 'string' ? value : text);
    if (body[at] === ',') at++;
  }
  return elements;
}
