import { describe, expect, test } from 'vitest';
import { type Asker, nobody, type Thing, withTenant } from './asker.ts';

const LIST = '/endpoint/v1/endpoints';
const tenant = { account: 'partner', tenants: 2, endpoints: 260 } as const;

async function all(asker: Asker): Promise<Thing[]> {
  return (await asker.byKey(`${LIST}?view=full&pageSize=500`)).items;
}

describe('the list of endpoints', () => {
  test('shows every one once, whatever the page size, and is what the truth says', () =>
    withTenant(tenant, async (asker) => {
      const { items, pages } = await asker.byKey(`${LIST}?pageSize=40`);
      expect([items.length, pages, new Set(items.map(({ id }) => id)).size]).toEqual([260, 7, 260]);
      const truth = await asker.at.truth(`?tenant=${asker.tenant}&stream=endpoints&fields=ids`);
      expect(truth.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
      expect(truth[0]).toEqual({ tenant: asker.tenant, stream: 'endpoints', id: items[0].id });
      expect((await asker.get(`${LIST}?pageTotal=true`)).json.pages).toMatchObject({ size: 50, total: 6, items: 260, maxSize: 500 });
    }));

  test('has the same endpoints for the same seed, others for another tenant, and ids that SIEM records name', () =>
    withTenant({ ...tenant, eventsPerTenant: 300 }, async (asker, second) => {
      const ids = (await all(asker)).map(({ id }) => id);
      const named = (await asker.at.drain(asker.tenant, 'limit=1000')).items.map(({ endpoint_id }) => endpoint_id).filter((id) => id !== undefined);
      expect(named.length).toBeGreaterThan(100);
      expect(named.filter((id) => !ids.includes(id))).toEqual([]);
      expect((await all(second)).filter(({ id }) => ids.includes(id))).toEqual([]);
      await withTenant(tenant, async (again) =>
        expect((await all(again)).map(({ id, hostname }) => [id, hostname])).toEqual((await all(asker)).map(({ id, hostname }) => [id, hostname])),
      );
    }));

  test('has what real estates have: every health, servers, missing parts, old ones, names that hurt', () =>
    withTenant({ ...tenant, endpoints: 500 }, async (asker) => {
      const items = await all(asker);
      const kinds = (of: (item: Thing) => unknown) => new Set(items.map(of));
      expect(kinds(({ health }) => health.overall)).toEqual(new Set(['good', 'suspicious', 'bad', 'unknown']));
      expect(kinds(({ os }) => os.platform)).toEqual(new Set(['windows', 'linux', 'macOS']));
      expect(kinds(({ type }) => type)).toEqual(new Set(['computer', 'server']));
      for (const field of ['group', 'associatedPerson', 'lastSeenAt', 'serialNumber', 'lastOsUpdateAt', 'cloud']) {
        expect(kinds((item) => field in item)).toEqual(new Set([true, false]));
      }
      expect(items.some(({ os }) => os.majorVersion === undefined)).toBe(true);
      expect(items.some(({ tamperProtectionEnabled }) => !tamperProtectionEnabled)).toBe(true);
      expect(items.some(({ hostname }) => hostname.includes('\u0000'))).toBe(true);
      expect(kinds(({ hostname }) => hostname).size).toBeLessThan(items.length);
    }));

  test('shows less in lesser views, and only the fields that are wanted', () =>
    withTenant(tenant, async (asker) => {
      const one = async (query: string) => Object.keys((await asker.items(`${LIST}?pageSize=1&${query}`))[0]);
      expect(await one('view=basic')).toEqual(['id', 'type', 'tenant', 'hostname']);
      expect(await one('')).toEqual(await one('view=summary'));
      expect(await one('')).not.toContain('serialNumber');
      expect(await one('view=full')).toContain('serialNumber');
      expect(await one('view=full&fields=hostname,health')).toEqual(['id', 'hostname', 'health']);
    }));

  test.each([
    ['healthStatus=bad,suspicious', (e: Thing) => ['bad', 'suspicious'].includes(e.health.overall)],
    ['healthStatus=bad&healthStatus=unknown', (e: Thing) => ['bad', 'unknown'].includes(e.health.overall)],
    ['type=server', (e: Thing) => e.type === 'server'],
    ['tamperProtectionEnabled=False', (e: Thing) => !e.tamperProtectionEnabled],
    ['tamperProtectionSupported=true', (e: Thing) => e.tamperProtectionSupported],
    ['online=true', (e: Thing) => e.online],
    ['isolationStatus=isolated', (e: Thing) => e.isolation.status === 'isolated'],
    ['lockdownStatus=installing,stopping', (e: Thing) => ['locking', 'locked'].includes(e.lockdown?.status)],
    ['overallEncryptionStatus=suspended', (e: Thing) => e.encryption?.overallStatus === 'suspended'],
    // Of the needle only ten characters count.
    ['hostnameContains=srv-fs-000zzzz', (e: Thing) => e.hostname.startsWith('SRV-FS-000')],
    ['associatedPersonContains=smith', (e: Thing) => `${e.associatedPerson?.name} ${e.associatedPerson?.viaLogin}`.toLowerCase().includes('smith')],
    ['search=ubuntu&searchFields=osName', (e: Thing) => e.os.name.startsWith('Ubuntu')],
    ['search=fin-ws-0001', (e: Thing) => e.hostname === 'FIN-WS-0001'],
    ['cloud=aws', (e: Thing) => e.cloud?.provider === 'aws'],
    ['assignedToGroup=false', (e: Thing) => e.group === undefined],
    ['groupNameContains=finance', (e: Thing) => e.group?.name === 'Finance'],
    ['lastSeenBefore=-P30D', (e: Thing) => Date.parse(e.lastSeenAt) < Date.now() - 30 * 86_400_000],
    ['lastSeenAfter=-PT36H', (e: Thing) => Date.parse(e.lastSeenAt) > Date.now() - 36 * 3_600_000],
    ['lastAgentUpdateAfter=2000-01-01T00:00:00Z', (e: Thing) => e.lastAgentUpdateAt !== undefined],
  ] as const)('of %s has those and no others', (query, fits) =>
    withTenant(tenant, async (asker) => {
      const wanted = (await all(asker)).filter(fits).map(({ id }) => id);
      const found = (await asker.byKey(`${LIST}?${query}&pageSize=7`)).items.map(({ id }) => id);
      expect(found).toEqual(wanted);
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThan(260);
    }),
  );

  test('finds by id, by address and by hardware address in any spelling', () =>
    withTenant(tenant, async (asker) => {
      const items = await all(asker);
      const { id, ipv4Addresses, macAddresses } = items[17];
      const [mac] = macAddresses as [string];
      const bare = mac.replaceAll(':', '').toLowerCase();
      const spellings = [mac, mac.replaceAll(':', '-').toLowerCase(), bare, bare.replace(/(.{4})(?=.)/g, '$1.')];
      for (const query of [
        `ids=${id.toUpperCase()}`,
        `ipAddresses=${ipv4Addresses[0]}`,
        ...spellings.map((each) => `macAddresses=${encodeURIComponent(each)}`),
      ]) {
        expect((await asker.items(`${LIST}?${query}`)).map((item) => item.id)).toEqual([id]);
      }
    }));

  test('is split exactly by an instant: before is exclusive, after inclusive', () =>
    withTenant(tenant, async (asker) => {
      const items = await all(asker);
      const { lastSeenAt } = items[3];
      const seen = items.filter((item) => item.lastSeenAt !== undefined).length;
      const count = async (query: string) => (await asker.byKey(`${LIST}?pageSize=500&${query}`)).items.length;
      expect((await count(`lastSeenBefore=${lastSeenAt}`)) + (await count(`lastSeenAfter=${lastSeenAt}`))).toBe(seen);
      expect((await asker.items(`${LIST}?ids=${items[3].id}&lastSeenBefore=${lastSeenAt}`)).length).toBe(0);
      expect((await asker.items(`${LIST}?ids=${items[3].id}&lastSeenAfter=${lastSeenAt}`)).length).toBe(1);
    }));

  test('knows its own keys only, not those of another tenant', () =>
    withTenant({ ...tenant, openAlertsPerTenant: 30 }, async (asker, second) => {
      for (const path of [LIST, '/common/v1/alerts']) {
        const { nextKey } = (await asker.get(`${path}?pageSize=10`)).json.pages;
        const next = `${path}?pageSize=10&pageFromKey=${encodeURIComponent(nextKey)}`;
        expect([await asker.status('GET', next), await second.status('GET', next)]).toEqual([200, 400]);
        if (path === LIST) expect(nextKey).toMatch(/[+/]/);
      }
    }));

  test('is sorted on request, over all pages', () =>
    withTenant(tenant, async (asker) => {
      const names = (await asker.byKey(`${LIST}?sort=hostname:desc&pageSize=33`)).items.map(({ hostname }) => hostname);
      expect(names).toHaveLength(260);
      expect(names).toEqual([...names].sort().reverse());
    }));

  test.each([
    'view=everything',
    'pageSize=501',
    'pageSize=0',
    'pageSize=ten',
    'pageTotal=maybe',
    'healthStatus=fine',
    'type=toaster',
    'online=yes',
    'ids=x',
    'isolationStatus=isolated,notIsolated',
    'lastSeenBefore=yesterday',
    'lastSeenAfter=P',
    'lastSeenAfter=-P1DT',
    'lastSeenAfter=2026-02-31T99:00:00Z',
    'ipAddresses=300.1.1.1',
    'macAddresses=zz',
    'searchFields=shoeSize',
    'sort=shoeSize',
    'pageFromKey=foreign',
    'groupIds=finance',
  ])('refuses %s', (query) =>
    withTenant({ endpoints: 5 }, async (asker) => {
      const { status, json } = await asker.get(`${LIST}?${query}`);
      expect(status).toBe(400);
      expect(json).toMatchObject({ error: 'badRequest', correlationId: expect.any(String), requestId: expect.any(String) });
    }),
  );

  test('does with filters by group what a setting says', () =>
    withTenant(tenant, async (asker) => {
      await asker.at.sim('POST', 'settings', { groupFilters: 'ignore' });
      expect((await asker.byKey(`${LIST}?assignedToGroup=false&pageSize=500`)).items).toHaveLength(260);
      await asker.at.sim('POST', 'settings', { groupFilters: 'reject' });
      expect(await asker.status('GET', `${LIST}?groupNameContains=x`)).toBe(400);
    }));

  test('spells booleans as texts for a few, and ends with an empty key, when told to', () =>
    withTenant(tenant, async (asker) => {
      await asker.at.sim('POST', 'settings', { oddBooleans: true, lastKey: 'empty' });
      const { json } = await asker.get(`${LIST}?pageSize=500`);
      expect(json.pages.nextKey).toBe('');
      expect(new Set(json.items.map((item: Thing) => item.tamperProtectionEnabled))).toEqual(new Set([true, false, 'True', 'False']));
    }));
});

describe('deleting endpoints', () => {
  test('takes them out for good, one by one and many at once, and knows no unknown one', () =>
    withTenant(tenant, async (asker, second) => {
      const ids = (await all(asker)).map(({ id }) => id);
      expect((await asker.ask('DELETE', `${LIST}/${ids[0]}`)).json).toEqual({ deleted: true });
      for (const method of ['GET', 'DELETE']) expect(await asker.status(method, `${LIST}/${ids[0]}`)).toBe(404);
      const bulk = await asker.ask('POST', `${LIST}/delete`, { endpointIds: [ids[1], ids[2], ids[0], nobody] });
      expect([bulk.status, bulk.json]).toEqual([200, { endpointIds: [ids[1], ids[2]] }]);
      for (const body of [undefined, {}, { endpointIds: [] }, { endpointIds: ['x'] }, { endpointIds: [ids[3]], all: true }, []]) {
        expect(await asker.status('POST', `${LIST}/delete`, body)).toBe(400);
      }
      expect(await asker.status('GET', `${LIST}/not-a-uuid`)).toBe(400);
      expect(await second.status('DELETE', `${LIST}/${ids[4]}`)).toBe(404);
      expect((await all(asker)).map(({ id }) => id)).toEqual(ids.slice(3));
    }));

  test('between two pages shifts nothing: the rest is still read once', () =>
    withTenant(tenant, async (asker) => {
      const first = (await asker.get(`${LIST}?pageSize=100`)).json;
      await asker.ask('POST', `${LIST}/delete`, { endpointIds: first.items.map(({ id }: Thing) => id) });
      const rest = (await asker.get(`${LIST}?pageSize=500&pageFromKey=${encodeURIComponent(first.pages.nextKey)}`)).json;
      expect(rest.items).toHaveLength(160);
      expect(rest.pages.fromKey).toBe(first.pages.nextKey);
    }));
});
