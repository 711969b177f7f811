/** `init` with questions, from the first to the last; nothing is written before the end. */
import { relative, resolve } from 'node:path';
import { defaultStreams } from '../../config/kinds.ts';
import { allRegisters, kindNamed, type Registers } from '../../config/registers.ts';
import type { CommandContext } from '../command.ts';
import { isThere } from '../is-there.ts';
import { budgetText, shown } from './account-text.ts';
import { type Answers, allTenants, type Keep, type TenantsAnswer, type Typed, usualKeep } from './answers.ts';
import { type Asking, askCredential } from './ask-credential.ts';
import { askSinks } from './ask-sinks.ts';
import type { SeenAccount } from './check.ts';
import { keepings } from './keeping.ts';
import type { Prompts } from './prompts.ts';
import { TypedSecrets } from './secret-placing.ts';
import { checkPlace, textOf } from './writing.ts';

/** Everything that was answered, and what was agreed upon. */
export interface Asked {
  readonly answers: Answers;
  readonly typed: Typed;
  /** As it will be written. */
  readonly text: string;
  readonly file: string;
  readonly replace: boolean;
  /** The user's last word. */
  readonly isWanted: boolean;
}

export interface AskOptions {
  readonly file: string;
  readonly force: boolean;
  readonly live: boolean;
  readonly dryRun: boolean;
}

/** Throws as `Prompts`; what cannot be done is said, and asked again. */
export async function askAll(context: CommandContext, prompts: Prompts, { file: wish, force, live, dryRun }: AskOptions): Promise<Asked> {
  prompts.say('info', [
    'From nothing to a configuration that works. Enter takes what is offered;',
    'Ctrl-C ends, and nothing is written before the last question.',
  ]);
  const { file, replace } = dryRun ? { file: wish, replace: true } : await askFile(context, prompts, { file: wish, force });
  const typed = new TypedSecrets();
  const asking: Asking = { context, prompts, file, typed, live };
  const registers = await allRegisters();
  const { central, account } = await askCredential(asking);
  const streams = await askStreams(prompts, registers, central.siemToken !== undefined);
  const { tenants, tenantNames, count } = await askTenants(prompts, account);
  if (account && account.kind !== 'legacy token') {
    const kinds = streams.flatMap((name) => kindNamed(registers.streams, name) ?? []);
    prompts.say('info', budgetText(account, count, kinds));
  }
  const sinks = await askSinks({ ...asking, registers, central, streams });
  const keep = await prompts.choose<Keep>(
    'How will it be kept running? The text for it comes at the end',
    keepings.map(({ keep: value, title, hint }) => ({ value, label: title, hint })),
    usualKeep,
  );
  const answers: Answers = { central, tenants, streams, sinks, keep };
  const text = await textOf(answers, tenantNames);
  // Not those of destinations that were left out.
  const kept = new Map([...typed.all].filter(([placeholder]) => text.includes(placeholder)));
  if (dryRun) return { answers, typed: kept, text, file, replace, isWanted: true };
  prompts.say('plain', text.trimEnd().split('\n'));
  const isWanted = await prompts.yes(`Write this to ${relative(context.cwd, file) || file}?`, true);
  return { answers, typed: kept, text, file, replace, isWanted };
}

/** Another name, unless there is no file yet. */
async function askFile(
  context: CommandContext,
  prompts: Prompts,
  { file: wish, force }: Pick<AskOptions, 'file' | 'force'>,
): Promise<Pick<Asked, 'file' | 'replace'>> {
  await checkPlace(wish, { replace: true });
  if (force || !(await isThere(wish))) return { file: wish, replace: force };
  const what = await prompts.choose(`${relative(context.cwd, wish) || wish} is there already`, [
    { value: 'other', label: 'Write another file' },
    { value: 'replace', label: 'Write over it, when all is answered' },
  ]);
  if (what === 'replace') return { file: wish, replace: true };
  for (;;) {
    const name = await prompts.text({ message: 'Its name', usual: relative(context.cwd, await freeFile(wish)) });
    const file = resolve(context.cwd, name);
    await checkPlace(file, { replace: true });
    if (!(await isThere(file))) return { file, replace: false };
    prompts.say('wrong', `${name} is there already.`);
  }
}

async function freeFile(file: string): Promise<string> {
  const stem = file.replace(/\.ya?ml$/, '');
  for (let i = 2; ; i++) if (!(await isThere(`${stem}-${i}.yaml`))) return `${stem}-${i}.yaml`;
}

async function askStreams(prompts: Prompts, { streams }: Registers, isLegacy: boolean): Promise<readonly string[]> {
  const open = isLegacy ? streams.filter(({ name }) => defaultStreams.includes(name)) : streams;
  return await prompts.several(
    'What shall be read from each tenant?',
    open.map(({ name, summary }) => ({ value: name, label: name, hint: summary })),
    defaultStreams,
  );
}

interface AskedTenants {
  readonly tenants: TenantsAnswer;
  readonly tenantNames: ReadonlyMap<string, string>;
  /** How many are read now. */
  readonly count: number;
}

async function askTenants(prompts: Prompts, account: SeenAccount | null): Promise<AskedTenants> {
  const readable = (account?.tenants ?? []).filter(({ aside }) => aside === null);
  const all = { tenants: allTenants, tenantNames: new Map<string, string>(), count: readable.length };
  if (!account || (account.kind !== 'partner' && account.kind !== 'organization') || account.tenants.length < 2) return all;
  const how = await prompts.choose('Which tenants shall be read?', [
    { value: 'all', label: `All ${readable.length}, and those that will be added` },
    { value: 'some', label: 'Only those that I choose' },
    { value: 'glob', label: 'By patterns of their names', hint: 'such as Acme*' },
  ]);
  if (how === 'all') return all;
  if (how === 'some') {
    const include = await prompts.search(
      'Which ones?',
      account.tenants.map(({ id, name }) => ({ value: id, label: shown(name), hint: id.slice(0, 8) })),
    );
    const names = new Map(account.tenants.filter(({ id }) => include.includes(id)).map(({ id, name }) => [id, name]));
    return { tenants: { include, exclude: [] }, tenantNames: names, count: include.length };
  }
  const { chooseTenants } = await import('../../config/tenants.ts');
  const include = patternsOf(await prompts.text({ message: 'Patterns of those to read, with commas between', usual: '*' }));
  const exclude = patternsOf(await prompts.text({ message: 'Patterns of those to leave out, such as Trial * (Enter for none)', optional: true }));
  const choice = chooseTenants({ include, exclude, labels: [] });
  const count = readable.filter((tenant) => choice.wants(tenant)).length;
  prompts.say(count === 0 ? 'wrong' : 'info', `That is ${count} of ${readable.length} tenants now.`);
  return { tenants: { include, exclude }, tenantNames: new Map(), count };
}

function patternsOf(typed: string): readonly string[] {
  const patterns = typed.split(',').map((each) => each.trim());
  return patterns.filter((each) => each !== '');
}
