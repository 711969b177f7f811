import { visible } from './visible.ts';
import { cutToWidth, widthOf } from './width.ts';

export interface TableOptions {
  readonly headings: readonly string[];
  /** Columns of the terminal; unset: as wide as the values are. */
  readonly width?: number | undefined;
  readonly color: boolean;
  /** Headings of figures, which stand to the right. */
  readonly figures?: readonly string[];
  /** Headings whose values are cut last: half a time says nothing. */
  readonly whole?: readonly string[];
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

export function openTable({ headings, width, color, figures = [], whole = [] }: TableOptions): Table {
  let waiting: (readonly string[])[] = [];
  let widths: readonly number[] | null = null;

  const line = (cells: readonly string[]) => {
    const last = cells.length - 1;
    return cells
      .map((cell, i) => {
        const columns = widths?.[i] ?? 0;
        // Where there is no terminal to fit, a value wider than the first hundred is whole, if out of line.
        const cut = width === undefined ? cell : cutToWidth(cell, columns);
        const room = ' '.repeat(Math.max(0, columns - widthOf(cut)));
        if (figures.includes(headings[i] ?? '')) return room + cut;
        return i === last ? cut : cut + room;
      })
      .join(gap)
      .trimEnd();
  };

  function start(): string {
    const wanted = headings.map((heading, i) => Math.max(widthOf(heading), ...waiting.map((cells) => widthOf(cells[i] ?? ''))));
    const cuttable = headings.map((heading) => !whole.includes(heading));
    widths = width === undefined ? wanted : shrink(shrink(wanted, width, cuttable), width);
    const heading = line(headings);
    const lines = [color ? `\u001b[1m${heading}\u001b[0m` : heading, ...waiting.map(line)];
    waiting = [];
    return `${lines.join('\n')}\n`;
  }

  return {
    row(cells) {
      const clean = headings.map((_, i) => visible(cells[i] ?? ''));
      if (widths) return `${line(clean)}\n`;
      waiting.push(clean);
      return waiting.length >= sampleRows ? start() : '';
    },
    end: () => (widths ? '' : start()),
  };
}

/** Takes from the widest columns, of those that may be cut, until all fit. */
function shrink(wanted: readonly number[], width: number, cuttable: readonly boolean[] = wanted.map(() => true)): readonly number[] {
  const widths = [...wanted];
  const room = width - gap.length * (widths.length - 1);
  let over = widths.reduce((sum, each) => sum + each, 0) - room;
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
