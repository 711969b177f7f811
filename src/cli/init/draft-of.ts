import { kindNamed, type Registers } from '../../config/registers.ts';
import type { Tree } from '../../config/source.ts';
import { spell } from '../../core/schema.ts';
import { type Draft, schemaLine } from '../draft.ts';
import { visible } from '../output/visible.ts';
import { wrap } from '../output/width.ts';
import type { Answers, SinkAnswer } from './answers.ts';

/** What a draft says beside the answers. */
export interface DraftSurroundings {
  readonly registers: Registers;
  /** Of the JSON Schema, as the first line names it; `null`: no such line. */
  readonly schema: string | null;
  /** Of tenants that are named by their id. */
  readonly tenantNames?: ReadonlyMap<string, string>;
}

type Fields = { readonly [key: string]: Tree };

/** The configuration that does what was answered, commented; what else could be said stands below it as examples. */
export function draftOf(answers: Answers, around: DraftSurroundings): Draft {
  const { central, tenants, streams, sinks } = answers;
  const isAll = tenants.exclude.length === 0 && tenants.include.length === 1 && tenants.include[0] === '*';
  const chosen = kindsOf(streams, around.registers);
  const tree: { [section: string]: Tree } = {
    central: { ...central },
    ...(answers.secrets === undefined ? {} : { secrets: answers.secrets }),
    ...(isAll ? {} : { tenants: { include: [...tenants.include], ...(tenants.exclude.length === 0 ? {} : { exclude: [...tenants.exclude] }) } }),
    streams: Object.fromEntries(chosen.map(({ name, every }) => [name, every === undefined ? {} : { every }])),
    ...(sinks.length === 0
      ? {}
      : {
          sinks: Object.fromEntries(sinks.map(({ name, type, options }) => [name, { type, ...options }])),
          routes: sinks.map(({ name, format }) => ({ from: '*', to: name, format })),
        }),
    state: './sophos-central-state',
  };
  return { head: headOf(around.schema), tree, comments: commentsOf(answers, around), tail: tailOf(answers, isAll) };
}

function headOf(schema: string | null): readonly string[] {
  return [
    ...(schema === null ? [] : [schemaLine(schema)]),
    'Written by `sophos-central init`; `sophos-central config check` checks it.',
    'No secret stands here: ${env:NAME} and the like say where they are.',
  ];
}

interface Chosen {
  readonly name: string;
  readonly summary: string | undefined;
  readonly every: string | undefined;
}

function kindsOf(names: readonly string[], { streams }: Registers): readonly Chosen[] {
  return names.map((name) => {
    const kind = kindNamed(streams, name);
    return { name, summary: kind?.summary, every: kind === undefined ? undefined : spell(kind.everyMs) };
  });
}

function commentsOf({ streams, sinks, tenants }: Answers, { registers, tenantNames = new Map() }: DraftSurroundings): Readonly<Record<string, string>> {
  const named = tenants.include.flatMap((id) => {
    const name = tenantNames.get(id);
    return name === undefined ? [] : [`${id}  ${oneLine(name)}`];
  });
  const section: Record<string, string> = {
    central: 'The account: one API credential.',
    tenants: ['Which tenants are read: ids, names or globs of names.', ...named].join('\n'),
    'central.clientSecret': 'Where the secret is, and not the secret itself.',
    'central.siemToken': 'Where the token is, and not the token itself.',
    streams: 'What is read from each tenant, and how often.',
    sinks: 'Where records go. Options that are not named have defaults.',
    routes: 'Which streams go to which sink, and how they are written; "*" is all of them.',
    state: 'The journal, and how far each stream has been read: on a local disk.',
  };
  for (const { name, summary } of kindsOf(streams, registers)) if (summary !== undefined) section[`streams.${name}`] = oneSentence(summary);
  for (const { name, type } of sinks) {
    const summary = kindNamed(registers.sinks, type)?.summary;
    if (summary !== undefined) section[`sinks.${name}`] = oneSentence(summary);
  }
  return section;
}

/** Examples of what else could be said: without the first blank and `#` they are right as they stand. */
function tailOf({ central, streams, sinks }: Answers, isAll: boolean): readonly string[] {
  const more = !streams.includes('alerts') && central.siemToken === undefined;
  const first = sinks[0]?.name ?? 'archive';
  return [
    'More that can be said; without the `#` it holds:',
    '',
    ...(isAll ? ['tenants: { exclude: ["Trial *"], labels: { "Acme*": { index: acme } } }'] : []),
    'journal: { keep: 24h, maxSize: 20GB, minFree: 1GB, whenFull: pause }',
    'log: { level: info, file: sophos-central.log, rotate: { size: 50MB } }',
    '',
    'Below `central`, the allowance of the credential and a proxy:',
    '  rateLimits: { second: 10, minute: 100, hour: 1000, day: 200000 }',
    '  proxy: http://proxy.example.com:3128',
    ...(more ? ['Below `streams`, alerts of all products, with their changes:', '  alerts: { every: 5m, days: 1 }'] : []),
    'Below `routes`, a second one to the same sink, with a name and a filter:',
    `  - { name: urgent, from: "*", to: ${first}, where: 'severity >= "high"' }`,
  ];
}

/** A summary as a comment that a terminal of 80 columns does not break. */
function oneSentence(summary: string): string {
  return wrap(`${summary}.`, 72).join('\n');
}

/** A name from outside, short and on one line. */
function oneLine(text: string): string {
  const shown = visible(text);
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}

/** A name for a sink of that kind that none of the others has. */
export function freeName(type: string, others: readonly Pick<SinkAnswer, 'name'>[]): string {
  const wish = usualNames[type] ?? type;
  const taken = new Set(others.map(({ name }) => name));
  for (let i = 2, name = wish; ; i++) {
    if (!taken.has(name)) return name;
    name = `${wish}-${i}`;
  }
}

/** Where the kind's own name is not how people speak of it. */
const usualNames: Readonly<Record<string, string>> = { file: 'archive', 'splunk-hec': 'splunk', email: 'mail', http: 'webhook', stdout: 'print' };

/** The same answers with other texts in place of theirs; for placeholders. */
export function replaceTexts(value: Fields, replace: (text: string) => string): Fields;
export function replaceTexts(value: Tree, replace: (text: string) => string): Tree;
export function replaceTexts(value: Tree, replace: (text: string) => string): Tree {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((each) => replaceTexts(each, replace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaceTexts(each, replace)]));
}
