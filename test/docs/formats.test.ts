/** The worked examples of the page of formats are what the program writes. */
import { describe, expect, it } from 'vitest';
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
  it('has sections for formats that there are', () => {
    const names = formats.map(({ name }) => name);
    expect(sections.filter(({ name }) => !names.includes(name))).toEqual([]);
    expect(sections.length).toBeGreaterThan(4);
  });

  it.each(sections)('shows $name as it is written', ({ name, example }) => {
    const kind = formats.find((each) => each.name === name);
    if (!kind) throw new Error(`there is no format ${name}`);
    const line = lineOf(kind.open(kind.options.parse({})), recordOf(item, { fetchedAt }), origin);
    // A line is broken at a blank, or before a tab.
    expect(example?.replaceAll('\n\t', '\t').replaceAll('\n', ' ')).toBe(line);
  });
});
