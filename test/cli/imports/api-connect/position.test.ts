/** Where reading goes on when two files of Sophos API Connect hold different records. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHeld } from '../../../../src/cli/imports/api-connect/held.ts';
import { type AskCentral, positionOf } from '../../../../src/cli/imports/api-connect/position.ts';

const now = Date.parse('2026-11-21T12:00:00.000Z');
const tenant = { id: 'a7d3c1e9-5b2f-4e60-8c14-9f2a6b3d0e75', name: 'Acme', labels: {} };
const at = (hoursAgo: number) => new Date(now - hoursAgo * 3_600_000).toISOString();
const ages = { both: 1, text: 2, json: 3, oldText: 24.5, oldJson: 25 } as const;
type Id = keyof typeof ages;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-connect-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Both files, and what Central answers. */
async function positionWith(ask: AskCentral, isShared = false) {
  const text = (ids: readonly Id[]) => ids.map((id) => `[Timestamp: ${at(ages[id])}] [EventID: ${id}] [CustomerID: ${tenant.id}]\n`).join('');
  const json = (ids: readonly Id[]) => JSON.stringify(ids.map((id) => ({ id, created_at: at(ages[id]), name: `of ${id}` })));
  const [textFile, jsonFile] = [join(folder, 'e'), join(folder, 'e.json')];
  await writeFile(textFile, text(['oldText', 'text', 'both']));
  await writeFile(jsonFile, json(['oldJson', 'json', 'both']));
  const kind = {
    stream: 'events' as const,
    title: 'events' as const,
    text: { held: await readHeld(textFile, 'text', now), route: 'events-txt', isShared },
    json: { held: await readHeld(jsonFile, 'json', now), route: 'events-json', isShared: false },
  };
  return positionOf(kind, tenant, now, ask);
}

const has: AskCentral = async (_stream, ids) => [...ids].map((key) => ({ key, time: now, json: JSON.stringify({ id: key }) }));

describe('two files that differ', () => {
  it('are both known, and each waits for what the other one has of the last 24 h', async () => {
    const { adopted, waiting, findings } = await positionWith(has);
    expect(adopted).toMatchObject({ id: `${tenant.id}/events`, readUpTo: null, checkpoint: { from: now - 48 * 3_600_000, cursor: null } });
    expect(adopted.delivered.map(({ key }) => key).sort()).toEqual(Object.keys(ages).sort());
    expect(waiting.map(({ route, becomes, items }) => [route, becomes, items.map(({ key }) => key)])).toEqual([
      ['events-txt', 'waiting', ['json']],
      ['events-json', 'waiting', ['text']],
    ]);
    expect(JSON.parse(waiting[0]?.items[0]?.json ?? '')).toEqual({ id: 'json', created_at: at(3), name: 'of json' });
    expect(findings.map(({ outcome }) => outcome)).toEqual(['changed', 'changed']);
  });

  it('are told apart from what does not come: Central was not asked, or has it no more', async () => {
    for (const [ask, why] of [
      [async () => null, /^1 record .* leave out `--offline`/],
      [async () => [], /^1 record .* Central has no more/],
    ] as const) {
      const { adopted, waiting, findings } = await positionWith(ask);
      expect(adopted.delivered.map(({ key }) => key)).toContain('text');
      expect(waiting.map(({ route }) => route)).toEqual(['events-txt']);
      expect(findings.at(-1)).toMatchObject({ outcome: 'left', how: expect.stringMatching(why) });
    }
  });

  it('are not compared when one holds records of both kinds', async () => {
    const { adopted, waiting, findings } = await positionWith(has, true);
    expect([adopted.delivered.length, waiting.length]).toEqual([5, 0]);
    expect(findings).toMatchObject([{ outcome: 'left' }]);
  });
});
