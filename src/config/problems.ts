import { Failure } from '../core/failure.ts';

/** One mistake in the configuration, and where. */
export interface Problem {
  /** Dotted, such as `sinks.splunk.token`; empty for the file as a whole. */
  readonly path: string;
  /** `null` when it is not in a file, but for example in the environment. */
  readonly file: string | null;
  /** From 1. */
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  /** One short sentence: what to write instead. */
  readonly suggestion: string | null;
}

/** How many the message lists; `problems` has all. */
const mostShown = 100;

/** All mistakes of one configuration, in the order of the file. Kind `config`, code `config.invalid`. */
export class ConfigProblems extends Failure {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    const sorted = problems.map(printable).sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
    const count = sorted.length === 1 ? 'one mistake' : `${sorted.length} mistakes`;
    // What has no place is a sentence by itself.
    const alone = sorted.length === 1 && sorted[0] && sorted[0].line === null && sorted[0].path === '' ? describeProblem(sorted[0]) : null;
    const rest = sorted.length > mostShown ? `\nand ${sorted.length - mostShown} more` : '';
    super('config', 'config.invalid', alone ?? `the configuration has ${count}\n${sorted.slice(0, mostShown).map(describeProblem).join('\n')}${rest}`, {
      advice: 'Correct this, then try `sophos-central config check`.',
    });
    this.name = 'ConfigProblems';
    this.problems = sorted;
  }
}

/** Keys and texts of the file may hold anything; what is printed holds no control characters. */
function printable(problem: Problem): Problem {
  const plain = (text: string) =>
    text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
  return { ...problem, path: plain(problem.path), message: plain(problem.message), suggestion: problem.suggestion === null ? null : plain(problem.suggestion) };
}

/** `file:line:column path: message (suggestion)`. */
export function describeProblem({ file, line, column, path, message, suggestion }: Problem): string {
  const place = file === null ? '' : line === null ? `${file}: ` : `${file}:${line}:${column}: `;
  const subject = path === '' ? '' : `${path}: `;
  return `${place}${subject}${message}${suggestion === null ? '' : ` (${suggestion})`}`;
}
