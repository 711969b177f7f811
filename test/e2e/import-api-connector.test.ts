/** From sophos-central-api-connector to here: no alert lost, none sent twice, measured by what the simulator's Splunk has from both. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAwsSecrets } from '../far-ends/aws-secrets.ts';
import { raise, recordsIn, sendAsTool, splunkHas, type Truth, truthOf, writeTool } from './api-connector.ts';
import { compare, type Ended, type Folder, makeFolder, nothingWrong, type Running, type Simulator, seeded, start, startSimulator } from './house.ts';

const tenants = 3;
const hour = 3_600_000;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

interface Scene {
  readonly simulator: Simulator;
  readonly folder: Folder;
  begin(...args: string[]): Running;
  /** Must end with 0. */
  run(...args: string[]): Promise<Ended>;
}

async function openScene(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const simulator = await startSimulator({ account: 'partner', tenants, openAlertsPerTenant: 0, eventsPerTenant: 0, alertsPerTenant: 0 });
  const folder = await makeFolder();
  const started: Running[] = [];
  onTestFinished(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    await simulator.close();
    await folder.remove();
  });
  const scene: Scene = {
    simulator,
    folder,
    begin(...args) {
      const running = start(args, { cwd: folder.path, env });
      started.push(running);
      return running;
    },
    async run(...args) {
      const ended = await scene.begin(...args).ended;
      expect(ended.code, `${args.join(' ')}\n${ended.stderr}`).toBe(0);
      return ended;
    },
  };
  return scene;
}

/** Some alerts of every tenant, from minutes to 20 hours old, and of these what the tool has sent: about half. */
async function past({ simulator }: Scene): Promise<readonly Truth[]> {
  for (const late_minutes of [3, 90, 600, 1200]) await raise(simulator, { tenant: '*', count: 5, late_minutes });
  const sent = (await truthOf(simulator)).filter((_, i) => i % 2 === 0);
  await sendAsTool(simulator, sent);
  return sent;
}

const ids = (alerts: readonly Truth[]) => alerts.map(({ id }) => id);
const judged = async ({ simulator }: Scene) => compare(ids(await truthOf(simulator)), await splunkHas(simulator));

