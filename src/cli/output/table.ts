import { visible } from './visible.ts';
import { cutToWidth, widthOf } from './width.ts';

export interface TableOptions {
  readonly headings: readonly string[];
  /** Columns of the terminal; unset: as wide as the values are. */
  readonly width?: number | undefined;
  readonly color: boolean;
  /** Headings of figures, which stand to the right. */
  readonly figures?: readonly string[];
  /** Headings whose values are cut last: half a name says nothing. */
  readonly whole?: readonly string[];
  /** Headings of times; where there is no room they are told to the minute. */
  readonly times?: readonly string[];
  /** Headings of times of which the day is enough where there is no room for more. */
  readonly days?: readonly string[];
  /** Headings of what is good for nothing but copying: left out where it would have to be cut, or would leave too little for the others. */
  readonly ids?: readonly string[];
  /** The same said with fewer letters, by heading, for where there is no room. */
  readonly brief?: Readonly<Record<string, (cell: string) => string>>;
}

/**
 * Rows under headings, for a person.
 *
 * Shape    values have no line ends and no control characters when they come out, whatever they held.
 *          Widths follow the first hundred rows, so a long table can be printed while it is still being read.
 */
export interface Table {
  /** The text that is ready now; often none until widths are known. */
  row(cells: readonly string[]): string;
  /** What is left, headings included when there was no row at all. */
  end(): string;
}

const sampleRows = 100;
const gap = '  ';
const minimum = 6;
/** Values that may be cut say little in fewer columns: rather shorter times, and rather no ids. */
const readable = 12;
/** Half a name says nothing, but one that never ends must not take the room of all the others. */
const longestWhole = 36;

export function openTable(options: TableOptions): Table {
  const { headings, width, color, figures = [] } = options;
  let waiting: (readonly string[])[] = [];
  let layout: Layout | null = null;
  let ready = '';

  const line = (row: readonly string[], { shown, spell, widths }: Layout) => {
    const last = shown.at(-1);
    return shown
      .map((i) => {
        const cell = spell(row[i] ?? '', i);
        const columns = widths[i] ?? 0;
        // Where there is no terminal to fit, a value wider than the first hundred is whole, if out of line.
        const cut = width === undefined ? cell : cutToWidth(cell, columns);
        const room = ' '.repeat(Math.max(0, columns - widthOf(cut)));
        if (figures.includes(headings[i] ?? '')) return room + cut;
        return i === last ? cut : cut + room;
      })
      .join(gap)
      .trimEnd();
  };

  function start(): Layout {
    const chosen = layoutOf(waiting, options);
    const heading = line(headings, chosen);
    ready = [color ? `\u001b[1m${heading}\u001b[0m` : heading, ...waiting.map((row) => line(row, chosen))].map((each) => `${each}\n`).join('');
    waiting = [];
    return chosen;
  }

  return {
    row(cells) {
      const clean = headings.map((_, i) => visible(cells[i] ?? ''));
      if (layout) return `${line(clean, layout)}\n`;
      waiting.push(clean);
      if (waiting.length < sampleRows) return '';
      layout = start();
      return ready;
    },
    end() {
      if (layout) return '';
      layout = start();
      return ready;
    },
  };
}

/** What of a row is shown, how it is spelled, and how wide. */
interface Layout {
  readonly shown: readonly number[];
  readonly widths: readonly number[];
  spell(cell: string, column: number): string;
}

/** The first of these that leaves readable columns; otherwise the last, cut to what there is. */
function layoutOf(rows: readonly (readonly string[])[], options: TableOptions): Layout {
  const { headings, width, whole = [], times = [], days = [], ids = [], brief = {} } = options;
  const all = headings.map((_, i) => i);
  const withoutIds = all.filter((i) => !ids.includes(headings[i] ?? ''));
  const isCut = (i: number) => ![...whole, ...times, ...days, ...ids].includes(headings[i] ?? '');
  const spelled = (length: number) => (cell: string, i: number) => {
    const heading = headings[i] ?? '';
    if (times.includes(heading)) return shortTime(cell, minuteLength);
    if (days.includes(heading)) return shortTime(cell, length);
    return cell !== heading && Object.hasOwn(brief, heading) ? (brief[heading]?.(cell) ?? cell) : cell;
  };
  const asTheyAre = (cell: string) => cell;
  const tries: readonly (readonly [readonly number[], Layout['spell']])[] = [
    [all, asTheyAre],
    [all, spelled(minuteLength)],
    ...(withoutIds.length < all.length ? ([[withoutIds, spelled(minuteLength)]] as const) : []),
    [withoutIds, spelled(dayLength)],
  ];
  let chosen: Layout = { shown: all, widths: [], spell: asTheyAre };
  for (const [shown, spell] of tries) {
    const wanted = headings.map((heading, i) => (shown.includes(i) ? Math.max(widthOf(heading), ...rows.map((row) => widthOf(spell(row[i] ?? '', i)))) : 0));
    chosen = { shown, widths: wanted, spell };
    if (width === undefined) return chosen;
    const room = width - gap.length * (shown.length - 1);
    if (sum(wanted) <= room) return chosen;
    const cuttable = headings.map((_, i) => isCut(i));
    const fit = shrink(shrink(capped(wanted, headings, whole), room, cuttable), room);
    chosen = { shown, widths: fit, spell };
    const cut = shown.filter((i) => isCut(i));
    const isWhole = shown.every((i) => isCut(i) || (fit[i] ?? 0) >= Math.min(wanted[i] ?? 0, longestWhole));
    if (isWhole && cut.every((i) => (fit[i] ?? 0) >= Math.min(wanted[i] ?? 0, readable))) return chosen;
  }
  return chosen;
}

function capped(wanted: readonly number[], headings: readonly string[], whole: readonly string[]): readonly number[] {
  return wanted.map((columns, i) => (whole.includes(headings[i] ?? '') ? Math.min(columns, longestWhole) : columns));
}

/** `2026-01-31 12:00`, and `2026-01-31`. */
const minuteLength = 16;
const dayLength = 10;

function shortTime(cell: string, length: number): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(cell) ? cell.slice(0, length).replace('T', ' ') : cell;
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, each) => total + each, 0);
}

/** Takes from the widest columns, of those that may be cut, until all fit. */
function shrink(wanted: readonly number[], room: number, cuttable: readonly boolean[] = wanted.map(() => true)): readonly number[] {
  const widths = [...wanted];
  let over = sum(widths) - room;
  while (over > 0) {
    const those = widths.filter((_, i) => cuttable[i]);
    const widest = Math.max(0, ...those);
    if (widest <= minimum) break;
    const next = Math.max(minimum, ...those.filter((each) => each < widest));
    const among = those.filter((each) => each === widest).length;
    const cut = Math.max(1, Math.min(widest - next, Math.floor(over / among)));
    for (let i = 0; i < widths.length && over > 0; i++) {
      if (widths[i] !== widest || !cuttable[i]) continue;
      widths[i] = widest - cut;
      over -= cut;
    }
  }
  return widths;
}
