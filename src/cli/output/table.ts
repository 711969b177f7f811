import { visible } from './visible.ts';
import { cutToWidth, widthOf } from './width.ts';

export interface TableOptions {
  readonly headings: readonly string[];
  /** Columns of the terminal; unset: as wide as the values are. */
  readonly width?: number | undefined;
  readonly color: boolean;
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

export function openTable({ headings, width, color }: TableOptions): Table {
  let waiting: (readonly string[])[] = [];
  let widths: readonly number[] | null = null;

  const line = (cells: readonly string[]) => {
    const last = cells.length - 1;
    return cells
      .map((cell, i) => {
        const columns = widths?.[i] ?? 0;
        // Where there is no terminal to fit, a value wider than the first hundred is whole, if out of line.
        const cut = width === undefined ? cell : cutToWidth(cell, columns);
        return i === last ? cut : cut + ' '.repeat(Math.max(0, columns - widthOf(cut)));
      })
      .join(gap)
      .trimEnd();
  };

  function start(): string {
    widths = shrink(
      headings.map((heading, i) => Math.max(widthOf(heading), ...waiting.map((cells) => widthOf(cells[i] ?? '')))),
      width,
    );
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

/** Takes from the widest columns until all fit. */
function shrink(wanted: readonly number[], width: number | undefined): readonly number[] {
  if (width === undefined) return wanted;
  const widths = [...wanted];
  const room = width - gap.length * (widths.length - 1);
  let over = widths.reduce((sum, each) => sum + each, 0) - room;
  while (over > 0) {
    const widest = Math.max(...widths);
    if (widest <= minimum) break;
    const next = Math.max(minimum, ...widths.filter((each) => each < widest));
    const among = widths.filter((each) => each === widest).length;
    const cut = Math.max(1, Math.min(widest - next, Math.floor(over / among)));
    for (let i = 0; i < widths.length && over > 0; i++) {
      if (widths[i] !== widest) continue;
      widths[i] = widest - cut;
      over -= cut;
    }
  }
  return widths;
}
