/** How the simulator takes what is legal on the wire and seldom seen: written out byte by byte, with no HTTP client between. */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Visitor, withSimulator } from './client.ts';

/** Sends the pieces, waiting a little between them, and resolves with all that comes until the far end closes. */
function say(at: Visitor, ...pieces: readonly string[]): Promise<string> {
  const { port, hostname } = new URL(at.simulator.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      heard += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
    const next = (place: number) => {
      if (place < pieces.length) socket.write(pieces[place] as string, () => setTimeout(next, 20, place + 1));
    };
    next(0);
  });
}

const form = ({ simulator: { clientId, clientSecret } }: Visitor) =>
  new URLSearchParams({ grant_type: 'client_credentials', scope: 'token', client_id: clientId, client_secret: clientSecret }).toString();

const statuses = (heard: string) => [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
const bodyOf = (heard: string) => JSON.parse(heard.slice(heard.indexOf('\r\n\r\n') + 4));

describe('a request', () => {
  test('of HTTP/1.0, without a host, is answered whole, and names the simulator’s own URL', () =>
    withSimulator({}, async (at) => {
      const heard = await say(at, `GET /whoami/v1 HTTP/1.0\r\nAuthorization: Bearer ${await at.token()}\r\n\r\n`);
      expect(statuses(heard)).toEqual([200]);
      expect(heard).toMatch(/\r\ncontent-length: \d+\r\n/i);
      expect(bodyOf(heard).apiHosts).toEqual({ global: at.simulator.url, dataRegion: at.simulator.url });
    }));

  test('in several chunks, announced by Expect, and without a type, gets its token', () =>
    withSimulator({}, async (at) => {
      const body = form(at);
      const head = 'POST /api/v2/oauth2/token HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
      const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
      const heard = await say(at, head, chunk(body.slice(0, 20)), chunk(body.slice(20)), '0\r\n\r\n');
      expect(statuses(heard)).toEqual([100, 200]);
      expect(heard).toContain('"access_token":"');
    }));

  test('follows another on the same connection, also before that one is answered, until it says close', () =>
    withSimulator({}, async (at) => {
      const one = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHOST: x\r\naUtHoRiZaTiOn: bearer TOKEN\r\n${more}\r\n`;
      const token = await at.token();
      const pieces = [one('/whoami/v1') + one('/whoami/v1/'), one('//whoami//v1', 'Connection: close\r\n')];
      expect(statuses(await say(at, ...pieces.map((text) => text.replaceAll('TOKEN', token))))).toEqual([200, 200, 200]);
    }));

  test('in absolute form, as through a proxy, is understood', () =>
    withSimulator({}, async (at) => {
      const heard = await say(at, `GET ${at.simulator.url}/services/collector/health?x=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect([statuses(heard), bodyOf(heard).code]).toEqual([[200], 17]);
    }));

  test.each(['//', '/?', '/%', '/\\', '/a b'])('for %j is refused and breaks nothing', (path) =>
    withSimulator({}, async (at) => {
      const [status = 0] = statuses(await say(at, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
      expect([400, 401]).toContain(status);
      expect((await at.get('/whoami/v1')).status).toBe(200);
    }),
  );

  test('with long headers and a long query is taken', () =>
    withSimulator({ eventsPerTenant: 10 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const types = Array.from({ length: 700 }, (_, n) => `Event::Endpoint::Type${n}`).join(',');
      const { status, json } = await at.get(`/siem/v1/events?exclude_types=${types}`, { 'x-tenant-id': tenant, 'x-padding': 'x'.repeat(20_000) });
      expect([status, json.items.length]).toEqual([200, 10]);
    }));

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('by %s on what can only be read is answered like an unknown route', (method) =>
    withSimulator({}, async (at) => {
      const headers = { authorization: `Bearer ${await at.token()}` };
      const known = await at.request(method, '/whoami/v1', headers);
      const unknown = await at.request('GET', '/no/such/route', headers);
      for (const { status, json } of [known, unknown]) {
        expect(status).toBe(404);
        expect(json).toMatchObject({ error: 'notFound', message: 'Resource not found.', correlationId: expect.any(String), requestId: expect.any(String) });
      }
    }),
  );

  test('by HEAD has the headers of a GET and no body', () =>
    withSimulator({}, async (at) => {
      const { status, headers, text } = await at.request('HEAD', '/whoami/v1', { authorization: `Bearer ${await at.token()}` });
      expect([status, text, Number(headers.get('content-length')) > 50]).toEqual([200, '', true]);
    }));

  test('has an id of its own in every reply of the API, the one of an error also in the body', () =>
    withSimulator({}, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const replies = [
        await at.get('/whoami/v1'),
        await at.page(tenant, 'limit=200'),
        await at.get('/nowhere'),
        await at.page(tenant, 'limit=abc'),
        await at.request('GET', '/whoami/v1'),
      ];
      const ids = replies.map(({ headers }) => headers.get('x-correlation-id'));
      expect(new Set(ids).size).toBe(replies.length);
      for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
      for (const [place, { json }] of replies.entries()) if (place > 1) expect(json.correlationId).toBe(ids[place]);
    }));

  test('with parameters that have no value is one without them', () =>
    withSimulator({ eventsPerTenant: 30 }, async (at) => {
      const [tenant = ''] = await at.tenantIds();
      const { status, json } = await at.page(tenant, 'limit=&cursor=&from_date=&exclude_types=&from_date_offset_minutes=&unknown=1');
      expect([status, json.items.length]).toEqual([200, 30]);
    }));

  test('reaches the simulator under another name, and is sent on to that name', () =>
    withSimulator({ account: 'partner', tenants: 1 }, async (at) => {
      const host = at.simulator.url.replace('127.0.0.1', 'localhost');
      const headers = { authorization: `Bearer ${await at.token()}` };
      const { id, apiHosts } = (await (await fetch(`${host}/whoami/v1`, { headers })).json()) as { id: string; apiHosts: { global: string } };
      const listed = await fetch(`${host}/partner/v1/tenants?pageTotal=True`, { headers: { ...headers, 'X-PARTNER-ID': id.toUpperCase() } });
      const { items, pages } = (await listed.json()) as { items: { apiHost: string }[]; pages: object };
      expect([apiHosts.global, items[0]?.apiHost, pages]).toEqual([host, host, { current: 1, size: 50, total: 1, items: 1, maxSize: 100 }]);
    }));
});

describe('a token request', () => {
  test.each([
    ['application/x-www-form-urlencoded', 200],
    ['Application/X-WWW-Form-Urlencoded; charset=utf-8', 200],
    ['application/json', 400],
    ['text/plain;charset=UTF-8', 400],
    ['multipart/form-data; boundary=x', 400],
  ])('of type %s is answered with %i', (type, status) =>
    withSimulator({}, async (at) => {
      const answer = await at.request('POST', '/api/v2/oauth2/token', { 'content-type': type }, form(at));
      expect(answer.status).toBe(status);
      if (status === 400)
        expect(answer.json).toEqual({ errorCode: expect.stringMatching(/^oauth\./), message: expect.any(String), trackingId: expect.any(String) });
    }),
  );

  test('renews by a refresh token in JSON, for its own client, until sessions are ended', () =>
    withSimulator({}, async (at) => {
      const { clientId: client_id, clientSecret: client_secret } = at.simulator;
      const { refresh_token } = (await at.login()).json;
      const renew = (more: object = {}) =>
        at.request(
          'POST',
          '/api/v2/oauth2/token',
          { 'content-type': 'application/json; charset=utf-8' },
          JSON.stringify({ client_id, client_secret, grant_type: 'refresh_token', refresh_token, ...more }),
        );
      const renewed = await renew();
      expect([renewed.status, renewed.json.expires_in, renewed.json.errorCode]).toEqual([200, 3600, 'success']);
      expect((await at.request('GET', '/whoami/v1', { authorization: `Bearer ${renewed.json.access_token}` })).status).toBe(200);
      for (const wrong of [{ refresh_token: 'x' }, { client_secret: 'x' }, { client_id: 'x' }, { refresh_token: null }])
        expect((await renew(wrong)).status).toBe(401);
      await at.sim('POST', 'tokens/revoke');
      expect((await renew()).status).toBe(401);
    }));
});
