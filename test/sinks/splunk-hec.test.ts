import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { jsonSchemaOf } from '../../src/core/schema.ts';
import type { Sink } from '../../src/core/types.ts';
import type { Http } from '../../src/core/world.ts';
import { options } from '../../src/sinks/splunk-hec/options.ts';
import { type Hec, type HecOptions, startHec } from '../far-ends/hec.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { failureOf, openHecSink, secretToken, until, type Written } from './splunk-hec-world.ts';

const lawsOn = (ack: HecOptions['ack'], written: Written) => async (): Promise<FarEnd> => {
  const hec = await startHec({ token: secretToken, ...(ack ? { ack } : {}) });
  return {
    promises: 'at-least-once',
    wishMs: 2500,
    secrets: [secretToken, 'another-secret-token'],
    open: () => openHecSink({ url: hec.url, ...written }),
    openWithBadToken: () => openHecSink({ url: hec.url, ...written, token: 'another-secret-token' }),
    received: async () => hec.events.map(({ line }) => line),
    breakOnce(fault) {
      if (fault === 'refuse') hec.refuseLinesWith('refuse-me');
      else if (fault === 'busy') hec.faults.push({ status: 503, body: { text: 'Server is busy', code: 9 }, headers: { 'retry-after': '2.5' } });
      else hec.faults.push(fault);
    },
    close: hec.close,
  };
};

sinkLaws('splunk-hec', lawsOn(undefined, {}));
sinkLaws('splunk-hec without compression', lawsOn(undefined, { gzip: false }));
sinkLaws('splunk-hec with acknowledgement', lawsOn('at-once', { ack: true, ackPollMs: 50 }));

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
const never = new AbortController().signal;

async function start(written: Written = {}, more: Partial<HecOptions> = {}, through?: (http: Http) => Http): Promise<{ hec: Hec; sink: Sink }> {
  const hec = await startHec({ token: secretToken, ...more });
  opened.push(hec);
  const sink = await openHecSink({ url: hec.url, ...written }, through);
  opened.push(sink);
  return { hec, sink };
}

