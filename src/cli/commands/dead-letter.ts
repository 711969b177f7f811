import type { DeadLetter } from '../../core/store.ts';
import type { Millis, StreamRecord } from '../../core/types.ts';
import { repeated } from '../accounts.ts';
import type { Command, CommandContext, CommandGroup, Parser } from '../command.ts';
import { type ChangeOptions, confirm, declareChangeOptions, maxChanges } from '../confirm.ts';
import { type ExitCode, exitCodes, usage } from '../exit.ts';
import { parseFields } from '../output/fields.ts';
import { openRecordOutput } from '../output/records.ts';
import { declareRowOptions, printRows, type RowOptions } from '../output/rows.ts';
import { compilePattern } from '../pattern.ts';
import { grant, needBeside } from '../store.ts';

interface ListOptions extends RowOptions {
  readonly route?: string;
  readonly tenant?: readonly string[];
}

interface ChangeLetters extends ChangeOptions {
  readonly route?: string;
  readonly tenant?: readonly string[];
  readonly all?: boolean;
}

const list: Command<ListOptions> = {
  name: 'list',
  summary: 'what was refused, by whom and why',
  examples: ['dead-letter list', 'dead-letter list --route splunk --output json'],
  declare: (parser) => declareRowOptions(declareFilter(parser)),
  async run(context, _args, options) {
    const letters = await find(context, [], options);
    const rows = letters.map((letter) => ({
      id: letter.id,
      time: iso(letter.time),
      tenant: { id: letter.origin.tenant.id, name: letter.origin.tenant.name },
      stream: letter.origin.stream,
      route: letter.lane.route,
      record: letter.key,
      code: letter.code,
      reason: letter.reason,
      refusedAt: iso(letter.at),
    }));
    const headings = {
      id: 'ID',
      refusedAt: 'REFUSED',
      'tenant.name': 'TENANT',
      stream: 'STREAM',
      route: 'ROUTE',
      record: 'RECORD',
      code: 'CODE',
      reason: 'REASON',
    };
    await printRows(context, rows, headings, options);
    return exitCodes.done;
  },
};

const show: Command<{ readonly output?: string; readonly fields?: string }> = {
  name: 'show',
  summary: 'the records themselves',
  examples: ['dead-letter show 17', 'dead-letter show 17 18 --output raw'],
  declare: (parser) =>
    parser
      .argument('<ids...>', 'numbers from `dead-letter list`')
      .option('--output <form>', 'a form or format as for `get` (default: ndjson)')
      .option('--fields <a,b.c>', 'only these fields, in this order'),
  async run(context, args, options) {
    const letters = await find(context, idsFrom(args), {});
    const output = openRecordOutput(
      letters[0]?.origin.stream ?? '',
      {
        output: options.output ?? 'ndjson',
        fields: options.fields === undefined ? null : parseFields(options.fields),
        width: context.isTty ? (context.stdout.columns ?? 100) : undefined,
        color: context.color,
        warn: context.warn,
      },
      context.print,
    );
    for (const letter of letters) await output.write([recordOf(letter)], letter.origin);
    await output.end();
    return exitCodes.done;
  },
};

const retry: Command<ChangeLetters> = {
  name: 'retry',
  summary: 'send them again',
  description: 'Puts dead letters back before their route. A running service sends them; without one the next `run` does.',
  examples: ['dead-letter retry 17 18 --yes', 'dead-letter retry --route splunk --all'],
  declare: (parser) => declareChange(parser),
  run: (context, args, options) => change(context, args, options, 'retry'),
};

const drop: Command<ChangeLetters> = {
  name: 'drop',
  summary: 'give them up for good',
  examples: ['dead-letter drop 17 --yes', 'dead-letter drop --route old --all --dry-run'],
  declare: (parser) => declareChange(parser),
  run: (context, args, options) => change(context, args, options, 'drop'),
};

