import { afterEach, describe, expect, it } from 'vitest';
import { secret } from '../../src/core/secret.ts';
import type { Millis } from '../../src/core/types.ts';
import type { HttpReply } from '../../src/core/world.ts';
import { type Asked, judge, readAcknowledged, readReply } from '../../src/sinks/splunk-hec/status.ts';
import { type Hec, startHec } from '../far-ends/hec.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { failureOf, openHecSink, secretToken } from './splunk-hec-world.ts';

const lane = { route: 'r', stream: 't/events' };
const now: Millis = Date.UTC(2026, 2, 1, 10);
const asked: Asked = { what: 'sending', token: secret(secretToken), isOneIndex: true, recordAt: (n) => ({ lane, seq: n + 100 }), now };

function reply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

/** Every code that the vendor documents. */
const documented = [
  [1, 403, 'Token disabled', 'auth', 'hec.token-disabled'],
  [2, 401, 'Token is required', 'auth', 'hec.token-required'],
  [3, 401, 'Invalid authorization', 'auth', 'hec.invalid-authorization'],
  [4, 403, 'Invalid token', 'auth', 'hec.invalid-token'],
  [5, 400, 'No data', 'rejected', 'hec.no-data'],
  [6, 400, 'Invalid data format', 'rejected', 'hec.invalid-format'],
  [7, 400, 'Incorrect index', 'config', 'hec.incorrect-index'],
  [8, 500, 'Internal server error', 'transient', 'hec.internal-error'],
  [9, 503, 'Server is busy', 'transient', 'hec.busy'],
  [10, 400, 'Data channel is missing', 'config', 'hec.channel-missing'],
  [11, 400, 'Invalid data channel', 'config', 'hec.invalid-channel'],
  [12, 400, 'Event field is required', 'rejected', 'hec.event-required'],
  [13, 400, 'Event field cannot be blank', 'rejected', 'hec.event-blank'],
  [14, 400, 'ACK is disabled', 'config', 'hec.ack-disabled'],
  [15, 400, 'Error in handling indexed fields', 'rejected', 'hec.invalid-fields'],
  [16, 400, 'Query string authorization is not enabled', 'config', 'hec.query-authorization-off'],
  [18, 503, 'HEC is unhealthy, queues are full', 'transient', 'hec.queues-full'],
  [19, 503, 'HEC is unhealthy, ack service unavailable', 'transient', 'hec.ack-unavailable'],
  [20, 503, 'HEC is unhealthy, queues are full, ack service unavailable', 'transient', 'hec.unhealthy'],
  [23, 503, 'Server is shutting down', 'transient', 'hec.shutting-down'],
] as const;

/** What comes from whatever stands between, or from nothing that is a collector. */
const undocumented = [
  [200, '<html>Log in</html>', 'config', 'hec.not-hec'],
  [200, '', 'config', 'hec.not-hec'],
  [200, { text: 'HEC is healthy', code: 17 }, 'config', 'hec.not-hec'],
  [200, { text: 'something new', code: 99 }, 'config', 'hec.not-hec'],
  [200, { text: 'Server is busy', code: 9 }, 'transient', 'hec.busy'],
  [204, '', 'config', 'hec.not-hec'],
  [301, '', 'config', 'hec.redirected'],
  [302, '<html>', 'config', 'hec.redirected'],
  [307, '', 'config', 'hec.redirected'],
  [400, '<html>Bad Request</html>', 'config', 'hec.not-hec'],
  [400, { text: 'Success', code: 0 }, 'config', 'hec.not-hec'],
  [401, '', 'auth', 'hec.forbidden'],
  [403, '<html>', 'auth', 'hec.forbidden'],
  [404, '<html>', 'config', 'hec.not-hec'],
  [405, '', 'config', 'hec.not-hec'],
  [408, '', 'transient', 'hec.busy'],
  [413, '<html>too large</html>', 'rejected', 'hec.too-large'],
  [413, { text: 'too large', code: 27 }, 'rejected', 'hec.too-large'],
  [429, '', 'transient', 'hec.busy'],
  [429, { text: 'at capacity', code: 26 }, 'transient', 'hec.busy'],
  [500, '<html>', 'transient', 'hec.unavailable'],
  [502, '<html>', 'transient', 'hec.unavailable'],
  [503, '', 'transient', 'hec.unavailable'],
  [504, '', 'transient', 'hec.unavailable'],
] as const;

