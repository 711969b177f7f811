import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Sink } from '../../src/core/types.ts';
import { sentinel } from '../../src/sinks/sentinel.ts';
import { type SentinelEnd, startSentinel } from '../far-ends/sentinel.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { type Around, failureOf, opening, openWebSink, type Written } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;
const clientSecret = 'client-hunter2-secret-0123456789';
const app = { tenantId: 'tenant-1', clientId: 'client-1', clientSecret, dcrImmutableId: 'dcr-0123456789abcdef' };
const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);

async function start(written: Written = {}, around: Around = {}): Promise<{ far: SentinelEnd; sink: Sink }> {
  const far = keep(await startSentinel({ ...app, streams: ['Custom-Sophos', 'Custom-Sophos_events', 'Custom-Sophos_siem_alerts'] }));
  const common = { endpoint: `${far.url}/`, authorityUrl: far.url, streamName: 'Custom-Sophos', ...app };
  return { far, sink: keep(await openWebSink(sentinel, { ...common, ...written }, around)) };
}

const said = (code: string, message = 'because') => ({ error: { code, message } });

const answers = [
  [200, '<html>', 'config', 'sentinel.not-azure'],
  [302, '', 'config', 'sentinel.not-azure'],
  [400, said('InvalidPayload'), 'rejected', 'sentinel.refused'],
  [400, said('InvalidStream', 'Stream: x was not configured'), 'config', 'sentinel.rule'],
  [400, '<html>', 'config', 'sentinel.not-azure'],
  [403, said('OperationFailed', 'does not have access to ingest data'), 'auth', 'sentinel.forbidden'],
  [404, said('NotFound', "Data collection rule with immutable Id 'x' not found."), 'config', 'sentinel.rule'],
  [404, '<html>', 'config', 'sentinel.not-azure'],
  [413, '', 'rejected', 'sentinel.too-large'],
  [415, '', 'config', 'sentinel.not-azure'],
  [429, '', 'transient', 'sentinel.busy'],
  [500, said('InternalServerError'), 'transient', 'sentinel.unavailable'],
  [503, '<html>', 'transient', 'sentinel.unavailable'],
] as const;

const tokenAnswers = [
  [200, {}, 'config', 'sentinel.not-entra'],
  [200, { access_token: 'a\r\nb' }, 'config', 'sentinel.not-entra'],
  [400, { error: 'unauthorized_client', error_description: 'AADSTS700016: not found' }, 'auth', 'sentinel.credentials-refused'],
  [400, { error: 'invalid_request', error_description: 'AADSTS90002: Tenant not found' }, 'auth', 'sentinel.credentials-refused'],
  [401, { error: 'invalid_client', error_description: `AADSTS7000222: ${clientSecret} expired` }, 'auth', 'sentinel.credentials-refused'],
  [404, '<html>', 'config', 'sentinel.not-entra'],
  [429, '', 'transient', 'sentinel.token-unavailable'],
  [503, { error: 'temporarily_unavailable' }, 'transient', 'sentinel.token-unavailable'],
] as const;

describe('an answer of Azure Monitor', () => {
  it.each(answers)('with status %i and %j is %s %s', async (status, body, kind, code) => {
    const { far, sink } = await start();
    far.faults.push({ status, body });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.message).toContain(`sending 3 records to stream Custom-Sophos failed: HTTP ${status}`);
    expect(failure.advice).toBeTruthy();
  });

  it.each(tokenAnswers)('of Entra with status %i and %j is %s %s', async (status, body, kind, code) => {
    const { far, sink } = await start();
    far.tokenFaults.push({ status, body });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.message).toContain(`for a token failed: HTTP ${status}`);
    expect(failure.message).not.toContain('hunter2');
    await sink.deliver(parcel, never);
    expect(far.rows).toHaveLength(3);
  });

  it('that a role is missing says how long it takes', async () => {
    const { far, sink } = await start();
    far.withdrawRole();
    expect((await failureOf(sink.deliver(parcel, never))).advice).toContain('up to 30 minutes');
  });
});

describe('a token', () => {
  it('is asked for once, and again when it is about to end', async () => {
    let now = 0;
    const { far, sink } = await start({}, { clock: { ...systemClock, monotonic: () => now } });
    for (now of [0, 3_000_000, 3_478_000]) await sink.deliver(parcel, never);
    expect(far.tokensGiven).toBe(1);
    now = 3_480_000;
    await sink.deliver(parcel, never);
    expect(far.tokensGiven).toBe(2);
  });

  it('that is refused is renewed once, and then it is the configuration`s fault', async () => {
    const { far, sink } = await start();
    await sink.deliver(parcel, never);
    far.revokeTokens();
    await sink.deliver(parcel, never);
    expect([far.tokensGiven, far.rows.length]).toEqual([2, 6]);
    far.faults.push({ status: 401 }, { status: 401 });
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'auth', code: 'sentinel.unauthorized' });
    await sink.deliver(parcel, never);
    expect(far.tokensGiven).toBe(4);
  });
});

