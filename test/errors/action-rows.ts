/** What can go wrong with automatic actions, with the action log, and with reports of deletions. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRule } from '../../src/cli/actions/automatic.ts';
import { readDeletedSites, writeDeletedSites } from '../../src/cli/actions/deleted-site.ts';
import { actionLogPath, openActionLog, readActionLog } from '../../src/cli/actions/log.ts';
import type { Target } from '../../src/cli/target.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Parcel } from '../../src/core/types.ts';
import { parcelOf } from '../laws/parcels.ts';
import { type Bench, secrets } from './bench.ts';
import type { Row } from './row.ts';

const config = { kind: 'config', exit: 2 } as const;

const now = Date.UTC(2026, 2, 1, 10);
const tenant = { id: 'tenant-1', name: 'Acme', labels: {}, apiHost: null };

/** Two alerts that can be acknowledged. */
function twoAlerts(): Parcel {
  const { sections } = parcelOf([{ tenant: tenant.id, name: tenant.name, stream: 'alerts', items: ['{}', '{}'] }]);
  const json = (key: string) => JSON.stringify({ id: key, allowedActions: ['acknowledge'] });
  const whole = sections.map((section) => ({
    ...section,
    records: section.records.map(({ key, time, seq, fetchedAt, utf8 }) => ({ key, time, seq, fetchedAt, utf8, json: json(key) })),
  }));
  return { sections: whole };
}

/** A rule of a configuration that may act once in an hour, and is given two alerts. */
async function act(bench: Bench, isMet: boolean): Promise<unknown> {
  const cwd = await bench.folder();
  await writeFile(join(cwd, 'sophos-central.yaml'), 'streams: { alerts: {} }\nactions: [{ from: alerts, do: acknowledge, maxPerHour: 1 }]\n');
  const plan = await loadConfig({ cwd, env: { SOPHOS_CLIENT_ID: 'id', SOPHOS_CLIENT_SECRET: secrets[0] ?? '' } });
  const [rule] = plan.actions;
  const [account] = plan.accounts;
  if (!rule || !account) throw new Error('the configuration has no rule');
  const far = await bench.central('/common', () => ({ status: 201, body: { id: 'action-1', status: 'success' } }));
  const entry = { id: tenant.id, name: tenant.name, apiHost: far.url };
  const target: Target = { account, client: bench.client(far.url), entry, tenant: { ...tenant, apiHost: far.url }, reason: null, isConfigured: true };
  const world = { clock: { ...systemClock, now: () => now }, random: Math.random, http: () => Promise.reject(new Error('not asked')), report: () => undefined };
  const { sink } = await openRule({
    rule,
    statePath: plan.statePath,
    store: { deadLetters: noDeadLetters },
    world,
    known: { add: () => undefined, listed: () => undefined, find: () => (isMet ? target : 'not yet') },
  });
  bench.later(async () => sink.close());
  return await sink.deliver(twoAlerts(), new AbortController().signal);
}

const never = () => Promise.reject(new Error('not asked'));
const noDeadLetters = { count: async () => 0, list: never, get: never, retry: never, drop: never };

export const actionRows: readonly Row[] = [
  {
    what: 'a folder where the action log should be',
    ...config,
    code: 'action-log.unwritable',
    attempted: /^could not write the action log .*actions\.ndjson: /,
    seen: /EISDIR.*; nothing is sent without it$/,
    async provoke(bench) {
      const state = await bench.folder();
      await mkdir(actionLogPath(state));
      return openActionLog(state, 'endpoint scan', systemClock);
    },
  },
  {
    what: 'an action log that is none',
    ...config,
    code: 'action-log.unreadable',
    attempted: /^could not read the action log .*actions\.ndjson: /,
    seen: /EISDIR/,
    async provoke(bench) {
      const state = await bench.folder();
      await mkdir(actionLogPath(state));
      return readActionLog(actionLogPath(state));
    },
  },
  {
    what: 'a report that cannot be written',
    ...config,
    code: 'deletion-report.unwritable',
    attempted: /^could not write .*report\.json: /,
    seen: /EEXIST|ENOTDIR/,
    async provoke(bench) {
      const folder = await bench.folder();
      await writeFile(join(folder, 'file'), '');
      return writeDeletedSites(join(folder, 'file', 'report.json'), []);
    },
  },
  {
    what: 'a report that tells no deletion',
    ...config,
    code: 'deletion-report.unreadable',
    attempted: /^could not read deleted local sites from .*report\.json: /,
    seen: /it holds no deleted local site$/,
    async provoke(bench) {
      const path = join(await bench.folder(), 'report.json');
      await writeFile(path, '[{"tenant":{},"site":"x"}]');
      return readDeletedSites(path);
    },
  },
  {
    what: 'a rule that has acted as often as it may',
    ...config,
    code: 'action.capped',
    attempted: /^the rule acknowledge has acted 1 times? within an hour/,
    seen: /, and waits$/,
    retryAfterMs: 3_600_000,
    provoke: (bench) => act(bench, true),
  },
  {
    what: 'an alert of a tenant that its account has not listed',
    kind: 'transient',
    exit: 1,
    code: 'action.no-tenant',
    attempted: /^tenant Acme \(tenant-1\) has not been listed by its account in this run/,
    seen: /nothing can be done there yet$/,
    provoke: (bench) => act(bench, false),
  },
];
