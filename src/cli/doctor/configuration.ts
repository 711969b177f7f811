/** The configuration: every mistake with its place, and a plan of what is left, so that the rest can be examined all the same. */
import path from 'node:path';
import { findFile, readFound } from '../../config/find.ts';
import type { LoadInput } from '../../config/load.ts';
import type { Plan } from '../../config/plan.ts';
import type { Problem } from '../../config/problems.ts';
import { resolvePlaceholders } from '../../config/secrets/placeholders.ts';
import { dotted, noSource, type Path, pathKey, readSource, type Tree } from '../../config/source.ts';
import type { CommandContext } from '../command.ts';
import { plural } from '../output/progress.ts';
import { overridesOf } from '../overrides.ts';
import { ok, skipped, type Tell, wrong } from './finding.ts';
import { problemsOf, salvage } from './salvage.ts';

/** A text of the configuration that holds placeholders. */
export interface SealedText {
  readonly path: Path;
  readonly placeholders: readonly string[];
}

/** What was read, whole or in part. */
export interface Read {
  readonly file: string | null;
  readonly tree: Tree;
  /** Checked; without what is wrong when something is. `null` when nothing could be made of it. */
  readonly plan: Plan | null;
  readonly problems: readonly Problem[];
  /** Parts of the file that the plan lacks, because they are wrong. */
  readonly leftOut: readonly string[];
  readonly sealed: readonly SealedText[];
  /** Schemes of all placeholders, such as `env`. */
  readonly schemes: ReadonlySet<string>;
  /** Is the place of the state known? */
  readonly isStateKnown: boolean;
}

/** Reads the configuration; never throws for what is wrong with it. */
export async function readConfiguration(context: CommandContext): Promise<Read> {
  const input = inputOf(context);
  const file = input.file === undefined ? await findFile(input.cwd, input.env) : path.resolve(input.cwd, input.file);
  const tree = await treeOf(file);
  const sealed = await sealedTexts(tree, context.signal);
  const schemes = new Set(sealed.flatMap(({ placeholders }) => placeholders.map((text) => /^\$\{([^:}]*)/.exec(text)?.[1] ?? '')));
  const basis = { file, tree, sealed, schemes };
  try {
    const plan = await context.loadPlan({ credentials: 'optional' });
    return { ...basis, plan, problems: [], leftOut: [], isStateKnown: true };
  } catch (error) {
    const paths = sealed.map(({ path: at }) => dotted(at));
    const problems = problemsOf(error, paths);
    const { plan, leftOut } = await salvage({ tree, file, problems, sealed: paths, input }, context.signal);
    return { ...basis, plan, problems, leftOut, isStateKnown: !leftOut.includes('state') };
  }
}

/** As `context.loadPlan` asks for it. */
function inputOf({ globals, cwd, env, world, log }: CommandContext): LoadInput {
  const { config: file } = globals;
  return { ...(file === undefined ? {} : { file }), cwd, env, overrides: overridesOf(globals), credentials: 'optional', world, conceal: log.conceal };
}

async function treeOf(file: string | null): Promise<Tree> {
  if (file === null) return noSource.tree;
  try {
    const { tree, broken } = readSource((await readFound(file)).text, file);
    return broken ? {} : tree;
  } catch (error) {
    // That it cannot be read is told by whoever reads it in earnest.
    if (error instanceof Error) return {};
    throw error;
  }
}

/** Every text with placeholders, found by the resolver itself, which asks nobody when it has no providers. */
async function sealedTexts(tree: Tree, signal: AbortSignal): Promise<readonly SealedText[]> {
  const { sealed } = await resolvePlaceholders(tree, [], () => undefined, signal);
  const found: SealedText[] = [];
  const walk = (value: Tree, at: Path): void => {
    if (Array.isArray(value)) value.forEach((element, i) => void walk(element, [...at, i]));
    else if (typeof value === 'object' && value !== null) for (const [key, member] of Object.entries(value)) walk(member, [...at, key]);
    else if (typeof value === 'string' && sealed.has(pathKey(at))) {
      const placeholders = [...value.matchAll(/\$?\$\{([^{}]*\})?/g)].map(([text]) => text).filter((text) => !text.startsWith('$$'));
      found.push({ path: at, placeholders });
    }
  };
  walk(tree, []);
  return found;
}

