/** How things stand, for a person. */
import type { Millis } from '../../core/types.ts';
import { figure, plural } from '../output/progress.ts';
import { openTable } from '../output/table.ts';
import { visible } from '../output/visible.ts';
import type { Standing } from './standing.ts';

export interface PictureOptions {
  readonly width: number | undefined;
  readonly color: boolean;
}

export function pictureOf(standing: Standing, options: PictureOptions): string {
  const { state, running, journalBytes, tenants, streams, routes, deadLetters, gaps } = standing;
  const aside = tenants.filter((tenant) => tenant.aside !== null);
  const isAside = new Set(aside.map(({ id }) => id));
  // Where there is little room, what was seen matters more than what was asked for.
  const brief = (error: string) => (options.width === undefined ? error : error.replace(/^(GET|POST|PUT|PATCH|DELETE) [^"]*?: (?=\d{3}[ ,:]|the )/, ''));
  const unwell = [
    // Tenants that are set aside are told below.
    ...streams.flatMap(({ tenant, stream, error }) => (error === null || isAside.has(tenant.id) ? [] : [[`${tenant.name}, ${stream}`, brief(error)]])),
    ...routes.flatMap(({ route, error }) => (error === null ? [] : [[`route ${route}`, brief(error)]])),
  ];
  const who = running ? `${visible(running.command)}, process ${running.pid} on ${visible(running.host)}, since ${running.since}` : 'nobody';
  const facts = [
    `State    ${visible(state)}, ${sizeText(journalBytes ?? 0)}`,
    `Running  ${who}`,
    `Tenants  ${figure(tenants.length)}${aside.length === 0 ? '' : `, ${figure(aside.length)} set aside`}`,
    `Trouble  ${plural(unwell.length, 'error')}, ${plural(deadLetters, 'dead letter')}, ${plural(gaps, 'gap')}`,
  ];
  const parts = [
    `${facts.join('\n')}\n`,
    tableOf(
      ['TENANT', 'STREAM', 'READ UP TO', 'DELAY', 'NEWEST', 'READ'],
      streams.map(({ tenant, stream, readUpTo, delayMs, newestAgeMs, read }) => [
        tenant.name,
        stream,
        readUpTo === null ? 'not yet' : toSeconds(readUpTo),
        delayMs === null ? '' : ageText(delayMs),
        newestAgeMs === null ? 'none' : `${ageText(newestAgeMs)} ago`,
        figure(read),
      ]),
      options,
    ),
    tableOf(
      ['ROUTE', 'SINK', 'WAITING', 'BYTES', 'OLDEST', 'DELIVERED', 'FILTERED', 'REFUSED'],
      routes.map(({ route, sink, unconfirmed, retired, waiting, waitingBytes, oldestWaitingAgeMs, delivered, filtered, refused }) => [
        route,
        retired ? '(removed)' : `${sink ?? ''}${unconfirmed ? ' (unconfirmed)' : ''}`,
        figure(waiting),
        sizeText(waitingBytes),
        oldestWaitingAgeMs === null ? '' : ageText(oldestWaitingAgeMs),
        figure(delivered),
        figure(filtered),
        figure(refused),
      ]),
      options,
    ),
    // Errors stand by themselves: they are long, and whole tables would have to make room for them.
    tableOf(['TROUBLE WITH', 'ERROR'], unwell, options),
    tableOf(
      ['SET ASIDE', 'AGAIN AT', 'REASON'],
      aside.map(({ name, aside: reason, asideUntil }) => [name, asideUntil === null ? '' : toSeconds(asideUntil), brief(reason ?? '')]),
      options,
    ),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

/** Columns of figures, and of times that are no use when cut. */
const figures = ['READ', 'WAITING', 'BYTES', 'DELIVERED', 'FILTERED', 'REFUSED', 'DELAY', 'OLDEST', 'NEWEST'];
const whole = ['READ UP TO', 'AGAIN AT'];

function tableOf(headings: readonly string[], rows: readonly (readonly string[])[], { width, color }: PictureOptions): string {
  if (rows.length === 0) return '';
  const table = openTable({ headings, width, color, figures, whole });
  const text = rows.map((cells) => table.row(cells)).join('');
  return text + table.end();
}

/** Without the milliseconds. */
function toSeconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}

/** Such as `3m 20s`; two units at most. */
export function ageText(ms: Millis): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const first = units.findIndex(([, each]) => ms >= each);
  if (first < 0) return '0s';
  let rest = ms;
  const parts: string[] = [];
  for (const [name, each] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / each);
    rest -= count * each;
    if (count > 0) parts.push(`${count}${name}`);
  }
  return parts.join(' ');
}

/** Such as `12.3 MB`. */
export function sizeText(bytes: number): string {
  for (const [unit, each] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (bytes >= each) return `${(bytes / each).toFixed(1)} ${unit}`;
  return `${bytes} B`;
}
