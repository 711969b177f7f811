/** What Central should never answer, and accounts that overlap. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../src/cli/accounts.ts';
import { actOnAlerts } from '../../src/cli/actions/alerts.ts';
import { endpointIntent, isolationMaker, tamperMaker } from '../../src/cli/actions/endpoint-changes.ts';
import { contentOf, sameContent, siteKey, sitesNamed } from '../../src/cli/actions/local-sites.ts';
import { systemClock } from '../../src/core/clock.ts';
import { linesOf, openScene, type Scene } from './actions-scene.ts';

/** What JSON.parse makes of an answer has no type until it is looked at. */
const odd = <T>(text: string): T => JSON.parse(text);

describe('an object of the wrong form', () => {
  const target = odd<Target>('{"account":{"name":"a","credentials":{"kind":"client","clientId":"x"}},"tenant":{"id":"t","name":"T","labels":{}}}');
  const client = { forTenant: () => ({ alerts: {}, endpoints: {} }) } as unknown as Target['client'];
  const of = <T>(...values: T[]) => ({ found: [{ target: { ...target, client }, value: values }], unread: [], missing: [] });

  it('is left out when it is an alert whose allowed actions are no list', () => {
    const alerts = ['{"id":"1","allowedActions":"acknowledge","description":7,"type":{}}', '{"id":"2","allowedActions":{"acknowledge":true}}', '{"id":"3"}'];
    const { changes, leftOut } = actOnAlerts(of(...alerts.map((text) => odd<never>(text))), { action: 'acknowledge', message: undefined }, false, []);
    expect({ changes: changes.length, names: leftOut.map(({ object }) => object.name) }).toEqual({ changes: 0, names: ['', '', ''] });
  });

  it('is still an endpoint that can be isolated, or whose tamper protection can be set', () => {
    const endpoints = [
      '{"id":"1"}',
      '{"id":"2","hostname":5,"isolation":null,"health":"bad"}',
      '{"id":"3","isolation":{"status":"notIsolated"},"tamperProtectionEnabled":"False"}',
    ];
    const chosen = of(...endpoints.map((text) => odd<never>(text)));
    expect(endpointIntent(chosen, 'isolate', isolationMaker({ enabled: true, comment: undefined })).changes).toHaveLength(3);
    expect(endpointIntent(chosen, 'deisolate', isolationMaker({ enabled: false, comment: undefined })).leftOut).toHaveLength(1);
    expect(endpointIntent(chosen, 'tamper off', tamperMaker({ enabled: false, regenerate: false })).leftOut).toMatchObject([{ object: { id: '3' } }]);
  });

  it('is a local site without address, category, tags or comment', () => {
    const site = odd<Parameters<typeof contentOf>[0]>('{"id":"1","url":["x"],"categoryId":"17","tags":[1,"a"],"comment":{}}');
    expect(contentOf(site)).toEqual({ url: '', tags: ['a'] });
    expect(sitesNamed([site], 'x')).toEqual([]);
  });
});

it('two addresses are the same site when only the case of their host differs', () => {
  expect(siteKey(' HTTPS://Example.COM/Path?Q ')).toBe('https://example.com/Path?Q');
  expect(siteKey('Example.COM')).toBe(siteKey('example.com'));
  expect(siteKey('example.com/A')).not.toBe(siteKey('example.com/a'));
  expect(sameContent({ url: 'A.example' }, { url: 'a.example', tags: [], comment: '' })).toBe(true);
  expect(sameContent({ url: 'a.example' }, { url: 'a.example', categoryId: 0 })).toBe(false);
});

