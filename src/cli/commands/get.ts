import type { Plan } from '../../config/plan.ts';
import { didYouMean } from '../../config/suggest.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis, Origin, StreamRecord } from '../../core/types.ts';
import type { StreamKind } from '../../streams/index.ts';
import { codeFor, declareTenantOptions, eachAccount, needTenants, type Target, type TenantOptions, tenantsOf } from '../accounts.ts';
import type { Command, CommandContext } from '../command.ts';
import { wholeNumber } from '../context.ts';
import { type ExitCode, exitCodes, usage } from '../exit.ts';
import { type GetOutput, type OutputOptions, openGetOutput, type TenantOutput } from '../get/outputs.ts';
import { ReadFailure, recordsFrom } from '../get/reading.ts';
import { openRemembered, type Remembered } from '../get/remembered.ts';
import { parseRange, type TimeOptions, type TimeRange } from '../instant.ts';
import { figure, plural } from '../output/progress.ts';

interface GetOptions extends TenantOptions, TimeOptions, OutputOptions {
  readonly where?: string;
  readonly new?: boolean;
  readonly pageSize?: string;
  readonly limit?: string;
  readonly concurrency: string;
}

const day: Millis = 86_400_000;
/** The clock moves between typing and reading. */
const grace: Millis = 60_000;

/** Reads a stream once. */
export const get: Command<GetOptions> = {
  name: 'get',
  summary: 'read a stream once and print or write it',
  description:
    'Reads a stream of all or of chosen tenants and prints it, or writes it to files or through a sink. Streams: events, siem-alerts. It never touches how far `run` has read. Tenants that cannot be read are named, and the exit code is then 4.',
  examples: [
    'get events --since 12h',
    'get events --tenant "Acme*" --where \'severity in ["high", "critical"]\' --fields created_at,tenant.name,name',
    'get siem-alerts --output csv > alerts.csv',
    'get events --out-dir ./events --concurrency 8',
    'get events --new --output sink:splunk',
  ],
  declare(parser) {
    declareTenantOptions(parser.argument('<stream>', 'events or siem-alerts'))
      .option('--days <n>', 'how many days back, 1 to 90')
      .option('--since <time>', 'from then on: 2026-01-31T12:00:00Z, Unix seconds, or how long ago: 12h, 7d')
      .option('--until <time>', 'up to then')
      .option('--where <expression>', 'only records for which this filter is true')
      .option('--new', 'only what this output has not had')
      .option('--fields <a,b.c>', 'only these fields, in this order')
      .option('--output <form>', 'table (on a terminal), ndjson (elsewhere), json, csv, raw, another format, or sink:NAME')
      .option('--out-dir <folder>', 'one file per tenant: <tenant name>_<tenant id>.json')
      .option('--page-size <n>', 'records per call, 200 to 1000')
      .option('--limit <n>', 'stop after so many records')
      .option('--concurrency <n>', 'tenants read at once', '4');
  },
  async run(context, [name = ''], options) {
    const concurrency = wholeNumber('--concurrency', options.concurrency, { min: 1, max: 64 });
    const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', options.limit, { min: 1, max: Number.MAX_SAFE_INTEGER });
    if (options.new && (options.until !== undefined || options.limit !== undefined))
      throw usage('new', '`--new` takes all that is new: `--until` and `--limit` cannot be used with it', 'Leave them out, or leave `--new` out.');
    const kind = await kindNamed(name);
    const pageSize = options.pageSize === undefined ? undefined : wholeNumber('--page-size', options.pageSize, { min: 200, max: 1000 });
    const range = parseRange(options, context.world.clock.now());
    checkRange(kind, range, context.world.clock.now());
    const plan = await context.loadPlan();
    const where = options.where === undefined ? null : await filterOf(options.where);
    const output = await openGetOutput(context, plan, kind.name, options);
    const remembered = options.new ? await openRemembered(context, plan.statePath, output.identity) : null;
    try {
      return await readAll({ context, plan, kind, options, range, where, output, remembered, concurrency, limit, pageSize });
    } finally {
      await remembered?.close();
      await output.close();
    }
  },
};

interface Job {
  readonly context: CommandContext;
  readonly plan: Plan;
  readonly kind: StreamKind;
  readonly options: GetOptions;
  readonly range: TimeRange;
  readonly where: ((record: StreamRecord, origin: Origin) => boolean) | null;
  readonly output: GetOutput;
  readonly remembered: Remembered | null;
  readonly concurrency: number;
  readonly limit: number;
  readonly pageSize: number | undefined;
}

