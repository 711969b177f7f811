import { resolve } from 'node:path';
import type { Keyring, KeyringName } from '../../config/secrets/keyring.ts';
import { Failure } from '../../core/failure.ts';
import type { Command, CommandContext, CommandGroup } from '../command.ts';
import { type ChangeOptions, confirm, declareChangeOptions, maxChanges } from '../confirm.ts';
import { exitCodes, usage } from '../exit.ts';
import { declareRowOptions, printRows, type RowOptions } from '../output/rows.ts';

/** Somebody may have to unlock the store first. */
const unlockMs = 120_000;

const set: Command = {
  name: 'set',
  summary: 'store a secret, typed unseen or read from a pipe',
  description:
    'Stores a secret in the key store of the user who runs this, and prints the placeholder to write into the configuration. It is asked for without showing it, or read from standard input, where one line break at the end does not count. A name without a slash belongs to the service `sophos-central`. What was stored under this name is replaced.',
  examples: ['secret set client-secret', 'secret set sophos-central/acme < acme.secret'],
  declare(parser) {
    parser.argument('<name>', 'SERVICE/ACCOUNT, or ACCOUNT alone').allowExcessArguments().allowUnknownOption();
  },
  async run(context, [given = '', ...more]) {
    // It may be the secret itself, as an option too: it is not repeated.
    if (more.length > 0 || given.startsWith('-'))
      throw usage(
        'secret-argument',
        'only a name is taken here. A secret is not taken as an argument: the list of processes and the history of the shell would show it. Nothing was stored',
        'Give the name alone and type the secret when asked, or send it through a pipe. If it was typed already, make a new one.',
      );
    const { keyring, name, placeholder } = await open(context, given);
    const { readSecret } = await import('../secret-value.ts');
    const value = await readSecret(context, `The secret for ${placeholder} (it is not shown): `);
    await keyring.set(name, value, context.signal);
    context.note(`Stored as \`${name.service}/${name.account}\`. In the configuration it is written like this:`);
    await context.print(`${placeholder}\n`);
    return exitCodes.done;
  },
};

const remove: Command<ChangeOptions> = {
  name: 'delete',
  summary: 'remove a secret from the key store',
  examples: ['secret delete client-secret', 'secret delete sophos-central/acme --yes'],
  declare(parser) {
    declareChangeOptions(parser.argument('<name>', 'SERVICE/ACCOUNT, or ACCOUNT alone'));
  },
  async run(context, [given = ''], options) {
    maxChanges(options);
    const { keyring, name, placeholder } = await open(context, given);
    const title = `${name.service}/${name.account}`;
    if (!(await keyring.has(name, context.signal))) return none(context, title);
    if ((await mentioned(context)).has(title)) context.warn(`the configuration refers to it as ${placeholder}, and cannot be used without it`);
    if (!(await confirm(context, options, 1, `Remove \`${title}\` from the key store?`))) return exitCodes.done;
    if (!(await keyring.delete(name, context.signal))) return none(context, title);
    context.note(`Removed \`${title}\`.`);
    return exitCodes.done;
  },
};

function none(context: CommandContext, title: string): typeof exitCodes.failed {
  context.warn(`there is no secret \`${title}\` in the key store; see \`sophos-central secret list\``);
  return exitCodes.failed;
}

const list: Command<RowOptions> = {
  name: 'list',
  summary: 'the names of stored secrets, and of those that the configuration expects',
  description:
    'Lists the names, never the values, of what is stored under the service `sophos-central` and under every service that the configuration mentions, and what the configuration expects and is not there.',
  examples: ['secret list', 'secret list --output json'],
  declare(parser) {
    declareRowOptions(parser);
  },
  async run(context, _args, options) {
    const { keyringPlaceholder, openKeyring, ownService } = await import('../../config/secrets/keyring.ts');
    const keyring = openKeyring({ env: context.env, timeoutMs: unlockMs, clock: context.world.clock });
    const used = await mentioned(context);
    const rows = [];
    for (const service of new Set([ownService, ...[...used.values()].map((name) => name.service)])) {
      const stored = new Set(await keyring.accounts(service, context.signal));
      const expected = [...used.values()].filter((name) => name.service === service).map(({ account }) => account);
      for (const account of [...new Set([...stored, ...expected])].sort())
        rows.push({
          service,
          account,
          stored: stored.has(account),
          used: used.has(`${service}/${account}`),
          placeholder: keyringPlaceholder({ service, account }),
        });
    }
    await printRows(context, rows, { service: 'SERVICE', account: 'ACCOUNT', stored: 'STORED', used: 'USED', placeholder: 'PLACEHOLDER' }, options);
    return exitCodes.done;
  },
};

/** Secrets of the configuration, read without it being valid or complete: it may lack the very secret that is asked about. */
async function mentioned({ globals, cwd, env }: CommandContext): Promise<ReadonlyMap<string, KeyringName>> {
  const [{ findFile, readFound }, { keyringName }, { ConfigProblems }] = await Promise.all([
    import('../../config/find.ts'),
    import('../../config/secrets/keyring.ts'),
    import('../../config/problems.ts'),
  ]);
  const file = globals.config === undefined ? await findFile(cwd, env) : resolve(cwd, globals.config);
  if (file === null) return new Map();
  const { text } = await readFound(file).catch((error: Error) => {
    const suggestion = 'check `--config`, and whether this user may read it';
    throw new ConfigProblems([{ path: '', file, line: null, column: null, message: `the configuration file ${error.message}`, suggestion }]);
  });
  const names = new Map<string, KeyringName>();
  for (const [, inner = ''] of text.replace(/^\s*#.*$/gm, '').matchAll(/(?<!\$)\$\{keyring:([^{}]*)\}/g))
    try {
      const name = keyringName(inner.trim());
      names.set(`${name.service}/${name.account}`, name);
    } catch (error) {
      // `config check` says what is wrong with it.
      if (!(error instanceof Failure)) throw error;
    }
  return names;
}

async function open(context: CommandContext, given: string): Promise<{ readonly keyring: Keyring; readonly name: KeyringName; readonly placeholder: string }> {
  const { keyringName, keyringPlaceholder, openKeyring } = await import('../../config/secrets/keyring.ts');
  const name = keyringName(given);
  const keyring = openKeyring({ env: context.env, timeoutMs: unlockMs, clock: context.world.clock });
  return { keyring, name, placeholder: keyringPlaceholder(name) };
}

/** Secrets in the operating system's key store. */
export const secret: CommandGroup = {
  name: 'secret',
  summary: "store, list or delete secrets in the operating system's key store",
  description:
    'Keeps secrets where the operating system keeps them: Keychain, Credential Manager, or the Secret Service of a Linux desktop. A configuration refers to them as `${keyring:SERVICE/ACCOUNT}`. On a server without such a store use `${env:NAME}`, `${systemd:NAME}` or `${vault:PATH#KEY}`.',
  examples: ['secret set client-secret', 'secret list', 'secret delete client-secret'],
  commands: [set, list, remove],
};
