/** Every code that src/ can give a failure, read from its syntax. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A place where a failure gets its code. */
export interface Literal {
  readonly code: string;
  readonly kinds: readonly string[];
  readonly hasAdvice: boolean;
  /** From src/, with the line. */
  readonly place: string;
}

export interface Found {
  readonly literals: readonly Literal[];
  /** Files that make failures of codes which stand elsewhere, such as in a table. */
  readonly relays: readonly string[];
}

const root = fileURLToPath(new URL('../../src', import.meta.url));
const makers = new Set(['Failure', 'CentralError']);
const kinds = new Set(['config', 'auth', 'transient', 'rejected', 'stale']);
/** Functions that are given a code, and the kind that they make of it. */
const relaying: Readonly<Record<string, { readonly codeAt: number; readonly adviceAt: number; readonly kind: string; readonly prefix: string }>> = {
  usage: { codeAt: 0, adviceAt: 2, kind: 'config', prefix: 'usage.' },
  refusedToken: { codeAt: 1, adviceAt: 2, kind: 'auth', prefix: '' },
};

export function readLiterals(): Found {
  const literals: Literal[] = [];
  const relays = new Set<string>();
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const path = name.split(sep).join('/');
    const source = ts.createSourceFile(path, readFileSync(join(root, name), 'utf8'), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      const found = literalsOf(node, source);
      if (found === 'relay') relays.add(path);
      else literals.push(...found.map((each) => ({ ...each, place: `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}` })));
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { literals, relays: [...relays].sort() };
}

function literalsOf(node: ts.Node, source: ts.SourceFile): readonly Omit<Literal, 'place'>[] | 'relay' {
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && makers.has(node.expression.text)) return ofMaking(node.arguments ?? [], source);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword && isKind(node.arguments[0])) return ofMaking(node.arguments, source);
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return ofRelaying(node);
  if (ts.isObjectLiteralExpression(node)) return ofEntry(property(node, 'kind'), property(node, 'code'), hasAdvice(node));
  if (ts.isArrayLiteralExpression(node)) return ofEntry(node.elements[0], node.elements[1], node.elements.length > 2);
  return [];
}

function ofMaking([kind, code, , detail]: readonly ts.Expression[], source: ts.SourceFile): readonly Omit<Literal, 'place'>[] | 'relay' {
  const codes = textsOf(code, source);
  if (codes.length === 0) return 'relay';
  const advised = detail !== undefined && ts.isObjectLiteralExpression(detail) && hasAdvice(detail);
  return codes.map((each) => ({ code: each, kinds: textsOf(kind, source), hasAdvice: advised }));
}

function ofRelaying({ expression, arguments: given }: ts.CallExpression): readonly Omit<Literal, 'place'>[] {
  const how = ts.isIdentifier(expression) ? relaying[expression.text] : undefined;
  const code = how && given[how.codeAt];
  if (!how || !code || !ts.isStringLiteral(code)) return [];
  return [{ code: `${how.prefix}${code.text}`, kinds: [how.kind], hasAdvice: given.length > how.adviceAt }];
}

/** A row of a table. */
function ofEntry(kind: ts.Expression | undefined, code: ts.Expression | undefined, advised: boolean): readonly Omit<Literal, 'place'>[] {
  if (!isKind(kind) || !code || !ts.isStringLiteral(code)) return [];
  return [{ code: code.text, kinds: [kind.text], hasAdvice: advised }];
}

function isKind(node: ts.Expression | undefined): node is ts.StringLiteral {
  return node !== undefined && ts.isStringLiteral(node) && kinds.has(node.text);
}

function property(node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  return node.properties.filter(ts.isPropertyAssignment).find((each) => each.name.getText() === name)?.initializer;
}

function hasAdvice(node: ts.ObjectLiteralExpression): boolean {
  return node.properties.some((each) => each.name?.getText() === 'advice');
}

/** The texts that an expression can be: a literal, one of two, or a constant of the same file. */
function textsOf(node: ts.Expression | undefined, source: ts.SourceFile): readonly string[] {
  if (!node) return [];
  if (ts.isStringLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue, source), ...textsOf(node.whenFalse, source)];
  if (!ts.isIdentifier(node)) return [];
  const declared = source.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find(({ name }) => name.getText() === node.text);
  return declared?.initializer && ts.isStringLiteral(declared.initializer) ? [declared.initializer.text] : [];
}
