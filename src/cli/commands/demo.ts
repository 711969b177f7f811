/**
 * The whole thing with no account: the simulator, the service against it, files and a simulated Splunk; and at the end the
 * simulator's truth against what arrived. The connector's own counters are not asked.
 */
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadConfig } from '../../config/load.ts';
import type { Report, World } from '../../core/world.ts';
import type { Command, CommandContext } from '../command.ts';
import { wholeNumber } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { figure, type Progress } from '../output/progress.ts';
import { serve } from '../serve.ts';

interface DemoOptions {
  readonly seconds: string;
  readonly dir?: string;
}

const tenants = 25;
const eventsPerTenant = 200;
const eventsPerMinute = 60;
/** Some calls fail on purpose: that is what it is for. */
const faults = { rate: 0.05, seed: 11, kinds: ['429', '500', '502-html', '503', 'reset', 'truncate'], repeatPages: 0.1 };

export const demo: Command<DemoOptions> = {
  name: 'demo',
  summary: 'show the whole thing with no account, against the simulator',
  description:
    'Starts the simulator with a partner of 25 tenants, runs the service against it, writes files and fills a simulated Splunk, and counts at the end what the simulator made available and what arrived.',
  examples: ['demo', 'demo --seconds 30 --dir ./demo'],
  declare(parser) {
    parser
      .option('--seconds <n>', 'how long the service runs', '10')
      .option('--dir <folder>', 'where the files go (default: a new folder among the temporary ones)');
  },
  async run(context, _args, options) {
    const seconds = wholeNumber('--seconds', options.seconds, { min: 1, max: 3600 });
    const folder = options.dir === undefined ? await mkdtemp(join(tmpdir(), 'sophos-central-demo-')) : resolve(context.cwd, options.dir);
    await mkdir(folder, { recursive: true });
    const { startSimulator } = await import('../../simulator/index.ts');
    const simulator = await startSimulator({ account: 'partner', tenants, eventsPerTenant, eventsPerMinute });
    try {
      await ask(context.world, 'POST', `${simulator.url}/_sim/faults`, faults);
      const file = join(folder, 'sophos-central.yaml');
      await writeFile(file, configuration(simulator.hecUrl), { mode: 0o600 });
      const env = {
        SOPHOS_CLIENT_ID: simulator.clientId,
        SOPHOS_CLIENT_SECRET: simulator.clientSecret,
        SOPHOS_CENTRAL_AUTH_URL: simulator.url,
        SOPHOS_CENTRAL_API_URL: simulator.url,
        HEC_TOKEN: simulator.hecAckToken,
      };
      const world: World = { ...context.world, report: (report) => (report.name.startsWith('engine.') ? undefined : context.world.report(quietly(report))) };
      const plan = await loadConfig({ file, env, cwd: folder }, context.signal);
      context.note(`A simulated partner with ${tenants} tenants, into files and a simulated Splunk, for ${seconds} s.`);
      context.note("5 % of Central's answers fail on purpose, and some pages come twice.");
      await service(context, plan, world, seconds);
      // What was made available up to here is what must have arrived after one more pass.
      const truth = await lines(context.world, `${simulator.url}/_sim/truth?fields=ids`);
      await serve(plan, world, { command: 'demo', patience: { ms: 30_000, tries: 10 }, concurrency: 8, progress: quiet(context.progress()) }, context.signal);
      const inFiles = await idsInFiles(join(folder, 'out'));
      const inSplunk = (await lines(context.world, `${simulator.url}/_sim/hec?list=ids`)).map(stableIdOf);
      const summary = summaryOf(truth.map(truthIdOf), inFiles, inSplunk);
      await context.print(table(summary, folder));
      return summary.lost === 0 && summary.repeated === 0 ? exitCodes.done : exitCodes.failed;
    } finally {
      await simulator.close();
    }
  },
};

