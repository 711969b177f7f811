import { Argument } from 'commander';
import type { Command } from '../command.ts';
import { scriptFor, shells } from '../completion/scripts.ts';
import { exitCodes } from '../exit.ts';

/** The completion script for a shell. */
export const completion: Command = {
  name: 'completion',
  summary: 'print the completion script for a shell',
  description: 'Prints a script that completes commands, options, streams and fixed values. Load it in the start-up file of the shell.',
  examples: [
    'completion bash > /etc/bash_completion.d/sophos-central',
    'completion zsh > ~/.zfunc/_sophos-central',
    'completion fish > ~/.config/fish/completions/sophos-central.fish',
  ],
  declare: (parser) => parser.addArgument(new Argument('<shell>', 'which shell').choices(shells)),
  async run(context, [shell = '']) {
    const [{ describeCommands }, { streams }] = await Promise.all([import('../completion/words.ts'), import('../../streams/index.ts')]);
    const names = streams.map(({ name }) => name);
    await context.print(scriptFor(shell, await describeCommands(context.commands, names)));
    return exitCodes.done;
  },
};
