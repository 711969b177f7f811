/** Folders of sophos-central-api-connector, made from a few files, and read. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Started } from '../../../../src/cli/imports/api-connector/part.ts';
import { apiConnectorWith } from '../../../../src/cli/imports/api-connector/peer.ts';
import type { ImportSurroundings, Takeover } from '../../../../src/cli/imports/takeover.ts';
import type { Tenant } from '../../../../src/core/types.ts';
import { HandClock, openTestWorld } from '../../../clients/world.ts';

export const now = Date.parse('2026-11-20T12:00:00.000Z');
export const day = 86_400_000;
export const hour = 3_600_000;

export const acme: Tenant = { id: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'Acme', labels: {} };
export const beta: Tenant = { id: 'bbbbbbbb-0000-4000-8000-000000000002', name: 'Beta', labels: {} };

export const sophos = '[static]\nclient_id: some-id\nclient_secret: hunter2-of-central\n';
export const splunk =
  '[splunk_aws]\nsplunk_aws: 0\n[splunk_static]\ntoken: 0f5ae4b2-6d2c-4f0e-9f3a-2b1c0d9e8f7a\n[splunk_hec]\nsplunk_url: https://splunk.example.com:8088/services/collector\nsplunk_ack_enabled: 0\n';

export const iso = (at: number) => new Date(at).toISOString();

export const pollOf = (lastRun: number, more: object = {}) =>
  JSON.stringify({
    last_run_datetime: iso(lastRun),
    firsttime_run: 'False',
    last_run_success_bool: 'True',
    last_run_success_datetime: iso(lastRun),
    first_loop: 'True',
    failures_seen: 'False',
    ...more,
  });

/** `[id, how long before now, tenant]` as the tool keeps it. */
export const idsOf = (...alerts: readonly (readonly [id: string, agoMs: number, tenant?: Tenant])[]) =>
  JSON.stringify(Object.fromEntries(alerts.map(([id, agoMs, tenant = acme]) => [id, { raised_at: iso(now - agoMs), tenant_id: tenant.id }])));

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Tool {
  readonly folder: string;
  read(tenants?: readonly Tenant[] | null, started?: Started | null): Promise<Takeover>;
}

/** Files by their path in the package; more of them may be added. */
export async function makeTool(files: Files): Promise<Tool> {
  const folder = await mkdtemp(join(tmpdir(), 'sophos-central-tool-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return {
    folder,
    async read(tenants = [acme, beta], started = null) {
      const { world, close } = openTestWorld(new HandClock(now));
      const around: ImportSurroundings = { env: {}, folder: '/etc/sophos-central', world, signal: new AbortController().signal, tenants: async () => tenants };
      try {
        return await apiConnectorWith(started).read(folder, around);
      } finally {
        await close();
      }
    },
  };
}

/** The same for one test, which needs nothing of it but what is read. */
export async function readTool(files: Files, tenants: readonly Tenant[] | null = [acme, beta], started: Started | null = null): Promise<Takeover> {
  const tool = await makeTool(files);
  try {
    return await tool.read(tenants, started);
  } finally {
    await rm(tool.folder, { recursive: true, force: true });
  }
}

/** Of each stream: where it begins, and what it knows. */
export function placesOf({ streams }: Takeover): Record<string, { readonly from: unknown; readonly known: readonly string[] }> {
  return Object.fromEntries(
    streams.map(({ origin, checkpoint }) => {
      const { from, known } = checkpoint as { readonly from: unknown; readonly known: readonly unknown[] };
      return [origin.tenant.name, { from, known: known.filter((_, i) => i % 5 === 0).map(String) }];
    }),
  );
}

export const told = ({ findings }: Takeover, what: RegExp) => findings.filter((each) => what.test(each.what)).map(({ outcome, how }) => `${outcome}: ${how}`);
