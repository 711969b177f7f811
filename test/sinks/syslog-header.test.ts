import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { severityOf } from '../../src/sinks/syslog/priority.ts';
import { topLevel } from '../../src/sinks/wire/field.ts';
import { readMessage } from '../far-ends/syslog-reader.ts';
import { noon } from '../laws/parcels.ts';
import { sent } from './syslog-sent.ts';

const json = (fields: object) => JSON.stringify({ id: '1', ...fields });

describe('an RFC 5424 header', () => {
  it('names time, host, program, process, stream, tenant and record', async () => {
    const [only] = await sent(
      { hostname: 'connector-1', procId: '77' },
      { tenant: 'T-1', name: 'Acme', items: [{ json: json({ severity: 'high' }), key: 'r-1' }] },
    );
    expect(only).toBe(
      '<131>1 2026-03-01T10:00:00.000Z connector-1 sophos-central 77 events [sophos@32473 tenant="T-1" tenantName="Acme" stream="events" record="T-1/events/r-1"] line 1',
    );
  });

  it.each([
    ['none', 6],
    ['low', 5],
    ['medium', 4],
    ['high', 3],
    ['very_high', 2],
    ['critical', 1],
    ['CRITICAL', 1],
    ['informational', 6],
    ['unheard of', 6],
    [undefined, 6],
    [0, 6],
    [1, 6],
    [2, 5],
    [5, 4],
    [7, 3],
    [9, 2],
    [10, 1],
    [-1, 6],
  ])('calls severity %j %i', (told, severity) => expect(severityOf(told)).toBe(severity));

  it('never calls anything an emergency', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.double(), fc.constant(undefined)), (told) => severityOf(told) >= 1 && severityOf(told) <= 6));
  });

  it.each([
    ['local4', 'info', '<166>'],
    [4, undefined, '<38>'],
    ['kern', 'emerg', '<0>'],
    ['local7', 'debug', '<191>'],
  ])('with facility %s and severity %s begins with %s', async (facility, severity, pri) => {
    const [only] = await sent({ facility, severity }, { tenant: 't', items: [{ json: json({}) }] });
    expect(only?.slice(0, pri.length)).toBe(pri);
  });

  it('takes the computer of the record as host when asked, made fit, and our own where there is none', async () => {
    const items = [
      { json: json({ location: 'Zoë’s  MacBook\n<0>1' }) },
      { json: json({}) },
      { json: json({ location: ' \n' }) },
      { json: json({ location: { a: 1 } }) },
    ];
    const hosts = (await sent({ hostname: 'own', recordHost: true }, { tenant: 't', items })).map((message) => readMessage(Buffer.from(message), 5424).host);
    expect(hosts).toEqual(['Zoe-s-MacBook-<0>1', 'own', 'own', 'own']);
  });

  it('takes templates for host, program and message id, and further data', async () => {
    const written = {
      hostname: '{tenant.name}',
      appName: 'sophos-{stream}',
      msgId: '{tenant.label.site}',
      fields: { site: '{tenant.label.site}', none: '{tenant.label.none}', day: '{date}' },
    };
    const [only] = await sent(
      { ...written, sdId: 'acme@4711' },
      { tenant: 't', name: 'Acme GmbH', labels: { site: 'north "1"]' }, items: [{ json: json({}) }] },
    );
    const message = readMessage(Buffer.from(only ?? ''), 5424);
    expect([message.host, message.app, message.msgId]).toEqual(['Acme-GmbH', 'sophos-events', 'north-"1"]']);
    expect(message.data.get('acme@4711')?.get('site')).toBe('north "1"]');
    expect([...(message.data.get('acme@4711')?.keys() ?? [])]).toEqual(['tenant', 'tenantName', 'stream', 'site', 'day', 'record']);
  });

  it('begins the text with a byte order mark when asked, and leaves structured data out when asked', async () => {
    const [only] = await sent({ bom: true, structuredData: false, hostname: 'h', procId: 'p' }, { tenant: 't', items: [{ json: json({}) }] });
    expect(only).toBe('<134>1 2026-03-01T10:00:00.000Z h sophos-central p events - \ufeffline 1');
  });

  it('has the nil value for an instant that no calendar of four digits holds', async () => {
    const items = [Number.NaN, 8.64e15, -8.64e15, Number.POSITIVE_INFINITY].map((time) => ({ json: json({}), time }));
    const times = (await sent({}, { tenant: 't', items })).map((message) => readMessage(Buffer.from(message), 5424).time);
    expect(new Set(times)).toEqual(new Set(['2026-03-01T10:00:00.000Z']));
  });

  it('stays one header whatever tenants and records are called', async () => {
    const name = fc.string({ unit: 'binary', maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(name, name, name, name, async (tenant, title, key, location) => {
        const written = { recordHost: true, hostname: '{tenant.name}', appName: '{tenant.name}', msgId: '{tenant.name}', procId: '{tenant.id}' };
        const [only = ''] = await sent(written, { tenant, name: title, items: [{ json: json({ location }), key }] });
        const message = readMessage(Buffer.from(only), 5424);
        expect(message.text).toBe('line 1');
        expect([...message.data.keys()]).toEqual(['sophos@32473']);
        expect([...(message.data.get('sophos@32473')?.keys() ?? [])]).toEqual(['tenant', 'tenantName', 'stream', 'record']);
      }),
    );
  });
});

