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

const show: Command = {
  name: 'show',
  summary: 'print the configuration in force, with its defaults, secrets masked',
  examples: ['config show'],
  async run(context) {
    const plan = await context.loadPlan({ credentials: 'optional', secrets: 'unasked' });
    const { showConfig } = await import('../../config/show.ts');
    await context.print(`${showConfig(plan).trimEnd()}\n`);
    return exitCodes.done;
  },
};

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
  examples: ['config check', 'config show', 'config schema > sophos-central.schema.json'],
  commands: [check, show, schema],
};
