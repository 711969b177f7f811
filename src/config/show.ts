import { stringify } from 'yaml';
import { spell } from '../core/schema.ts';
import { type MaskRules, maskTree } from './mask.ts';
import type { Plan } from './plan.ts';
import type { Tree } from './source.ts';

/** The configuration in force as YAML: what was written, what the defaults are, secrets as `[secret]`. */
export function showConfig({ shown }: Plan): string {
  return stringify(shown, { lineWidth: 0 });
}

/** What was written, masked, with the defaults that apply. */
export function shownTree(written: Tree, plan: Omit<Plan, 'shown' | 'warnings'>, rules: MaskRules): Tree {
  const masked = asMap(maskTree(written, rules));
  const own = (key: string) => asMap(masked[key] ?? null);
  const { accounts, tenants, streams, journal, log, defaults } = plan;
  const [first] = accounts;
  const central = first && masked.accounts === undefined ? { central: shownAccount(first, own('central')) } : {};
  const named =
    masked.accounts === undefined
      ? {}
      : { accounts: Object.fromEntries(accounts.map((one) => [one.name, shownAccount(one, asMap(own('accounts')[one.name] ?? null))])) };
  return {
    ...central,
    ...named,
    tenants: { include: [...tenants.include], exclude: [...tenants.exclude], ...own('tenants') },
    streams: Object.fromEntries(streams.map(({ kind, everyMs }) => [kind.name, { every: spell(everyMs), ...asMap(own('streams')[kind.name] ?? null) }])),
    sinks: masked.sinks ?? {},
    routes: masked.routes ?? [],
    ...(plan.actions.length === 0 ? {} : { actions: masked.actions ?? [] }),
    ...(masked.intelix === undefined ? {} : { intelix: masked.intelix }),
    ...(masked.secrets === undefined ? {} : { secrets: masked.secrets }),
    defaults: { output: defaults.output, days: defaults.days, ...own('defaults') },
    state: plan.statePath,
    journal: {
      keep: spell(journal.keepMs),
      maxSize: sizeOf(journal.maxBytes),
      minFree: sizeOf(journal.minFreeBytes),
      whenFull: journal.whenFull,
      ...own('journal'),
    },
    log: { ...own('log'), level: log.level, ...(log.format ? { format: log.format } : {}), ...(log.file ? { file: log.file } : {}) },
  };
}

function shownAccount({ credentials, rateLimits, timeoutMs, authUrl, apiUrl }: Plan['accounts'][number], own: { [key: string]: Tree }): Tree {
  return {
    // What came from the environment is masked like what came through a placeholder.
    ...(credentials.kind === 'client' ? { clientId: '[secret]', clientSecret: '[secret]' } : {}),
    ...own,
    ...(authUrl === null ? {} : { authUrl }),
    ...(apiUrl === null ? {} : { apiUrl }),
    rateLimits: { ...rateLimits },
    timeoutMs,
  };
}

function sizeOf(bytes: number): string {
  for (const [unit, each] of [
    ['TB', 1e12],
    ['GB', 1e9],
    ['MB', 1e6],
    ['KB', 1e3],
  ] as const)
    if (bytes >= each && bytes % each === 0) return `${bytes / each}${unit}`;
  return `${bytes}B`;
}

function asMap(value: Tree): { [key: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