describe('an answer of a collector', () => {
  it('with code 0 is success, whatever stands beside it', () => {
    expect(judge(asked, reply(200, { text: 'Success', code: 0 }))).toBeNull();
    expect(judge(asked, reply(201, { text: 'Success', code: 0, ackId: 7, more: true }))).toBeNull();
    expect(judge(asked, reply(200, { text: 'success' }))).toBeNull();
    expect(judge(asked, reply(400, { text: 'Success' }))).not.toBeNull();
    expect(judge(asked, reply(200, { text: 'Success', code: 9 }))).toMatchObject({ kind: 'transient' });
  });

  it.each(documented)('with code %i (HTTP %i, %s) is %s %s', (code, status, text, kind, name) => {
    const failure = judge(asked, reply(status, { text, code }));
    expect(failure).toMatchObject({ kind, code: name });
    expect(failure?.message).toBe(`sending failed: HTTP ${status}, HEC code ${code} (${text})`);
    if (kind === 'auth' || kind === 'config') expect(failure?.advice).toBeTruthy();
  });

  it.each(undocumented)('with HTTP %i and the body %j is %s %s', (status, body, kind, name) => {
    const failure = judge(asked, reply(status, body));
    expect(failure).toMatchObject({ kind, code: name });
    expect(failure?.message).toContain(`HTTP ${status}`);
    if (kind === 'auth' || kind === 'config') expect(failure?.advice).toBeTruthy();
  });

  it('covers every number from 0 to 23 that is documented', () => {
    const known = new Set<number>([0, 17, ...documented.map(([code]) => code)]);
    expect([...known].sort((a, b) => a - b)).toEqual([...Array(21).keys(), 23]);
  });

  it('names the record of the event that spoiled the request', () => {
    for (const code of [6, 7, 12, 13, 15])
      expect(judge({ ...asked, isOneIndex: false }, reply(400, { text: 'x', code, 'invalid-event-number': 3 }))).toMatchObject({
        kind: 'rejected',
        at: { lane, seq: 103 },
      });
    expect(judge(asked, reply(400, { text: 'x', code: 6 }))?.at).toBeUndefined();
    expect(judge(asked, reply(400, { text: 'x', code: 7, 'invalid-event-number': 3 }))).toMatchObject({ kind: 'config', at: undefined });
  });

  it.each([
    ['120', 120_000],
    ['0.5', 500],
    ['Sun, 01 Mar 2026 10:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 09:00:00 GMT', 0],
    ['soon', undefined],
  ])('keeps the wish `Retry-After: %s`', (header, ms) => {
    expect(judge(asked, reply(503, { text: 'Server is busy', code: 9 }, { 'retry-after': header }))?.retryAfterMs).toBe(ms);
  });

  it('says where a redirect leads, without its query', () => {
    const message = judge(asked, reply(302, '', { location: 'https://login.example/start?session=hidden' }))?.message;
    expect(message).toContain('to https://login.example/start');
    expect(message).not.toContain('hidden');
  });

  it('cannot forge a log line, repeat the token or fill the log', () => {
    for (const body of [{ text: `a\r\nb\u0000\u202e${secretToken}${'x'.repeat(5000)}`, code: 6 }, `<p>\r\n${secretToken}\u001b[2J${'x'.repeat(5000)}`]) {
      const message = judge(asked, reply(400, body))?.message ?? '';
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(message).not.toContain(secretToken);
      expect(message.length).toBeLessThan(400);
    }
  });

  it('is read with care', () => {
    expect(readReply(reply(200, '[]'))).toEqual({ code: undefined, text: '', ackId: undefined, invalidEvent: undefined });
    expect(readReply(reply(200, 'null')).code).toBeUndefined();
    expect(readReply(reply(200, { code: '0x0', text: 5, ackId: -1, 'invalid-event-number': 1.5 }))).toEqual({
      code: undefined,
      text: '',
      ackId: undefined,
      invalidEvent: undefined,
    });
    expect(readReply(reply(200, { code: '0', text: 'Success', ackId: '12' }))).toMatchObject({ code: 0, ackId: 12 });
    const acks = { 1: true, 2: false, 3: 'true', 4: 1, 5: 'false', 6: 0, 7: null, 8: 'yes', 9: {} };
    expect(readAcknowledged(reply(200, { acks }))).toEqual(new Set([1, 3, 4]));
    expect(readAcknowledged(reply(200, { acks: [true, 1] }))).toBeUndefined();
    expect(readAcknowledged(reply(200, { acks: null }))).toBeUndefined();
    expect(readAcknowledged(reply(200, 'no'))).toBeUndefined();
  });
});

describe('the sink, whatever its collector answers', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const thing of opened.splice(0).reverse()) await thing.close();
  });

  it('classifies it as the table does, says what it tried, and never says the token', async () => {
    const hec: Hec = await startHec({ token: secretToken });
    opened.push(hec);
    const sink = await openHecSink({ url: hec.url });
    opened.push(sink);
    const signal = new AbortController().signal;
    const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 2) }]);
    const rows = [
      ...documented.map(([code, status, text, kind]) => ({ status, body: { text: `${text} ${secretToken}`, code }, kind })),
      ...undocumented
        .filter(([status]) => status !== 204)
        .map(([status, body, kind]) => ({ status, body: typeof body === 'string' ? body + secretToken : body, kind })),
    ];
    for (const { status, body, kind } of rows) {
      hec.faults.push({ status, body });
      const failure = await failureOf(sink.deliver(parcel, signal));
      expect(failure.kind).toBe(kind);
      expect(failure.message).toContain(`sending 2 records to ${hec.url}/services/collector/event failed`);
      expect(`${failure.message} ${failure.advice} ${failure.stack} ${failure.cause}`).not.toContain(secretToken);
    }
    for (const fault of ['reset', 'reset-mid-body', 'lost-answer'] as const) {
      hec.faults.push(fault);
      const failure = await failureOf(sink.deliver(parcel, signal));
      expect(failure.kind).toBe('transient');
      expect(`${failure.message} ${failure.advice} ${failure.stack} ${failure.cause}`).not.toContain(secretToken);
    }
  });
});
