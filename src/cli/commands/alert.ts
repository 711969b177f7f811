import { didYouMean } from '../../config/suggest.ts';
import { codeFor } from '../accounts.ts';
import { type AlertFilterOptions, actOnAlerts, alertSearch, declareAlertFilter, findAlerts, isFiltered, searchAlerts } from '../actions/alerts.ts';
import { type ActionOptions, carryOut, checkActionOptions, declareActionOptions } from '../actions/changes.ts';
import { declareItemOptions, type ItemOptions, idsIn, openItems } from '../actions/items.ts';
import { concurrencyOf, declareScope, openScope, type ScopeOptions } from '../actions/scope.ts';
import type { Command, CommandGroup } from '../command.ts';
import { exitCodes, usage } from '../exit.ts';
import { plural } from '../output/progress.ts';

interface GetOptions extends ScopeOptions, ItemOptions {}

interface SearchOptions extends ScopeOptions, ItemOptions, AlertFilterOptions {}

interface ActOptions extends ActionOptions, AlertFilterOptions {
  readonly message?: string;
}

/** Actions that Central is known to have; an alert says which of them it allows. */
const knownActions = ['acknowledge', 'cleanPua', 'cleanVirus', 'authPua', 'clearThreat', 'clearHmpa', 'sendMsgPua', 'sendMsgThreat'];

const get: Command<GetOptions> = {
  name: 'get',
  summary: 'show open alerts by their ids',
  description:
    'Shows open alerts, whichever tenant has them: without `--tenant` all tenants are asked. An id that nobody has is named; the exit code is then 4, or 1 when none was found.',
  examples: ['alert get 56931431-9faf-480c-ba1d-8d7541eae259', 'alert get 56931431-9faf-480c-ba1d-8d7541eae259 --tenant "Acme*" --output json'],
  declare: (parser) => void declareItemOptions(declareScope(parser.argument('<ids...>', 'ids of alerts'))),
  async run(context, args, options) {
    concurrencyOf(options);
    const ids = idsIn(args, 'an alert');
    const output = openItems(context, 'alerts', options);
    const { found, unread, missing } = await findAlerts(context, await openScope(context, options), ids);
    for (const { target, value } of found) {
      await output.write(target.tenant, value);
      for (const { id } of value) context.note(`${id} is of tenant ${target.tenant.name} (${target.tenant.id}).`);
    }
    await output.end();
    for (const id of missing) context.warn(`no tenant that was asked has an open alert ${id}`);
    if (missing.length === 0) return exitCodes.done;
    const isPartly = missing.length < ids.length || unread.length > 0;
    return isPartly ? exitCodes.partly : exitCodes.failed;
  },
};

const search: Command<SearchOptions> = {
  name: 'search',
  summary: 'find open alerts by what they are',
  description: 'Finds open alerts of all or of chosen tenants. Without `--days` or `--since` they may be of any age.',
  examples: [
    'alert search --severity high --days 7',
    'alert search --product endpoint,server --type "Event::Endpoint::Threat::*" --tenant "Acme*"',
    'alert search --where \'allowedActions in ["cleanPua"]\' --fields tenant.name,id,description',
  ],
  declare: (parser) => void declareItemOptions(declareAlertFilter(declareScope(parser))),
  async run(context, _args, options) {
    concurrencyOf(options);
    const output = openItems(context, 'alerts', options);
    const wanted = await alertSearch(context, options);
    const scope = await openScope(context, options);
    const { found, unread } = await searchAlerts(context, scope, wanted);
    let count = 0;
    for (const { target, value } of found) {
      count += value.length;
      await output.write(target.tenant, value);
    }
    await output.end();
    context.note(`${plural(count, 'alert')} of ${plural(found.length, 'tenant')}${unread.length === 0 ? '' : `; ${unread.length} not read`}.`);
    return unread.length === 0 ? exitCodes.done : codeFor(unread, unread.length + found.length);
  },
};

const act: Command<ActOptions> = {
  name: 'act',
  summary: 'acknowledge alerts, or do what else they allow',
  description:
    'Does one thing about alerts that are named or found: acknowledge, cleanPua, cleanVirus, authPua, clearThreat, clearHmpa, sendMsgPua or sendMsgThreat. An alert that does not allow it is left out, and listed with the reason. An alert that is gone counts as acknowledged. Every action is kept in the action log.',
  examples: [
    'alert act acknowledge 56931431-9faf-480c-ba1d-8d7541eae259 --yes',
    'alert act acknowledge --where \'severity == "low"\' --days 7 --message "seen by the night shift" --dry-run',
    'alert act cleanPua --category pua --tenant "Acme*" --max 500 --yes',
  ],
  declare: (parser) =>
    void declareActionOptions(
      declareAlertFilter(parser.argument('<action>', 'such as acknowledge').argument('[ids...]', 'ids of alerts')).option(
        '--message <text>',
        'kept with the action',
      ),
    ),
  async run(context, [action = '', ...args], options) {
    checkActionOptions(options);
    checkAction(action);
    const ids = idsIn(args, 'an alert');
    if (ids.length === 0 && !isFiltered(options))
      throw usage(
        'which',
        'which alerts? None was named, and no filter was given',
        'Name their ids, or choose them with `--where`, `--severity`, `--days` and the like.',
      );
    if (ids.length > 0 && isFiltered(options)) throw usage('which', 'ids and filters exclude each other', 'Use one of them.');
    const deed = { action, message: options.message };
    const doing = { command: `alert act ${action}`, noun: 'alert' };
    if (ids.length > 0) {
      const found = await findAlerts(context, await openScope(context, options), ids);
      return await carryOut(context, options, actOnAlerts(found, deed, true, found.missing), doing);
    }
    const wanted = await alertSearch(context, options);
    const found = await searchAlerts(context, await openScope(context, options), wanted);
    return await carryOut(context, options, actOnAlerts(found, deed, false, []), doing);
  },
};

/** Open alerts, and what is done about them. */
export const alert: CommandGroup = {
  name: 'alert',
  summary: 'show, find or act on open alerts',
  examples: ['alert search --severity high --days 7', 'alert act acknowledge --where \'severity == "low"\' --days 7 --dry-run'],
  commands: [get, search, act] as readonly Command[],
};

/** Central may know more actions than we do; a misspelt one is told. */
function checkAction(action: string): void {
  if (knownActions.includes(action)) return;
  const meant = didYouMean(action, knownActions);
  if (meant !== undefined || !/^[a-z][A-Za-z0-9]{2,40}$/.test(action))
    throw usage('action', `there is no action \`${action}\``, meant ?? `Use one of ${knownActions.join(', ')}.`);
}
