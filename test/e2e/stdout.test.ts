import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { openStage, pass, type Stage } from './stage.ts';

const configuration = `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks: { screen: { type: stdout } }
routes: [{ from: events, to: screen }]
state: ./state
`;

/** Reads the first line and hangs up, as \`head -1\` does. */
async function readOneLine(stage: Stage, ...args: string[]) {
  const { child, ended } = stage.start(...args);
  await new Promise<void>((resolve) => child.stdout?.once('data', () => resolve()));
  child.stdout?.destroy();
  return await ended;
}

describe('standard output', () => {
  it('holds the records and nothing else; everything else is on standard error', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 400, alertsPerTenant: 0 });
    await stage.configure(configuration);
    const { code, stdout, stderr } = await stage.run('run', '--once', '--log-level', 'trace');
    expect(code, stderr).toBe(0);
    expect(compare(await stage.simulator.truth('&stream=events'), idsOf(stdout))).toEqual(nothingWrong);
    expect(stdout.endsWith('\n')).toBe(true);
    expect(stderr).not.toBe('');
    const second = await stage.run('run', '--once');
    expect(second.stdout).toBe('');
  });

  it('may be closed by its reader: the run ends quietly with 0, and what was not taken waits', async ({ onTestFinished }) => {
    const events = 20_000;
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: events, alertsPerTenant: 0 });
    await stage.configure(configuration);
    for (const args of [['run', '--once'], ['run']]) {
      const { code, stderr } = await readOneLine(stage, ...args);
      expect(code, stderr).toBe(0);
      expect(stderr).not.toMatch(/error|EPIPE/i);
    }
    const { waiting, delivered } = (await stage.status()).routes[0] ?? { waiting: 0, delivered: 0 };
    expect(delivered).toBeLessThan(events);
    const rest = await stage.run('run', '--once');
    expect(rest.code, rest.stderr).toBe(0);
    const ids = idsOf(rest.stdout);
    expect(ids.length).toBeGreaterThanOrEqual(waiting);
    expect(ids.length).toBe(events - delivered);
    await pass(stage);
  });
});
