/** Text -> checked plan. Every mistake is collected, with its place, and thrown in one go. */
import path from 'node:path';
import type { Failure } from '../core/failure.ts';
import { readAccounts } from './accounts.ts';
import { readActions } from './actions.ts';
import { type Env, findFile, readFound } from './find.ts';
import { readIntelix } from './intelix.ts';
import { complainUnknown, readSinks, readStreams } from './kinds.ts';
import { looksSecret, type MaskRules, plainSecretsOf, secretTextsOf } from './mask.ts';
import { openOrigins } from './origin.ts';
import type { LogPlan, Plan } from './plan.ts';
import { ConfigProblems, describeProblem, type Problem } from './problems.ts';
import { type Reading, startReading } from './reading.ts';
import { allRegisters, kindNamed, type Registers } from './registers.ts';
import { openRenewal } from './renewal.ts';
import { readRoutes } from './routes.ts';
import { secretPaths } from './secret-paths.ts';
import { placed } from './secrets/failures.ts';
import type { Complain, Resolved } from './secrets/placeholders.ts';
import type { Outside } from './secrets/providers.ts';
import { resolveInRounds } from './secrets/rounds.ts';
import { secrets } from './secrets/section.ts';
import * as sections from './sections.ts';
import { keysNotServed, streamNames } from './served.ts';
import { shownTree } from './show.ts';
import { dotted, noSource, type Path, readSource, type Source, type Tree } from './source.ts';
import { didYouMean } from './suggest.ts';

/** What a configuration is made of besides its file. */
export interface LoadInput {
  /** `--config`, relative to `cwd`. */
  readonly file?: string;
  /** Instead of a file's content: a configuration that was made in memory, told as `file`. */
  readonly text?: string;
  readonly cwd: string;
  readonly env: Env;
  /** Options of the command line; they beat the environment and the file. Paths are relative to `cwd`. */
  readonly overrides?: Overrides;
  /** `optional`: a command that can do without an account. Default `required`. */
  readonly credentials?: 'required' | 'optional';
  /** Default: every kind that this version serves. */
  readonly registers?: Registers;
  /** For secrets that are asked for over the network; without it their placeholders stay as they are, and count as values that are not known. */
  readonly world?: Outside;
  /** Told every secret that is read, at the start and when one is read again, so that a log can keep them out of its lines. */
  readonly conceal?: (secrets: Iterable<string>) => void;
}

export interface Overrides {
  readonly state?: string;
  readonly logLevel?: string;
  readonly logFile?: string;
  readonly logFormat?: string;
}

/**
 * Reads, completes and checks the configuration.
 *
 * Throws   ConfigProblems (config, `config.invalid`) with every mistake; transient `secret.unreachable` or `secret.busy` when there is nothing but that;
 *          the signal's reason on abort.
 */
export async function loadConfig(input: LoadInput, signal: AbortSignal = new AbortController().signal): Promise<Plan> {
  const registers = input.registers ?? (await allRegisters());
  const file = input.file === undefined ? await findFile(input.cwd, input.env) : path.resolve(input.cwd, input.file);
  const folder = file === null ? input.cwd : path.dirname(file);
  const { source, worldReadable } = input.text === undefined ? await readSourceOf(file) : sourceOfText(input.text, file);
  if (source.broken) throw new ConfigProblems(source.problems);

  const { reading, resolved, passing, isSecret } = await readTree(source.tree, source, folder, input, registers, signal);

  checkTopKeys(reading);
  reading.check(secrets, reading.tree.secrets ?? {}, ['secrets']);
  const accounts = await readAccounts(reading, { env: input.env, folder, optional: input.credentials === 'optional', hasFile: file !== null });
  const tenants = reading.check(sections.tenants, reading.tree.tenants ?? {}, ['tenants']);
  const streams = readStreams(reading, registers);
  const sinks = readSinks(reading, registers);
  const routes = await readRoutes(reading, { registers, streams, sinks });
  const actions = await readActions(reading, streams);
  const intelix = readIntelix(reading, input.env);
  const defaults = reading.check(sections.defaults, reading.tree.defaults ?? {}, ['defaults']);
  checkPageSizes(reading, defaults?.pageSize ?? {}, registers);
  const journal = reading.check(sections.journal, reading.tree.journal ?? {}, ['journal']);
  const http = reading.tree.http === undefined ? null : reading.check(sections.http, reading.tree.http, ['http']);
  const statePath = readState(reading, folder, input);
  const log = readLog(reading, folder, input);

  const [first] = passing;
  if (first && passing.length === reading.problems.length) throw first;
  if (reading.problems.length > 0 || !tenants || !defaults || !journal || http === undefined || statePath === undefined || !log)
    throw new ConfigProblems(reading.problems);

  const rules: MaskRules = { sealed: resolved.sealed, values: resolved.values, isSecret };
  const plainSecrets = plainSecretsOf(reading.tree as Tree, rules).map(dotted);
  const renew = openRenewal({
    tree: source.tree,
    resolved,
    plan: { accounts, intelix },
    env: input.env,
    folder,
    registers,
    read: async (part, anew) => (await readTree(part, source, folder, input, registers, anew)).reading,
  });
  const plan: Omit<Plan, 'shown' | 'warnings' | 'originOf'> = {
    file,
    folder,
    accounts,
    tenants: { include: tenants.include, exclude: tenants.exclude, labels: Object.entries(tenants.labels).map(([pattern, labels]) => ({ pattern, labels })) },
    streams,
    sinks,
    routes,
    actions,
    intelix,
    statePath,
    journal: { keepMs: journal.keep, maxBytes: journal.maxSize, minFreeBytes: journal.minFree, whenFull: journal.whenFull },
    log,
    http,
    defaults,
    plainSecrets,
    renew,
  };
  const originOf = openOrigins({ source, env: input.env, options: optionsOf(input.overrides ?? {}) });
  return {
    ...plan,
    warnings: warningsOf(plan, worldReadable),
    // Only `config show` and `doctor` look at it.
    get shown() {
      return shownTree(reading.tree as Tree, plan, rules, originOf);
    },
    originOf,
  };
}

