import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Command, CommandContext, CommandGroup } from '../command.ts';
import { exitCodes, usage } from '../exit.ts';
import { type PeerEntry, peers } from '../imports/peers.ts';
import type { ImportReport } from '../imports/report.ts';
import { type SecretChoice, secretChoices } from '../imports/secret-places.ts';

interface ImportOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly secrets: SecretChoice;
  readonly offline?: boolean;
  readonly output?: 'json';
}

function importOf(peer: PeerEntry): Command<ImportOptions> {
  return {
    name: peer.name,
    summary: peer.summary,
    description: `${peer.reads} Nothing there is changed. What was taken over, what is different here and what was left is said, with what to do next.`,
    examples: [`import ${peer.name} /opt/${peer.name} --dry-run`, `import ${peer.name} /opt/${peer.name} --config /etc/sophos-central/sophos-central.yaml`],
    declare(parser) {
      parser
        .argument('<dir>', `the folder of ${peer.title}`)
        .option('--dry-run', 'write nothing: the report on standard error, the configuration on standard output')
        .option('--force', 'write over an existing configuration')
        .addOption(new Option('--secrets <where>', 'where secrets go that are found: never into the configuration').choices([...secretChoices]).default('auto'))
        .option('--offline', 'ask nobody, Central neither')
        .addOption(new Option('--output <form>', 'the report as JSON, on standard output').choices(['json']));
    },
    async run(context, [dir = ''], options) {
      if (dir === '') throw usage('folder', 'no folder is named', `Name the folder of ${peer.title}.`);
      const { importFrom } = await import('../imports/importing.ts');
      const wish = { dryRun: options.dryRun === true, replace: options.force === true, secrets: options.secrets, offline: options.offline === true };
      await tell(context, await importFrom(context, peer, resolve(context.cwd, dir), wish), options);
      return exitCodes.done;
    },
  };
}

/** Data is what a script may want: the report as JSON, or the configuration that would be written. */
async function tell(context: CommandContext, report: ImportReport, { output }: ImportOptions): Promise<void> {
  if (output === 'json') {
    await context.print(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  const { linesOfReport } = await import('../imports/report.ts');
  for (const line of linesOfReport(report)) context.note(line);
  for (const warning of report.warnings) context.warn(warning);
  if (report.configuration.text !== undefined) await context.print(report.configuration.text);
}

/** From another tool to this one: its configuration, and how far it has come. */
export const importGroup: CommandGroup = {
  name: 'import',
  summary: 'take over the configuration and the position of another tool',
  description:
    'Reads the folder of another tool: its configuration becomes ours, and reading goes on where it stopped, so that nothing is lost and nothing repeated.',
  examples: peers.map(({ name }) => `import ${name} /opt/${name} --dry-run`),
  commands: peers.map(importOf),
};
