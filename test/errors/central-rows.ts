/** Every answer of Central that is no success, from the identity service to a tenant's feed. */
import type { Asked, FarCentral, Fault } from '../far-ends/central.ts';
import { type Bench, correlationId, formA, formC, hostile, legacyKey, legacyToken, page, sayingTo } from './bench.ts';
import type { Row } from './row.ts';

type Answer = Fault | ((asked: Asked) => Fault);
type Told = Pick<Row, 'kind' | 'code' | 'seen'> & Partial<Row>;

const tokenAsked = /POST \/api\/v2\/oauth2\/token at 127\.0\.0\.1:\d+, to get a token: /;
const feedAsked = /^GET \/siem\/v1\/events at 127\.0\.0\.1:\d+, to read the SIEM events of tenant tenant-1: /;
const whoamiAsked = /^GET \/whoami\/v1 at 127\.0\.0\.1:\d+, to learn whose credential this is: /;
const tenantsAsked = /^GET \/partner\/v1\/tenants at 127\.0\.0\.1:\d+, to read the tenants of the partner: /;

/** The token endpoint answers so. */
function token(what: string, answer: Answer, told: Told): Row {
  const exit = told.kind === 'auth' ? 3 : 1;
  return {
    what: `the token endpoint: ${what}`,
    exit,
    attempted: tokenAsked,
    ...told,
    provoke: async (bench) => bench.client((await bench.central('/api/v2/oauth2', answer)).url).whoami(),
  };
}

/** Any call answers so; here one for a page of events. */
function call(what: string, answer: Answer, told: Told): Row {
  const exit = told.kind === 'auth' ? 3 : 1;
  return {
    what: `a call: ${what}`,
    exit,
    attempted: feedAsked,
    ...told,
    provoke: async (bench) => readPage(bench, await bench.central('/siem/', answer)),
  };
}

function readPage(bench: Bench, { url }: FarCentral, apiHost: string | null = url): Promise<unknown> {
  return bench.client(url).siem.page('events', { id: 'tenant-1', apiHost }, {});
}

function whoami(what: string, body: unknown, told: Told): Row {
  return {
    what: `whoami ${what}`,
    exit: 1,
    attempted: whoamiAsked,
    ...told,
    provoke: async (bench) => bench.client((await bench.central('/whoami', { body, headers: { 'x-correlation-id': correlationId } })).url).whoami(),
  };
}

function tenants(what: string, answer: Answer, told: Told): Row {
  return {
    what: `the tenant list ${what}`,
    exit: 1,
    attempted: tenantsAsked,
    ...told,
    async provoke(bench) {
      const far = await bench.central('/partner', answer);
      far.idType = 'partner';
      for await (const each of bench.client(far.url).tenants) if (each.id === 'never') return;
    },
  };
}

const refused = { kind: 'auth', code: 'central.credentials-refused' } as const;
const badBody = { kind: 'transient', code: 'central.bad-body' } as const;
const hosts = { global: 'https://api.central.sophos.com' };
const legacyLine = (url: string) => `url: ${url}/gateway, x-api-key: ${legacyKey}, Authorization: Basic ${legacyToken}`;

