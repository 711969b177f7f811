/** `check` against a simulated estate. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isBad, parseRangeText } from '../../src/cli/check/threshold.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Said, type } from './terminal.ts';

let sim: RunningSimulator;
let folder: string;

beforeAll(async () => {
  sim = await startSimulator({
    account: 'partner',
    tenants: 3,
    endpoints: 40,
    openAlertsPerTenant: 30,
    tenantNames: ['Acme', 'Beta Ltd', 'Evil|\u001b[2J\nTenant'],
  });
});
afterAll(() => sim.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await ask('DELETE', '/_sim/faults');
});

async function ask(method: string, path: string, body?: unknown): Promise<string> {
  const reply = await fetch(`${sim.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  expect(reply.status, path).toBeLessThan(300);
  return reply.text();
}

function check(...args: string[]): Promise<Said> {
  const env = {
    SOPHOS_CLIENT_ID: sim.clientId,
    SOPHOS_CLIENT_SECRET: sim.clientSecret,
    SOPHOS_CENTRAL_AUTH_URL: sim.url,
    SOPHOS_CENTRAL_API_URL: sim.url,
  };
  return type(['check', ...args], { cwd: folder, env });
}

/** Everything that the simulator holds of a stream. */
async function truth(stream: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const text = await ask('GET', `/_sim/truth?stream=${stream}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { item: Readonly<Record<string, unknown>> }).item);
}

function figures(out: string): ReadonlyMap<string, number> {
  const [head = ''] = out.split('\n');
  const data = head.split(' | ')[1] ?? '';
  return new Map([...data.matchAll(/([a-z_]+)=(\d+)/g)].map((found) => [String(found[1]), Number(found[2])]));
}

describe('check', () => {
  it('counts open alerts by severity, and is critical about a high one', async () => {
    const { code, out } = await check('alerts');
    const alerts = await truth('alerts');
    const of = (severity: string) => alerts.filter((alert) => alert.severity === severity).length;
    expect(of('high')).toBeGreaterThan(0);
    expect(code).toBe(2);
    expect(out).toMatch(/^SOPHOS CRITICAL - \d+ alerts? of high severity/);
    expect([...figures(out)]).toEqual([
      ['alerts_high', of('high')],
      ['alerts_medium', of('medium')],
      ['alerts_low', of('low')],
      ['alerts_total', alerts.length],
    ]);
  });

  it('counts endpoints by health, without tamper protection and not seen for long', async () => {
    const { out } = await check('endpoints', '--not-seen', '14');
    const endpoints = await truth('endpoints');
    const health = (word: string) => endpoints.filter((endpoint) => (endpoint.health as { overall?: string } | undefined)?.overall === word).length;
    const seen = figures(out);
    expect(seen.get('endpoints_total')).toBe(endpoints.length);
    expect(seen.get('endpoints_bad')).toBe(health('bad'));
    expect(seen.get('endpoints_suspicious')).toBe(health('suspicious'));
    expect(seen.get('tamper_off')).toBe(endpoints.filter((each) => each.tamperProtectionEnabled === false && each.tamperProtectionSupported !== false).length);
    const long = Date.now() - 14 * 86_400_000;
    expect(seen.get('not_seen')).toBe(endpoints.filter(({ lastSeenAt }) => typeof lastSeenAt === 'string' && Date.parse(lastSeenAt) < long).length);
    expect(seen.get('not_seen')).toBeGreaterThan(0);
  });

  it('goes by thresholds, filters and excludes', async () => {
    const calm = ['--warning', 'alerts_medium=,tamper_off=,not_seen=,endpoints_suspicious=', '--critical', 'alerts_high=,endpoints_bad='];
    expect((await check('alerts', 'endpoints', ...calm)).code).toBe(0);
    expect((await check('alerts', ...calm, '--warning', 'alerts_total=5')).code).toBe(1);
    expect((await check('alerts', ...calm, '--critical', 'alerts_total=1000:')).code).toBe(2);
    expect((await check('endpoints', ...calm, '--where', 'datastream == "nothing"', '--critical', 'endpoints_total=1:')).code).toBe(2);
    expect(figures((await check('endpoints', '--exclude-endpoint', '.*')).out).get('endpoints_total')).toBe(0);
    expect(figures((await check('alerts', '--exclude-alert', 'Event::')).out).get('alerts_total')).toBe(0);
    expect(figures((await check('endpoints', '--tenant', 'Acme')).out).get('endpoints_total')).toBe(40);
  });

  it('prints one line of words and data, however hostile a name is', async () => {
    const { out } = await check();
    const [head = '', ...details] = out.trimEnd().split('\n');
    expect(head.split('|')).toHaveLength(2);
    expect(details.length).toBeGreaterThan(3);
    expect(details.length).toBeLessThanOrEqual(51);
    for (const line of details) expect(['|', '\u001b'].some((each) => line.includes(each))).toBe(false);
  });

  it('does not know what it could not look at', async () => {
    await ask('POST', '/_sim/faults', { forbidden: { tenants: [1] } });
    const calm = ['--warning', 'alerts_medium=', '--critical', 'alerts_high='];
    const { code, out } = await check('alerts', ...calm);
    expect(code).toBe(3);
    expect(out).toMatch(/^SOPHOS UNKNOWN - tenant Beta Ltd: /);
    expect((await check('alerts')).code).toBe(2);
  });

  it.each([
    ['an unknown subject', ['nothing'], /`nothing` cannot be checked/],
    ['a threshold for nothing', ['--warning', 'x=1'], /there is no figure `x`/],
    ['a threshold that is none', ['--critical', 'alerts_high=a:b'], /`a:b` is not a range/],
    ['a bad expression', ['--exclude-alert', '('], /not a regular expression/],
    ['a bad filter', ['--where', 'a = b'], /./],
    ['a bad number', ['--not-seen', 'x'], /--not-seen/],
    ['a bad time', ['--timeout', '5 parsecs'], /not a duration/],
    ['an unknown tenant', ['alerts', '--tenant', 'Nobody'], /no tenant is called/],
    ['a journal that there is not', ['connector'], /nothing has run yet/],
  ])('ends with UNKNOWN for %s', async (_name, args, says) => {
    const { code, out } = await check(...args);
    expect(code).toBe(3);
    expect(out).toMatch(/^SOPHOS UNKNOWN - /);
    expect(out).toMatch(says);
  });

  it('ends with 3 for a wrong option, and for a refused credential', async () => {
    expect((await check('--nonsense')).code).toBe(3);
    const env = { SOPHOS_CLIENT_ID: sim.clientId, SOPHOS_CLIENT_SECRET: 'wrong', SOPHOS_CENTRAL_AUTH_URL: sim.url, SOPHOS_CENTRAL_API_URL: sim.url };
    const { code, out } = await type(['check', 'alerts'], { cwd: folder, env });
    expect(code).toBe(3);
    expect(out).toMatch(/^SOPHOS UNKNOWN - /);
    expect((await type(['check'], { cwd: folder })).code).toBe(3);
  });

  it('gives up when its time is over', async () => {
    await ask('POST', '/_sim/faults', { hangMs: 60_000, sequence: [{ path: '/common/v1/alerts', kind: 'hang', times: 9 }] });
    const { code, out } = await check('alerts', '--timeout', '0.3s');
    expect(code).toBe(3);
    expect(out).toContain('not done within 0.3s');
  });

  it('looks at the connector itself once it has run', async () => {
    writeFileSync(
      join(folder, 'sophos-central.yaml'),
      'streams: { alerts: {} }\nsinks: { out: { type: file, path: "out/{stream}.ndjson" } }\nroutes: [{ from: "*", to: out }]\n',
    );
    const env = { SOPHOS_CLIENT_ID: sim.clientId, SOPHOS_CLIENT_SECRET: sim.clientSecret, SOPHOS_CENTRAL_AUTH_URL: sim.url, SOPHOS_CENTRAL_API_URL: sim.url };
    expect((await type(['run', '--once'], { cwd: folder, env })).code).toBe(0);
    const { code, out } = await check('connector');
    expect(out).toMatch(/^SOPHOS OK - 0 records waiting: nothing is wrong \| idle=\d+s;3600;21600;0 waiting=0;;;0 oldest_waiting=0s;;;0 failing=0;0;;0/);
    expect(code).toBe(0);
  });
});

describe('a range of a monitoring plugin', () => {
  it.each([
    ['10', [0, 10], [-1, 11]],
    ['10:', [10, 99], [9]],
    ['~:10', [-50, 10], [11]],
    ['10:20', [10, 20], [9, 21]],
    ['@10:20', [9, 21], [10, 20]],
    ['0', [0], [1]],
  ] as const)('%s is bad where the guidelines say so', (text, good, bad) => {
    const range = parseRangeText(text);
    if (!range) throw new Error('it is none');
    expect(good.map((value) => isBad(range, value))).toEqual(good.map(() => false));
    expect(bad.map((value) => isBad(range, value))).toEqual(bad.map(() => true));
  });

  it.each(['', ':', '@', 'a', '20:10', '1:2:3', '~'])('%s is none', (text) => {
    expect(parseRangeText(text)).toBeNull();
  });
});
