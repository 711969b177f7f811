/** A plan at work: opens the journal, the routes and the accounts, runs the engine, closes what it opened. */
import type { Plan } from '../config/plan.ts';
import type { Millis } from '../core/types.ts';
import type { Report, World } from '../core/world.ts';
import type { Patience } from '../engine/backoff.ts';
import type { Outcome } from '../engine/engine.ts';
import { isRuleName } from './actions/rule-name.ts';
import { openRules } from './actions/rules.ts';
import { closeRoutes, journalLimits, openOwnStore, openRestart, openRoutes, openSources } from './compose.ts';
import { openKnownTargets } from './known-targets.ts';
import { figure, type Progress } from './output/progress.ts';

export interface ServeOptions {
  readonly command: string;
  /** One pass with this patience; `null`: until stopped. */
  readonly patience: Patience | null;
  readonly concurrency: number;
  readonly progress: Progress;
}

/** Tenants come and go; a partner's list is read again at this pace. */
const rediscoverMs: Millis = 3_600_000;

export async function serve(plan: Plan, outside: World, { command, patience, concurrency, progress }: ServeOptions, signal: AbortSignal): Promise<Outcome> {
  const { runEngine } = await import('../engine/engine.ts');
  const gone = new AbortController();
  const watch = watchProgress(progress);
  const world: World = {
    ...outside,
    report(report) {
      watch(report);
      // The reader of standard output has gone: nobody is left to deliver to, and it is nobody's fault.
      if (report.name === 'sink.failed' && report.code === 'stdout.closed') gone.abort();
      // A rotation is no trouble: what was refused goes the new way at once.
      else if (report.name === 'sink.failed' && report.code === 'secret.renewed') outside.report({ ...report, name: 'sink.reopened' });
      else outside.report(report);
    },
  };
  const store = await openOwnStore(plan, world, command);
  try {
    const known = openKnownTargets(plan.accounts.map(({ name }) => name));
    const routes = await openRoutes(plan, world, store.names);
    try {
      routes.push(...(await openRules(plan, world, store, known)));
      world.report({ name: 'engine.started', routes: routes.length, accounts: plan.accounts.length });
      const outcome = await runEngine(
        {
          store,
          world,
          sources: await openSources(plan, world, known),
          routes,
          kinds: new Set(plan.streams.map(({ kind }) => kind.name)),
          limits: journalLimits(plan),
          concurrency,
          rediscoverMs,
          patience,
          restart: await openRestart(),
        },
        AbortSignal.any([signal, gone.signal]),
      );
      world.report({ name: 'engine.stopped' });
      return outcome;
    } finally {
      await closeRoutes(routes);
    }
  } finally {
    progress.end();
    await store.close();
  }
}

function watchProgress(progress: Progress): (report: Report) => void {
  let records = 0;
  let delivered = 0;
  let errors = 0;
  let total: number | null = null;
  const seen = new Set<string>();
  return (report) => {
    switch (report.name) {
      case 'page.appended':
        records += Number(report.accepted);
        seen.add(String(report.id));
        break;
      case 'parcel.settled':
        if (!isRuleName(String(report.route))) delivered += Number(report.records);
        break;
      case 'account.discovered':
        total = (total ?? 0) + Number(report.streams);
        break;
      case 'account.failed':
      case 'stream.failed':
      case 'sink.failed':
        errors++;
        break;
      default:
        return;
    }
    progress.update({ unit: 'streams', done: seen.size, total, records, errors, note: `${figure(delivered)} delivered` });
  };
}
