import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, type Visitor, withSimulator } from './client.ts';

const FORM = 'application/x-www-form-urlencoded';

function login(at: Visitor, { id = at.simulator.intelixClientId, secret = at.simulator.intelixClientSecret, body = 'grant_type=client_credentials' } = {}) {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  return at.request('POST', '/oauth2/token', { authorization, 'content-type': FORM }, body);
}

async function asker(at: Visitor): Promise<(path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>> {
  const token = (await login(at)).json.access_token;
  return (path, headers = {}) => at.request('GET', path, { authorization: token, ...headers });
}

const urlPath = (url: string) => `/lookup/urls/v1/${encodeURIComponent(url)}`;

describe('the Intelix token', () => {
  test('is given to its own client with Basic authorization and a form, and to nobody else', () =>
    withSimulator({}, async (at) => {
      expect((await login(at)).json).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: 'Bearer' });
      expect((await login(at, { secret: 'wrong' })).status).toBe(401);
      expect((await login(at, { id: at.simulator.clientId, secret: at.simulator.clientSecret })).status).toBe(401);
      expect((await login(at, { body: 'grant_type=password' })).status).toBe(400);
      expect((await at.request('POST', '/oauth2/token', { 'content-type': FORM }, 'grant_type=client_credentials')).status).toBe(401);
      expect((await at.request('GET', '/oauth2/token')).status).toBe(405);
      expect((await at.sim('GET', 'intelix')).json.tokens).toBe(1);
    }));

  test('travels raw, lives an hour of simulator time, is no token of Central, and ends when revoked', () =>
    withSimulator({}, async (at) => {
      const path = urlPath('example.com');
      const ask = await asker(at);
      expect((await ask(path)).status).toBe(200);
      const token = (await login(at)).json.access_token;
      expect((await ask(path, { authorization: `Bearer ${token}` })).status).toBe(401);
      expect((await at.request('GET', path)).json).toMatchObject({ error: 'unauthorized', requestId: expect.any(String) });
      expect((await at.request('GET', path, { authorization: await at.token() })).status).toBe(401);
      expect((await at.request('GET', '/whoami/v1', { authorization: `Bearer ${token}` })).status).toBe(401);
      await at.sim('POST', 'clock', { advanceMs: 3_600_001 });
      expect((await ask(path)).status).toBe(401);
      const again = await asker(at);
      await at.sim('POST', 'tokens/revoke');
      expect((await again(path)).status).toBe(401);
    }));
});

describe('an Intelix lookup', () => {
  test('takes a URL as one path segment, an IPv4 address, or a SHA-256', () =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      const url = 'https://example.com/a/b?c=d&e=%20f#g';
      expect((await ask(urlPath(url))).status).toBe(200);
      expect((await ask('/lookup/urls/v1/example.com/a')).status).toBe(404);
      expect((await ask(`/lookup/urls/v1/${url}`)).status).toBe(404);
      expect((await ask('/lookup/urls/v1/%zz')).status).toBe(400);
      expect((await ask('/lookup/urls/v1/%20')).status).toBe(400);
      expect((await ask('/lookup/ips/v1/198.51.100.7')).status).toBe(200);
      for (const wrong of ['example.com', '1.2.3', '1.2.3.256', '01.2.3.4', '2001:db8::1', '1.2.3.4%20'])
        expect((await ask(`/lookup/ips/v1/${wrong}`)).status, wrong).toBe(400);
      for (const wrong of ['abc', 'g'.repeat(64), 'a'.repeat(63)]) expect((await ask(`/lookup/files/v1/${wrong}`)).status).toBe(400);
      expect((await ask('/lookup/ip/v1/198.51.100.7')).status).toBe(404);
      expect((await at.request('POST', urlPath(url), { authorization: (await login(at)).json.access_token })).status).toBe(405);
      const counts = (await at.sim('GET', 'intelix')).json;
      expect(counts.urls).toEqual({ [url.toLowerCase()]: 1 });
      expect(counts.ips).toEqual({ '198.51.100.7': 1 });
      expect((await at.sim('GET', 'stats')).json.requests['/lookup/urls/v1/{url}']).toMatchObject({ 200: 1, 400: 2 });
    }));

  test('echoes the correlation id and has a request id of its own', () =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      const [first, second] = [await ask(urlPath('a.example'), { 'x-correlation-id': 'mine' }), await ask(urlPath('a.example'))];
      expect(first.json.correlationId).toBe('mine');
      expect(second.json.correlationId).not.toBe('mine');
      expect(second.json.requestId).not.toBe(first.json.requestId);
    }));

  test('answers URLs with every level and combination of categories, the same again and however capitalized', () =>
    withSimulator({ seed: 5 }, async (at) => {
      const ask = await asker(at);
      const levels = new Set<unknown>();
      const shapes = new Set<string>();
      const ttls = new Set<number>();
      for (let i = 0; i < 150; i++) {
        const { requestId: _a, correlationId: _b, ...answer } = (await ask(urlPath(`site-${i}.example.com`))).json;
        const { requestId: _c, correlationId: _d, ...again } = (await ask(urlPath(`SITE-${i}.example.com`))).json;
        expect(again).toEqual(answer);
        levels.add(answer.riskLevel);
        shapes.add(`${'productivityCategory' in answer} ${'securityCategory' in answer}`);
        ttls.add(answer.ttl);
      }
      expect(levels).toEqual(new Set(['HIGH', 'MEDIUM', 'LOW', 'TRUSTED', 'UNCLASSIFIED', undefined]));
      expect(shapes.size).toBe(4);
      expect(ttls).toContain(0);
    }));

  test('answers IPs with one category, several, none, a bare text, and with every documented category', () =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      const shapes = new Set<string>();
      const categories = new Set<string>();
      for (let i = 0; i < 250; i++) {
        const { category } = (await ask(`/lookup/ips/v1/203.0.113.${i}`)).json;
        shapes.add(Array.isArray(category) ? (category.length > 1 ? 'several' : 'one') : typeof category);
        for (const one of [category ?? []].flat()) categories.add(one);
      }
      expect(shapes).toEqual(new Set(['several', 'one', 'undefined', 'string']));
      expect(categories.size).toBe(19);
    }));

  test('answers unknown hashes with 404, or in the middle when asked to', () =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      const hashes = Array.from({ length: 60 }, (_, i) => createHash('sha256').update(String(i)).digest('hex'));
      const answers = await Promise.all(hashes.map((hash) => ask(`/lookup/files/v1/${hash.toUpperCase()}`)));
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200, 404]));
      for (const { status, json } of answers) if (status === 200) expect('detectionName' in json).toBe(json.reputationScore < 30);
      await at.sim('POST', 'intelix', { unknownHash: 'neutral' });
      const unknown = hashes[answers.findIndex((answer) => answer.status === 404)];
      expect((await ask(`/lookup/files/v1/${unknown}`)).json.reputationScore).toBe(50);
    }));
});

