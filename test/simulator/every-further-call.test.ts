import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Answer, type Visitor, withSimulator } from './client.ts';

interface Call {
  readonly group: string;
  readonly method: string;
  readonly path: string;
}

const ELSEWHERE = /^(Authenticate|Who-am-I|Common|Endpoint|SIEM|Organization)/;
const all: readonly Call[] = JSON.parse(readFileSync(new URL('../fixtures/central-calls.json', import.meta.url), 'utf8'));
const calls = all.filter(({ group }) => !ELSEWHERE.test(group));

/** Documented statuses beside 201 for a POST and 200 for the rest. */
const STATUSES: Readonly<Record<string, number>> = {
  'POST /account-health-check/v1/snooze': 200,
  'POST /email/v1/quarantine/messages/search': 200,
  'POST /email/v1/quarantine/messages/release': 202,
  'POST /email/v1/quarantine/messages/delete': 200,
  'POST /email/v1/quarantine/messages/{id}/attachments/strip': 200,
  'POST /email/v1/quarantine/messages/{id}/attachments/reattach': 200,
  'POST /email/v1/quarantine/messages/{id}/attachments/download': 200,
  'POST /email/v1/post-delivery-quarantine/messages/search': 200,
  'POST /email/v1/post-delivery-quarantine/messages/release': 202,
  'POST /email/v1/post-delivery-quarantine/messages/delete': 200,
  'POST /email/v1/post-delivery-quarantine/messages/{id}/attachments/download': 200,
  'POST /email/v1/messages/{id}/clawback': 202,
  'POST /email/v1/mailboxes/delete': 200,
  'PATCH /email/v1/mailboxes/{id}': 201,
  'POST /email/v1/mailboxes/{id}/aliases': 200,
  'POST /email/v1/mailboxes/{id}/delegates': 200,
  'POST /email/v1/mailboxes/{id}/distribution-list-owners': 200,
  'POST /email/v1/mailboxes/{id}/bulksender-privilege-request': 200,
  'GET /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed': 202,
  'PATCH /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/settings': 202,
  'POST /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators': 202,
  'DELETE /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators': 202,
  'POST /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators/delete': 202,
  'POST /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators/search': 202,
  'PUT /switch/v1/settings/mac-filtering': 201,
  'PUT /wifi/v1/settings/mac-filtering': 201,
  'POST /xdr-query/v1/queries/runs/{runId}/cancel': 200,
};

const YEAR = { beginDate: '2020-01-01T00:00:00.000Z', endDate: '2099-01-01T00:00:00.000Z' };
const TEMPLATE = { adHocQuery: { name: 'Mine', template: 'select name, pid from processes' } };
const PERSON = { firstName: 'A', lastName: 'B', email: 'a@b.example' };
const PLACE = { address1: 'Street 1', city: 'Town', countryCode: 'DE', postalCode: '1' };
const NOBODY = '00000000-0000-4000-8000-000000000000';
type Json = ReturnType<typeof JSON.parse>;

