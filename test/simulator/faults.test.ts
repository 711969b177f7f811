import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request as undici } from 'undici';
import { describe, expect, test } from 'vitest';
import { idsOf, type Visitor, withSimulator } from './client.ts';

const EVENTS = '/siem/v1/events';

async function asker(at: Visitor) {
  const [tenant = ''] = await at.tenantIds();
  const headers = { authorization: `Bearer ${await at.token()}`, 'x-tenant-id': tenant };
  return { tenant, headers, ask: (query = 'limit=200') => at.request('GET', `${EVENTS}?${query}`, headers) };
}

describe('faults', () => {
  test('come in the order of a sequence, for their path and tenant only, and are counted', () =>
    withSimulator({ account: 'partner', tenants: 2 }, async (at) => {
      const { ask, headers, tenant } = await asker(at);
      const [, other = ''] = await at.tenantIds();
      const plan = [
        { path: EVENTS, tenant, status: 500, times: 2 },
        { path: EVENTS, tenant, kind: '429-retry-after', times: 1 },
        { path: '^/siem', tenant, status: 200 },
        { path: EVENTS, tenant, kind: '502-html', times: 1 },
      ];
      await at.sim('POST', 'faults', { retryAfterS: 7, sequence: plan });
      expect((await at.request('GET', '/siem/v1/alerts', { ...headers, 'x-tenant-id': other })).status).toBe(200);
      const answers = [await ask(), await ask(), await ask(), await ask(), await ask(), await ask()];
      expect(answers.map((answer) => answer.status)).toEqual([500, 500, 429, 200, 502, 200]);
      expect(answers[2]?.headers.get('retry-after')).toBe('7');
      expect(answers[4]?.headers.get('content-type')).toBe('text/html');
      const stats = (await at.sim('GET', 'stats')).json;
      expect(stats.requests[EVENTS]).toEqual({ '200': 2, '429': 1, '500': 2, '502': 1 });
      expect(stats.faults).toEqual({ '500': 2, '429-retry-after': 1, '502-html': 1 });
      expect([stats.throttled, stats.tenants[tenant][EVENTS], stats.tenants[other]]).toEqual([1, 6, { '/siem/v1/alerts': 1 }]);
      expect(stats.peakPerSecond).toBeGreaterThan(1);
      await at.sim('POST', 'stats/reset');
      expect((await at.sim('GET', 'stats')).json).toMatchObject({ total: 0, requests: {}, faults: {} });
    }));

  test('come at a rate from a seed, on the paths that are named, until they are cleared', () =>
    withSimulator({}, async (at) => {
      const { ask } = await asker(at);
      const run = async () => {
        await at.sim('POST', 'faults', { rate: 0.5, seed: 3, kinds: ['429', '500', '503', '429-empty', '500-full', '504-html'], paths: '^/siem' });
        const seen: number[] = [];
        for (let i = 0; i < 40; i++) seen.push((await ask()).status);
        return seen;
      };
      const first = await run();
      expect(first.filter((status) => status !== 200).length).toBeGreaterThan(10);
      expect(first.filter((status) => status === 200).length).toBeGreaterThan(10);
      expect(await run()).toEqual(first);
      expect((await at.login()).status).toBe(200);
      await at.sim('DELETE', 'faults');
      for (let i = 0; i < 10; i++) expect((await ask()).status).toBe(200);
    }));

  test('of the wire: reset, truncated body, truncated JSON, hang, drip, slow', () =>
    withSimulator({ eventsPerTenant: 100 }, async (at) => {
      const { ask } = await asker(at);
      const kinds = ['reset', 'truncate', 'hang', 'truncate-json', 'html-200', 'slow', 'drip', 'redirect'];
      await at.sim('POST', 'faults', { hangMs: 50, slowMs: 30, bytesPerS: 2_000_000, sequence: kinds.map((kind) => ({ path: EVENTS, kind })) });
      for (const _ of ['reset', 'truncate', 'hang']) await expect(ask()).rejects.toThrow();
      const cut = await ask();
      expect([cut.status, cut.json]).toEqual([200, undefined]);
      expect((await ask()).text).toContain('<html>');
      const started = performance.now();
      expect((await ask()).json.items).toHaveLength(100);
      expect(performance.now() - started).toBeGreaterThan(25);
      expect((await ask()).json.items).toHaveLength(100);
      const away = await ask();
      expect([away.status, away.headers.get('location')]).toEqual([302, 'https://evil.example.com/']);
      expect((await ask()).status).toBe(200);
      expect((await at.sim('GET', 'stats')).json.requests[EVENTS]).toMatchObject({ reset: 1, truncate: 1, hang: 1, '302': 1 });
    }));

  test('of tokens: a revoked one is refused until a new one is had', () =>
    withSimulator({}, async (at) => {
      const { ask } = await asker(at);
      await at.sim('POST', 'faults', { sequence: [{ kind: 'revoke' }] });
      expect([(await ask()).status, (await ask()).status]).toEqual([401, 401]);
      expect((await (await asker(at)).ask()).status).toBe(200);
    }));

  test('of cursors: expired, refused, pointing to itself, and empty with more to come', () =>
    withSimulator({ eventsPerTenant: 500 }, async (at) => {
      const { ask } = await asker(at);
      const first = (await ask()).json;
      const next = `limit=200&cursor=${encodeURIComponent(first.next_cursor)}`;
      await at.sim('POST', 'faults', { sequence: [{ kind: 'expire-cursor' }, { kind: 'refuse-cursor' }] });
      expect((await ask(next)).json.items).toEqual(first.items);
      expect((await ask(next)).status).toBe(400);
      await at.sim('POST', 'faults', { cursorLoop: 1 });
      const loop = (await ask(next)).json;
      expect([loop.has_more, loop.next_cursor, loop.items.length]).toEqual([true, first.next_cursor, 200]);
      await at.sim('POST', 'faults', { emptyMore: 2 });
      for (const _ of [1, 2]) expect((await ask(next)).json).toEqual({ has_more: true, items: [], next_cursor: first.next_cursor });
      const second = (await ask(next)).json;
      expect(second.items).toEqual(loop.items);
    }));

  test('of pages: earlier records again, and another order, lose nothing', () =>
    withSimulator({ eventsPerTenant: 900 }, async (at) => {
      const { tenant } = await asker(at);
      await at.sim('POST', 'events', { tenant, count: 50 });
      await at.sim('POST', 'faults', { repeatPages: 1, reorder: 0.5, seed: 5 });
      const { items } = await at.drain(tenant, 'limit=200');
      expect(items.length).toBeGreaterThan(950);
      expect([...new Set(idsOf(items))]).toEqual(idsOf(await at.truth('?stream=events')));
      const stats = (await at.sim('GET', 'stats')).json;
      expect(stats.faults.repeat).toBeGreaterThan(3);
      expect(stats.faults.reorder).toBeGreaterThan(0);
    }));

  test('of tenants: a forbidden one answers 403 in its form, and what it had meanwhile is no truth', () =>
    withSimulator({ account: 'partner', tenants: 3, eventsPerTenant: 4 }, async (at) => {
      const [one = '', two = ''] = await at.tenantIds();
      await at.sim('POST', 'faults', { forbidden: { tenants: [one], form: 'A', reason: 'Term customer' } });
      expect((await at.page(one, '')).json).toMatchObject({ error: 'forbidden', message: 'Term customer' });
      const [lost] = (await at.sim('POST', 'events', { tenant: one, count: 1 })).json.ids;
      expect((await at.page(two, '')).status).toBe(200);
      await at.sim('POST', 'clock', { advanceMs: 25 * 3_600_000 });
      await at.sim('POST', 'faults', { forbidden: { tenants: [1], form: 'C' } });
      expect((await at.page(two, '')).json).toEqual({ error: 'Forbidden', correlationId: expect.any(String), requestId: expect.any(String) });
      expect((await at.page(one, '')).json.items).toEqual([]);
      expect(idsOf(await at.truth(`?tenant=${one}`))).not.toContain(lost);
      await at.sim('DELETE', 'faults');
      expect((await at.page(two, '')).status).toBe(200);
    }));

  test('that nobody knows are refused with what is known', () =>
    withSimulator({}, async (at) => {
      for (const wish of [
        { rat: 1 },
        { kinds: ['500', 'flood'] },
        { sequence: [{ path: EVENTS }] },
        { forbidden: { tenants: ['nobody'] } },
        { rate: 'often' },
      ]) {
        const answer = await at.sim('POST', 'faults', wish);
        expect([answer.status, typeof answer.json.error]).toEqual([400, 'string']);
      }
      expect((await at.request('POST', '/_sim/faults', {}, '{')).status).toBe(400);
      expect((await at.sim('GET', 'nothing')).status).toBe(404);
    }));
});

