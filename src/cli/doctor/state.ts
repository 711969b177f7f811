/** The state: its folder, the journal in it, who runs, and what waits. */
import { stat } from 'node:fs/promises';
import type { Plan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { type RunningHolder, runningHolder } from '../holder.ts';
import { figure, plural } from '../output/progress.ts';
import { ageText, sizeText } from '../status/picture.ts';
import { type Standing, standingOf } from '../status/standing.ts';
import { openBeside } from '../store.ts';
import type { Read } from './configuration.ts';
import { ok, skipped, type Tell, wrong } from './finding.ts';
import { examineFolder } from './folder.ts';

/** A whole check reads the whole file, and nothing else goes on meanwhile. */
const mostCheckedBytes = 500_000_000;
const hourMs: Millis = 3_600_000;

export async function examineState(read: Read, context: CommandContext, tell: Tell): Promise<void> {
  const { plan } = read;
  if (!plan || !read.isStateKnown) {
    tell(skipped('state', 'where it is has to be corrected in the configuration first'));
    return;
  }
  const { pathsIn, hasJournal } = await import('../../journal/files.ts');
  const paths = pathsIn(plan.statePath);
  const bytes = await sizeOf(paths.journal);
  if (!(await examineFolder(plan, bytes, tell))) return;
  try {
    if (!(await hasJournal(paths))) {
      tell(ok('journal', 'none yet: nothing has run here'));
      return;
    }
    const holder = await runningHolder(plan.statePath);
    tellHolder(holder, tell);
    await tellIntegrity(plan, bytes, tell);
    await tellStanding(plan, holder, context, tell);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tell(wrong('failed', 'journal', 'cannot be read', error.message, error.advice ?? 'Try again.', error.code));
  }
}

async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function tellHolder(holder: RunningHolder | null, tell: Tell): void {
  if (!holder) {
    tell(ok('running', 'nobody; `run` can be started'));
    return;
  }
  const { command, pid, host, since } = holder;
  const seen = `\`${command}\` runs, process ${pid} on ${host}, since ${new Date(since).toISOString().replace(/\.\d+Z$/, 'Z')}`;
  const cause = 'one process writes to a state, so a second instance would be refused and end with 1';
  tell(
    wrong(
      'warning',
      'running',
      seen,
      cause,
      'If that is the service, all is well. To start another, stop that one first, or give the second one a `state` of its own.',
      'journal.owned',
    ),
  );
}

/** Asks SQLite whether the file is whole; of a very large one only the tables that hold positions. */
async function tellIntegrity(plan: Plan, bytes: number, tell: Tell): Promise<void> {
  const [{ loadDriver }, { openJournal, pathsIn }] = await Promise.all([import('../../journal/driver.ts'), import('../../journal/files.ts')]);
  const db = await openJournal(await loadDriver(), pathsIn(plan.statePath), 'beside');
  try {
    const isWhole = bytes <= mostCheckedBytes;
    const checks = isWhole ? ['PRAGMA quick_check(1)'] : ['streams', 'lanes', 'marks', 'tenants'].map((table) => `PRAGMA quick_check('${table}')`);
    const bad = checks.flatMap((sql) => db.all<Record<string, unknown>>(sql).flatMap((row) => Object.values(row).map(String))).find((word) => word !== 'ok');
    if (bad === undefined) {
      tell(ok('journal', `${sizeText(bytes)}, whole${isWhole ? '' : ' as far as positions go; it is too large to be read to its end here'}`));
      return;
    }
    tell(
      wrong(
        'failed',
        'journal',
        'is damaged',
        bad,
        'Stop the service and restore the folder from a backup, or move it away and begin anew; keep it, its records can often be rescued.',
        'journal.corrupt',
      ),
    );
  } finally {
    db.close();
  }
}

async function tellStanding(plan: Plan, holder: RunningHolder | null, context: CommandContext, tell: Tell): Promise<void> {
  const store = await openBeside(context, plan);
  if (!store) return;
  try {
    const now = context.world.clock.now();
    const sinkOf = new Map(plan.routes.map(({ name, sink }) => [name, { name: sink, unconfirmed: plan.sinks.get(sink)?.kind.unconfirmed ?? false }]));
    const standing = await standingOf(store, plan.statePath, holder, sinkOf, now);
    tellReading(standing, tell);
    tellDelivery(standing, tell);
  } finally {
    await store.close();
  }
}

/** How far reading is behind what Sophos remembers. */
function tellReading({ streams, tenants }: Standing, tell: Tell): void {
  const aside = new Set(tenants.filter((tenant) => tenant.aside !== null).map(({ id }) => id));
  const siem = streams.filter(({ stream, tenant }) => (stream === 'events' || stream === 'siem-alerts') && !aside.has(tenant.id));
  const worst = siem.reduce<(typeof siem)[number] | null>((most, each) => ((each.delayMs ?? 0) > (most?.delayMs ?? -1) ? each : most), null);
  if (aside.size > 0)
    tell(
      wrong(
        'warning',
        'tenants',
        `${plural(aside.size, 'tenant')} set aside`,
        'Sophos gave nothing of them when they were last asked',
        '`sophos-central status` names them and the reason of each; they are asked again by themselves.',
      ),
    );
  if (!worst || worst.delayMs === null) return;
  const seen = `${worst.stream} of ${worst.tenant.name} was last read ${ageText(worst.delayMs)} ago`;
  if (worst.delayMs < 12 * hourMs) {
    tell(ok('reading', `the oldest: ${seen}`));
    return;
  }
  const isLost = worst.delayMs >= 24 * hourMs;
  const cause = worst.error ?? (isLost ? 'nothing has read it in time' : 'it has not been read since');
  const cure = isLost
    ? 'Start `run` now: what is older than 24 h is a gap, and the ledger will say so.'
    : 'Start `run`, or look at its log, before 24 h are over: Sophos forgets then.';
  tell(wrong(isLost ? 'failed' : 'warning', 'reading', seen, cause, cure));
}

function tellDelivery({ routes, deadLetters, gaps }: Standing, tell: Tell): void {
  for (const { route, waiting, waitingBytes, oldestWaitingAgeMs, error, retired } of routes) {
    if (retired) continue;
    const seen =
      waiting === 0 ? 'nothing waits' : `${figure(waiting)} records wait (${sizeText(waitingBytes)}), the oldest ${ageText(oldestWaitingAgeMs ?? 0)} old`;
    if (error === null) tell(ok(`route ${route}`, seen));
    else tell(wrong('warning', `route ${route}`, seen, error, 'See below what its sink says now; the records stay in the journal until it takes them.'));
  }
  if (deadLetters > 0)
    tell(
      wrong(
        'warning',
        'dead letters',
        plural(deadLetters, 'record'),
        'a sink refused them for good',
        'Look at them with `sophos-central dead-letter list`, then retry or drop them.',
      ),
    );
  if (gaps > 0)
    tell(
      wrong(
        'warning',
        'gaps',
        plural(gaps, 'gap'),
        'Sophos could not give everything: it forgets after 24 h',
        'Nothing can be done about those; `sophos-central status` counts them. Keep the service running.',
      ),
    );
}
