/**
 * The shape of the house, as tests: who may import whom, no circles, no rooms without a noun, no file with two.
 *
 * The table in docs/architecture.md ("Who may import whom") and the one below say the same; change both together.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  /** A path from `src/`, with slashes, or the name of a package or built-in. */
  readonly target: string;
  readonly isOurs: boolean;
  readonly isTypeOnly: boolean;
  readonly isDynamic: boolean;
}

interface SourceFile {
  /** From `src/`, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** What the file says that the house forbids, each with its line. */
  readonly findings: readonly string[];
}

type Rule = (target: string, use: Import) => boolean;

const room = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : path);
const isIn =
  (...rooms: string[]): Rule =>
  (target) =>
    rooms.includes(room(target));

/** A register, or another file that stands at the top of its room and bears its noun. */
const atTheTopOf =
  (...rooms: string[]): Rule =>
  (target) =>
    rooms.includes(room(target)) && target.split('/').length === 2;

const typesOfShapes: Rule = (target, use) => use.isTypeOnly && /^clients\/[^/]+\/shapes\//.test(target);

const anyOf =
  (...rules: Rule[]): Rule =>
  (target, use) =>
    rules.some((rule) => rule(target, use));

/** Room (or file at the top of `src/`) -> what of ours it may import besides itself. */
const table: Readonly<Record<string, Rule>> = {
  core: () => false,
  clients: isIn('core'),
  journal: isIn('core'),
  sinks: isIn('core'),
  engine: isIn('core'),
  simulator: isIn('core'),
  formats: anyOf(isIn('core'), typesOfShapes),
  streams: isIn('core', 'clients'),
  config: anyOf(isIn('core'), atTheTopOf('streams', 'journal', 'formats', 'sinks')),
  cli: () => true,
  'index.ts': isIn('core', 'clients'),
  'intelix.ts': isIn('core', 'clients'),
};

/** `core` does no I/O: these few files may import these few things, and nothing else of it may import anything. */
const outsideOfCore: Readonly<Record<string, readonly string[]>> = {
  'core/schema.ts': ['zod'],
  'core/secret.ts': ['node:util'],
};

/** Rooms that a test must be able to hold still; the clock itself is core/clock.ts, and `cli` and `simulator` have clocks of their own. */
const heldStill = new Set(['core', 'clients', 'streams', 'journal', 'formats', 'sinks', 'engine', 'config']);

const files = filesIn(join(root, 'src'), '.ts').map(read);