describe('rate limits', () => {
  test('answer 429 beyond the allowance, per tenant or per credential, and recover with the clock', () =>
    withSimulator({ account: 'partner', tenants: 2, rateLimits: { minute: 5 } }, async (at) => {
      const { ask, headers } = await asker(at);
      const [, other = ''] = await at.tenantIds();
      const statuses = [];
      for (let i = 0; i < 6; i++) statuses.push((await ask()).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
      expect((await ask()).headers.get('retry-after')).toBeNull();
      expect((await at.request('GET', EVENTS, { ...headers, 'x-tenant-id': other })).status).toBe(200);
      await at.sim('POST', 'clock', { advanceMs: 12_000 });
      expect([(await ask()).status, (await ask()).status]).toEqual([200, 429]);
      await at.sim('POST', 'settings', { rateLimits: { second: 1, hour: 1 }, rateLimitScope: 'credential', retryAfter: true });
      expect((await ask()).status).toBe(200);
      const limited = await at.request('GET', EVENTS, { ...headers, 'x-tenant-id': other });
      expect(limited.status).toBe(429);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(3000);
    }));
});

describe('a reader that follows cursors', () => {
  test('gets every record at least once, while others are added and every request may fail', () =>
    withSimulator({ eventsPerTenant: 700, eventsPerMinute: 6000, historyMs: 3_600_000 }, async (at) => {
      const { ask, tenant } = await asker(at);
      const kinds = ['429', '500', '502-html', '503', 'reset', 'truncate', 'expire-cursor', 'empty-more', 'cursor-loop', 'repeat', 'reorder'];
      await at.sim('POST', 'faults', { rate: 0.3, seed: 11, kinds, paths: '^/siem', repeatPages: 0.2 });
      const seen = new Set<string>();
      let cursor: string | null = null;
      const poll = async () => {
        const { status, json } = await ask(`limit=200${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
        if (status !== 200) return true;
        for (const item of json.items) seen.add(item.id);
        cursor = json.next_cursor;
        return json.has_more as boolean;
      };
      const attempt = () => poll().catch(() => true);
      for (let round = 0; round < 20; round++) {
        await at.sim('POST', 'events', { tenant, count: 40 });
        await Promise.all([attempt(), at.sim('POST', 'events', { tenant, count: 3 })]);
      }
      await at.sim('DELETE', 'faults');
      const truth = idsOf(await at.truth('?stream=events&fields=ids'));
      while (await poll());
      expect(truth.length).toBeGreaterThan(700 + 860);
      expect(truth.filter((id) => !seen.has(id))).toEqual([]);
    }));
});

describe('the server', () => {
  test('speaks TLS with the certificate that it was given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    try {
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], {
        cwd: folder,
        stdio: 'pipe',
      });
      const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
      await withSimulator({ tls: { cert: String(cert), key: String(key) } }, async ({ simulator }) => {
        expect(simulator.url).toMatch(/^https:/);
        const dispatcher = new Agent({ connect: { ca: String(cert) } });
        const health = await undici(`${simulator.url}/services/collector/health`, { dispatcher });
        expect(await health.body.json()).toMatchObject({ code: 17 });
        await dispatcher.close();
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('compresses only when it is told to and the client accepts it', () =>
    withSimulator({ eventsPerTenant: 50 }, async (at) => {
      const { ask } = await asker(at);
      expect((await ask()).headers.get('content-encoding')).toBeNull();
      await at.sim('POST', 'settings', { gzip: true });
      const small = await ask();
      expect([small.headers.get('content-encoding'), small.json.items.length]).toEqual(['gzip', 50]);
    }));

  test('closes at once, also with a request that hangs', () =>
    withSimulator({}, async (at) => {
      const { headers } = await asker(at);
      await at.sim('POST', 'faults', { hangMs: 60_000, sequence: [{ path: EVENTS, kind: 'hang' }] });
      const ended = new Promise((resolve) =>
        request(at.simulator.url + EVENTS, { headers })
          .on('error', resolve)
          .end(),
      );
      while ((await at.sim('GET', 'stats')).json.faults.hang !== 1);
      const started = performance.now();
      await at.simulator.close();
      expect(await ended).toBeInstanceOf(Error);
      expect(performance.now() - started).toBeLessThan(2000);
    }));
});
