/** What an import says: what was taken over, changed and left; where reading goes on; what to do next. */
import type { Adopted } from '../../core/store.ts';
import type { Millis } from '../../core/types.ts';
import { plural } from '../output/progress.ts';
import { visible } from '../output/visible.ts';
import type { Finding } from './takeover.ts';

/** Everything that an import has to tell; `--output json` prints it as it is. */
export interface ImportReport {
  readonly peer: string;
  readonly folder: string;
  readonly dryRun: boolean;
  readonly configuration: { readonly file: string; readonly written: boolean; readonly text?: string };
  readonly state: string;
  readonly findings: readonly Finding[];
  readonly secrets: readonly PlacedSecret[];
  readonly streams: readonly ContinuedStream[];
  readonly deadLetters: number;
  readonly warnings: readonly string[];
  readonly next: readonly string[];
}

/** Where a secret is now; never the secret. */
export interface PlacedSecret {
  readonly at: string;
  /** Where it was found. */
  readonly from: string;
  /** What the configuration has in its place. */
  readonly placeholder: string;
}

export interface ContinuedStream {
  readonly stream: string;
  readonly tenant: { readonly id: string; readonly name: string };
  /** ISO 8601; `null`: nobody wrote it down. */
  readonly readUpTo: string | null;
  /** How many records are known to be delivered. */
  readonly known: number;
  /** What the API has forgotten since; `null`: nothing. */
  readonly gap: { readonly since: string; readonly until: string } | null;
}

/** Streams whose API forgets after a day (reference, section 4). */
const forgetful: ReadonlySet<string> = new Set(['events', 'siem-alerts']);
const dayMs: Millis = 86_400_000;
/** As many streams are named; a partner has thousands. */
const mostNamed = 20;

export function continuedStreams(streams: readonly Adopted[], now: Millis): readonly ContinuedStream[] {
  return streams.map(({ origin: { stream, tenant }, readUpTo, delivered }) => ({
    stream,
    tenant: { id: tenant.id, name: tenant.name },
    readUpTo: iso(readUpTo),
    known: delivered.length,
    gap: forgetful.has(stream) && readUpTo !== null && readUpTo < now - dayMs ? { since: instant(readUpTo), until: instant(now - dayMs) } : null,
  }));
}

/** One sentence for each hole, the same holes of several tenants together. */
export function gapWarnings(streams: readonly ContinuedStream[]): readonly string[] {
  const holes = streams.filter((each) => each.gap !== null);
  const named = holes.slice(0, mostNamed).map(({ stream, tenant, gap }) => {
    const { since = '', until = '' } = gap ?? {};
    return `\`${stream}\` of ${nameOf(tenant)} was last read at ${since}, and the API forgets after 24 h: what was recorded from then to ${until} cannot be had any more. The first read writes this gap down (\`sophos-central status\`).`;
  });
  return holes.length > mostNamed ? [...named, `The same holds for ${plural(holes.length - mostNamed, 'more stream')}.`] : named;
}

/** The report for a person, line by line. */
export function linesOfReport(report: ImportReport): readonly string[] {
  const { configuration, state, dryRun, next } = report;
  return [
    `${dryRun ? 'Would import' : 'Imported'} ${report.peer} from ${report.folder}`,
    ...section('Taken over', report.findings, 'taken'),
    ...section('Another way here', report.findings, 'changed'),
    ...section('Not taken over', report.findings, 'left'),
    ...streamLines(report.streams),
    ...(report.deadLetters === 0
      ? []
      : [
          '',
          `${plural(report.deadLetters, 'record')} that it could not deliver ${dryRun ? 'would wait' : 'wait'} among the dead letters: see \`sophos-central dead-letter list\`.`,
        ]),
    '',
    dryRun
      ? `Nothing was written: this was \`--dry-run\`. The configuration would be ${configuration.file}, the state ${state}.`
      : `Configuration: ${configuration.file}`,
    ...(dryRun ? [] : [`State:         ${state}`]),
    ...(next.length === 0 ? [] : ['', 'What to do next', ...next.map((line, i) => `  ${i + 1}. ${line}`)]),
  ].map(visible);
}

function section(title: string, findings: readonly Finding[], outcome: Finding['outcome']): readonly string[] {
  const mine = findings.filter((each) => each.outcome === outcome);
  if (mine.length === 0) return [];
  const width = Math.min(44, Math.max(...mine.map(({ what }) => what.length)));
  return ['', title, ...mine.map(({ what, how }) => `  ${what.padEnd(width)}  ${how}`)];
}

function streamLines(streams: readonly ContinuedStream[]): readonly string[] {
  if (streams.length === 0) return ['', 'No position was found: the first read begins as that of a new installation.'];
  const named = streams.slice(0, mostNamed).map(({ stream, tenant, readUpTo, known }) => {
    const since = readUpTo === null ? 'where it stopped' : `where it stopped at ${readUpTo}`;
    const and = known === 0 ? '' : `; ${plural(known, 'record')} known to be delivered`;
    return `  ${stream} of ${nameOf(tenant)}: ${since}${and}`;
  });
  const more = streams.length > mostNamed ? [`  and ${plural(streams.length - mostNamed, 'more stream')}`] : [];
  return ['', `Reading goes on (${plural(streams.length, 'stream')})`, ...named, ...more];
}

function nameOf({ id, name }: ContinuedStream['tenant']): string {
  return name === id ? id : `${name} (${id})`;
}

function iso(at: Millis | null): string | null {
  return at === null ? null : instant(at);
}

/** Whoever wrote the file may have written any number. */
function instant(at: Millis): string {
  return Number.isNaN(new Date(at).getTime()) ? String(at) : new Date(at).toISOString();
}
