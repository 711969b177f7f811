/** Choosing endpoints: by id, host name, group, or what they are. */
import type { Endpoint, EndpointQuery } from '../../clients/central/shapes/endpoints.ts';
import { compileGlob } from '../../core/glob.ts';
import { repeated, type TenantOptions } from '../accounts.ts';
import type { CommandContext, Parser } from '../command.ts';
import { usage } from '../exit.ts';
import type { LeftOut } from './change.ts';
import { type ItemFilter, inChunks, isId, itemFilter, wordOf, words, wordsAmong } from './items.ts';
import type { ActedOn } from './log-line.ts';
import { fromEach, type ReadFromEach, type Scope } from './scope.ts';

export interface EndpointChoiceOptions {
  readonly group?: readonly string[];
  readonly health?: readonly string[];
  readonly type?: readonly string[];
  readonly where?: string;
  readonly all?: boolean;
}

/** Declares how endpoints are chosen. */
export function declareEndpointChoice(parser: Parser): Parser {
  return parser
    .argument('[endpoints...]', 'ids, host names, or globs of host names')
    .option('--group <name>', 'only of this group: name, id or glob (repeatable)', repeated)
    .option('--health <a,b>', 'only good, suspicious, bad or unknown', words)
    .option('--type <a,b>', 'only computer or server', words)
    .option('--where <expression>', 'only endpoints for which this filter is true')
    .option('--all', 'all of them, or all that the other options leave');
}

const healths = ['good', 'suspicious', 'bad', 'unknown'] as const;
const types = ['computer', 'server'] as const;

/** What was asked for, compiled. */
export interface EndpointChoice {
  readonly ids: ReadonlySet<string>;
  /** Host names and globs, as typed. */
  readonly names: readonly { readonly text: string; readonly matches: (hostname: string) => boolean }[];
  readonly groups: readonly ((text: string) => boolean)[] | null;
  readonly query: EndpointQuery;
  readonly where: ItemFilter;
}

/**
 * Throws   config `usage.which` when nothing says which ones: never all by accident.
 */
export async function endpointChoice(args: readonly string[], options: EndpointChoiceOptions): Promise<EndpointChoice> {
  const { group, health, type, where, all } = options;
  const isChosen = args.length > 0 || [group, health, type, where].some((each) => each !== undefined);
  if (!isChosen && !all)
    throw usage(
      'which',
      'which endpoints? None was named, and no filter was given',
      'Name ids or host names, choose with `--group`, `--where`, `--health` or `--type`, or say `--all`.',
    );
  if (args.length > 0 && all) throw usage('which', 'names and `--all` exclude each other', 'Use one of them.');
  const ids = new Set(args.filter(isId).map((text) => text.toLowerCase()));
  const texts = [...new Set(args.filter((text) => !isId(text)))];
  if (texts.some((text) => text.trim() === '')) throw usage('which', 'an empty host name was given', 'Look how the names were put together.');
  return {
    ids,
    names: texts.map((text) => ({ text, matches: compileGlob(text) })),
    groups: group?.map(compileGlob) ?? null,
    query: {
      ...(health === undefined ? {} : { healthStatus: wordsAmong('--health', health, healths) }),
      ...(type === undefined ? {} : { type: wordsAmong('--type', type, types) }),
    },
    where: await itemFilter(where),
  };
}

export interface ChosenEndpoints extends ReadFromEach<readonly Endpoint[]> {
  /** Ids and host names (not globs) that no tenant has. */
  readonly missing: readonly string[];
}

