import { relative } from 'node:path';
import { Option } from 'commander';
import type { Command, CommandGroup } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { plural } from '../output/progress.ts';

const check: Command = {
  name: 'check',
  summary: 'find every mistake in the configuration, with its line',
  description: 'Reads and checks the configuration without calling anybody. Exit code 2 when there is a mistake.',
  examples: ['config check', 'config check --config /etc/sophos-central/sophos-central.yaml'],
  async run(context) {
    const plan = await context.loadPlan({ credentials: 'optional', secrets: 'unasked' });
    if (plan.file === null && plan.accounts.length === 0) {
      const { ConfigProblems } = await import('../../config/problems.ts');
      const suggestion = 'write a `sophos-central.yaml`, or name a file with `--config`';
      throw new ConfigProblems([{ path: '', file: null, line: null, column: null, message: 'there is no configuration to check', suggestion }]);
    }
    for (const warning of plan.warnings) context.warn(warning);
    if (plan.accounts.length === 0)
      context.warn('There is no account: add `central`, or set SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET before `run` and `get`.');
    const { accounts, streams, sinks, routes } = plan;
    const what = [plural(accounts.length, 'account'), plural(streams.length, 'stream'), plural(sinks.size, 'sink'), plural(routes.length, 'route')].join(', ');
    await context.print(`${plan.file ?? 'The environment'} is in order: ${what}.\n`);
    return exitCodes.done;
  },
};

interface ShowOptions {
  readonly origin?: boolean;
  readonly output?: string;
}

const show: Command<ShowOptions> = {
  name: 'show',
  summary: 'print the configuration in force, with its defaults, secrets masked',
  description:
    'Prints what was written and every default that applies; secrets read `[secret]`. With `--origin` each value says where it comes from: its place in the ' +
    'file, with the placeholder that stands there, a variable of the environment, an option of the command line, or the default. Nobody is called.',
  examples: ['config show', 'config show --origin', 'config show --origin --output json'],
  declare(parser) {
    parser
      .option('--origin', 'say of each value where it comes from')
      .addOption(new Option('--output <form>', 'yaml (default), or json: the tree, or with `--origin` a list of values').choices(['yaml', 'json']));
  },
  async run(context, _args, { origin = false, output = 'yaml' }) {
    const plan = await context.loadPlan({ credentials: 'optional', secrets: 'unasked' });
    const { leavesOf, showConfig, showOrigins } = await import('../../config/show.ts');
    const text =
      output === 'json'
        ? JSON.stringify(origin ? leavesOf(plan) : plan.shown, null, 2)
        : origin
          ? showOrigins(plan, (file) => nameFrom(context.cwd, file))
          : showConfig(plan);
    await context.print(`${text.trimEnd()}\n`);
    return exitCodes.done;
  },
};

/** As somebody in this folder would call it. */
function nameFrom(cwd: string, file: string): string {
  const name = relative(cwd, file);
  return name.startsWith('..') ? file : name;
}

const schema: Command = {
  name: 'schema',
  summary: 'print the JSON Schema, for editors',
  examples: ['config schema > sophos-central.schema.json'],
  async run(context) {
    const [{ configSchema }, { allRegisters }] = await Promise.all([import('../../config/json-schema.ts'), import('../../config/registers.ts')]);
    await context.print(`${JSON.stringify(configSchema(await allRegisters()), null, 2)}\n`);
    return exitCodes.done;
  },
};

/** The configuration file, looked at. */
export const config: CommandGroup = {
  name: 'config',
  summary: 'check or show the configuration, or print its schema',
  examples: ['config check', 'config show --origin', 'config schema > sophos-central.schema.json'],
  commands: [check, show, schema],
};
