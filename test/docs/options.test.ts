/** The reference of options says what the schema says. `vitest -u` writes it anew. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/json-schema.ts';
import { allRegisters } from '../../src/config/registers.ts';
import { propertiesOf } from '../config/schema-reader.ts';
import { optionsPage } from './options-page.ts';
import { readPage, root } from './pages.ts';

const registers = await allRegisters();
const schema = configSchema(registers);

describe('docs/options.md', () => {
  it('is what the schema says', async () => {
    await expect(optionsPage(schema)).toMatchFileSnapshot(join(root, 'docs/options.md'));
  });

  it('has a heading for every section, stream, sink and format, and a row for every key', () => {
    const { text } = readPage('docs/options.md');
    const kinds = [...registers.streams, ...registers.sinks, ...registers.formats].map(({ name }) => `### ${name}\n`);
    const sections = Object.keys(schema.properties as object).map((name) => `## ${name}\n`);
    expect([...kinds, ...sections].filter((heading) => !text.includes(`\n${heading}`))).toEqual([]);
    const keys = new Set(propertiesOf(schema).map(({ path }) => path.split('.').at(-1) ?? ''));
    const named = [...keys].filter((key) => !/[()]/.test(key) && !new RegExp(`\\b${key}\\b`).test(text));
    expect(named).toEqual([]);
    expect(text.split('\n').filter((line) => line.startsWith('| `')).length).toBeGreaterThan(200);
  });
});
