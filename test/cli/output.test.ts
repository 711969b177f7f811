import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/cli/output/csv.ts';
import { flatten, parseFields, pick, tenantText, valueAt } from '../../src/cli/output/fields.ts';
import { openProgress, progressText } from '../../src/cli/output/progress.ts';
import { openRecordOutput } from '../../src/cli/output/records.ts';
import { openScreen } from '../../src/cli/output/screen.ts';
import { openTable } from '../../src/cli/output/table.ts';
import { visible } from '../../src/cli/output/visible.ts';
import { cutToWidth, widthOf } from '../../src/cli/output/width.ts';
import { packItems, recordsOf } from '../../src/core/pack.ts';
import type { Origin, StreamRecord } from '../../src/core/types.ts';

const origin: Origin = { stream: 'events', tenant: { id: 't-1', name: '=cmd|"x"\u001b[31m\r\nNext', labels: {} } };

function recordsWith(items: readonly Readonly<Record<string, unknown>>[]): readonly StreamRecord[] {
  return recordsOf(packItems(items.map((item, i) => ({ key: `k${i}`, time: 0, json: JSON.stringify(item) }))), 1, 0);
}

async function written(
  output: string,
  items: readonly Readonly<Record<string, unknown>>[],
  fields: string | null = null,
): Promise<{ text: string; warnings: string[] }> {
  const parts: Buffer[] = [];
  const warnings: string[] = [];
  const options = { output, fields: fields === null ? null : parseFields(fields), width: undefined, color: false, warn: (each: string) => warnings.push(each) };
  const opened = openRecordOutput('events', options, async (data) => {
    parts.push(Buffer.from(data));
  });
  for (const record of recordsWith(items)) await opened.write([record], origin);
  await opened.end();
  return { text: Buffer.concat(parts).toString('utf8'), warnings };
}