/** Where the value of a placeholder comes from: what stands before it, a request, and the way to the value. */
const SOURCES: Readonly<Record<string, readonly [request: string, pick: (json: Json) => string, body?: unknown]>> = {
  '/cases/v1/cases/': ['GET /cases/v1/cases?managedBy=self', first],
  '/cases/v1/cases/{caseId}/detections/': ['GET /cases/v1/cases/{caseId}/detections', first],
  '/detections/v1/queries/detections/': ['POST /detections/v1/queries/detections', ({ id }) => id, {}],
  '/detections/v1/queries/detection-groups/': ['POST /detections/v1/queries/detection-groups', ({ id }) => id, {}],
  '/email/v1/quarantine/messages/': ['POST /email/v1/quarantine/messages/search', first, YEAR],
  '/email/v1/post-delivery-quarantine/messages/': ['POST /email/v1/post-delivery-quarantine/messages/search', first, YEAR],
  '/live-discover/v1/queries/runs/': ['POST /live-discover/v1/queries/runs', ({ id }) => id, { ...TEMPLATE, matchEndpoints: { all: true } }],
  '/xdr-query/v1/queries/runs/': ['POST /xdr-query/v1/queries/runs', ({ id }) => id, TEMPLATE],
  '/mobile/v1/devices/{id}/properties/': ['GET /mobile/v1/devices/{id}/properties', ({ items }) => items[1].key],
  '/partner/v1/billing/usage/': ['GET /whoami/v1', () => '2026'],
  '/partner/v1/billing/usage/{year}/': ['GET /whoami/v1', () => '1'],
  '/live-discover/v1/enrichment-pivots/': ['POST /live-discover/v1/enrichment-pivots', ({ id }) => id, { name: 'P', url: 'https://x.example/', type: 'url' }],
  '/partner/v1/roles/': ['POST /partner/v1/roles', ({ id }) => id, { name: 'R', principalType: 'user', permissionSets: [] }],
  '/dns-protection/v2/locations/': ['POST /dns-protection/v2/locations', ({ id }) => id, { name: 'L' }],
  '/mobile/v1/device-groups/': ['POST /mobile/v1/device-groups', ({ id }) => id, { name: 'G' }],
  '/firewall/v1/firewall-config/firewalls/': ['GET /firewall/v1/firewalls', first],
  '/firewall/v1/firewall-config/firewalls/{firewallId}/transactions/': [
    'GET /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed',
    ({ transactionId }) => transactionId,
  ],
  '/user-activity-verification/v1/attestations/': ['POST /user-activity-verification/v1/attestations', ({ id }) => id, attestation()],
  '/email/v1/quarantine/downloads/': ['POST /email/v1/quarantine/messages/{id}/attachments/download', ({ id }) => id, { attachments: ['x'] }],
  '/email/v1/post-delivery-quarantine/downloads/': [
    'POST /email/v1/post-delivery-quarantine/messages/{id}/attachments/download',
    ({ id }) => id,
    { attachments: [] },
  ],
};

function first({ items }: Json): string {
  return items[0].id;
}

function attestation() {
  const text = { text: 'Was it you?' };
  const option = (key: string) => ({ key, value: { text: key } });
  return { userId: NOBODY, title: text, question: text, options: [option('yes'), option('no')], timeoutInSeconds: 60 };
}

