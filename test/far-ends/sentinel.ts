/**
 * Entra and the Logs Ingestion API on one port of loopback: it gives tokens to one app registration, takes rows for the streams that its
 * rule declares, is strict about both, and misbehaves on request.
 */
import { type Answer, type Asked, type Misbehaving, startMisbehaving, type Ways } from './misbehaving.ts';

export interface Row {
  readonly stream: string;
  readonly columns: Readonly<Record<string, unknown>>;
  /** As it was written. */
  readonly source: string;
}

export interface SentinelEnd extends Misbehaving {
  readonly rows: readonly Row[];
  readonly tokensGiven: number;
  /** Answers to the next requests for a token, one each. */
  readonly tokenFaults: Answer[];
  /** No token given so far is good any more. */
  revokeTokens(): void;
  refuseRowsWith(text: string): void;
  withdrawRole(): void;
}

export interface SentinelWays {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly dcrImmutableId: string;
  readonly streams: readonly string[];
  readonly tls?: Ways['tls'];
}

const error = (status: number, code: string, message: string): Answer => ({ status, body: { error: { code, message } } });
const mostBytes = 1_048_576;

export async function startSentinel(ways: SentinelWays): Promise<SentinelEnd> {
  const { tenantId, clientId, clientSecret, dcrImmutableId, streams, tls } = ways;
  const rows: Row[] = [];
  const tokenFaults: Answer[] = [];
  let refused: string | null = null;
  let hasRole = true;
  let given = 0;
  let good = new Set<string>();

  function giveToken({ method, headers, body }: Asked): Answer {
    const fault = tokenFaults.shift();
    if (fault) return fault;
    if (method !== 'POST' || headers['content-type'] !== 'application/x-www-form-urlencoded') return { status: 400, body: { error: 'invalid_request' } };
    const form = new URLSearchParams(body);
    if (form.get('grant_type') !== 'client_credentials') return { status: 400, body: { error: 'unsupported_grant_type' } };
    if (form.get('scope') !== 'https://monitor.azure.com//.default') return { status: 400, body: { error: 'invalid_scope', error_description: 'AADSTS70011' } };
    if (form.get('client_id') !== clientId)
      return { status: 400, body: { error: 'unauthorized_client', error_description: `AADSTS700016: Application '${form.get('client_id')}' was not found` } };
    // Repeated as nobody should, so that tests see that a secret does not pass through.
    if (form.get('client_secret') !== clientSecret)
      return {
        status: 401,
        body: { error: 'invalid_client', error_description: `AADSTS7000215: Invalid client secret: ${form.get('client_secret')}\r\nTrace ID: 1` },
      };
    const token = `token-${++given}-hunter2-0123456789`;
    good.add(token);
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token: token } };
  }

  function takeRows({ path, query, headers, body, wire }: Asked): Answer {
    const token = /^Bearer (.+)$/.exec(String(headers.authorization))?.[1] ?? '';
    if (!good.has(token)) return error(401, 'Unauthorized', `token ${token} is not good`);
    const found = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)$/.exec(path);
    if (!found || query.get('api-version') !== '2023-01-01') return error(400, 'InvalidRequestPath', 'The request path is invalid');
    const [, dcr, stream = ''] = found;
    if (dcr !== dcrImmutableId) return error(404, 'NotFound', `Data collection rule with immutable Id '${dcr}' not found.`);
    if (!hasRole)
      return error(
        403,
        'OperationFailed',
        `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${dcr}'.`,
      );
    if (!streams.includes(stream)) return error(400, 'InvalidStream', `Stream: ${stream} was not configured to be supported as part of the pipeline.`);
    if (headers['content-type'] !== 'application/json') return error(415, 'UnsupportedMediaType', 'Content type must be JSON');
    if (wire.length > mostBytes || Buffer.byteLength(body) > mostBytes)
      return error(413, 'ContentLengthLimitExceeded', 'Maximum allowed content length: 1048576 bytes');
    const parsed: unknown = JSON.parse(body);
    if (!Array.isArray(parsed)) return error(400, 'InvalidPayload', 'not an array');
    const sources = parsed.length === 0 ? [] : elementsOf(body);
    if (refused !== null && sources.some((source) => source.includes(refused as string))) return error(400, 'InvalidPayload', 'a record cannot be read');
    for (const [i, columns] of (parsed as Record<string, unknown>[]).entries()) rows.push({ stream, columns, source: sources[i] ?? '' });
    return { status: 204 };
  }

  const far = await startMisbehaving({
    ...(tls ? { tls } : {}),
    bringsRecords: ({ path, body }) => path.startsWith('/dataCollectionRules/') && body !== '[]',
    take: (asked) => (asked.path === `/${tenantId}/oauth2/v2.0/token` ? giveToken(asked) : takeRows(asked)),
  });
  return {
    ...far,
    rows,
    tokenFaults,
    get tokensGiven() {
      return given;
    },
    revokeTokens() {
      good = new Set();
    },
    refuseRowsWith(text) {
      refused = text;
    },
    withdrawRole() {
      hasRole = false;
    },
  };
}

/** The objects of an array as they were written. */
function elementsOf(body: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < body.length; at++) {
    const letter = body[at];
    if (letter === '"') {
      at++;
      while (body[at] !== '"') at += body[at] === '\\' ? 2 : 1;
    } else if (letter === '{' || letter === '[') {
      if (depth++ === 1) start = at;
    } else if ((letter === '}' || letter === ']') && --depth === 1) elements.push(body.slice(start, at + 1));
  }
  return elements;
}
