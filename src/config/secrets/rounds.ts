import type { Tree } from '../source.ts';
import { type Complain, type Resolved, resolvePlaceholders } from './placeholders.ts';
import { openLocalProviders, openProviders, type ProvidersInput } from './providers.ts';
import { secrets as section } from './section.ts';

/**
 * Replaces every placeholder of a configuration, in two rounds: first those of `secrets`, from sources that need no settings;
 * then, with these settings, all others.
 *
 * Shape    what `resolvePlaceholders` makes of the whole tree.
 */
export async function resolveInRounds(tree: Tree, input: ProvidersInput, complain: Complain, signal: AbortSignal): Promise<Resolved> {
  const isMap = typeof tree === 'object' && tree !== null && !Array.isArray(tree);
  const { secrets: written, ...rest } = isMap ? tree : {};
  if (!isMap || written === undefined || written === null) {
    const { data } = section.safeParse({});
    return resolvePlaceholders(tree, openProviders({ ...input, settings: data ?? null }), complain, signal);
  }
  const first = await resolvePlaceholders(written, openLocalProviders(input), complain, signal, ['secrets']);
  const parsed = section.safeParse(first.tree);
  // With half of the settings, the wrong one might be asked, as somebody else.
  const settings = parsed.success && first.unresolved.size === 0 ? parsed.data : null;
  const second = await resolvePlaceholders(rest, openProviders({ ...input, settings }), complain, signal);
  return {
    tree: { ...(second.tree as { [key: string]: Tree }), secrets: first.tree },
    sealed: new Set([...first.sealed, ...second.sealed]),
    unresolved: new Set([...first.unresolved, ...second.unresolved]),
    values: [...new Set([...first.values, ...second.values])],
  };
}