/** What a sink refused for good. */
export const deadLetter: CommandGroup = {
  name: 'dead-letter',
  summary: 'list, show, retry or drop what a sink refused',
  examples: ['dead-letter list', 'dead-letter show 17', 'dead-letter retry 17 --yes'],
  commands: [list, show, retry, drop] as readonly Command[],
};

function declareFilter(parser: Parser): Parser {
  return parser.option('--route <name>', 'only of this route').option('--tenant <id|name>', 'only of this tenant: id, name or glob (repeatable)', repeated);
}

function declareChange(parser: Parser): Parser {
  return declareChangeOptions(
    declareFilter(parser.argument('[ids...]', 'numbers from `dead-letter list`')).option('--all', 'all of them, or all that the filters leave'),
  );
}

async function change(context: CommandContext, args: readonly string[], options: ChangeLetters, what: 'retry' | 'drop'): Promise<ExitCode> {
  maxChanges(options);
  const ids = idsFrom(args);
  if (ids.length === 0 && !options.all)
    throw usage('which', `which dead letters shall be ${what === 'retry' ? 'sent again' : 'dropped'}?`, 'Name their numbers, or say `--all`.');
  if (ids.length > 0 && options.all) throw usage('which', 'numbers and `--all` exclude each other', 'Use one of them.');
  const letters = await find(context, ids, options);
  if (letters.length === 0) {
    context.note('There are no such dead letters.');
    return exitCodes.done;
  }
  const plan = await context.loadPlan({ credentials: 'optional', secrets: 'unasked' });
  const routeNames = [...new Set(letters.map(({ lane }) => lane.route))];
  const gone = routeNames.find((name) => !plan.routes.some((route) => route.name === name));
  if (what === 'retry' && gone !== undefined)
    throw usage(
      'which',
      `nothing goes to \`${gone}\` any more: there is no such route`,
      'Configure the route again, name another with `--route`, or drop these dead letters.',
    );
  const routes = routeNames.join(', ');
  const sentence = `${count(letters.length)} of route ${routes} ${what === 'retry' ? 'will be sent again' : 'will be given up for good'}.`;
  context.note(sentence);
  if (!(await confirm(context, options, letters.length, 'Go on?'))) return exitCodes.done;
  const wish = { kind: `dead-letter.${what}`, body: { ids: letters.map(({ id }) => id) } } as const;
  const { answer, by } = await grant(context, plan, wish);
  const done = Number(answer.retried ?? answer.dropped ?? 0);
  const later = what === 'retry' && by === 'self' ? ' the next `run` sends them' : '';
  context.note(`${count(done)} ${what === 'retry' ? 'put back' : 'dropped'}.${later === '' ? '' : ` No service is running:${later}.`}`);
  return exitCodes.done;
}

async function find(context: CommandContext, ids: readonly number[], { route, tenant }: ListOptions): Promise<readonly DeadLetter[]> {
  const store = await needBeside(context, await context.loadPlan({ credentials: 'optional', secrets: 'unasked' }));
  try {
    const letters = await store.deadLetters.list({ ...(route === undefined ? {} : { route }), ...(ids.length === 0 ? {} : { ids }) });
    const known = new Set(letters.map(({ id }) => id));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0) throw usage('which', `there is no dead letter ${unknown.join(', ')}`, 'See `sophos-central dead-letter list`.');
    if (tenant === undefined) return letters;
    const wanted = tenant.map(compilePattern);
    return letters.filter(({ origin }) => wanted.some((matches) => matches(origin.tenant)));
  } finally {
    await store.close();
  }
}

function idsFrom(args: readonly string[]): readonly number[] {
  return args.map((text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw usage('which', `\`${text}\` is not the number of a dead letter`, 'See `sophos-central dead-letter list`.');
  });
}

function recordOf(letter: DeadLetter): StreamRecord {
  const { seq, key, time, json, fetchedAt } = letter;
  return { seq, key, time, json, fetchedAt, utf8: Buffer.from(json) };
}

function count(letters: number): string {
  return letters === 1 ? 'One dead letter' : `${letters} dead letters`;
}

function iso(at: Millis): string {
  return new Date(at).toISOString();
}