/** A valid body for each call that takes one; `{...}` in a text is replaced by what `lookUp` finds. */
const BODIES: Readonly<Record<string, unknown>> = {
  'POST /account-health-check/v1/snooze': { endpoint: { policy: {} }, networkDevice: { firewall: {} } },
  'POST /accounts/v1/access-tokens': { label: 'T', type: 'sls' },
  'PATCH /accounts/v1/access-tokens/{tokenId}': { label: 'T' },
  'POST /cases/v1/cases': { name: 'C', type: 'hunt', severity: 'low' },
  'PATCH /cases/v1/cases/{caseId}': { status: 'onHold' },
  'POST /cloud-security/v1/profiles': { name: 'P', settings: { rules: [], lists: [] } },
  'POST /detections/v1/queries/detections': {},
  'POST /detections/v1/queries/detection-groups': { severity: [9, 10] },
  'POST /dns-protection/v2/locations': { name: 'L', ipList: ['192.0.2.7'], dohEnabled: true },
  'PATCH /dns-protection/v2/locations/{id}': { ipAddresses: { add: ['2001:db8::7'] }, domainNames: { add: ['a.example'], remove: [] }, dohEnabled: false },
  'POST /email/v1/quarantine/messages/search': { ...YEAR, filter: { reason: ['spam'] }, sort: ['quarantinedAt:DESC'] },
  'POST /email/v1/post-delivery-quarantine/messages/search': { ...YEAR, page: 1, sort: ['forRecipient:DESC'] },
  'POST /email/v1/quarantine/messages/release': { items: [{ id: NOBODY }] },
  'POST /email/v1/post-delivery-quarantine/messages/release': { items: [{ id: NOBODY }] },
  'POST /email/v1/quarantine/messages/delete': { blockSender: false, items: [{ id: NOBODY }] },
  'POST /email/v1/post-delivery-quarantine/messages/delete': { items: [{ id: NOBODY }] },
  'POST /email/v1/quarantine/messages/{id}/attachments/strip': { attachments: ['x'], forRecipients: [] },
  'POST /email/v1/quarantine/messages/{id}/attachments/reattach': { attachments: ['x'] },
  'POST /email/v1/quarantine/messages/{id}/attachments/download': { attachments: ['x'] },
  'POST /email/v1/post-delivery-quarantine/messages/{id}/attachments/download': { attachments: ['x'] },
  'POST /email/v1/messages/{id}/clawback': { recipients: ['a@b.example'], reason: 'phishing' },
  'POST /email/v1/mailboxes': { type: 'user', email: 'new@example.com', name: 'New' },
  'POST /email/v1/mailboxes/bulk': { items: [{ type: 'user', email: 'new@example.com', name: 'New' }] },
  'POST /email/v1/mailboxes/delete': { items: [{ id: NOBODY }] },
  'PATCH /email/v1/mailboxes/{id}': { name: 'Other' },
  'POST /email/v1/mailboxes/{id}/aliases': { add: ['other@example.com'], remove: [] },
  'POST /email/v1/mailboxes/{id}/delegates': { add: ['other@example.com'] },
  'POST /email/v1/mailboxes/{id}/distribution-list-owners': { add: ['other@example.com'] },
  'POST /email/v1/mailboxes/{id}/bulksender-privilege-request': { count: 50, period: 'daily', purpose: 'news' },
  'PATCH /firewall/v1/firewalls/{firewallId}': { name: 'F' },
  'POST /firewall/v1/firewalls/{firewallId}/action': { action: 'approveManagement' },
  'POST /firewall/v1/firewalls/actions/firmware-upgrade-check': { firewalls: ['{firewall}'] },
  'POST /firewall/v1/firewalls/actions/firmware-upgrade': { firewalls: [{ id: '{firewall}' }] },
  'POST /firewall/v1/firewall-groups': { name: 'G', assignFirewalls: ['{firewall}'] },
  'PATCH /firewall/v1/firewall-groups/{groupId}': { name: 'G', assignFirewalls: ['{firewall}'], unassignFirewalls: [] },
  'PATCH /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/settings': { enabled: true, action: 'logOnly' },
  'POST /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators': { indicators: [{ value: '192.0.2.1', type: 'ipv4-addr' }] },
  'POST /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators/delete': { indicators: [{ value: '192.0.2.1', type: 'ipv4-addr' }] },
  'POST /firewall/v1/firewall-config/firewalls/{firewallId}/mdr-threat-feed/indicators/search': { indicatorValues: ['192.0.2.1'] },
  'POST /live-discover/v1/queries/runs': { ...TEMPLATE, matchEndpoints: { all: false, filters: [{ type: ['computer'] }] } },
  'POST /live-discover/v1/enrichment-pivots': { name: 'P', url: 'https://x.example/', type: 'url' },
  'PATCH /live-discover/v1/enrichment-pivots/{enrichmentPivotId}': { description: 'D' },
  'POST /mobile/v1/devices': { name: 'D', platform: 'android', ownershipType: 'corporate' },
  'PUT /mobile/v1/devices/{id}': { name: 'D', ownershipType: 'corporate' },
  'POST /mobile/v1/devices/{id}/properties': { key: 'custom.new', value: 'v' },
  'PUT /mobile/v1/devices/{id}/properties/{propertyKey}': { value: 'v' },
  'POST /mobile/v1/device-groups': { name: 'G' },
  'PUT /mobile/v1/device-groups/{id}': { name: 'H' },
  ...Object.fromEntries(['sync', 'get-logs', 'scan', 'unenroll'].map((name) => [`POST /mobile/v1/actions/${name}`, { endpoints: ['{device}', NOBODY] }])),
  'POST /mobile/v1/actions/send-message': { arguments: { message: 'Hello' }, endpoints: ['{device}'] },
  'POST /mobile/v1/actions/locate': { arguments: { reason: 'Lost' }, endpoints: ['{device}'] },
  'POST /mobile/v1/actions/lock': { arguments: { lockCode: 123_456 }, endpoints: ['{device}'] },
  'POST /mobile/v1/actions/wipe': { arguments: { wipeCode: '123456' }, endpoints: ['{device}'] },
  'POST /mobile/v1/app-groups': { name: 'A', platform: 'android', apps: [{ identifier: 'com.example', name: 'E' }] },
  'PATCH /mobile/v1/app-groups/{id}': { name: 'B' },
  'POST /partner/v1/tenants': { name: 'T', dataGeography: 'DE', billingType: 'trial', contact: { ...PERSON, address: PLACE } },
  'POST /partner/v1/roles': { name: 'R', principalType: 'user', permissionSets: ['partner_read'] },
  'PATCH /partner/v1/roles/{roleId}': { description: 'D' },
  'POST /partner/v1/admins': { username: 'a@b.example', profile: { name: 'A' }, roleAssignments: [{ roleId: '{role}', scope: { type: 'tenant' } }] },
  'POST /partner/v1/admins/{adminId}/role-assignments': { roleId: '{role}', scope: { type: 'tenant', id: '{tenant}' } },
  'PUT /switch/v1/settings/mac-filtering': { macAddresses: ['02:00:5e:10:00:09'] },
  'PUT /wifi/v1/settings/mac-filtering': { macAddresses: [] },
  'POST /user-activity-verification/v1/attestations': attestation(),
  'POST /xdr-query/v1/queries/runs': { ...TEMPLATE, from: '-P1D' },
  'POST /xdr-query/v1/queries/runs/{runId}/cancel': {},
};
const QUERIES: Readonly<Record<string, string>> = {
  'DELETE /cloud-security/v1/profiles': '?profileIds={profile}',
  'PUT /cloud-security/v1/profiles/{profileId}': '?name=Other',
  'DELETE /firewall/v1/firewalls/actions/firmware-upgrade': '?ids={firewall}',
};
const LOOK_UPS: Readonly<Record<string, string>> = {
  firewall: '/firewall/v1/firewalls',
  device: '/mobile/v1/devices',
  role: '/partner/v1/roles',
  tenant: '/partner/v1/tenants',
  profile: '/cloud-security/v1/profiles',
};

