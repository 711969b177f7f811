/** Every form, called: what is sent is what the form says, whoever wrote it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Forms } from '../../../../src/clients/central/bound.ts';
import type { CallForm } from '../../../../src/clients/central/form.ts';
import { organizationForms, partnerForms, tenantForms } from '../../../../src/clients/central/resources/index.ts';
import { Failure, SophosCentral } from '../../../../src/index.ts';
import { type Asked, FarCentral, type Fault } from '../../../far-ends/central.ts';
import { openTestWorld } from '../../world.ts';

interface Case {
  readonly name: string;
  readonly owner: 'tenant' | 'partner' | 'organization';
  readonly resource: string;
  readonly form: CallForm;
}

const cases: readonly Case[] = [...casesOf('tenant', tenantForms), ...casesOf('partner', partnerForms), ...casesOf('organization', organizationForms)];

function casesOf(owner: Case['owner'], forms: Forms): readonly Case[] {
  return Object.entries(forms).flatMap(([resource, calls]) =>
    Object.entries(calls).map(([name, form]) => ({ name: `${owner} ${resource}.${name}`, owner, resource: `${resource}.${name}`, form })),
  );
}

const hostileIds = ['..', '.', '', '\ud800', null, undefined, {}, ['a']];
const oddIds = ['a/b', '%2F', '%2e%2e', '../..', 'a?b#c', 'ünïcødé 🦊', '{endpointId}', '\r\nx: y', ' '];

let far: FarCentral;
let region: FarCentral;
let central: SophosCentral;
let closers: (() => Promise<void>)[] = [];

beforeEach(async () => {
  far = await new FarCentral().open();
  // Where the tenant's data lies, and where the tokens come from.
  region = await new FarCentral().open();
  const { world, close } = openTestWorld();
  closers = [() => far.close(), () => region.close(), close];
  answerWith(() => ({ body: { items: [], licenses: [], answered: true } }));
  const rateLimits = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
  central = new SophosCentral({ clientId: far.clientId, clientSecret: far.clientSecret, authUrl: region.url, apiUrl: far.url, rateLimits, retries: 0, world });
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

const isAside = ({ path }: Asked) => path.startsWith('/api/v2') || path.startsWith('/whoami');

/** Both hosts answer every call so. */
function answerWith(answer: (asked: Asked) => Fault): void {
  for (const each of [far, region]) each.intercept = (asked) => (isAside(asked) ? (asked.path.startsWith('/whoami') ? whoami() : null) : answer(asked));
}

function whoami(): Fault {
  return { body: { id: far.accountId, idType: 'partner', apiHosts: { global: far.url } } };
}

type Callable = (...args: readonly unknown[]) => unknown;

const tenant = () => central.forTenant({ id: 'tenant-1', apiHost: region.url });

function functionOf({ owner, resource }: Case): Callable {
  const calls = owner === 'tenant' ? tenant() : central[owner];
  const [noun = '', name = ''] = resource.split('.');
  return (calls as unknown as Readonly<Record<string, Readonly<Record<string, Callable>>>>)[noun]?.[name] as Callable;
}

async function run(answer: unknown): Promise<unknown> {
  return typeof answer === 'object' && answer !== null && 'all' in answer ? await (answer as { all(): Promise<unknown> }).all() : await answer;
}

async function refusal(work: () => unknown): Promise<unknown> {
  try {
    await run(work());
  } catch (error) {
    return error;
  }
  return null;
}

const placeholders = ({ path }: CallForm) => [...path.matchAll(/\{\w+\}/g)].map(([each]) => each);
const allSent = (): readonly Asked[] => [...far.asked, ...region.asked].filter((each) => !isAside(each));
const hostOf = ({ place }: CallForm) => (place === 'global' ? far : region);
const body = { comment: 'why', list: ['a', 'b'], at: new Date(0) };
const argumentsOf = (form: CallForm, ids: readonly unknown[]) => [
  ...ids,
  ...(form.sends === 'body' ? [body] : []),
  { ...Object.fromEntries((form.needs ?? []).map((name) => [name, ['n1', 'n2']])), filter: ['x', 'y'], on: true, seen: new Date(0), none: [], gone: undefined },
];

describe.each(cases)('$name', (each) => {
  const { form, owner } = each;
  const names = placeholders(form);

  it('sends what its form says', async () => {
    const ids = names.map((_, i) => `id ${i}/ä`);
    const answer = await run(functionOf(each)(...argumentsOf(form, ids)));
    const { method, path, query, headers, body: text } = hostOf(form).asked.find((asked) => !isAside(asked)) as Asked;
    expect(allSent()).toHaveLength(1);
    expect({ method, path }).toEqual({
      method: form.method,
      path: names.reduce((at, name, i) => at.replace(name, encodeURIComponent(`id ${i}/ä`)), form.path),
    });
    const paged =
      form.paging !== null && form.paging.style !== 'none' ? { pageSize: form.paging.size, ...(form.paging.style === 'page' ? { page: 1 } : {}) } : {};
    const inQuery = form.paging?.in === 'body' ? {} : Object.fromEntries(Object.entries(paged).map(([name, value]) => [name, String(value)]));
    const needed = Object.fromEntries((form.needs ?? []).map((name) => [name, 'n1,n2']));
    expect(Object.fromEntries(query)).toEqual({ filter: 'x,y', on: 'true', seen: '1970-01-01T00:00:00.000Z', ...needed, ...inQuery });
    expect(headers).toMatchObject(owner === 'tenant' ? { 'x-tenant-id': 'tenant-1' } : { [`x-${owner}-id`]: far.accountId });
    const told = form.sends === 'body' ? { ...body, at: '1970-01-01T00:00:00.000Z', ...(form.paging?.in === 'body' ? paged : {}) } : {};
    expect(text === '' ? null : JSON.parse(text)).toEqual(form.sends === 'nothing' ? null : told);
    expect(headers['content-type']).toBe(form.sends === 'nothing' ? undefined : 'application/json');
    expect(answer).toEqual(form.kind === 'list' ? [] : { items: [], licenses: [], answered: true });
  });
});

