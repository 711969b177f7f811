/**
 * An import, step by step. Nothing of the other tool is changed; of ours, the configuration comes last:
 *
 *   read -> check -> secrets -> positions and dead letters -> configuration
 *
 * A mistake that can be known is told before the first of these writes anything. After a kill the same import is done again: what is in
 * its place stays, and as long as there is no configuration nobody reads on.
 */
import { dirname, resolve } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { spellingsOf } from '../../core/secret.ts';
import type { Tenant } from '../../core/types.ts';
import { oneShotRetries } from '../accounts.ts';
import type { CommandContext } from '../command.ts';
import { openClient } from '../compose.ts';
import { type Draft, textOfDraft, thereAlready, writeDraft } from '../draft.ts';
import { isThere } from '../is-there.ts';
import { shellWord } from '../output/shell-word.ts';
import { adoptAll, hasRead, withImportAdvice } from './adoption.ts';
import type { PeerEntry } from './peers.ts';
import { readable, readableOffline, withTexts } from './placeholders.ts';
import { planOfDraft } from './plan.ts';
import { continuedStreams, gapWarnings, type ImportReport } from './report.ts';
import { type PlacesAround, placeSecrets, type SecretChoice } from './secret-places.ts';
import type { FoundSecret, ImportSurroundings } from './takeover.ts';

export interface ImportWish {
  readonly dryRun: boolean;
  /** Write over an existing configuration. */
  readonly replace: boolean;
  readonly secrets: SecretChoice;
  /** Ask nobody. */
  readonly offline: boolean;
}

/**
 * Does it, or says what would be done.
 *
 * Throws   config `usage.exists` when there is a configuration; `import.<what>` for what cannot be read; `import.unacceptable`;
 *          `journal.already-read` when the state is past an import.
 */
export async function importFrom(context: CommandContext, entry: PeerEntry, folder: string, wish: ImportWish): Promise<ImportReport> {
  const file = resolve(context.cwd, context.globals.config ?? 'sophos-central.yaml');
  if (!wish.dryRun && !wish.replace && (await isThere(file))) throw thereAlready(file);
  const warnings: string[] = [];
  const around = surroundings(context, dirname(file), {
    asks: wish.offline ? 'nobody' : 'central',
    warn: (message) => void warnings.push(context.log.concealed(message)),
  });
  const takeover = await (await entry.load()).read(folder, around);
  const { draft, secrets, streams, leftOver, findings, commands } = takeover;

  refuseCopies(draft, secrets);
  const plan = await planOfDraft(context, file, readableOffline(draft, secrets, context.env));
  const placed = await placeSecrets(wish.secrets, secrets, placesAround(context, dirname(file), entry, wish));
  const text = textOfDraft(withTexts(draft, Object.fromEntries(placed.placeholders)));
  const continued = continuedStreams(streams, context.world.clock.now());
  let deadLetters = leftOver.reduce((sum, { items, becomes }) => sum + (becomes === undefined ? items.length : 0), 0);
  if (wish.dryRun) {
    if (!wish.replace && (await isThere(file))) warnings.push(`${file} is there already: without \`--dry-run\` this needs \`--force\``);
    if (await hasRead(context, plan, streams))
      warnings.push(`${plan.statePath} has read some of these streams already: without \`--dry-run\` this would be refused`);
  } else {
    try {
      deadLetters = (await adoptAll(context, plan, takeover, { which: 'first', command: `import ${entry.name}` })).deadLetters;
    } catch (error) {
      throw withImportAdvice(error, plan.statePath);
    }
    await writeDraft(file, text, { replace: wish.replace });
  }
  return {
    peer: entry.title,
    folder,
    dryRun: wish.dryRun,
    configuration: wish.dryRun ? { file, written: false, text } : { file, written: true },
    state: plan.statePath,
    findings: [...findings, ...placed.findings],
    secrets: secrets.map(({ at, file: from, key }) => ({ at, from: `${from} ${key}`, placeholder: placed.placeholders.get(at) ?? '' })),
    streams: continued,
    deadLetters,
    warnings: [...warnings, ...gapWarnings(continued)],
    next: nextSteps(context, entry, { commands, file, steps: placed.steps }),
  };
}