describe('splunk-hec requests', () => {
  it('compress what is larger than 1 KB, and nothing else', async () => {
    const { hec, sink } = await start();
    await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 2) }]), never);
    await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 200) }]), never);
    expect(hec.requests.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip']);
    expect(hec.requests[1]?.wireBytes).toBeLessThan((hec.requests[1]?.body.length ?? 0) / 4);
    expect(hec.events.length).toBe(202);
  });

  it('are not compressed when `gzip` is off', async () => {
    const { hec, sink } = await start({ gzip: false });
    await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 200) }]), never);
    expect(hec.requests[0]?.headers['content-encoding']).toBeUndefined();
  });

  it('stay below `batch.bytes` for every parcel that its limits allow', async () => {
    const bodies: number[] = [];
    const counting =
      (http: Http): Http =>
      (request) => {
        const { body, headers } = request;
        bodies.push(headers['content-encoding'] === 'gzip' ? gunzipSync(body ?? '').length : (body?.length ?? 0));
        return http(request);
      };
    const written = { batch: { bytes: '300KB' }, sourcetype: 'sophos:central:{stream}', index: '{tenant.label.index}', fields: { customer: '{tenant.name}' } };
    const { hec, sink } = await start(written, {}, counting);
    const { limits } = sink;
    const each = Math.floor(limits.bytes / limits.records) - 1;
    const lines = Array.from({ length: limits.records }, (_, i) => `{"n":${String(i).padStart(each - 6, '1')}}`);
    const id = '7c3a5e1c-0f7e-4f3c-9a6e-0a1b2c3d4e5f';
    const items = lines.map((line, i) => ({ line, key: id.slice(0, 28) + String(i).padStart(8, '0') }));
    await sink.deliver(parcelOf([{ tenant: id, name: 'A customer with a name of some length', labels: { index: 'sophos' }, items }]), never);
    expect(bodies.length).toBe(1);
    expect(bodies[0]).toBeLessThan(300_000);
    expect(bodies[0]).toBeGreaterThan(150_000);
    expect(hec.events.length).toBe(limits.records);
  });

  it('are not sent when they would be above it all the same, so that the engine halves the parcel', async () => {
    const { hec, sink } = await start({ batch: { bytes: '10KB' } });
    const quotes = '"'.repeat(3000);
    const failure = await failureOf(sink.deliver(parcelOf([{ tenant: 't1', json: false, items: [quotes, quotes] }]), never));
    expect([failure.kind, failure.code]).toEqual(['rejected', 'hec.too-large']);
    expect(hec.requests).toEqual([]);
  });

  it('carry a single record above it alone, which is rejected if the collector finds it too large', async () => {
    const { hec, sink } = await start({ batch: { bytes: '10KB' } }, { maxBytes: 100_000 });
    const line = (size: number) => JSON.stringify({ text: 'x'.repeat(size) });
    await sink.deliver(parcelOf([{ tenant: 't1', items: [line(65_536)] }]), never);
    expect(hec.events[0]?.line).toBe(line(65_536));
    const failure = await failureOf(sink.deliver(parcelOf([{ tenant: 't1', items: [line(200_000)] }]), never));
    expect([failure.kind, failure.code]).toEqual(['rejected', 'hec.too-large']);
  });

  it('name the refused record by lane and number across sections', async () => {
    const { hec, sink } = await start();
    hec.refuseLinesWith('refuse-me');
    const parcel = parcelOf([
      { tenant: 't1', items: jsonLines('t1', 3) },
      { tenant: 't2', items: [] },
      { tenant: 't3', after: 40, items: [...jsonLines('t3', 1), '{"a":"refuse-me"}'] },
    ]);
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'hec.invalid-format', at: { lane: { route: 'route', stream: 't3/events' }, seq: 42 } });
  });

  it('call a wrong index the configuration`s fault when all events share it, and the record`s fault when they do not', async () => {
    const fixed = await start({ index: 'nowhere' }, { indexes: ['main'] });
    const parcel = parcelOf([{ tenant: 't1', labels: { index: 'nowhere' }, items: jsonLines('t1', 1) }]);
    expect((await failureOf(fixed.sink.deliver(parcel, never))).kind).toBe('config');
    const own = await start({ index: '{tenant.label.index}' }, { indexes: ['main'] });
    const failure = await failureOf(own.sink.deliver(parcel, never));
    expect([failure.kind, failure.at?.seq]).toEqual(['rejected', 1]);
  });

  it('are aborted within a second', async () => {
    const { hec, sink } = await start();
    hec.faults.push('hang');
    const stop = new AbortController();
    const work = sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), stop.signal).catch((error: unknown) => error);
    await until(() => hec.requests.length === 1, 'the request');
    const abortedAt = performance.now();
    stop.abort(new Error('stopped'));
    expect(await work).toBe(stop.signal.reason);
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  it.each([
    ['reset-mid-body', {}],
    ['lost-answer', {}],
    ['hang', { timeout: '100ms' }],
  ] as const)('that end in a %s are transient, and taken when sent again', async (fault, written) => {
    const { hec, sink } = await start(written);
    hec.faults.push(fault);
    const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);
    expect((await failureOf(sink.deliver(parcel, never))).kind).toBe('transient');
    await sink.deliver(parcel, never);
    const ids = hec.events.map(({ envelope }) => (envelope.fields as Record<string, string>).sophos_record);
    // What was taken twice carries the same id twice.
    expect([...new Set(ids)]).toEqual(['t1/events/t1-events-1', 't1/events/t1-events-2', 't1/events/t1-events-3']);
  });
});

