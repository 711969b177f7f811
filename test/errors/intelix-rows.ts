/** Every answer of Intelix that is no success, and everything that is refused before it is asked. */
import { CentralError } from '../../src/core/failure.ts';
import { Intelix, type IntelixOptions } from '../../src/intelix.ts';
import { FarIntelix, type IntelixAsked, type IntelixFault } from '../far-ends/intelix.ts';
import { type Bench, correlationId, hostile } from './bench.ts';
import type { Row } from './row.ts';

type Told = Pick<Row, 'kind' | 'code' | 'seen'> & Partial<Row>;

/** Repeats whatever it was sent, and what a terminal would act upon. */
const repeating =
  (status: number, error: string) =>
  ({ headers, body }: IntelixAsked): IntelixFault => ({
    status,
    body: { error, message: `${hostile} ${headers.authorization} ${basicOf(headers.authorization)} ${body.toString()}`, correlationId },
  });

const basicOf = (header = '') => Buffer.from(header.replace('Basic ', ''), 'base64').toString();

function intelix(bench: Bench, far: FarIntelix, options: Partial<IntelixOptions> = {}): Intelix {
  const { clientId, clientSecret, url } = far;
  const client = new Intelix({ clientId, clientSecret, authUrl: url, apiUrl: url, retries: 0, timeoutMs: 5000, proxy: null, ...options });
  bench.later(() => client.close());
  return client;
}

async function farAnswering(bench: Bench, path: string, answer: (asked: IntelixAsked) => IntelixFault): Promise<FarIntelix> {
  const far = await new FarIntelix().open();
  bench.later(() => far.close());
  far.intercept = (asked) => (asked.target.startsWith(path) ? answer(asked) : null);
  return far;
}

function lookup(what: string, answer: (asked: IntelixAsked) => IntelixFault, told: Told): Row {
  return {
    what: `a lookup: ${what}`,
    exit: told.kind === 'auth' ? 3 : 1,
    attempted: /^GET \/lookup\/urls\/v1\/\{url\} at 127\.0\.0\.1:\d+, to look up the URL "example\.com": /,
    correlationId,
    ...told,
    provoke: async (bench) => intelix(bench, await farAnswering(bench, '/lookup', answer)).url('example.com'),
  };
}

function options(what: string, given: Partial<IntelixOptions>, told: Pick<Row, 'code' | 'attempted' | 'seen'>): Row {
  return { what, kind: 'config', exit: 2, ...told, provoke: async () => new Intelix({ clientId: 'a', clientSecret: new FarIntelix().clientSecret, ...given }) };
}

