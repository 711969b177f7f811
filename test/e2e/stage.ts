import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { credentials, type Ended, type Folder, idsOf, makeFolder, type Running, type Simulator, start, startSimulator } from './house.ts';

/** What `status --json` says, as far as tests look at it. */
export interface Status {
  readonly running: { readonly pid: number; readonly command: string } | null;
  readonly journalBytes: number | null;
  readonly tenants: readonly { readonly id: string; readonly name: string; readonly aside: string | null }[];
  readonly streams: readonly {
    readonly stream: string;
    readonly tenant: { readonly id: string; readonly name: string };
    readonly read: number;
    readonly repeated: number;
    readonly error: string | null;
  }[];
  readonly routes: readonly {
    readonly route: string;
    readonly waiting: number;
    readonly delivered: number;
    readonly filtered: number;
    readonly refused: number;
    readonly retired: boolean;
    readonly error: string | null;
  }[];
  readonly deadLetters: number;
  readonly gaps: number;
}

/** A simulator, a folder with a configuration, and the program run there. */
export interface Stage {
  readonly simulator: Simulator;
  readonly folder: Folder;
  /** Where the program finds its credentials and the simulator. */
  readonly env: Record<string, string>;
  configure(yaml: string): Promise<void>;
  run(...args: string[]): Promise<Ended>;
  start(...args: string[]): Running;
  status(): Promise<Status>;
}

/** A test's `onTestFinished`; concurrent tests have each their own. */
type OnFinished = (end: () => Promise<void>) => void;

/** Sets it up for one test; all of it, processes that still run included, is gone when the test has finished. */
export async function openStage(onTestFinished: OnFinished, options: object): Promise<Stage> {
  const simulator = await startSimulator(options);
  const folder = await makeFolder();
  const started: Running[] = [];
  onTestFinished(async () => {
    for (const { child } of started) child.kill('SIGKILL');
    await Promise.all(started.map(({ ended }) => ended));
    await simulator.close();
    await folder.remove();
  });
  const env = credentials(simulator);
  const stage: Stage = {
    simulator,
    folder,
    env,
    configure: (yaml) => folder.write('sophos-central.yaml', yaml),
    run: (...args) => stage.start(...args).ended,
    start(...args) {
      const running = start(args, { cwd: folder.path, env });
      started.push(running);
      return running;
    },
    async status() {
      const { code, stdout, stderr } = await stage.run('status', '--json');
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout) as Status;
    },
  };
  return stage;
}

/** Waits until it is so. */
export function until(holds: () => boolean | Promise<boolean>, what: string, timeout = 20_000): Promise<void> {
  return expect.poll(async () => await holds(), { timeout, interval: 50, message: what }).toBe(true) as unknown as Promise<void>;
}

/** The ids of everything in the files below `out`, repeats included. */
export async function filedIds(stage: Stage): Promise<string[]> {
  return [...(await stage.folder.read('out')).values()].flatMap(idsOf);
}

/** The ids of the simulator's tenants, in its order. */
export async function tenantIds({ simulator }: Stage): Promise<string[]> {
  const { items } = JSON.parse(await simulator.ask('GET', '/_sim/tenants')) as { readonly items: readonly { readonly id: string }[] };
  return items.map(({ id }) => id);
}

/** Makes records that can be read at once; their ids. */
export async function addRecords({ simulator }: Stage, wish: object): Promise<string[]> {
  return (JSON.parse(await simulator.ask('POST', '/_sim/events', wish)) as { readonly ids: string[] }).ids;
}

/** A certificate for 127.0.0.1, signed by itself. */
export async function makeCertificate({ folder }: Pick<Stage, 'folder'>): Promise<{ readonly cert: string; readonly key: string }> {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], {
    cwd: folder.path,
    stdio: 'ignore',
  });
  const [cert, key] = await Promise.all(['cert.pem', 'key.pem'].map((name) => readFile(join(folder.path, name), 'utf8')));
  return { cert: cert ?? '', key: key ?? '' };
}

/** One pass that must end with 0; what it said. */
export async function pass(stage: Stage, ...args: string[]): Promise<string> {
  const { code, stderr } = await stage.run('run', '--once', ...args);
  expect(code, stderr).toBe(0);
  return stderr;
}

/** The record ids of what Splunk has, repeats included. */
export async function indexedIds(simulator: Simulator): Promise<string[]> {
  return (await simulator.indexed()).map((record) => record.split('/').at(-1) ?? '');
}
