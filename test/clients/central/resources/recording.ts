/** A far end that keeps what it was asked, and a table of what it should have been asked. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CallForm } from '../../../../src/clients/central/form.ts';
import { SophosCentral } from '../../../../src/index.ts';
import { type Asked, FarCentral } from '../../../far-ends/central.ts';
import { openTestWorld } from '../../world.ts';

type Our = {
  readonly tenant: ReturnType<SophosCentral['forTenant']>;
  readonly partner: SophosCentral['partner'];
  readonly organization: SophosCentral['organization'];
};

/** What was to be seen beside method and path; the host is the tenant's region unless it is told. */
interface Seen {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly host?: 'global';
}

/** Method and path, the call, and the rest of what was to be seen. */
export type Row = readonly [line: string, call: (our: Our) => Promise<unknown>, seen?: Seen];

const tenantId = '57ca9a6b-885f-4e36-95ec-290548c26059';

/** One test for each row: exactly one request, and nothing in it but what the row tells. */
export function seenAs(rows: readonly Row[]): void {
  let region: FarCentral;
  let global: FarCentral;
  let close: () => Promise<void>;
  let our: Our;
  beforeAll(async () => {
    region = await new FarCentral().open();
    global = await new FarCentral().open();
    for (const far of [region, global]) far.intercept = (asked) => answerTo(asked, global);
    const { world, close: end } = openTestWorld();
    // The identity service's origin is one of those where a token may go: so it can play the region.
    const central = new SophosCentral({
      clientId: region.clientId,
      clientSecret: region.clientSecret,
      authUrl: region.url,
      apiUrl: global.url,
      rateLimits: { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 },
      retries: 0,
      world,
    });
    our = { tenant: central.forTenant({ id: tenantId, apiHost: region.url }), partner: central.partner, organization: central.organization };
    close = async () => {
      await end();
      await region.close();
      await global.close();
    };
  });
  afterAll(() => close());

  it.each(rows.map((row) => ({ line: row[0], row })))('$line', async ({ row }) => {
    const [line, call, { query = {}, body, host }] = [row[0], row[1], row[2] ?? {}];
    region.asked.length = 0;
    global.asked.length = 0;
    await call(our);
    const asked = [...region.asked.map((each) => ({ ...each, host: 'region' })), ...global.asked.map((each) => ({ ...each, host: 'global' }))];
    const seen = asked.filter(({ path }) => path !== '/whoami/v1' && !path.startsWith('/api/v2/'));
    expect(seen.map((each) => `${each.method} ${each.path}`)).toEqual([line]);
    const [only] = seen;
    expect(Object.fromEntries(only?.query ?? [])).toEqual(query);
    expect(only?.body === '' ? undefined : JSON.parse(only?.body ?? '')).toEqual(body);
    expect(only?.headers['content-type']).toBe(body === undefined ? undefined : 'application/json');
    expect(only?.host).toBe(host ?? 'region');
    expect(idsOf(only)).toEqual(idsFor(row));
  });
}

/** Every function of these resources is in the table. */
export function everyForm(owner: string, resources: Readonly<Record<string, Readonly<Record<string, CallForm>>>>, rows: readonly Row[]): void {
  it(`is in the table, of all that the ${owner} can ask`, () => {
    const called = rows.map(([, call]) => /our\.(\w+\.\w+\.\w+)\(/.exec(String(call).replace(/\s+/g, ''))?.[1]);
    const known = Object.entries(resources).flatMap(([resource, calls]) => Object.keys(calls).map((name) => `${owner}.${resource}.${name}`));
    expect(known.filter((name) => !called.includes(name))).toEqual([]);
  });
}

function answerTo({ path }: Asked, { url, accountId }: FarCentral) {
  if (path.startsWith('/api/v2/')) return null;
  if (path === '/whoami/v1') return { body: { id: accountId, idType: 'partner', apiHosts: { global: url } } };
  return { body: { items: [], licenses: [], pages: { current: 1 } } };
}

function idsOf(asked: Asked | undefined): Readonly<Record<string, unknown>> {
  const { 'x-tenant-id': tenant, 'x-partner-id': partner, 'x-organization-id': organization } = asked?.headers ?? {};
  return { tenant, partner, organization };
}

function idsFor([, call]: Row): Readonly<Record<string, unknown>> {
  const owner = /our\.(\w+)/.exec(String(call))?.[1] ?? '';
  return { tenant: undefined, partner: undefined, organization: undefined, [owner]: owner === 'tenant' ? tenantId : new FarCentral().accountId };
}