describe('import api-connector', () => {
  it('sends no alert of alert_ids.json again, and every other one that was raised since, before and after', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour) });
    const { stderr } = await scene.run('import', 'api-connector', tool);
    expect(stderr).toContain('30 alerts that Splunk has');
    const written = await readFile(join(scene.folder.path, 'sophos-central.yaml'), 'utf8');
    for (const secret of [scene.simulator.clientSecret, scene.simulator.hecToken]) expect(written + stderr).not.toContain(secret);
    await scene.run('config', 'check');

    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual(nothingWrong);
    await raise(scene.simulator, { tenant: '*', count: 4 });
    await raise(scene.simulator, { tenant: 1, count: 4, late_minutes: 70 });
    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual(nothingWrong);
    const items = new Map((await truthOf(scene.simulator)).map(({ id, item }) => [id, item]));
    const events = (await scene.simulator.ask('GET', '/_sim/hec?list=events')).split('\n').filter(Boolean);
    for (const { event } of events.map((line) => JSON.parse(line))) expect(event).toEqual(items.get(event.id));
  });

  it('tells nothing of what changes or is closed, as the tool did not', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour) });
    await scene.run('import', 'api-connector', tool);
    await scene.run('run', '--once');
    const [first, second] = (await truthOf(scene.simulator)).filter(({ tenant }) => tenant === sent[0]?.tenant);
    await raise(scene.simulator, { tenant: 0, change: [{ id: first?.id, description: 'worse' }], close: [second?.id] });
    await scene.simulator.ask('POST', '/_sim/clock', { advanceMs: 2 * hour });
    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual(nothingWrong);
  });

  it('makes no sink that no route leads to, and the service warns of nothing', async () => {
    const scene = await openScene();
    const transform = 'host: soc\nsource: central\nsourcetype: sophos_';
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent: await past(scene), lastRun: new Date(), transform });
    await scene.run('import', 'api-connector', tool);
    expect((await scene.run('run', '--once')).stderr).not.toContain('has no route');
    expect(await judged(scene)).toEqual(nothingWrong);
  });

  it('takes what a run that died has sent from both lists', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const tool = await writeTool(scene.folder, 'venv', {
      simulator: scene.simulator,
      sent: sent.slice(0, 4),
      sentBefore: sent.slice(4),
      lastRun: new Date(Date.now() - 5 * hour),
    });
    const { stderr } = await scene.run('import', 'api-connector', tool);
    expect(stderr).toContain('did not come to its end');
    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual(nothingWrong);
  });

  it('makes dead letters of failed_events.json: the stream does not send them, a retry does, once', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const unsent = (await truthOf(scene.simulator)).filter(({ id }) => !sent.some((each) => each.id === id));
    const failed = Object.fromEntries(unsent.slice(0, 6).map(({ id, item }) => [id, { event: item }]));
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, failed, lastRun: new Date(Date.now() - hour) });
    await scene.run('import', 'api-connector', tool);
    const listed = JSON.parse((await scene.run('dead-letter', 'list', '--output', 'json')).stdout) as readonly unknown[];
    expect(listed).toHaveLength(6);
    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual({ ...nothingWrong, lost: 6 });
    await scene.run('dead-letter', 'retry', '--all', '--yes');
    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual(nothingWrong);
    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual(nothingWrong);
  });

  it('reads the credential and the token from AWS Secrets Manager, where they were', async () => {
    const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
    const store = await startAwsSecrets({ ...keys, region: 'eu-west-1' });
    onTestFinished(() => store.close());
    const scene = await openScene({
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    });
    const { clientId, clientSecret, hecUrl, hecToken } = scene.simulator;
    store.rotate('sophos/central', { id: clientId, secret: clientSecret });
    store.rotate('splunk', { tok: hecToken });
    const sent = await past(scene);
    const files = {
      'config/sophos_config.ini': '[aws]\nsecret_name: sophos/central\nregion_name: eu-west-1\nclient_id_key: id\nclient_secret_key: secret\n',
      'config/splunk_config.ini': `[splunk_aws]\nsplunk_aws: 1\nsecret_name: splunk\nregion_name: eu-west-1\ntoken_key: tok\n[splunk_hec]\nsplunk_url: ${hecUrl}/services/collector\nsplunk_ack_enabled: 0\n`,
    };
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour), files });
    await scene.run('import', 'api-connector', tool);
    await scene.run('run', '--once');
    expect(await judged(scene)).toEqual(nothingWrong);
    expect(store.handedOut('sophos/central')).toBeGreaterThan(0);
    const written = await scene.folder.read('.');
    for (const [name, text] of written) if (!name.startsWith('venv')) expect(text.includes(clientSecret) || text.includes(hecToken), name).toBe(false);
  });

  it('works without asking Central, and loses nothing either', async () => {
    const scene = await openScene();
    const sent = (await past(scene)).filter(({ tenant }) => tenant !== '');
    const [{ tenant } = { tenant: '' }] = sent;
    // Of one tenant the tool has sent nothing, so it is in no list.
    const known = sent.filter((each) => each.tenant !== tenant);
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent: known, lastRun: new Date(Date.now() - 26 * hour) });
    await scene.run('import', 'api-connector', tool, '--offline');
    await scene.run('run', '--once');
    const unlisted = sent.filter((each) => each.tenant === tenant).length;
    expect(await judged(scene)).toEqual({ ...nothingWrong, repeated: unlisted });
  });

  it(`loses and repeats nothing when import and run are killed at any moment (SEED=${seed})`, async () => {
    const scene = await openScene();
    const random = seeded(seed);
    const sent = await past(scene);
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour) });
    for (let i = 0; i < 6; i++) {
      const { child, ended } = scene.begin('import', 'api-connector', tool, '--force');
      await new Promise((resolve) => setTimeout(resolve, 150 + random() * 900));
      child.kill('SIGKILL');
      await ended;
    }
    await scene.run('import', 'api-connector', tool, '--force');
    for (let i = 0; i < 4; i++) {
      const { child, ended } = scene.begin('run', '--once');
      await new Promise((resolve) => setTimeout(resolve, random() * 350));
      child.kill('SIGKILL');
      await ended;
    }
    await scene.run('run', '--once');
    const { lost, strange, repeated } = await judged(scene);
    expect({ lost, strange }).toEqual({ lost: 0, strange: 0 });
    // Only what was in flight, and under one id, so that Splunk can fold it.
    const records = await recordsIn(scene.simulator);
    expect(records.length - new Set(records).size).toBe(repeated);
  });
});

