/** A plan out of a configuration with mistakes: what is wrong is taken out until the rest is right. In memory only. */
import { stringify } from 'yaml';
import { type LoadInput, loadConfig } from '../../config/load.ts';
import type { Plan } from '../../config/plan.ts';
import { ConfigProblems, type Problem } from '../../config/problems.ts';
import type { Tree } from '../../config/source.ts';
import { Failure } from '../../core/failure.ts';

export interface Salvaged {
  readonly plan: Plan | null;
  /** What was taken out, as `sinks.splunk`. */
  readonly leftOut: readonly string[];
}

/** What is taken out can make something else wrong: a route of a sink, for example. */
const rounds = 8;
const credentials: readonly string[] = ['clientId', 'clientSecret', 'siemToken'];

type Mapping = { [key: string]: Tree };

export interface Wreck {
  readonly tree: Tree;
  readonly file: string | null;
  readonly problems: readonly Problem[];
  /** Dotted paths of texts with placeholders. */
  readonly sealed: readonly string[];
  readonly input: LoadInput;
}

export async function salvage({ tree, file, problems: first, sealed, input }: Wreck, signal: AbortSignal): Promise<Salvaged> {
  if (!isMapping(tree)) return { plan: null, leftOut: [] };
  const rest = structuredClone(tree);
  const leftOut = new Set<string>();
  let env = { ...input.env };
  let overrides = input.overrides ?? {};
  let problems = first;
  for (let round = 0; round < rounds; round++) {
    for (const { path } of problems) {
      if (path.startsWith('--state')) leftOut.add('state');
      if (path.startsWith('--')) overrides = {};
      else if (/^SOPHOS_\w+$/.test(path)) env = { ...env, [path]: undefined };
      else {
        const taken = takeOut(rest, path);
        if (taken === null) return { plan: null, leftOut: [...leftOut] };
        leftOut.add(taken);
        // Otherwise another credential would be examined than the one that is meant.
        if (taken === 'central') env = { ...env, SOPHOS_CLIENT_ID: undefined, SOPHOS_CLIENT_SECRET: undefined };
      }
    }
    dropEmptyPlaces(rest);
    try {
      const plan = await loadConfig({ ...input, ...(file === null ? {} : { file }), env, overrides, text: stringify(rest), credentials: 'optional' }, signal);
      return { plan, leftOut: [...leftOut] };
    } catch (error) {
      problems = problemsOf(error, sealed);
    }
  }
  return { plan: null, leftOut: [...leftOut] };
}

/** The mistakes that reading ended with. Of a secret that cannot be had just now, the text that asks for it is the place. */
export function problemsOf(error: unknown, sealed: readonly string[]): readonly Problem[] {
  if (error instanceof ConfigProblems) return error.problems;
  if (!(error instanceof Failure) || !/^secret\./.test(error.code)) throw error;
  const path = sealed.find((each) => error.message.includes(`: ${each}: `)) ?? '';
  return [{ path, file: null, line: null, column: null, message: error.message, suggestion: error.advice ?? null }];
}

/** Takes out the smallest part that can go; `null` when there is nothing to take out. */
function takeOut(rest: Mapping, path: string): string | null {
  const [, top = '', name, index, quoted] = /^([\w-]+)(?:\.([\w@$*-]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])?/.exec(path) ?? [];
  const section = rest[top];
  if (section === undefined) return null;
  const key = name ?? (quoted === undefined ? undefined : String(JSON.parse(quoted)));
  if (Array.isArray(section) && index !== undefined) {
    section[Number(index)] = null;
    return `${top}[${index}]`;
  }
  const isNamed =
    ['sinks', 'streams', 'accounts', 'defaults', 'log', 'journal', 'intelix'].includes(top) || (top === 'central' && !credentials.includes(key ?? ''));
  if (isNamed && key !== undefined && isMapping(section) && key in section) {
    delete section[key];
    if (top === 'sinks') forgetRoutesTo(rest, key);
    return `${top}.${key}`;
  }
  delete rest[top];
  return top;
}

function forgetRoutesTo(rest: Mapping, sink: string): void {
  if (!Array.isArray(rest.routes)) return;
  rest.routes = rest.routes.map((route) => (isMapping(route) && route.to === sink ? null : route));
}

/** Elements are taken out at the end, so that those behind keep their number; lists and maps that are empty now would be mistakes. */
function dropEmptyPlaces(rest: Mapping): void {
  for (const key of ['routes', 'actions']) {
    const list = rest[key];
    if (!Array.isArray(list)) continue;
    const left = list.filter((each) => each !== null);
    if (left.length === 0) delete rest[key];
    else rest[key] = left;
  }
  for (const key of ['accounts', 'streams', 'sinks']) {
    const map = rest[key];
    if (isMapping(map) && Object.keys(map).length === 0) delete rest[key];
  }
}

function isMapping(value: Tree | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