/** Somebody who may call everything: a partner, for its first tenant. */
class Caller {
  readonly #at: Visitor;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #known = new Map<string, string>();
  constructor(at: Visitor, headers: Readonly<Record<string, string>>) {
    this.#at = at;
    this.#headers = headers;
  }

  static async of(at: Visitor): Promise<Caller> {
    const token = await at.token();
    const partner = (await at.request('GET', '/whoami/v1', { authorization: `Bearer ${token}` })).json.id;
    const [tenant = ''] = await at.tenantIds();
    return new Caller(at, { authorization: `Bearer ${token}`, 'x-tenant-id': tenant, 'x-partner-id': partner, 'content-type': 'application/json' });
  }

  async ask(method: string, template: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : await this.#looked(JSON.stringify(body));
    return this.#at.request(method, await this.#looked(await this.#filled(template)), this.#headers, text);
  }

  /** The path with an id that is known in each of its placeholders. */
  async #filled(template: string): Promise<string> {
    const [path = '', query] = template.split('?');
    let filled = '';
    let before = '';
    for (const step of path.split('/').slice(1)) {
      filled += `/${step.startsWith('{') ? encodeURIComponent(await this.#once(`${before}/`, filled)) : step}`;
      before += `/${step}`;
    }
    return query === undefined ? filled : `${filled}?${query}`;
  }

  async #once(before: string, list: string): Promise<string> {
    const value = this.#known.get(list) ?? (await this.#value(before, list));
    this.#known.set(list, value);
    return value;
  }

  async #value(before: string, list: string): Promise<string> {
    if (before === '/email/v1/messages/') return this.#released();
    const [request, pick, body] = SOURCES[before] ?? [`GET ${list}`, first];
    const [method = '', path = ''] = request.split(' ');
    const answer = await this.ask(method, path.startsWith(before) ? path.replace(before.slice(0, -1), list) : path, body);
    if (answer.status > 202) throw new Error(`${request}: ${answer.status} ${answer.text}`);
    return pick(answer.json);
  }

  /** A message that was released is one that was delivered. */
  async #released(): Promise<string> {
    const found = (await this.ask('POST', '/email/v1/quarantine/messages/search', YEAR)).json.items[0];
    await this.ask('POST', '/email/v1/quarantine/messages/release', { items: [{ id: found.id }] });
    return found.id;
  }

  async #looked(text: string): Promise<string> {
    let looked = text;
    for (const [, name = ''] of text.matchAll(/\{(\w+)\}/g)) {
      const path = LOOK_UPS[name];
      if (path !== undefined) looked = looked.replaceAll(`{${name}}`, first((await this.ask('GET', path)).json));
    }
    return looked;
  }
}

