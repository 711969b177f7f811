/** A simulated Central for the commands that change something, and its memory of what was asked. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Said, type Typed, type as typeLine } from './terminal.ts';

export const evil = 'Evil\u001b[2J\r\n=cmd|x/../..';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly tenant: string | null;
  readonly status: number;
}

export interface Scene {
  readonly sim: RunningSimulator;
  /** A new, empty folder for every test. */
  readonly folder: string;
  begin(): void;
  end(): Promise<void>;
  close(): Promise<void>;
  /** Types a command line; whatever is typed, no secret may be printed. */
  type(line: readonly string[], typed?: Typed): Promise<Said>;
  control(method: string, path: string, body?: unknown): Promise<string>;
  /** Requests that may have changed something, since the test began. */
  changes(): Promise<readonly Asked[]>;
  /** The action log, line by line. */
  log(state?: string): readonly Line[];
}

export interface Line {
  readonly run: string;
  readonly number: number;
  readonly state: string;
  readonly action: string;
  readonly object: { readonly kind: string; readonly id: string; readonly name: string };
  readonly tenant: { readonly id: string; readonly name: string };
  readonly [field: string]: unknown;
}

export async function openScene(more: Parameters<typeof startSimulator>[0] = {}): Promise<Scene> {
  const sim = await startSimulator({
    account: 'partner',
    tenants: 3,
    eventsPerTenant: 1,
    endpoints: 12,
    openAlertsPerTenant: 30,
    localSitesPerTenant: 9,
    tenantNames: ['Acme', 'Beta Ltd', evil],
    ...more,
  });
  let folder = '';

  async function control(method: string, path: string, body?: unknown): Promise<string> {
    const reply = await fetch(`${sim.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await reply.text();
    expect({ path, status: reply.status < 300, text: reply.status < 300 ? '' : text }).toEqual({ path, status: true, text: '' });
    return text;
  }

  return {
    sim,
    get folder() {
      return folder;
    },
    begin() {
      folder = mkdtempSync(join(tmpdir(), 'cli-actions-'));
      // The simulator has no limits: at the usual pace a test would take minutes.
      writeFileSync(join(folder, 'sophos-central.yaml'), 'central: { rateLimits: { second: 500, minute: 30000, hour: 100000, day: 200000 } }\n');
    },
    async end() {
      rmSync(folder, { recursive: true });
      await control('DELETE', '/_sim/faults');
      await control('DELETE', '/_sim/requests');
    },
    close: () => sim.close(),
    async type(line, typed = {}) {
      const env = {
        SOPHOS_CLIENT_ID: sim.clientId,
        SOPHOS_CLIENT_SECRET: sim.clientSecret,
        SOPHOS_CENTRAL_AUTH_URL: sim.url,
        SOPHOS_CENTRAL_API_URL: sim.url,
        ...typed.env,
      };
      const said = await typeLine([...line, '--state', 'state'], { cwd: folder, ...typed, env });
      expect(said.out + said.err).not.toContain(sim.clientSecret);
      return said;
    },
    control,
    async changes() {
      return linesOf(await control('GET', '/_sim/requests?changes=true'));
    },
    log: (state = 'state') => linesOf(readFileSync(join(folder, state, 'actions.ndjson'), 'utf8')),
  };
}

/** NDJSON, parsed. */
export function linesOf<T>(text: string): readonly T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
