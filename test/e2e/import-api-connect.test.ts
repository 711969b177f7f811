/** From Sophos API Connect: what its files hold is not written again, what is new is, and the files go on growing. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dumped, pull, type ToolSettings, toolFiles, writeSettings } from './api-connect-tool.ts';
import { compare, nothingWrong } from './house.ts';
import { addRecords, openStage, pass, type Stage, until } from './stage.ts';

const textAlone = { text: true, json: false };
const jsonAlone = { text: false, json: true };
const both = { text: true, json: true };

const read = (stage: Stage, name: string) => readFile(join(stage.folder.path, name), 'utf8');
const lineIds = (text: string) => [...text.matchAll(/^.*?\[(?:EventID|AlertID): ([^\]]+)\].*$/gm)].map(([, id]) => id ?? '');
const arrayIds = (text: string) => (JSON.parse(text) as { readonly id: string }[]).map(({ id }) => id);
const truthOf = (stage: Stage, stream: string) => stage.simulator.truth(`&stream=${stream}`);

async function openTool(onTestFinished: Parameters<typeof openStage>[0], settings: ToolSettings, options: object = {}): Promise<Stage> {
  const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 60, alertsPerTenant: 12, ...options });
  writeSettings(stage.folder.path, stage.simulator, settings);
  return stage;
}

async function imported(stage: Stage, ...args: string[]): Promise<string> {
  const { code, stderr } = await stage.run('import', 'api-connect', '.', ...args);
  expect(code, stderr).toBe(0);
  return stderr;
}

/** Every id of both kinds once, in all files that there are. */
async function expectWhole(stage: Stage, settings: ToolSettings): Promise<void> {
  for (const [kind, stream] of [
    ['events', 'events'],
    ['alerts', 'siem-alerts'],
  ] as const) {
    const truth = await truthOf(stage, stream);
    if (settings.text) expect(compare(truth, lineIds(await read(stage, `sophos_${kind}`))), `text, ${kind}`).toEqual(nothingWrong);
    if (settings.json) expect(compare(truth, arrayIds(await read(stage, `sophos_${kind}.json`))), `JSON, ${kind}`).toEqual(nothingWrong);
  }
}