/** Reads the endpoints of every tenant that the choice wants, with everything that Central tells of them. */
export async function chooseEndpoints(context: CommandContext, scope: Scope, choice: EndpointChoice): Promise<ChosenEndpoints> {
  const { ids, names, groups, where } = choice;
  // What is named and fails a filter has been found all the same.
  const seen = new Set<string>();
  const read = await fromEach(context, scope, async ({ tenant }, calls) => {
    const chosen = new Map<string, Endpoint>();
    for (const query of queriesOf(choice)) {
      for await (const endpoint of calls.endpoints.list({ ...query, view: 'full', signal: context.signal })) {
        if (typeof endpoint?.id !== 'string' || !isNamed(choice, endpoint, seen)) continue;
        const groupTexts = [endpoint.group?.name, endpoint.group?.id].filter((each) => typeof each === 'string');
        if (groups !== null && !groups.some((matches) => groupTexts.some(matches))) continue;
        if (where(endpoint, { stream: 'endpoints', tenant })) chosen.set(endpoint.id, endpoint);
      }
    }
    return [...chosen.values()];
  });
  const wanted = [...ids, ...names.flatMap(({ text }) => (isGlob(text) ? [] : [text]))];
  return { ...read, missing: wanted.filter((text) => !seen.has(text)) };
}

/**
 * A host name that is typed means one endpoint; in the tenants of a partner it may be several customers'.
 *
 * Throws   config `usage.which` when the tenant was not said.
 */
export function needOneTenant({ found }: ChosenEndpoints, { names }: EndpointChoice, { tenant }: TenantOptions): void {
  if (tenant !== undefined) return;
  for (const { text, matches } of names.filter(({ text }) => !isGlob(text))) {
    const those = found.filter(({ value }) => value.some(({ hostname }) => matches(wordOf(hostname)))).map(({ target }) => target.tenant.name);
    if (those.length <= 1) continue;
    const few = those.length > 3 ? `${those.slice(0, 2).join(', ')} and ${those.length - 2} more tenants` : those.join(', ');
    throw usage(
      'which',
      `several tenants have an endpoint \`${text}\`: ${few}; nothing was changed`,
      'Say `--tenant NAME`, or `--tenant "*"` for all of them, or give its id.',
    );
  }
}

function isGlob(text: string): boolean {
  return /[*?]/.test(text);
}

/** As few calls as possible: ids are asked for by id, a single host name by its beginning, of which Central looks at ten characters. */
function queriesOf({ ids, names, query }: EndpointChoice): readonly EndpointQuery[] {
  if (ids.size > 0 && names.length === 0) return [...inChunks([...ids])].map((some) => ({ ...query, ids: some }));
  const [only] = names;
  if (ids.size === 0 && only && names.length === 1) {
    const start = only.text.split(/[*?]/)[0]?.slice(0, 10) ?? '';
    if (/^[\w-]{3,}$/.test(start)) return [{ ...query, hostnameContains: start }];
  }
  return [query];
}

function isNamed({ ids, names }: EndpointChoice, { id, hostname }: Endpoint, seen: Set<string>): boolean {
  if (ids.size === 0 && names.length === 0) return true;
  let isOne = ids.has(id.toLowerCase());
  if (isOne) seen.add(id.toLowerCase());
  for (const { text, matches } of names) {
    if (!matches(wordOf(hostname))) continue;
    seen.add(text);
    isOne = true;
  }
  return isOne;
}

/** An endpoint, as the log and the tables name it. */
export function endpointObject({ id, hostname }: Endpoint): ActedOn {
  return { kind: 'endpoint', id, name: wordOf(hostname) };
}

/** What was named and is nowhere. */
export function missingEndpoints({ missing, unread }: ChosenEndpoints, action: string): readonly LeftOut[] {
  const reason = unread.length > 0 ? 'no tenant that could be asked has it' : 'no tenant has such an endpoint';
  return missing.map((text) => ({
    tenant: { id: '', name: '' },
    action,
    object: { kind: 'endpoint', id: isId(text) ? text : '', name: isId(text) ? '' : text },
    reason,
    isFailure: true,
  }));
}

/** Some endpoints tell their booleans as texts (reference, 6.2). */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

/** What an administrator has asked for counts, not what an endpoint does to itself. */
export function isIsolated({ isolation }: Endpoint): boolean | null {
  if (typeof isolation?.adminIsolated === 'boolean') return isolation.adminIsolated;
  return isolation?.status === undefined || isolation.status === null ? null : isolation.status === 'isolated';
}
