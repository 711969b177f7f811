import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { isUuid, searchOf } from './asking.ts';
import { shapedIn } from './body.ts';
import { type Family, heldBy, iso, lists, listsAll, many, shows } from './family.ts';
import { type Holder, idIn } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

/** The two query APIs differ in names only, as far as saved queries go. */
export type QueryApi = 'live-discover' | 'xdr-query';

const CATEGORIES = ['Threat hunting', 'Compliance', 'Device', 'Network', 'Processes'] as const;
const DATA_TYPES = ['double', 'integer', 'text', 'dateTime', 'boolean'] as const;
const PIVOTS = ['deviceId', 'deviceName', 'sophosPid', 'ipAddress', 'username', 'sha256', 'filePath', 'registryKey', 'url'] as const;
/** Name and SQL; what stands between two double dollars is a variable. */
const QUERIES = [
  ['Processes by parent', "select name, pid, path from processes where parent_name = '$$parent$$'"],
  ['Listening ports', 'select name, port, protocol from listening_ports'],
  ['Uptime of devices', 'select hostname, days, hours from uptime'],
  ['Recent sign-ins', "select username, address, time from logins where username like '$$person$$'"],
  ['Scheduled tasks', 'select name, path, enabled from scheduled_tasks'],
  ['Installed programs', "select name, version, publisher from programs where name like '%$$program$$%'"],
  ['Files with a hash', "select path, sha256, size from files where sha256 = '$$sha256$$'"],
  ['Disk space', 'select device, path, free from mounts'],
] as const;

function categoriesOf(api: QueryApi): Family {
  return {
    name: `${api} categories`,
    make: (holder) =>
      many(holder, `${api} categories`, CATEGORIES.length, (i, _random, id) => ({
        id,
        name: CATEGORIES[i],
        code: `${api}.${String(CATEGORIES[i]).toLowerCase().replace(' ', '-')}`,
        description: `Queries about ${String(CATEGORIES[i]).toLowerCase()}.`,
        type: 'canned',
        queryCount: Array.from({ length: QUERIES.length * 3 }).filter((_, k) => k % CATEGORIES.length === i).length,
        createdAt: iso(holder.tenant.bornAt - 400 * 86_400_000),
      })),
  };
}

function queriesOf(api: QueryApi): Family {
  return {
    name: `${api} queries`,
    make: (holder) => many(holder, `${api} queries`, QUERIES.length * 3, (i, random, id) => madeQuery(holder, api, i, random, id)),
  };
}

function madeQuery(holder: Holder, api: QueryApi, i: number, random: () => number, id: string): Item {
  const [name, template] = QUERIES[i % QUERIES.length] ?? QUERIES[0];
  const times = { averageExecutionTimeInMillis: 20 + Math.floor(random() * 900), averageDataTransferredInBytes: Math.floor(random() * 100_000) };
  return {
    id,
    name: i < QUERIES.length ? name : `${name} (${Math.floor(i / QUERIES.length) + 1})`,
    code: `${api}.query-${i}`,
    description: `${name}.`,
    template,
    variables: variablesOf(template).map((variable) => ({ name: variable, dataType: 'text' })),
    ...(api === 'live-discover'
      ? { supportedOSes: i % 3 === 0 ? ['windowsComputer', 'windowsServer'] : ['windowsComputer', 'linuxServer', 'macOSComputer'] }
      : {}),
    categories: [{ id: idIn(holder, `${api} categories`, i % CATEGORIES.length) }],
    ...(api === 'live-discover' ? { performance: { score: 'excellent', ...times } } : {}),
    type: 'canned',
    createdAt: iso(holder.tenant.bornAt - 300 * 86_400_000),
  };
}

export function variablesOf(template: string): readonly string[] {
  return [...new Set([...template.matchAll(/\$\$([^$]+)\$\$/g)].map(([, name]) => String(name)))];
}

/** What a run is to do, read from its body: the saved query or one of its own, with a value for each variable. */
export interface Wanted {
  readonly name: string;
  readonly template: string;
  readonly facts: Item;
}

