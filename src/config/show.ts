import { Document, isMap, isPair, isScalar, isSeq, type Node, stringify } from 'yaml';
import { sizeSpelt, spell } from '../core/schema.ts';
import { type MaskRules, maskTree } from './mask.ts';
import { type Origin, spellOrigin } from './origin.ts';
import type { Plan } from './plan.ts';
import { secrets } from './secrets/section.ts';
import {
  account,
  action,
  defaults as defaultsSchema,
  intelix,
  journal as journalSchema,
  log as logSchema,
  route,
  tenants as tenantsSchema,
} from './sections.ts';
import { type Shape, shapeOf } from './shape.ts';
import { dotted, type Path, type Tree } from './source.ts';

type Fields = { readonly [key: string]: Tree };
type Checked = Omit<Plan, 'shown' | 'warnings' | 'originOf'>;

/** The configuration in force as YAML: what was written, what the defaults are, secrets as `[secret]`. */
export function showConfig({ shown }: Pick<Plan, 'shown'>): string {
  return stringify(shown, { lineWidth: 0 });
}

/** Marks the comment of an empty list or map; in a text it would stand as an escape. */
const ofEmpty = '\u0001';
const emptyWithComment = new RegExp(`(?<=[:-])\\s+(\\[\\]|\\{\\})\\s+# ${ofEmpty}`, 'g');

/** The same, each value with a comment that says where it comes from; `fileName` is what a file is called there. */
export function showOrigins({ shown, originOf }: Pick<Plan, 'shown' | 'originOf'>, fileName: (file: string) => string): string {
  const document = new Document(shown);
  const walk = (node: Node | null, path: Path): void => {
    if (isMap(node) && node.items.length > 0) {
      for (const pair of node.items) if (isPair(pair) && isScalar(pair.key)) walk(pair.value as Node | null, [...path, String(pair.key.value)]);
    } else if (isSeq(node) && node.items.length > 0) node.items.forEach((item, i) => void walk(item as Node | null, [...path, i]));
    else if (node !== null && path.length > 0) {
      const told = spellOrigin(originOf(path), fileName).replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
      node.comment = isScalar(node) ? ` ${told}` : ` ${ofEmpty}${told}`;
    }
  };
  walk(document.contents as Node | null, []);
  // The library writes the comment of an empty list or map below it.
  return document.toString({ lineWidth: 0 }).replace(emptyWithComment, ' $1 # ');
}

/** Every value in force with where it comes from, in the order in which `showConfig` shows them. */
export function leavesOf({
  shown,
  originOf,
}: Pick<Plan, 'shown' | 'originOf'>): readonly { readonly path: string; readonly value: Tree; readonly origin: Origin }[] {
  const walk = (value: Tree, path: Path): ReturnType<typeof leavesOf> => {
    const inner: [string | number, Tree][] = Array.isArray(value) ? value.map((one, i) => [i, one]) : Object.entries(asMap(value));
    return inner.length === 0 ? [{ path: dotted(path), value, origin: originOf(path) }] : inner.flatMap(([step, one]) => walk(one, [...path, step]));
  };
  return Object.entries(asMap(shown as Tree)).flatMap(([key, value]) => walk(value, [key]));
}

/** What was written, masked, with the defaults that apply. */
export function shownTree(written: Tree, plan: Checked, rules: MaskRules, originOf: Plan['originOf']): Tree {
  // What an option or a variable says instead of a placeholder is no secret of the file.
  const sealed = new Set([...rules.sealed].filter((key) => originOf(JSON.parse(key) as Path).kind === 'placeholder'));
  return maskTree(completeTree(written, plan, rules), { ...rules, sealed });
}

