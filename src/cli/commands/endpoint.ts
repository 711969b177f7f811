import { codeFor } from '../accounts.ts';
import { type ActionOptions, carryOut, checkActionOptions, type Doing, declareActionOptions } from '../actions/changes.ts';
import { deletionOf, endpointIntent, isolationMaker, scanOf, updateOf } from '../actions/endpoint-changes.ts';
import { chooseEndpoints, declareEndpointChoice, type EndpointChoiceOptions, endpointChoice, needOneTenant } from '../actions/endpoints.ts';
import { waitForIsolation } from '../actions/isolation-wait.ts';
import { declareItemOptions, type ItemOptions, openItems } from '../actions/items.ts';
import { concurrencyOf, declareScope, openScope, type ScopeOptions } from '../actions/scope.ts';
import type { Command, CommandContext, CommandGroup } from '../command.ts';
import { type ExitCode, exitCodes, usage } from '../exit.ts';
import { parseDuration } from '../instant.ts';
import { plural } from '../output/progress.ts';
import { tamper } from './endpoint-tamper.ts';

interface GetOptions extends ScopeOptions, ItemOptions, EndpointChoiceOptions {}

interface ActOptions extends ActionOptions, EndpointChoiceOptions {}

interface IsolationOptions extends ActOptions {
  readonly comment?: string;
  readonly wait?: string | true;
}

const get: Command<GetOptions> = {
  name: 'get',
  summary: 'show endpoints with everything that Central tells of them',
  description:
    'Shows endpoints that are chosen by id, host name, group or filter, of all or of chosen tenants. A name that nobody has is told; the exit code is then 4, or 1 when none was found.',
  examples: [
    'endpoint get FIN-WS-0142',
    'endpoint get --health bad,suspicious --fields tenant.name,hostname,health.overall,lastSeenAt',
    'endpoint get --where \'os.platform == "windows" and not exists(encryption)\' --tenant "Acme*" --output csv',
  ],
  declare: (parser) => void declareItemOptions(declareEndpointChoice(declareScope(parser))),
  async run(context, args, options) {
    concurrencyOf(options);
    const output = openItems(context, 'endpoints', options);
    const choice = await endpointChoice(args, options);
    const { found, unread, missing } = await chooseEndpoints(context, await openScope(context, options), choice);
    let count = 0;
    for (const { target, value } of found) {
      count += value.length;
      await output.write(target.tenant, value);
    }
    await output.end();
    for (const text of missing) context.warn(`no tenant that was asked has an endpoint ${text}`);
    context.note(`${plural(count, 'endpoint')} of ${plural(found.length, 'tenant')}${unread.length === 0 ? '' : `; ${unread.length} not read`}.`);
    if (missing.length > 0) return count > 0 || unread.length > 0 ? exitCodes.partly : exitCodes.failed;
    return unread.length === 0 ? exitCodes.done : codeFor(unread, unread.length + found.length);
  },
};

const scan: Command<ActOptions> = {
  name: 'scan',
  summary: 'start a scan of endpoints',
  description: 'Asks endpoints to scan themselves. They do so when they next report, or as soon as they are on.',
  examples: ['endpoint scan FIN-WS-0142 --yes', 'endpoint scan --health bad,suspicious --dry-run', 'endpoint scan --all --tenant "Acme*" --max 600 --yes'],
  declare: declareAct,
  run: (context, args, options) => act(context, args, options, { command: 'endpoint scan', noun: 'endpoint' }, scanOf),
};

const update: Command<ActOptions> = {
  name: 'update',
  summary: 'have endpoints look for updates',
  examples: ['endpoint update FIN-WS-0142 SRV-* --yes', 'endpoint update --group "Head office" --dry-run'],
  declare: declareAct,
  run: (context, args, options) => act(context, args, options, { command: 'endpoint update', noun: 'endpoint' }, updateOf),
};

