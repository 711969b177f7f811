/** `--answers`: the same answers as to the questions, in YAML or JSON; what is wrong is told with its place, as in a configuration. */
import { dirname } from 'node:path';
import { readAccounts } from '../../config/accounts.ts';
import { checkOptions, complainUnknown, defaultStreams, readSinks } from '../../config/kinds.ts';
import { plainSecretsOf } from '../../config/mask.ts';
import { ConfigProblems, type Problem } from '../../config/problems.ts';
import { type Reading, startReading } from '../../config/reading.ts';
import { allRegisters, kindNamed, type Registers } from '../../config/registers.ts';
import { secretPaths } from '../../config/secret-paths.ts';
import { type Complain, resolvePlaceholders } from '../../config/secrets/placeholders.ts';
import { schemes } from '../../config/secrets/provider.ts';
import { resolveInRounds } from '../../config/secrets/rounds.ts';
import { secrets } from '../../config/secrets/section.ts';
import * as sections from '../../config/sections.ts';
import { formatNames, streamNames } from '../../config/served.ts';
import { dotted, readSource, type Tree } from '../../config/source.ts';
import { choice, list, object, text, z } from '../../core/schema.ts';
import type { CommandContext } from '../command.ts';
import { type Answers, allTenants, fromEnv, keeps, type SinkAnswer, usualKeep, usualSink } from './answers.ts';
import { usualFormatOf } from './sink-options.ts';

/** What may stand at the top; each part is checked by itself, so that all mistakes are told. */
const shape = object({
  central: z.unknown().optional().describe('The account, as the section `central` of a configuration'),
  secrets: z.unknown().optional().describe('Where secrets are asked for, as the section `secrets` of a configuration'),
  tenants: z.unknown().optional().describe('Which tenants are read, as the section `tenants` of a configuration'),
  streams: z.unknown().optional().describe('The streams that are read, a list of names'),
  sinks: z.unknown().optional().describe('The destinations by name, as the section `sinks` of a configuration, each with a `format`'),
  keep: z.unknown().optional().describe('How the service is kept running'),
});

const streamsShape = list(text()).min(1, 'names no stream');
const keepShape = choice(...keeps);

export interface AnswersFile {
  readonly text: string;
  /** As mistakes name it. */
  readonly name: string;
}

/** Whether placeholders are looked up. */
export interface ReadingAnswers {
  readonly context: CommandContext;
  /** The configuration file to be, absolute. */
  readonly file: string;
  readonly lookUp: boolean;
}

/**
 * Reads the answers; what is not said has the answer for Enter alone.
 *
 * Throws   ConfigProblems (config, `config.invalid`) with every mistake. A secret as it is counts as one: it would have to be written somewhere.
 */
