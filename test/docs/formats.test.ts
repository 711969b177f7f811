/** The worked examples of the page of formats are what the program writes. */
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/cli/output/csv.ts';
import { formats } from '../../src/formats/index.ts';
import { lineOf, recordOf } from '../laws/format.laws.ts';
import { readPage } from './pages.ts';

const { text, blocks } = readPage('docs/formats.md');
const item = blocks.find(({ language }) => language === 'json')?.text ?? '';
const origin = { stream: 'events', tenant: { id: '11111111-2222-4333-8444-555555555555', name: 'Acme', labels: {} } };
const fetchedAt = Date.parse('2026-10-01T14:21:00.000Z');

/** Heading and first block of each section. */
const sections = text
  .split(/^## /m)
  .slice(1)
  .map((section) => ({ name: section.split('\n')[0] ?? '', example: /^```text\n([\s\S]*?)\n```$/m.exec(section)?.[1] }));

describe('the page of formats', () => {
  it('has a section for each format, and for no other', () => {
    expect(sections.map(({ name }) => name).sort()).toEqual([...formats.map(({ name }) => name), 'csv'].sort());
  });

  it.each(sections.filter(({ name }) => name !== 'csv'))('shows $name as it is written', ({ name, example }) => {
    const kind = formats.find((each) => each.name === name);
    if (!kind) throw new Error(`there is no format ${name}`);
    const line = lineOf(kind.open(kind.options.parse({})), recordOf(item, { fetchedAt }), origin);
    // A line is broken at a blank, or before a tab.
    expect(example?.replaceAll('\n\t', '\t').replaceAll('\n', ' ')).toBe(line);
  });

  it('shows csv as it is written', () => {
    const example = sections.find(({ name }) => name === 'csv')?.example ?? '';
    const [head = ''] = example.split('\n');
    const names = head.split(',');
    expect(names).toContain('name');
    const values = JSON.parse(item) as Readonly<Record<string, string>>;
    expect(csvLine(names) + csvLine(names.map((name) => values[name]))).toBe(`${example.replaceAll('\n', '\r\n')}\r\n`);
  });
});
