import type { Plan } from '../../config/plan.ts';
import { streamNames } from '../../config/served.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis, Origin, Page, Stream, StreamRecord } from '../../core/types.ts';
import type { World } from '../../core/world.ts';
import type { StreamKind } from '../../streams/index.ts';
import { codeFor, declareTenantOptions, type Target, type TenantOptions, tenantsAsked } from '../accounts.ts';
import type { Command, CommandContext } from '../command.ts';
import { wholeNumber } from '../context.ts';
import { type ExitCode, exitCodes, usage } from '../exit.ts';
import { checkRange, day, kindNamed, optionsOf, pageSizeOf } from '../get/kind.ts';
import type { GetOutput, Took } from '../get/output.ts';
import { type OutputOptions, openGetOutput } from '../get/outputs.ts';
import { ReadFailure, recordsFrom } from '../get/reading.ts';
import { type Given, openRemembered, type Remembered } from '../get/remembered.ts';
import { parseRange, type TimeOptions, type TimeRange } from '../instant.ts';
import { figure, plural } from '../output/progress.ts';
import { sideBySide } from '../side-by-side.ts';

interface GetOptions extends TenantOptions, TimeOptions, OutputOptions {
  readonly where?: string;
  readonly new?: boolean;
  readonly pageSize?: string;
  readonly limit?: string;
  readonly concurrency: string;
}

/** Reads a stream once. */
export const get: Command<GetOptions> = {
  name: 'get',
  summary: 'read a stream once and print or write it',
  description: `Reads a stream of all or of chosen tenants and prints it, or writes it to files or through a sink. Streams: ${streamNames.join(', ')}. The first two reach back 24 hours, alerts 90 days and detections 30; of all others it reads what there is now, and with \`--new\` what has changed since this output was last written. It never touches how far \`run\` has read. Tenants that cannot be read are named, and the exit code is then 4.`,
  examples: [
    'get events --since 12h',
    'get events --tenant "Acme*" --where \'severity in ["high", "critical"]\' --fields created_at,tenant.name,name',
    'get siem-alerts --output csv > alerts.csv',
    'get events --out-dir ./events --concurrency 8',
    'get events --new --output sink:splunk',
    'get endpoints --where \'health.overall != "good"\'',
    'get alerts --days 90 --tenant "Acme*" --output csv > alerts.csv',
    'get alerts --new --output sink:splunk',
    'get local-sites --out-dir ./sites',
  ],
  declare(parser) {
    declareTenantOptions(parser.argument('<stream>', 'what to read, such as events, alerts or endpoints'))
      .option('--days <n>', 'how many days back, 1 to 90')
      .option('--since <time>', 'from then on: 2026-01-31T12:00:00Z, Unix seconds, or how long ago: 12h, 7d')
      .option('--until <time>', 'up to then')
      .option('--where <expression>', 'only records for which this filter is true')
      .option('--new', 'only what this output has not had')
      .option('--fields <a,b.c>', 'only these fields, in this order')
      .option('--output <form>', 'table (on a terminal), ndjson (elsewhere), json, csv, raw, another format, or sink:NAME')
      .option('--out-dir <folder>', 'one file per tenant: <tenant name>_<tenant id>.json')
      .option('--page-size <n>', 'records per call; each API has a limit of its own')
      .option('--limit <n>', 'stop after so many records')
      .option('--concurrency <n>', 'tenants read at once', '4');
  },
  async run(context, [name = ''], options) {
    const concurrency = wholeNumber('--concurrency', options.concurrency, { min: 1, max: 64 });
    const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--limit', options.limit, { min: 1, max: Number.MAX_SAFE_INTEGER });
    if (options.new && (options.until !== undefined || options.limit !== undefined))
      throw usage('new', '`--new` takes all that is new: `--until` and `--limit` cannot be used with it', 'Leave them out, or leave `--new` out.');
    const kind = await kindNamed(name);
    const pageSize = pageSizeOf(kind, options);
    const range = parseRange(options, context.world.clock.now());
    checkRange(kind, options, range, context.world.clock.now());
    const plan = await context.loadPlan();
    const where = options.where === undefined ? null : await filterOf(options.where);
    const output = await openGetOutput(context, plan, kind.name, options.new && kind.forNew ? 'changes' : 'state', options);
    const remembered = options.new ? await openRemembered(context, plan.statePath, output.identity, kind.name) : null;
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
  const asked = await tenantsAsked(context, plan, options);
  // Whoever names a tenant means it; otherwise the configuration chooses.
  const targets = asked.targets.filter((target) => options.tenant !== undefined || target.isConfigured);
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
    const stream = streamOf(job, target);
    const took: Took = async (upTo) => remembered?.took(stream.id, upTo);
    const tenantOutput = await output.begin({ stream: job.kind.name, tenant: target.tenant }, took);
    let own = 0;
    let last = 0;
    try {
      for await (const { records: page, upTo } of pagesOf(job, stream, signal)) {
        const some = page.slice(0, Math.max(0, limit - records));
        records += some.length;
        own += some.length;
        last = upTo;
        if (own > 0) await tenantOutput.write(some, upTo);
        show();
        if (records >= limit) break;
      }
      if (own > 0 || !(remembered || records >= limit)) await tenantOutput.end();
      else {
        // Nothing new, or not looked at: the file of the last time stays. What the filter held back is not looked at again.
        await tenantOutput.drop();
        await took(last);
      }
      if (records >= limit) enough.abort();
    } catch (error) {
      // Others reached the limit while this one was waiting: what it had was counted.
      const isEnough = enough.signal.aborted && error === enough.signal.reason;
      if (isEnough && own > 0) return tenantOutput.end();
      await tenantOutput.drop();
      if (error instanceof ReadFailure) return leaveOut(target, error.failure);
      if (isEnough) return;
      throw error;
    }
  }

  function leaveOut({ tenant }: Target, failure: Failure): void {
    // A refused credential is refused for all.
    if (failure.kind === 'auth') throw failure;
    failed.push(failure);
    context.warn(`tenant ${tenant.name} (${tenant.id}): ${failure.message}${failure.advice === undefined ? '' : `. ${failure.advice}`}`);
  }

  try {
    show();
    await sideBySide(targets, job.concurrency, async (target) => {
      if (!enough.signal.aborted) await one(target);
      done++;
      show();
    });
    await output.end();
    await remembered?.tidy();
  } finally {
    progress.end();
  }
  const all = [...asked.failed, ...failed];
  // Where the limit ended it, most tenants were not asked.
  const read = enough.signal.aborted ? ', as many as `--limit` allows' : ` of ${plural(targets.length - failed.length, 'tenant')}`;
  const refused = output.refused === 0 ? '' : `, ${figure(output.refused)} refused by the sink`;
  context.note(`${plural(records, 'record')}${read}${refused}${all.length === 0 ? '' : `; ${figure(all.length)} not read`}.`);
  if (all.length > 0) return codeFor(all, targets.length + asked.failed.length);
  return output.refused > 0 ? exitCodes.partly : exitCodes.done;
}

