/** The page of `check` says what `check` does: figures, thresholds, exit codes, and the options that other programs are told to give. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBad, parseRangeText } from '../../src/cli/check/threshold.ts';
import { stateCodes } from '../../src/cli/check/verdict.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Said, type } from '../cli/terminal.ts';
import { readPage, tableBelow } from './pages.ts';

const page = readPage('docs/monitoring.md');
const plain = (cell = '') => cell.replaceAll('`', '');

describe('the page of monitoring', () => {
  let sim: RunningSimulator;
  let folder: string;
  beforeAll(async () => {
    sim = await startSimulator({ endpoints: 40, openAlertsPerTenant: 30 });
    folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
    writeFileSync(
      join(folder, 'sophos-central.yaml'),
      'streams: { alerts: {} }\nsinks: { out: { type: file, path: "out/x.ndjson" } }\nroutes: [{ from: alerts, to: out }]\n',
    );
    expect((await say('run', '--once')).code).toBe(0);
  });
  afterAll(async () => {
    await sim.close();
    rmSync(folder, { recursive: true });
  });

  function say(...line: string[]): Promise<Said> {
    const env = {
      SOPHOS_CLIENT_ID: sim.clientId,
      SOPHOS_CLIENT_SECRET: sim.clientSecret,
      SOPHOS_CENTRAL_AUTH_URL: sim.url,
      SOPHOS_CENTRAL_API_URL: sim.url,
    };
    return type(line, { cwd: folder, env });
  }

  it('lists every figure with the thresholds that it has by default', async () => {
    const rows = tableBelow(page, 'What is counted');
    const { out } = await say('check', '--days', '90', '--critical', 'alerts_total=');
    const data = (out.split('\n')[0] ?? '').split(' | ')[1] ?? '';
    const shown = data.split(' ').map((each) => /^(\w+)=\d+s?;([^;]*);([^;]*);0$/.exec(each) ?? []);
    const told = rows.map(([name, , warning, critical]) => [plain(name), plain(warning), plain(critical)]);
    const always = told.filter(([name]) => name !== 'alerts_critical' && shown.some(([, each]) => each === name));
    expect(shown.map(([, ...each]) => each)).toEqual(always);
    expect(told.filter(([name]) => !shown.some(([, each]) => each === name)).map(([name]) => name)).toEqual(
      ['alerts_critical', 'endpoints_unknown'].filter((name) => !data.includes(name)),
    );
    const { out: help } = await say('check', '--help');
    for (const [name] of told) expect(help).toContain(name);
  });

  it('lists the exit codes of the monitoring convention', () => {
    const [first = ''] = page.text.split('\n## ');
    const rows = [...first.matchAll(/^\| (\d) \| ([A-Z]+) \|/gm)].map(([, code, state]) => [state, Number(code)]);
    expect(rows).toEqual(Object.entries(stateCodes));
  });

  it('explains ranges as they are read', () => {
    const verdicts = tableBelow(page, 'Thresholds').flatMap(([range]) => {
      const read = parseRangeText(plain(range));
      return read === null ? [] : [[plain(range), [4, 5, 10, 11, -1].filter((value) => isBad(read, value))]];
    });
    expect(verdicts).toEqual([
      ['10', [11, -1]],
      ['10:', [4, 5, -1]],
      ['~:10', [11]],
      ['5:10', [4, 11, -1]],
      ['@5:10', [5, 10]],
    ]);
  });

  it('tells Icinga and Nagios only options that there are', async () => {
    const { out: help } = await say('check', '--help');
    const given = ['Icinga 2', 'Nagios'].map((heading) => {
      const block = page.text.split(`\n## ${heading}\n`)[1]?.split('```')[1] ?? '';
      return [...new Set([...block.matchAll(/--[a-z-]+/g)].map(([option]) => option))];
    });
    expect(given.map(({ length }) => length > 2)).toEqual([true, true]);
    for (const option of given.flat()) expect(help).toMatch(new RegExp(`^ *(-., )?${option} `, 'm'));
  });
});