/** What the command line sets, by its path. */
function optionsOf({ state, logLevel, logFile, logFormat }: Overrides): Readonly<Record<string, string>> {
  const given = {
    state: ['--state', state],
    'log.level': ['--log-level', logLevel],
    'log.file': ['--log-file', logFile],
    'log.format': ['--log-format', logFormat],
  };
  return Object.fromEntries(Object.entries(given).flatMap(([at, [name = '', value]]) => (value === undefined ? [] : [[at, name]])));
}

/** Replaces the placeholders of the source's tree, or of a part of it, by sources of secrets that remember nothing. */
async function readTree(
  tree: Tree,
  source: Source,
  folder: string,
  input: LoadInput,
  registers: Registers,
  signal: AbortSignal,
): Promise<{ readonly reading: Reading; readonly resolved: Resolved; readonly passing: readonly Failure[]; readonly isSecret: MaskRules['isSecret'] }> {
  const passing: Failure[] = [];
  const early: Problem[] = [];
  const complain: Complain = (at, index, message, suggestion, failure) => {
    const problem = { path: dotted(at), file: source.file, ...source.locate(at, 'value', index), message, suggestion: suggestion ?? null };
    early.push(problem);
    if (failure?.code === 'secret.unreachable' || failure?.code === 'secret.busy')
      passing.push(placed(failure, describeProblem({ ...problem, suggestion: null })));
  };
  const resolved = await resolveInRounds(tree, { env: input.env, folder, ...(input.world ? { world: input.world } : {}) }, complain, signal);
  const reading = startReading(source, resolved);
  early.forEach(reading.add);
  signal.throwIfAborted();
  const isSecret = secretPaths(reading.tree, registers);
  input.conceal?.([...secretTextsOf(reading.tree as Tree, isSecret), ...secretsOfEnvironment(input.env)]);
  return { reading, resolved, passing, isSecret };
}

/** Credentials may stand in the environment without being named in the file. */
function secretsOfEnvironment(env: Env): readonly string[] {
  return Object.entries(env).flatMap(([name, value]) => (value !== undefined && name.startsWith('SOPHOS_') && looksSecret(name) ? [value] : []));
}

function sourceOfText(text: string, file: string | null): { readonly source: Source; readonly worldReadable: boolean } {
  return { source: readSource(text, file ?? 'the configuration'), worldReadable: false };
}

async function readSourceOf(file: string | null): Promise<{ readonly source: Source; readonly worldReadable: boolean }> {
  if (file === null) return { source: noSource, worldReadable: false };
  try {
    const { text, worldReadable } = await readFound(file);
    return { source: readSource(text, file), worldReadable };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigProblems([
      {
        path: '',
        file,
        line: null,
        column: null,
        message: `the configuration file ${reason}`,
        suggestion: adviceOn(reason),
      },
    ]);
  }
}

function adviceOn(reason: string): string {
  if (reason.includes('UTF-8')) return 'save it as UTF-8';
  if (reason.includes('folder')) return 'name a file in it with `--config`';
  return 'check `--config`, and whether this user may read it';
}

