/** How far sophos-central-api-connector has come with alerts, and what Splunk would not have. */
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acme, beta, day, hour, idsOf, iso, makeTool, now, placesOf, pollOf, readTool, sophos, splunk, told } from './tool.ts';

const base = { 'config/sophos_config.ini': sophos, 'config/splunk_config.ini': splunk };
const read = (files: Parameters<typeof readTool>[0], tenants?: Parameters<typeof readTool>[1]) => readTool({ ...base, ...files }, tenants);

describe('where reading begins', () => {
  it.each([
    ['a run that went well: a day before its end', {}, now - hour - day],
    ['one that failed: a day before the last that went well', { last_run_success_bool: 'False', last_run_success_datetime: iso(now - 3 * day) }, now - 4 * day],
    ['the very first, cut short: a day before it', { last_run_success_bool: '', last_run_success_datetime: '', firsttime_run: 'True' }, now - hour - day],
    ['the first, that failed: likewise', { last_run_success_bool: 'False', last_run_success_datetime: '' }, now - hour - day],
    ['a clock that was ahead: a day before now', { last_run_datetime: iso(now + 5 * day), last_run_success_datetime: iso(now + 5 * day) }, now - day],
    ['times that are none: a day before now', { last_run_datetime: 'yesterday', last_run_success_datetime: 7 }, now - day],
  ])('after %s', async (_, more, from) => {
    const takeover = await read({ 'polling/poll_config.json': pollOf(now - hour, more), 'polling/alert_ids.json': '{}' });
    expect(placesOf(takeover)).toEqual({ Acme: { from, known: [] }, Beta: { from, known: [] } });
  });

  it('is earlier where the lists go back further: what was left out since is found', async () => {
    const takeover = await read({ 'polling/poll_config.json': pollOf(now - hour), 'polling/alert_ids.json': idsOf(['a', 9 * day], ['b', 2 * hour]) });
    expect(placesOf(takeover).Acme).toEqual({ from: now - 9 * day, known: ['a', 'b'] });
  });

  it('is never earlier than Central lists, whatever the lists say', async () => {
    const takeover = await read({ 'polling/poll_config.json': pollOf(now - hour), 'polling/alert_ids.json': idsOf(['a', 9000 * day], ['b', 2 * hour]) });
    expect(placesOf(takeover).Acme).toEqual({ from: now - hour - day, known: ['b'] });
  });

  it('is told with the end of the last run, so that a hole since then is known', async () => {
    const { streams } = await read({ 'polling/poll_config.json': pollOf(now - 100 * day) });
    expect(streams.map(({ readUpTo }) => readUpTo)).toEqual([now - 100 * day, now - 100 * day]);
  });

  it('is not told at all when the tool never polled', async () => {
    const takeover = await read({});
    expect(takeover.streams).toEqual([]);
    expect(told(takeover, /^polling$/)).toEqual([expect.stringContaining('never polled')]);
  });
});

