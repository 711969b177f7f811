/**
 * All examinations, each as soon as what it builds upon is there, told in a fixed order:
 *
 *     configuration ---+--> program, secrets
 *                      +--> network --> clock
 *                      |        +-----> identity --+--> hosts
 *                      |                           +--> rights
 *                      |                           +--> budget
 *                      +--> state
 *                      +--> sinks
 *
 * None is held up by another's failure: what cannot be examined is told as skipped.
 */
import { openHosts } from '../../clients/central/hosts.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { plural } from '../output/progress.ts';
import { ageText } from '../status/picture.ts';
import { examineBudget } from './budget.ts';
import { examineClock } from './clock.ts';
import { examineConfiguration, type Read, readConfiguration } from './configuration.ts';
import { type Examined, examine } from './examine.ts';
import { type Area, type Finding, ok, skipped } from './finding.ts';
import { examineIdentity, type KnownAccount } from './identity.ts';
import { examineHosts, firstHosts, type Reached, type Route, tellProxies } from './network.ts';
import { examineProgram } from './program.ts';
import { chooseSample, costOf, examineRights, type Row } from './rights.ts';
import { examineSecrets } from './secrets.ts';
import { examineSinks, sinkLimitMs } from './sinks.ts';
import { examineState } from './state.ts';

export interface DoctorOptions {
  readonly tenant?: readonly string[];
  readonly excludeTenant?: readonly string[];
  readonly allTenants?: boolean;
  readonly send?: boolean;
}

export interface Diagnosis {
  readonly read: Read;
  readonly findings: readonly Finding[];
  readonly rows: readonly Row[];
  readonly accounts: readonly KnownAccount[];
  readonly startedAt: Millis;
  readonly tookMs: Millis;
}

const limitMs: Millis = 60_000;
/** A partner's list of thousands of tenants takes some pages. */
const identityLimitMs: Millis = 180_000;
/** With `--all-tenants` that list is waited for. */
const longIdentityLimitMs: Millis = 3_600_000;
/** A wait of more than that is told beforehand. */
const longWaitMs: Millis = 5000;

/**
 * Examines everything.
 *
 * Calls    `onArea` for each area in its order, as soon as it and all before it are done.
 * Throws   the signal's reason on Ctrl-C; nothing else.
 */
export async function diagnose(
  context: CommandContext,
  options: DoctorOptions,
  onArea: (area: Area, findings: readonly Finding[], rows: readonly Row[]) => Promise<void>,
): Promise<Diagnosis> {
  const { clock } = context.world;
  const startedAt = clock.now();
  const began = clock.monotonic();
  const configuration = await examine('configuration', limitMs, context, async (tell) => {
    const read = await readConfiguration(context);
    await examineConfiguration(read, tell);
    return read;
  });
  const read = configuration.result ?? nothingRead;
  const routes = firstHosts(read.plan?.accounts ?? []);
  const network = examine('network', limitMs, context, async (tell, signal): Promise<readonly Reached[]> => {
    if (routes.length === 0) {
      tell(skipped('network', 'no account says which hosts to reach'));
      return [];
    }
    tellProxies(routes, read, tell);
    return await examineHosts(routes, read, context, tell, signal);
  });
  const reached = network.then(({ result }) => result ?? routes.map((route) => ({ route, isWell: false, skewMs: null })));
  const identity = reached.then((hosts) =>
    examine('identity', options.allTenants === true ? longIdentityLimitMs : identityLimitMs, context, async (tell, signal) => {
      if (routes.length === 0) tell(skipped('identity', 'there is no credential to try'));
      return await examineIdentity(read, hosts, options, context, tell, signal);
    }),
  );
  const accounts = identity.then(({ result }) => result ?? []);
  const rights = accounts.then((known) => rightsOf(read, known, options, context));
  const all: readonly Promise<Examined<unknown>>[] = [
    examine('program', limitMs, context, (tell) => examineProgram(read, context, tell)),
    Promise.resolve(configuration),
    examine('secrets', limitMs, context, (tell) => examineSecrets(read, context, tell)),
    network,
    reached.then((hosts) => examine('clock', limitMs, context, (tell) => examineClock(hosts, read, tell))),
    identity,
    accounts.then((known) => examine('hosts', limitMs, context, (tell, signal) => regionHosts(read, known, context, tell, signal))),
    rights,
    accounts.then((known) => examine('budget', limitMs, context, (tell) => examineBudget(read.plan, known, context, tell))),
    examine('state', limitMs, context, (tell) => examineState(read, context, tell)),
    examine('sinks', limitMs + sinkLimitMs * (read.plan?.sinks.size ?? 0), context, (tell, signal) =>
      examineSinks(read.plan, options.send === true, context, tell, signal),
    ),
  ];
  // After Ctrl-C all of them end with the same reason; the first is thrown below.
  void Promise.allSettled(all);
  const findings: Finding[] = [];
  for (const each of all) {
    const { area, findings: said } = await each;
    const own = said.map((finding) => withoutSecrets(finding, context));
    findings.push(...own);
    await onArea(area, own, area === 'rights' ? ((await rights).result ?? []) : []);
  }
  return { read, findings, rows: (await rights).result ?? [], accounts: await accounts, startedAt, tookMs: Math.round(clock.monotonic() - began) };
}

/** Causes are told in the words of far ends, which may repeat what they were given. */
function withoutSecrets({ seen, cause, cure, ...rest }: Finding, { log: { concealed } }: CommandContext): Finding {
  return {
    ...rest,
    seen: concealed(seen),
    ...(cause === undefined ? {} : { cause: concealed(cause) }),
    ...(cure === undefined ? {} : { cure: concealed(cure) }),
  };
}

const nothingRead: Read = {
  file: null,
  tree: {},
  plan: null,
  problems: [],
  leftOut: [],
  sealed: [],
  schemes: new Set(),
  isStateKnown: false,
};

async function rightsOf(read: Read, known: readonly KnownAccount[], options: DoctorOptions, context: CommandContext): Promise<Examined<readonly Row[]>> {
  const sample = await chooseSample(read, known, options, context);
  const streams = read.plan?.streams ?? [];
  const { calls, leastMs } = costOf(sample, streams);
  if (calls > 0) {
    const long = leastMs > longWaitMs ? `, which takes at least ${ageText(leastMs)}` : '';
    context.note(
      `The rights of ${plural(sample.asked.length, 'tenant')} to ${plural(streams.length, 'stream')} are tried with about ${plural(calls, 'call')}${long}.`,
    );
  }
  return await examine('rights', limitMs + 2 * leastMs, context, (tell, signal) => examineRights(read, sample, context, tell, signal));
}

/** The hosts that hold the tenants' data; those that were looked at before are not looked at again. */
async function regionHosts(
  read: Read,
  known: readonly KnownAccount[],
  context: CommandContext,
  tell: Parameters<typeof examineHosts>[3],
  signal: AbortSignal,
): Promise<void> {
  const routes = known.flatMap(({ account, regions }): readonly Route[] => {
    const { admit } = openHosts(account.authUrl ?? undefined, account.apiUrl ?? undefined);
    return regions.map((region) => ({ account, url: new URL(admit(region, 'the tenant list')), role: 'data region' }));
  });
  const before = new Set(firstHosts(read.plan?.accounts ?? []).map(({ url }) => url.origin));
  const fresh = routes.filter(({ url }) => !before.has(url.origin));
  if (fresh.length > 0) await examineHosts(fresh, read, context, tell, signal);
  else if (routes.length > 0) tell(ok('hosts', 'data lies at the hosts above'));
  else tell(skipped('hosts', 'no tenant has told where its data lies'));
}
