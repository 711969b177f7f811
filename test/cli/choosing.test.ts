/** Choosing tenants and endpoints by name: never more than was meant. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linesOf, openScene, type Scene } from './actions-scene.ts';

let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ endpoints: 24, tenantNames: ['Acme', 'Beta Ltd', 'Beta Inc'] });
});
beforeEach(() => scene.begin());
afterEach(() => scene.end());
afterAll(() => scene.close());

const tenantNames = (out: string) => linesOf<{ readonly name: string }>(out).map(({ name }) => name);

async function sharedHostname(): Promise<string> {
  const all = linesOf<{ readonly hostname: string; readonly tenant: { readonly name: string } }>((await scene.type(['endpoint', 'get', '--all'])).out);
  const tenantsOf = (name: string) => new Set(all.filter(({ hostname }) => hostname === name).map(({ tenant }) => tenant.name)).size;
  const found = all.find(({ hostname }) => tenantsOf(hostname) === 3);
  expect(found).toBeDefined();
  return found?.hostname ?? '';
}

describe('names after --tenant', () => {
  it('are globs of names, and ids only as a whole or from their first eight digits on', async () => {
    const all = linesOf<{ readonly id: string; readonly name: string }>((await scene.type(['tenants'])).out);
    for (const { id, name } of all) {
      expect(tenantNames((await scene.type(['tenants', '--tenant', `${id.slice(0, 9)}*`])).out)).toEqual([name]);
      const { code } = await scene.type(['tenants', '--tenant', `${id.slice(0, 4)}*`]);
      expect(code).toBe(2);
    }
  });

  it('are told when nobody has one of them, the others are served, and the end is 4', async () => {
    for (const line of [['tenants'], ['get', 'local-sites', '--limit', '1'], ['endpoint', 'get', '--all']]) {
      const { code, out, err } = await scene.type([...line, '--tenant', 'Acme', '--tenant', 'Betta Ltd']);
      expect({ line, code, isSome: out !== '' }).toEqual({ line, code: 4, isSome: true });
      expect(err).toContain('no tenant is called `Betta Ltd`');
    }
    const { out } = await scene.type([
      'check',
      'alerts',
      '--tenant',
      'Acme',
      '--tenant',
      'Betta Ltd',
      '--critical',
      'alerts_high=',
      '--warning',
      'alerts_medium=',
    ]);
    expect(out).toMatch(/^SOPHOS UNKNOWN - no tenant is called `Betta Ltd`/);
  });

  it('are told when they leave nobody out; and then nothing is changed', async () => {
    const read = await scene.type(['tenants', '--exclude-tenant', 'Betta Ltd', '--exclude-tenant', 'Trial *']);
    expect({ code: read.code, names: tenantNames(read.out).length }).toEqual({ code: 0, names: 3 });
    expect(read.err).toContain('`--exclude-tenant Betta Ltd` leaves nobody out');
    expect(read.err).not.toContain('Trial');
    const act = await scene.type(['endpoint', 'scan', '--all', '--exclude-tenant', 'Betta Ltd', '--yes', '--max', '1000']);
    expect(act.code).toBe(2);
    expect(await scene.changes()).toEqual([]);
  });
});

describe('a host name that endpoints of several tenants have', () => {
  const lines = [['scan'], ['update'], ['isolate'], ['delete'], ['tamper', 'off']];

  it('changes none of them until the tenant is said', async () => {
    const hostname = await sharedHostname();
    for (const line of lines) {
      const { code, err } = await scene.type(['endpoint', ...line, hostname, '--yes']);
      expect({ line, code }).toEqual({ line, code: 2 });
      expect(err).toMatch(/several tenants have an endpoint .*: Acme, Beta Ltd, Beta Inc; nothing was changed/);
    }
    expect(await scene.changes()).toEqual([]);
    const one = await scene.type(['endpoint', 'scan', hostname, '--tenant', 'Acme', '--yes']);
    expect({ code: one.code, tenants: new Set((await scene.changes()).map(({ tenant }) => tenant)).size }).toEqual({ code: 0, tenants: 1 });
    const all = await scene.type(['endpoint', 'scan', hostname, '--tenant', '*', '--yes']);
    expect({ code: all.code, tenants: new Set((await scene.changes()).map(({ tenant }) => tenant)).size }).toEqual({ code: 0, tenants: 3 });
  });

  it('is looked at in all of them, and a glob means all', async () => {
    const hostname = await sharedHostname();
    expect((await scene.type(['endpoint', 'get', hostname])).code).toBe(0);
    expect((await scene.type(['endpoint', 'tamper', 'show', hostname])).code).toBe(0);
    expect((await scene.type(['endpoint', 'scan', `${hostname}*`, '--dry-run'])).code).toBe(0);
  });
});

describe('what will not do', () => {
  it('is told before Central is asked', async () => {
    for (const [line, says] of [
      [['endpoint', 'get', '--health', 'terrible'], '`--health` does not know `terrible`'],
      [['endpoint', 'scan', '--type', 'laptop', '--yes'], '`--type` does not know `laptop`'],
      [['alert', 'search', '--severity', 'hihg'], '`--severity` does not know `hihg`'],
      [['alert', 'act', 'acknowledge', '--severity', 'hihg', '--yes'], '`--severity` does not know `hihg`'],
    ] as const) {
      const { code, err } = await scene.type(line);
      expect({ line, code }).toEqual({ line, code: 2 });
      expect(err).toContain(says);
    }
    expect(await scene.control('GET', '/_sim/requests')).not.toContain('/common/v1/alerts');
    expect((await scene.type(['alert', 'search', '--severity', 'HIGH,Low'])).code).toBe(0);
  });

  it('is a state folder that cannot be made', async () => {
    writeFileSync(join(scene.folder, 'state'), 'a file of somebody');
    const { code, err } = await scene.type(['get', 'alerts', '--new']);
    expect(code).toBe(2);
    expect(err).toContain('cannot be made');
    expect(err).not.toContain('bug');
  });
});

describe('a plan', () => {
  it('says in a dry run that there are too many', async () => {
    const { code, err } = await scene.type(['endpoint', 'scan', '--all', '--dry-run', '--max', '5']);
    expect(code).toBe(0);
    expect(err).toContain('72 changes are more than `--max` allows (5), and would be refused');
    const real = await scene.type(['endpoint', 'scan', '--all', '--max', '5'], { columns: 80, input: 'y\n' });
    expect(real.code).toBe(2);
    expect(real.err).toContain('... and 52 more');
    expect(await scene.changes()).toEqual([]);
  });

  it('names what was not found by what was typed', async () => {
    const hostname = await sharedHostname();
    const { code, err } = await scene.type(['endpoint', 'scan', hostname, 'NO-SUCH', '--tenant', 'Acme', '--yes']);
    expect(code).toBe(4);
    expect(err).toContain('left out: NO-SUCH: no tenant has such an endpoint');
  });

  it('tells tenants of one name apart, and says what is carried in words', async () => {
    await scene.control('POST', '/_sim/tenants', { update: [{ tenant: 2, name: 'Beta Ltd' }] });
    const line = ['local-site', 'add', 'new.example.com', '--category', 'Business', '--tags', 'a,b', '--tenant', 'Beta Ltd'];
    const { code, err } = await scene.type(line, { columns: 80, input: 'n\n' });
    expect(code).toBe(0);
    expect(err.match(/Beta Ltd \([0-9a-f]{8}\) .*category 6, tags a b/g)).toHaveLength(2);
    expect(err).not.toContain('{');
    await scene.control('POST', '/_sim/tenants', { update: [{ tenant: 2, name: 'Beta Inc' }] });
  });

  it('shows whole host names at 80 columns', async () => {
    const hostname = await sharedHostname();
    const { err } = await scene.type(['endpoint', 'isolate', hostname, '--tenant', '*'], { columns: 80, input: 'n\n' });
    expect(err.split('\n').filter((line) => line.includes(` ${hostname} `))).toHaveLength(3);
    expect(err).not.toContain('{"enabled"');
  });
});

it('`check` tells high alerts before medium ones', async () => {
  const { out } = await scene.type(['check', 'alerts']);
  const lines = out.split('\n').filter((line) => / (high|medium) alert: /.test(line));
  const firstMedium = lines.findIndex((line) => line.includes(' medium alert: '));
  expect(lines.length).toBeGreaterThan(20);
  expect(firstMedium).toBeGreaterThan(0);
  expect(lines.slice(firstMedium).some((line) => line.includes(' high alert: '))).toBe(false);
});
