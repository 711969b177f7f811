/** Where typed secrets will be when the service runs. Nothing of them is written by us, unless into the operating system's key store. */
import { type KeyringName, keyringName, keyringPlaceholder, openKeyring, ownService } from '../../config/secrets/keyring.ts';
import { schemes } from '../../config/secrets/provider.ts';
import { Failure } from '../../core/failure.ts';
import type { Secret } from '../../core/world.ts';
import type { CommandContext } from '../command.ts';
import { fromEnv, isPlaceholder, type SecretPlace, type Typed } from './answers.ts';
import type { Prompts } from './prompts.ts';

/** A secret that needs a place. */
export interface Placeless {
  /** In words, such as `the client secret`. */
  readonly what: string;
  /** The variable that may hold it, such as `SOPHOS_CLIENT_SECRET`. */
  readonly variable: string;
}

const looksMs = 3_000;

/** Can the key store be used here and now? */
async function hasKeyring({ env, signal }: CommandContext): Promise<boolean> {
  try {
    await openKeyring({ env, timeoutMs: looksMs }).has({ service: ownService, account: 'client-secret' }, signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** Asks where secrets will be. */
export async function askPlace(context: CommandContext, prompts: Prompts, { what, variable }: Placeless): Promise<SecretPlace> {
  const keyring = await prompts.during('Looking for a key store', hasKeyring(context));
  return await prompts.choose<SecretPlace>(`Where will ${what} be when it runs? It is never written into the configuration`, [
    { value: 'env', label: 'A variable of the environment', hint: variable },
    ...(keyring ? [{ value: 'keyring' as const, label: "The operating system's key store", hint: 'put there at the end' }] : []),
    { value: 'file', label: 'A file of yours', hint: 'you write it: ${file:PATH}' },
    { value: 'other', label: 'Somewhere else', hint: 'a placeholder that you type: ${aws-secret:...} and the like' },
  ]);
}

/** The placeholder for a secret in such a place; asks for what only the user knows. */
export async function placeholderFor(place: SecretPlace, { what, variable }: Placeless, { prompts }: { readonly prompts: Prompts }): Promise<string> {
  const plain = variable
    .toLowerCase()
    .replace(/^sophos_/, '')
    .replaceAll('_', '-');
  if (place === 'env') return fromEnv(variable);
  if (place === 'keyring') return keyringPlaceholder(keyringName(`${ownService}/${plain}`));
  if (place === 'file') {
    const path = await prompts.text({
      message: `The file that holds ${what} and nothing else; from the configuration's folder`,
      usual: `secrets/${plain}`,
      check: (answer) => (/[{}]/.test(answer) ? 'A path with braces cannot stand in a placeholder.' : undefined),
    });
    return `\${file:${path}}`;
  }
  return await prompts.text({
    message: `The placeholder for ${what}; there are ${schemes.map((scheme) => `\${${scheme}:...}`).join(', ')}`,
    usual: fromEnv(variable),
    check: (answer) =>
      isPlaceholder(answer) && schemes.some((scheme) => answer.startsWith(`\${${scheme}:`))
        ? undefined
        : `Type one whole placeholder, such as ${fromEnv(variable)}.`,
  });
}

/** Puts what was typed for the key store there. Where that fails, how to do it later is said: the configuration is worth writing all the same. */
export async function fillKeyring({ env, signal, note, warn }: CommandContext, typed: Typed): Promise<void> {
  const store = openKeyring({ env, timeoutMs: 60_000 });
  for (const [placeholder, value] of typed) {
    const name = keyringOf(placeholder);
    if (name === null) continue;
    const where = `${name.service}/${name.account}`;
    try {
      await store.set(name, value, signal);
      note(`Put ${where} into the key store.`);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      warn(`${error.message}; put it there later, with \`sophos-central secret set ${where}\``);
    }
  }
}

function keyringOf(placeholder: string): KeyringName | null {
  const name = /^\$\{keyring:([^{}]+)\}$/.exec(placeholder)?.[1];
  return name === undefined ? null : keyringName(name);
}

/** A mutable record of what was typed, for the time of the questions. */
export class TypedSecrets {
  readonly #held = new Map<string, Secret>();
  get all(): Typed {
    return this.#held;
  }
  hold(placeholder: string, value: Secret): void {
    this.#held.set(placeholder, value);
  }
}
