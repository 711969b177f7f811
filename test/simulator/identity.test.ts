import { describe, expect, test } from 'vitest';
import { withSimulator } from './client.ts';

describe('the identity service', () => {
  test('gives a token for an hour of the simulator clock', () =>
    withSimulator({}, async (at) => {
      const { status, json } = await at.login();
      expect([status, json.token_type, json.expires_in, json.errorCode]).toEqual([200, 'bearer', 3600, 'success']);
      const headers = { authorization: `Bearer ${json.access_token}` };
      await at.sim('POST', 'clock', { advanceMs: 3_590_000 });
      expect((await at.request('GET', '/whoami/v1', headers)).status).toBe(200);
      await at.sim('POST', 'clock', { advanceMs: 20_000 });
      const late = await at.request('GET', '/whoami/v1', headers);
      expect(late.status).toBe(401);
      expect(late.json).toMatchObject({ error: 'Unauthorized', correlationId: expect.any(String), requestId: expect.any(String) });
    }));

  test('refuses a wrong secret, an unknown client, and a request without grant or scope', () =>
    withSimulator({}, async (at) => {
      const wrong = await at.login({ client_secret: 'x' });
      expect(wrong.status).toBe(401);
      expect(wrong.json).toMatchObject({ errorCode: 'oauth.invalid_client_secret', message: 'Unauthorized', trackingId: expect.any(String) });
      expect((await at.login({ client_id: 'x' })).status).toBe(401);
      expect((await at.login({ grant_type: 'password' })).status).toBe(400);
      expect((await at.login({ scope: '' })).status).toBe(400);
      expect((await at.request('POST', '/api/v2/oauth2/token', { 'content-type': 'application/json' }, '{}')).status).toBe(400);
    }));

  test('keeps older tokens when it gives a new one, and drops all that are revoked', () =>
    withSimulator({}, async (at) => {
      const [one, two] = [await at.token(), await at.token()];
      expect(one).not.toBe(two);
      const ask = async (token: string) => (await at.request('GET', '/whoami/v1', { authorization: `Bearer ${token}` })).status;
      expect([await ask(one), await ask(two)]).toEqual([200, 200]);
      await at.sim('POST', 'tokens/revoke');
      expect([await ask(one), await ask(two), await ask(await at.token())]).toEqual([401, 401, 200]);
    }));

  test('answers 200 with another errorCode on request', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'faults', { tokenErrorCode: 'oauth.odd' });
      const { status, json } = await at.login();
      expect([status, json.errorCode, json.access_token]).toEqual([200, 'oauth.odd', undefined]);
    }));
});

describe('whoami', () => {
  test.each(['tenant', 'organization', 'partner'] as const)('names the hosts of a %s', (account) =>
    withSimulator({ account }, async (at) => {
      const { json } = await at.get('/whoami/v1');
      const { url } = at.simulator;
      expect(json).toEqual({ id: expect.any(String), idType: account, apiHosts: account === 'tenant' ? { global: url, dataRegion: url } : { global: url } });
      if (account === 'tenant') expect(await at.tenantIds()).toEqual([json.id]);
      await at.sim('POST', 'settings', { whoamiExample: true });
      expect((await at.get('/whoami/v1')).json.apiHosts.global).toBe(`${url}/`);
    }),
  );

  test('follows the simulator clock in the Date of every reply', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'clock', { set: '2031-05-06T07:08:09Z' });
      expect((await at.get('/whoami/v1')).headers.get('date')).toMatch(/^Tue, 06 May 2031 07:08/);
      expect((await at.sim('POST', 'clock', { set: 'soon' })).status).toBe(400);
    }));
});