describe('splunk-hec with several indexers', () => {
  async function three(written: Written = {}): Promise<{ hecs: Hec[]; sink: Sink }> {
    const hecs = await Promise.all([1, 2, 3].map(() => startHec({ token: secretToken, ...(written.ack ? { ack: 'at-once' } : {}) })));
    opened.push(...hecs);
    const sink = await openHecSink({ url: hecs.map(({ url }) => url), ...written });
    opened.push(sink);
    return { hecs, sink };
  }
  const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]);

  it('takes them in turn', async () => {
    const { hecs, sink } = await three();
    for (let i = 0; i < 6; i++) await sink.deliver(parcel, never);
    expect(hecs.map(({ events }) => events.length)).toEqual([2, 2, 2]);
  });

  it('gives each its own channel', async () => {
    const { hecs, sink } = await three({ ack: true, ackPollMs: 50 });
    await Promise.all([1, 2, 3].map(() => sink.deliver(parcel, never)));
    const channels = hecs.map(({ requests }) => requests[0]?.headers['x-splunk-request-channel']);
    expect(new Set(channels).size).toBe(3);
    expect(channels.every((channel) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(String(channel)))).toBe(true);
  });

  it('leaves one that failed out for a while', async () => {
    const { hecs, sink } = await three();
    await hecs[1]?.close();
    await sink.deliver(parcel, never);
    expect((await failureOf(sink.deliver(parcel, never))).kind).toBe('transient');
    for (let i = 0; i < 6; i++) await sink.deliver(parcel, never);
    expect(hecs.map(({ events }) => events.length)).toEqual([4, 0, 3]);
  });

  it('keeps the wish of one to itself while another can take over', async () => {
    const { hecs, sink } = await three();
    for (const hec of hecs) hec.faults.push({ status: 429, headers: { 'retry-after': '60' } });
    const wishes = [];
    for (let i = 0; i < 3; i++) wishes.push((await failureOf(sink.deliver(parcel, never))).retryAfterMs);
    expect(wishes).toEqual([undefined, undefined, 60_000]);
    await sink.deliver(parcel, never);
    expect(hecs[0]?.events.length).toBe(1);
  });
});

describe('splunk-hec check', () => {
  it('says what it asked and sends no event', async () => {
    const { hec, sink } = await start();
    expect(await sink.check(never)).toBe(`${hec.url}/services/collector: healthy, token accepted`);
    expect(hec.events).toEqual([]);
  });

  it('asks for acknowledgements on a channel of its own', async () => {
    const { hec, sink } = await start({ ack: true }, { ack: 'at-once' });
    expect(await sink.check(never)).toContain('acknowledgement on');
    await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), never);
    const sent = hec.requests.find(({ body }) => body.includes('"event":'));
    const asked = hec.requests.find(({ path: at }) => at.endsWith('/ack'));
    expect(asked?.headers['x-splunk-request-channel']).not.toBe(sent?.headers['x-splunk-request-channel']);
  });

  it.each([
    [{ ack: true }, {}, 'hec.ack-disabled', 'config'],
    [{}, { ack: 'at-once' as const }, 'hec.channel-missing', 'config'],
    [{ token: 'wrong' }, {}, 'hec.invalid-token', 'auth'],
  ])('with %j on a token with %j finds %s', async (written, more, code, kind) => {
    const { sink } = await start(written, more);
    const failure = await failureOf(sink.check(never));
    expect([failure.code, failure.kind]).toEqual([code, kind]);
    expect(failure.advice).toBeTruthy();
  });

  it('calls a collector with full queues transient', async () => {
    const full = (): Http => async () => ({
      status: 503,
      headers: { 'retry-after': '7' },
      body: Buffer.from('{"text":"HEC is unhealthy, queues are full","code":18}'),
    });
    const { sink } = await start({}, {}, full);
    expect(await failureOf(sink.check(never))).toMatchObject({ kind: 'transient', code: 'hec.queues-full', retryAfterMs: 7000 });
  });
});