const isolate: Command<IsolationOptions> = {
  name: 'isolate',
  summary: 'cut endpoints off the network',
  description:
    'Asks for isolation of endpoints: they then talk to Sophos Central only. Those that an administrator has isolated already are left out. Central accepts the request first and carries it out later: `--wait` waits until it has.',
  examples: [
    'endpoint isolate FIN-WS-0142 --comment "Ticket 4711" --yes',
    'endpoint isolate --where \'health.threats.status == "bad"\' --comment outbreak --wait 5m',
  ],
  declare: declareIsolation,
  run: (context, args, options) => changeIsolation(context, args, options, true),
};

const deisolate: Command<IsolationOptions> = {
  name: 'deisolate',
  summary: 'let isolated endpoints back on the network',
  description: 'Ends the isolation that an administrator asked for. Those that are not isolated are left out. `--wait` waits until it is over.',
  examples: ['endpoint deisolate FIN-WS-0142 --comment "cleaned" --yes', 'endpoint deisolate --group Finance --wait 5m --dry-run'],
  declare: declareIsolation,
  run: (context, args, options) => changeIsolation(context, args, options, false),
};

const remove: Command<ActOptions> = {
  name: 'delete',
  summary: 'delete endpoints from Central',
  description:
    'Deletes endpoints from Central; they are no longer managed. It cannot be undone: the agent has to be installed again. On a terminal the word `delete` has to be typed, with the number of endpoints.',
  examples: ['endpoint delete OLD-PC-01 --dry-run', 'endpoint delete --where \'lastSeenAt < "2026-01-01"\' --tenant Acme --max 20 --yes'],
  declare: declareAct,
  run: (context, args, options) =>
    act(context, args, options, { command: 'endpoint delete', noun: 'endpoint', warning: 'Deleting endpoints cannot be undone.' }, deletionOf),
};

/** Computers and servers, and what can be done to them. */
export const endpoint: CommandGroup = {
  name: 'endpoint',
  summary: 'show, scan, update, isolate or delete endpoints',
  examples: ['endpoint get --health bad', 'endpoint isolate FIN-WS-0142 --comment "Ticket 4711"', 'endpoint scan --group Finance --dry-run'],
  commands: [get, scan, update, isolate, deisolate, tamper, remove] as readonly Command[],
};

function declareAct(parser: Parameters<NonNullable<Command['declare']>>[0]): void {
  declareActionOptions(declareEndpointChoice(parser));
}

function declareIsolation(parser: Parameters<NonNullable<Command['declare']>>[0]): void {
  declareActionOptions(declareEndpointChoice(parser))
    .option('--comment <text>', 'why; Central keeps it with the endpoint')
    .option('--wait [duration]', 'wait until it is so, at most so long (default: 10m)');
}

async function act(
  context: CommandContext,
  args: readonly string[],
  options: ActOptions,
  doing: Doing,
  make: Parameters<typeof endpointIntent>[2],
): Promise<ExitCode> {
  checkActionOptions(options);
  const choice = await endpointChoice(args, options);
  const chosen = await chooseEndpoints(context, await openScope(context, options), choice);
  needOneTenant(chosen, choice, options);
  return await carryOut(context, options, endpointIntent(chosen, doing.command.replace('endpoint ', ''), make), doing);
}

async function changeIsolation(context: CommandContext, args: readonly string[], options: IsolationOptions, enabled: boolean): Promise<ExitCode> {
  const { comment, wait } = options;
  const waitMs = wait === undefined ? null : parseDuration('--wait', wait === true ? '10m' : wait);
  if (comment !== undefined && comment.trim() === '') throw usage('comment', '`--comment` is empty', 'Say why, or leave it out.');
  const command = `endpoint ${enabled ? 'isolate' : 'deisolate'}`;
  const settle: Doing['settle'] = (done, signal) => waitForIsolation(context, done, enabled, waitMs ?? 0, signal);
  const doing = { command, noun: 'endpoint', ...(waitMs === null ? {} : { settle }) };
  return await act(context, args, options, doing, isolationMaker({ enabled, comment }));
}