describe('what was sent', () => {
  it('is what either list has, each alert with its own tenant', async () => {
    const takeover = await read({
      'polling/poll_config.json': pollOf(now - hour, { first_loop: 'False' }),
      'polling/alert_ids.json': idsOf(['new', hour], ['other', hour, beta]),
      'polling/temp_alert_ids.json': idsOf(['old', 5 * hour], ['new', hour]),
    });
    expect(placesOf(takeover)).toMatchObject({ Acme: { known: ['old', 'new'] }, Beta: { known: ['other'] } });
    expect(told(takeover, /first_loop/)).toEqual([expect.stringContaining('did not come to its end')]);
  });

  it('is known to every tenant where nobody wrote down which it belongs to', async () => {
    const list = JSON.stringify({ a: { raised_at: iso(now - hour) }, b: { raised_at: iso(now - hour), tenant_id: '' } });
    expect(placesOf(await read({ 'polling/alert_ids.json': list }))).toMatchObject({ Acme: { known: ['a', 'b'] }, Beta: { known: ['a', 'b'] } });
  });

  it('is not carried to thousands of tenants: that is said', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({ id: `tenant-${i}`, name: `T${i}`, labels: {} }));
    const list = JSON.stringify(Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`id-${i}`, { raised_at: iso(now - hour) }])));
    const takeover = await read({ 'polling/alert_ids.json': list }, many);
    expect(told(takeover, /tenant_id/)).toEqual([expect.stringMatching(/501 alerts without a tenant, too many/)]);
    expect(JSON.stringify(takeover.streams).length).toBeLessThan(1_000_000);
  });

  it('of tenants that nobody sees is said, and changes nothing', async () => {
    const gone = { ...acme, id: 'gone' };
    const takeover = await read({ 'polling/poll_config.json': pollOf(now - hour), 'polling/alert_ids.json': idsOf(['a', hour, gone]) });
    expect(told(takeover, /tenant_id/)).toEqual([expect.stringContaining('1 alert of tenants that this credential does not see')]);
  });

  it('survives hostile entries', async () => {
    const list = `{"__proto__": {"raised_at": "${iso(now - hour)}", "tenant_id": "${acme.id}"}, "a": null, "b": [1], "c": "x", "": {}, "d": {"raised_at": "soon", "tenant_id": "${acme.id}"},
      "e": {"raised_at": {"toString": 1}, "tenant_id": ["${acme.id}"]}, "${'x'.repeat(2000)}": {"raised_at": "${iso(now)}"}}`;
    const takeover = await read({ 'polling/poll_config.json': pollOf(now - hour), 'polling/alert_ids.json': list });
    expect(placesOf(takeover).Acme?.known).toEqual(['__proto__', 'd', 'e']);
    expect(told(takeover, /raised_at/)).toEqual([expect.stringContaining('2 items')]);
    expect(told(takeover, /lists of ids/)).toEqual([expect.stringContaining('5 items')]);
  });

  it.each([
    ['cut short', '{"a": {"raised_at": "hunter2'],
    ['no object', '["a"]'],
    ['a number', '7'],
  ])('is refused when its list is %s, without quoting it', async (_, text) => {
    const failed = read({ 'polling/poll_config.json': pollOf(now - hour), 'polling/alert_ids.json': text });
    await expect(failed).rejects.toMatchObject({ kind: 'config', code: 'import.unreadable' });
    await expect(failed).rejects.toThrow(/alert_ids\.json/);
    await expect(failed).rejects.not.toThrow(/hunter2/);
  });

  it('is nothing when the file is empty', async () => {
    expect(placesOf(await read({ 'polling/poll_config.json': pollOf(now - hour), 'polling/alert_ids.json': '' })).Acme?.known).toEqual([]);
  });

  it('is refused where a folder or a loop of links stands in its place', async () => {
    const tool = await makeTool({ ...base, 'polling/poll_config.json': pollOf(now - hour) });
    onTestFinished(() => rm(tool.folder, { recursive: true, force: true }));
    const file = join(tool.folder, 'polling', 'alert_ids.json');
    await mkdir(file);
    await expect(tool.read()).rejects.toMatchObject({ code: 'import.unreadable' });
    await rm(file, { recursive: true });
    if (process.platform === 'win32') return;
    await symlink(file, file);
    await expect(tool.read()).rejects.toMatchObject({ code: 'import.unreadable' });
  });
});

it('of a release that takes every alert for sent, it is said what that left out', async () => {
  const code = (condition: string) => ({
    'polling/poll_config.json': pollOf(now - hour),
    'sophos_central_api_polling.py': `        if ${condition}:\n            pass\n`,
  });
  expect(told(await read(code("event.get('event', {}).get('id') or event.get('id', None) in temp_alert_ids.keys()")), /polling\.py/)).toHaveLength(1);
  expect(told(await read(code("event['event']['id'] in temp_alert_ids.keys()")), /polling\.py/)).toEqual([]);
});

