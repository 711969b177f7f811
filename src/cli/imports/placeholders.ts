/** The secrets of a draft: what stands in their places when it is written, when it is checked, and when it is used at once. */
import type { Env } from '../../config/find.ts';
import type { Tree } from '../../config/source.ts';
import type { Draft } from '../draft.ts';
import type { FoundSecret } from './takeover.ts';

/** A draft, and the environment in which it can be read; neither is ever written. */
export interface Readable {
  readonly draft: Draft;
  readonly env: Env;
}

/** The draft with other texts in some places, by dotted path such as `sinks.splunk.token`. A place that is not there yet is made. */
export function withTexts(draft: Draft, texts: Readonly<Record<string, string>>): Draft {
  const tree: { [section: string]: Tree } = { ...draft.tree };
  for (const [at, text] of Object.entries(texts)) put(tree, at.split('.'), text);
  return { ...draft, tree };
}

/** Each map on the way is copied: a draft is a value. */
function put(map: { [key: string]: Tree }, [key = '', ...rest]: readonly string[], text: string): void {
  if (rest.length === 0) {
    map[key] = text;
    return;
  }
  const inner = Object.hasOwn(map, key) ? map[key] : undefined;
  const copy: { [key: string]: Tree } = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  map[key] = copy;
  put(copy, rest, text);
}

/** The draft as it can be read now: each secret that was found comes from an environment that only this process has. */
export function readable(draft: Draft, secrets: readonly FoundSecret[], env: Env): Readable {
  const texts: Record<string, string> = {};
  const more: Record<string, string> = {};
  secrets.forEach(({ at, value }, i) => {
    const name = `SOPHOS_CENTRAL_IMPORTED_${i}`;
    texts[at] = `\${env:${name}}`;
    more[name] = value.reveal();
  });
  return { draft: withTexts(draft, texts), env: { ...env, ...more } };
}

/** The same, and what lies in stores elsewhere is not asked for: to check the form of a draft without calling anybody. */
export function readableOffline(draft: Draft, secrets: readonly FoundSecret[], env: Env): Readable {
  const mine = readable(draft, secrets, env);
  const name = 'SOPHOS_CENTRAL_NOT_ASKED';
  return {
    draft: {
      ...mine.draft,
      tree: mapTexts(mine.draft.tree, (text) => text.replace(/(?<!\$)\$\{(?!env:SOPHOS_CENTRAL_)[a-z][a-z0-9-]*:[^{}]*\}/g, `\${env:${name}}`)),
    },
    env: { ...mine.env, [name]: 'not-asked' },
  };
}

function mapTexts(tree: { readonly [section: string]: Tree }, change: (text: string) => string): { [section: string]: Tree } {
  const walk = (value: Tree): Tree => {
    if (typeof value === 'string') return change(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, walk(member)]));
  };
  return Object.fromEntries(Object.entries(tree).map(([key, member]) => [key, walk(member)]));
}
