/** The whole program between a Central and a Splunk that are not the simulator: legal, odd, and with troubles of their own. */
import { afterEach, describe, expect, it } from 'vitest';
import { OddCentral, type OddReply } from '../far-ends/odd-central.ts';
import { type OddHec, startOddHec } from '../far-ends/odd-hec.ts';
import { compare, type Folder, idsOf, makeFolder, nothingWrong, plentyOfCalls, run } from './house.ts';

const createdAt = new Date(Date.now() - 3_600_000).toISOString();
const items = (tenant: string, count: number, first = 0) =>
  Array.from({ length: count }, (_, n) => `{ "created_at": "${createdAt}",\n "n": ${first + n}, "id" : "${tenant}-${first + n}" }`);

describe('another Central', () => {
  const opened: { close(): Promise<void> }[] = [];
  let folder: Folder;
  afterEach(async () => {
    for (const far of opened.splice(0)) await far.close();
    await folder.remove();
  });

  async function begin(far: OddCentral, hec: OddHec): Promise<Record<string, string>> {
    opened.push(far, hec);
    folder = await makeFolder();
    await folder.write(
      'sophos-central.yaml',
      `central: { clientId: ${far.clientId}, clientSecret: "\${env:SECRET}", authUrl: "${far.url}/", apiUrl: "${far.url}", ${plentyOfCalls} }
sinks:
  archive: { type: file, path: "out/{tenant.id}-{stream}.ndjson" }
  splunk: { type: splunk-hec, url: "${hec.url}", token: a-token, ack: true, ackPollMs: 50, batch: { records: 70 } }
routes: [{ from: "*", to: archive, format: raw }, { from: events, to: splunk }]
state: ./state
`,
    );
    return { SECRET: far.clientSecret };
  }

  const once = (env: Record<string, string>) => run(['run', '--once'], { cwd: folder.path, env });
  const written = async (stream: string) => [...(await folder.read('out'))].flatMap(([name, text]) => (name.endsWith(`-${stream}.ndjson`) ? idsOf(text) : []));

  it('of a partner, odd in every reply, is read whole into files and Splunk, once, over two passes', async () => {
    const far = await new OddCentral({
      byteOrderMark: true,
      encoding: 'deflate',
      framing: 'until-close',
      tellsDate: false,
      token: (access_token) => ({ expires_in: '5', access_token }),
      tokenLifeS: 5,
      whoami: ({ id }, url) => ({ apiHosts: { global: `${url.replace('http', 'HTTP')}/` }, idType: 'Partner', id }),
      tenantPage: (all, query) => ({ items: all.slice((Number(query.get('page')) - 1) * 4, Number(query.get('page')) * 4) }),
      page: ({ items: texts, more, cursor }) =>
        `{\n"next_cursor":${more ? JSON.stringify(cursor) : 'null'},"items":[\n${texts.join(',\n')}\n],"has_more":${more}}\n`,
      pageItems: () => 90,
    }).open();
    const hec = await startOddHec({
      prefix: '/hec',
      taken: (ackId) => ({ status: 201, body: `{"text":"Success","code":"0","ackId":"${ackId}"}` }),
      told: (ids, round) => ({ body: JSON.stringify({ acks: Object.fromEntries(ids.map((id) => [String(id), round % 3 === 0 ? 'true' : false])) }) }),
      keepsConnections: false,
    });
    const env = await begin(far, hec);
    const tenants = Array.from({ length: 10 }, (_, n) => `odd-${n}`);
    far.tenants = tenants.map((id, n) => ({ id, apiHost: `${far.url}/`, status: n % 2 ? 'ACTIVE' : null, ...(n === 3 ? {} : { name: 'Same' }) }));
    for (const id of tenants) {
      far.add(items(id, 200), 'events', id);
      far.add(items(`${id}-alert`, 30), 'alerts', id);
    }
    // One tenant has no alerts to give at all.
    far.always = ({ path, headers }) => (path.endsWith('/alerts') && headers['x-tenant-id'] === 'odd-4' ? { status: 404, body: '<p>?</p>' } : null);

    const truth = tenants.flatMap((id) => Array.from({ length: 230 }, (_, n) => `${id}-${n}`));
    const alerts = tenants.filter((id) => id !== 'odd-4').flatMap((id) => Array.from({ length: 30 }, (_, n) => `${id}-alert-${n}`));
    for (const pass of [1, 2]) {
      const ended = await once(env);
      expect(ended.code, ended.stderr).toBe(4);
      expect(ended.stderr).toContain('404');
      if (pass === 1) for (const id of tenants) far.add(items(id, 30, 200), 'events', id, Date.now());
    }
    expect(compare(truth, await written('events'))).toEqual(nothingWrong);
    expect(compare(alerts, await written('siem-alerts'))).toEqual(nothingWrong);
    expect(
      compare(
        truth,
        hec.records.map((record) => record.replace(/^.*\//, '')),
      ),
    ).toEqual(nothingWrong);
  });

  it('of one tenant, that fails in every other reply and forgets cursors, loses nothing and repeats nothing', async () => {
    const far = await new OddCentral({ pageItems: () => 50, keepsConnections: false, tokenLifeS: 1, contentType: null }).open();
    const hec = await startOddHec({
      taken: (ackId) => ({ body: `{"code":0,"ackId":${ackId}}` }),
      told: (ids, round) => (round % 2 ? { status: 503 } : { body: JSON.stringify({ acks: Object.fromEntries(ids.map((id) => [String(id), 1])) }) }),
      health: { status: 405 },
    });
    const env = await begin(far, hec);
    const faults: (OddReply | 'reset')[] = [
      'reset',
      { status: 429, headers: { 'retry-after': '0.1' } },
      { status: 500, body: '[]' },
      { body: '{"has_more":false,"items":[{' },
      { status: 401, body: '<html>' },
      { status: 503, headers: { 'retry-after': new Date(Date.now()).toUTCString() } },
    ];
    let turn = 0;
    far.always = ({ path }) => {
      if (path.startsWith('/siem') && turn++ % 2 === 0) far.instead.push({ path: /^\/siem/, reply: faults[(turn >> 1) % faults.length] ?? 'reset' });
      return null;
    };
    far.add(items('e', 600));
    far.add(items('a', 10), 'alerts');
    for (const pass of [1, 2]) {
      const ended = await once(env);
      expect(ended.code, ended.stderr).toBe(0);
      if (pass === 2) break;
      far.add(items('e', 40, 600), 'events', far.accountId, Date.now());
      far.ways = { ...far.ways, staleCursor: { status: 410 }, pageItems: () => 1000 };
    }
    const truth = Array.from({ length: 640 }, (_, n) => `e-${n}`);
    expect(compare(truth, await written('events'))).toEqual(nothingWrong);
    expect(
      compare(
        truth,
        hec.records.map((record) => record.replace(/^.*\//, '')),
      ),
    ).toEqual(nothingWrong);
    expect(await written('siem-alerts')).toHaveLength(10);
  });

  it('that shows a page instead of a token ends the run at once, with the exit code of a refused credential', async () => {
    const far = await new OddCentral().open();
    const env = await begin(far, await startOddHec());
    far.always = ({ path }) => (path.endsWith('/token') ? { status: 401, body: '<html>Sign in</html>' } : null);
    const ended = await once(env);
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.stderr).not.toContain(far.clientSecret);
  });
});
