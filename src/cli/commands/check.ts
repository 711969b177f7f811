import type { Plan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import { declareTenantOptions, repeated, type Target, type TenantOptions, tenantsAsked } from '../accounts.ts';
import { connectorFigures, countConnector, inSeconds } from '../check/connector.ts';
import { alertFigures, type Count, countEstate, type EstateWishes, endpointFigures } from '../check/estate.ts';
import { parseRangeText, parseThresholds, type Range, type Thresholds } from '../check/threshold.ts';
import { type Figure, stateCodes, stateOf, verdictText, worst } from '../check/verdict.ts';
import type { Command, CommandContext } from '../command.ts';
import { wholeNumber } from '../context.ts';
import { type ExitCode, usage } from '../exit.ts';
import { runningHolder } from '../holder.ts';
import { parseDuration, parseRange } from '../instant.ts';
import { plural, figure as spoken } from '../output/progress.ts';
import { standingOf } from '../status/standing.ts';
import { openBeside } from '../store.ts';

interface CheckOptions extends TenantOptions {
  readonly warning?: readonly string[];
  readonly critical?: readonly string[];
  readonly days?: string;
  readonly notSeen: string;
  readonly where?: string;
  readonly excludeAlert?: readonly string[];
  readonly excludeEndpoint?: readonly string[];
  readonly timeout: string;
}

const subjects = ['alerts', 'endpoints', 'connector'] as const;
const day: Millis = 86_400_000;
const atOnce = 4;
const allFigures: readonly string[] = [...alertFigures, ...endpointFigures, ...connectorFigures];

/** When a figure is bad unless the options say otherwise. */
const usual: Readonly<Record<'warning' | 'critical', Readonly<Record<string, string>>>> = {
  warning: { alerts_medium: '0', endpoints_suspicious: '0', tamper_off: '0', not_seen: '0', idle: '3600', failing: '0', dead_letters: '0', gaps: '0' },
  critical: { alerts_critical: '0', alerts_high: '0', endpoints_bad: '0', idle: '21600' },
};

/** What a figure counts, for the words of the first line. */
const nouns: Readonly<Record<string, string>> = {
  alerts_critical: 'alert of critical severity',
  alerts_high: 'alert of high severity',
  alerts_medium: 'alert of medium severity',
  alerts_low: 'alert of low severity',
  alerts_total: 'open alert',
  endpoints_bad: 'endpoint in bad health',
  endpoints_suspicious: 'endpoint in suspicious health',
  endpoints_unknown: 'endpoint of unknown health',
  endpoints_total: 'endpoint',
  tamper_off: 'endpoint without tamper protection',
  not_seen: 'endpoint not seen for long',
  waiting: 'record waiting',
  failing: 'stream or route failing',
  dead_letters: 'dead letter',
  gaps: 'new gap',
};

/** A monitoring plugin: alerts, endpoints and the connector itself. */
export const check: Command<CheckOptions> = {
  name: 'check',
  summary: 'check alerts, endpoints and the connector, as a plugin of Nagios or Icinga',
  description: `Counts open alerts by severity, endpoints by health, without tamper protection or not seen for long, and what is wrong with the connector itself (if it has run here). Prints one line with performance data, details below it, and ends with 0 (OK), 1 (WARNING), 2 (CRITICAL) or 3 (UNKNOWN: it could not be found out). Figures with thresholds: ${allFigures.join(', ')}. A range is written as monitoring plugins do: 10 (more is bad), 10: (less is bad), 5:10, @5:10; \`figure=\` takes a default away.`,
  examples: [
    'check',
    'check alerts --warning alerts_low=20,alerts_medium=5 --critical alerts_high=0',
    'check endpoints --tenant "Acme*" --not-seen 14 --exclude-endpoint "^lab-"',
    'check endpoints --where "os.isServer == true" --critical tamper_off=0',
    'check connector --warning idle=900',
  ],
  declare(parser) {
    declareTenantOptions(parser.argument('[subject...]', 'alerts, endpoints, connector (default: all three)'))
      .option('--warning <figure=range>', 'when a figure is a warning (repeatable)', repeated)
      .option('--critical <figure=range>', 'when a figure is critical (repeatable)', repeated)
      .option('--days <n>', 'only alerts of the last n days, 1 to 90')
      .option('--not-seen <days>', 'an endpoint not seen for so many days counts', '30')
      .option('--where <expression>', 'only alerts and endpoints for which this filter is true')
      .option('--exclude-alert <regex>', 'alerts whose type and description fit do not count (repeatable)', repeated)
      .option('--exclude-endpoint <regex>', 'endpoints whose hostname fits do not count (repeatable)', repeated)
      .option('--timeout <duration>', 'give up after this time, with UNKNOWN', '60s');
  },
  async run(context, args, options) {
    try {
      return await checkAll(context, args, options);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      const advice = error.advice === undefined ? '' : `. ${error.advice}`;
      await context.print(verdictText({ state: 'UNKNOWN', figures: [], unknown: [`${error.message}${advice}`], details: [`code: ${error.code}`], calm: '' }));
      return stateCodes.UNKNOWN;
    }
  },
};

async function checkAll(context: CommandContext, args: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const what = subjectsOf(args);
  const thresholds = {
    warning: parseThresholds('--warning', options.warning ?? [], allFigures),
    critical: parseThresholds('--critical', options.critical ?? [], allFigures),
  };
  const timeoutMs = parseDuration('--timeout', options.timeout);
  const wishes = await wishesOf(context, what, options);
  const needsCentral = what.has('alerts') || what.has('endpoints');
  const plan = await context.loadPlan({ credentials: needsCentral ? 'required' : 'optional' });
  const late = new AbortController();
  const done = new AbortController();
  const failure = new Failure('transient', 'check.timeout', `not done within ${options.timeout}`, {
    advice: 'Allow more with `--timeout`, or check fewer tenants.',
  });
  context.world.clock.sleep(timeoutMs, done.signal).then(
    () => late.abort(failure),
    () => undefined,
  );
  try {
    const total: Count = { figures: new Map(), details: [] };
    const unknown = needsCentral ? await countTenants(context, plan, options, wishes, total, AbortSignal.any([context.signal, late.signal])) : [];
    const connector = what.has('connector') ? await countOwn(context, plan, args.includes('connector'), total) : false;
    const names = allFigures.filter((name) => isWanted(name, what, connector) && (total.figures.has(name) || !/_(critical|unknown)$/.test(name)));
    const figures = names.map((name) => figureOf(name, total.figures.get(name) ?? 0, thresholds));
    const state = worst([...figures.map(stateOf), ...(unknown.length > 0 ? (['UNKNOWN'] as const) : [])]);
    const details = total.details.toSorted((a, b) => Number(b.isUrgent) - Number(a.isUrgent)).map(({ text }) => text);
    await context.print(verdictText({ state, figures, unknown, details, calm: calmOf(figures) }));
    return stateCodes[state];
  } finally {
    done.abort();
  }
}

function subjectsOf(args: readonly string[]): ReadonlySet<string> {
  const wrong = args.find((each) => !(subjects as readonly string[]).includes(each));
  if (wrong !== undefined) throw usage('subject', `\`${wrong}\` cannot be checked`, `Choose from ${subjects.join(', ')}.`);
  return new Set(args.length === 0 ? subjects : args);
}

async function wishesOf(context: CommandContext, what: ReadonlySet<string>, options: CheckOptions): Promise<EstateWishes> {
  const { since } = parseRange(options.days === undefined ? {} : { days: options.days }, context.world.clock.now());
  return {
    what,
    since,
    notSeenMs: wholeNumber('--not-seen', options.notSeen, { min: 1, max: 3650 }) * day,
    where: options.where === undefined ? null : await filterOf(options.where),
    excludesAlert: await patternsOf('--exclude-alert', options.excludeAlert ?? []),
    excludesEndpoint: await patternsOf('--exclude-endpoint', options.excludeEndpoint ?? []),
  };
}

async function filterOf(text: string): Promise<NonNullable<EstateWishes['where']>> {
  const { compileFilter } = await import('../../config/filter.ts');
  const filter = await compileFilter(text);
  return (record, origin) => filter.test(record, origin);
}

/** Does any of the expressions fit? Their engine takes linear time, whatever it is fed. */
async function patternsOf(option: string, texts: readonly string[]): Promise<(text: string) => boolean> {
  if (texts.length === 0) return () => false;
  const { engineFor } = await import('../../config/filter.ts');
  const engine = await engineFor('=~');
  const tests = texts.map((text) => {
    try {
      return engine(text);
    } catch (error) {
      throw usage(
        'regex',
        `\`${option} ${text}\` is not a regular expression: ${error instanceof Error ? error.message : String(error)}`,
        'Write it in the syntax of RE2.',
      );
    }
  });
  return (text) => tests.some((test) => test(text));
}

/** Resolves with what could not be looked at. */
async function countTenants(
  context: CommandContext,
  plan: Plan,
  options: CheckOptions,
  wishes: EstateWishes,
  total: Count,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const unknown: string[] = [];
  const asked = await tenantsAsked({ ...context, signal }, plan, options);
  unknown.push(...asked.failed.map(({ message }) => message));
  const targets = asked.targets.filter((target) => options.tenant !== undefined || target.isConfigured);
  const one = async (target: Target) => {
    if (target.reason !== null) return void unknown.push(`tenant ${target.tenant.name}: ${target.reason}`);
    try {
      const { figures, details } = await countEstate(target, wishes, target.client.now(), signal);
      for (const [name, value] of figures) total.figures.set(name, (total.figures.get(name) ?? 0) + value);
      total.details.push(...details);
    } catch (error) {
      context.signal.throwIfAborted();
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof Failure)) throw error;
      unknown.push(`tenant ${target.tenant.name}: ${error.message}`);
    }
  };
  const queue = targets.values();
  await Promise.all(
    Array.from({ length: Math.min(atOnce, targets.length) }, async () => {
      for (const target of queue) await one(target);
    }),
  );
  return unknown;
}

