/** The answers, tried out: does Central take the credential, does each sink take a record? */
import type { Plan } from '../../config/plan.ts';
import { allRegisters } from '../../config/registers.ts';
import type { World } from '../../core/world.ts';
import { oneShotRetries } from '../accounts.ts';
import type { CommandContext } from '../command.ts';
import { openClient } from '../compose.ts';
import { textOfDraft } from '../draft.ts';
import { type Sent, sendTestRecord } from '../output/test-record.ts';
import { openSinkNamed } from '../output/to-sink.ts';
import { type Answers, allTenants, type CentralAnswer, fromEnv, type SinkAnswer, type Typed } from './answers.ts';
import { draftOf, replaceTexts } from './draft-of.ts';

/** A tenant as the account lists it. */
export interface SeenTenant {
  readonly id: string;
  readonly name: string;
  /** Why nothing can be read from it; `null` if it can be tried. */
  readonly aside: string | null;
}

/** Whose the credential is, and what it opens. */
export interface SeenAccount {
  /** `tenant`, `partner`, `organization`, or `legacy token`. */
  readonly kind: string;
  readonly id: string;
  /** Where its data or its lists are asked for. */
  readonly host: string;
  readonly tenants: readonly SeenTenant[];
  /** The least of its four allowances, as calls in an hour. */
  readonly callsPerHour: number;
}

/** What a sink said: of itself, and of the test record. */
export interface SeenSink {
  readonly said: string;
  readonly sent: Sent;
}

/** Where a draft is tried out. */
export interface Trying {
  readonly context: CommandContext;
  /** The configuration file to be, absolute: relative paths of sinks start in its folder. */
  readonly file: string;
  /** What placeholders stand for that cannot be asked for yet. */
  readonly typed: Typed;
}

/**
 * The answers as a checked plan.
 *
 * Throws   ConfigProblems, as the written file would; typed secrets count as if they were in their places already.
 */
export async function planOf(answers: Answers, { context, file, typed }: Trying, credentials: 'required' | 'optional' = 'required'): Promise<Plan> {
  const registers = await allRegisters();
  // What was typed in this minute may be missing from its place, or another stand there.
  const { answers: held, env } = typed.size === 0 ? { answers, env: context.env } : standIns(answers, typed, context.env);
  return await load(textOfDraft(draftOf(held, { registers, schema: null })), { context, file }, env, credentials);
}

async function load(
  text: string,
  { context, file }: Pick<Trying, 'context' | 'file'>,
  env: CommandContext['env'],
  credentials: 'required' | 'optional',
): Promise<Plan> {
  const { loadConfig } = await import('../../config/load.ts');
  const { cwd, world, signal, log } = context;
  return await loadConfig({ file, text, cwd, env, world, credentials, conceal: log.conceal }, signal);
}

/** The same answers with a variable of our own in place of every secret that was typed. */
function standIns(answers: Answers, typed: Typed, env: CommandContext['env']): { readonly answers: Answers; readonly env: CommandContext['env'] } {
  const own = new Map([...typed].map(([placeholder, secret], i) => [placeholder, { name: `SOPHOS_INIT_${i}`, secret }]));
  const swap = (text: string) => {
    const stand = own.get(text);
    return stand === undefined ? text : fromEnv(stand.name);
  };
  return {
    answers: {
      ...answers,
      central: replaceTexts(answers.central, swap),
      sinks: answers.sinks.map((sink) => ({ ...sink, options: replaceTexts(sink.options, swap) })),
    },
    env: { ...env, ...Object.fromEntries([...own.values()].map(({ name, secret }) => [name, secret.reveal()])) },
  };
}

/** Answers that are about the account alone. */
export function accountAlone(central: CentralAnswer): Answers {
  return { central, tenants: allTenants, streams: ['events'], sinks: [], keep: 'none' };
}

/**
 * Asks Central whose the credential is.
 *
 * Throws   auth when it is refused; everything that `whoami` and `tenants` throw.
 */
export async function seeAccount(plan: Plan, { world, signal }: CommandContext): Promise<SeenAccount> {
  const [account] = plan.accounts;
  if (!account) throw new Error('a plan with required credentials has an account');
  const client = await openClient(account, world, oneShotRetries);
  const { second, minute, hour, day } = account.rateLimits;
  const tenants: SeenTenant[] = [];
  let host = '';
  for await (const { items } of client.tenants.pages({ signal })) {
    for (const entry of items) {
      host ||= entry.apiHost ?? '';
      tenants.push({ id: entry.id, name: entry.name, aside: client.tenants.whyNot(entry) });
    }
  }
  const callsPerHour = Math.min(second * 3_600, minute * 60, hour, day);
  if (account.credentials.kind === 'token') return { kind: 'legacy token', id: tenants[0]?.id ?? '', host, tenants, callsPerHour };
  const { id, idType, apiHosts } = await client.whoami(signal);
  return { kind: idType, id, host: apiHosts.dataRegion ?? apiHosts.global, tenants, callsPerHour };
}

/**
 * Asks a sink, and sends it a record that says it is a test.
 *
 * Throws   what the sink throws. Standard output is only checked: it may be where the configuration goes.
 */
export async function seeSink(plan: Plan, name: string, context: CommandContext): Promise<SeenSink> {
  const { signal } = context;
  const world: World = { ...context.world, report: () => undefined };
  const open = await openSinkNamed(plan, name, world);
  try {
    const said = await open.sink.check(signal);
    return { said, sent: open.plan.kind.name === 'stdout' ? { outcome: 'not-tried' } : await sendTestRecord(open, world, 'init', signal) };
  } finally {
    await open.sink.close();
  }
}

/** The account and one sink of the answers, alone. */
export function sinkAlone(central: CentralAnswer, streams: readonly string[], sink: SinkAnswer): Answers {
  return { central, tenants: allTenants, streams, sinks: [sink], keep: 'none' };
}
