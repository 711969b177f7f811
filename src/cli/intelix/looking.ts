/** Looking many addresses up: side by side, with progress, and no longer than it makes sense. */
import type { Lookup } from '../../clients/intelix/lookups.ts';
import type { RiskLevel } from '../../clients/intelix/risk.ts';
import { Failure } from '../../core/failure.ts';
import type { CommandContext } from '../command.ts';
import { sideBySide } from '../side-by-side.ts';
import type { OpenIntelix } from './open.ts';

/** What became of one address. */
export type Looked =
  | { readonly is: 'looked up'; readonly lookup: Lookup; readonly risk: RiskLevel }
  | { readonly is: 'not looked up'; readonly reason: string; readonly failure: Failure };

const atOnce = 8;
/** Paid lookups are not to be lost in a kill: written down as often as this. */
const saveEvery = 200;
/** So many failures of Intelix one after the other, each of them tried several times, and it is taken to be down. */
const mostInARow = 4;

/**
 * Looks every one up with `ask`, in any order; the answers are in the order of `items`. An address that fails does not hinder the others.
 * A used-up allowance, or an Intelix that is down, ends it: the rest is then not looked up, with that reason.
 *
 * Throws   auth when the credential is refused, config; the signal's reason. What was learnt until then is kept.
 */
export async function lookAll<T>(
  context: CommandContext,
  intelix: OpenIntelix,
  items: readonly T[],
  ask: (item: T, signal: AbortSignal) => Promise<Lookup>,
): Promise<readonly Looked[]> {
  const { signal } = context;
  const found = new Map<number, Looked>();
  const progress = context.progress();
  let ended: Failure | null = null;
  let failedInARow = 0;
  let errors = 0;
  const show = () => progress.update({ unit: 'addresses', done: found.size, total: items.length, records: found.size - errors, errors });

  async function one(item: T): Promise<Looked> {
    if (ended) return notLookedUp(ended);
    try {
      const lookup = await ask(item, signal);
      failedInARow = 0;
      return { is: 'looked up', lookup, risk: intelix.riskOf(lookup) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure) || error.kind === 'auth' || error.kind === 'config') throw error;
      if (error.kind === 'transient') failedInARow++;
      if (error.code === 'intelix.throttled' || failedInARow >= mostInARow) ended ??= error;
      return notLookedUp(error);
    }
  }

  try {
    show();
    await sideBySide([...items.entries()], atOnce, async ([i, item]) => {
      signal.throwIfAborted();
      const looked = await one(item);
      if (looked.is === 'not looked up') errors++;
      found.set(i, looked);
      show();
      if (found.size % saveEvery === 0) await intelix.save();
    });
  } finally {
    progress.end();
    await intelix.save();
  }
  const last = ended as Failure | null;
  if (last) context.warn(`${last.message}; no more addresses are looked up now. ${last.advice ?? ''}`);
  return items.map((_, i) => found.get(i) ?? notLookedUp(last ?? new Failure('stale', 'cli.interrupted', 'interrupted')));
}

function notLookedUp(failure: Failure): Looked {
  return { is: 'not looked up', reason: failure.message, failure };
}

/** What Intelix says of it, in its own words, for a table. */
export function categoriesOf(lookup: Lookup): readonly string[] {
  if (lookup.kind === 'ip') return lookup.categories;
  const words = lookup.kind === 'url' ? [lookup.productivityCategory, lookup.securityCategory] : [lookup.detectionName];
  return words.filter((each) => each !== undefined);
}

/** A lookup as reports and plans tell it. */
export function toldLookup({ input, lookedUpAt, ...rest }: Lookup) {
  return { address: input, ...rest, lookedUpAt: new Date(lookedUpAt).toISOString() };
}
