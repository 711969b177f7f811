import { describe, expect, test } from 'vitest';
import { withSimulator } from './client.ts';

describe('a credential that control replaces', () => {
  test('opens, and the old one does not, while tokens live on', () =>
    withSimulator({}, async (at) => {
      const token = await at.token();
      expect((await at.sim('POST', 'credential', { clientSecret: 'second' })).status).toBe(200);
      expect((await at.login()).json.errorCode).toBe('oauth.invalid_client_secret');
      expect((await at.login({ client_secret: 'second' })).status).toBe(200);
      expect((await at.request('GET', '/whoami/v1', { authorization: `Bearer ${token}` })).status).toBe(200);
    }));

  test('ends the tokens of the old one on request, and may have another id', () =>
    withSimulator({}, async (at) => {
      const token = await at.token();
      await at.sim('POST', 'credential', { clientId: 'new-id', clientSecret: 'second', revokeTokens: true });
      expect((await at.request('GET', '/whoami/v1', { authorization: `Bearer ${token}` })).status).toBe(401);
      expect((await at.login({ client_secret: 'second' })).status).toBe(401);
      const { status, json } = await at.login({ client_id: 'new-id', client_secret: 'second' });
      expect(status).toBe(200);
      expect((await at.sim('GET', 'tokens')).json).toEqual({ given: [token, json.access_token] });
    }));

  test('is that of Intelix or of the old API token where it is named so', () =>
    withSimulator({}, async (at) => {
      const intelix = (secret: string) =>
        at.request(
          'POST',
          '/oauth2/token',
          {
            authorization: `Basic ${Buffer.from(`${at.simulator.intelixClientId}:${secret}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
          },
          'grant_type=client_credentials',
        );
      const legacy = (key: string, authorization: string) => at.request('GET', '/gateway/siem/v1/events', { 'x-api-key': key, authorization });
      await at.sim('POST', 'credential', { intelix: { clientSecret: 'theirs' }, legacy: { apiKey: 'key-2', authorization: 'Basic Mjpz' } });
      expect([(await intelix(at.simulator.intelixClientSecret)).status, (await intelix('theirs')).status]).toEqual([401, 200]);
      expect([(await legacy('key-1', 'Basic Mjpz')).status, (await legacy('key-2', 'Basic Mjpz')).status]).toEqual([403, 200]);
      expect((await at.login()).status).toBe(200);
    }));

  test('stays as it is when the wish makes no sense', () =>
    withSimulator({}, async (at) => {
      for (const wish of [
        { secret: 'x' },
        { clientSecret: '' },
        { clientSecret: 'second', clientId: 7 },
        { clientSecret: 'second', revokeTokens: 1 },
        { clientSecret: 'x', legacy: 'y' },
      ])
        expect((await at.sim('POST', 'credential', wish)).status, JSON.stringify(wish)).toBe(400);
      expect((await at.login()).status).toBe(200);
    }));
});

describe("a token of the collector's that control replaces", () => {
  const event = '{"event":"text"}';
  test('is taken, and the old one is answered 403 with code 4', () =>
    withSimulator({}, async (at) => {
      expect((await at.sim('POST', 'hec/token', { token: 'second' })).status).toBe(200);
      const old = await at.hec(event);
      expect([old.status, old.json.code]).toEqual([403, 4]);
      expect((await at.hec(event, { authorization: 'Splunk second' })).status).toBe(200);
    }));

  test('may be the one that wants acknowledgements', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'hec/token', { ackToken: 'second' });
      const channel = { 'x-splunk-request-channel': '11111111-2222-4333-8444-555555555555' };
      expect((await at.hec(event, { authorization: `Splunk ${at.simulator.hecAckToken}`, ...channel })).json.code).toBe(4);
      expect((await at.hec(event, { authorization: 'Splunk second', ...channel })).json).toMatchObject({ code: 0, ackId: 0 });
      expect((await at.hec(event)).status).toBe(200);
    }));

  test.each([{}, { token: '' }, { hecToken: 'x' }])('is not replaced by %j', (wish) =>
    withSimulator({}, async (at) => {
      expect((await at.sim('POST', 'hec/token', wish)).status).toBe(400);
      expect((await at.hec(event)).status).toBe(200);
    }),
  );
});