export function wantedIn(asked: Asked, api: QueryApi, body: Item, shortest: number): Wanted {
  if ((body.savedQuery === undefined) === (body.adHocQuery === undefined)) throw new Refused(400, 'either savedQuery or adHocQuery is required');
  const { name, template, facts } = body.savedQuery === undefined ? ownQuery(body.adHocQuery, shortest) : savedQuery(asked, api, body.savedQuery);
  const variables = (Array.isArray(body.variables) ? body.variables : []).map((one) =>
    shapedIn(one, { name: 'text!', dataType: DATA_TYPES, value: 'text', pivotType: PIVOTS }, 'variables'),
  );
  for (const variable of variablesOf(template))
    if (!variables.some((one) => String(one.name).replaceAll('$$', '') === variable)) throw new Refused(400, `the variable ${variable} has no value`);
  return { name, template, facts: { ...facts, name, template, variables } };
}

function ownQuery(value: unknown, shortest: number): Wanted {
  const body = shapedIn(value, { name: 'text', template: 'long!' }, 'adHocQuery');
  const template = String(body.template);
  const name = String(body.name ?? 'Untitled');
  if (template.length < shortest || template.length > 50_000) throw new Refused(400, `template takes ${shortest} to 50000 characters`);
  if (name.length === 0 || name.length > 300) throw new Refused(400, 'name takes 1 to 300 characters');
  if (!isStatement(template)) throw new Refused(400, 'template is no SQL query');
  return { name, template, facts: {} };
}

/** Begins as a query does, and closes what it opens. */
function isStatement(sql: string): boolean {
  const bare = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '');
  const open = bare.split('(').length;
  return /^\s*(select|with)\b/i.test(bare) && !/['"]/.test(bare) && open === bare.split(')').length;
}

function savedQuery(asked: Asked, api: QueryApi, value: unknown): Wanted {
  const { queryId, categoryId } = shapedIn(value, { queryId: 'uuid!', categoryId: 'uuid' }, 'savedQuery');
  const query = heldBy(queriesOf(api), asked).get(String(queryId).toLowerCase());
  if (query === undefined) throw new Refused(404);
  const category = categoryId === undefined ? undefined : heldBy(categoriesOf(api), asked).get(String(categoryId).toLowerCase());
  if (categoryId !== undefined && category === undefined) throw new Refused(404);
  const brief = ({ id, name, code }: Item) => ({ id, name, code });
  const facts = { query: brief(query), ...(category === undefined ? {} : { category: brief(category) }) };
  return { name: String(query.name), template: String(query.template), facts };
}

/** The words of the select list, when it is one of plain names; otherwise the usual columns. */
export function columnsOf(template: string): readonly string[] {
  const [, list = ''] = /^\s*select\s+(?:distinct\s+)?(.*?)\s+from\b/is.exec(template) ?? [];
  const words = list.split(',').map((word) => /(?:^|\.|\s)"?([A-Za-z_]\w*)"?$/.exec(word.trim())?.[1]);
  const known = words.flatMap((word) => (word === undefined ? [] : [word]));
  return known.length === words.length && known.length > 0 ? [...new Set(known)] : ['name', 'pid', 'path'];
}

/** One row of results: texts, and numbers where the column is named like one. */
export function rowOf(columns: readonly string[], random: () => number): Item {
  return Object.fromEntries(
    columns.map((column) => [column, typeOf(column) === 'integer' ? Math.floor(random() * 65_536) : `${column}-${Math.floor(random() * 1000)}`]),
  );
}

export function typeOf(column: string): 'integer' | 'text' {
  return /^(pid|port|size|free|days|hours|count|.*_id)$/i.test(column) ? 'integer' : 'text';
}

function narrowed(asked: Asked): (item: Item) => boolean {
  const categoryId = parameterOf(asked.query, 'categoryId')?.toLowerCase();
  if (categoryId !== undefined && !isUuid(categoryId)) throw new Refused(400, 'categoryId is not a UUID');
  const found = searchOf(asked, { name: (item) => [item.name], description: (item) => [item.description], template: (item) => [item.template] });
  const isIn = (item: Item) => Array.isArray(item.categories) && item.categories.some((one) => Reflect.get(Object(one), 'id') === categoryId);
  return (item) => (categoryId === undefined || isIn(item)) && found(item);
}

/** Saved queries and their categories. */
export function savedQueryRoutes(api: QueryApi): readonly Route[] {
  return [
    route(`GET /${api}/v1/queries/categories`, listsAll(categoriesOf(api))),
    route(`GET /${api}/v1/queries/categories/{categoryId}`, shows(categoriesOf(api), 'categoryId')),
    route(`GET /${api}/v1/queries`, lists(queriesOf(api), narrowed)),
    route(`GET /${api}/v1/queries/{queryId}`, shows(queriesOf(api), 'queryId')),
  ];
}