describe('the import table', () => {
  it('names every room', () => {
    expect([...new Set(files.map(({ path }) => room(path)))].filter((each) => !(each in table))).toEqual([]);
  });

  it('is kept by every file', () => {
    const broken = files.flatMap(({ path, imports }) =>
      imports
        .filter(({ target, isOurs }) => isOurs && room(target) !== room(path))
        .filter((use) => !table[room(path)]?.(use.target, use))
        .map(({ target }) => `${path} imports ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('lets core import nothing from outside but what is listed', () => {
    const broken = files
      .filter(({ path }) => room(path) === 'core')
      .flatMap(({ path, imports }) =>
        imports.filter(({ isOurs, target }) => !isOurs && !outsideOfCore[path]?.includes(target)).map(({ target }) => `${path} imports ${target}`),
      );
    expect(broken).toEqual([]);
  });

  it('lets nothing outside cli import cli', () => {
    const broken = files
      .filter(({ path }) => room(path) !== 'cli')
      .flatMap(({ path, imports }) => imports.filter(({ target }) => room(target) === 'cli').map(() => path));
    expect(broken).toEqual([]);
  });

  it.each(['index.ts', 'intelix.ts'])('holds for what is loaded in the end: the library behind %s is core and clients', (entry) => {
    expect([...reachableFrom(entry)].filter((path) => !['core', 'clients', entry].includes(room(path)))).toEqual([]);
  });

  it('keeps Central and Intelix apart', () => {
    expect([...reachableFrom('intelix.ts')].filter((path) => path.startsWith('clients/central/'))).toEqual([]);
    expect([...reachableFrom('index.ts')].filter((path) => path.startsWith('clients/intelix/'))).toEqual([]);
  });

  it('resolves every path of ours to a file', () => {
    const known = new Set(files.map(({ path }) => path));
    expect(
      files.flatMap(({ path, imports }) => imports.filter((use) => use.isOurs && !known.has(use.target)).map(({ target }) => `${path} imports ${target}`)),
    ).toEqual([]);
  });

  it('has no circles, not in types either', () => {
    expect(circles()).toEqual([]);
  });
});

describe('a file', () => {
  it('has one noun, and so at most 350 lines', () => {
    expect(files.filter(({ lines }) => lines > 350).map(({ path, lines }) => `${path} has ${lines} lines`)).toEqual([]);
  });

  it('is never named after nothing in particular', () => {
    const everywhere = ['src', 'test', 'bench', 'scripts'].flatMap((folder) => filesIn(join(root, folder), '').map((path) => slashed(relative(root, path))));
    const empty = /^(utils?|common|helpers?|base|managers?|services?)$/;
    expect(everywhere.filter((path) => path.split('/').some((name) => empty.test(name.replace(/\..*$/, ''))))).toEqual([]);
  });

  it('says neither `any` nor `@ts-ignore`, and asks only `world` for time, chance and the network', () => {
    expect(files.flatMap(({ findings }) => findings)).toEqual([]);
  });
});

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function slashed(path: string): string {
  return path.split(sep).join('/');
}

function read(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const own = slashed(relative(join(root, 'src'), path));
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const imports: Import[] = [];
  const findings: string[] = [];
  const find = (node: ts.Node, what: string) => findings.push(`${own}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1} says ${what}`);
  const use = (specifier: ts.Node, isTypeOnly: boolean, isDynamic: boolean) => {
    if (!ts.isStringLiteralLike(specifier)) return;
    const isOurs = specifier.text.startsWith('.');
    const target = isOurs ? slashed(relative(join(root, 'src'), resolve(dirname(path), specifier.text))) : specifier.text;
    imports.push({ target, isOurs, isTypeOnly, isDynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) use(node.moduleSpecifier, importsTypesOnly(node), false);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) use(node.moduleSpecifier, node.isTypeOnly, false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) use(node.argument.literal, true, false);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0]) use(node.arguments[0], false, true);
    else if (node.kind === ts.SyntaxKind.AnyKeyword) find(node, '`any`');
    const behind = pastTheWorld(node, own);
    if (behind) find(node, `\`${behind}\``);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  for (const found of text.matchAll(/@ts-(ignore|nocheck)/g)) findings.push(`${own}:${text.slice(0, found.index).split('\n').length} says ${found[0]}`);
  return { path: own, lines: text.split('\n').length - 1, imports, findings };
}

function importsTypesOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (!importClause) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = importClause;
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((each) => each.isTypeOnly);
}

function pastTheWorld(node: ts.Node, path: string): string | null {
  if (!heldStill.has(room(path)) || path === 'core/clock.ts' || !ts.isCallExpression(node)) return null;
  const called = node.expression;
  if (ts.isIdentifier(called) && /^(fetch|setTimeout|setInterval)$/.test(called.text)) return called.text;
  if (!ts.isPropertyAccessExpression(called) || !ts.isIdentifier(called.expression)) return null;
  const name = `${called.expression.text}.${called.name.text}`;
  return /^(Date\.now|Math\.random|performance\.now)$/.test(name) ? name : null;
}

/** Everything that runs when this file is imported; what is only typed is gone by then, what is imported later is not yet there. */
function reachableFrom(start: string): Set<string> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { target, isOurs, isTypeOnly } of byPath.get(path)?.imports ?? []) if (isOurs && !isTypeOnly) queue.push(target);
  }
  return seen;
}

/** Each circle once, as `a -> b -> a`; an import that happens later counts too. */
function circles(): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const back = trail.indexOf(path);
    if (back >= 0) {
      found.push([...trail.slice(back), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const { target, isOurs } of byPath.get(path)?.imports ?? []) if (isOurs) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) walk(path, []);
  return found;
}