describe('control of Intelix', () => {
  test('sets known answers, and forgets them when cleared', () =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      const before = (await ask(urlPath('bad.example.com'))).json;
      const wish = { urls: { 'Bad.Example.com': { riskLevel: 'HIGH', securityCategory: 'SEC_MALWARE_REPOSITORY', ttl: 60 } }, ips: { '192.0.2.1': null } };
      expect((await at.sim('POST', 'intelix', wish)).status).toBe(200);
      const { requestId: _a, correlationId: _b, ...answer } = (await ask(urlPath('bad.example.com'))).json;
      expect(answer).toEqual(wish.urls['Bad.Example.com']);
      expect((await ask('/lookup/ips/v1/192.0.2.1')).json.category).toBeUndefined();
      await at.sim('DELETE', 'intelix');
      expect((await ask(urlPath('bad.example.com'))).json.ttl).toBe(before.ttl);
      expect((await at.sim('POST', 'intelix', { sites: {} })).status).toBe(400);
      expect((await at.sim('POST', 'intelix', { fail: { statuses: [200] } })).status).toBe(400);
    }));

  test('ends a quota with 429, which costs nothing, and fails at a rate from a seed', () =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      await at.sim('POST', 'intelix', { quota: 2, retryAfterS: 7 });
      const answers = [await ask(urlPath('a')), await ask('/lookup/ips/v1/1.2.3.4'), await ask(urlPath('b'))];
      expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
      expect(answers[2]?.headers.get('retry-after')).toBe('7');
      expect((await at.sim('GET', 'intelix')).json).toMatchObject({ urls: { a: 1 }, ips: { '1.2.3.4': 1 }, refused: { 429: 1 } });
      const run = async () => {
        await at.sim('POST', 'intelix', { quota: null, fail: { rate: 0.5, seed: 3, statuses: [500, 503] } });
        const statuses: number[] = [];
        for (let i = 0; i < 20; i++) statuses.push((await ask(urlPath('c'))).status);
        return statuses;
      };
      const statuses = await run();
      expect(new Set(statuses)).toEqual(new Set([200, 500, 503]));
      expect(await run()).toEqual(statuses);
    }));

  test('lets the faults of the transport befall lookups too', () =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      await at.sim('POST', 'faults', { sequence: [{ path: '^/lookup/', kind: 'revoke' }] });
      expect((await ask(urlPath('a'))).status).toBe(401);
      await at.sim('POST', 'faults', { sequence: [{ path: '^/oauth2/', status: 503 }] });
      expect((await login(at)).status).toBe(503);
    }));
});

describe('the Intelix sandbox', () => {
  test.each(['static', 'dynamic'])('takes a file for %s analysis and has a report when it is done', (sandbox) =>
    withSimulator({}, async (at) => {
      const ask = await asker(at);
      const form = new FormData();
      form.append('file', new Blob(['--hello\r\n\r\nworld']), 'hello.txt');
      const request = new Request(`${at.simulator.url}/`, { method: 'POST', body: form });
      const headers = { authorization: (await login(at)).json.access_token, 'content-type': request.headers.get('content-type') ?? '' };
      const body = new Uint8Array(await request.arrayBuffer());
      const { status, json } = await at.request('POST', `/analysis/file/${sandbox}/v1`, headers, body);
      expect([status, json.jobStatus]).toEqual([200, sandbox === 'static' ? 'SUCCESS' : 'IN_PROGRESS']);
      const sha256 = createHash('sha256').update('--hello\r\n\r\nworld').digest('hex');
      const early = await ask(`/analysis/file/${sandbox}/v1/reports?sha256=${sha256}`);
      expect(early.status).toBe(sandbox === 'static' ? 200 : 404);
      await at.sim('POST', 'clock', { advanceMs: 30_000 });
      const done = (await ask(`/analysis/file/${sandbox}/v1/reports/${json.jobId}`)).json;
      expect(done).toMatchObject({ jobId: json.jobId, jobStatus: 'SUCCESS', report: { analysis_subject: { sha256 } } });
      expect((await ask(`/analysis/file/${sandbox}/v1/reports?sha256=${sha256}`)).json.report).toEqual(done.report);
      expect((await ask(`/analysis/file/${sandbox}/v1/reports/nobody`)).status).toBe(404);
      expect((await at.request('POST', `/analysis/file/${sandbox}/v1`, { ...headers, 'content-type': 'text/plain' }, body)).status).toBe(400);
    }),
  );
});