async function readAll(job: Job): Promise<ExitCode> {
  const { context, plan, options, output, remembered, limit } = job;
  const accounts = await eachAccount(context, plan, (account) => tenantsOf(context, plan, account, options));
  // Whoever names a tenant means it; otherwise the configuration chooses.
  const targets = accounts.found.flat().filter((target) => options.tenant !== undefined || target.isConfigured);
  if (accounts.failed.length === 0) needTenants(targets, options);
  const failed: Failure[] = [];
  const enough = new AbortController();
  const signal = AbortSignal.any([context.signal, enough.signal]);
  const progress = context.progress();
  let done = 0;
  let records = 0;
  const show = () => progress.update({ done, total: targets.length, records, errors: failed.length });

  async function one(target: Target): Promise<void> {
    if (target.reason !== null)
      return leaveOut(target, new Failure('rejected', 'tenant.unreadable', target.reason, { advice: 'Leave it out with `--exclude-tenant`, or ask Sophos.' }));
    const tenantOutput = await output.begin({ stream: job.kind.name, tenant: target.tenant });
    try {
      let own = 0;
      for await (const page of pagesOf(job, target, signal)) {
        const some = page.slice(0, Math.max(0, limit - records));
        records += some.length;
        own += some.length;
        if (some.length > 0) await tenantOutput.write(some);
        show();
        if (records >= limit) break;
      }
      await finish(tenantOutput, own);
      if (records >= limit) enough.abort();
    } catch (error) {
      await tenantOutput.drop();
      if (error instanceof ReadFailure) return leaveOut(target, error.failure);
      // Others reached the limit while this one was waiting: what it had was written.
      if (enough.signal.aborted && !context.signal.aborted) return;
      throw error;
    }
  }

  async function finish(tenantOutput: TenantOutput, own: number): Promise<void> {
    // Nothing new: the file of the last time stays.
    if (remembered && own === 0) await tenantOutput.drop();
    else await tenantOutput.end();
  }

  function leaveOut({ tenant }: Target, failure: Failure): void {
    // A refused credential is refused for all.
    if (failure.kind === 'auth') throw failure;
    failed.push(failure);
    context.warn(`tenant ${tenant.name} (${tenant.id}): ${failure.message}${failure.advice === undefined ? '' : `. ${failure.advice}`}`);
  }

  try {
    show();
    await inTurns(targets, job.concurrency, async (target) => {
      if (!enough.signal.aborted) await one(target);
      done++;
      show();
    });
    await output.end();
    await remembered?.keep();
  } finally {
    progress.end();
  }
  const all = [...accounts.failed, ...failed];
  // Where the limit ended it, most tenants were not asked.
  const read = enough.signal.aborted ? ', as many as `--limit` allows' : ` of ${plural(targets.length - failed.length, 'tenant')}`;
  const refused = output.refused === 0 ? '' : `, ${figure(output.refused)} refused by the sink`;
  context.note(`${plural(records, 'record')}${read}${refused}${all.length === 0 ? '' : `; ${figure(all.length)} not read`}.`);
  if (all.length > 0) return codeFor(all, targets.length + accounts.failed.length);
  return output.refused > 0 ? exitCodes.partly : exitCodes.done;
}

function pagesOf(
  { context, plan, kind, range, where, remembered, pageSize }: Job,
  { tenant, client }: Target,
  signal: AbortSignal,
): AsyncIterable<readonly StreamRecord[]> {
  const { world } = context;
  const configured = plan.streams.find((each) => each.kind.name === kind.name)?.options ?? kind.options.parse({});
  const size = pageSize ?? plan.defaults.pageSize[kind.name];
  // What a stream calls a page's size is `limit`.
  const options = size === undefined ? configured : { ...(configured as object), limit: size };
  const stream = kind.open(options, tenant, client, world);
  const from = kind.restart(range.since ?? world.clock.now() - plan.defaults.days * day);
  if (remembered) return filtered(remembered.records(stream, from, signal), (record) => where === null || where(record, stream));
  return recordsFrom(stream, from, { until: range.until, where }, world, ({ gap }) => context.warn(`tenant ${tenant.name}: ${gap?.reason ?? 'a gap'}`), signal);
}

async function* filtered(pages: AsyncIterable<readonly StreamRecord[]>, wants: (record: StreamRecord) => boolean): AsyncGenerator<readonly StreamRecord[]> {
  for await (const page of pages) yield page.filter(wants);
}

async function filterOf(text: string): Promise<Job['where']> {
  const { compileFilter } = await import('../../config/filter.ts');
  const filter = await compileFilter(text);
  return (record, origin) => filter.test(record, origin);
}

/** At most so many at once, in order; the first that throws ends all when those under way are over. */
async function inTurns<T>(items: readonly T[], concurrency: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  let failure: { readonly error: unknown } | null = null;
  const worker = async () => {
    for (const item of queue) {
      if (failure) return;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  const thrown = failure as { readonly error: unknown } | null;
  if (thrown) throw thrown.error;
}

async function kindNamed(name: string): Promise<StreamKind> {
  const [{ streams }, { streamNames }] = await Promise.all([import('../../streams/index.ts'), import('../../config/served.ts')]);
  const found = streams.find((each) => each.name === name);
  if (found) return found;
  const known = streams.map((each) => each.name);
  if (streamNames.includes(name) || name === 'inventory') throw usage('not-built', `the stream \`${name}\` is not built yet`, `Choose ${known.join(' or ')}.`);
  throw usage('stream', `there is no stream \`${name}\``, didYouMean(name, known) ?? `Choose ${known.join(' or ')}.`);
}

/** Both SIEM feeds keep 24 hours: asking for more would look like an answer to it. */
function checkRange(kind: StreamKind, { since }: TimeRange, now: Millis): void {
  if (since === null || now - since <= day + grace) return;
  throw usage('range', `\`${kind.name}\` cannot be read further back than 24 hours: Central keeps no more`, 'Ask for `--since 24h` or less.');
}