function streamOf({ context, plan, kind, range, remembered, pageSize }: Job, { tenant, client }: Target): Stream {
  const { world } = context;
  const wanted = { plan, pageSize, isNew: remembered !== null, sinceMs: world.clock.now() - sinceOf(plan, range, world) };
  return kind.open(optionsOf(kind, wanted), tenant, client, world);
}

function sinceOf(plan: Plan, { since }: TimeRange, { clock }: World): Millis {
  return since ?? clock.now() - plan.defaults.days * day;
}

async function* pagesOf({ context, plan, kind, range, where, remembered }: Job, stream: Stream, signal: AbortSignal): AsyncGenerator<Given> {
  const { world } = context;
  const from = kind.restart(sinceOf(plan, range, world));
  const wants = (record: StreamRecord) => isData(record) && (where === null || where(record, stream));
  const warn = ({ gap }: Page) => context.warn(`tenant ${stream.tenant.name}: ${gap?.reason ?? 'a gap'}`);
  if (remembered) {
    for await (const { records, upTo } of remembered.records(stream, from, warn, signal)) yield { records: records.filter(wants), upTo };
    return;
  }
  for await (const records of recordsFrom(stream, from, { until: range.until, where: wants }, world, warn, signal)) yield { records, upTo: 0 };
}

/** The end of a snapshot is a record for those who keep them; who looks at the items has no use for it. */
function isData({ meta }: StreamRecord): boolean {
  const snapshot = typeof meta === 'object' && meta !== null && 'snapshot' in meta ? meta.snapshot : null;
  return !(typeof snapshot === 'object' && snapshot !== null && 'end' in snapshot && snapshot.end === true);
}

async function filterOf(text: string): Promise<Job['where']> {
  const { compileFilter } = await import('../../config/filter.ts');
  const filter = await compileFilter(text);
  return (record, origin) => filter.test(record, origin);
}
