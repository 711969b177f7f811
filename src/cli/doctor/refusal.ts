/** Why Sophos says no to a credential, and what to do about it. */
import type { AccountPlan, Plan } from '../../config/plan.ts';
import { CentralError, type Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { placeOf, type Read } from './configuration.ts';
import { type Told, wrong } from './finding.ts';
import { askJournal } from './journal.ts';
import { globalUrl, identityUrl } from './network.ts';

/** Where credentials are made (docs.sophos.com, "API Credentials"). */
const console_ = 'in Sophos Central under Global Settings, Access Control, API Credentials (partners and enterprises: Settings & Policies, API Credentials)';

/** What a refusal means, as far as the identity service tells (reference, section 1). */
export async function refusalOf(error: Failure, account: AccountPlan, plan: Plan, read: Read, context: CommandContext): Promise<Told> {
  const { name, credentials } = account;
  const failed = (seen: string, cause: string, cure: string) => wrong('failed', name, seen, cause, cure, error.code);
  if (!(error instanceof CentralError) || error.kind !== 'auth') {
    const seen = `${new URL(identityUrl(account)).host} or ${new URL(globalUrl(account)).host} gave no usable answer`;
    return failed(seen, error.message, error.advice ?? 'Try again.');
  }
  if (credentials.kind === 'token') {
    const cure = `Make an API credential instead, ${console_}, with the role Service Principal ReadOnly.`;
    return failed('the legacy API token is refused', 'it is wrong, was revoked, or is older than the year that it is valid', cure);
  }
  const idPlace = placeOf(read, name, 'clientId', 'SOPHOS_CLIENT_ID');
  const secretPlace = placeOf(read, name, 'clientSecret', 'SOPHOS_CLIENT_SECRET');
  const word = error.centralCode ?? '';
  const seen = `Sophos refused the credential with ${error.status}${word === '' ? '' : `, ${word}`}`;
  const renew = `Make a new credential ${console_}, and put its id and secret into ${idPlace} and ${secretPlace}.`;
  if (/expir/i.test(`${word} ${error.message}`)) return failed(seen, 'the credential has expired', `${renew} Expired ones are not renewed.`);
  if (/client_app|does_not_exist|invalid_client_id|unknown_client/i.test(word)) {
    const begins = credentials.clientId.slice(0, 4);
    const cause = `Sophos knows no credential with the id that begins with \`${begins}\` (wrong id): it was mistyped, cut when it was copied, or the credential was deleted`;
    return failed(seen, cause, `Compare ${idPlace} with the client id shown ${console_}; if it is gone, make a new credential there.`);
  }
  if (error.code === 'central.token-refused')
    return failed(seen, 'tokens are given for this credential, and the API refuses them: it may just have been revoked', renew);
  if (/secret/i.test(word)) {
    const readAt = await lastReadAt(name, plan, context);
    if (readAt !== null) {
      const since = new Date(readAt).toISOString().replace(/\.\d+Z$/, 'Z');
      const cause = `the id is known and the secret is not accepted any more: this account was read until ${since}, so most likely the credential has expired, or its secret was changed since`;
      return failed(seen, cause, `Look at its expiry ${console_}. ${renew}`);
    }
    const cause =
      'the id is known, and the secret is not the one that belongs to it (wrong secret): mistyped, cut when it was copied, or of another credential. An expired credential is refused with the same words';
    return failed(
      seen,
      cause,
      `Put the secret that belongs to this id into ${secretPlace}. It is shown only once: if it is lost or expired, make a new credential ${console_}.`,
    );
  }
  return failed(seen, error.message, `Check ${idPlace} and ${secretPlace}, and the expiry of the credential ${console_}.`);
}

/** When the account's streams were last read here; `null`: never, or nobody can tell. */
async function lastReadAt(account: string, plan: Plan, context: CommandContext): Promise<Millis | null> {
  return await askJournal(context, plan, async ({ directory }) => {
    const own = new Set((await directory.tenants()).filter((tenant) => tenant.account === account).map(({ id }) => id));
    const times = (await directory.streams()).flatMap(({ tenant, readUpTo }) => (own.has(tenant.id) && readUpTo !== null ? [readUpTo] : []));
    return times.length === 0 ? null : Math.max(...times);
  });
}