describe('compat api-connector', () => {
  it('begins at midnight, as the tool, where nobody has ever polled', async () => {
    const scene = await openScene();
    const minutes = Math.floor((Date.now() % (24 * hour)) / 60_000);
    for (const late_minutes of [3, 24 * 60 + Math.floor(minutes / 2)]) await raise(scene.simulator, { tenant: '*', count: 4, late_minutes });
    const wanted = ids(await truthOf(scene.simulator));
    await raise(scene.simulator, { tenant: '*', count: 4, late_minutes: 24 * 60 + minutes + 30 });
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, lastRun: null });
    const line = ['compat', 'api-connector', tool, '-a', 'static', '-g', 'alerts', '-pa', '-o', 'splunk'];
    await scene.run(...line);
    expect(compare(wanted, await splunkHas(scene.simulator))).toEqual(nothingWrong);
    await raise(scene.simulator, { tenant: '*', count: 2 });
    await scene.run(...line);
    const later = (await truthOf(scene.simulator)).length - tenants * 4;
    expect((await splunkHas(scene.simulator)).length).toBe(later);
  });

  it('polls where the tool stopped, once and again, with its own flags', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour) });
    const line = ['compat', 'api-connector', tool, '-a', 'static', '-g', 'alerts', '-pa', '-o', 'splunk', '-ll', 'INFO'];
    const { stderr } = await scene.run(...line);
    expect(stderr).toContain('sophos-central run --once');
    expect(await judged(scene)).toEqual(nothingWrong);
    await raise(scene.simulator, { tenant: '*', count: 3, late_minutes: 20 });
    await scene.run(...line);
    expect(await judged(scene)).toEqual(nothingWrong);
  });

  it('forgets with `--reset` what was sent, and sends the days that are named again, as the tool did', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour) });
    const line = ['compat', 'api-connector', tool, '-a', 'static', '-g', 'alerts', '-pa', '-o', 'splunk'];
    await scene.run(...line);
    await scene.run(...line, '-r', '-d', '5');
    const all = (await truthOf(scene.simulator)).length;
    expect(await judged(scene)).toEqual({ ...nothingWrong, repeated: all });
    await scene.run(...line);
    expect(await judged(scene)).toEqual({ ...nothingWrong, repeated: all });
  });

  it('looks at sites with Intelix and deletes what is named, but not with `-dr`', async () => {
    const scene = await openScene();
    const { url, intelixClientId, intelixClientSecret } = scene.simulator as Simulator & {
      readonly intelixClientId: string;
      readonly intelixClientSecret: string;
    };
    const files = { 'config/intelix_config.ini': `[intelix]\nsecret_name:\n[static]\nclient_id: ${intelixClientId}\nclient_secret: ${intelixClientSecret}\n` };
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, lastRun: new Date(), files });
    const line = ['compat', 'api-connector', tool, '--auth', 'static'];
    const env = { SOPHOS_INTELIX_AUTH_URL: url, SOPHOS_INTELIX_API_URL: url };
    const said = async (...more: string[]) => {
      const ended = await start([...line, ...more], { cwd: scene.folder.path, env }).ended;
      expect(ended.code, ended.stderr).toBe(0);
      return ended.stderr;
    };
    await said('-i', 'test');
    const before = (await scene.run('compat', 'api-connector', tool, '-a', 'static', '-g', 'local-sites')).stdout;
    expect(await said('-i', 'clean_ls', '-cl', 'ALL', '-dr')).toContain('--dry-run');
    expect((await scene.run(...line, '-g', 'local-sites')).stdout.split('\n')).toHaveLength(before.split('\n').length);
    await said('-i', 'clean_ls', '--clean_level', 'ALL');
    expect((await scene.run(...line, '-g', 'local-sites')).stdout.split('\n').length).toBeLessThan(before.split('\n').length);
  });

  it('does other things while it is polling', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour) });
    await scene.run('compat', 'api-connector', tool, '-a', 'static', '-g', 'alerts', '-pa', '-o', 'splunk');
    await raise(scene.simulator, { tenant: '*', count: 5 });
    await scene.simulator.ask('POST', '/_sim/hec/faults', { slowMs: 1500 });
    const polling = scene.begin('compat', 'api-connector', tool, '-a', 'static', '-g', 'alerts', '-pa', '-o', 'splunk', '-ll', 'INFO');
    await expect.poll(() => polling.said(), { timeout: 20_000 }).toContain('compat:');
    expect((await scene.run('compat', 'api-connector', tool, '-a', 'static', '-g', 'tenants')).stdout).toContain(sent[0]?.tenant);
    expect((await polling.ended).code).toBe(0);
    expect(await judged(scene)).toEqual(nothingWrong);
  });

  it('writes the inventory where the tool did, under the same names', async () => {
    const scene = await openScene();
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, lastRun: new Date() });
    await scene.run('compat', 'api-connector', tool, '--auth=static', '--get', 'inventory', '--output', 'json');
    const files = [...(await scene.folder.read('venv')).keys()].filter((name) => name.includes('get_inventory'));
    const known = JSON.parse(await scene.simulator.ask('GET', '/_sim/tenants')) as {
      readonly items: readonly { readonly id: string; readonly name: string }[];
    };
    // A full stop at the end of a name is none that Windows keeps.
    expect(files.map((name) => name.split(/[\\/]/).at(-1)).sort()).toEqual(known.items.map(({ id, name }) => `${name.replace(/\.$/, '')}_${id}.json`).sort());
  });

  it('sends what splunk_trans says to Splunk', async () => {
    const scene = await openScene();
    const sent = await past(scene);
    const transform = 'host: soc\nsource: central\nsourcetype: sophos_';
    const tool = await writeTool(scene.folder, 'venv', { simulator: scene.simulator, sent, lastRun: new Date(Date.now() - hour), transform });
    await scene.run('compat', 'api-connector', tool, '-a', 'static', '-g', 'alerts', '-pa', '-o', 'splunk_trans');
    expect(await judged(scene)).toEqual(nothingWrong);
    await scene.run('compat', 'api-connector', tool, '-a', 'static', '-g', 'inventory', '-o', 'splunk_trans');
    const { bySourcetype } = JSON.parse(await scene.simulator.ask('GET', '/_sim/hec')) as { readonly bySourcetype: Readonly<Record<string, number>> };
    expect(Object.keys(bySourcetype)).toEqual(expect.arrayContaining(['sophos_alerts', 'sophos_inventory']));
  });
});