/** Tells the mistakes that are not about secrets, and the warnings. */
export async function examineConfiguration(read: Read, tell: Tell): Promise<void> {
  const { file, plan, problems, sealed, leftOut } = read;
  const secretPaths = new Set(sealed.map(({ path: at }) => dotted(at)));
  const own = problems.filter(({ path: at }) => !secretPaths.has(at));
  for (const problem of own) tellProblem(problem, tell);
  if (problems.length === 0 && plan !== null) tellPlan(plan, tell);
  else if (own.length === 0) tell(skipped(shortName(file), `in order, but for ${plural(problems.length, 'secret')} that could not be had: see below`));
  if (leftOut.length > 0) tell(skipped('the rest', `is examined without ${leftOut.map((each) => `\`${each}\``).join(', ')}`));
  if (plan === null) return;
  const sealedProxies = proxiesWithPassword(read.tree);
  for (const warning of plan.warnings) {
    const [seen = warning, ...rest] = warning.split(/(?<=\w`?[.:]) (?=\S)/);
    const cause = rest.length === 0 ? 'it would run, but hardly as it is meant' : rest.join(' ');
    tell(
      wrong(
        'warning',
        shortName(file),
        seen.replace(/[.:]$/, ''),
        cause,
        'Correct it, or take out what is not needed; `sophos-central config show` prints what is in force.',
      ),
    );
  }
  // A proxy is sealed for the password that may stand in it; most have none.
  for (const at of plan.plainSecrets.filter((each) => !/(^|\.)proxy$/.test(each) || sealedProxies.has(each))) {
    const cause = 'whoever reads the file, or a copy of it, has the secret';
    tell(
      wrong(
        'warning',
        at,
        'a secret stands in the file as it is',
        cause,
        `Write \`\${env:NAME}\`, \`\${file:PATH}\` or \`\${keyring:SERVICE/ACCOUNT}\` there instead.`,
      ),
    );
  }
  tellAccounts(plan, problems, tell);
}

/** Dotted paths of proxies whose URL holds a user. */
function proxiesWithPassword(tree: Tree): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (value: Tree, at: Path): void => {
    if (Array.isArray(value)) value.forEach((element, i) => void walk(element, [...at, i]));
    else if (typeof value === 'object' && value !== null) for (const [key, member] of Object.entries(value)) walk(member, [...at, key]);
    else if (typeof value === 'string' && at.at(-1) === 'proxy' && /\/\/[^/]*@/.test(value)) found.add(dotted(at));
  };
  walk(tree, []);
  return found;
}

function tellProblem({ path: at, file, line, column, message, suggestion }: Problem, tell: Tell): void {
  const place = line === null ? (file === null ? 'not in a file' : shortName(file)) : `${shortName(file)}, line ${line}, column ${column}`;
  tell(
    wrong(
      'failed',
      at === '' ? shortName(file) : at,
      place,
      message,
      suggestion === null ? 'Correct it; docs/configuration.md lists what may stand there.' : sentence(suggestion),
      'config.invalid',
    ),
  );
}

function tellPlan({ file, accounts, streams, sinks, routes }: Plan, tell: Tell): void {
  const what = [plural(accounts.length, 'account'), plural(streams.length, 'stream'), plural(sinks.size, 'sink'), plural(routes.length, 'route')].join(', ');
  tell(ok(shortName(file), file === null ? `no file: the environment and defaults; ${what}` : `${file}: ${what}`));
  if (routes.length === 0)
    tell(
      wrong(
        'warning',
        'routes',
        'there is none',
        '`run` would read, keep, and deliver nothing',
        'Add `sinks` and `routes`; `sophos-central init` asks and writes them.',
      ),
    );
}

function tellAccounts({ accounts, streams }: Plan, problems: readonly Problem[], tell: Tell): void {
  if (accounts.length === 0 && problems.length === 0) {
    const cure = 'Add `central` with `clientId` and `clientSecret`, or set SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET.';
    tell(wrong('failed', 'central', 'there is no account', 'without a credential nothing can be read', cure, 'config.invalid'));
  }
  for (const { name, credentials } of accounts) {
    if (credentials.kind !== 'token') continue;
    const cause = 'it is valid for one year from the day it was made, and opens the SIEM feeds only';
    tell(wrong('warning', name, 'the account uses a legacy API token', cause, 'Make an API credential instead, with the role Service Principal ReadOnly.'));
    const others = streams.map(({ kind }) => kind.name).filter((stream) => stream !== 'events' && stream !== 'siem-alerts');
    if (others.length === 0) continue;
    tell(
      wrong(
        'failed',
        name,
        `streams ${others.join(', ')}`,
        'a legacy API token cannot read them',
        'Make an API credential, or take these streams out.',
        'central.legacy-calls',
      ),
    );
  }
}

function shortName(file: string | null): string {
  return file === null ? 'configuration' : path.basename(file);
}

/** Suggestions are written to stand in brackets. */
export function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?`]$/.test(begun) ? begun : `${begun}.`;
}

/** Where a setting of an account stands: its path in the file, or the variable of the environment. */
export function placeOf({ tree }: Pick<Read, 'tree'>, account: string, key: string, variable: string | null = null): string {
  const root = typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {};
  const accounts = asMap(root.accounts);
  const own = asMap(accounts[account] ?? root.central);
  const prefix = account in accounts ? `accounts.${account}` : 'central';
  return key in own || variable === null ? `\`${prefix}.${key}\`` : variable;
}

function asMap(value: Tree | undefined): { readonly [key: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
