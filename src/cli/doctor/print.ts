/** Findings as lines: each begins with its state, and what is wrong has its cause and its cure below. */
import type { CommandContext } from '../command.ts';
import { plural } from '../output/progress.ts';
import { visible } from '../output/visible.ts';
import { widthOf } from '../output/width.ts';
import type { Area, Counts, Finding, State } from './finding.ts';
import type { Row } from './rights.ts';

/** How it is shown: `width` is of a terminal; elsewhere lines are as long as they are. */
export interface Looks {
  readonly width: number | null;
  readonly color: boolean;
}

export const titles: Readonly<Record<Area, string>> = {
  program: 'Program',
  configuration: 'Configuration',
  secrets: 'Secrets',
  network: 'Network',
  clock: 'Clock',
  identity: 'Identity',
  hosts: 'Region hosts',
  rights: 'Rights',
  budget: 'Call budget',
  state: 'State',
  sinks: 'Sinks',
};

const marks: Readonly<Record<State, string>> = { ok: '✔', warning: '▲', failed: '✘', skipped: '–' };
const colors: Readonly<Record<State, string>> = { ok: '32', warning: '33', failed: '31', skipped: '2' };
const stateWidth = 7;
const narrowest = 40;

export function looksOf({ isTty, stdout, color }: CommandContext): Looks {
  return { width: isTty ? Math.max(narrowest, stdout.columns ?? 100) : null, color };
}

/** One area with its findings. */
export function areaText(area: Area, findings: readonly Finding[], looks: Looks): string {
  if (findings.length === 0) return '';
  const subjects = findings.map(({ subject }) => widthOf(visible(subject)));
  const subjectWidth = Math.min(28, Math.max(...subjects));
  const lines = findings.map((finding) => findingText(finding, subjectWidth, looks));
  return `${paint(titles[area], '1', looks)}\n${lines.join('')}\n`;
}

function findingText({ subject, state, seen, cause, cure, code }: Finding, subjectWidth: number, looks: Looks): string {
  const mark = looks.width === null ? '' : `${marks[state]} `;
  const head = `  ${paint(`${mark}${state.padEnd(stateWidth)}`, colors[state], looks)}  `;
  const indent = 2 + widthOf(mark) + stateWidth + 2;
  const name = visible(subject);
  const room = ' '.repeat(Math.max(0, subjectWidth - widthOf(name)));
  const first = `${head}${wrap(`${name}${room}  ${visible(seen)}`, indent, Math.min(indent + subjectWidth + 2, 40), looks)}\n`;
  const below = (label: string, text: string) =>
    `${' '.repeat(indent)}${paint(label, '1', looks)} ${wrap(visible(text), indent + label.length + 1, indent + 7, looks)}\n`;
  return [
    first,
    cause === undefined ? '' : below('cause:', `${cause}${code === undefined || cause.includes(code) ? '' : ` (${code})`}`),
    cure === undefined ? '' : below('cure: ', cure),
  ].join('');
}

/** The matrix of tenants and streams, with one letter for each cell. */
export function matrixText(rows: readonly Row[], looks: Looks): string {
  if (rows.length === 0) return '';
  const streams = [...new Set(rows.flatMap((row) => [...row.streams.keys()]))];
  const several = new Set(rows.map(({ account }) => account)).size > 1;
  const named = rows.map((row) => ({ name: shortened(`${several ? `${row.account}: ` : ''}${visible(row.tenant.name)}`), row }));
  const nameWidth = Math.max(6, ...named.map(({ name }) => widthOf(name)));
  const columns = streams.map((stream) => Math.max(stream.length, 11));
  const padded = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - widthOf(text)));
  const line = (name: string, cells: readonly string[]) =>
    `  ${padded(name, nameWidth)}  ${cells.map((cell, i) => padded(cell, columns[i] ?? 0)).join('  ')}`.trimEnd();
  const head = paint(
    line(
      'TENANT',
      streams.map((stream) => stream.toUpperCase()),
    ),
    '1',
    looks,
  );
  return `${[
    head,
    ...named.map(({ name, row }) =>
      line(
        name,
        streams.map((stream) => row.streams.get(stream) ?? '-'),
      ),
    ),
  ].join('\n')}\n\n`;
}

function shortened(name: string): string {
  return name.length <= 36 ? name : `${name.slice(0, 35)}…`;
}

export function summaryText({ ok, warning, failed, skipped }: Counts, looks: Looks): string {
  const parts = [`${ok} ok`, plural(warning, 'warning'), `${failed} failed`, ...(skipped === 0 ? [] : [`${skipped} skipped`])];
  const worst: State = failed > 0 ? 'failed' : warning > 0 ? 'warning' : 'ok';
  return `${paint(parts.join(', '), colors[worst], looks)}\n`;
}

function paint(text: string, color: string, looks: Looks): string {
  return looks.color ? `\u001b[${color}m${text}\u001b[0m` : text;
}

/** Breaks at blanks where there is a terminal; `used` columns of the first line are taken, `indent` of the others. */
function wrap(text: string, used: number, indent: number, { width }: Looks): string {
  if (width === null) return text;
  const lines: string[] = [];
  let line = '';
  let room = width - used;
  for (const part of text.split(/(?<= )(?=\S)/)) {
    if (line !== '' && widthOf(line) + widthOf(part.trimEnd()) > room) {
      lines.push(line.trimEnd());
      line = '';
      room = width - indent;
    }
    line += part;
  }
  return [...lines, line.trimEnd()].join(`\n${' '.repeat(indent)}`);
}
