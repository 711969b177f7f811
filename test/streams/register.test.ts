import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { spell } from '../../src/core/schema.ts';
import { datastreamOf } from '../../src/formats/json.ts';
import { streams } from '../../src/streams/index.ts';
import { day, hour, minute } from './inventory-scene.ts';

describe('the register', () => {
  it('lists every kind, how often it is read and how far back', () => {
    expect(streams.map(({ name, everyMs, pastMs, repeats, pageSize }) => [name, everyMs, pastMs, repeats, pageSize?.max ?? null])).toEqual([
      ['events', minute, day, 'recent', 1000],
      ['siem-alerts', minute, day, 'recent', 1000],
      ['alerts', 5 * minute, 90 * day, 'never', 1000],
      ['endpoints', day, null, 'recent', 500],
      ['local-sites', day, null, 'recent', 100],
      ['account-health', day, null, 'recent', null],
      ['detections', hour, 30 * day, 'recent', 100],
      ['admins', day, null, 'recent', 100],
      ['roles', day, null, 'recent', null],
      ['users', day, null, 'recent', 100],
      ['user-groups', day, null, 'recent', 100],
      ['endpoint-groups', day, null, 'recent', 100],
      ['policies', day, null, 'recent', 100],
      ['firewalls', day, null, 'recent', 1000],
      ['firewall-groups', day, null, 'recent', 100],
      ['licenses', day, null, 'recent', null],
      ['cases', hour, null, 'recent', 50],
    ]);
  });

  it('agrees with the formats on what a record is called', () => {
    for (const { name, datastream } of streams) expect([name, datastreamOf(name)]).toEqual([name, datastream]);
  });

  it('has no name twice, and knows inventory', () => {
    const names = streams.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('inventory');
  });

  it('names the option of the page size, which is bounded by what the API allows', () => {
    for (const { name, options, pageSize } of streams) {
      if (!pageSize) {
        expect(() => options.parse({ pageSize: 10 }), name).toThrow();
        continue;
      }
      expect(options.parse({ [pageSize.option]: pageSize.max }), name).toMatchObject({ [pageSize.option]: pageSize.max });
      expect(() => options.parse({ [pageSize.option]: pageSize.max + 1 }), name).toThrow();
      expect(() => options.parse({ [pageSize.option]: pageSize.min - 1 }), name).toThrow();
    }
  });

  it('stands in the documentation', async () => {
    const page = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    const rows = streams.map(
      ({ name, summary, everyMs, pastMs }) => `| \`${name}\` | ${summary} | ${spell(everyMs)} | ${pastMs === null ? 'as it is now' : spell(pastMs)} |`,
    );
    expect(page).toContain(rows.join('\n'));
  });

  it('refuses options that no stream has', () => {
    const alerts = streams.find(({ name }) => name === 'alerts');
    for (const wrong of [{ days: 0 }, { days: 91 }, { overlap: '7h' }, { recheck: 5 }, { typo: 1 }]) expect(() => alerts?.options.parse(wrong)).toThrow();
    expect(alerts?.options.parse({})).toEqual({ days: 1, overlap: hour, recheck: hour });
  });
});
