/** What `init` has to know, wherever it comes from: questions, the environment, or a file of answers. */
import type { Tree } from '../../config/source.ts';
import type { Secret } from '../../core/world.ts';

/** The account, as the section `central` will say it: secrets are placeholders. */
export type CentralAnswer = { readonly [key: string]: Tree };

/** Which tenants are read, as ids, names or globs. */
export interface TenantsAnswer {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** One destination; its route takes every stream that is read. */
export interface SinkAnswer {
  /** Its name in the configuration. */
  readonly name: string;
  readonly type: string;
  /** As they will stand in the file: secrets are placeholders. */
  readonly options: { readonly [key: string]: Tree };
  /** A format, or `{ type: format, ...options }`. */
  readonly format: Tree;
}

export interface Answers {
  readonly central: CentralAnswer;
  readonly tenants: TenantsAnswer;
  readonly streams: readonly string[];
  readonly sinks: readonly SinkAnswer[];
  readonly keep: Keep;
  /** Where secrets are asked for: the section `secrets`, as it will stand in the file. */
  readonly secrets?: Tree;
}

/** How the service is kept running. */
export const keeps = ['systemd', 'cron', 'windows', 'container', 'none'] as const;
export type Keep = (typeof keeps)[number];

/** What is there without being said; the page docs/first-steps.md names it. */
export const usualKeep: Keep = process.platform === 'win32' ? 'windows' : process.platform === 'linux' ? 'systemd' : 'cron';

export const allTenants: TenantsAnswer = { include: ['*'], exclude: [] };

/** Files need nobody else, so they are what is offered first. */
export const usualSink: SinkAnswer = {
  name: 'archive',
  type: 'file',
  options: { path: 'out/{tenant.name}/{stream}-{date}.ndjson' },
  format: 'json',
};

/** What a placeholder stands for, by its whole text: only in memory, for the live checks. */
export type Typed = ReadonlyMap<string, Secret>;

/**
 * Where secrets will be when the service runs.
 *
 * env      a variable of the environment
 * file     a file of the user's, which we do not write
 * keyring  the operating system's key store, in which we put it when the configuration is written
 * other    a placeholder that the user types
 */
export const secretPlaces = ['env', 'keyring', 'file', 'other'] as const;
export type SecretPlace = (typeof secretPlaces)[number];

/** `${env:NAME}` */
export const fromEnv = (name: string) => `\${env:${name}}`;

/** Is the whole text one placeholder? */
export const isPlaceholder = (text: string) => /^\$\{[a-z][a-z0-9-]*:[^{}]+\}$/.test(text);

/** The variable for a secret of a sink, such as `SPLUNK_TOKEN`. */
export function variableFor(sink: string, key: string): string {
  const words = `${sink}_${key.replace(/\B[A-Z]/g, '_$&')}`;
  return words
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^(?=\d)/, '_');
}

/** Every placeholder of the kind in the answers, such as the variables that must be set; in order, each once. */
export function placeholdersIn({ central, sinks }: Pick<Answers, 'central' | 'sinks'>, scheme: string): readonly string[] {
  const found = new Set<string>();
  const form = new RegExp(`(?<!\\$)\\$\\{${scheme}:([^{}]+)\\}`, 'g');
  const walk = (value: unknown): void => {
    if (typeof value === 'string') for (const [, name = ''] of value.matchAll(form)) found.add(name.trim());
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  walk(central);
  walk(sinks);
  return [...found];
}
