/**
 * From an intent to its end: what would be done is shown, counted, limited and confirmed; then done, and told object by object.
 *
 * Nothing but reading calls is made before the yes.
 */
import { CentralError, Failure } from '../../core/failure.ts';
import { codeFor } from '../accounts.ts';
import type { CommandContext, Parser } from '../command.ts';
import { type ChangeOptions, confirm, declareChangeOptions, maxChanges } from '../confirm.ts';
import { type ExitCode, exitCodeOf, exitCodes, usage } from '../exit.ts';
import type { Fields } from '../output/fields.ts';
import { figure, plural } from '../output/progress.ts';
import { declareRowOptions, type Looks, printRows, type RowOptions, rowOutputs } from '../output/rows.ts';
import { openTable } from '../output/table.ts';
import type { Change, Intent, LeftOut, Result } from './change.ts';
import { type ActionLog, openActionLog } from './log.ts';
import { type Performance, performChanges } from './performing.ts';
import { detailText, tenantTexts } from './plan-text.ts';
import { concurrencyOf, declareScope, type ScopeOptions } from './scope.ts';

export interface ActionOptions extends ScopeOptions, ChangeOptions, RowOptions {}

/** Declares what every command has that acts on Central's objects. */
export function declareActionOptions(parser: Parser): Parser {
  return declareRowOptions(declareChangeOptions(declareScope(parser)));
}

/** Mistakes in these options are told before anything is asked. */
export function checkActionOptions(options: ActionOptions): void {
  maxChanges(options);
  concurrencyOf(options);
  const { output } = options;
  if (output !== undefined && !rowOutputs.some((each) => each === output))
    throw usage('output', `\`--output ${output}\` is not a form of this list`, `Use one of ${rowOutputs.join(', ')}.`);
}

export interface Doing {
  /** As the log and the question name it, such as `endpoint isolate`. */
  readonly command: string;
  /** What is counted, such as `endpoint`. */
  readonly noun: string;
  /** What cannot be taken back is told, and a yes is not enough: it has to be typed, with the number. */
  readonly warning?: string;
  /** Waits until changes that were accepted are there. Those that are not in time are in what it resolves with, each with why. */
  readonly settle?: (done: readonly Change[], signal: AbortSignal) => Promise<ReadonlyMap<Change, Failure>>;
}

/** How many rows are shown to somebody who is not asked, and of what is left out. */
const fewRows = 20;

/** Shows, asks, does and tells. */
export async function carryOut(context: CommandContext, options: ActionOptions, intent: Intent, doing: Doing): Promise<ExitCode> {
  const { changes, leftOut, unread } = intent;
  if (changes.length === 0) {
    await printRows(context, leftOut.map(leftOutRow), resultColumns, options, looks);
    context.note(nothing(leftOut));
    return codeOf(intent, []);
  }
  if (options.dryRun) {
    const rows = [...changes.map((change) => ({ ...changeRow(change), result: 'would be done' })), ...leftOut.map(leftOutRow)];
    await printRows(context, rows, planColumns(rows), options, looks);
    await confirm(context, options, changes.length, '');
    return unread.length > 0 || leftOut.some(({ isFailure }) => isFailure) ? exitCodes.partly : exitCodes.done;
  }
  announce(context, options, intent, doing);
  const question = [context.quiet ? sumOf(changes, doing) : '', doing.warning ?? 'Go on?'].filter((part) => part !== '').join(' ');
  const word = doing.warning === undefined ? undefined : `${doing.command.split(' ').at(-1) ?? ''} ${changes.length}`;
  if (!(await confirm(context, options, changes.length, question, word))) return exitCodes.done;
  const { statePath } = await context.loadPlan();
  const log = await openActionLog(statePath, doing.command, context.world.clock);
  try {
    const performance = await perform(context, options, changes, doing, log);
    return await tell(context, options, intent, doing, log, await settled(context, doing, performance));
  } finally {
    await log.close();
  }
}

async function perform(context: CommandContext, options: ActionOptions, changes: readonly Change[], doing: Doing, log: ActionLog): Promise<Performance> {
  const progress = context.progress();
  let done = 0;
  let errors = 0;
  try {
    return await performChanges(changes, {
      log,
      clock: context.world.clock,
      concurrency: concurrencyOf(options),
      signal: context.signal,
      onResult({ is }) {
        done++;
        if (is !== 'done') errors++;
        progress.update({ unit: `${doing.noun}s`, done, total: changes.length, records: null, errors });
      },
    });
  } finally {
    progress.end();
  }
}

