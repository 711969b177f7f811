/** Does what the advice on a mistake says, as a person would who follows it to the letter. */
import { type Document, isMap, isScalar, parse, parseDocument } from 'yaml';
import type { Problem } from '../../src/config/problems.ts';

/** The mended text; `undefined` where the advice leaves something to think. */
export function mend(text: string, { path, message, suggestion }: Problem): string | undefined {
  const steps = stepsOf(path);
  const document = parseDocument(text);
  if (suggestion === null || steps.length === 0 || document.errors.length > 0) return undefined;
  const meant = /^did you mean `([^`]+)`\?$/.exec(suggestion)?.[1];
  if (meant !== undefined) replaceWord(document, steps, message, meant);
  else if (/^remove it/.test(suggestion)) document.deleteIn(steps);
  else {
    const [, verb, written] = /^(write|add|for example|put it in quotes:) `([^`]+)`/.exec(suggestion) ?? [];
    if (written === undefined || written.includes('...')) return undefined;
    if (verb === 'add') add(document, steps, written, / to `(\w+)`$/.exec(suggestion)?.[1]);
    else put(document, steps, written);
  }
  return String(document);
}

function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(([, index, quoted, plain]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : (plain ?? ''),
  );
}

function replaceWord(document: Document, steps: readonly (string | number)[], message: string, meant: string): void {
  const words = [...message.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  const value = document.getIn(steps);
  const wrong = typeof value === 'string' ? words.find((word) => value.includes(word)) : undefined;
  const variable = /environment variable `(\w+)`/.exec(message)?.[1];
  if (typeof value === 'string' && variable !== undefined) document.setIn(steps, value.replace(variable, meant));
  else if (typeof value === 'string' && wrong !== undefined && !/the key|the stream/.test(message)) document.setIn(steps, value.replace(wrong, meant));
  else if (typeof value === 'string' && /the stream/.test(message)) document.setIn(steps, meant);
  else rename(document, steps, meant);
}

function rename(document: Document, steps: readonly (string | number)[], meant: string): void {
  const parent = steps.length === 1 ? document.contents : document.getIn(steps.slice(0, -1));
  if (!isMap(parent)) return;
  for (const pair of parent.items) if (isScalar(pair.key) && pair.key.value === steps.at(-1)) pair.key.value = meant;
}

/** Adds a key where it is missing, in the section that is named, at the top, or beside the mistake. */
function add(document: Document, steps: readonly (string | number)[], written: string, section: string | undefined): void {
  const [key = '', value] = Object.entries(parse(written) as object)[0] ?? [];
  if (section !== undefined) document.setIn([section, key], value);
  else if (key === 'secrets') document.set(key, value);
  else document.setIn([...steps.slice(0, -1), key], value);
}

/** Puts `key: value`, or a value alone, or a name for a key, where the mistake is. */
function put(document: Document, steps: readonly (string | number)[], written: string): void {
  const last = steps.at(-1);
  if (typeof last === 'string' && written.startsWith(`${last}: `)) document.setIn(steps, parse(written.slice(last.length + 2)));
  else if (/^[\w.-]+$/.test(written) && isMap(document.getIn(steps)) && steps.length === 2) rename(document, steps, written);
  else {
    const inner = parse(written) as unknown;
    const isNamed = typeof inner === 'object' && inner !== null && typeof last === 'string' && Object.hasOwn(inner, last);
    document.setIn(steps, isNamed ? Object.entries(inner).find(([key]) => key === last)?.[1] : inner);
  }
}
