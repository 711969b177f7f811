/** Automatic actions: what a rule does, and above all what it does not. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Said, type } from './terminal.ts';

let sim: RunningSimulator;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'automatic-'));
  sim = await startSimulator({ account: 'partner', tenants: 2, openAlertsPerTenant: 0, tenantNames: ['Acme', 'Beta Ltd'] });
});
afterEach(async () => {
  await sim.close();
  rmSync(folder, { recursive: true });
});

async function ask(method: string, path: string, body?: unknown): Promise<string> {
  const reply = await fetch(`${sim.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await reply.text();
  expect(reply.status, text).toBeLessThan(300);
  return text;
}

const lines = (text: string): readonly Readonly<Record<string, unknown>>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function configure(actions: string, more = ''): void {
  writeFileSync(
    join(folder, 'sophos-central.yaml'),
    `streams: { alerts: { days: 90 } }
sinks:
  out: { type: file, path: "out/{tenant.id}.ndjson" }
  splunk: { type: splunk-hec, url: "${sim.hecUrl}", token: "${sim.hecToken}" }
routes:
  - { from: alerts, to: out }
${more}
actions: ${actions}
`,
  );
}

function pass(...more: string[]): Promise<Said> {
  const env = { SOPHOS_CLIENT_ID: sim.clientId, SOPHOS_CLIENT_SECRET: sim.clientSecret, SOPHOS_CENTRAL_AUTH_URL: sim.url, SOPHOS_CENTRAL_API_URL: sim.url };
  return type(['run', '--once', ...more], { cwd: folder, env });
}

const alert = (id: number, more: object = {}) => ({
  id: `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
  severity: 'low',
  allowedActions: ['acknowledge'],
  ...more,
});

async function add(tenant: number, items: readonly object[], more: object = {}): Promise<void> {
  await ask('POST', '/_sim/alerts', { tenant, items, ...more });
}

/** Every changing request that Central got: the id of its alert. */
async function acted(): Promise<readonly string[]> {
  return lines(await ask('GET', '/_sim/requests?changes=true')).map(({ path }) => String(path).split('/')[4] ?? '');
}

/** How the actions ended, as the action log has it. */
function ended(): readonly string[] {
  const log = lines(readFileSync(join(folder, 'sophos-central-state', 'actions.ndjson'), 'utf8'));
  return log.filter(({ state }) => state !== 'begun').map(({ state, outcome }) => (outcome === 'unknown' ? `${state} unknown` : String(state)));
}

const ids = (...numbers: number[]) => numbers.map((id) => alert(id).id);

