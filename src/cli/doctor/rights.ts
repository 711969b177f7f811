/** What the credential may read: one small call for each tenant and stream. */

import type { StreamPlan } from '../../config/plan.ts';
import { CentralError, Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { figure, plural } from '../output/progress.ts';
import type { Read } from './configuration.ts';
import { forEach } from './examine.ts';
import { ok, skipped, type Tell, wrong } from './finding.ts';
import type { KnownAccount, ListedTenant } from './identity.ts';
import { askJournal } from './journal.ts';
import { NotWaited } from './patience.ts';
import { tellRole } from './role.ts';

const atOnce = 4;
/** So many tenants of an account are asked unless somebody wants them all. */
const sample = 10;

/** `denied`: 403; `missing`: 404; `unreachable`: no answer that could be used; `skipped`: no call was left for it. */
export type Cell = 'ok' | 'denied' | 'missing' | 'unreachable' | 'skipped';

/** A row of the capability matrix. */
export interface Row {
  readonly account: string;
  readonly kind: string;
  readonly tenant: { readonly id: string; readonly name: string };
  readonly billing: string | null;
  readonly streams: ReadonlyMap<string, Cell>;
  /** Of the first stream that failed: what was said. */
  readonly reason: Failure | null;
  /** Why a stream was skipped. */
  readonly notWaited: NotWaited | null;
}

export interface RightsOptions {
  readonly tenant?: readonly string[];
  readonly allTenants?: boolean;
}

interface Asked {
  readonly known: KnownAccount;
  readonly tenant: ListedTenant;
}

/** Whom to ask, and how many there are. */
export interface Sample {
  readonly asked: readonly Asked[];
  readonly readable: number;
  /** Whom the call budget leaves out, and why. */
  readonly leftOut: readonly { readonly account: string; readonly why: string }[];
}

/**
 * The first ten tenants of each account, and those that are set aside at present; all with `--all-tenants` or `--tenant`. Fewer where
 * the account's call budget has no room for so many.
 */
export async function chooseSample(read: Read, accounts: readonly KnownAccount[], options: RightsOptions, context: CommandContext): Promise<Sample> {
  const whole = options.allTenants === true || options.tenant !== undefined;
  const aside = whole ? new Set<string>() : await asideInJournal(read, context);
  const asked: Asked[] = [];
  const leftOut: Sample['leftOut'][number][] = [];
  let readable = 0;
  for (const known of accounts) {
    const open = known.tenants.filter(({ reason, isAsked }) => reason === null && isAsked);
    readable += open.length;
    const wanted = open.filter(({ id }, i) => whole || i < sample || aside.has(id));
    const each = callsOfTenant(known, read.plan?.streams ?? []);
    const room = roomFor(wanted.length, each, known);
    asked.push(...wanted.slice(0, room).map((tenant) => ({ known, tenant })));
    const account = known.account.name;
    if (room < wanted.length)
      leftOut.push({
        account,
        why: `${figure(wanted.length - room)} of ${plural(wanted.length, 'tenant')} not asked: ${known.pace.tooMany(wanted.length * each)}`,
      });
    else if (wanted.length === 0 && !known.isListed) leftOut.push({ account, why: 'not asked: which tenants there are is not known, see above' });
  }
  return { asked, readable, leftOut };
}

/** How many of so many tenants the budget has room for. */
function roomFor(tenants: number, callsOfEach: number, { pace }: KnownAccount): number {
  let room = tenants;
  while (room > 0 && pace.tooMany(room * callsOfEach) !== null) room--;
  return room;
}

/** Calls that it takes: a page of a list is one, a search for detections about three. */
function callsOfTenant(known: KnownAccount, streams: readonly StreamPlan[]): number {
  return streams.filter((stream) => isOpen(known, stream)).reduce((sum, { kind }) => sum + (kind.name === 'detections' ? 3 : 1), 0);
}

/** A legacy token opens the SIEM feeds only. */
function isOpen(known: KnownAccount, { kind: { name } }: StreamPlan): boolean {
  return known.kind !== 'legacy token' || name === 'events' || name === 'siem-alerts';
}

/** How many calls a sample takes, and how long they take at least by the accounts' own limits. */
export function costOf({ asked }: Sample, streams: readonly StreamPlan[]): { readonly calls: number; readonly leastMs: Millis } {
  const byAccount = new Map<KnownAccount, number>();
  for (const { known } of asked) byAccount.set(known, (byAccount.get(known) ?? 0) + callsOfTenant(known, streams));
  const each = [...byAccount].map(([{ pace }, calls]) => pace.leastMs(calls));
  return { calls: [...byAccount.values()].reduce((sum, calls) => sum + calls, 0), leastMs: Math.max(0, ...each) };
}

export async function examineRights(
  read: Read,
  { asked, readable, leftOut }: Sample,
  context: CommandContext,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const { plan } = read;
  if (!plan || asked.length === 0) {
    if (leftOut.length === 0) tell(skipped('rights', 'there is no tenant that could be asked'));
    tellLeftOut(leftOut, tell);
    return [];
  }
  const progress = context.progress();
  let done = 0;
  progress.update({ unit: 'tenants', done, total: asked.length, records: null });
  try {
    const rows = await forEach(asked, atOnce, async (each) => {
      const row = await rowOf(each, plan.streams, context, signal);
      progress.update({ done: ++done });
      return row;
    });
    progress.end();
    if (asked.length < readable)
      tell(ok('sample', `${asked.length} of ${figure(readable)} tenants were asked; \`--all-tenants\` asks all, \`--tenant\` chooses`));
    tellLeftOut(leftOut, tell);
    tellRows(rows, plan.streams, tell);
    tellNotWaited(rows, tell);
    // A legacy token has no role.
    if (rows.some(({ kind }) => kind !== 'legacy token')) tellRole(plan, tell);
    return rows;
  } finally {
    progress.end();
  }
}

function tellLeftOut(leftOut: Sample['leftOut'], tell: Tell): void {
  for (const { account, why } of leftOut) tell(skipped(account, why));
}

/** What was begun, and then had no call left after all: a search that took long, or others who use the same credential. */
function tellNotWaited(rows: readonly Row[], tell: Tell): void {
  const cut = rows.filter(({ notWaited }) => notWaited !== null);
  const [first] = cut;
  if (first?.notWaited) tell(skipped('the rest', `not every stream of ${plural(cut.length, 'tenant')} was asked: ${first.notWaited.message}`));
}

async function rowOf({ known, tenant }: Asked, streams: readonly StreamPlan[], context: CommandContext, signal: AbortSignal): Promise<Row> {
  const cells = new Map<string, Cell>();
  let reason: Failure | null = null;
  let notWaited: NotWaited | null = null;
  for (const stream of streams) {
    const name = stream.kind.name;
    if (!isOpen(known, stream)) continue;
    try {
      await readOnce(stream, known, tenant, context, signal);
      cells.set(name, 'ok');
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NotWaited) {
        notWaited ??= error;
        cells.set(name, 'skipped');
        continue;
      }
      if (!(error instanceof Failure)) throw error;
      reason ??= error;
      cells.set(name, cellOf(error));
    }
  }
  const { id, name, entry } = tenant;
  return { account: known.account.name, kind: known.kind, tenant: { id, name }, billing: entry.billingType ?? null, streams: cells, reason, notWaited };
}