describe('a table', () => {
  it('lets no value move the cursor, colour a line or begin one', () => {
    const table = openTable({ headings: ['NAME', 'ID'], color: false });
    const text = table.row(['\u001b[2J\u001b]0;title\u0007evil\r\nForged  line\u202e\u009b31m', 'x']) + table.end();
    expect(text.split('\n')).toHaveLength(3);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(text).toContain('\\e[2J');
  });

  it('fits the terminal, whatever the values are', () => {
    const table = openTable({ headings: ['A', 'B', 'C'], width: 40, color: false });
    const text = table.row(['x'.repeat(100), '漢'.repeat(50), 'short']) + table.end();
    for (const line of text.trimEnd().split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(40);
    expect(text).toContain('short');
    expect(text).toContain('…');
  });

  it('cuts a time last, and puts figures to the right', () => {
    const table = openTable({ headings: ['WHO', 'AT', 'READ'], width: 42, color: false, figures: ['READ'], whole: ['AT'] });
    const text =
      table.row(['A name longer than there is room for', '2026-01-31T12:00:00Z', '7']) + table.row(['b', '2026-01-31T12:00:01Z', '1,234']) + table.end();
    expect(text).toBe(`WHO            AT                     READ
A name longe…  2026-01-31T12:00:00Z      7
b              2026-01-31T12:00:01Z  1,234
`);
  });

  it('shortens times and leaves ids out before it cuts what a person reads', () => {
    const shown = (width: number | undefined) => {
      const table = openTable({
        headings: ['HOST', 'OS', 'AT', 'SEEN', 'TEXT', 'ID'],
        width,
        color: false,
        whole: ['HOST'],
        times: ['AT'],
        days: ['SEEN'],
        ids: ['ID'],
        brief: { OS: (text) => text.replace('Windows', 'Win') },
      });
      const id = '5fc89ee7-c3df-4bd1-8d70-d3b4c5e6f7a8';
      return table.row(['FIN-WS-0142', 'Windows 11', '2026-01-31T12:00:09.123Z', '2026-01-30T08:00:00.000Z', 'Something to read', id]) + table.end();
    };
    const full = `HOST         OS          AT                        SEEN                      TEXT               ID
FIN-WS-0142  Windows 11  2026-01-31T12:00:09.123Z  2026-01-30T08:00:00.000Z  Something to read  5fc89ee7-c3df-4bd1-8d70-d3b4c5e6f7a8
`;
    expect(shown(undefined)).toBe(full);
    expect(shown(200)).toBe(full);
    expect(shown(120)).toBe(`HOST         OS      AT                SEEN              TEXT               ID
FIN-WS-0142  Win 11  2026-01-31 12:00  2026-01-30 08:00  Something to read  5fc89ee7-c3df-4bd1-8d70-d3b4c5e6f7a8
`);
    expect(shown(80)).toBe(`HOST         OS      AT                SEEN              TEXT
FIN-WS-0142  Win 11  2026-01-31 12:00  2026-01-30 08:00  Something to read
`);
    expect(shown(64)).toBe(`HOST         OS      AT                SEEN        TEXT
FIN-WS-0142  Win 11  2026-01-31 12:00  2026-01-30  Something to…
`);
  });

  it("shows of a tenant's name that is an id only the beginning", () => {
    expect(tenantText('dff19e73-3985-4c39-90db-47638873deb9')).toBe('dff19e73');
    expect(tenantText('Acme')).toBe('Acme');
  });

  it('prints long lists while they are read', () => {
    const table = openTable({ headings: ['N'], color: false });
    const texts = Array.from({ length: 300 }, (_, i) => table.row([String(i)]));
    expect(texts.slice(0, 99).join('')).toBe('');
    expect(texts.join('') + table.end()).toBe(`N\n${Array.from({ length: 300 }, (_, i) => `${i}\n`).join('')}`);
  });

  it('measures wide characters and marks as a terminal does', () => {
    expect(widthOf('漢字')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
    expect(cutToWidth('漢字漢字', 5)).toBe('漢字…');
  });
});

describe('CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['a"b', '"a""b"'],
    ['a,b', '"a,b"'],
    ['a\r\nb', '"a\r\nb"'],
    [-5, '-5'],
    [null, ''],
    [true, 'true'],
  ])('writes %j as %s', (cell, text) => {
    expect(csvLine([cell])).toBe(`${text}\r\n`);
  });

  it('flattens records, and has a column for whatever one of them has', async () => {
    const { text, warnings } = await written('csv', [
      { id: '1', info: { ip: '1.2.3.4', list: [1, 2] } },
      { id: '2', later: 'x' },
    ]);
    const [header, first] = text.split('\r\n"')[0]?.split('\n') ?? [];
    expect(header).toContain('id,info.ip,info.list,tenant.id,tenant.name');
    expect(header).toContain(',later');
    expect(first).toContain('1,1.2.3.4,"[1,2]",t-1,"\'=cmd|""x""');
    expect(warnings).toEqual([]);
  });

  it('is not held in memory however long it is: names what came too late for a column of its own', async () => {
    const many = Array.from({ length: 5001 }, (_, i) => (i === 5000 ? { id: 'last', later: 'x' } : { id: String(i) }));
    const { text, warnings } = await written('csv', many);
    expect(text.split('\r\n')[0]).not.toContain('later');
    // The name of the tenant has a line end in it, so lines are counted by how they begin.
    expect(text.match(/^(\d+|last),t-1,/gm)).toHaveLength(5001);
    expect(warnings).toEqual([expect.stringContaining('later')]);
  });

  it('has a header even without records when fields are named', async () => {
    expect((await written('csv', [], 'id,tenant.name')).text).toBe('id,tenant.name\r\n');
  });
});

