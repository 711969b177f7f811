/** The questions about destinations; each is tried as soon as it is known. */
import { kindNamed, type Registers } from '../../config/registers.ts';
import type { Tree } from '../../config/source.ts';
import { Failure } from '../../core/failure.ts';
import type { SinkKind } from '../../core/kinds.ts';
import { secret } from '../../core/secret.ts';
import { sentText } from '../output/test-record.ts';
import { type CentralAnswer, isPlaceholder, type SecretPlace, type SinkAnswer, usualSink, variableFor } from './answers.ts';
import type { Asking } from './ask-credential.ts';
import { planOf, type SeenSink, seeSink, sinkAlone } from './check.ts';
import { freeName } from './draft-of.ts';
import { type Choice, failureLines } from './prompts.ts';
import { askPlace, placeholderFor } from './secret-placing.ts';
import { complaintOf, type OptionQuestion, questionsOf, readTyped, usualFormatOf } from './sink-options.ts';

export interface AskingSinks extends Asking {
  readonly registers: Registers;
  readonly central: CentralAnswer;
  readonly streams: readonly string[];
}

/** Asks until there is a destination. */
export async function askSinks(asking: AskingSinks): Promise<readonly SinkAnswer[]> {
  const { prompts, registers } = asking;
  const usualFirst = [...registers.sinks].sort((a, b) => Number(b.name === usualSink.type) - Number(a.name === usualSink.type));
  for (;;) {
    const types = await prompts.several('Where shall the records go?', usualFirst.map(choiceOf), [usualSink.type]);
    const sinks: SinkAnswer[] = [];
    for (const type of types) {
      const kind = kindNamed(registers.sinks, type);
      const sink = kind && (await askSink(kind, freeName(type, sinks), asking));
      if (sink) sinks.push(sink);
    }
    if (sinks.length > 0) return sinks;
    prompts.say('wrong', 'Every destination was left out: choose at least one.');
  }
}

/** One destination; `null` when it was left out. */
async function askSink(kind: SinkKind<unknown>, name: string, asking: AskingSinks): Promise<SinkAnswer | null> {
  const { context, prompts, live, typed, registers } = asking;
  let before: { readonly [key: string]: Tree } = {};
  for (;;) {
    const options = await askOptions(kind, name, before, asking);
    const usual = usualFormatOf(kind.name, options);
    const format = await prompts.choose(
      `${name}: how shall records be written?`,
      [...registers.formats].sort((a, b) => Number(b.name === usual) - Number(a.name === usual)).map(choiceOf),
      usual,
    );
    const sink: SinkAnswer = { name, type: kind.name, options, format };
    if (!live) return sink;
    try {
      const plan = await planOf(sinkAlone(asking.central, asking.streams, sink), { context, file: asking.file, typed: typed.all }, 'optional');
      const seen = await prompts.during(`Asking ${name}, and sending it a record that says it is a test`, seeSink(plan, name, context));
      if (seen.sent.outcome !== 'refused') {
        prompts.say('done', seenLines(name, seen));
        return sink;
      }
      prompts.say('wrong', [`${name}: the test record was refused: ${seen.sent.reason}`]);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      prompts.say('wrong', failureLines(error, `${name}: `));
    }
    const next = await prompts.choose('What now?', [
      { value: 'change', label: 'Change the answers' },
      { value: 'keep', label: 'Keep it all the same', hint: 'records wait until it takes them' },
      { value: 'leave', label: 'Leave it out' },
    ]);
    if (next === 'keep') return sink;
    if (next === 'leave') return null;
    before = options;
  }
}

/** What a sink said, line by line. */
export function seenLines(name: string, { said, sent }: SeenSink): readonly string[] {
  const test = sent.outcome === 'refused' ? `refused: ${sent.reason}` : sentText[sent.outcome];
  return [`${name}: ${said}`, `Test record: ${test}`, ...('key' in sent ? [`Look for: ${sent.key}`] : [])];
}

async function askOptions(
  kind: SinkKind<unknown>,
  name: string,
  before: { readonly [key: string]: Tree },
  asking: AskingSinks,
): Promise<{ readonly [key: string]: Tree }> {
  const options: { [key: string]: Tree } = {};
  let place: SecretPlace | null = null;
  for (const question of questionsOf(kind)) {
    const { key } = question;
    if (question.isSecret) {
      const typed = await asking.prompts.hidden({
        message: `${name}: ${question.description} (not shown${question.isRequired ? '' : '; Enter for none'})`,
        optional: !question.isRequired,
      });
      if (typed === '') continue;
      const placeless = { what: `\`${key}\` of ${name}`, variable: variableFor(name, key) };
      if (isPlaceholder(typed)) options[key] = typed;
      else {
        place ??= await askPlace(asking.context, asking.prompts, placeless);
        const placeholder = await placeholderFor(place, placeless, asking);
        asking.typed.hold(placeholder, secret(typed));
        options[key] = placeholder;
      }
      continue;
    }
    const value = await askOption(kind, name, question, options, before[key], asking);
    if (value !== undefined) options[key] = value;
  }
  return options;
}

const none = ' none';

async function askOption(
  kind: SinkKind<unknown>,
  name: string,
  question: OptionQuestion,
  soFar: { readonly [key: string]: Tree },
  before: Tree | undefined,
  { prompts }: AskingSinks,
): Promise<Tree | undefined> {
  const { key, description, choices, isFlag, isRequired, example } = question;
  const usual = before === undefined ? question.usual : Array.isArray(before) ? before.join(', ') : String(before);
  const message = `${name}: ${description}`;
  if (isFlag) {
    const isOn = await prompts.yes(message, usual === 'true');
    return isOn === (question.usual === 'true') ? undefined : isOn;
  }
  if (choices) {
    const all: Choice<string>[] = [
      ...(usual === undefined ? [{ value: none, label: 'None of these' }] : []),
      ...choices.map((each) => ({ value: each, label: each })),
    ];
    const chosen = await prompts.choose(message, all, usual ?? none);
    return chosen === none || (chosen === question.usual && before === undefined) ? undefined : readTyped(kind, key, chosen);
  }
  const typed = await prompts.text({
    message: `${message}${example === undefined ? '' : `, such as ${example}`}${isRequired || usual !== undefined ? '' : ' (Enter for none)'}`,
    ...(usual === undefined ? {} : { usual }),
    optional: !isRequired,
    check: (answer) => complaintOf(kind, { ...soFar, [key]: readTyped(kind, key, answer) }, key),
  });
  if (typed === '' || (!isRequired && typed === question.usual)) return undefined;
  return readTyped(kind, key, typed);
}

function choiceOf({ name, summary }: { readonly name: string; readonly summary: string }): Choice<string> {
  return { value: name, label: name, hint: summary };
}