function checkTopKeys(reading: Reading): void {
  for (const key of Object.keys(reading.tree)) {
    if ((sections.topKeys as readonly string[]).includes(key)) continue;
    const suggestion =
      didYouMean(key, sections.topKeys) ??
      `known are ${sections.topKeys
        .filter((one) => !keysNotServed.includes(one))
        .map((one) => `\`${one}\``)
        .join(', ')}`;
    reading.complain([key], `the key \`${key}\` is unknown here`, suggestion, { target: 'key' });
  }
  for (const at of keysNotServed.flatMap((pattern) => written(reading.tree as Tree, pattern.split('.'), [])))
    reading.complain(at, `\`${String(at.at(-1))}\` is valid, but not served yet by this version`, 'remove it for now', { target: 'key' });
}

/** The paths in the tree that fit a pattern. */
function written(value: Tree | undefined, [step, ...rest]: readonly string[], at: Path): readonly Path[] {
  if (step === undefined) return [at];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const keys = step === '*' ? Object.keys(value) : Object.hasOwn(value, step) ? [step] : [];
  return keys.flatMap((key) => written(value[key], rest, [...at, key]));
}

function checkPageSizes(reading: Reading, sizes: Readonly<Record<string, number>>, { streams }: Registers): void {
  for (const [name, size] of Object.entries(sizes)) {
    const kind = kindNamed(streams, name);
    const path = ['defaults', 'pageSize', name];
    if (!kind) complainUnknown(reading, path, 'key', 'stream', name, streams, streamNames);
    else if (kind.pageSize === null) reading.complain(path, `\`${name}\` has no pages`, 'remove it', { target: 'key' });
    else if (size < kind.pageSize.min || size > kind.pageSize.max)
      reading.complain(
        path,
        `\`${name}\` takes ${kind.pageSize.min} to ${kind.pageSize.max} items per page, seen ${size}`,
        `write \`${name}: ${size < kind.pageSize.min ? kind.pageSize.min : kind.pageSize.max}\``,
      );
  }
}

function readState(reading: Reading, folder: string, { cwd, overrides }: LoadInput): string | undefined {
  const given = overrides?.state;
  const state = given ?? reading.check(sections.state, reading.tree.state ?? undefined, ['state']);
  if (state === undefined) return undefined;
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(state)) return path.resolve(given === undefined ? folder : cwd, state);
  const isPostgres = /^postgres(ql)?:/i.test(state);
  const message = isPostgres ? 'a state in PostgreSQL is valid, but not served yet by this version' : 'expected a folder';
  const suggestion = 'name a folder';
  if (given === undefined) reading.complain(['state'], message, suggestion);
  else reading.add({ path: '--state', file: null, line: null, column: null, message, suggestion });
  return undefined;
}

function readLog(reading: Reading, folder: string, { cwd, overrides = {} }: LoadInput): LogPlan | undefined {
  const log = reading.check(sections.log, reading.tree.log ?? {}, ['log']);
  const level = option(reading, '--log-level', overrides.logLevel, sections.logLevels);
  const format = option(reading, '--log-format', overrides.logFormat, sections.logFormats);
  if (!log) return undefined;
  const file =
    overrides.logFile !== undefined
      ? path.resolve(cwd, overrides.logFile)
      : log.file !== undefined && !reading.isUnresolved(['log', 'file'])
        ? path.resolve(folder, log.file)
        : null;
  const rotate = log.rotate ? { maxBytes: log.rotate.size, keep: log.rotate.keep } : null;
  return { level: level ?? log.level, format: format ?? log.format ?? null, file, rotate };
}

function option<const T extends string>(reading: Reading, name: string, value: string | undefined, known: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined)
    reading.add({
      path: name,
      file: null,
      line: null,
      column: null,
      message: `expected one of ${known.map((one) => `\`${one}\``).join(', ')}, seen \`${value}\``,
      suggestion: didYouMean(value, known) ?? null,
    });
  return found;
}

function warningsOf({ sinks, routes, plainSecrets, file }: Omit<Plan, 'shown' | 'warnings' | 'originOf'>, worldReadable: boolean): readonly string[] {
  const used = new Set(routes.map((route) => route.sink));
  const idle = [...sinks.keys()].filter((name) => !used.has(name)).map((name) => `The sink \`${name}\` has no route: nothing is sent to it.`);
  const open =
    worldReadable && plainSecrets.length > 0
      ? [`${file} can be read by every user and holds secrets as they are (${plainSecrets.join(', ')}): run chmod 600, or use \${env:NAME}.`]
      : [];
  return [...open, ...idle];
}