describe.each(cases.filter(({ form }) => placeholders(form).length > 0))('$name', (each) => {
  const { form } = each;
  const names = placeholders(form);

  it('lets no id lead elsewhere', async () => {
    for (const [i] of names.entries()) {
      for (const id of hostileIds) {
        const error = await refusal(() =>
          functionOf(each)(
            ...argumentsOf(
              form,
              names.map((_, at) => (at === i ? id : 'id')),
            ),
          ),
        );
        expect(error).toMatchObject({ kind: 'rejected', code: 'central.bad-id' });
      }
    }
    expect(allSent()).toEqual([]);
    for (const id of oddIds) {
      await run(
        functionOf(each)(
          ...argumentsOf(
            form,
            names.map(() => id),
          ),
        ),
      );
      const steps = allSent().at(-1)?.path.split('/') ?? [];
      expect(steps).toHaveLength(form.path.split('/').length);
      for (const [at, step] of form.path.split('/').entries()) expect(decodeURIComponent(steps[at] as string)).toBe(step.startsWith('{') ? id : step);
    }
  });
});

describe.each(cases.filter(({ form }) => form.changes))('$name', (each) => {
  const { form } = each;
  const ids = placeholders(form).map(() => 'id');

  it('is sent once, whatever comes back', async () => {
    answerWith(() => 'reset');
    const error = await refusal(() => functionOf(each)(...argumentsOf(form, ids)));
    expect(error).toBeInstanceOf(Failure);
    expect(allSent()).toHaveLength(1);
  });

  it('is done when Central says so without a word', async () => {
    answerWith(() => ({ status: 204, raw: '' }));
    expect(await run(functionOf(each)(...argumentsOf(form, ids)))).toEqual({});
  });
});

describe('a call', () => {
  it('of a tenant goes where its data lies, but for licences and tokens', () => {
    const global = cases.filter(({ owner, form }) => owner === 'tenant' && form.place === 'global').map(({ form }) => form.path);
    expect(global.length).toBeGreaterThan(0);
    expect(global.every((path) => /^\/(licenses|accounts)\/v1\//.test(path))).toBe(true);
  });

  it.each([[201], [202]])('is answered by %i as well as by 200', async (status) => {
    answerWith(() => ({ status, body: { items: [{ id: 'e' }] } }));
    expect(await tenant().endpoints.isolate({ enabled: true, ids: ['e'] })).toEqual({ items: [{ id: 'e' }] });
  });

  it('says nothing to a host that is not Sophos, nor without one', async () => {
    await expect(central.forTenant({ id: 't', apiHost: 'https://evil.example' }).endpoints.get('e')).rejects.toMatchObject({ code: 'central.foreign-host' });
    await expect(central.forTenant({ id: 't' }).endpoints.get('e')).rejects.toMatchObject({ code: 'central.no-api-host' });
    expect([...far.asked, ...region.asked]).toEqual([]);
  });

  it('never lists all when it was given no ids', async () => {
    for (const ids of [[], [''], ['a', ''], ['a,b']])
      expect(() => tenant().endpoints.list({ ids })).toThrow(expect.objectContaining({ code: 'central.bad-parameter' }));
    await expect(tenant().endpointGroups.removeEndpoints('g', { ids: [] })).rejects.toMatchObject({ code: 'central.bad-parameter' });
    // @ts-expect-error: without ids it must not compile.
    await expect(tenant().endpointGroups.removeEndpoints('g')).rejects.toMatchObject({ code: 'central.bad-parameter' });
    expect([...far.asked, ...region.asked]).toEqual([]);
  });

  it.each([['null'], ['7'], ['"text"'], ['']])('that reads is never answered by %j', async (raw) => {
    answerWith(() => ({ raw }));
    await expect(tenant().endpoints.get('e')).rejects.toMatchObject({ kind: 'transient', code: 'central.bad-body' });
  });

  it('refuses times and numbers that are none', () => {
    expect(() => tenant().endpoints.list({ lastSeenBefore: new Date('never') })).toThrow(expect.objectContaining({ code: 'central.bad-parameter' }));
    expect(() => tenant().alerts.list({ from: new Date(Number.NaN) })).toThrow(expect.objectContaining({ code: 'central.bad-parameter' }));
  });

  it('keeps secrets out of its errors: what came back in part, and what was sent and is repeated', async () => {
    const { endpoints, migrations } = tenant();
    const secret = 'hunter2-"quoted"-password';
    answerWith(({ path, body: text }) => {
      if (path.endsWith('/tamper-protection')) return { raw: JSON.stringify({ enabled: true, password: secret }).slice(0, -1) };
      return { status: 400, body: { error: 'badRequest', message: `not good: ${text} ${JSON.parse(text).token}` } };
    });
    for (const error of [await refusal(() => endpoints.tamperProtection('e')), await refusal(() => migrations.start('m', { token: secret, endpoints: [] }))]) {
      expect(error).toBeInstanceOf(Failure);
      const failed = error as Failure;
      expect(JSON.stringify({ ...failed, message: failed.message, stack: failed.stack })).not.toMatch(/hunter2|quoted/);
    }
  });
});