describe('an RFC 3164 header', () => {
  it('names time, host, program and process', async () => {
    const items = [{ json: json({ severity: 'medium' }), time: Date.UTC(2026, 0, 5, 3, 4, 5) }];
    expect(await sent({ rfc: 3164, time: 'utc', hostname: 'h', procId: '7' }, { tenant: 't', items })).toEqual([
      '<132>Jan  5 03:04:05 h sophos-central[7]: line 1',
    ]);
    expect(await sent({ rfc: 3164, time: 'iso', hostname: 'h', procId: '7' }, { tenant: 't', items })).toEqual([
      '<132>2026-01-05T03:04:05.000Z h sophos-central[7]: line 1',
    ]);
  });

  it('tells the time of this machine`s zone unless told otherwise', async () => {
    const [only = ''] = await sent({ rfc: 3164, hostname: 'h', procId: '7' }, { tenant: 't', items: [{ json: json({}) }] });
    const at = new Date(noon);
    expect(only).toContain(`Mar ${String(at.getDate()).padStart(2)} ${String(at.getHours()).padStart(2, '0')}:00:00 h `);
  });

  it('stays one header whatever tenants and records are called', async () => {
    const name = fc.string({ unit: 'binary', maxLength: 400 });
    await fc.assert(
      fc.asyncProperty(name, name, async (tenant, location) => {
        const written = { rfc: 3164, recordHost: true, hostname: '{tenant.id}', appName: '{tenant.id}', procId: '{tenant.id}' };
        const [only = ''] = await sent(written, { tenant, items: [{ json: json({ location }) }] });
        expect(readMessage(Buffer.from(only), 3164).text).toBe('line 1');
      }),
    );
  });
});

it('the priority alone is what siem.py writes', async () => {
  expect(await sent({ rfc: 'none', facility: 'daemon', severity: 'info' }, { tenant: 't', items: [{ json: json({ severity: 'high' }) }] })).toEqual([
    '<30>line 1',
  ]);
});

describe('a field of a record', () => {
  it('is what JSON.parse finds at the top level, whatever stands around and below it', () => {
    const key = fc.oneof(fc.constantFrom('severity', 'location', 'a"severity":"', '"', '\\'), fc.string());
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 3 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 6 }), fc.constantFrom(0, 1, 2), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const found = (JSON.parse(text) as Record<string, unknown>).severity;
        const wanted = Object.hasOwn(object, 'severity') && (typeof found === 'string' || typeof found === 'number') ? found : undefined;
        expect(topLevel(Buffer.from(text), 'severity')).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['', '{', '{"severity"', '{"severity":', '{"severity":"', '{"severity":"\\', '["severity"]', '{"severity":-}', '{"severity":"\\x"}', '"severity"'])(
    'is none in %j',
    (text) => expect(topLevel(Buffer.from(text), 'severity')).toBeUndefined(),
  );
});