/** A setting of theirs may refer to a secret, or repeat it: with it, it would come into our file. */
function refuseCopies(draft: Draft, secrets: readonly FoundSecret[]): void {
  const text = textOfDraft(draft);
  const copied = secrets.find(({ value }) => value.reveal().length >= 6 && spellingsOf(value.reveal()).some((each) => text.includes(each)));
  if (copied === undefined) return;
  const what = `\`${copied.key}\` of ${copied.file} stands in another setting, too, and would be copied into the configuration with it; nothing was written`;
  throw new Failure('config', 'import.unacceptable', what, { advice: 'Take it out of the other setting, and import again.' });
}

interface Next {
  /** What stands for the other tool's own command lines. */
  readonly commands: readonly string[];
  /** What has to be done about secrets. */
  readonly steps: readonly string[];
  readonly file: string;
}

function nextSteps({ globals, cwd }: CommandContext, { name, title }: PeerEntry, { commands, steps, file }: Next): readonly string[] {
  const isUsual = file === resolve(cwd, 'sophos-central.yaml');
  const options = `${isUsual && globals.config === undefined ? '' : ` --config ${shellWord(file)}`}${globals.state === undefined ? '' : ` --state ${shellWord(globals.state)}`}`;
  return [
    `Stop ${title}: take its line out of cron. If it still reads after this import, import again with \`--force\` before the first run (\`import ${name}\`).`,
    ...steps,
    `See whether all is well: sophos-central doctor${options}`,
    ...commands.map((line, i) => `${i === 0 ? 'Instead of it' : 'Or'}: sophos-central ${line}${options}`),
  ];
}

export interface Asking {
  readonly asks: 'central' | 'nobody';
  /** Hears why nobody could be asked. */
  warn(message: string): void;
}

/** What a reader of a peer's folder is given. */
export function surroundings(context: CommandContext, folder: string, { asks, warn }: Asking): ImportSurroundings {
  const { env, world, signal } = context;
  return {
    env,
    folder,
    world,
    signal,
    async tenants(draft: Draft, secrets: readonly FoundSecret[]) {
      return asks === 'nobody' ? null : asked('its tenants', () => askTenants(context, folder, draft, secrets));
    },
    async siemRecords(draft, secrets, tenant, stream, ids) {
      if (asks === 'nobody') return null;
      const { siemRecords } = await import('./siem-records.ts');
      const plan = await planOfDraft(context, resolve(folder, 'sophos-central.yaml'), readable(draft, secrets, context.env));
      return asked('records', () => siemRecords(context, plan, tenant, stream, ids));
    },
  };

  /** `null` when Central cannot be asked now. */
  async function asked<T>(what: string, ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure) || error.kind === 'config') throw error;
      warn(`Central could not be asked for ${what}: ${error.message}. ${error.advice ?? ''}`.trim());
      return null;
    }
  }
}

async function askTenants(context: CommandContext, folder: string, draft: Draft, secrets: readonly FoundSecret[]): Promise<readonly Tenant[]> {
  const plan = await planOfDraft(context, resolve(folder, 'sophos-central.yaml'), readable(draft, secrets, context.env));
  const found: Tenant[] = [];
  for (const account of plan.accounts) {
    const client = await openClient(account, context.world, oneShotRetries);
    for await (const { items } of client.tenants.pages({ signal: context.signal }))
      for (const { id, name } of items) found.push({ id, name: account.credentials.kind === 'token' ? account.name : name, labels: {} });
  }
  return found;
}

function placesAround({ env, signal }: CommandContext, folder: string, { name }: PeerEntry, { dryRun }: ImportWish): PlacesAround {
  return { env, folder, tool: name, dryRun, signal };
}