describe('an automatic action', () => {
  it('acknowledges what fits, once each, over all tenants, and says so in the action log', async () => {
    configure('[{ from: alerts, where: \'severity == "low"\', do: acknowledge, message: "by rule" }]');
    await add(0, [alert(1), alert(2, { severity: 'high' }), alert(3)]);
    await add(1, [alert(4)]);
    const { code, err } = await pass();
    expect(code).toBe(0);
    // What is done about an alert is no delivery of it.
    expect(err).toContain('4 delivered');
    expect([...(await acted())].sort()).toEqual(ids(1, 3, 4));
    expect((await pass()).code).toBe(0);
    expect(await acted()).toHaveLength(3);
    const log = lines(readFileSync(join(folder, 'sophos-central-state', 'actions.ndjson'), 'utf8'));
    expect(log.map(({ command, state }) => `${command} ${state}`).sort()).toEqual([
      ...Array(3).fill('action:acknowledge begun'),
      ...Array(3).fill('action:acknowledge done'),
    ]);
  });

  it('does nothing without a rule', async () => {
    configure('[{ from: alerts, where: \'severity == "none"\', do: acknowledge }]');
    await add(0, [alert(1)]);
    await pass();
    writeFileSync(join(folder, 'sophos-central.yaml'), readFileSync(join(folder, 'sophos-central.yaml'), 'utf8').replace(/^actions:.*$/m, ''));
    await add(0, [alert(2)]);
    await pass();
    expect(await acted()).toEqual([]);
  });

  it('leaves history alone: what is older than a day when it is read, what changed, and what comes again', async () => {
    configure('[{ from: alerts, do: acknowledge }]');
    await add(0, [alert(1)], { raisedMinutesAgo: 60 * 25 });
    await add(0, [alert(2, { allowedActions: ['clearThreat'] })]);
    await pass();
    expect(await acted()).toEqual([]);
    await ask('POST', '/_sim/alerts', {
      tenant: 0,
      change: [
        { id: ids(1)[0], severity: 'high' },
        { id: ids(2)[0], allowedActions: ['acknowledge'] },
      ],
    });
    await ask('POST', '/_sim/clock', { advanceMs: 2 * 3_600_000 });
    await pass();
    expect(await acted()).toEqual([]);
    const env = { SOPHOS_CLIENT_ID: sim.clientId, SOPHOS_CLIENT_SECRET: sim.clientSecret, SOPHOS_CENTRAL_AUTH_URL: sim.url, SOPHOS_CENTRAL_API_URL: sim.url };
    expect((await type(['reset', 'alerts', '--days', '90', '--yes'], { cwd: folder, env })).code).toBe(0);
    await pass();
    expect(await acted()).toEqual([]);
  });

  it('waits until every route has the alert', async () => {
    configure('[{ from: alerts, do: acknowledge }]', '  - { from: alerts, to: splunk }');
    await ask('POST', '/_sim/hec/faults', { disabledToken: true });
    await add(0, [alert(1)]);
    const { code } = await pass();
    expect(code).not.toBe(0);
    expect(readFileSync(join(folder, 'out', `${await tenantId(0)}.ndjson`), 'utf8')).toContain(ids(1)[0]);
    expect(await acted()).toEqual([]);
    await ask('DELETE', '/_sim/hec/faults');
    expect((await pass()).code).toBe(0);
    expect(await acted()).toEqual(ids(1));
  });

  it('never acts on what a sink refused', async () => {
    configure('[{ from: alerts, do: acknowledge }]', '  - { from: alerts, to: splunk }');
    await ask('POST', '/_sim/hec/faults', { refuse: { pattern: ids(2)[0] } });
    await add(0, [alert(1), alert(2), alert(3)]);
    await pass();
    expect([...(await acted())].sort()).toEqual(ids(1, 3));
  });

  it('stops at its cap, keeps what waits, and goes on an hour later', async () => {
    configure('[{ from: alerts, do: acknowledge, maxPerHour: 2 }]');
    await add(
      0,
      [1, 2, 3, 4, 5].map((id) => alert(id)),
    );
    const { code, err } = await pass();
    expect(code).toBe(4);
    expect(err).toContain('has acted 2 times within an hour');
    expect(await acted()).toHaveLength(2);
    expect((await pass()).code).toBe(4);
    expect(await acted()).toHaveLength(2);
    const log = join(folder, 'sophos-central-state', 'actions.ndjson');
    const hourAgo = new Date(Date.now() - 3_700_000).toISOString();
    writeFileSync(log, readFileSync(log, 'utf8').replace(/"at":"[^"]+"/g, `"at":"${hourAgo}"`));
    expect((await pass()).code).toBe(4);
    expect(new Set(await acted()).size).toBe(4);
    expect(await acted()).toHaveLength(4);
  });

  it('is not held up for days by what was begun while the clock was ahead', async () => {
    configure('[{ from: alerts, do: acknowledge, maxPerHour: 1 }]');
    await add(0, [alert(1), alert(2)]);
    expect((await pass()).code).toBe(4);
    const log = join(folder, 'sophos-central-state', 'actions.ndjson');
    const ahead = new Date(Date.now() + 10 * 86_400_000).toISOString();
    writeFileSync(log, readFileSync(log, 'utf8').replace(/"at":"[^"]+"/g, `"at":"${ahead}"`));
    expect((await pass()).code).toBe(0);
    expect([...(await acted())].sort()).toEqual(ids(1, 2));
  });

  it('acknowledges once more when neither the answer came nor what became of the alert could be seen', async () => {
    configure('[{ from: alerts, do: acknowledge }]');
    await add(0, [alert(1), alert(2)]);
    const path = `/common/v1/alerts/${ids(1)[0]}`;
    await ask('POST', '/_sim/faults', {
      sequence: [
        { path: `${path}/actions`, kind: '503', times: 1 },
        { path, kind: '503', times: 1 },
      ],
    });
    expect((await pass()).code).toBe(0);
    expect([...(await acted())].sort()).toEqual(ids(1, 1, 2));
    expect(new Set(ended())).toEqual(new Set(['failed unknown', 'done']));
  });

  it('does nothing a second time of which nobody can see whether it was done, not even after a kill', async () => {
    configure('[{ from: alerts, do: sendMsgPua, maxPerHour: 2 }]');
    await add(
      0,
      [1, 2, 3].map((id) => alert(id, { allowedActions: ['sendMsgPua'] })),
    );
    await ask('POST', '/_sim/faults', { sequence: [{ path: `/common/v1/alerts/${ids(1)[0]}/actions`, kind: 'reset', times: 1 }] });
    // The parcel of three stops at the cap: nothing of it is settled, as after a kill.
    expect((await pass()).code).toBe(4);
    expect(await acted()).toEqual(ids(1, 2));
    configure('[{ from: alerts, do: sendMsgPua, maxPerHour: 9 }]');
    expect((await pass()).code).toBe(0);
    expect(await acted()).toEqual(ids(1, 2, 3));
  });

  it('says what failed and goes on, and does not do it twice', async () => {
    configure('[{ from: alerts, do: acknowledge }]');
    await add(0, [alert(1), alert(2)]);
    await ask('POST', '/_sim/faults', { sequence: [{ path: `/common/v1/alerts/${ids(1)[0]}/actions`, kind: '403' }] });
    const { err } = await pass('--log-level', 'info');
    expect(err).toMatch(/acknowledge of alert 00000000-0000-4000-8000-000000000001 .* failed/);
    expect([...(await acted())].sort()).toEqual(ids(1, 2));
    await pass();
    expect(await acted()).toHaveLength(2);
  });

  it('is not held up by what waits of a tenant that is read no more', async () => {
    configure('[{ from: alerts, do: acknowledge, maxPerHour: 1 }]');
    await add(0, [alert(1), alert(2)]);
    expect((await pass()).code).toBe(4);
    const config = join(folder, 'sophos-central.yaml');
    writeFileSync(config, `${readFileSync(config, 'utf8').replace(', maxPerHour: 1', '')}tenants: { exclude: ["Acme"] }\n`);
    await add(1, [alert(3)]);
    const { code, err } = await pass('--log-level', 'info');
    expect(err).toContain('its tenant is not read any more');
    expect(code).toBe(0);
    expect([...(await acted())].slice(1)).toEqual(ids(3));
  });

  it('sends nothing when there is nowhere to write down what it does', async () => {
    configure('[{ from: alerts, do: acknowledge }]');
    await pass();
    rmSync(join(folder, 'sophos-central-state', 'actions.ndjson'));
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'sophos-central-state', 'actions.ndjson'));
    await add(0, [alert(1)]);
    const { code, err } = await pass();
    expect(code).not.toBe(0);
    expect(err).toContain('action log');
    expect(await acted()).toEqual([]);
  });
});

async function tenantId(index: number): Promise<string> {
  const { items } = JSON.parse(await ask('GET', '/_sim/tenants')) as { readonly items: readonly { readonly id: string }[] };
  return items[index]?.id ?? '';
}
