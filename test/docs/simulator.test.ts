/** The page of the simulator is complete: every control, every setting with its default, every API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knownCalls } from '../../src/clients/central/calls.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { readPage, tableBelow } from './pages.ts';

const page = readPage('docs/simulator.md');

describe('the page of the simulator', () => {
  let sim: RunningSimulator;
  beforeAll(async () => {
    sim = await startSimulator();
  });
  afterAll(() => sim.close());

  it('has every setting, with its default', async () => {
    const settings = (await (await fetch(`${sim.url}/_sim/settings`)).json()) as Readonly<Record<string, unknown>>;
    const rows = [...page.text.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| .* \| ([^|]+) \|$/gm)].map(([, names = '', value = '']) => ({ names, value }));
    const told = rows.flatMap(({ names, value }) => {
      const keys = names.replaceAll('`', '').split(', ');
      const values = value.replaceAll('`', '').split(', ');
      return keys.map((key, i) => [key, values[i] ?? values[0]] as const);
    });
    const shown = Object.entries(settings).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]);
    expect(Object.fromEntries(told)).toMatchObject(Object.fromEntries(shown));
    expect(told.map(([key]) => key).filter((key) => !(key in settings))).toEqual([]);
  });

  it('has every control', async () => {
    const { error } = (await (await fetch(`${sim.url}/_sim/nothing`)).json()) as { readonly error: string };
    const paths = [...error.matchAll(/(GET|POST|DELETE) (\/_sim\/[a-z/]+)/g)].map(([, , path = '']) => path);
    expect(paths.length).toBeGreaterThan(20);
    const table = tableBelow(page, 'Control, on the same port')
      .map(([call = '', does = '']) => `${call} ${does}`)
      .join('\n');
    expect([...new Set(paths)].filter((path) => !table.includes(`${path}\``) && !table.includes(`${path}?`))).toEqual([]);
  });

  it('names every API that it serves', () => {
    const [first = ''] = page.text.split('## Control');
    const words = first.toLowerCase().replaceAll('-', ' ');
    const apis = [...new Set(knownCalls().map(({ path }) => path.split('/')[1] ?? ''))].filter((api) => api !== '' && api !== 'api');
    expect(apis.length).toBeGreaterThan(15);
    expect(apis.filter((api) => !words.includes(api.replaceAll('-', ' ')))).toEqual([]);
  });
});
