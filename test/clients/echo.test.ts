/** Far ends, and proxies before them, that repeat what they were given: no secret comes into a failure, and from there into the log or the journal. */
import { describe, expect, it } from 'vitest';
import { openHttp } from '../../src/clients/http.ts';
import { send } from '../../src/clients/request.ts';
import { Failure } from '../../src/core/failure.ts';
import { spellingsOf } from '../../src/core/secret.ts';
import { startMisbehaving } from '../far-ends/misbehaving.ts';

const secret = 'cl+ient/secr=et%42';
const password = 'pr%oxy/pass:w';

describe('a far end that repeats the whole request', () => {
  it.for([
    ['error', 'message'],
    ['errorCode', 'correlationId'],
    ['code', 'requestId'],
  ] as const)('in `%s` and `%s` tells nobody the secrets in it', async ([one, other], { onTestFinished }) => {
    const far = await startMisbehaving({
      bringsRecords: () => false,
      take: ({ headers, body }) => ({
        status: 400,
        body: { [one]: body, [other]: `${headers['proxy-authorization']} ${headers.authorization}` },
      }),
    });
    const http = openHttp();
    onTestFinished(async () => {
      await http.close();
      await far.close();
    });
    const proxy = new URL(far.url);
    proxy.username = 'user';
    proxy.password = encodeURIComponent(password);
    const ask = {
      method: 'POST' as const,
      url: 'http://central.example/api/v2/oauth2/token',
      purpose: 'to get a token',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${Buffer.from(`id:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ client_id: 'id', client_secret: secret }).toString(),
      timeoutMs: 10_000,
      via: { proxy: proxy.href },
      signal: new AbortController().signal,
    };
    const failure = await send(http.http, ask, () => 0).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Failure);
    const told = JSON.stringify([String(failure), { ...(failure as Failure) }]);
    expect(told).toContain('[secret]');
    expect(told).toContain('client_id=id');
    for (const spelling of [...spellingsOf(secret), ...spellingsOf(password)]) expect(told).not.toContain(spelling);
  });
});

describe('a password of a proxy', () => {
  it('may hold a `%` that begins no escape', async ({ onTestFinished }) => {
    const far = await startMisbehaving({ bringsRecords: () => false, take: ({ headers }) => ({ status: 200, body: String(headers['proxy-authorization']) }) });
    const http = openHttp();
    onTestFinished(async () => {
      await http.close();
      await far.close();
    });
    const ask = { method: 'GET' as const, url: 'http://central.example/', headers: {}, timeoutMs: 10_000, signal: new AbortController().signal };
    const { body } = await http.http({ ...ask, via: { proxy: far.url.replace('://', '://user:50%off@') } });
    expect(Buffer.from(body.toString('utf8').replace('Basic ', ''), 'base64').toString('utf8')).toBe('user:50%off');
  });
});
