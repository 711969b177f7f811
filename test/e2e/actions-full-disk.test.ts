/** A disk that is full between an action and its end in the action log, and has room again later. */
import { spawn } from 'node:child_process';
import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { bin, plentyOfCalls } from './house.ts';
import { openStage, type Stage, until } from './stage.ts';

/** No file of that process may grow beyond it: what a full disk is to one file. Of 512 bytes, as `ulimit` counts. */
const mostBlocks = 65_536;

/** Runs the service with that limit; what it has said so far. */
function startLimited({ folder, env }: Stage): () => string {
  const line = ['-c', 'ulimit -f "$1"; shift; exec "$@"', 'sh', String(mostBlocks), process.execPath, bin, 'run', '--log-format', 'json'];
  const child = spawn('sh', line, { cwd: folder.path, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  const said: Buffer[] = [];
  child.stderr.on('data', (part: Buffer) => said.push(part));
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return () => Buffer.concat(said).toString('utf8');
}

// Windows has no such limit.
it.skipIf(process.platform === 'win32')('does nothing twice when the end of an action could not be written down', async () => {
  const stage = await openStage(onTestFinished, { account: 'partner', tenants: 1, openAlertsPerTenant: 0, eventsPerTenant: 0 });
  const { simulator, folder } = stage;
  await stage.configure(`central: { ${plentyOfCalls} }
streams: { alerts: { every: 1s } }
sinks: { archive: { type: file, path: "out/{tenant.id}.ndjson" } }
routes: [{ from: alerts, to: archive }]
actions: [{ name: told, from: alerts, do: sendMsgPua }]
state: ./state
`);
  const raise = async (count: number) => {
    const items = Array.from({ length: count }, () => ({ severity: 'low', allowedActions: ['sendMsgPua'], description: 'one and the same' }));
    return (JSON.parse(await simulator.ask('POST', '/_sim/alerts', { tenant: 0, items })) as { readonly ids: readonly string[] }).ids;
  };
  const asked = async () => {
    const lines = (await simulator.ask('GET', '/_sim/requests?changes=true')).split('\n').filter(Boolean);
    return lines.map((line) => (JSON.parse(line) as { path: string }).path.split('/')[4] ?? '');
  };
  const first = await raise(1);
  expect((await stage.run('run', '--once')).code).toBe(0);
  expect(await asked()).toEqual(first);
  const log = join(folder.path, 'state', 'actions.ndjson');
  const begun = Buffer.byteLength((await folder.read('state')).get('actions.ndjson')?.split('\n')[0] ?? '');
  expect(begun).toBeGreaterThan(100);

  // The beginning of one more action has room, its end has not.
  await truncate(log, mostBlocks * 512 - begun - 40);
  const next = await raise(2);
  const said = startLimited(stage);
  await until(() => said().includes('action-log.unwritable'), 'the log cannot be written');
  expect(await asked()).toHaveLength(2);
  await truncate(log, 0);
  await until(async () => (await asked()).length >= 3, 'there is room again');
  await until(async () => (await stage.status()).routes.every(({ waiting }) => waiting === 0), 'all is done');
  expect([...(await asked())].sort()).toEqual([...first, ...next].sort());
});