describe('the rows of Sentinel', () => {
  it('have the time and the id of their record, and go to the stream of the template', async () => {
    const { far, sink } = await start({ streamName: 'Custom-Sophos_{stream}' });
    await sink.deliver(
      parcelOf([
        { tenant: 'T', items: [{ line: '{"a":1}', key: 'k"1' }, '{}'] },
        { tenant: 'T', stream: 'siem-alerts', items: ['{"TimeGenerated":"2020-01-01T00:00:00Z"}'] },
        { tenant: 'T', json: false, items: ['CEF:0|"x"\n'] },
      ]),
      never,
    );
    const TimeGenerated = '2026-03-01T10:00:00.000Z';
    expect(far.rows.map(({ stream, columns }) => [stream, columns])).toEqual([
      ['Custom-Sophos_events', { TimeGenerated, SophosRecord: 'T/events/k"1', a: 1 }],
      ['Custom-Sophos_events', { TimeGenerated, SophosRecord: 'T/events/T-events-2' }],
      ['Custom-Sophos_events', { TimeGenerated, SophosRecord: 'T/events/T-events-1', RawData: 'CEF:0|"x"\n' }],
      ['Custom-Sophos_siem_alerts', { SophosRecord: 'T/siem-alerts/T-siem-alerts-1', TimeGenerated: '2020-01-01T00:00:00Z' }],
    ]);
  });

  it('have no time of ours when it is switched off', async () => {
    const { far, sink } = await start({ timeGenerated: false, body: 'text', column: 'Line' });
    await sink.deliver(parcelOf([{ tenant: 'T', items: ['{"a":1}'] }]), never);
    expect(far.rows[0]?.columns).toEqual({ SophosRecord: 'T/events/T-events-1', Line: '{"a":1}' });
  });

  it('that were taken are not sent again when a later stream fails', async () => {
    const { far, sink } = await start({ streamName: 'Custom-Sophos_{stream}' });
    const both = parcelOf([
      { tenant: 'T', items: jsonLines('a', 2) },
      { tenant: 'T', stream: 'siem-alerts', items: jsonLines('b', 2) },
      { tenant: 'T', stream: 'admins', items: jsonLines('c', 1) },
    ]);
    for (let i = 0; i < 2; i++) expect(await failureOf(sink.deliver(both, never))).toMatchObject({ kind: 'config', code: 'sentinel.rule' });
    expect(far.rows).toHaveLength(4);
  });

  it('are never more than the service takes in one call', async () => {
    const { far, sink } = await start();
    const many = jsonLines('t', sink.limits.records, 1, 'x'.repeat(Math.floor(sink.limits.bytes / sink.limits.records) - 60));
    await sink.deliver(parcelOf([{ tenant: '1b2c3d4e-0000-4000-8000-0123456789ab', items: many }]), never);
    expect(far.rows).toHaveLength(many.length);
    const fat = parcelOf([{ tenant: 't', items: jsonLines('t', 3, 1, 'x'.repeat(500_000)) }]);
    expect(await failureOf(sink.deliver(fat, never))).toMatchObject({ kind: 'rejected', code: 'sentinel.too-large' });
  });
});

describe('a check of Sentinel', () => {
  it('asks for a token and sends an empty list', async () => {
    const { far, sink } = await start();
    expect(await sink.check(never)).toMatch(/takes records for Custom-Sophos$/);
    far.withdrawRole();
    expect(await failureOf(sink.check(never))).toMatchObject({ code: 'sentinel.forbidden' });
    expect(await (await start({ streamName: 'Custom-{stream}' })).sink.check(never)).toMatch(/template/);
    expect(await failureOf((await start({ clientId: 'other' })).sink.check(never))).toMatchObject({ code: 'sentinel.credentials-refused' });
  });
});

it.each([
  { streamName: 'Sophos' },
  { streamName: 'Custom-a b' },
  { dcrImmutableId: '/subscriptions/x' },
  { endpoint: 'https://a?b' },
  { column: '1a' },
  { batch: { bytes: '2MB' } },
  { tenantId: '../x' },
])('refuses the option %j', (written) => {
  const common = { endpoint: 'https://a', streamName: 'Custom-Sophos', ...app };
  expect(() => sentinel.options.parse({ ...common, ...written })).toThrow();
});
