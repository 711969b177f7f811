/** What is wrong with a document by ECS 8.11 and by the mapping of Elastic's integration, one line for each finding; written from the fixtures alone. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';

const fixture = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8'));

export interface Ecs {
  readonly fields: Readonly<Record<string, string>>;
  readonly kinds: readonly string[];
  readonly outcomes: readonly string[];
  readonly types: readonly string[];
  readonly categories: Readonly<Record<string, readonly string[]>>;
  readonly osTypes: readonly string[];
  readonly directions: readonly string[];
  readonly macPattern: string;
}

export const ecsFacts: Ecs = fixture('ecs-8.11.json');
/** The fields below `sophos_central` that the integration maps, with their types. */
export const integration: Readonly<Record<'event' | 'alert', Readonly<Record<string, string>>>> = fixture('elastic-sophos-central.json');

export type Document = Readonly<Record<string, unknown>>;

/** Every leaf by its path; a list is a leaf of its elements, and objects within it are looked into. */
export function leavesOf(value: unknown, path = ''): [path: string, value: unknown][] {
  if (Array.isArray(value)) return value.some((each) => typeof each === 'object') ? value.flatMap((each) => leavesOf(each, path)) : [[path, value]];
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function isOf(type: string, value: unknown): boolean {
  switch (type) {
    case 'long':
      return Number.isSafeInteger(value);
    case 'ip':
      return typeof value === 'string' && isIP(value) > 0;
    case 'date':
      return typeof value === 'string' && iso.test(value) && !Number.isNaN(Date.parse(value));
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return typeof value === 'string' && value !== '';
  }
}

function ownOf(fields: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function leafFindings(path: string, value: unknown): string[] {
  const [, kind = '', own = ''] = /^sophos_central\.([^.]+)\.(.+)$/.exec(path) ?? [];
  if (path.startsWith('sophos_central.')) {
    const type = kind === 'event' || kind === 'alert' ? ownOf(integration[kind], own) : undefined;
    if (value === null || value === '') return [`${path}: is empty`];
    if (type === undefined) return path === 'sophos_central.fetched_at' && !isOf('date', value) ? [`${path}: is no date`] : [];
    return [value].flat().every((each) => isOf(type, each)) ? [] : [`${path}: is no ${type}`];
  }
  const declared = ownOf(ecsFacts.fields, path.startsWith('labels.') ? 'labels' : path);
  if (declared === undefined) return [`${path}: is no field of ECS`];
  const isList = declared.endsWith('[]');
  if (isList !== Array.isArray(value)) return [`${path}: ${isList ? 'is no list' : 'is a list'}`];
  const type = declared.replace('[]', '');
  const wrong = [value].flat().filter((each) => !isOf(type, each));
  if (isList && (value as unknown[]).length === 0) return [`${path}: is empty`];
  return wrong.map((each) => `${path}: ${JSON.stringify(each)?.slice(0, 60)} is no ${type}`);
}

/** Findings on a line: fields, types, allowed values, and names that stand twice. */
export function ecsFindings(line: string): string[] {
  const document: Document & { readonly event?: Document } = JSON.parse(line);
  const leaves = leavesOf(document);
  const by = new Map(leaves);
  const found = leaves.flatMap(([path, value]) => leafFindings(path, value));
  for (const path of ['@timestamp', 'ecs.version', 'event.kind', 'event.category', 'event.type', 'event.id', 'event.created', 'event.dataset', 'event.module'])
    if (!by.has(path)) found.push(`${path}: is missing`);
  const among = (path: string, allowed: readonly string[]) => {
    for (const value of [by.get(path) ?? []].flat()) if (!allowed.includes(String(value))) found.push(`${path}: ${value} is not allowed`);
  };
  among('event.kind', ecsFacts.kinds);
  among('event.outcome', ecsFacts.outcomes);
  among('event.category', Object.keys(ecsFacts.categories));
  const expected = [by.get('event.category') ?? []].flat().flatMap((category) => ecsFacts.categories[String(category)] ?? []);
  among('event.type', expected);
  among('host.os.type', ecsFacts.osTypes);
  among('network.direction', ecsFacts.directions);
  const mac = new RegExp(ecsFacts.macPattern);
  for (const path of ['host.mac', 'source.mac', 'destination.mac'])
    for (const value of [by.get(path) ?? []].flat()) if (!mac.test(String(value))) found.push(`${path}: ${value} is not written as ECS does`);
  return [...found, ...repeatedNames(line).map((name) => `${name}: stands twice in one object`)];
}

/** JSON.parse takes the last of two members of one name in silence; Elasticsearch refuses the document. */
export function repeatedNames(json: string): string[] {
  const tokens = json.match(/"(?:[^"\\]+|\\.)*"|[{}:]/g) ?? [];
  const open: Set<string>[] = [];
  const repeated: string[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token !== ':' && tokens[i + 1] === ':') {
      const names = open.at(-1);
      if (names?.has(token)) repeated.push(token);
      names?.add(token);
    }
  }
  return repeated;
}