/** The smallest page of it, as the service would read it: a stream keeps nothing, so nothing is lost by asking. */
async function readOnce(
  { kind, options, everyMs }: StreamPlan,
  { client }: KnownAccount,
  tenant: ListedTenant,
  { world }: CommandContext,
  signal: AbortSignal,
): Promise<void> {
  const small = kind.pageSize === null ? {} : { [kind.pageSize.option]: kind.pageSize.min };
  const place = { id: tenant.id, name: tenant.name, labels: {}, apiHost: tenant.entry.apiHost ?? null };
  const chosen = typeof options === 'object' && options !== null ? { ...options, ...small } : options;
  await kind.open(chosen, place, client, world, everyMs).fetch(null, signal);
}

function cellOf(error: Failure): Cell {
  if (error.code === 'central.forbidden') return 'denied';
  if (error.code === 'central.not-found') return 'missing';
  return 'unreachable';
}

function tellRows(rows: readonly Row[], streams: readonly StreamPlan[], tell: Tell): void {
  const whole = rows.filter(({ streams: cells }) => [...cells.values()].every((cell) => cell === 'ok'));
  if (whole.length > 0) tell(ok('read', `${plural(whole.length, 'tenant')}: every stream (${streams.map(({ kind }) => kind.name).join(', ')})`));
  const denied = rows.filter(({ streams: cells }) => cells.size > 0 && [...cells.values()].every((cell) => cell === 'denied'));
  for (const row of denied) tellDenied(row, tell);
  const rest = rows.filter((row) => !whole.includes(row) && !denied.includes(row));
  for (const { kind } of streams) {
    for (const cell of ['denied', 'missing', 'unreachable'] as const)
      tellStream(
        kind.name,
        cell,
        rest.filter((row) => row.streams.get(kind.name) === cell),
        rows.length,
        tell,
      );
  }
}

