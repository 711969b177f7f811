/** The least role that serves what is configured. Sophos does not tell which role a credential has, so what it may do is tried, and what it must do is told. */
import type { Plan } from '../../config/plan.ts';
import { ok, type Tell, wrong } from './finding.ts';

/** Reading these is what the smallest role is for, as guides of other vendors tell (reference, section 10). */
const readOnlySuffices: ReadonlySet<string> = new Set(['events', 'siem-alerts', 'alerts', 'endpoints']);
/** A search is more than reading. */
const searches: ReadonlySet<string> = new Set(['detections']);

export const smallestRole = 'Service Principal ReadOnly';
export const changingRole = 'Service Principal Management';

export function tellRole({ streams, actions }: Plan, tell: Tell): void {
  const names = streams.map(({ kind }) => kind.name);
  const searching = names.filter((name) => searches.has(name));
  const untold = names.filter((name) => !readOnlySuffices.has(name) && !searches.has(name));
  const needs = actions.length > 0 ? changingRole : smallestRole;
  const doubts = [
    ...(searching.length === 0 ? [] : [`${searching.join(', ')} may need more`]),
    ...(untold.length === 0 ? [] : [`for ${untold.join(', ')} Sophos does not say: the tries above count`]),
  ];
  const seen = `the least role for what is configured is ${needs}${doubts.length === 0 ? '' : `; ${doubts.join('; ')}`}`;
  if (actions.length > 0) {
    const what = `the rules ${actions.map(({ name }) => name).join(', ')} change alerts`;
    tell(
      wrong(
        'warning',
        'role',
        seen,
        `${what}, which ${smallestRole} may not; whether this credential may is not tried, as trying would change something`,
        `Look at the credential's role under Global Settings, Access Control, API Credentials; it has to be ${changingRole} or more.`,
      ),
    );
    return;
  }
  tell(ok('role', `${seen}. Sophos does not tell whether this one has more; \`alert act\`, \`endpoint\` and \`local-site\` changes need ${changingRole}`));
}