const tokenRows: readonly Row[] = [
  token('the secret is wrong', (asked) => ({ status: 401, body: { errorCode: 'oauth.invalid_client_secret', message: sayingTo(asked), trackingId: 't-1' } }), {
    ...refused,
    seen: /401, .*Central says "oauth\.invalid_client_secret: .*\(correlation id t-1\)/,
    correlationId: 't-1',
  }),
  token('the id is unknown', (asked) => ({ status: 400, body: { error: 'invalid_client', message: sayingTo(asked), correlationId } }), {
    ...refused,
    seen: /400, .*invalid_client/,
    correlationId,
  }),
  token('the credential is locked', formA(403, 'Forbidden'), { ...refused, seen: /403, .*Forbidden/, correlationId }),
  token(
    '200 with another word than success',
    { body: { errorCode: 'expired', message: hostile, trackingId: 't-2', access_token: 'x' } },
    {
      ...refused,
      seen: /200, no token was given; Central says "expired: /,
      correlationId: 't-2',
    },
  ),
  token('there is none', page(404), { kind: 'rejected', code: 'central.not-found', seen: /404, there is no such/ }),
  token('too many requests', formA(429, 'TooManyRequests', { 'retry-after': '7' }), {
    kind: 'transient',
    code: 'central.throttled',
    seen: /429, too many requests/,
    correlationId,
    retryAfterMs: 7000,
  }),
  token('an error inside', formA(500, 'InternalServerError'), { kind: 'transient', code: 'central.server-error', seen: /500, an error inside/, correlationId }),
  token('a gateway is down', page(502), { kind: 'transient', code: 'central.unavailable', seen: /502, .*not available/ }),
  token('a page instead of JSON', page(200), { ...badBody, seen: /200, the body is not JSON/ }),
  token('JSON that stops half-way', { raw: '{"access_token":"' }, { ...badBody, seen: /200, the body is not JSON, or not all of it/ }),
  token('no token in it', { body: { errorCode: 'success', trackingId: 't-3' } }, { ...badBody, seen: /no `access_token`/, correlationId: 't-3' }),
  token('a token that would forge a header', { body: { access_token: 'a\r\nx: y', errorCode: 'success' } }, { ...badBody, seen: /no `access_token`/ }),
  token(
    'it sends us elsewhere',
    { status: 302, headers: { location: 'https://login.example/' } },
    {
      kind: 'transient',
      code: 'central.redirected',
      seen: /302, we were sent elsewhere/,
    },
  ),
];

const transient = { kind: 'transient', correlationId } as const;
const rejected = { kind: 'rejected', correlationId } as const;

