/** What `sophos.conf` comes to: paths, levels, times, rules, and what is told of each. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiConnect } from '../../../../src/cli/imports/api-connect/peer.ts';
import { readSettings } from '../../../../src/cli/imports/api-connect/settings.ts';
import { surroundings } from '../../../../src/cli/imports/importing.ts';
import type { Takeover } from '../../../../src/cli/imports/takeover.ts';
import { contextIn } from '../context.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-connect-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function settingsOf(text: string) {
  await writeFile(join(folder, 'sophos.conf'), text);
  return readSettings(join(folder, 'sophos.conf'));
}

async function takeoverOf(text: string, into = folder): Promise<Takeover> {
  await writeFile(join(folder, 'sophos.conf'), text);
  return apiConnect.read(folder, surroundings(contextIn(into), into, { asks: 'nobody', warn: () => undefined }));
}

const findingOf = ({ findings }: Takeover, what: string) => findings.filter((each) => each.what === what).map(({ outcome, how }) => `${outcome}: ${how}`);

describe('sophos.conf', () => {
  it('that says nothing means what the tool means by that', async () => {
    expect(await settingsOf('client_id = a\nclient_secret = b\n')).toMatchObject({
      clientId: 'a',
      pullSeconds: 10,
      runs: true,
      events: { text: join(folder, 'sophos_events'), json: null },
      alerts: { text: join(folder, 'sophos_alerts'), json: null },
      level: { rank: 2, ours: 'info' },
      logFile: join(folder, 'Sophos_log.log'),
      acknowledgement: null,
      strange: [],
    });
  });

  it('joins folder and name as plain text', async () => {
    const names = 'json_file_creation = TRUE\nevents_txt_file_name = e.txt\n';
    expect((await settingsOf(`save_file_location = /var/log/sophos-\n${names}`)).events).toEqual({
      text: '/var/log/sophos-e.txt',
      json: '/var/log/sophos-sophos_events.json',
    });
    expect((await settingsOf(`save_file_location = out/\n${names}`)).events.text).toBe(join(folder, 'out', 'e.txt'));
  });

  it.each([
    ['OFF', 'silent'],
    ['0', 'silent'],
    ['ERROR', 'error'],
    ['INFO', 'info'],
    ['LOG', 'info'],
    ['2', 'info'],
    ['INFO+', 'debug'],
    ['LOG+', 'debug'],
    ['VERBOSE', 'trace'],
    ['4', 'trace'],
  ])('with log_level %s logs %s', async (word, ours) => {
    expect((await settingsOf(`log_level = ${word}\n`)).level.ours).toBe(ours);
  });

  it.each([
    ['alerts_auto_acknowledge = True\nalerts_auto_acknowledge_level = Medium', ['low', 'medium']],
    ['alerts_auto_acknowledge = True\nalerts_auto_acknowledge_level = low', ['low']],
    ['acknowledge = on\nacknowledge_levels = high, low', ['low', 'high']],
    ['acknowledge = medium', ['medium']],
    ['alerts_auto_acknowledge = False\nalerts_auto_acknowledge_level = high', null],
    ['alerts_auto_acknowledge_level = high', null],
  ])('acknowledges by %j what the tool does', async (text, severities) => {
    expect((await settingsOf(`${text}\n`)).acknowledgement?.severities ?? null).toEqual(severities);
  });

  it('never gives away the secret', async () => {
    const settings = await settingsOf('client_id = a\nclient_secret = hush-hush\n');
    expect(JSON.stringify(settings)).not.toContain('hush');
    expect(settings.clientSecret?.reveal()).toBe('hush-hush');
    const { draft, findings } = await takeoverOf('client_id = a\nclient_secret = hush-hush\n');
    expect(JSON.stringify([draft, findings])).not.toContain('hush');
  });
});

describe('a takeover', () => {
  it('reads both feeds as often, and says what that costs', async () => {
    const usual = await takeoverOf('pull_time = 10\n');
    expect(usual.draft.tree.streams).toEqual({ events: { every: '10s', since: '24h' }, 'siem-alerts': { every: '10s', since: '24h' } });
    expect(findingOf(usual, 'pull_time')).toEqual([expect.stringMatching(/^taken: .*720 calls an hour .* of 1000/)]);
    expect(findingOf(await takeoverOf('pull_time = 0\n'), 'pull_time')).toEqual([expect.stringMatching(/^changed: `every: 1s`.*7200 calls/)]);
    expect(findingOf(await takeoverOf('run = False\n'), 'run')).toEqual([expect.stringMatching(/^changed: `False` had stopped/)]);
  });

  it('writes paths below the configuration without its folder, and others whole', async () => {
    const { draft } = await takeoverOf('save_file_location = logs/\n');
    expect(draft.tree.sinks).toMatchObject({ 'events-txt': { path: './logs/sophos_events' } });
    expect(draft.tree.log).toEqual({ level: 'info', file: './sophos-central.log' });
    const elsewhere = await takeoverOf('save_file_location = /var/log/\n', join(folder, 'etc'));
    expect(elsewhere.draft.tree.sinks).toMatchObject({ 'events-txt': { path: '/var/log/sophos_events' } });
  });

  it('never takes what a value says for a placeholder of ours', async () => {
    const { draft } = await takeoverOf('client_id = ${env:HOME}\nevents_txt_file_name = a$b\n');
    expect(draft.tree.central).toMatchObject({ clientId: '$${env:HOME}' });
  });

  it('puts two kinds with one name into one file by one route', async () => {
    const { draft } = await takeoverOf('events_txt_file_name = all\nalerts_txt_file_name = all\n');
    expect(draft.tree.routes).toEqual([{ from: ['events', 'siem-alerts'], to: 'all-txt', format: 'text' }]);
  });

  it('tells of every line that it cannot use, and of the age of the files', async () => {
    await writeFile(join(folder, 'sophos_events'), '');
    const { utimes } = await import('node:fs/promises');
    await utimes(join(folder, 'sophos_events'), 1, 1_000_000_000);
    const takeover = await takeoverOf('a line\nunknown = 1\nevents_auto_acknowledge = True\n');
    expect(findingOf(takeover, 'sophos.conf, line 1')).toHaveLength(1);
    expect(findingOf(takeover, 'sophos.conf, line 2')).toEqual(['left: a setting that the tool does not know']);
    expect(findingOf(takeover, 'events_auto_acknowledge')).toEqual([expect.stringMatching(/^left: an event cannot be acknowledged/)]);
    expect(findingOf(takeover, 'its files')).toEqual([expect.stringMatching(/2001-09-09.*cannot be had any more/)]);
    expect(findingOf(takeover, 'client_id, client_secret')).toEqual([expect.stringMatching(/^left: there is no credential/)]);
  });
});