function input(what: string, address: string, attempted: RegExp, seen: RegExp): Row {
  return {
    what,
    kind: 'rejected',
    code: 'intelix.bad-input',
    exit: 1,
    attempted,
    seen,
    provoke: (bench) => intelix(bench, new FarIntelix(), { authUrl: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' }).url(address),
  };
}

export const intelixRows: readonly Row[] = [
  {
    what: 'the credential of Intelix is refused',
    kind: 'auth',
    code: 'intelix.credentials-refused',
    exit: 3,
    attempted: /^Intelix refused the credential: POST \/oauth2\/token at 127\.0\.0\.1:\d+, to get a token: /,
    seen: /401, .*; Intelix says "invalid_client: .*\[secret\]/,
    correlationId,
    provoke: async (bench) => intelix(bench, await farAnswering(bench, '/oauth2', repeating(401, 'invalid_client'))).test(),
  },
  lookup('three fresh tokens are refused', repeating(401, 'unauthorized'), {
    kind: 'auth',
    code: 'intelix.token-refused',
    seen: /401, the token was not accepted; Intelix says "unauthorized: .*\[secret\]/,
  }),
  lookup('400', repeating(400, 'badUrl'), {
    kind: 'rejected',
    code: 'intelix.bad-input',
    seen: /400, what was asked for was not accepted; Intelix says "badUrl: /,
  }),
  lookup('403', repeating(403, 'forbidden'), {
    kind: 'auth',
    code: 'intelix.not-subscribed',
    seen: /403, the credential does not open this service; Intelix says "forbidden: /,
  }),
  lookup('404 of a host that is another', () => ({ status: 404, body: '<h1>nothing here</h1>', headers: { 'x-correlation-id': correlationId } }), {
    kind: 'rejected',
    code: 'intelix.not-found',
    seen: /404, there is no such object or route on this host/,
  }),
  lookup('405', repeating(405, 'x'), { kind: 'rejected', code: 'intelix.refused', seen: /405, the request was refused; Intelix says "x: / }),
  lookup('429', () => ({ status: 429, headers: { 'retry-after': '7' }, body: { correlationId } }), {
    kind: 'transient',
    code: 'intelix.throttled',
    seen: /429, too many requests, or the allowance/,
    retryAfterMs: 7000,
  }),
  lookup('503 with a page of a gateway', () => ({ status: 503, body: '<h1>busy</h1>', headers: { 'x-correlation-id': correlationId } }), {
    kind: 'transient',
    code: 'intelix.unavailable',
    seen: /503, Intelix or a gateway before it is not available/,
  }),
  lookup('a redirect', () => ({ status: 307, headers: { location: 'https://evil.example', 'x-correlation-id': correlationId } }), {
    kind: 'transient',
    code: 'intelix.redirected',
    seen: /307, we were sent elsewhere, and did not go/,
  }),
  lookup('a page instead of an answer', () => ({ body: '<html>', headers: { 'x-correlation-id': correlationId } }), {
    kind: 'transient',
    code: 'intelix.bad-body',
    seen: /200, the body is not JSON, or not all of it/,
  }),
  {
    what: 'a file that is too large to analyse',
    kind: 'rejected',
    code: 'intelix.too-large',
    exit: 1,
    attempted: /^POST \/analysis\/file\/static\/v1 at 127\.0\.0\.1:\d+, to have a file of 3 bytes analysed: /,
    seen: /413, the file is too large/,
    correlationId,
    provoke: async (bench) => intelix(bench, await farAnswering(bench, '/analysis', repeating(413, 'x'))).analysis.submit('static', Buffer.from('abc')),
  },
  {
    what: 'a lookup that meets a reset connection',
    kind: 'transient',
    code: 'http.reset',
    exit: 1,
    attempted: /^GET to 127\.0\.0\.1:\d+: /,
    seen: new RegExp(`closed before an answer .*\\(correlation id ${correlationId}\\)$`),
    async provoke(bench) {
      const far = await farAnswering(bench, '/lookup', () => 'reset');
      return intelix(bench, far)
        .url('example.com', { correlationId })
        .catch((error: unknown) => {
          if (error instanceof CentralError) throw new Error('nobody answered');
          throw error;
        });
    },
  },
  input('an empty address', '  ', /^The address to look up is empty/, /nothing was sent$/),
  input('an address with control characters', 'a\u001b[2Jb', /^The address to look up holds control characters: "a\\u001b\[2Jb"/, /nothing was sent$/),
  input('an address that is too long', 'ä'.repeat(5000), /^The address to look up is too long: 30000 bytes when encoded/, /8192 are possible/),
  options(
    'there is no id for Intelix',
    { clientId: '' },
    { code: 'intelix.no-credential', attempted: /^There is no credential for Intelix/, seen: /both needed/ },
  ),
  options(
    'the region of Intelix is not known',
    { region: 'mars' as 'us' },
    { code: 'intelix.region', attempted: /^The `region` of Intelix/, seen: /none of us, de/ },
  ),
  options(
    'the host of Intelix is no URL',
    { apiUrl: 'u:correct-horse-battery-staple-intelix@x' },
    {
      code: 'intelix.url',
      attempted: /^`apiUrl` of Intelix/,
      seen: /is not an http or https URL/,
    },
  ),
];
