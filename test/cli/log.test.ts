import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type LogOptions, openLog } from '../../src/cli/log.ts';
import { openScreen } from '../../src/cli/output/screen.ts';
import { levelOf, logLevels, reports, sentenceOf } from '../../src/core/reports.ts';
import { secret } from '../../src/core/secret.ts';

function opened(options: Partial<LogOptions> = {}) {
  const stream = new PassThrough();
  const time = { at: Date.UTC(2026, 0, 1) };
  const clock = { now: () => time.at, monotonic: () => time.at, sleep: async () => undefined };
  const log = openLog({ level: 'info', format: 'json', color: false, ...options }, openScreen(stream), clock);
  const lines = async () => {
    await log.close();
    // A read gives what was buffered, not all that was written.
    let text = '';
    for (let part = stream.read(); part !== null; part = stream.read()) text += String(part);
    return text.split('\n').filter((line) => line !== '');
  };
  return { log, time, lines };
}

describe('the log', () => {
  it('writes reports at their own level, with sentence and fields', async () => {
    const { log, lines } = opened();
    log.report({ name: 'page.appended', tenant: 'Acme', stream: 's', accepted: 1, repeated: 0 });
    log.report({ name: 'tenant.set-aside', tenant: 'Acme', code: 'central.forbidden', reason: 'no' });
    log.report({ name: 'something.new', answer: 42 });
    expect((await lines()).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'warn',
        msg: 'tenant Acme is set aside (central.forbidden): no',
        report: 'tenant.set-aside',
        time: '2026-01-01T00:00:00.000Z',
      }),
      expect.objectContaining({ level: 'info', msg: 'something.new answer=42' }),
    ]);
  });

  it.each(['json', 'pretty'] as const)('keeps one %s line per report, whatever a tenant is called', async (format) => {
    const { log, lines } = opened({ format });
    log.report({ name: 'tenant.set-aside', tenant: 'Acme\n{"level":"error","msg":"forged"}\r\u001b[2J', code: 'x', reason: 'no', level: 'fatal', msg: 'mine' });
    const found = await lines();
    expect(found).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
    expect(found[0]).not.toMatch(/[\u0000-\u001f]/);
    if (format === 'json') expect(JSON.parse(found[0] ?? '')).toMatchObject({ level: 'warn', level_: 'fatal', msg_: 'mine' });
  });

  it('keeps to JSON when asked for it, also for what a command has to say', async () => {
    const { log, lines } = opened();
    log.say('1 record read.');
    log.say('warning: a tenant is missing');
    expect((await lines()).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'info', msg: '1 record read.' }),
      expect.objectContaining({ level: 'warn', msg: 'a tenant is missing' }),
    ]);
  });

  it('says when in UTC, with the date', async () => {
    const { log, lines } = opened({ format: 'pretty' });
    log.info('hello');
    expect(await lines()).toEqual(['[2026-01-01T00:00:00Z] INFO: hello']);
  });

  it('folds what is said again and again', async () => {
    const { log, time, lines } = opened();
    for (let i = 0; i < 10; i++) log.report({ name: 'sink.failed', route: 'r', code: 'http.refused', reason: 'refused', tries: i });
    time.at += 61_000;
    log.report({ name: 'sink.failed', route: 'r', code: 'http.refused', reason: 'refused', tries: 11 });
    const messages = (await lines()).map((line) => JSON.parse(line).msg);
    const sentence = 'route r: the sink failed (http.refused): refused';
    expect(messages).toEqual([sentence, `again 9 times: ${sentence}`, sentence]);
  });

  it('says some twenty of many lines that differ only in whom they are about, and counts the rest', async () => {
    const { log, time, lines } = opened();
    const failed = (tenant: number) =>
      log.report({ name: 'stream.failed', tenant: `Tenant ${tenant}`, stream: 'events', id: `${tenant}/events`, code: 'http.refused', reason: 'refused' });
    for (let tenant = 0; tenant < 300; tenant++) failed(tenant);
    // Another cause is not hidden behind it.
    log.report({ name: 'stream.failed', tenant: 'Tenant 7', stream: 'events', code: 'central.forbidden', reason: 'forbidden' });
    time.at += 61_000;
    failed(300);
    const found = (await lines()).map((line) => JSON.parse(line));
    expect(found.filter(({ code, more }) => code === 'http.refused' && more === undefined)).toHaveLength(21);
    expect(found.filter(({ more }) => more !== undefined)).toEqual([
      expect.objectContaining({ level: 'warn', more: 280, report: 'stream.failed', code: 'http.refused', msg: '280 more like these (http.refused): refused' }),
    ]);
    expect(found.filter(({ code }) => code === 'central.forbidden')).toHaveLength(1);
  });

  it('folds one answer of Central that has another correlation id each time, for a tenant and among tenants', async () => {
    const { log, time, lines } = opened();
    const failed = (tenant: number, nth: number) => {
      const id = `0c8f0b5e-0000-4000-8000-${String(tenant).padStart(12, '0')}`;
      const reason = `GET /siem/v1/events, to read the SIEM events of tenant ${id}: 503 (correlation id ${nth}-${tenant})`;
      log.report({ name: 'stream.failed', tenant: `Tenant ${tenant}`, tenantId: id, stream: 'events', code: 'central.unavailable', reason });
    };
    for (let tenant = 0; tenant < 300; tenant++) for (const nth of [1, 2, 3]) failed(tenant, nth);
    time.at += 61_000;
    log.info('later');
    const found = (await lines()).map((line) => String(JSON.parse(line).msg));
    const first = found.filter((message) => message.startsWith('tenant Tenant '));
    expect(first).toHaveLength(20);
    expect(new Set(first).size).toBe(20);
    expect(found.filter((message) => message.startsWith('840 more like these (central.unavailable): '))).toHaveLength(1);
    expect(found.filter((message) => message.startsWith('again '))).toEqual(first.map((message) => `again 2 times: ${message}`));
  });

  it('never folds what is no trouble', async () => {
    const { log, lines } = opened();
    for (let i = 0; i < 3; i++) log.info('the same');
    expect(await lines()).toHaveLength(3);
  });

  it('keeps the run in its lines when other settings come that do not name it', async () => {
    const { log, lines } = opened({ run: '3f9a2c1b' });
    log.configure({ level: 'info', color: false });
    log.info('after');
    expect((await lines()).map((line) => JSON.parse(line))).toMatchObject([{ run: '3f9a2c1b', msg: 'after' }]);
  });

  it('names run, tenant, stream and sink in every line, always under the same names', async () => {
    const { log, lines } = opened({ run: '3f9a2c1b', level: 'debug' });
    log.report({ name: 'page.appended', id: 't-1/events', stream: 'events', tenant: 'Acme', accepted: 1, repeated: 0 });
    log.report({ name: 'stream.cursor-refused', stream: 't-1/events', tenant: 'Acme', reason: 'old' });
    log.report({ name: 'record.refused', route: 'r', sink: 's', stream: 'retry/r/t-1/events', seq: 1, code: 'c', reason: 'no', run: 'forged' });
    log.report({ name: 'record.refused', route: 'r', stream: 'retry/r/t-1/events/imported-0123', seq: 2, code: 'c', reason: 'no' });
    log.info('hello');
    const found = (await lines()).map((line) => JSON.parse(line));
    expect(found.every(({ run }) => run === '3f9a2c1b')).toBe(true);
    for (const line of found.slice(0, 4)) expect(line).toMatchObject({ tenantId: 't-1', stream: 'events' });
    expect(found[2]).toMatchObject({ route: 'r', sink: 's', run_: 'forged' });
    const pretty = opened({ run: '3f9a2c1b', format: 'pretty' });
    pretty.log.info('hello');
    expect(await pretty.lines()).toEqual(['[2026-01-01T00:00:00Z] INFO: (3f9a2c1b) hello']);
  });

  it('takes secrets out of whatever is said, as they stand in JSON and URLs too, and web tokens that nobody told it of', async () => {
    const { log, lines } = opened();
    log.conceal(['hunter2"&\\x', 'tiny', 'hunter2']);
    log.report({ name: 'sink.failed', route: 'r', code: 'c', reason: 'the proxy says: hunter2"&\\x, "hunter2\\"&\\\\x", ?p=hunter2%22%26%5Cx and tiny' });
    log.failure(new Error('header: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl'));
    log.say('warning: hunter2');
    const text = (await lines()).join('\n');
    expect(text).not.toMatch(/hunter2|eyJ/);
    expect(text).toContain('tiny');
    expect(text.match(/\[secret\]/g)?.length).toBeGreaterThanOrEqual(8);
  });

  it('goes on beside a file that cannot be written, and says so once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    try {
      writeFileSync(join(folder, 'no-folder'), '');
      const { log, lines } = opened({ file: join(folder, 'no-folder', 'x.log') });
      log.info('first');
      log.info('second');
      const found = await lines();
      expect(found[0]).toMatch(/^warning: the log file .* cannot be written/);
      expect(found.slice(1).map((line) => JSON.parse(line).msg)).toEqual(['first', 'second']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('begins a new file when another program has moved the old one away', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    try {
      const file = join(folder, 'x.log');
      const { log, lines } = opened({ file, rotate: { maxBytes: 10_000, keep: 2 } });
      log.info('before');
      await lines();
      renameSync(file, `${file}.moved`);
      log.info('after');
      await lines();
      expect(readFileSync(file, 'utf8')).toContain('after');
      expect(readFileSync(`${file}.moved`, 'utf8')).not.toContain('after');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('goes into a file for its owner only, and turns it over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    try {
      const file = join(folder, 'logs', 'x.log');
      const { log, lines } = opened({ file, rotate: { maxBytes: 200, keep: 2 } });
      for (let i = 0; i < 10; i++) log.info(`line ${i} ${'x'.repeat(50)}`);
      expect(await lines()).toEqual([]);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(JSON.parse(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '').msg).toContain('line 9');
      expect(statSync(`${file}.2`).mode & 0o777).toBe(0o600);
      expect(() => statSync(`${file}.3`)).toThrow(/ENOENT/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('follows settings that come later, and loses no line on the way', async () => {
    const { log, lines } = opened({ format: 'pretty' });
    log.info('first');
    log.configure({ level: 'debug', format: 'json', color: false });
    log.debug('second');
    expect((await lines()).map((line) => JSON.parse(line).msg)).toEqual(['first', 'second']);
  });

  it('says nothing when silent, and no secret ever', async () => {
    const silent = opened({ level: 'silent' });
    silent.log.failure(new Error('x'));
    silent.log.say('x');
    expect(await silent.lines()).toEqual([]);
    const loud = opened({ level: 'trace' });
    loud.log.info(`token ${secret('hunter2')}`);
    expect((await loud.lines()).join()).not.toContain('hunter2');
  });
});

describe('the table of reports', () => {
  it('gives every report a level and a sentence', () => {
    for (const [name, { level }] of Object.entries(reports)) {
      expect(logLevels).toContain(level);
      expect(levelOf({ name })).toBe(level);
      expect(sentenceOf({ name })).not.toMatch(/[[\]{}]/);
    }
  });

  it('leaves out the parts that nobody filled, and never reads braces in a value', () => {
    expect(sentenceOf({ name: 'account.discovered', account: 'a', tenants: 1, streams: 2 })).toBe('account a: 1 tenants, 2 streams to read');
    expect(sentenceOf({ name: 'tenant.set-aside', tenant: '[{reason}]', code: 'c', reason: 'r' })).toBe('tenant [{reason}] is set aside (c): r');
    expect(sentenceOf({ name: 'pace.waiting', waiting: 3, until: 0 })).toContain('1970-01-01T00:00:00.000Z');
    expect(levelOf({ name: 'constructor' })).toBe('info');
  });
});
