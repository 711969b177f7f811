import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { LineBuffer, packItems, recordsOf } from '../../src/core/pack.ts';
import type { Parcel, Sink } from '../../src/core/types.ts';
import type { Report } from '../../src/core/world.ts';
import { anyValue } from '../../src/sinks/otlp/any-value.ts';
import { otlp } from '../../src/sinks/otlp.ts';
import { type OtlpReceiver, startOtlp } from '../far-ends/otlp.ts';
import { jsonLines, noon, parcelOf } from '../laws/parcels.ts';
import { failureOf, opening, openWebSink, type Written } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;

async function start(written: Written = {}, reports: Report[] = []): Promise<{ far: OtlpReceiver; sink: Sink }> {
  const far = keep(await startOtlp());
  return { far, sink: keep(await openWebSink(otlp, { url: far.url, ...written }, { reports })) };
}

const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 8) }]);

/** A parcel of items whose lines are the items themselves, as the format `raw` has them. */
function rawParcel(items: readonly string[], time = noon): Parcel {
  const lines = new LineBuffer();
  for (const item of items) {
    lines.text(item);
    lines.endLine();
  }
  const packed = packItems(items.map((json, i) => ({ key: `k${i}`, time, json })));
  const origin = { stream: 'events', tenant: { id: 'T', name: 'Acme', labels: { cost: '42' } } };
  const lane = { route: 'r', stream: 'T/events' };
  return { sections: [{ lane, after: 0, upTo: items.length, origin, records: recordsOf(packed, 1, noon + 5), lines: lines.lines(), json: true }] };
}

const statuses = [
  [302, '', 'config', 'otlp.redirected'],
  [400, { code: 3 }, 'rejected', 'otlp.refused'],
  [401, '', 'auth', 'otlp.unauthorized'],
  [403, '', 'auth', 'otlp.unauthorized'],
  [404, '<html>', 'config', 'otlp.not-otlp'],
  [405, '', 'config', 'otlp.not-otlp'],
  [408, '', 'transient', 'otlp.busy'],
  [413, '', 'rejected', 'otlp.too-large'],
  [415, '', 'config', 'otlp.not-otlp'],
  [422, '', 'rejected', 'otlp.refused'],
  [429, '', 'transient', 'otlp.busy'],
  [500, '', 'transient', 'otlp.unavailable'],
  [502, '', 'transient', 'otlp.unavailable'],
  [503, '', 'transient', 'otlp.unavailable'],
  [504, '', 'transient', 'otlp.unavailable'],
  [200, '<html>Log in</html>', 'config', 'otlp.not-otlp'],
  [200, '[]', 'config', 'otlp.not-otlp'],
] as const;

describe('an answer of a receiver', () => {
  it.each(statuses)('with status %i and the body %j is %s %s', async (status, body, kind, code) => {
    const { far, sink } = await start();
    far.faults.push({ status, body, headers: { 'retry-after': '3' } });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind, code, retryAfterMs: kind === 'transient' ? 3000 : undefined });
    expect(failure.message).toContain(`sending 8 records to ${far.url}/v1/logs failed: HTTP ${status}`);
    expect(failure.advice).toBeTruthy();
  });

  it.each([
    [200, ''],
    [200, '{}'],
    [204, ''],
    [202, '{"partialSuccess":{}}'],
    [200, '{"partialSuccess":null}'],
    [200, '{"partialSuccess":{"rejectedLogRecords":"0"}}'],
    [200, '{"partialSuccess":{"rejectedLogRecords":0,"errorMessage":""}}'],
  ])('with status %i and the body %j is success', async (status, body) => {
    const { far, sink } = await start();
    far.faults.push({ status, body });
    expect(await sink.deliver(parcel, never)).toEqual({ refused: [] });
  });

  it.each([1, '1', '9'.repeat(30), -1, 'many', {}])('that %j records were left out is no delivery', async (rejectedLogRecords) => {
    const { far, sink } = await start();
    far.faults.push({ status: 200, body: { partialSuccess: { rejectedLogRecords, errorMessage: 'too\u001b[2J old' } } });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'otlp.partly-refused' });
    expect(failure.message).toMatch(/failed: [18] of them were refused: too \[2J old$/);
  });

  it('that some were left out leads to the guilty ones when the parcel is halved, and to no loss', async () => {
    const { far, sink } = await start();
    far.refuseBodiesWith('t1-5');
    const refused: number[] = [];
    const halve = async (from: number, to: number): Promise<void> => {
      const piece = parcelOf([{ tenant: 't1', after: from, items: jsonLines('t1', to - from, from + 1) }]);
      const failure = await sink.deliver(piece, never).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure === null) return;
      expect(failure).toMatchObject({ kind: 'rejected', code: 'otlp.partly-refused' });
      if (to - from === 1) return void refused.push(to);
      const middle = (from + to) >>> 1;
      await halve(from, middle);
      await halve(middle, to);
    };
    await halve(0, 8);
    expect(refused).toEqual([5]);
    const uids = new Set(far.records.map(({ attributes }) => attributes['log.record.uid']));
    expect(uids.size, 'repeats fold by their uid').toBe(7);
  });

  it('with a remark is success, and the remark is told', async () => {
    const reports: Report[] = [];
    const { far, sink } = await start({}, reports);
    far.remark('slow down\r\nplease');
    await sink.deliver(parcel, never);
    expect(reports).toEqual([{ name: 'sink.remarked', sink: 'far', reason: 'slow down please' }]);
  });
});