export async function readAnswers({ text: given, name }: AnswersFile, { context, file, lookUp }: ReadingAnswers): Promise<Answers> {
  const { env, world, signal } = context;
  const registers = await allRegisters();
  const source = readSource(given, name);
  if (source.broken) throw new ConfigProblems(source.problems);
  const folder = dirname(file);
  const early: Problem[] = [];
  const complain: Complain = (at, index, message, suggestion = undefined) =>
    early.push({ path: dotted(at), file: source.file, ...source.locate(at, 'value', index), message, suggestion: suggestion ?? null });
  const resolved = await (lookUp
    ? resolveInRounds(source.tree, { env, folder, world }, complain, signal)
    : resolvePlaceholders(
        source.tree,
        schemes.map((scheme) => ({ scheme })),
        complain,
        signal,
      ));
  const reading = startReading(source, resolved);
  early.forEach(reading.add);
  reading.check(shape, { ...reading.tree }, []);
  const keep = reading.check(keepShape, reading.tree.keep ?? usualKeep, ['keep']);
  await readAccounts(reading, { env: lookUp ? env : assumed(env), folder, optional: false, hasFile: true });
  reading.check(secrets, reading.tree.secrets ?? {}, ['secrets']);
  const tenants = reading.check(sections.tenants.pick({ include: true, exclude: true }), reading.tree.tenants ?? {}, ['tenants']);
  const streams = reading.check(streamsShape, reading.tree.streams ?? [...defaultStreams], ['streams']);
  for (const [i, stream] of (streams ?? []).entries())
    if (!kindNamed(registers.streams, stream)) complainUnknown(reading, ['streams', i], 'value', 'stream', stream, registers.streams, streamNames);
  checkSinks(reading, registers);
  const isSecret = secretPaths(reading.tree, registers);
  for (const path of plainSecretsOf(source.tree, { sealed: resolved.sealed, values: [], isSecret }))
    reading.complain(path, 'a secret must not stand in the answers', `write a placeholder, such as \`${fromEnv('NAME')}\``);
  if (reading.problems.length > 0 || !keep || !streams || !tenants) throw new ConfigProblems(reading.problems);
  const written = fieldsOf(source.tree);
  return {
    central: centralOf(fieldsOf(written.central ?? {})),
    tenants: written.tenants === undefined ? allTenants : { include: tenants.include, exclude: tenants.exclude },
    streams: [...new Set(streams)],
    sinks: sinksOf(written.sinks),
    keep,
    ...(written.secrets === undefined ? {} : { secrets: written.secrets }),
  };
}

type Fields = { readonly [key: string]: Tree };

function fieldsOf(value: Tree): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** What nobody looks up counts as set. */
function assumed(env: CommandContext['env']): CommandContext['env'] {
  return { SOPHOS_CLIENT_ID: 'set', SOPHOS_CLIENT_SECRET: 'set', ...env };
}

/** Id and secret from the usual variables, unless they are said. */
export function centralOf(written: Fields): Fields {
  if (written.siemToken !== undefined) return written;
  return { clientId: fromEnv('SOPHOS_CLIENT_ID'), clientSecret: fromEnv('SOPHOS_CLIENT_SECRET'), ...written };
}

/** As in a configuration, but each with its format beside its options. */
function checkSinks(reading: Reading, registers: Registers): void {
  const sinks = reading.tree.sinks;
  if (sinks === undefined) return;
  const isMap = typeof sinks === 'object' && sinks !== null && !Array.isArray(sinks);
  if (isMap && Object.keys(sinks).length === 0) reading.complain(['sinks'], 'names no sink', 'leave `sinks` out for files');
  const bare = isMap ? Object.fromEntries(Object.entries(sinks).map(([name, sink]) => [name, withoutFormat(sink)])) : sinks;
  readSinks({ ...reading, tree: { ...reading.tree, sinks: bare } }, registers);
  if (isMap) for (const [name, sink] of Object.entries(sinks)) checkFormat(reading, name, fieldsOf(sink).format, registers);
}

function withoutFormat(sink: Tree): Tree {
  if (typeof sink !== 'object' || sink === null || Array.isArray(sink)) return sink;
  const { format: _format, ...rest } = sink;
  return rest;
}

function checkFormat(reading: Reading, sink: string, format: Tree | undefined, { formats }: Registers): void {
  if (format === undefined) return;
  const at = ['sinks', sink, 'format'];
  const { type = format, ...options } = fieldsOf(format);
  const isName = typeof format === 'string';
  if (typeof type !== 'string') {
    reading.complain(at, 'expected the name of a format, or `{ type: format, ...options }`');
    return;
  }
  const kind = kindNamed(formats, type);
  if (!kind) complainUnknown(reading, isName ? at : [...at, 'type'], 'value', 'format', type, formats, formatNames);
  else checkOptions(reading, kind.options, options, at, ['type']);
}

function sinksOf(written: Tree | undefined): readonly SinkAnswer[] {
  if (written === undefined) return [usualSink];
  return Object.entries(fieldsOf(written)).map(([name, sink]) => {
    const { type = '', format, ...options } = fieldsOf(sink);
    return { name, type: String(type), options, format: format ?? usualFormatOf(String(type), options) };
  });
}