/** What was accepted and is not there in time has failed, as far as this run can tell. */
async function settled({ signal, warn }: CommandContext, { settle }: Doing, { results, stopped }: Performance): Promise<Performance> {
  const done = results.flatMap(({ is, change }) => (is === 'done' ? [change] : []));
  if (!settle || done.length === 0 || signal.aborted) return { results, stopped };
  const late = await waited(settle(done, signal), warn);
  const now = results.map((result): Result => {
    const failure = result.is === 'done' ? late.get(result.change) : undefined;
    return failure ? { change: result.change, is: 'failed', failure } : result;
  });
  return { results: now, stopped };
}

/** That nobody could look is no reason to keep the results back. */
async function waited<T>(settling: Promise<ReadonlyMap<Change, T>>, warn: (message: string) => void): Promise<ReadonlyMap<Change, T>> {
  try {
    return await settling;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    warn(`could not wait until it is so: ${error.message}`);
    return new Map();
  }
}

async function tell(
  context: CommandContext,
  options: ActionOptions,
  intent: Intent,
  doing: Doing,
  log: ActionLog,
  { results, stopped }: Performance,
): Promise<ExitCode> {
  const count = (is: Result['is']) => results.filter((each) => each.is === is).length;
  const parts = [
    `${figure(count('done'))} of ${plural(results.length, doing.noun)} done`,
    ...(count('failed') > 0 ? [`${figure(count('failed'))} failed`] : []),
    ...(count('unknown') > 0 ? [`${figure(count('unknown'))} unknown: look in Central`] : []),
    ...(count('not begun') > 0 ? [`${figure(count('not begun'))} not begun`] : []),
    ...(intent.leftOut.length > 0 ? [`${figure(intent.leftOut.length)} left out`] : []),
  ];
  const summary = `${parts.join(', ')}. See ${log.path}, run ${log.run}.`;
  if (context.signal.aborted) {
    // Standard output takes nothing more: what was still under way is told here.
    for (const result of results) if (result.is === 'failed' || result.is === 'unknown') context.warn(sentenceOf(result));
    context.note(summary);
    context.signal.throwIfAborted();
  }
  await printRows(context, [...results.map(resultRow), ...intent.leftOut.map(leftOutRow)], resultColumns, options, looks);
  context.note(summary);
  if (stopped) {
    const isAny = count('done') + count('unknown') > 0;
    if (!isAny) throw stopped;
    context.warn(`${stopped.message}${stopped.advice === undefined ? '' : `. ${stopped.advice}`}`);
    return exitCodes.partly;
  }
  return codeOf(intent, results);
}

/** 0 when all was done, 4 when some was, otherwise what the first failure says. */
function codeOf({ leftOut, unread }: Intent, results: readonly Result[]): ExitCode {
  const failures = [
    ...results.flatMap((result) => (result.is === 'failed' || result.is === 'unknown' ? [result.failure] : [])),
    ...leftOut.filter(({ isFailure }) => isFailure).map(missed),
  ];
  if (failures.length + unread.length === 0) return exitCodes.done;
  const done = results.filter(({ is }) => is === 'done').length;
  const [first] = failures;
  if (done > 0) return exitCodes.partly;
  if (first) return exitCodeOf(first) === exitCodes.usage ? exitCodes.failed : exitCodeOf(first);
  return codeFor(unread, unread.length + results.length);
}

function missed({ reason }: LeftOut): Failure {
  return new Failure('rejected', 'action.left-out', reason, { advice: 'Look at the reason in the list.' });
}

function nothing(leftOut: readonly LeftOut[]): string {
  return leftOut.length === 0 ? 'Nothing to do: nothing was chosen.' : `Nothing to do: ${figure(leftOut.length)} left out.`;
}