describe('each call of the further groups', () => {
  test('is one of 171', () => expect(calls).toHaveLength(171));

  async function answersAsDocumented(caller: Caller, { method, path }: Call): Promise<void> {
    const name = `${method} ${path}`;
    const { status, text, json } = await caller.ask(method, path + (QUERIES[name] ?? ''), BODIES[name]);
    expect(status, `${name} ${text}`).toBe(STATUSES[name] ?? (method === 'POST' ? 201 : 200));
    expect(typeof json, name).toBe('object');
  }

  const reading = calls.filter(({ method }) => method === 'GET');
  test('that reads answers with its documented status', () =>
    withSimulator({ account: 'partner', tenants: 2, endpoints: 40 }, async (at) => {
      await at.sim('POST', 'settings', { runs: 'at-once' });
      const caller = await Caller.of(at);
      for (const call of reading) await answersAsDocumented(caller, call);
    }));

  // Each in a world of its own: what one deletes, another needs.
  test.each(calls.filter((call) => !reading.includes(call)).map((call) => [`${call.method} ${call.path}`, call] as const))(
    '%s answers as documented',
    (_name, call) =>
      withSimulator({ account: 'partner', tenants: 2, endpoints: 40 }, async (at) => {
        await at.sim('POST', 'settings', { runs: 'at-once' });
        await answersAsDocumented(await Caller.of(at), call);
      }),
  );

  const changing = calls.filter(({ method, path }) => ['POST', 'PUT', 'PATCH'].includes(method) && `${method} ${path}` in BODIES);
  test('that takes a body refuses one that is no object, and none', () =>
    withSimulator({ account: 'partner', tenants: 2, endpoints: 40 }, async (at) => {
      const caller = await Caller.of(at);
      for (const { method, path } of changing) {
        expect((await caller.ask(method, path, ['x'])).status, path).toBe(400);
        // A query for detections with nothing to say is about the last day.
        if (!path.startsWith('/detections/')) expect((await caller.ask(method, path)).status, path).toBe(400);
      }
    }));

  const single = calls.filter(({ method, path }) => method === 'GET' && /\{[^}]*\}$/.test(path));
  test('for one thing says 404 when it is not there', () =>
    withSimulator({ account: 'partner', tenants: 2, endpoints: 40 }, async (at) => {
      const caller = await Caller.of(at);
      for (const { path } of single) {
        const unknown = path.includes('{year}') ? path.replace('{year}/{month}', '2026/13') : path.replace(/\{[^}]*\}$/, NOBODY);
        const { status, json } = await caller.ask('GET', unknown);
        expect([status, json.error, typeof json.requestId], path).toEqual([404, 'notFound', 'string']);
      }
    }));

  test('wants a token, and whose it is about', () =>
    withSimulator({ account: 'partner', tenants: 2, endpoints: 40 }, async (at) => {
      const authorization = `Bearer ${await at.token()}`;
      const [tenant = ''] = await at.tenantIds();
      await at.sim('POST', 'faults', { forbidden: { tenants: [0] } });
      for (const { method, path } of calls) {
        const known = path.replaceAll(/\{[^}]*\}/g, NOBODY);
        expect((await at.request(method, known, { 'x-tenant-id': tenant })).status, path).toBe(401);
        expect((await at.request(method, known, { authorization })).status, path).toBe(401);
        if (!path.startsWith('/partner/')) expect((await at.request(method, known, { authorization, 'x-tenant-id': tenant })).status, path).toBe(403);
      }
    }));

  test('is never at a loss, whatever it is sent', () =>
    withSimulator({ account: 'partner', tenants: 2, endpoints: 40 }, async (at) => {
      const caller = await Caller.of(at);
      const values = [
        null,
        true,
        -1,
        1e300,
        '',
        '\u0000',
        '../..',
        '__proto__',
        [],
        [null],
        [[{}]],
        {},
        JSON.parse('{"__proto__":1,"constructor":1}'),
        '9'.repeat(9999),
      ];
      const odd = (value: unknown, other: unknown): unknown =>
        typeof value !== 'object' || value === null
          ? other
          : Array.isArray(value)
            ? value.map((each) => odd(each, other))
            : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, odd(each, other)]));
      for (const [i, { method, path }] of calls.entries()) {
        const known = BODIES[`${method} ${path}`];
        for (const k of [0, 1, 2]) {
          const value = values[(3 * i + k) % values.length];
          // Once with ids that are known, then with what are none.
          const named =
            k === 0 && method !== 'DELETE'
              ? path
              : path.replaceAll(/\{[^}]*\}/g, encodeURIComponent(typeof value === 'string' ? value.slice(0, 99) || 'x' : NOBODY));
          const query = `?page=1&ids=${encodeURIComponent(String(value)).slice(0, 99)}&from=x&search=%00&match=:&profileIds=${NOBODY}&name=%ff`;
          for (const body of [value, odd(known, value)]) {
            const { status, text } = await caller.ask(method, named + query, method === 'GET' ? undefined : body);
            expect(status, `${method} ${named} ${JSON.stringify(body)} ${text}`).toBeLessThan(500);
            expect(text).toMatch(/^[{[]/);
          }
        }
      }
    }));
});
