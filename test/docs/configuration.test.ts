/** The page of the configuration names every key that may stand in the file. */
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/json-schema.ts';
import { allRegisters } from '../../src/config/registers.ts';
import { action as actionSchema, alertActions, intelix as intelixSchema } from '../../src/config/sections.ts';
import { readPage, readPages, tableBelow } from './pages.ts';

type Node = { readonly [key: string]: unknown };

const schema = configSchema(await allRegisters()) as Node;
const page = readPage('docs/configuration.md');

/** Every key below a node, with the way to it; what stands in several alternatives is one. */
function keysBelow(node: unknown, way: readonly string[] = []): readonly (readonly string[])[] {
  if (Array.isArray(node)) return node.flatMap((each) => keysBelow(each, way));
  if (typeof node !== 'object' || node === null) return [];
  const { properties = {}, $ref, ...more } = node as Node;
  const target =
    typeof $ref === 'string'
      ? $ref
          .split('/')
          .slice(1)
          .reduce<unknown>((at, step) => (at as Node)[step], schema)
      : undefined;
  const named = Object.entries(properties as Node).flatMap(([key, value]) => [[...way, key], ...keysBelow(value, [...way, key])]);
  const inner = ['oneOf', 'anyOf', 'allOf', 'items', 'additionalProperties', 'if', 'then'].flatMap((key) => keysBelow(more[key], way));
  return [...named, ...inner, ...keysBelow(target, way)];
}

/** Options of sinks and formats have pages of their own. */
const hasOwnPage = (way: readonly string[]) => way[0] === 'sinks' || (way[0] === 'routes' && way[1] === 'format');

describe('the page of the configuration', () => {
  const ways = [...new Map(keysBelow(schema).map((way) => [way.join('.'), way])).values()];
  const has = (text: string, way: readonly string[]) => new RegExp(`\\b${way.at(-1)}\\b`).test(text);

  it('names every key, and the pages of sinks and formats theirs', () => {
    expect(ways.length).toBeGreaterThan(100);
    const other = readPages().filter(
      ({ path }) => path.startsWith('docs/') && path !== 'docs/commands.md' && path !== 'docs/options.md' && path !== 'docs/errors.md',
    );
    const all = other.map(({ text }) => text).join('\n');
    const missing = ways.filter((way) => !has(hasOwnPage(way) ? all : page.text, way));
    expect(missing.map((way) => way.join('.'))).toEqual([]);
  });

  it('lists all that rules and Intelix may say', () => {
    const listed = (heading: string) => tableBelow(page, heading).flatMap(([keys = '']) => keys.replaceAll('`', '').split(', '));
    expect(listed('Actions').sort()).toEqual(Object.keys(actionSchema.shape).sort());
    expect(listed('Intelix').sort()).toEqual(Object.keys(intelixSchema.shape).sort());
    const does = tableBelow(page, 'Actions').find(([key]) => key === '`do`')?.[1] ?? '';
    expect([...does.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual([...alertActions]);
  });
});
