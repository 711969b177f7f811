/** Secrets read again while the program runs, because what they open refuses them: the placeholders of one section, and nothing else. */
import { Failure } from '../core/failure.ts';
import type { Renew, Secret } from '../core/world.ts';
import { readAccounts } from './accounts.ts';
import type { Env } from './find.ts';
import { readIntelix } from './intelix.ts';
import { readSinks } from './kinds.ts';
import type { Credentials, Plan, Renewal } from './plan.ts';
import type { Reading } from './reading.ts';
import type { Registers } from './registers.ts';
import type { Resolved } from './secrets/placeholders.ts';
import type { Path, Tree } from './source.ts';

export interface RenewalInput {
  /** As it is written, with its placeholders. */
  readonly tree: Tree;
  /** As it was read at the start. */
  readonly resolved: Resolved;
  readonly plan: Pick<Plan, 'accounts' | 'intelix'>;
  readonly env: Env;
  readonly folder: string;
  readonly registers: Registers;
  /** Replaces the placeholders of a part of the tree, by sources that remember nothing. */
  read(part: Tree, signal: AbortSignal): Promise<Reading>;
}

/** What was read, and the text of all that counts in it. */
interface Found<T> {
  readonly given: T;
  readonly value: string;
}

export function openRenewal({ tree, resolved, plan, env, folder, registers, read }: RenewalInput): Renewal {
  const sealed = [...resolved.sealed].map((key) => JSON.parse(key) as Path);
  const isSealed = (at: Path) => sealed.some((path) => at.every((step, i) => step === path[i]));

  /** `find` makes of the section, as it is now, what is wanted. */
  function reader<T>(at: Path, what: string, first: string, find: (reading: Reading) => Promise<Found<T> | undefined>): Renew<T> {
    const part = partOf(tree, at);
    let last = first;
    return async (signal) => {
      signal.throwIfAborted();
      const reading = await read(part, signal);
      const found = reading.problems.length === 0 ? await find(reading) : undefined;
      signal.throwIfAborted();
      if (!found) throw unrenewed(what, reading);
      if (found.value === last) return null;
      last = found.value;
      return found.given;
    };
  }

  return {
    account(name) {
      const at = below(tree, ['accounts']) === undefined ? ['central'] : ['accounts', name];
      const known = plan.accounts.find((each) => each.name === name);
      if (!known || !['clientId', 'clientSecret', 'siemToken'].some((key) => isSealed([...at, key]))) return null;
      return reader(at, `the credential of account ${name}`, textOf(known.credentials), async (reading) => {
        const [account] = await readAccounts(reading, { env, folder, optional: false, hasFile: true });
        return account && { given: account.credentials, value: textOf(account.credentials) };
      });
    },
    sink(name) {
      const at = ['sinks', name];
      if (!isSealed(at)) return null;
      return reader(at, `the options of sink ${name}`, JSON.stringify(below(resolved.tree, at)), async (reading) => {
        const sink = readSinks(reading, registers).get(name);
        return sink && { given: { options: sink.options }, value: JSON.stringify(below(reading.tree, at)) };
      });
    },
    intelix() {
      const pair = pairOf(plan.intelix);
      if (!pair || !(isSealed(['intelix', 'clientId']) || isSealed(['intelix', 'clientSecret']))) return null;
      return reader(['intelix'], 'the credential of Intelix', textOf({ kind: 'client', ...pair }), async (reading) => {
        const given = pairOf(readIntelix(reading, env));
        return given && { given, value: textOf({ kind: 'client', ...given }) };
      });
    },
  };
}

/** Everything in it that is secret, in the clear: only to be compared. */
function textOf(credentials: Credentials): string {
  const { kind } = credentials;
  if (kind === 'client') return JSON.stringify([kind, credentials.clientId, credentials.clientSecret.reveal()]);
  const { url, apiKey, authorization } = credentials.token;
  return JSON.stringify([kind, url, apiKey.reveal(), authorization.reveal()]);
}

function pairOf(plan: Plan['intelix']): { readonly clientId: string; readonly clientSecret: Secret } | undefined {
  const { clientId = null, clientSecret = null } = plan ?? {};
  return clientId === null || clientSecret === null ? undefined : { clientId, clientSecret };
}

/** What stands at a path; nothing where `null` stands. */
function below(tree: Tree, path: Path): Tree | undefined {
  let found: Tree | undefined = tree;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || Array.isArray(found) || !Object.hasOwn(found, step)) return undefined;
    found = found[step];
  }
  return found ?? undefined;
}

/** The tree without all other sections; where secrets are kept is told in one of its own. */
function partOf(tree: Tree, at: Path): Tree {
  const secrets = below(tree, ['secrets']);
  const own = [...at].reverse().reduce<Tree>((inner, step) => ({ [step]: inner }), below(tree, at) ?? null);
  return typeof own === 'object' && own !== null && !Array.isArray(own) && secrets !== undefined ? { secrets, ...own } : own;
}

function unrenewed(what: string, { problems: [first] }: Reading): Failure {
  const reason = first ? `${first.path === '' ? '' : `\`${first.path}\`: `}${first.message}` : 'it is none any more';
  return new Failure('transient', 'secret.unrenewed', `Reading ${what} again failed: ${reason}`, {
    advice: first?.suggestion ?? 'Look at what keeps the secret; it is read again after the next refusal, at most once a minute.',
  });
}