/** A tenant that gives nothing at all. */
function tellDenied({ kind, tenant, billing, reason }: Row, tell: Tell): void {
  const said = reason instanceof CentralError ? `Sophos answers ${reason.status} for every stream` : 'every stream is refused';
  const [cause, cure] = deniedBecause(kind, billing);
  tell(wrong('failed', tenant.name, `${said} of this tenant`, cause, cure, 'central.forbidden'));
}

const assistance = 'Ask the customer to turn on Partner Assistance in their Sophos Central: Account Details, Sophos Support, Partner Assistance';
const leaveOut = 'Until then it is asked again once an hour and hinders nobody; `tenants.exclude` leaves it out.';

function deniedBecause(kind: string, billing: string | null): readonly [string, string] {
  if (kind === 'partner' && billing === 'trial')
    return [
      'the partner credential has no rights to this tenant: it is a trial account, and its customer has not let the partner in',
      `${assistance}; or wait until the trial is converted. ${leaveOut}`,
    ];
  if (kind === 'partner' && billing === 'usage')
    return [
      'the partner credential has no rights to this tenant, though it is billed by usage: it may belong to another partner by now, or Partner Assistance was turned off',
      `${assistance}. ${leaveOut}`,
    ];
  if (kind === 'partner')
    return [
      'the partner credential has no rights to this tenant: a term customer has not turned on Partner Assistance, or it belongs to another partner by now',
      `${assistance}. ${leaveOut}`,
    ];
  if (kind === 'organization')
    return [
      'the organization has no rights to this tenant: the sub-estate does not let its enterprise administrators in',
      `Have the enterprise administration allowed in the sub-estate's settings. ${leaveOut}`,
    ];
  return [
    "the credential's role gives no right to read, or the account is a trial or has no licence",
    'Give the credential the role Service Principal ReadOnly: make a new one under Global Settings, Access Control, API Credentials.',
  ];
}

function tellStream(stream: string, cell: Exclude<Cell, 'ok' | 'skipped'>, rows: readonly Row[], of: number, tell: Tell): void {
  const [first] = rows;
  if (!first) return;
  const names = rows.slice(0, 3).map(({ tenant }) => tenant.name);
  const whom = `${rows.length} of ${plural(of, 'tenant')}: ${names.join(', ')}${rows.length > 3 ? ', ...' : ''}`;
  if (cell === 'denied')
    tell(
      wrong(
        'failed',
        stream,
        `refused with 403 for ${whom}`,
        /licen[cs]e/i.test(first.reason?.message ?? '')
          ? 'the product behind this stream is not licensed there'
          : "the credential's role does not allow this stream, or its product is not licensed there",
        'Make a credential with a role that allows it, under Global Settings, Access Control, API Credentials; or take the stream out of `streams`.',
        'central.forbidden',
      ),
    );
  else if (cell === 'missing')
    tell(
      wrong(
        'failed',
        stream,
        `not there (404) for ${whom}`,
        'the product behind this stream is not set up there, or another host answers in place of Sophos',
        'Take the stream out of `streams`, or check `apiUrl`.',
        'central.not-found',
      ),
    );
  else
    tell(
      wrong('failed', stream, `no usable answer for ${whom}`, first.reason?.message ?? 'no answer', first.reason?.advice ?? 'Try again.', first.reason?.code),
    );
}

async function asideInJournal({ plan }: Read, context: CommandContext): Promise<ReadonlySet<string>> {
  const aside =
    plan && (await askJournal(context, plan, async ({ directory }) => (await directory.tenants()).filter(({ asideReason }) => asideReason !== null)));
  return new Set((aside ?? []).map(({ id }) => id));
}
