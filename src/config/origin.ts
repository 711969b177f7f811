/** Where each value of the configuration in force comes from. */
import type { Env } from './find.ts';
import type { Path, Source, Tree } from './source.ts';

export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number | null; readonly column: number | null }
  /** A text of the file with placeholders; `name` is these, as they are written. */
  | { readonly kind: 'placeholder'; readonly file: string; readonly line: number | null; readonly column: number | null; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'option'; readonly name: string }
  | { readonly kind: 'default' };

export interface Origins {
  readonly source: Source;
  readonly env: Env;
  /** Options of the command line by the dotted path of what they set. */
  readonly options: Readonly<Record<string, string>>;
}

/** Variables that beat the file. */
const beating: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  central: { authUrl: 'SOPHOS_CENTRAL_AUTH_URL', apiUrl: 'SOPHOS_CENTRAL_API_URL' },
  intelix: { authUrl: 'SOPHOS_INTELIX_AUTH_URL', apiUrl: 'SOPHOS_INTELIX_API_URL' },
};

/** Variables that stand in for what the file leaves out; an account among several has none. */
const completing: typeof beating = {
  central: { clientId: 'SOPHOS_CLIENT_ID', clientSecret: 'SOPHOS_CLIENT_SECRET' },
  intelix: { clientId: 'SOPHOS_INTELIX_CLIENT_ID', clientSecret: 'SOPHOS_INTELIX_CLIENT_SECRET' },
};

/** Tells of the path of a leaf of the configuration in force where its value comes from. */
export function openOrigins({ source, env, options }: Origins): (path: Path) => Origin {
  const isSet = (name: string | undefined): name is string => name !== undefined && Object.hasOwn(env, name) && env[name] !== '' && env[name] !== undefined;
  return (path) => {
    const option = options[path.join('.')];
    if (option !== undefined) return { kind: 'option', name: option };
    const [section, key] =
      path[0] === 'accounts' ? (['central', path.length === 3 ? path[2] : ''] as const) : ([path[0], path.length === 2 ? path[1] : ''] as const);
    const stronger = beating[String(section)]?.[String(key)];
    if (isSet(stronger)) return { kind: 'environment', name: stronger };
    const written = writtenAt(source.tree, path);
    if (written !== undefined && written !== null && source.file !== null) return fileOrigin(source, source.file, path, written);
    const weaker = path[0] === 'accounts' ? undefined : completing[String(section)]?.[String(key)];
    return isSet(weaker) ? { kind: 'environment', name: weaker } : { kind: 'default' };
  };
}

function fileOrigin(source: Source, file: string, path: Path, written: Tree): Origin {
  const place = { file, ...source.locate(path, 'value') };
  const names = typeof written === 'string' ? [...written.matchAll(/\$?\$\{[^{}]*\}/g)].map(([one]) => one).filter((one) => !one.startsWith('$$')) : [];
  return names.length === 0 ? { kind: 'file', ...place } : { kind: 'placeholder', ...place, name: [...new Set(names)].join(' ') };
}

/** What stands in the file at a path of what is shown. Keys that hold a secret are shown without it: then it is at least the file. */
function writtenAt(tree: Tree, path: Path): Tree | undefined {
  let at: Tree | undefined = tree;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    if (Array.isArray(at)) at = at[Number(step)];
    else if (Object.hasOwn(at, step)) at = at[step];
    else return typeof step === 'string' && step.includes('[secret]') ? true : undefined;
  }
  return at;
}

/** In a few words; `fileName` is what the file is called there. */
export function spellOrigin(origin: Origin, fileName: (file: string) => string): string {
  if (origin.kind === 'default') return 'default';
  if (origin.kind === 'environment' || origin.kind === 'option') return `${origin.kind} ${origin.name}`;
  const { file, line, column } = origin;
  const place = [fileName(file), ...(line === null ? [] : [line, ...(column === null ? [] : [column])])].join(':');
  return origin.kind === 'placeholder' ? `${place} ${origin.name}` : place;
}
