/**
 * What a Sophos type means: the tables put together, and an answer for types that stand in none.
 *
 * A type is looked up as it is, then without the reason at its end (`UpdateFailure::INSTALL_FAILED`) and with `::` for `.`, then among the
 * families. What is left is judged by the beginning of its name, by the record's group and by the last word (`...Failed`, `...Blocked`).
 */
import { actions } from './actions.ts';
import { categories, expectedEcsTypes } from './categories.ts';
import { actionOfWords, categoryOfBeginning, categoryOfGroup } from './families.ts';
import { ocsfPlace } from './ocsf-place.ts';
import { type Row, rowsOf } from './rows.ts';
import { endpointTypes } from './types-endpoint.ts';
import { networkTypes } from './types-network.ts';
import type { Action, Category, EcsPlace, Meaning } from './words.ts';

/** Every row of the tables. */
export const rows: readonly Row[] = [...rowsOf(endpointTypes), ...rowsOf(networkTypes)];

const prefix = 'Event::';

/** Types longer than this are not taken apart: none is half as long. */
const longestType = 200;

const exact: ReadonlyMap<string, Meaning> = new Map(
  rows.filter(({ type }) => !type.endsWith('*')).map(({ type, category, action }) => [prefix + type, meaningFor(category, action)]),
);

/** The same with lower-case letters and `::` throughout. */
const loose: ReadonlyMap<string, Meaning> = new Map([...exact].map(([type, meaning]) => [loosely(type), meaning]));

const families: readonly (readonly [beginning: string, meaning: Meaning])[] = rows
  .filter(({ type }) => type.endsWith('*'))
  .map(({ type, category, action }) => [loosely(prefix + type.slice(0, -1)), meaningFor(category, action)]);

/**
 * The meaning of a type.
 *
 * Shape    of a type that is not in the tables, `known` is false.
 */
export function meaningOf(type: string | undefined, group?: string): Meaning {
  if (type === undefined) return guess('', group);
  return exact.get(type) ?? (type.length > longestType ? guess('', group) : search(loosely(type), group));
}

function search(type: string, group: string | undefined): Meaning {
  for (let rest = type, parts = 0; parts < 4 && rest !== ''; parts++) {
    const found = loose.get(rest);
    if (found !== undefined) return found.category === 'web' && parts > 0 ? webMeaning(found, type) : found;
    const end = rest.lastIndexOf('::');
    rest = end < 0 ? '' : rest.slice(0, end);
  }
  return families.find(([beginning]) => type.startsWith(beginning))?.[1] ?? guess(type, group);
}

/** Of sites, the reason at the end of a type says what was done: `WebControlViolation::WARNED`. */
function webMeaning(found: Meaning, type: string): Meaning {
  const action = actionOfWords(type);
  return action === 'warned' || action === 'proceeded' ? meaningFor('web', action) : found;
}

function guess(type: string, group: string | undefined): Meaning {
  return meaningFor(categoryOfBeginning(type) ?? categoryOfGroup(group) ?? 'other', actionOfWords(type), false);
}

/** The meaning of a category and an action; the same object for the same two. */
export function meaningFor(category: Category, action: Action, known = true): Meaning {
  const { cim } = categories[category];
  const { outcome } = actions[action];
  return {
    category,
    action,
    outcome,
    ocsf: ocsfPlace(category, action),
    ecs: ecsPlace(category, action),
    ...(cim === undefined ? {} : { cim: cimPlace(cim, action) }),
    known,
  };
}

function cimPlace({ model, dataset, tags }: NonNullable<(typeof categories)[Category]['cim']>, action: Action): NonNullable<Meaning['cim']> {
  const { cim, change } = actions[action];
  const word = model === 'Change' ? change : cim;
  return { model, dataset, tags, ...(word === 'unknown' ? {} : { action: word }) };
}

function ecsPlace(category: Category, action: Action): EcsPlace {
  const { ecs, ocsf } = categories[category];
  const takes = (type: string) => ecs.some((each) => expectedEcsTypes[each]?.includes(type));
  const type = actions[action].ecs.find(takes) ?? 'info';
  const isAlert = ocsf.endsWith('_finding') && actions[action].finding === 1 && ocsf !== 'compliance_finding';
  const kind = ocsf.endsWith('inventory') || ocsf === 'inventory_info' || category === 'settings' ? 'state' : isAlert ? 'alert' : 'event';
  return { kind, category: ecs, type: [type] };
}

function loosely(type: string): string {
  return type.replaceAll('.', '::').toLowerCase();
}