describe('the log records of otlp', () => {
  it('say whose, what, when and how grave', async () => {
    const { far, sink } = await start({ resource: { 'deployment.environment.name': 'prod', site: '{tenant.label.site}' } });
    const item = '{"id":"1","type":"Event::Endpoint::Threat::Detected","severity":"high","name":"x"}';
    await sink.deliver(rawParcel([item]), never);
    expect(far.records).toEqual([
      {
        resource: {
          'service.name': 'sophos-central',
          'sophos.tenant.id': 'T',
          'sophos.tenant.name': 'Acme',
          'sophos.tenant.label.cost': '42',
          'deployment.environment.name': 'prod',
        },
        scope: 'sophos-central-connector',
        time: `${noon}000000`,
        observed: `${noon + 5}000000`,
        severityNumber: 17,
        severityText: 'high',
        body: item,
        attributes: { 'event.name': 'Event::Endpoint::Threat::Detected', 'log.record.uid': 'T/events/k0' },
      },
    ]);
  });

  it.each([
    ['"none"', 9],
    ['"informational"', 9],
    ['"low"', 10],
    ['"medium"', 13],
    ['"high"', 17],
    ['"very_high"', 18],
    ['"critical"', 21],
    ['"CRITICAL"', 21],
    ['"notSet"', 0],
    ['0', 9],
    ['1', 10],
    ['3', 10],
    ['4', 13],
    ['7', 17],
    ['8.5', 17],
    ['9', 21],
    ['10', 21],
    ['11', 0],
    ['-1', 0],
    ['null', 0],
    ['{}', 0],
  ])('of severity %s have the number %i', async (severity, number) => {
    const { far, sink } = await start();
    await sink.deliver(rawParcel([`{"severity":${severity}}`]), never);
    expect(far.records.map(({ severityNumber }) => severityNumber)).toEqual([number]);
  });

  it.each([Number.NaN, -5, 0, Number.POSITIVE_INFINITY, 1e300, 0.5, 18_446_744_073_709])('of the time %d are well formed', async (time) => {
    const { far, sink } = await start();
    await sink.deliver(rawParcel(['{}'], time), never);
    expect(far.records.map((record) => record.time)).toEqual([time === 18_446_744_073_709 ? '18446744073709000000' : '0']);
  });

  it('as fields keep every value in its type', async () => {
    const { far, sink } = await start({ body: 'fields' });
    const item = { s: 'x', i: 9007199254740991, n: -3, d: 1.5, big: 1e21, t: true, f: false, nothing: null, list: [1, 'a', [null]], map: { '': { k: 'v' } } };
    await sink.deliver(rawParcel([JSON.stringify(item), '[1]', '"text"', '{"a":9007199254740993,"z":-0}']), never);
    expect(far.records.map(({ body }) => body)).toEqual([item, [1], 'text', { a: 9007199254740992, z: 0 }]);
  });

  it('as fields are well formed however deep an item is', async () => {
    const { far, sink } = await start({ body: 'fields' });
    for (const depth of [10, 30, 200, 50_000]) {
      const text = `${'{"a":['.repeat(depth)}${']}'.repeat(depth)}`;
      await sink.deliver(rawParcel([text]), never);
    }
    expect(far.records).toHaveLength(4);
    expect(far.records.at(-1)?.body).toBeTypeOf('string');
  });

  it.each(['text', 'fields'] as const)('come whole from whatever Central says, as %s', async (body) => {
    const { far, sink } = await start({ body });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue({ maxDepth: 5 }), { minLength: 1, maxLength: 4 }), async (values) => {
        const before = far.records.length;
        const items = values.map((value) => JSON.stringify({ severity: value, type: value, value }));
        await sink.deliver(rawParcel(items), never);
        const bodies = far.records.slice(before).map((record) => record.body);
        // Minus zero is zero, and a number beyond 2^53 a double: the same in JSON.
        expect(bodies.map((each) => (body === 'text' ? each : JSON.stringify(each)))).toEqual(items);
      }),
      { numRuns: 150 },
    );
  });

  it('hold no half of a surrogate pair, and no key twice', async () => {
    const { far, sink } = await start({ body: 'fields', resource: { 'sophos.tenant.label.x': 'mine' } });
    const odd = parcelOf([
      { tenant: 't\ud800', name: '\udfff"\u0000', labels: { x: 'theirs', '\ud801': '\ud802' }, items: [{ line: '{"a\\ud800":"\\udc00"}', key: '\ud805"' }] },
    ]);
    await sink.deliver(odd, never);
    expect(far.records[0]).toMatchObject({
      body: { 'a\ufffd': '\ufffd' },
      resource: { 'sophos.tenant.label.x': 'mine' },
      attributes: { 'log.record.uid': 't\ufffd/events/\ufffd"' },
    });
  });

  it('write numbers that JSON has not as texts', () => {
    expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map((each) => anyValue(each))).toEqual([
      '{"doubleValue":"Infinity"}',
      '{"doubleValue":"-Infinity"}',
      '{"doubleValue":"NaN"}',
    ]);
  });
});