describe('the forms of records', () => {
  it('print JSON as one array, also of nothing', async () => {
    expect(JSON.parse((await written('json', [{ id: '1' }, { id: '2' }])).text)).toMatchObject([{ id: '1' }, { id: '2' }]);
    expect(JSON.parse((await written('json', [])).text)).toEqual([]);
    expect(JSON.parse((await written('json', [{ id: '1', a: 1 }], 'id')).text)).toEqual([{ id: '1' }]);
  });

  it('print NDJSON as one object per line, raw as the item alone', async () => {
    const lines = (await written('ndjson', [{ id: '1' }, { id: '2' }])).text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ id: '1', tenant: { id: 't-1' } }, { id: '2' }]);
    expect((await written('raw', [{ id: '1', none: null }])).text).toBe('{"id":"1","none":null}\n');
  });

  it('refuse unknown forms, and fields where lines are whole', async () => {
    await expect(written('yaml', [])).rejects.toMatchObject({ code: 'usage.output' });
    await expect(written('raw', [], 'id')).rejects.toMatchObject({ code: 'usage.fields' });
  });
});

describe('fields', () => {
  it('are found by dotted path, keys with dots first', () => {
    expect(valueAt({ a: { b: 1 } }, 'a.b')).toBe(1);
    expect(valueAt({ 'a.b': 2, a: { b: 1 } }, 'a.b')).toBe(2);
    expect(valueAt({ a: { 'b.c': 3 } }, 'a.b.c')).toBe(3);
    expect(valueAt({}, 'constructor')).toBeUndefined();
  });

  it('are picked nested as they were, and never reach a prototype', () => {
    expect(JSON.parse(JSON.stringify(pick({ a: { b: 1, c: 2 }, d: 3 }, ['a.b', 'd', 'x'])))).toEqual({ a: { b: 1 }, d: 3 });
    pick(JSON.parse('{"__proto__":{"polluted":1}}'), ['__proto__.polluted']);
    expect({}).not.toHaveProperty('polluted');
  });

  it('are flattened to dotted names', () => {
    expect([...flatten({ a: { b: { c: 1 } }, d: [{ e: 1 }] })]).toEqual([
      ['a.b.c', 1],
      ['d', [{ e: 1 }]],
    ]);
  });
});

describe('what comes from outside', () => {
  it('is written out where a terminal would act upon it', () => {
    expect(visible('a\nb\u001b[1m\u009b\u2028\ud800')).toBe('a\\nb\\e[1m\\u009b\\u2028\\ud800');
    expect(visible('Müller – 漢字 🧪')).toBe('Müller – 漢字 🧪');
  });
});

describe('progress', () => {
  it('says tenants, records, rate and errors', () => {
    const state = { unit: 'tenants', done: 12, total: 25, records: 34_210, errors: 1, note: '' };
    expect(progressText(state, 10_000)).toBe('12/25 tenants, 34,210 records (3,421/s), 1 error');
  });

  it('is redrawn on a terminal, and log lines stand above it', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
    const screen = openScreen(stream);
    let now = 0;
    const progress = openProgress(screen, { now: () => now, monotonic: () => now, sleep: async () => undefined });
    progress.update({ done: 1, total: 2 });
    now = 50;
    progress.update({ done: 2 });
    screen.line('a line');
    progress.end();
    const text = String(stream.read());
    expect(text).toBe('\r\u001b[2K1/2 tenants, 0 records (0/s)\r\u001b[2Ka line\n1/2 tenants, 0 records (0/s)\r\u001b[2K');
  });

  it('makes room for data on the same terminal, and waits while a line of it is open', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 60 });
    const screen = openScreen(stream);
    screen.status('1/2');
    screen.makeRoom(() => stream.write('row\n'), true);
    screen.makeRoom(() => stream.write('[{}'), false);
    screen.status('2/2');
    screen.makeRoom(() => stream.write(']\n'), true);
    screen.status('done');
    const wiped = '\r\u001b[2K';
    expect(String(stream.read())).toBe(`${wiped}1/2${wiped}row\n${wiped}1/2${wiped}[{}]\n${wiped}done`);
  });

  it('is a plain line every ten seconds elsewhere', () => {
    const stream = new PassThrough();
    let now = 0;
    const progress = openProgress(openScreen(stream), { now: () => now, monotonic: () => now, sleep: async () => undefined });
    for (; now <= 21_000; now += 1_000) progress.update({ records: now });
    progress.end();
    expect(String(stream.read()).trimEnd().split('\n')).toHaveLength(2);
  });
});
