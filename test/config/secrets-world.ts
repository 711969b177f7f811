/** What tests of secrets need: a folder, connections of our own, and a configuration whose `clientSecret` is what is asked for. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHttp } from '../../src/clients/http.ts';
import { type LoadInput, loadConfig } from '../../src/config/load.ts';
import type { Plan } from '../../src/config/plan.ts';
import { ConfigProblems } from '../../src/config/problems.ts';
import { systemClock } from '../../src/core/clock.ts';
import { Failure } from '../../src/core/failure.ts';
import type { Clock, Http } from '../../src/core/world.ts';
import { registers } from './kinds.ts';

/** Pauses between tries pass at once; everything else takes its time. */
const hasty: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms <= 1500 ? 0 : ms, signal) };

export interface SecretsWorld {
  readonly folder: string;
  readonly http: Http;
  /** How many are under way at this moment, at most so far. */
  readonly most: () => number;
  /** How many there were. */
  readonly asked: () => number;
  load(text: string, env?: Readonly<Record<string, string>>, more?: Partial<LoadInput>, signal?: AbortSignal): Promise<Plan>;
  /** What the placeholders stand for, as the client secret of one account each. */
  secrets(placeholders: readonly string[], section: string, env?: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** The one mistake that is told, with its suggestion. */
  mistake(placeholder: string, section: string, env?: Readonly<Record<string, string>>): Promise<string>;
  later(cleanup: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export async function openSecretsWorld(): Promise<SecretsWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  const connections = openHttp();
  const cleanups: (() => Promise<unknown>)[] = [];
  let [now, most, asked] = [0, 0, 0];
  const http: Http = async (request) => {
    asked++;
    most = Math.max(most, ++now);
    return connections.http(request).finally(() => now--);
  };
  const world: SecretsWorld = {
    folder,
    http,
    most: () => most,
    asked: () => asked,
    async load(text, env = {}, more = {}, signal = new AbortController().signal) {
      const file = join(folder, 'sophos-central.yaml');
      await writeFile(file, text, { mode: 0o600 });
      return loadConfig({ file, cwd: folder, env: { HOME: folder, ...env }, registers, world: { http, clock: hasty }, ...more }, signal);
    },
    async secrets(placeholders, section, env) {
      const accounts = placeholders.map((each, i) => `  a${i}: { clientId: id, clientSecret: ${JSON.stringify(each)} }\n`).join('');
      const plan = await world.load(`${section}\naccounts:\n${accounts}`, env);
      return plan.accounts.map(({ credentials }) => (credentials.kind === 'client' ? credentials.clientSecret.reveal() : ''));
    },
    async mistake(placeholder, section, env) {
      const failure = await world.secrets([placeholder], section, env).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure instanceof ConfigProblems && failure.problems.length === 1) {
        const [{ line, column, message, suggestion } = { line: 0, column: 0, message: '', suggestion: '' }] = failure.problems;
        return `${line}:${column} ${message} (${suggestion})`;
      }
      if (failure instanceof Failure) return `${failure.kind} ${failure.code}: ${failure.message} (${failure.advice})`;
      throw failure ?? new Error('no mistake at all');
    },
    later: (cleanup) => void cleanups.push(cleanup),
    async close() {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
      await connections.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return world;
}
