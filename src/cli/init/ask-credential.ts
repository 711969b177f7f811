/** The first questions: the credential, tried at once, and where its secret will be. */
import { CentralError, Failure } from '../../core/failure.ts';
import { readLegacyToken } from '../../core/legacy-token.ts';
import { secret } from '../../core/secret.ts';
import type { Secret } from '../../core/world.ts';
import type { CommandContext } from '../command.ts';
import { accountLines } from './account-text.ts';
import { type CentralAnswer, fromEnv, isPlaceholder } from './answers.ts';
import { accountAlone, planOf, type SeenAccount, seeAccount } from './check.ts';
import { failureLines, type Prompts } from './prompts.ts';
import { askPlace, placeholderFor, type TypedSecrets } from './secret-placing.ts';

/** What the questions are asked with. */
export interface Asking {
  readonly context: CommandContext;
  readonly prompts: Prompts;
  /** The configuration file to be, absolute. */
  readonly file: string;
  readonly typed: TypedSecrets;
  /** Whether Central and the sinks are asked. */
  readonly live: boolean;
}

export interface AskedCredential {
  readonly central: CentralAnswer;
  /** `null` when it was not asked, or did not answer. */
  readonly account: SeenAccount | null;
}

type How = 'env' | 'typed' | 'legacy';

/** What was given, before it has a place. */
interface Given {
  readonly central: CentralAnswer;
  /** The secret that was typed, and the key that it stands for. */
  readonly hidden: { readonly key: 'clientSecret' | 'siemToken'; readonly value: Secret } | null;
}

/** Asks until Central takes it, or the user goes on without. */
export async function askCredential(asking: Asking): Promise<AskedCredential> {
  const { context, prompts, live } = asking;
  const { SOPHOS_CLIENT_ID: id, SOPHOS_CLIENT_SECRET: held } = context.env;
  let clientId: string | undefined;
  for (;;) {
    const how = await prompts.choose<How>('Which credential of Sophos Central shall be used?', [
      ...(id && held ? [{ value: 'env' as const, label: 'The one in SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET', hint: `id ${id.slice(0, 8)}...` }] : []),
      { value: 'typed', label: 'An API credential: client id and client secret', hint: 'API Credentials Management in Sophos Central' },
      { value: 'legacy', label: 'An old API token', hint: 'one line with url, x-api-key and Authorization; SIEM streams only' },
    ]);
    const given = await ask(how, asking, clientId);
    if (typeof given.central.clientId === 'string' && how === 'typed') clientId = given.central.clientId;
    const account = live ? await tried(given, asking) : null;
    if (!live || account) return { central: await place(given, asking), account };
    const next = await prompts.choose('What now?', [
      { value: 'again', label: 'Give the credential again' },
      { value: 'on', label: 'Go on with it as it is', hint: 'nothing will be known of its tenants' },
    ]);
    if (next === 'on') return { central: await place(given, asking), account: null };
  }
}

/** What Central says to it; `null` when it does not take it, and why is told. */
async function tried(given: Given, asking: Asking): Promise<SeenAccount | null> {
  const { context, prompts } = asking;
  try {
    const account = await prompts.during('Asking Sophos Central', see(given, asking));
    prompts.say('done', accountLines(account));
    return account;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    prompts.say('wrong', [...failureLines(error), ...meaningOf(error)]);
    return null;
  }
}

/** What a refusal means, as far as the identity service tells (reference, section 1). */
function meaningOf(error: Failure): readonly string[] {
  const word = error instanceof CentralError && error.kind === 'auth' ? (error.centralCode ?? '') : '';
  if (/expir/i.test(word)) return ['The credential has expired: make a new one; expired ones are not renewed.'];
  if (/client_app|does_not_exist|client_id/i.test(word))
    return ['The id is wrong: no credential has it. It was mistyped or cut when it was copied, or the credential was deleted.'];
  if (/secret/i.test(word))
    return ['The id is known, and the secret is wrong: mistyped, cut when it was copied, or of another credential; or the credential has expired.'];
  return [];
}

async function ask(how: How, { context, prompts }: Asking, before: string | undefined): Promise<Given> {
  const hosts = hostsOf(context.env);
  if (how === 'env') return { central: { clientId: fromEnv('SOPHOS_CLIENT_ID'), clientSecret: fromEnv('SOPHOS_CLIENT_SECRET'), ...hosts }, hidden: null };
  if (how === 'legacy') {
    const line = await prompts.hidden({
      message: 'The whole line of the token (not shown)',
      check: (answer) =>
        isPlaceholder(answer) || readLegacyToken(secret(answer))
          ? undefined
          : 'This is not that line: copy all of "url: https://..., x-api-key: ..., Authorization: Basic ...".',
    });
    return isPlaceholder(line)
      ? { central: { siemToken: line, ...hosts }, hidden: null }
      : { central: { ...hosts }, hidden: { key: 'siemToken', value: secret(line) } };
  }
  const clientId = await prompts.text({
    message: 'Client id',
    ...(before === undefined ? {} : { usual: before }),
    check: (answer) => (/\s/.test(answer) ? 'An id holds no blanks.' : undefined),
  });
  const given = await prompts.hidden({ message: 'Client secret (not shown; a placeholder such as ${file:PATH} is taken too)' });
  if (isPlaceholder(given)) return { central: { clientId, clientSecret: given, ...hosts }, hidden: null };
  return { central: { clientId, ...hosts }, hidden: { key: 'clientSecret', value: secret(given) } };
}

/** Other hosts than those of Sophos stand in the file, so that it means the same without these variables. */
export function hostsOf(env: CommandContext['env']): CentralAnswer {
  const { SOPHOS_CENTRAL_AUTH_URL: authUrl, SOPHOS_CENTRAL_API_URL: apiUrl } = env;
  return { ...(authUrl ? { authUrl } : {}), ...(apiUrl ? { apiUrl } : {}) };
}

async function see({ central, hidden }: Given, { context, file }: Asking): Promise<SeenAccount> {
  const here = fromEnv('typed');
  const whole = hidden === null ? central : { ...central, [hidden.key]: here };
  const typed = new Map(hidden === null ? [] : [[here, hidden.value] as const]);
  return await seeAccount(await planOf(accountAlone(whole), { context, file, typed }), context);
}

const words = {
  clientSecret: { what: 'the client secret', variable: 'SOPHOS_CLIENT_SECRET' },
  siemToken: { what: 'the token', variable: 'SOPHOS_SIEM_TOKEN' },
} as const;

/** Gives the secret its place; the keys stand in the order in which people write them. */
async function place({ central, hidden }: Given, asking: Asking): Promise<CentralAnswer> {
  if (hidden === null) return central;
  const { context, prompts, typed } = asking;
  const placeless = words[hidden.key];
  const where = await askPlace(context, prompts, placeless);
  const placeholder = await placeholderFor(where, placeless, asking);
  typed.hold(placeholder, hidden.value);
  const { clientId, ...rest } = central;
  return { ...(clientId === undefined ? {} : { clientId }), [hidden.key]: placeholder, ...rest };
}