describe('import api-connect', () => {
  it('goes on with the text files as the tool would have: the same bytes', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, textAlone);
    await pull(stage.folder.path, stage.simulator, textAlone);
    await addRecords(stage, { count: 7 });
    await addRecords(stage, { count: 3, stream: 'siem-alerts' });
    const expected = join(stage.folder.path, 'expected');
    await mkdir(expected);
    for (const name of ['sophos_events', 'sophos_alerts']) await cp(join(stage.folder.path, name), join(expected, name));
    await pull(expected, stage.simulator, textAlone);

    await imported(stage);
    await pass(stage);
    for (const name of ['sophos_events', 'sophos_alerts']) expect(await read(stage, name)).toBe(await read(stage, `expected/${name}`));
    await pass(stage);
    for (const name of ['sophos_events', 'sophos_alerts']) expect(await read(stage, name)).toBe(await read(stage, `expected/${name}`));
    expect((await stage.status()).gaps).toBe(0);
  });

  it('goes on with the JSON files: one array each, every id once and in order', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, jsonAlone);
    await pull(stage.folder.path, stage.simulator, jsonAlone);
    const before = await read(stage, 'sophos_events.json');
    const more = await addRecords(stage, { count: 5 });
    await imported(stage);
    await pass(stage);
    const after = await read(stage, 'sophos_events.json');
    expect(after.startsWith(before.slice(0, -1))).toBe(true);
    expect(arrayIds(after)).toEqual([...arrayIds(before), ...more]);
    await pass(stage);
    expect(await read(stage, 'sophos_events.json')).toBe(after);
    // The tool could go on with what we wrote.
    await addRecords(stage, { count: 2 });
    await pull(stage.folder.path, stage.simulator, jsonAlone);
    await expectWhole(stage, jsonAlone);
  });

  it('brings to each file what only the other one holds', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    await pull(stage.folder.path, stage.simulator, both);
    // The text file lacks the first ten, the JSON file the last twenty.
    const lines = (await read(stage, 'sophos_events')).split('\n');
    await stage.folder.write('sophos_events', lines.slice(10).join('\n'));
    const items = JSON.parse(await read(stage, 'sophos_events.json'));
    await stage.folder.write('sophos_events.json', dumped(items.slice(0, -20)));
    await addRecords(stage, { count: 5 });
    const said = await imported(stage);
    expect(said).toMatch(/events, text file .*10 records/);
    expect(said).toMatch(/events, JSON file .*20 records/);
    await pass(stage);
    await expectWhole(stage, both);
    await pass(stage);
    await expectWhole(stage, both);
    expect((await stage.status()).deadLetters).toBe(0);
  });

  it('may be repeated, when the tool has gone on meanwhile', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    await pull(stage.folder.path, stage.simulator, both);
    const whole = await read(stage, 'sophos_events');
    await stage.folder.write('sophos_events', whole.split('\n').slice(10).join('\n'));
    expect(await imported(stage)).toMatch(/10 records/);
    // It has brought four of the ten, and something new.
    await stage.folder.write('sophos_events', whole.split('\n').slice(6).join('\n'));
    await addRecords(stage, { count: 2 });
    await pull(stage.folder.path, stage.simulator, jsonAlone);
    expect(await imported(stage, '--force')).toMatch(/8 records/);
    await pass(stage);
    await expectWhole(stage, both);
    const again = await stage.run('import', 'api-connect', '.', '--force');
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('past the import') });
  });

  it('begins files that are not there with the last 24 h, and goes on with an empty array', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    await pull(stage.folder.path, stage.simulator, textAlone);
    await stage.folder.write('sophos_events.json', '[]');
    await imported(stage);
    await pass(stage);
    await expectWhole(stage, both);
  });

  it('needs nobody with `--offline`: the files say whose records they are', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, textAlone);
    await pull(stage.folder.path, stage.simulator, textAlone);
    await imported(stage, '--offline');
    await pass(stage);
    await expectWhole(stage, textAlone);
  });

  it('writes a torn last line again, whole, on a line of its own', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, textAlone);
    await pull(stage.folder.path, stage.simulator, textAlone);
    const text = await read(stage, 'sophos_events');
    const torn = text.slice(0, -80);
    await stage.folder.write('sophos_events', torn);
    expect(await imported(stage)).toMatch(/last line is not whole/);
    await pass(stage);
    const after = await read(stage, 'sophos_events');
    expect(after.startsWith(`${torn}\n`)).toBe(true);
    expect(after.slice(torn.length + 1)).toBe(`${text.trimEnd().split('\n').at(-1)}\n`);
  });

  it('refuses a JSON file that a kill cut off, and loses nothing when it is moved away', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    await pull(stage.folder.path, stage.simulator, both);
    const text = await read(stage, 'sophos_events.json');
    await stage.folder.write('sophos_events.json', text.slice(0, 5_000));
    const refused = await stage.run('import', 'api-connect', '.');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/sophos_events\.json`: it ends at byte 5000, and item \d+, which begins at byte \d+, is cut off/);
    expect(await read(stage, 'sophos_events.json')).toBe(text.slice(0, 5_000));
    await stage.folder.write('sophos_events.json', '');
    await imported(stage);
    await pass(stage);
    await expectWhole(stage, both);
  });

  it('reads files of any size with little memory', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    await pull(stage.folder.path, stage.simulator, both);
    const file = (name: string) => join(stage.folder.path, name);
    const [lines, items] = [await read(stage, 'sophos_events'), await read(stage, 'sophos_events.json')];
    // Long ago: nothing of it may come again.
    const old = (i: number) => ({ id: `old-${i}`, created_at: new Date(Date.now() - (40 * 86_400_000 - i * 1000)).toISOString(), name: 'x'.repeat(700) });
    const [textOut, jsonOut] = [createWriteStream(file('sophos_events')), createWriteStream(file('sophos_events.json'))];
    jsonOut.write('[');
    for (let i = 0; i < 40_000; i++) {
      const { id, created_at, name } = old(i);
      textOut.write(`[Timestamp: ${created_at}] [EventID: ${id}] [Severity: low] [Name: ${name}] [CustomerID: c]\n`);
      if (!jsonOut.write(`${dumped(old(i))}, `)) await once(jsonOut, 'drain');
    }
    textOut.end(lines);
    jsonOut.end(items.slice(1));
    await Promise.all([once(textOut, 'finish'), once(jsonOut, 'finish')]);
    const small = await stage.run('import', 'api-connect', '.', '--dry-run');
    expect(small.code, small.stderr).toBe(0);
    // Node alone takes 60 MB and more; both files together have 60.
    expect(small.peakBytes).toBeLessThan(190_000_000);
    await imported(stage);
    await pass(stage);
    const [events, array] = [lineIds(await read(stage, 'sophos_events')), arrayIds(await read(stage, 'sophos_events.json'))];
    const ours = (ids: readonly string[]) => ids.filter((id) => !id.startsWith('old-'));
    const truth = await truthOf(stage, 'events');
    expect(compare(truth, ours(events))).toEqual(nothingWrong);
    expect(compare(truth, ours(array))).toEqual(nothingWrong);
    expect(events).toHaveLength(40_000 + truth.length);
  });

  it('loses and repeats nothing when the first run is killed, again and again', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both, { eventsPerTenant: 40, alertsPerTenant: 3 });
    await pull(stage.folder.path, stage.simulator, both);
    await addRecords(stage, { count: 4_000 });
    await imported(stage);
    const sizes = async () => (await Promise.all(toolFiles.map((name) => read(stage, name).catch(() => '')))).map(({ length }) => length).join();
    for (let kill = 0; kill < 3; kill++) {
      const before = await sizes();
      const running = stage.start('run');
      await until(async () => (await sizes()) !== before, 'a file grows');
      running.child.kill('SIGKILL');
      await running.ended;
      await addRecords(stage, { count: 300 });
    }
    await pass(stage);
    await expectWhole(stage, both);
  });

  it('tells every setting, and keeps the secret out of the configuration', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, { ...textAlone, more: 'alerts_auto_acknowledge = True\nalerts_auto_acknowledge_level = medium\nwrong line' });
    await pull(stage.folder.path, stage.simulator, textAlone);
    const { SOPHOS_CLIENT_SECRET: secret = '', ...env } = stage.env;
    const { start } = await import('./house.ts');
    const { code, stdout, stderr } = await start(['import', 'api-connect', '.', '--dry-run'], { cwd: stage.folder.path, env }).ended;
    expect(code, stderr).toBe(0);
    expect(`${stdout}${stderr}`).not.toContain(secret);
    expect(stderr).toMatch(/auto_acknowledge .*CHANGES ALERTS IN CENTRAL: .*low, medium/);
    expect(stdout).toContain('severity in ["low", "medium"]');
    expect(stdout).toMatch(/clientSecret: "\$\{ini:.*sophos\.conf#client_secret\}"/);
    for (const word of ['pull_time', 'run', 'text file', 'log_level', 'log_file_name', 'line 17']) expect(stderr).toContain(word);
    await writeFile(join(stage.folder.path, 'sophos-central.yaml'), stdout);
    const checked = await start(['config', 'check'], { cwd: stage.folder.path, env }).ended;
    expect(checked.code, checked.stderr).toBe(0);
  });
});

describe('compat api-connect', () => {
  it('pulls with `-r` until `run` is False, and begins where it ended', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    await pull(stage.folder.path, stage.simulator, textAlone);
    const conf = await read(stage, 'sophos.conf');
    const runUntilFalse = async () => {
      const running = stage.start('compat', 'api-connect', '-r');
      await until(async () => {
        const truth = await truthOf(stage, 'events');
        return running.child.exitCode !== null || compare(truth, lineIds(await read(stage, 'sophos_events'))).lost === 0;
      }, 'all events are written');
      await stage.folder.write('sophos.conf', conf.replace('run = True', 'run = False'));
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(0);
      return stderr;
    };
    await addRecords(stage, { count: 5 });
    expect(await runUntilFalse()).toMatch(/stands for `sophos-central run /);
    await stage.folder.write('sophos.conf', conf);
    await addRecords(stage, { count: 5 });
    await runUntilFalse();
    const stopped = await stage.run('compat', 'api-connect', '-r');
    expect(stopped).toMatchObject({ code: 0, stderr: expect.stringMatching(/nothing is pulled, because `run` is False/) });
    for (const [kind, stream] of [
      ['events', 'events'],
      ['alerts', 'siem-alerts'],
    ] as const) {
      const found = compare(await truthOf(stage, stream), lineIds(await read(stage, `sophos_${kind}`)));
      expect({ kind, ...found, lost: kind === 'alerts' ? 0 : found.lost }).toEqual({ kind, ...nothingWrong });
    }
  });

  it('loses and repeats nothing when it is killed', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    await pull(stage.folder.path, stage.simulator, both);
    for (let kill = 0; kill < 3; kill++) {
      const before = (await read(stage, 'sophos_events.json')).length;
      await addRecords(stage, { count: 1_500 });
      const running = stage.start('compat', 'api-connect', '-r');
      await until(async () => (await read(stage, 'sophos_events.json')).length !== before, 'a file grows');
      running.child.kill('SIGKILL');
      await running.ended;
    }
    const running = stage.start('compat', 'api-connect', '-r');
    const truth = await truthOf(stage, 'events');
    await until(async () => {
      const [text, json] = [await read(stage, 'sophos_events'), await read(stage, 'sophos_events.json')];
      return json.trimEnd().endsWith(']') && arrayIds(json).length >= truth.length && lineIds(text).length >= truth.length;
    }, 'all events are written');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    await expectWhole(stage, both);
  });

  it('repeats nothing when `-r`, `-a` and `-e` take turns, also with the long flags', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, both);
    for (const flags of [['-r'], ['-e'], ['-alerts'], ['-run'], ['-a', '-e'], ['-events'], ['-r']]) {
      const writes = (kind: string) => flags.some((flag) => flag.startsWith('-r') || flag.startsWith(`-${kind[0] ?? ''}`));
      await addRecords(stage, { count: 5 });
      await addRecords(stage, { count: 2, stream: 'siem-alerts' });
      const running = stage.start('compat', 'api-connect', ...flags);
      const truth = { events: await truthOf(stage, 'events'), alerts: await truthOf(stage, 'siem-alerts') };
      await until(
        async () => {
          const lacks = async (kind: 'events' | 'alerts') => {
            const [text, json] = [await read(stage, `sophos_${kind}`).catch(() => ''), await read(stage, `sophos_${kind}.json`).catch(() => '')];
            return compare(truth[kind], lineIds(text)).lost > 0 || !json.trimEnd().endsWith(']') || compare(truth[kind], arrayIds(json)).lost > 0;
          };
          const waits = [writes('events') && (await lacks('events')), writes('alerts') && (await lacks('alerts'))];
          return running.child.exitCode !== null || !waits.includes(true);
        },
        `all is written with ${flags.join(' ')}`,
      );
      running.child.kill('SIGTERM');
      const { code, stderr } = await running.ended;
      expect(code, stderr).toBe(0);
    }
    await expectWhole(stage, both);
  });

  it('pulls one kind with `-a` or `-e`, and says who it is with `-w`', async ({ onTestFinished }) => {
    const stage = await openTool(onTestFinished, textAlone);
    const running = stage.start('compat', 'api-connect', '-a');
    await until(async () => running.child.exitCode !== null || (await read(stage, 'sophos_alerts').catch(() => '')) !== '', 'alerts are written');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    await expect(read(stage, 'sophos_events')).rejects.toThrow('ENOENT');
    for (const flag of ['-w', '--whoami', '-whoami']) {
      const told = await stage.run('compat', 'api-connect', flag);
      expect(told.code, told.stderr).toBe(0);
      expect(told.stdout).toMatch(/tenant/);
    }
    expect((await stage.run('compat', 'api-connect')).code).toBe(2);
    await appendFile(join(stage.folder.path, 'sophos.conf'), 'pull_time = soon\n');
    expect((await stage.run('compat', 'api-connect', '-e')).code).toBe(2);
  });
});