function completeTree(written: Tree, plan: Checked, rules: MaskRules): Tree {
  const masked = asMap(maskTree(written, rules));
  const own = (key: string) => asMap(masked[key] ?? null);
  const { tenants, streams, journal, log, defaults } = plan;
  return {
    ...shownAccounts(masked, plan),
    tenants: completed({ include: [...tenants.include], exclude: [...tenants.exclude], ...own('tenants') }, tenantsSchema),
    streams: Object.fromEntries(
      streams.map(({ kind, everyMs }) => [kind.name, completed({ every: spell(everyMs), ...asMap(own('streams')[kind.name] ?? null) }, kind.options)]),
    ),
    sinks: Object.fromEntries(Object.entries(own('sinks')).map(([name, sink]) => [name, completed(sink, plan.sinks.get(name)?.kind.options ?? {})])),
    routes: listOf(masked.routes).map((one) => shownRoute(one, plan)),
    ...(plan.actions.length === 0 ? {} : { actions: listOf(masked.actions).map((one) => named(completed(one, action), asMap(one).do)) }),
    ...shownIntelix(masked, plan),
    ...(masked.secrets === undefined ? {} : { secrets: completed(masked.secrets, secrets) }),
    defaults: completed({ output: defaults.output, days: defaults.days, ...own('defaults') }, defaultsSchema),
    state: plan.statePath,
    journal: completed(
      {
        keep: spell(journal.keepMs),
        maxSize: sizeSpelt(journal.maxBytes),
        minFree: sizeSpelt(journal.minFreeBytes),
        whenFull: journal.whenFull,
        ...own('journal'),
      },
      journalSchema,
    ),
    log: completed({ ...own('log'), level: log.level, ...(log.format ? { format: log.format } : {}), ...(log.file ? { file: log.file } : {}) }, logSchema),
  };
}

function shownAccounts(masked: Fields, { accounts }: Checked): Fields {
  if (masked.accounts !== undefined) {
    const own = asMap(masked.accounts);
    return { accounts: Object.fromEntries(accounts.map((one) => [one.name, shownAccount(one, asMap(own[one.name] ?? null))])) };
  }
  const [first] = accounts;
  return first ? { central: shownAccount(first, asMap(masked.central ?? null)) } : {};
}

function shownAccount({ credentials, rateLimits, timeoutMs, authUrl, apiUrl }: Plan['accounts'][number], own: Fields): Tree {
  const shown = {
    // What came from the environment is masked like what came through a placeholder.
    ...(credentials.kind === 'client' ? { clientId: '[secret]', clientSecret: '[secret]' } : {}),
    ...own,
    ...(authUrl === null ? {} : { authUrl }),
    ...(apiUrl === null ? {} : { apiUrl }),
    rateLimits: { ...rateLimits },
    timeoutMs,
  };
  return completed(shown, account);
}

function shownIntelix(masked: Fields, { intelix: plan }: Checked): Fields {
  if (plan === null || (masked.intelix === undefined && (plan.clientId ?? plan.clientSecret ?? plan.authUrl ?? plan.apiUrl) === null)) return {};
  const shown = {
    ...(plan.clientId === null ? {} : { clientId: '[secret]' }),
    ...(plan.clientSecret === null ? {} : { clientSecret: '[secret]' }),
    ...asMap(masked.intelix ?? null),
    ...(plan.authUrl === null ? {} : { authUrl: plan.authUrl }),
    ...(plan.apiUrl === null ? {} : { apiUrl: plan.apiUrl }),
  };
  return { intelix: completed(shown, intelix) };
}

function shownRoute(written: Tree, { routes }: Checked): Tree {
  const whole = asMap(completed(written, route));
  const { type } = asMap(whole.format ?? null);
  const options = routes.find(({ format }) => format.kind.name === type)?.format.kind.options ?? {};
  return named(typeof type === 'string' ? { ...whole, format: completed(whole.format ?? null, options) } : whole, whole.to);
}

/** With the name that it has when it is given none. */
function named(entry: Tree, usual: Tree | undefined): Tree {
  return typeof usual === 'string' && usual !== '[secret]' ? { name: usual, ...asMap(entry) } : entry;
}

/** With the defaults of what is not written, as a user would write them. */
function completed(written: Tree, schema: Parameters<typeof shapeOf>[0] | object): Tree {
  return withDefaults(written, 'parse' in schema ? shapeOf(schema) : {});
}

function withDefaults(written: Tree, { properties = {} }: Shape): Tree {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return written;
  const kept = Object.entries(written).map(([key, value]) => {
    const shape = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return [key, shape ? withDefaults(value, shape) : value] as const;
  });
  const added = Object.entries(properties).flatMap(([key, shape]) =>
    Object.hasOwn(written, key) || shape.default === undefined ? [] : [[key, withDefaults(shape.default as Tree, shape)] as const],
  );
  return Object.fromEntries([...kept, ...added]);
}

function asMap(value: Tree): { [key: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function listOf(value: Tree | undefined): readonly Tree[] {
  return Array.isArray(value) ? value : [];
}
