import type { z } from '../core/schema.ts';
import { WhereFailure } from '../core/where.ts';
import { compileFilter, type RecordFilter } from './filter.ts';
import { checkOptions, complainUnknown } from './kinds.ts';
import type { RoutePlan, SinkPlan, StreamPlan } from './plan.ts';
import { presetFilter } from './presets.ts';
import type { Reading } from './reading.ts';
import { kindNamed, type Registers } from './registers.ts';
import { route as routeSchema, routes as routesSchema } from './sections.ts';
import { formatNames, streamNames } from './served.ts';
import type { Path, Tree } from './source.ts';
import { didYouMean } from './suggest.ts';

type Written = z.output<typeof routeSchema>;

export interface RoutesInput {
  readonly registers: Registers;
  readonly streams: readonly StreamPlan[];
  readonly sinks: ReadonlyMap<string, SinkPlan>;
}

/** Reads `routes`. Problems go to the reading. */
export async function readRoutes(reading: Reading, input: RoutesInput): Promise<readonly RoutePlan[]> {
  const written = reading.tree.routes ?? null;
  if (written === null || reading.check(routesSchema, written, ['routes']) === undefined || !Array.isArray(written)) return [];
  const plans: RoutePlan[] = [];
  const names = new Map<string, number>();
  for (const [i, value] of written.entries()) {
    const path = ['routes', i];
    const route = reading.check(routeSchema, value, path);
    const plan = route && (await readRoute(reading, path, route, value, input));
    const name = route?.name ?? route?.to;
    if (name !== undefined) checkName(reading, path, name, route?.name !== undefined, names, i);
    if (plan) plans.push(plan);
  }
  return plans;
}

async function readRoute(
  reading: Reading,
  path: Path,
  route: Written,
  value: Tree,
  { registers, streams, sinks }: RoutesInput,
): Promise<RoutePlan | undefined> {
  const from = readFrom(reading, path, route.from, streams, registers);
  const sinkIsNamed = checkSink(reading, path, route.to);
  const format = readFormat(reading, path, value, registers);
  const own = route.where === undefined ? undefined : await readWhere(reading, [...path, 'where'], route.where);
  const where = route.preset === undefined ? own : await presetFilter(route.preset, own);
  const sink = sinks.get(route.to);
  if (!sinkIsNamed || !sink || !format) return undefined;
  const everyMs = route.every ?? sink.everyMs;
  return {
    name: route.name ?? route.to,
    from,
    sink: route.to,
    format,
    start: route.start,
    ...(where === undefined ? {} : { where }),
    ...(everyMs === undefined ? {} : { everyMs }),
  };
}

function readFrom(reading: Reading, path: Path, from: string | readonly string[], streams: readonly StreamPlan[], registers: Registers): ReadonlySet<string> {
  const read = streams.map(({ kind }) => kind.name);
  const named = new Set<string>();
  const listed = typeof from === 'string' ? [{ name: from, at: [...path, 'from'] }] : from.map((name, i) => ({ name, at: [...path, 'from', i] }));
  for (const { name, at } of listed) {
    if (name === '*') for (const one of read) named.add(one);
    else if (read.includes(name)) named.add(name);
    else if (reading.hasProblemAt(['streams', name]) || reading.isUnresolved(at)) continue;
    else if (isWrittenStream(reading, name)) continue;
    else if (kindNamed(registers.streams, name)) reading.complain(at, `the stream \`${name}\` is not read`, `add \`${name}: {}\` to \`streams\``);
    else complainUnknown(reading, at, 'value', 'stream', name, registers.streams, streamNames);
  }
  return named;
}

/** A stream that is written under `streams` with a mistake of its own is told there. */
function isWrittenStream(reading: Reading, name: string): boolean {
  const { streams } = reading.tree;
  return typeof streams === 'object' && streams !== null && !Array.isArray(streams) && Object.hasOwn(streams, name);
}

function checkSink(reading: Reading, path: Path, name: string): boolean {
  const { sinks } = reading.tree;
  const known = typeof sinks === 'object' && sinks !== null && !Array.isArray(sinks) ? Object.keys(sinks) : [];
  if (known.includes(name)) return true;
  if (!reading.isUnresolved([...path, 'to'])) {
    const list = known.length === 0 ? 'add it under `sinks`' : `sinks are ${known.map((one) => `\`${one}\``).join(', ')}`;
    reading.complain([...path, 'to'], `there is no sink \`${name}\``, didYouMean(name, known) ?? list);
  }
  return false;
}

function readFormat(reading: Reading, path: Path, value: Tree, { formats }: Registers): RoutePlan['format'] | undefined {
  const written = (value as { readonly format?: Tree }).format ?? 'json';
  const at = [...path, 'format'];
  const isName = typeof written === 'string';
  const name = isName ? written : (written as { readonly type: string }).type;
  const kind = kindNamed(formats, name);
  if (name === 'csv' && !kind) {
    reading.complain(isName ? at : [...at, 'type'], 'the format `csv` is one of `get --output` alone: its head needs all records', 'a route takes `json`');
    return undefined;
  }
  if (reading.isUnresolved(isName ? at : [...at, 'type'])) return undefined;
  if (!kind) {
    complainUnknown(reading, isName ? at : [...at, 'type'], 'value', 'format', name, formats, formatNames);
    return undefined;
  }
  const { type: _type, ...options } = isName ? { type: name } : (written as { [key: string]: Tree });
  const parsed = checkOptions(reading, kind.options, options as Tree, at, ['type']);
  return parsed && { kind, options: parsed.value };
}

/** Compiles a `where`; a mistake in it becomes a problem with its column. */
export async function readWhere(reading: Reading, path: Path, text: string): Promise<RecordFilter | undefined> {
  if (reading.isUnresolved(path)) return undefined;
  try {
    return await compileFilter(text);
  } catch (error) {
    if (!(error instanceof WhereFailure)) throw error;
    reading.complain(
      path,
      `the filter cannot be read at its column ${error.offset + 1}: ${error.finding}`,
      error.suggestion ?? 'docs/configuration.md shows filters',
      { index: error.offset },
    );
    return undefined;
  }
}

function checkName(reading: Reading, path: Path, name: string, isOwn: boolean, names: Map<string, number>, index: number): void {
  const first = names.get(name);
  if (first === undefined) {
    names.set(name, index);
    return;
  }
  const { line } = reading.placeOf(['routes', first]);
  const where = line === null ? `routes[${first}]` : `the route on line ${line}`;
  if (isOwn) reading.complain([...path, 'name'], `the name \`${name}\` is taken by ${where}`, 'choose another');
  else
    reading.complain(
      [...path, 'to'],
      `a second route to one sink must carry its own \`name\`: \`${name}\` is taken by ${where}`,
      `add \`name: ${name}-2\`, or a better one`,
    );
}
