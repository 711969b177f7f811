/** The whole program against the simulator: both in processes of their own, on loopback, in a folder of their own. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const bin = fileURLToPath(new URL('../../dist/cli/bin.js', import.meta.url));
const simulatorProcess = fileURLToPath(new URL('./simulator-process.mjs', import.meta.url));

export interface Simulator {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly hecUrl: string;
  readonly hecToken: string;
  readonly hecAckToken: string;
  readonly siemToken: string;
  /** Asks its control plane; the answer's text. */
  ask(method: string, path: string, body?: unknown): Promise<string>;
  /** The ids of everything it ever made available. */
  truth(query?: string): Promise<readonly string[]>;
  /** `fields.sophos_record` of everything that its Splunk has indexed, in order, repeats included. */
  indexed(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function ask(url: string, method: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    // Only the test's own questions: what is tested checks certificates itself.
    const options = { method, headers, rejectUnauthorized: false };
    const sent = (url.startsWith('https:') ? requestTls : request)(url, options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        if ((response.statusCode ?? 500) < 400) resolve(text);
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

export async function startSimulator(options: object): Promise<Simulator> {
  const child = fork(simulatorProcess, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const facts = await new Promise<Omit<Simulator, 'ask' | 'truth' | 'indexed' | 'close'>>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Simulator));
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
  });
  return {
    ...facts,
    ask: (method, path, body) => ask(facts.url + path, method, body),
    async truth(query = '') {
      return lines(await ask(`${facts.url}/_sim/truth?fields=ids${query}`, 'GET')).map((line) => (JSON.parse(line) as { id: string }).id);
    },
    async indexed() {
      return lines(await ask(`${facts.url}/_sim/hec?list=ids`, 'GET')).map((line) => {
        const record: unknown = JSON.parse(line);
        return typeof record === 'string' ? record : ((record as { sophos_record: string }).sophos_record ?? '');
      });
    },
    close: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that the process held, bytes (Linux; 0 elsewhere). */
  readonly peakBytes: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written to standard error so far. */
  said(): string;
}

export interface Folder {
  readonly path: string;
  write(name: string, text: string): Promise<void>;
  /** Every file below `name`, gunzipped, by its path from there. */
  read(name: string): Promise<ReadonlyMap<string, string>>;
  remove(): Promise<void>;
}

export async function makeFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'sophos-central-e2e-'));
  return {
    path,
    write: (name, text) => writeFile(join(path, name), text, { mode: 0o600 }),
    async read(name) {
      const files = new Map<string, string>();
      const root = join(path, name);
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const file = join(entry.parentPath, entry.name);
        const bytes = await readFile(file);
        files.set(relative(root, file), (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
      }
      return files;
    },
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

/** Starts the real binary. */
export function start(args: readonly string[], options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> }): Running {
  const { PATH, HOME, SystemRoot, TMPDIR } = process.env;
  const env = Object.fromEntries(
    Object.entries({ PATH, HOME, SystemRoot, TMPDIR, ...options.env }).filter((each): each is [string, string] => each[1] !== undefined),
  );
  const child = spawn(process.execPath, [bin, ...args], { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  let peakBytes = 0;
  child.stdout.on('data', (part: Buffer) => out.push(part));
  child.stderr.on('data', (part: Buffer) => err.push(part));
  const watch = setInterval(() => {
    void readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (status) => {
        peakBytes = Math.max(peakBytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
      },
      () => undefined,
    );
  }, 100);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      clearInterval(watch);
      resolve({ code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8'), peakBytes });
    });
  });
  return { child, ended, said: () => Buffer.concat(err).toString('utf8') };
}

export const run = (args: readonly string[], options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> }): Promise<Ended> =>
  start(args, options).ended;

/** The four variables that are enough for every read command. */
export function credentials(simulator: Simulator): Record<string, string> {
  return {
    SOPHOS_CLIENT_ID: simulator.clientId,
    SOPHOS_CLIENT_SECRET: simulator.clientSecret,
    SOPHOS_CENTRAL_AUTH_URL: simulator.url,
    SOPHOS_CENTRAL_API_URL: simulator.url,
  };
}

/** An allowance that a test never meets. */
export const plentyOfCalls = 'rateLimits: { second: 100000, minute: 1000000, hour: 10000000, day: 100000000 }';

export function idsOf(text: string): string[] {
  return lines(text).map((line) => (JSON.parse(line) as { id: string }).id);
}

/** What is missing, strange or repeated among `found`, measured against `truth`. */
export function compare(truth: readonly string[], found: readonly string[]): { readonly lost: number; readonly repeated: number; readonly strange: number } {
  const expected = new Set(truth);
  const seen = new Set(found);
  return {
    lost: [...expected].filter((id) => !seen.has(id)).length,
    repeated: found.length - seen.size,
    strange: [...seen].filter((id) => !expected.has(id)).length,
  };
}

export const nothingWrong = { lost: 0, repeated: 0, strange: 0 };

/** A generator of random numbers whose seed is printed by the test that uses it. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
