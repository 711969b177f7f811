/** Questions on a terminal: clack, with our ends of it, and what came from outside made visible. */
import { Writable } from 'node:stream';
import type { Failure } from '../../core/failure.ts';
import type { CommandContext, Terminal } from '../command.ts';
import { interrupted } from '../exit.ts';
import { visible } from '../output/visible.ts';
import { wrap } from '../output/width.ts';
import { Keys } from './keys.ts';

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly hint?: string | undefined;
}

/** What is wrong with an answer, or `undefined`. */
type Check = (answer: string) => string | undefined;

export interface TextQuestion {
  readonly message: string;
  /** Taken when nothing is typed; without one something has to be. */
  readonly usual?: string;
  /** May nothing be typed? */
  readonly optional?: boolean;
  readonly check?: Check;
}

/**
 * The terminal that questions are asked on. Every question has an answer for Enter alone, but those for which there is none.
 *
 * Throws   stale `cli.interrupted` on Ctrl-C, Esc, Ctrl-D, or when the terminal has gone; the signal's reason on abort.
 */
export interface Prompts {
  /** What is worth knowing, between questions; several lines are one block. */
  say(kind: 'info' | 'done' | 'wrong' | 'plain', lines: readonly string[] | string): void;
  text(question: TextQuestion): Promise<string>;
  /** Nothing of it is shown. */
  hidden(question: Pick<TextQuestion, 'message' | 'check' | 'optional'>): Promise<string>;
  /** The first is the answer for Enter alone, unless `usual` says otherwise. */
  choose<T extends string>(message: string, choices: readonly Choice<T>[], usual?: T): Promise<T>;
  several<T extends string>(message: string, choices: readonly Choice<T>[], usual: readonly T[]): Promise<readonly T[]>;
  /** Like `several`, of very many: what is typed narrows them down. */
  search<T extends string>(message: string, choices: readonly Choice<T>[]): Promise<readonly T[]>;
  yes(message: string, usual: boolean): Promise<boolean>;
  /** Shows that something is under way. */
  during<T>(what: string, work: Promise<T>): Promise<T>;
  close(): void;
}

export async function openPrompts({ stdin, stderr, signal, color, env, screen, log }: CommandContext): Promise<Prompts> {
  const clack = await import('@clack/prompts');
  const keys = new Keys(stdin);
  const output = color ? stderr : uncoloured(stderr);
  // Frames and bars say nothing to somebody who listens.
  const withGuide = !env.ACCESSIBLE || /^(0|false)$/.test(env.ACCESSIBLE);
  const ends = { output, withGuide };
  const width = () => Math.max(40, stderr.columns ?? 80);
  /** clack cuts a long question in the middle of a word. */
  const asQuestion = (message: string) => wrap(visible(message), width() - 6).join(withGuide ? `\n${clack.S_BAR}  ` : '\n');

  /** A signal for this question alone: clack goes on listening to the one that it was given. */
  async function ask<T>(
    put: (common: { readonly input: Keys; readonly output: Writable; readonly withGuide: boolean; readonly signal: AbortSignal }) => Promise<T | symbol>,
  ): Promise<T> {
    signal.throwIfAborted();
    const own = new AbortController();
    const pass = () => own.abort();
    signal.addEventListener('abort', pass, { once: true });
    try {
      const answer = await put({ input: keys, ...ends, signal: own.signal });
      signal.throwIfAborted();
      if (typeof answer === 'symbol') throw interrupted();
      return answer;
    } finally {
      signal.removeEventListener('abort', pass);
    }
  }

  const checked =
    ({ usual, optional, check }: Omit<TextQuestion, 'message'>) =>
    (typed: string | undefined) => {
      const answer = (typed ?? '').trim();
      if (answer === '') return usual !== undefined || optional ? undefined : 'Something has to be typed here.';
      const wrong = check?.(answer);
      return wrong === undefined ? undefined : visible(wrong);
    };
  const plain = <T>({ value, label, hint }: Choice<T>) => ({ value, label: visible(label), ...(hint === undefined ? {} : { hint: visible(hint) }) });

  return {
    say(kind, lines) {
      const shown = (typeof lines === 'string' ? [lines] : lines).map((line) => visible(log.concealed(line)));
      // A preview stays as it will be written.
      const text = (kind === 'plain' ? shown : shown.flatMap((line) => wrap(line, width() - 4))).join('\n');
      if (kind === 'info') clack.log.info(text, ends);
      else if (kind === 'done') clack.log.success(text, ends);
      else if (kind === 'wrong') clack.log.error(text, ends);
      else clack.log.message(text, ends);
    },
    async text({ message, usual, ...rest }) {
      const typed = await ask<string>((common) =>
        clack.text({
          ...common,
          message: asQuestion(message),
          ...(usual === undefined ? {} : { placeholder: visible(usual), defaultValue: usual }),
          validate: checked({ ...rest, ...(usual === undefined ? {} : { usual }) }),
        }),
      );
      const answer = (typed ?? '').trim();
      return answer === '' ? (usual ?? '') : answer;
    },
    async hidden({ message, ...rest }) {
      // No mark: one for each character would tell the length, and a long secret would run over the end of its line.
      const typed = await ask<string>((common) => clack.password({ ...common, mask: '', message: asQuestion(message), validate: checked(rest) }));
      return (typed ?? '').trim();
    },
    choose: <T extends string>(message: string, choices: readonly Choice<T>[], usual?: T) =>
      ask<T>(
        (common) =>
          clack.select<string>({
            ...common,
            message: visible(message),
            options: choices.map(plain),
            ...(usual === undefined ? {} : { initialValue: usual }),
            maxItems: 12,
          }) as Promise<T | symbol>,
      ),
    several: <T extends string>(message: string, choices: readonly Choice<T>[], usual: readonly T[]) =>
      ask<readonly T[]>(
        (common) =>
          clack.multiselect<string>({
            ...common,
            message: `${visible(message)} (space selects, Enter goes on)`,
            options: choices.map(plain),
            initialValues: usual,
            required: true,
            maxItems: 12,
          }) as Promise<T[] | symbol>,
      ),
    search: <T extends string>(message: string, choices: readonly Choice<T>[]) =>
      ask<readonly T[]>(
        (common) =>
          clack.autocompleteMultiselect<string>({
            ...common,
            message: `${visible(message)} (type to search, Tab selects)`,
            options: choices.map(plain),
            required: true,
            maxItems: 10,
          }) as Promise<T[] | symbol>,
      ),
    yes: (message, usual) => ask<boolean>((common) => clack.confirm({ ...common, message: visible(message), initialValue: usual })),
    async during(what, work) {
      screen.status(`${visible(what)} ...`);
      try {
        return await work;
      } finally {
        screen.status(null);
      }
    },
    close: () => keys.end(),
  };
}

/** What a failure says, and what to do, as lines. */
export function failureLines({ message, advice }: Failure, subject = ''): readonly string[] {
  return [...`${subject}${message}`.split('\n'), ...(advice === undefined ? [] : [advice])];
}

/** The same terminal, without colours; what moves the cursor passes. */
function uncoloured(terminal: Terminal): Writable {
  const plain = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
      terminal.write(chunk.toString().replace(/\u001b\[[0-9;]*m/g, ''), () => done());
    },
  });
  for (const key of ['isTTY', 'columns', 'rows'] as const)
    Object.defineProperty(plain, key, { get: () => (key in terminal ? terminal[key as keyof Terminal] : undefined) });
  terminal.on('resize', () => plain.emit('resize'));
  return plain;
}
