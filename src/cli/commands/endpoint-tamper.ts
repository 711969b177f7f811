import type { Endpoint } from '../../clients/central/shapes/endpoints.ts';
import { Failure } from '../../core/failure.ts';
import type { Target } from '../accounts.ts';
import { codeFor } from '../accounts.ts';
import { type ActionOptions, carryOut, checkActionOptions, declareActionOptions } from '../actions/changes.ts';
import { endpointIntent, tamperMaker } from '../actions/endpoint-changes.ts';
import {
  type ChosenEndpoints,
  chooseEndpoints,
  declareEndpointChoice,
  type EndpointChoiceOptions,
  endpointChoice,
  isTrue,
  needOneTenant,
} from '../actions/endpoints.ts';
import { callsOf, fromEach, openScope, type Scope } from '../actions/scope.ts';
import type { Command, CommandContext } from '../command.ts';
import { type ExitCode, exitCodes, usage } from '../exit.ts';
import { plural } from '../output/progress.ts';
import { printRows } from '../output/rows.ts';

interface TamperOptions extends ActionOptions, EndpointChoiceOptions {
  readonly regenerate?: boolean;
  readonly reveal?: boolean;
}

const states = ['on', 'off', 'show', 'regenerate'];

/** Tamper protection, which keeps an endpoint's user from taking the protection off. */
export const tamper: Command<TamperOptions> = {
  name: 'tamper',
  summary: 'turn tamper protection on or off, or show it',
  description:
    'Turns the tamper protection of endpoints on or off, makes a new password for it, or shows how it is. Passwords are printed by `show --reveal` only, and to standard output only: never to a log, never to the action log.',
  examples: [
    'endpoint tamper show FIN-WS-0142 --reveal',
    'endpoint tamper off FIN-WS-0142 --yes',
    "endpoint tamper on --where 'tamperProtectionEnabled == false' --regenerate --dry-run",
  ],
  declare(parser) {
    declareActionOptions(declareEndpointChoice(parser.argument('<state>', 'on, off, show, or regenerate for a new password alone')))
      .option('--regenerate', 'make a new password as well')
      .option('--reveal', 'with `show`: print the passwords');
  },
  async run(context, [state = '', ...args], options) {
    checkActionOptions(options);
    const { regenerate = false, reveal = false } = options;
    if (!states.includes(state)) throw usage('state', `\`${state}\` is no state of tamper protection`, 'Use on, off, show or regenerate.');
    if (reveal && state !== 'show') throw usage('reveal', '`--reveal` goes with `show` only', 'Change first, then `endpoint tamper show ... --reveal`.');
    if (regenerate && state === 'show')
      throw usage('regenerate', '`show` changes nothing: `--regenerate` cannot be used with it', 'Say `endpoint tamper regenerate`.');
    const choice = await endpointChoice(args, options);
    const scope = await openScope(context, options);
    const chosen = await chooseEndpoints(context, scope, choice);
    if (state === 'show') return await show(context, options, scope, chosen);
    const wish = { enabled: state === 'regenerate' ? null : state === 'on', regenerate: regenerate || state === 'regenerate' };
    needOneTenant(chosen, choice, options);
    const doing = { command: `endpoint tamper ${state}`, noun: 'endpoint' };
    return await carryOut(context, options, endpointIntent(chosen, `tamper ${state}`, tamperMaker(wish)), doing);
  },
};

const columns = { 'tenant.name': 'TENANT', 'endpoint.hostname': 'NAME', 'endpoint.id': 'ID', enabled: 'ENABLED', error: 'ERROR' };

/** Asked of each endpoint by itself: the list does not tell all of it. */
async function show(context: CommandContext, options: TamperOptions, scope: Scope, chosen: ChosenEndpoints): Promise<ExitCode> {
  const of = new Map(chosen.found.map(({ target, value }) => [target, value]));
  let failures = 0;
  const read = await fromEach(context, { ...scope, unread: [] }, async (target) => {
    const rows = [];
    for (const endpoint of of.get(target) ?? []) {
      const row = await rowOf(context, target, endpoint, options);
      if ('error' in row) failures++;
      rows.push(row);
    }
    return rows;
  });
  const rows = read.found.flatMap(({ value }) => value);
  const shown = options.reveal ? { ...columns, password: 'PASSWORD', previousPasswords: 'EARLIER PASSWORDS' } : columns;
  await printRows(context, rows, shown, options, { whole: ['NAME', 'PASSWORD'], ids: ['ID'] });
  for (const text of chosen.missing) context.warn(`no tenant that was asked has an endpoint ${text}`);
  context.note(`${plural(rows.length, 'endpoint')}.`);
  const unread = [...chosen.unread, ...read.unread];
  const missing = chosen.missing.length + failures;
  if (missing > 0) return rows.length > failures || unread.length > 0 ? exitCodes.partly : exitCodes.failed;
  return unread.length === 0 ? exitCodes.done : codeFor(unread, unread.length + read.found.length);
}

async function rowOf({ signal }: CommandContext, target: Target, { id, hostname }: Endpoint, { reveal }: TamperOptions) {
  const about = { tenant: { id: target.tenant.id, name: target.tenant.name }, endpoint: { id, hostname } };
  try {
    const { enabled, password, previousPasswords } = await callsOf(target).endpoints.tamperProtection(id, { signal });
    const secrets = { password, previousPasswords };
    return { ...about, enabled: isTrue(enabled), ...(reveal ? secrets : {}) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure) || error.kind === 'auth') throw error;
    return { ...about, error: error.message };
  }
}
