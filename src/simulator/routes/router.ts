import type { Route } from './route.ts';

/** A route that fits a request, and what stands in its placeholders. */
export interface Match {
  readonly route: Route;
  readonly ids: Readonly<Record<string, string>>;
}

interface Node {
  readonly fixed: Map<string, Node>;
  open: Node | null;
  readonly routes: Map<string, Route>;
}

/** Finds routes by method and path; a word that stands in a path goes before a placeholder. */
export class Router {
  readonly #root: Node = node();
  /** Every route, in the order of the list. */
  readonly all: readonly Route[];

  constructor(routes: readonly Route[]) {
    this.all = routes;
    for (const route of routes) {
      let at = this.#root;
      for (const step of stepsOf(route.path)) {
        if (step.startsWith('{')) at = at.open ??= node();
        else {
          const next = at.fixed.get(step) ?? node();
          at.fixed.set(step, next);
          at = next;
        }
      }
      if (at.routes.has(route.method)) throw new Error(`${route.method} ${route.path} is there twice`);
      at.routes.set(route.method, route);
    }
  }

  /** `null` when no route has that method and path. */
  find(method: string, path: string): Match | null {
    const steps = stepsOf(path);
    const end = walk(this.#root, steps, 0, method);
    const route = end?.routes.get(method);
    if (!route) return null;
    const ids: Record<string, string> = {};
    for (const [i, step] of stepsOf(route.path).entries()) if (step.startsWith('{')) ids[step.slice(1, -1)] = decoded(steps[i] as string);
    return { route, ids };
  }
}

function walk(at: Node, steps: readonly string[], i: number, method: string): Node | null {
  const step = steps[i];
  if (step === undefined) return at.routes.has(method) ? at : null;
  const fixed = at.fixed.get(step);
  return (fixed ? walk(fixed, steps, i + 1, method) : null) ?? (at.open ? walk(at.open, steps, i + 1, method) : null);
}

function node(): Node {
  return { fixed: new Map(), open: null, routes: new Map() };
}

function stepsOf(path: string): readonly string[] {
  return path.split('/').slice(1);
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch (error) {
    if (error instanceof URIError) return step;
    throw error;
  }
}