describe('splunk-hec options', () => {
  const read = (written: Written) => options.safeParse({ url: 'https://splunk:8088', token: 't', ...written });

  it('have the defaults that the product promises', () => {
    expect(read({}).data).toMatchObject({
      ack: false,
      ackPollMs: 1000,
      ackTimeoutMs: 300_000,
      batch: { records: 1000, bytes: 1_000_000 },
      gzip: true,
      timeout: 30_000,
      fields: {},
    });
    expect(jsonSchemaOf(options)).toMatchObject({ type: 'object', required: ['url', 'token'] });
  });

  it('take a URL in all its forms', async () => {
    const { hec } = await start();
    const forms = ['', '/', '/services/collector', '/services/collector/', '/services/collector/event', '/services/collector/event/1.0'];
    for (const form of forms) {
      const sink = await openHecSink({ url: hec.url + form });
      opened.push(sink);
      await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), never);
    }
    expect(hec.events.length).toBe(forms.length);
  });

  it.each([
    'ftp://splunk:8088',
    'splunk:8088',
    'https://user:hidden-password@splunk:8088',
    'https://splunk:8088/?token=hidden-password',
    'https://splunk:8088/services/collector/raw',
  ])('refuse the URL %s without repeating it', (url) => {
    for (const form of [url, [url]]) {
      const message = JSON.stringify(read({ url: form }).error?.issues);
      expect(message).toContain('expected `https://host:8088`');
      expect(message).not.toContain('hidden-password');
    }
  });

  it.each([
    { url: [] },
    { ackPollMs: 10 },
    { channel: 'mine' },
    { fields: { sophos_record: 'x' } },
    { batch: { bytes: '10B' } },
    { batch: { record: 1 } },
    { tokn: 'x' },
  ])('refuse %j', (written) => {
    expect(read(written).success).toBe(false);
  });

  it('say which template cannot be read', async () => {
    expect(await failureOf(openHecSink({ url: 'https://splunk:8088', index: '{tenant}' }))).toMatchObject({ kind: 'config', code: 'config.template' });
  });

  it('trim the token, and refuse one that could forge a header', async () => {
    const { hec } = await start();
    const sink = await openHecSink({ url: hec.url, token: `${secretToken}\n` });
    opened.push(sink);
    await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), never);
    const failure = await failureOf(openHecSink({ url: hec.url, token: `${secretToken}\r\nx-forged: 1` }));
    expect(failure.code).toBe('hec.token-malformed');
    expect(failure.message + failure.advice).not.toContain(secretToken);
  });

  it('hand the proxy on', async () => {
    const seen: unknown[] = [];
    const watching =
      (): Http =>
      async ({ via }) => {
        seen.push(via);
        return { status: 200, headers: {}, body: Buffer.from('{"code":0}') };
      };
    for (const proxy of ['http://proxy:3128', 'none']) {
      const { sink } = await start({ proxy }, {}, watching);
      await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), never);
    }
    expect(seen).toEqual([{ proxy: 'http://proxy:3128' }, { proxy: null }]);
  });
});

describe('splunk-hec over TLS', () => {
  function certificate(): { folder: string; key: string; cert: string } {
    const folder = mkdtempSync(path.join(tmpdir(), 'hec-'));
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], {
      cwd: folder,
      stdio: 'pipe',
    });
    return { folder, key: readFileSync(path.join(folder, 'key.pem'), 'utf8'), cert: readFileSync(path.join(folder, 'cert.pem'), 'utf8') };
  }

  it('trusts `caFile`, and calls any other certificate a matter of configuration', async () => {
    const { folder, key, cert } = certificate();
    opened.push({ close: async () => rmSync(folder, { recursive: true }) });
    const hec = await startHec({ token: secretToken, tls: { key, cert } });
    opened.push(hec);
    const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]);
    const trusting = await openHecSink({ url: hec.url, caFile: path.join(folder, 'cert.pem') });
    const other = await openHecSink({ url: hec.url });
    opened.push(trusting, other);
    await trusting.deliver(parcel, never);
    expect(hec.events.length).toBe(1);
    expect((await failureOf(other.deliver(parcel, never))).kind).toBe('config');
  });

  it('refuses a `caFile` that is missing or no certificate when it opens', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hec-'));
    opened.push({ close: async () => rmSync(folder, { recursive: true }) });
    writeFileSync(path.join(folder, 'empty.pem'), 'nothing');
    for (const caFile of ['no-such-file.pem', path.join(folder, 'empty.pem')])
      expect(await failureOf(openHecSink({ url: 'https://splunk:8088', caFile }))).toMatchObject({ kind: 'config', code: 'hec.ca-file' });
  });
});