function announce(context: CommandContext, options: ActionOptions, { changes, leftOut }: Intent, doing: Doing): void {
  const rows = changes.map(changeRow);
  const columns = Object.entries(planColumns(rows)).filter(([path]) => path !== 'result');
  // Who is asked sees everything; who said yes before, or is to be refused, is only told.
  const isAsked = !options.yes && context.isInteractive && changes.length <= maxChanges(options);
  const shown = isAsked ? changes : changes.slice(0, fewRows);
  const table = openTable({
    headings: columns.map(([, heading]) => heading),
    width: context.screen.isTerminal ? context.screen.columns : undefined,
    color: false,
    whole: looks.whole ?? [],
    ids: looks.ids ?? [],
  });
  const tenantText = tenantTexts(changes);
  const text = shown.map((change) => table.row(cellsOf(change, tenantText(change), columns))).join('') + table.end();
  for (const line of text.trimEnd().split('\n')) context.note(line);
  if (changes.length > shown.length) context.note(`... and ${figure(changes.length - shown.length)} more`);
  for (const each of leftOut.slice(0, fewRows)) context.note(`left out: ${objectText(each)}: ${each.reason}`);
  if (leftOut.length > fewRows) context.note(`... and ${figure(leftOut.length - fewRows)} more left out`);
  context.note(sumOf(changes, doing));
}

/** Such as `FIN-WS-0142 (5fc89ee7-...) of Acme`; what was not found has no id, and nobody it belongs to. */
function objectText({ object: { name, id }, tenant }: LeftOut): string {
  const named = name === '' || id === '' ? name + id : `${name} (${id})`;
  return tenant.id === '' ? named : `${named} of ${tenant.name}`;
}

function sumOf(changes: readonly Change[], { command, noun }: Doing): string {
  const tenants = new Set(changes.map(({ target }) => target.tenant.id)).size;
  return `\`${command}\`: ${plural(changes.length, noun)} of ${plural(tenants, 'tenant')} will be changed.`;
}

function cellsOf(change: Change, tenant: string, columns: readonly (readonly [string, string])[]): readonly string[] {
  const cells: Readonly<Record<string, string>> = {
    'tenant.name': tenant,
    'object.name': change.object.name,
    'object.id': change.object.id,
    action: change.action,
    detail: detailText(change.detail),
    present: change.present ?? '',
  };
  return columns.map(([path]) => cells[path] ?? '');
}

function planColumns(rows: readonly Fields[]): Readonly<Record<string, string>> {
  const has = (name: string) => rows.some((row) => row[name] !== undefined);
  // What is deleted is told by how it is now; only the log needs it whole.
  const hasDetail = rows.some(({ action, detail }) => action !== 'delete' && detailText(detail) !== '');
  return {
    'tenant.name': 'TENANT',
    'object.name': 'NAME',
    'object.id': 'ID',
    action: 'ACTION',
    ...(has('present') ? { present: 'NOW' } : {}),
    ...(hasDetail ? { detail: 'DETAIL' } : {}),
    result: 'RESULT',
    ...(has('reason') ? { reason: 'REASON' } : {}),
  };
}

/** Somebody who agrees must be able to tell which ones. */
const looks: Looks = { whole: ['NAME', 'ACTION', 'RESULT'], ids: ['ID'], texts: { detail: detailText } };

const resultColumns = { 'tenant.name': 'TENANT', 'object.name': 'NAME', 'object.id': 'ID', action: 'ACTION', result: 'RESULT', reason: 'REASON' };

function changeRow({ target, object, action, present, detail }: Change) {
  return {
    tenant: { id: target.tenant.id, name: target.tenant.name },
    object,
    action,
    ...(present === undefined ? {} : { present }),
    ...(detail === undefined ? {} : { detail }),
  };
}

function leftOutRow({ tenant, object, action, reason }: LeftOut) {
  return { tenant: { id: tenant.id, name: tenant.name }, object, action, result: 'left out', reason };
}

function resultRow(result: Result): Fields {
  const row = changeRow(result.change);
  if (result.is === 'not begun') return { ...row, result: 'not begun' };
  if (result.is === 'done') {
    const { outcome } = result;
    const already = typeof outcome === 'object' && outcome !== null && 'already' in outcome ? outcome.already : undefined;
    if (already !== undefined) return { ...row, result: 'done already', reason: already };
    return { ...row, result: 'done', ...(outcome === undefined ? {} : { answer: outcome }) };
  }
  const { failure } = result;
  const correlationId = failure instanceof CentralError ? failure.correlationId : undefined;
  const reason = result.is === 'unknown' ? `the answer was lost, look in Central: ${failure.message}` : failure.message;
  return { ...row, result: result.is, code: failure.code, ...(correlationId === undefined ? {} : { correlationId }), reason };
}

function sentenceOf(result: Result & { readonly failure: Failure }): string {
  const { target, object, action } = result.change;
  return `${action} ${object.name} (${object.id}) of tenant ${target.tenant.name}: ${result.is}, ${result.failure.message}`;
}