describe('accounts that open the same tenants', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ tenants: 2 });
  });
  beforeEach(() => {
    scene.begin();
    const { clientId, clientSecret, url } = scene.sim;
    const account = `{ clientId: "${clientId}", clientSecret: "${clientSecret}", authUrl: "${url}", apiUrl: "${url}", rateLimits: { second: 500, minute: 30000, hour: 100000, day: 200000 } }`;
    writeFileSync(join(scene.folder, 'two.yaml'), `accounts:\n  one: ${account}\n  two: ${account}\n`, { mode: 0o600 });
  });
  afterEach(() => scene.end());
  afterAll(() => scene.close());

  it('change each object once', async () => {
    const { code, out } = await scene.type(['endpoint', 'scan', '--all', '--yes', '-c', 'two.yaml']);
    const ids = linesOf<{ readonly object: { readonly id: string } }>(out).map(({ object }) => object.id);
    expect({ code, count: ids.length, distinct: new Set(ids).size }).toEqual({ code: 0, count: 24, distinct: 24 });
    expect(await scene.changes()).toHaveLength(24);
    expect(new Set(scene.log().map(({ who }) => JSON.stringify(who))).size).toBe(1);
  });

  it('say what is asked, also when nothing else is said', async () => {
    const { code, err } = await scene.type(['endpoint', 'scan', '--all', '--quiet', '-c', 'two.yaml'], { columns: 90, input: 'n\n' });
    expect({ code, asks: err.includes('24 endpoints of 2 tenants will be changed. Go on? [y/N]') }).toEqual({ code: 0, asks: true });
    expect(await scene.changes()).toEqual([]);
  });
});

describe('when Central misbehaves', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene({ endpoints: 40, localSitesPerTenant: 15 });
  });
  beforeEach(() => scene.begin());
  afterEach(() => scene.end());
  afterAll(() => scene.close());

  /** Pauses between attempts are not what this is about. */
  const world = { clock: { ...systemClock, sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 20, signal) } };

  const misbehave = (paths: string) =>
    scene.control('POST', '/_sim/faults', {
      seed: 11,
      rate: 0.2,
      kinds: ['reset', '503', 'truncate', '429-retry-after', '502-html', '500'],
      retryAfterS: 0,
      paths,
    });

  interface Row {
    readonly object: { readonly id: string; readonly name: string };
    readonly result: string;
  }

  it('no endpoint is scanned twice, and what is unknown is told as such', async () => {
    await misbehave('/scans$');
    const { code, out, err } = await scene.type(['endpoint', 'scan', '--all', '--max', '200', '--yes'], { world });
    const rows = linesOf<Row>(out);
    const asked = (await scene.changes()).filter(({ status }) => status === 201).map(({ path }) => path.split('/')[4]);
    expect({ code, err: /unknown: look in Central/.test(err), rows: rows.length, twice: asked.length - new Set(asked).size }).toEqual({
      code: 4,
      err: true,
      rows: 120,
      twice: 0,
    });
    for (const { object, result } of rows) if (result === 'done') expect(asked).toContain(object.id);
    expect(rows.filter(({ result }) => result === 'failed' || result === 'not begun')).toEqual([]);
    const log = scene.log();
    expect(log.filter(({ state }) => state === 'begun')).toHaveLength(120);
    expect(log.filter(({ state }) => state !== 'begun')).toHaveLength(120);
  });

  it('sites are deleted and put back as they were, each once', async () => {
    const list = async () =>
      linesOf<{ url: string; tenant: { id: string }; tags?: unknown; comment?: string; categoryId?: number }>(
        (await scene.type(['local-site', 'list'], { world })).out,
      );
    const contents = async () =>
      (await list()).map(({ url, tenant, tags, comment, categoryId }) => JSON.stringify([tenant.id, url, tags, comment, categoryId])).sort();
    const before = await contents();
    const urls = [...new Set((await list()).map(({ url }) => url))];
    const repeatedly = async (...line: string[]) => {
      await misbehave('/local-sites');
      for (let tries = 0; tries < 5; tries++)
        if ((await scene.type(line, { world })).err.includes('Nothing to do')) return await scene.control('DELETE', '/_sim/faults');
      throw new Error(`${line.slice(0, 2).join(' ')} did not come to an end`);
    };
    await repeatedly('local-site', 'delete', ...urls, '--yes');
    expect(await list()).toEqual([]);
    await repeatedly('local-site', 'restore', 'state/actions.ndjson', '--yes');
    expect(await contents()).toEqual(before);
  });
});
