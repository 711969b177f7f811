/** How the command line is read: commander, told what there is. */
import { readFileSync } from 'node:fs';
import { Option, Command as Parser } from 'commander';
import { type Command, type CommandContext, type CommandEntry, type CommandGroup, isGroup } from './command.ts';
import type { ExitCode } from './exit.ts';
import type { Surroundings } from './surroundings.ts';

/** Where help and complaints are written. */
export type Ends = Pick<Surroundings, 'stdout' | 'stderr'>;

/** A command that has been asked for, with its arguments and options. */
export type Run = (context: CommandContext) => Promise<ExitCode>;

/** The program without its commands. */
export function overview(around: Ends): Parser {
  return withGlobals(new Parser('sophos-central'))
    .description('Sophos Central into your SIEM, with nothing lost and nothing twice; and Central as a command line.')
    .version(version(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .usage('<command> [options]')
    .exitOverride()
    .showHelpAfterError('See `sophos-central --help`.')
    .configureOutput(outputs(around));
}

function outputs({ stdout, stderr }: Ends) {
  return {
    writeOut: (text: string) => void stdout.write(text),
    writeErr: (text: string) => void stderr.write(text),
    getOutHelpWidth: () => stdout.columns ?? 100,
    getErrHelpWidth: () => stderr.columns ?? 100,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  };
}

/** Declares what is accepted before and after every command. */
export function withGlobals(parser: Parser): Parser {
  return parser
    .option('-c, --config <file>', 'the configuration file (default: ./sophos-central.yaml, then the usual places)')
    .option('--state <path|url>', 'where the journal is kept')
    .addOption(new Option('--log-level <level>', 'how much is logged').choices(['error', 'warn', 'info', 'debug', 'trace', 'silent']))
    .option('--log-file <file>', 'log to this file instead of standard error')
    .addOption(new Option('--log-format <format>', 'how log lines look (default: pretty on a terminal)').choices(['pretty', 'json']))
    .option('--no-color', 'no colours')
    .option('--quiet', 'no progress, no remarks');
}

/** A command that is only listed. */
export function stub({ name, summary }: CommandEntry, around: Ends): Parser {
  return new Parser(name).summary(summary).description(summary).exitOverride().configureOutput(outputs(around));
}

/** A command with its arguments, options and help. `path` is what is typed for it: its name, after those of its groups. */
export function parserOf(command: Command | CommandGroup, around: Ends, onRun: (run: Run) => Promise<void>, path = command.name): Parser {
  const { name, summary, description, examples } = command;
  const parser = new Parser(name)
    .summary(summary)
    .description(description ?? summary)
    .exitOverride()
    .showHelpAfterError(`See \`sophos-central help ${path}\`.`)
    .configureOutput(outputs(around))
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', examplesText(examples));
  if (isGroup(command)) {
    for (const each of command.commands) parser.addCommand(parserOf(each, around, onRun, `${path} ${each.name}`));
    return parser;
  }
  command.declare?.(parser);
  return parser.action(async () => onRun((context) => command.run(context, parser.args, parser.opts())));
}

function examplesText(examples: readonly string[]): string {
  return `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${examples.map((line) => `  sophos-central ${line}\n`).join('')}`;
}

/** What stands below the overview. */
export function overviewExamples(table: readonly CommandEntry[]): string {
  const examples = table.flatMap(({ example }) => (example === undefined ? [] : [example]));
  return `${examplesText(examples)}\nThe help of a command: sophos-central help <command>\n`;
}

/** From the package, which stands two folders above both the source and what is compiled of it. */
export function version(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}