function configuration(hecUrl: string): string {
  return `# What \`sophos-central demo\` ran; the credentials came from the environment.
central:
  rateLimits: { second: 200, minute: 12000, hour: 720000, day: 17280000 }   # the simulator's allowance, not Central's
streams:
  events:      { every: 2s, since: 24h }
  siem-alerts: { every: 2s, since: 24h }
sinks:
  archive: { type: file, path: "out/{tenant.name}/{stream}-{date}.ndjson" }
  splunk:  { type: splunk-hec, url: "${hecUrl}", token: "\${env:HEC_TOKEN}", ack: true, ackPollMs: 100 }
routes:
  - { from: "*", to: archive }
  - { from: "*", to: splunk }
state: ./state
`;
}

async function service(context: CommandContext, plan: Parameters<typeof serve>[0], world: World, seconds: number): Promise<void> {
  const over = new AbortController();
  const done = AbortSignal.any([context.signal, over.signal]);
  const timer = context.world.clock.sleep(seconds * 1_000, done).then(
    () => over.abort(),
    () => undefined,
  );
  await serve(plan, world, { command: 'demo', patience: null, concurrency: 8, progress: context.progress() }, done);
  over.abort();
  await timer;
  context.signal.throwIfAborted();
}

/** Its failures are staged: not worth an alarm. */
function quietly(report: Report): Report {
  return /^(stream|account|tenant|journal)\./.test(report.name) ? { ...report, name: 'demo.staged' } : report;
}

function quiet(progress: Progress): Progress {
  progress.end();
  return progress;
}

async function ask(world: World, method: string, url: string, body?: unknown): Promise<string> {
  const reply = await world.http({
    method,
    url,
    headers: { 'content-type': 'application/json' },
    timeoutMs: 60_000,
    via: { proxy: null },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (reply.status >= 300) throw new Error(`the simulator's control answered ${reply.status}`);
  return reply.body.toString('utf8');
}

async function lines(world: World, url: string): Promise<string[]> {
  return (await ask(world, 'GET', url)).split('\n').filter((line) => line !== '');
}

function truthIdOf(line: string): string {
  const { tenant, stream, id } = JSON.parse(line) as { tenant: string; stream: string; id: string };
  return `${tenant}/${stream}/${id}`;
}

function stableIdOf(line: string): string {
  const record = JSON.parse(line) as string | { sophos_record: string };
  return typeof record === 'string' ? record : record.sophos_record;
}

async function idsInFiles(root: string): Promise<string[]> {
  const ids: string[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const text = (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const { id, tenant, datastream } = JSON.parse(line) as { id: string; tenant: { id: string }; datastream: string };
      ids.push(`${tenant.id}/${datastream === 'alert' ? 'siem-alerts' : 'events'}/${id}`);
    }
  }
  return ids;
}

interface Summary {
  readonly available: number;
  readonly inFiles: number;
  readonly inSplunk: number;
  readonly lost: number;
  readonly repeated: number;
}

function summaryOf(truth: readonly string[], files: readonly string[], splunk: readonly string[]): Summary {
  const available = new Set(truth);
  const inFiles = new Set(files);
  const inSplunk = new Set(splunk);
  const present = (where: ReadonlySet<string>) => [...available].filter((id) => where.has(id)).length;
  return {
    available: available.size,
    inFiles: present(inFiles),
    inSplunk: present(inSplunk),
    lost: 2 * available.size - present(inFiles) - present(inSplunk),
    repeated: files.length - inFiles.size + splunk.length - inSplunk.size,
  };
}

function table({ available, inFiles, inSplunk, lost, repeated }: Summary, folder: string): string {
  const rows = [
    ['made available by Central', available],
    ['delivered to the files', inFiles],
    ['delivered to Splunk', inSplunk],
    ['lost', lost],
    ['repeated', repeated],
  ] as const;
  const width = Math.max(...rows.map(([, value]) => figure(value).length));
  return `${rows.map(([name, value]) => `${name.padEnd(27)}${figure(value).padStart(width)}`).join('\n')}\n\nCounted from the simulator's own record, not from the connector's.\nFiles, configuration and journal: ${folder}\n`;
}