const callRows: readonly Row[] = [
  call('a wrong parameter', formA(400, 'BadRequest'), { ...rejected, code: 'central.bad-request', seen: /400, .*BadRequest/ }),
  call('three fresh tokens are refused', formA(401, 'Unauthorized'), {
    kind: 'auth',
    code: 'central.token-refused',
    seen: /401, the token was not accepted; Central says "Unauthorized: /,
    correlationId,
  }),
  call('forbidden, form A', formA(403, 'Forbidden'), { ...rejected, code: 'central.forbidden', seen: /403, .*Forbidden: .*correlation id c0ffee/ }),
  call('forbidden, form C', formC(403, 'Forbidden'), { kind: 'rejected', code: 'central.forbidden', seen: /403, access is not permitted; .*"Forbidden/ }),
  call('a page that forbids', page(403), { kind: 'rejected', code: 'central.forbidden', seen: /403/ }),
  call('no such object', formA(404, 'ResourceNotFound'), { ...rejected, code: 'central.not-found', seen: /404, .*ResourceNotFound/ }),
  call('a conflict', formA(409, 'Conflict'), { ...rejected, code: 'central.conflict', seen: /409, .*Conflict/ }),
  call('values that do not fit', formA(422, 'Unprocessable'), { ...rejected, code: 'central.unprocessable', seen: /422, .*Unprocessable/ }),
  call('a status that is not in the reference', formA(418, 'Teapot'), { ...rejected, code: 'central.refused', seen: /418, .*Teapot/ }),
  call('too slow', formA(408, 'RequestTimeout'), { ...transient, code: 'central.unavailable', seen: /408, / }),
  call('throttled with a wish', formA(429, 'TooManyRequests', { 'retry-after': '30' }), {
    ...transient,
    code: 'central.throttled',
    seen: /429, too many requests; .*TooManyRequests/,
    retryAfterMs: 30_000,
  }),
  call('throttled until a date', formA(429, 'TooManyRequests', { 'retry-after': 'Fri, 20 Nov 2026 12:01:00 GMT' }), {
    ...transient,
    code: 'central.throttled',
    seen: /429, too many requests/,
    retryAfterMs: 60_000,
  }),
  call('throttled without a wish', formA(429, 'TooManyRequests'), { ...transient, code: 'central.throttled', seen: /429, too many requests/ }),
  call('throttled without a word', { status: 429 }, { kind: 'transient', code: 'central.throttled', seen: /429, too many requests$/ }),
  call('an error inside', formA(500, 'InternalServerError'), { ...transient, code: 'central.server-error', seen: /500, an error inside Central/ }),
  call('a page of a gateway', page(502), { kind: 'transient', code: 'central.unavailable', seen: /502, Central or a gateway/ }),
  call('closed for maintenance', formA(503, 'ServiceUnavailable', { 'retry-after': '120' }), {
    ...transient,
    code: 'central.unavailable',
    seen: /503, .*ServiceUnavailable/,
    retryAfterMs: 120_000,
  }),
  call('a gateway that waited in vain', page(504), { kind: 'transient', code: 'central.unavailable', seen: /504, / }),
  call('a login page', { status: 302, headers: { location: 'https://login.example/' } }, { kind: 'transient', code: 'central.redirected', seen: /302, / }),
  call('a page instead of items', page(200), { ...badBody, seen: /200, the body is broken/ }),
  call(
    'items that stop half-way',
    { raw: '{"items":[{"id":"1","created_at"', headers: { 'x-correlation-id': correlationId } },
    { ...badBody, seen: /200, the body is broken/, correlationId },
  ),
  call('no `has_more`', { body: { items: [], next_cursor: 'x' } }, { ...badBody, seen: /200, there is no `has_more`/ }),
  {
    what: "a tenant's host is not Sophos'",
    kind: 'rejected',
    code: 'central.foreign-host',
    exit: 1,
    attempted: /^the account, for tenant tenant-1, named the host "https:\/\/evil\.example/,
    seen: /not Sophos': nothing was sent/,
    provoke: async (bench) => readPage(bench, await bench.central(), `https://evil.example/${hostile}`),
  },
  {
    what: 'a tenant without a host',
    kind: 'rejected',
    code: 'central.no-api-host',
    exit: 1,
    attempted: /^Tenant tenant-1 /,
    seen: /no API host yet/,
    provoke: async (bench) => readPage(bench, await bench.central(), null),
  },
];

const accountRows: readonly Row[] = [
  whoami('says nothing', null, { ...badBody, seen: /200, it lacks `id`/, correlationId }),
  whoami('names no hosts', { id: 'a', idType: 'tenant', message: hostile }, { ...badBody, seen: /200, it lacks .*`apiHosts`/, correlationId }),
  whoami('is a list', [], { ...badBody, seen: /200, it lacks/, correlationId }),
  whoami(
    "names a host that is not Sophos'",
    { id: 'a', idType: 'tenant', apiHosts: { global: `https://api.sophos.com.evil.example/${hostile}` } },
    { kind: 'rejected', code: 'central.foreign-host', attempted: /^whoami named the host "https:\/\/api\.sophos\.com\.evil/, seen: /nothing was sent there/ },
  ),
  {
    ...whoami('is of a kind that we do not know', { id: 'a', idType: `reseller${hostile}`, apiHosts: hosts }, { kind: 'rejected', code: 'x', seen: /x/ }),
    code: 'central.account-kind',
    attempted: /^The credential belongs to an account of the kind "reseller/,
    seen: /no list of tenants/,
    async provoke(bench) {
      const far = await bench.central('/whoami', { body: { id: 'a', idType: `reseller${hostile}`, apiHosts: hosts } });
      for await (const each of bench.client(far.url).tenants) if (each.id === 'never') return;
    },
  },
  tenants('is forbidden', formA(403, 'Forbidden'), { ...rejected, code: 'central.forbidden', seen: /403, / }),
  tenants('has no items', { body: { pages: {} } }, { ...badBody, seen: /200, there is no `items` array/ }),
  tenants('has an item without id', { body: { items: [{ name: hostile }] } }, { ...badBody, seen: /200, it holds a tenant without an `id`/ }),
  tenants(
    'gives the same page for ever',
    { body: { items: [{ id: 'a', name: 'A' }], pages: { size: 1 } } },
    {
      kind: 'rejected',
      code: 'central.page-loop',
      attempted: /^Reading the tenants of the partner was given up/,
      seen: /page 2 holds only what earlier pages held/,
    },
  ),
];

const credentialRows: readonly Row[] = [
  {
    what: 'no credential at all',
    kind: 'config',
    code: 'central.no-credential',
    exit: 2,
    attempted: /`clientId` and `clientSecret`/,
    seen: /There is no credential/,
    provoke: async (bench) => bench.client('https://id.sophos.com', { clientId: '' }),
  },
  {
    what: 'an address that is no URL',
    kind: 'config',
    code: 'central.url',
    exit: 2,
    attempted: /`authUrl`/,
    seen: /not an http or https URL/,
    provoke: async (bench) => bench.client(`ftp://me:${legacyKey}@host`),
  },
  {
    what: 'a legacy token that is not the whole line',
    kind: 'config',
    code: 'central.legacy-token',
    exit: 2,
    attempted: /`siemToken`/,
    seen: /not the line that Central shows/,
    provoke: async (bench) => bench.client('https://id.sophos.com', { siemToken: `x-api-key: ${legacyKey}` }),
  },
  {
    what: "a legacy token for a host that is not Sophos'",
    kind: 'config',
    code: 'central.foreign-host',
    exit: 2,
    attempted: /^`siemToken` named the host "https:\/\/evil\.example/,
    seen: /not Sophos'/,
    provoke: async (bench) => bench.client('https://id.sophos.com', { siemToken: legacyLine('https://evil.example') }),
  },
  {
    what: 'a legacy token that is refused',
    kind: 'auth',
    code: 'central.legacy-token-refused',
    exit: 3,
    attempted: /^GET \/gateway\/siem\/v1\/events at 127\.0\.0\.1:\d+, to read the SIEM events of tenant legacy: /,
    seen: /403, access is not permitted; Central says "Forbidden: /,
    correlationId,
    async provoke(bench) {
      const far = await bench.central('/gateway', formA(403, 'Forbidden'));
      return bench.client(far.url, { siemToken: legacyLine(far.url) }).siem.page('events', { id: 'legacy' }, {});
    },
  },
  {
    what: 'whoami with a legacy token',
    kind: 'config',
    code: 'central.legacy-whoami',
    exit: 2,
    attempted: /legacy API token cannot be asked whose it is/,
    seen: /SIEM feeds only/,
    async provoke(bench) {
      const far = await bench.central();
      return bench.client(far.url, { siemToken: legacyLine(far.url) }).whoami();
    },
  },
];

/** What library users get wrong: nothing is sent. */
const libraryRows: readonly Row[] = [
  {
    what: 'something that is no id',
    kind: 'rejected',
    code: 'central.bad-id',
    exit: 1,
    attempted: /^To read an endpoint, /,
    seen: /an id is needed: "\.\." is none/,
    provoke: async (bench) => tenantCalls(bench, await bench.central()).endpoints.get('..'),
  },
  {
    what: 'an empty list of ids',
    kind: 'rejected',
    code: 'central.bad-parameter',
    exit: 1,
    attempted: /^To take a user out of groups, /,
    seen: /`ids` is empty, which Central would take for everything/,
    provoke: async (bench) => tenantCalls(bench, await bench.central()).users.removeFromGroups('u', { ids: [] }),
  },
  {
    what: 'a call about endpoints with a legacy token',
    kind: 'config',
    code: 'central.legacy-calls',
    exit: 2,
    attempted: /^A legacy API token /,
    seen: /SIEM feeds only/,
    async provoke(bench) {
      const far = await bench.central();
      return bench
        .client(far.url, { siemToken: legacyLine(far.url) })
        .forTenant({ id: 'legacy', apiHost: far.url })
        .endpoints.get('e');
    },
  },
];

function tenantCalls(bench: Bench, { url }: FarCentral) {
  return bench.client(url).forTenant({ id: 'tenant-1', apiHost: url });
}

export const centralRows: readonly Row[] = [...tokenRows, ...callRows, ...accountRows, ...credentialRows, ...libraryRows];
