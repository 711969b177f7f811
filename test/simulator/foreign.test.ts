/**
 * Other people's clients against the simulator: small programs in another language, each of which speaks as a known collector does on
 * the wire. They share nothing with our client; what they get must be exactly the truth.
 */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { lines, type Visitor, withSimulator } from './client.ts';

const run = promisify(execFile);
const noPython = spawnSync('python3', ['-c', 'import http.client, gzip']).status === 0 ? null : 'there is no python3 on this machine';
if (noPython !== null) process.stderr.write(`foreign clients are left out: ${noPython}\n`);

const HOUR_MS = 3_600_000;

/** Runs a program of the folder `foreign`; what it prints is its result. */
async function foreign(program: string, asked: object, env: Readonly<Record<string, string>> = {}): Promise<ReturnType<typeof JSON.parse>> {
  const file = fileURLToPath(new URL(`foreign/${program}.py`, import.meta.url));
  const { stdout } = await run('python3', [file, JSON.stringify(asked)], { env: { ...process.env, NO_PROXY: '*', ...env }, maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

const known = ({ simulator: { url, clientId, clientSecret } }: Visitor) => ({ url, clientId, clientSecret });
const secondsAgo = (ms: number) => Math.floor((Date.now() - ms) / 1000);

async function truthIds(at: Visitor, query: string): Promise<string[]> {
  return (await at.truth(query)).map(({ id }) => id).sort();
}

const sorted = (ids: readonly string[]) => [...ids].sort();

describe.skipIf(noPython !== null)('a poller from cron', () => {
  test.each([
    ['tenant', 'events', 'events'],
    ['partner', 'alerts', 'siem-alerts'],
    ['organization', 'events', 'events'],
  ] as const)('of a %s reads %s to the end, and goes on from its cursor', (account, feed, stream) =>
    withSimulator({ account, tenants: account === 'tenant' ? 1 : 3, historyMs: 6 * HOUR_MS, eventsPerTenant: 2300, alertsPerTenant: 1100 }, async (at) => {
      const tenant = (await at.tenantIds()).at(-1) ?? '';
      const asked = { ...known(at), tenant, feed, since: secondsAgo(12 * HOUR_MS) };
      const first = await foreign('siem_poller', asked);
      expect(sorted(first.ids)).toEqual(await truthIds(at, `?tenant=${tenant}&stream=${stream}`));
      await at.sim('POST', 'events', { tenant, stream, count: 40 });
      const second = await foreign('siem_poller', { ...asked, cursor: first.cursor });
      expect(sorted([...first.ids, ...second.ids])).toEqual(await truthIds(at, `?tenant=${tenant}&stream=${stream}`));
      expect(second.ids).toHaveLength(40);
    }),
  );

  test('leaves out types that it names without encoding them', () =>
    withSimulator({ historyMs: 6 * HOUR_MS, eventsPerTenant: 800 }, async (at) => {
      const truth = await at.truth('?stream=events');
      const excluded = ['Event::Endpoint::UpdateSuccess', 'Event::Endpoint::UpdateFailure', 'Event::Endpoint::WebControlViolation'];
      const wanted = truth.filter(({ item }) => !excluded.includes(item?.type ?? '')).map(({ id }) => id);
      expect(wanted.length).toBeLessThan(truth.length);
      const { ids } = await foreign('siem_poller', { ...known(at), feed: 'events', since: secondsAgo(12 * HOUR_MS), excluded });
      expect(sorted(ids)).toEqual(sorted(wanted));
    }));

  test('over TLS is sent to the name under which it came, by credential and by legacy token', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'foreign-'));
    try {
      // For this name only: a host that whoami named otherwise would be refused.
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], {
        cwd: folder,
        stdio: 'pipe',
      });
      const [cert = '', key = ''] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
      await withSimulator({ historyMs: HOUR_MS, eventsPerTenant: 300, tls: { cert, key } }, async (at) => {
        const { siemToken, url } = at.simulator;
        expect(siemToken).toMatch(/^url: (https:\/\/.+), x-api-key: (.+), Authorization: (.+)$/);
        const here = (text: string) => text.replace('127.0.0.1', 'localhost');
        const asked = { since: secondsAgo(2 * HOUR_MS), feed: 'events' };
        const trust = { SSL_CERT_FILE: join(folder, 'cert.pem') };
        const byToken = await foreign('siem_poller', { ...asked, legacy: here(siemToken) }, trust);
        const byCredential = await foreign('siem_poller', { ...known(at), ...asked, url: here(url) }, trust);
        expect(new Set(byToken.ids).size).toBe(300);
        expect(byCredential.ids).toEqual(byToken.ids);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe.skipIf(noPython !== null)('a collector for whole estates', () => {
  const estate = { account: 'partner', tenants: 120, historyMs: 2 * HOUR_MS, eventsPerTenant: 12, alertsPerTenant: 4 } as const;

  test('finds every tenant over several pages and reads both feeds of each, but for types that it names twice', () =>
    withSimulator(estate, async (at) => {
      const excluded = ['Event::Endpoint::UpdateSuccess', 'Event::Endpoint::SavScanComplete'];
      const found = await foreign('tenant_walker', { ...known(at), excluded });
      expect(found.tenants).toEqual(await at.tenantIds());
      const wanted = (await at.truth()).filter(({ stream, item }) => stream === 'siem-alerts' || !excluded.includes(item?.type ?? '')).map(({ id }) => id);
      expect(sorted(found.ids)).toEqual(sorted(wanted));
    }));

  test('loses nothing to an allowance, to errors inside Central and to tenants that are closed to it', () =>
    withSimulator({ ...estate, tenants: 12, rateLimits: { second: 20 } }, async (at) => {
      await at.sim('POST', 'settings', { rateLimitScope: 'credential', retryAfter: true });
      await at.sim('POST', 'faults', { rate: 0.2, seed: 7, kinds: ['500', '503', '502-html'], paths: '^/siem', forbidden: { tenants: [3, 7] } });
      const found = await foreign('tenant_walker', { ...known(at), excluded: [] });
      const closed = (await at.tenantIds()).filter((_, place) => place === 3 || place === 7);
      expect(found.forbidden).toEqual(sorted(closed));
      const open = (await at.truth()).filter(({ tenant }) => !closed.includes(tenant)).map(({ id }) => id);
      expect(sorted(found.ids)).toEqual(sorted(open));
      expect(found.throttled).toBeGreaterThan(0);
    }));
});

describe.skipIf(noPython !== null)('a keeper of estates', () => {
  test.each(['absent', 'empty'])('reads inventory, alerts and websites whole where the last key is %s, and changes them', (lastKey) =>
    withSimulator({ account: 'partner', tenants: 3, endpoints: 1100, openAlertsPerTenant: 250, localSitesPerTenant: 30 }, async (at) => {
      await at.sim('POST', 'settings', { lastKey, alertsMaxSize: 100 });
      const [tenant = ''] = await at.tenantIds();
      const before = await Promise.all(['endpoints', 'alerts', 'local-sites'].map((stream) => truthIds(at, `?tenant=${tenant}&stream=${stream}`)));
      const { intelixClientId, intelixClientSecret } = at.simulator;
      const found = await foreign('estate_keeper', { ...known(at), intelixClientId, intelixClientSecret });
      expect([found.endpoints, found.alerts, found.sites].map(sorted)).toEqual(before);
      expect(found.severe.length).toBeGreaterThan(20);
      expect(found.severe.some(([severity]: [string]) => severity === 'low')).toBe(false);
      const times = found.severe.map(([, raisedAt]: [string, string]) => raisedAt);
      expect(times).toEqual([...times].sort().reverse());
      expect(found.beyond).toEqual([]);
      expect(found.deleted).toEqual([
        [200, { deleted: true }],
        [200, { deleted: true }],
      ]);
      expect(await truthIds(at, `?tenant=${tenant}&stream=local-sites`)).toHaveLength(29);
      expect({ acted: found.acted, ordered: found.ordered }).toEqual({ acted: [201, 404], ordered: [201, 202] });
      expect(found.looked).toEqual([
        [200, true],
        [200, true],
        [200, true],
      ]);
    }),
  );
});

describe.skipIf(noPython !== null)('an agent that keeps a point in time', () => {
  test('is refused with HTTP Basic, gets in by form, renews by JSON, and sees everything at least once', () =>
    withSimulator({ historyMs: 4 * HOUR_MS, eventsPerTenant: 1500 }, async (at) => {
      await at.sim('POST', 'settings', { gzip: true });
      const [tenant = ''] = await at.tenantIds();
      const rounds = [secondsAgo(5 * HOUR_MS), secondsAgo(HOUR_MS)];
      const found = await foreign('window_agent', { ...known(at), tenant, limit: 200, rounds });
      expect(sorted(found.ids)).toEqual(await truthIds(at, '?stream=events'));
      expect(found.basic).toBe(401);
      expect(found.repeated).toBeGreaterThan(0);
    }));
});

describe.skipIf(noPython !== null)('senders to the collector', () => {
  test('of several makes are all understood, and every event is there once', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'hec/faults', { ackDelayMs: 100 });
      const { hecUrl: url, hecToken: token, hecAckToken: ackToken } = at.simulator;
      const told = await foreign('hec_sender', { url, token, ackToken });
      const success = [200, { text: 'Success', code: 0 }];
      for (const way of ['single', 'lines', 'glued', 'slash', 'gzip', 'chunked', 'text']) expect([way, ...told[way]]).toEqual([way, ...success]);
      expect(told.raw[0]).toBe(404);
      expect([told.health, told['health/1.0']].map(([status, { code }]) => [status, code])).toEqual([
        [200, 17],
        [200, 17],
      ]);
      expect(told.unknown).toBe(401);
      expect(told.acked.map(([status, { code, ackId }]: [number, { code: number; ackId: number }]) => [status, code, ackId])).toEqual([
        [200, 0, 0],
        [200, 0, 1],
      ]);
      expect(told['no channel']).toEqual([400, { text: 'Data channel is missing', code: 10 }]);
      expect(told.waiting).toEqual([]);
      expect(told.polls).toBeGreaterThan(1);
      const indexed = lines((await at.sim('GET', 'hec?list=ids')).text) as string[];
      expect(sorted(indexed)).toEqual(
        sorted(['single', 'lines-1', 'lines-2', 'glued-1', 'glued-2', 'slash', 'gzip', 'chunked-1', 'chunked-2', 'text', 'acked-1', 'acked-2']),
      );
    }));
});
