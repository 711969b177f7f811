/** What `get` may ask of a kind of stream, and how it is opened for it. */
import type { Plan } from '../../config/plan.ts';
import { didYouMean } from '../../config/suggest.ts';
import type { Millis } from '../../core/types.ts';
import type { StreamKind } from '../../streams/index.ts';
import { wholeNumber } from '../context.ts';
import { usage } from '../exit.ts';
import type { TimeOptions, TimeRange } from '../instant.ts';

export const day: Millis = 86_400_000;
/** The clock moves between typing and reading. */
const grace: Millis = 60_000;

/** What the command line wants of a stream. */
export interface Wanted {
  readonly plan: Plan;
  readonly pageSize: number | undefined;
  /** Only what this output has not had. */
  readonly isNew: boolean;
  /** How far back it reaches. */
  readonly sinceMs: Millis;
}

/** The stream's options as configured, as far as the command line does not say otherwise. */
export function optionsOf(kind: StreamKind, { plan, pageSize, isNew, sinceMs }: Wanted): unknown {
  const configured = plan.streams.find((each) => each.kind.name === kind.name)?.options ?? kind.options.parse({});
  const size = pageSize ?? plan.defaults.pageSize[kind.name];
  const sized = size === undefined || !kind.pageSize ? configured : { ...(configured as object), [kind.pageSize.option]: size };
  // A stream that is read by days is to go on reading as many.
  const days = kind.pastMs !== null && Object.hasOwn(sized as object, 'days') ? { days: Math.max(1, Math.ceil(sinceMs / day)) } : {};
  const whole = { ...(sized as object), ...days };
  return isNew ? (kind.forNew?.(whole) ?? whole) : whole;
}

/** Throws config `usage.stream` when there is none of that name. */
export async function kindNamed(name: string): Promise<StreamKind> {
  const { streams } = await import('../../streams/index.ts');
  const found = streams.find((each) => each.name === name || each.aliases?.includes(name));
  if (found) return found;
  const known = streams.flatMap((each) => [each.name, ...(each.aliases ?? [])]);
  throw usage('stream', `there is no stream \`${name}\``, didYouMean(name, known) ?? `Choose one of ${known.join(', ')}.`);
}

/** Throws config `usage.page-size` for what the API does not allow. */
export function pageSizeOf(kind: StreamKind, { pageSize }: { readonly pageSize?: string }): number | undefined {
  if (pageSize === undefined) return undefined;
  if (!kind.pageSize) throw usage('page-size', `\`${kind.name}\` comes all at once: it has no pages`, 'Leave `--page-size` out.');
  return wholeNumber('--page-size', pageSize, kind.pageSize);
}

/** What Central no longer has must not look like an answer. */
export function checkRange(kind: StreamKind, options: TimeOptions, { since, until }: TimeRange, now: Millis): void {
  if (kind.pastMs === null) {
    if (since === null && until === null) return;
    const option = options.days !== undefined ? '--days' : options.since !== undefined ? '--since' : '--until';
    throw usage(
      'range',
      `\`${kind.name}\` has no past: it is read as it is now`,
      `Leave \`${option}\` out; \`--where\` looks at any field, and \`--new\` gives what has changed.`,
    );
  }
  if (since === null || now - since <= kind.pastMs + grace) return;
  const reach = kind.pastMs === day ? '24 hours' : `${kind.pastMs / day} days`;
  throw usage(
    'range',
    `\`${kind.name}\` cannot be read further back than ${reach}`,
    `Ask for \`--since ${kind.pastMs === day ? '24h' : `${kind.pastMs / day}d`}\` or less.`,
  );
}