describe('otlp', () => {
  it.each([
    ['', '/v1/logs'],
    ['/', '/v1/logs'],
    ['/v1/logs', '/v1/logs'],
    ['/v1/logs/', '/v1/logs'],
  ])('finds the receiver at %j', async (written, path) => {
    const far = keep(await startOtlp());
    const sink = keep(await openWebSink(otlp, { url: far.url + written }));
    await sink.deliver(parcel, never);
    expect(far.requests.map((request) => request.path)).toEqual([path]);
  });

  it('checks with a request that brings nothing', async () => {
    const { far, sink } = await start();
    expect(await sink.check(never)).toBe(`${far.url}/v1/logs takes logs`);
    expect(far.records).toEqual([]);
  });

  it('checks a receiver that refuses a request without records, and one that lets nobody in', async () => {
    const answering = (status: number) => () => async () => ({ status, headers: {}, body: Buffer.from('{"code":3}') });
    const check = async (status: number) => keep(await openWebSink(otlp, { url: 'http://collector:4318' }, { through: answering(status) })).check(never);
    expect(await check(400)).toBe('http://collector:4318/v1/logs answers (HTTP 400 to an empty request)');
    expect(await failureOf(check(401))).toMatchObject({ kind: 'auth' });
    expect(await failureOf(check(404))).toMatchObject({ kind: 'config' });
    expect(await failureOf(check(503))).toMatchObject({ kind: 'transient' });
  });

  it.each(['text', 'fields'] as const)('keeps below `batch.bytes` for parcels of usual records as its limits allow, as %s', async (body) => {
    const { far, sink } = await start({ body, batch: { bytes: '500KB' }, gzip: false });
    const item = {
      id: '8b0d1f7a-1111-4222-8333-444455556666',
      type: 'Event::Endpoint::UpdateSuccess',
      severity: 'low',
      name: 'Update succeeded, nothing else to tell about it',
      location: 'HOST-1',
      created_at: '2026-03-01T10:00:00.000Z',
    };
    const line = JSON.stringify(item);
    const count = Math.min(sink.limits.records, Math.floor(sink.limits.bytes / (line.length + 1)));
    await sink.deliver(rawParcel(Array.from({ length: count }, () => line)), never);
    expect(far.records).toHaveLength(count);
    expect(far.requests[0]?.wire.length).toBeLessThan(500_000);
    expect(far.requests[0]?.wire.length).toBeGreaterThan(150_000);
  });

  it('rejects before it begins what would be above `batch.bytes`', async () => {
    const { far, sink } = await start({ batch: { bytes: '2KB' } });
    const quotes = JSON.stringify({ a: '"'.repeat(900) });
    expect(await failureOf(sink.deliver(rawParcel([quotes, quotes]), never))).toMatchObject({ kind: 'rejected', code: 'otlp.too-large' });
    expect(far.requests).toEqual([]);
  });

  it.each([{ url: 'https://c:4318/?x=1' }, { url: 'grpc://c:4317' }, { body: 'xml' }, { resource: { 'service.name': 'x' } }, { serviceName: '' }])(
    'refuses the options %j',
    (written) => {
      expect(() => otlp.options.parse({ url: 'https://c:4318', ...written })).toThrow();
    },
  );
});
