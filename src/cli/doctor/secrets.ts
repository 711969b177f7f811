/** Each secret, by its path: can it be had, and does it look like what belongs there? Nothing of a value is ever told. */
import type { AccountPlan } from '../../config/plan.ts';
import { dotted } from '../../config/source.ts';
import { suggest } from '../../config/suggest.ts';
import type { CommandContext } from '../command.ts';
import { placeOf, type Read, sentence } from './configuration.ts';
import { ok, skipped, type Tell, wrong } from './finding.ts';

/** Variables that the program reads (docs/configuration.md). */
const variables = [
  'SOPHOS_CLIENT_ID',
  'SOPHOS_CLIENT_SECRET',
  'SOPHOS_CENTRAL_AUTH_URL',
  'SOPHOS_CENTRAL_API_URL',
  'SOPHOS_INTELIX_CLIENT_ID',
  'SOPHOS_INTELIX_CLIENT_SECRET',
  'SOPHOS_INTELIX_AUTH_URL',
  'SOPHOS_INTELIX_API_URL',
] as const;

export async function examineSecrets(read: Read, { env }: CommandContext, tell: Tell): Promise<void> {
  const { sealed, problems, plan, tree } = read;
  for (const { path, placeholders } of sealed) {
    const at = dotted(path);
    const written = placeholders.join(' ');
    const found = problems.filter((problem) => problem.path === at);
    if (found.length === 0) tell(ok(at, `${written}: found`));
    for (const { message, suggestion } of found)
      tell(
        wrong(
          'failed',
          at,
          written,
          message,
          suggestion === null ? 'Correct the placeholder; docs/secrets.md says how each is written.' : sentence(suggestion),
          'config.invalid',
        ),
      );
  }
  const isOwn = (account: string, key: string, variable: string) => placeOf({ tree }, account, key, variable) === variable;
  for (const { name, credentials } of plan?.accounts ?? []) {
    if (credentials.kind !== 'client') continue;
    if (isOwn(name, 'clientId', 'SOPHOS_CLIENT_ID')) tell(ok(`${name}.clientId`, 'SOPHOS_CLIENT_ID: set'));
    if (isOwn(name, 'clientSecret', 'SOPHOS_CLIENT_SECRET')) tell(ok(`${name}.clientSecret`, 'SOPHOS_CLIENT_SECRET: set'));
  }
  for (const account of plan?.accounts ?? []) tellLooks(account, read, tell);
  tellStrays(read, env, tell);
  if (sealed.length === 0 && (plan?.accounts.length ?? 0) === 0) tell(skipped('secrets', 'none is configured'));
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Ids of credentials are UUIDs (reference, section 1); secrets are long, and a copy often brings a quote or a blank along. */
function tellLooks({ name, credentials }: AccountPlan, read: Read, tell: Tell): void {
  if (credentials.kind !== 'client') return;
  const { clientId } = credentials;
  const secret = credentials.clientSecret.reveal();
  const idPlace = placeOf(read, name, 'clientId', 'SOPHOS_CLIENT_ID');
  const secretPlace = placeOf(read, name, 'clientSecret', 'SOPHOS_CLIENT_SECRET');
  if (!uuid.test(clientId) && uuid.test(secret)) {
    const cause = "the secret has the form of an id, and the id has not: they seem to stand in each other's place";
    tell(wrong('warning', name, 'id and secret look exchanged', cause, `Exchange what ${idPlace} and ${secretPlace} stand for.`));
    return;
  }
  if (!uuid.test(clientId)) {
    const cause = 'ids of Sophos Central are 36 letters, digits and hyphens, as in 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed';
    tell(wrong('warning', `${name}.clientId`, 'does not look like the id of a credential', cause, `Copy the whole client id into ${idPlace}.`));
  }
  if (/^["']|["']$|\s/.test(secret))
    tell(
      wrong(
        'warning',
        `${name}.clientSecret`,
        'holds a blank, a line break or a quote',
        'no secret of Sophos Central does: it came along when it was copied',
        `Put the bare secret into ${secretPlace}.`,
      ),
    );
}

/** Variables that look like ours, and nobody reads. */
function tellStrays({ sealed }: Read, env: CommandContext['env'], tell: Tell): void {
  const named = new Set(sealed.flatMap(({ placeholders }) => placeholders.map((text) => /^\$\{env:\s*(.*?)\s*\}$/.exec(text)?.[1] ?? '')));
  for (const name of Object.keys(env).filter((each) => /^sophos[_-]/i.test(each))) {
    if ((variables as readonly string[]).includes(name) || named.has(name)) continue;
    const meant = suggest(name.toUpperCase(), variables);
    if (meant === undefined) continue;
    tell(
      wrong(
        'warning',
        name,
        'this variable is set, and nobody reads it',
        `its name is close to one that is read: ${meant}`,
        'Correct the name, or take the variable away.',
      ),
    );
  }
}