describe('without asking Central', () => {
  it('tenants are those of the lists, and all others begin early enough', async () => {
    const takeover = await read(
      { 'polling/poll_config.json': pollOf(now - 3 * day), 'polling/alert_ids.json': idsOf(['a', 4 * day, beta], ['b', 4 * day, { ...acme, id: '../../x' }]) },
      null,
    );
    expect(takeover.streams.map(({ id, origin }) => [id, origin.tenant.name])).toEqual([[`${beta.id}/alerts`, beta.id]]);
    expect(takeover.draft.tree.streams).toEqual({ alerts: { days: 4 } });
    expect(told(takeover, /tenants$/)).toEqual([expect.stringContaining('Central was not asked')]);
  });
});

describe('failed_events.json', () => {
  const alert = (id: string, tenant = acme) => ({ id, raisedAt: iso(now - hour), severity: 'high', tenant: { id: tenant.id } });
  const files = (failed: unknown, sent = '{}') => ({
    'polling/poll_config.json': pollOf(now - hour),
    'polling/alert_ids.json': sent,
    'logs/failed_events.json': JSON.stringify(failed),
  });

  it.each([
    ['a map of alerts', { x: alert('a'), y: alert('b', beta) }],
    ['a map of what was sent', { 1: { event: alert('a') }, 2: { host: 'h', event: alert('b', beta) } }],
    ['a list of texts', [JSON.stringify({ event: alert('a') }), JSON.stringify(alert('b', beta))]],
  ])('as %s becomes dead letters of the route, which the stream does not bring', async (_, failed) => {
    const takeover = await read(files(failed));
    expect(takeover.leftOver.map(({ origin, route, items }) => [origin.stream, origin.tenant.name, route, items.map(({ key }) => key)])).toEqual([
      ['alerts', 'Acme', 'splunk', ['a']],
      ['alerts', 'Beta', 'splunk', ['b']],
    ]);
    expect(takeover.leftOver[0]?.items[0]).toMatchObject({ time: now - hour, json: JSON.stringify(alert('a')) });
    expect(placesOf(takeover)).toMatchObject({ Acme: { known: ['a'] }, Beta: { known: ['b'] } });
  });

  it('what was sent in the end, has no text or belongs to nobody is said, and no dead letter', async () => {
    const takeover = await read(
      files({ a: alert('sent'), b: true, c: { id: 'x' }, d: 'no json', e: alert('f', { ...acme, id: 'gone' }), f: null }, idsOf(['sent', hour])),
    );
    expect(takeover.leftOver).toEqual([]);
    expect(told(takeover, /failed_events/)).toEqual([
      expect.stringContaining('1 alert that Splunk took later'),
      expect.stringContaining('4 items'),
      expect.stringContaining('1 alert of tenants'),
    ]);
  });
});

describe('the folder', () => {
  it.each([
    'sophos_central_api_connector',
    'sophos_central_api_connector/sophos_central_api_connector',
    'lib/python3.11/site-packages/sophos_central_api_connector',
    'Lib/site-packages/sophos_central_api_connector',
    'site-packages/sophos_central_api_connector',
  ])('may be the one above %s', async (inside) => {
    const files = Object.entries({ ...base, 'polling/poll_config.json': pollOf(now - hour) }).map(([path, text]) => [`${inside}/${path}`, text]);
    expect((await readTool(Object.fromEntries(files))).streams).toHaveLength(2);
  });

  it('of something else is refused, with what is missing', async () => {
    await expect(readTool({ 'config.ini': sophos })).rejects.toMatchObject({ kind: 'config', code: 'import.no-api-connector' });
  });

  it('shows what the tool was started for', async () => {
    const tool = await makeTool({ ...base, 'output/get_inventory/Acme_1.json': '{}', 'output/get_local_sites/Acme_1.json': '{}' });
    onTestFinished(() => rm(tool.folder, { recursive: true, force: true }));
    await writeFile(join(tool.folder, 'config', 'misp_config.ini'), '');
    const takeover = await tool.read();
    expect(takeover.commands).toEqual([
      'run --once',
      'get endpoints --out-dir output/get_inventory --output json',
      'get local-sites --out-dir output/get_local_sites --output json',
    ]);
    expect(told(takeover, /misp/)).toHaveLength(1);
  });
});