/** Resolves with whether there was something to count. */
async function countOwn(context: CommandContext, plan: Plan, isAsked: boolean, total: Count): Promise<boolean> {
  const store = await openBeside(context, plan);
  if (!store) {
    if (isAsked)
      throw new Failure('config', 'journal.none', `nothing has run yet: there is no journal in ${plan.statePath}`, { advice: 'Start `sophos-central run`.' });
    return false;
  }
  try {
    const now = context.world.clock.now();
    const standing = await standingOf(store, plan.statePath, await runningHolder(plan.statePath), new Map(), now);
    const { figures, details } = await countConnector(store, standing, now);
    for (const [name, value] of figures) total.figures.set(name, value);
    total.details.push(...details);
    return true;
  } finally {
    await store.close();
  }
}

function isWanted(name: string, what: ReadonlySet<string>, connector: boolean): boolean {
  if ((alertFigures as readonly string[]).includes(name)) return what.has('alerts');
  if ((endpointFigures as readonly string[]).includes(name)) return what.has('endpoints');
  return connector;
}

function figureOf(name: string, value: number, thresholds: Readonly<Record<'warning' | 'critical', Thresholds>>): Figure {
  const rangeOf = (level: 'warning' | 'critical'): Range | null => {
    const given = thresholds[level].get(name);
    return given === undefined ? parseRangeText(usual[level][name] ?? '') : given;
  };
  const isTime = inSeconds.includes(name);
  const says =
    name === 'idle' ? `nothing was read for ${spoken(value)} s` : isTime ? `records have waited ${spoken(value)} s` : counted(value, nouns[name] ?? name);
  return { name, value, says, warning: rangeOf('warning'), critical: rangeOf('critical'), ...(isTime ? { unit: 's' as const } : {}) };
}

/** `2 alerts of high severity`: the first word is what is counted. */
function counted(value: number, noun: string): string {
  const [first = '', ...rest] = noun.split(' ');
  const many = /^(dead|open|new)$/.test(first) ? plural(value, noun) : [plural(value, first), ...rest].join(' ');
  return many;
}

function calmOf(figures: readonly Figure[]): string {
  const said = ['alerts_total', 'endpoints_total', 'waiting'].flatMap((name) => figures.find((each) => each.name === name)?.says ?? []);
  return `${said.join(', ')}${said.length === 0 ? 'nothing' : ''}: nothing is wrong`.replace('nothing: nothing', 'nothing');
}
