/** The sink against other collectors, which are legal and odd: each record once, or a clear failure after which nothing counts as delivered. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type OddAnswer, type OddHecWays, startOddHec } from '../far-ends/odd-hec.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { failureOf, openHecSink, type Written } from './splunk-hec-world.ts';

const never = new AbortController().signal;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});

async function start(ways: Partial<OddHecWays>, written: Written = {}, urlOf: (url: string) => string = (url) => url) {
  const hec = await startOddHec(ways);
  opened.push(hec);
  const sink = await openHecSink({ url: urlOf(hec.url), ackPollMs: 50, ackTimeoutMs: 1000, ...written });
  opened.push(sink);
  return { hec, sink };
}

const parcel = (count = 3, first = 1) => parcelOf([{ tenant: 't1', after: first - 1, items: jsonLines('t1', count, first) }]);
const recordsOf = (count: number, first = 1) => Array.from({ length: count }, (_, n) => `t1/events/t1-events-${first + n}`);
const success = (more: object = {}, headers?: Readonly<Record<string, string>>): OddAnswer => ({
  body: JSON.stringify({ text: 'Success', code: 0, ...more }),
  ...(headers ? { headers } : {}),
});

describe('a collector', () => {
  it.each<[string, Partial<OddHecWays>]>([
    ['that names no content type', {}],
    ['that names another', { taken: () => success({}, { 'content-type': 'text/html; charset=utf-8' }) }],
    ['that writes its code as text', { taken: () => ({ body: '{"code":"0"}' }) }],
    ['that says it in words only', { taken: () => ({ body: '{"text":"Success"}' }) }],
    ['that answers 201', { taken: () => ({ ...success(), status: 201 }) }],
    ['that answers 202', { taken: () => ({ ...success(), status: 202 }) }],
    ['that tells more than it must', { taken: () => success({ ackId: 'x', 'invalid-event-number': null, extra: [{}] }) }],
    ['that writes prettily', { taken: () => ({ body: '\r\n{\n  "text" : "Success",\n  "code" : 0\n}\n' }) }],
    ['that begins with a byte order mark', { byteOrderMark: true }],
    ['that compresses its answers, unasked', { isCompressed: true }],
    ['that answers in chunks', { framing: 'chunked' }],
    ['that ends its answer with the connection', { framing: 'until-close' }],
    ['that closes after each answer', { keepsConnections: false }],
    ['that says first that it is working', { interim: 'processing' }],
    ['that says first what may be wanted next', { interim: 'hints' }],
    ['behind a path', { prefix: '/splunk/hec-1' }],
  ])('%s gets each record once', async (_, ways) => {
    const { hec, sink } = await start(ways);
    for (const first of [1, 4, 7]) expect(await sink.deliver(parcel(3, first), never)).toEqual({ refused: [] });
    expect(hec.records).toEqual(recordsOf(9));
    expect(await sink.check(never)).toContain('token accepted');
    expect(hec.records).toHaveLength(9);
  });

  it.each(['/services/collector', '/services/collector/', '/services/collector/event', '/services/collector/event/1.0', '/'])(
    'behind a path is found by a URL that ends in %s',
    async (end) => {
      const { hec, sink } = await start({ prefix: '/a/b' }, {}, (url) => url + end);
      await sink.deliver(parcel(), never);
      expect(hec.records).toEqual(recordsOf(3));
    },
  );

  it.each<[string, Partial<OddHecWays>, string, string]>([
    ['answers with nothing', { taken: () => ({}) }, 'config', 'hec.not-hec'],
    ['answers 204', { taken: () => ({ status: 204 }) }, 'config', 'hec.not-hec'],
    ['answers with a page', { taken: () => ({ body: '<html>Success</html>' }) }, 'config', 'hec.not-hec'],
    ['answers with a list', { taken: () => ({ body: '[0]' }) }, 'config', 'hec.not-hec'],
    ['answers with a code that nobody knows', { taken: () => ({ body: '{"text":"Success","code":99}' }) }, 'config', 'hec.not-hec'],
    ['sends us elsewhere', { taken: () => ({ status: 307, headers: { location: '/other' } }) }, 'config', 'hec.redirected'],
    ['takes events on another path only', { eventPath: '/raw' }, 'config', 'hec.not-hec'],
    ['says that it is busy, and succeeds in words', { taken: () => ({ status: 503, body: '{"text":"Success"}' }) }, 'transient', 'hec.unavailable'],
    ['says its trouble with a code as text', { taken: () => ({ status: 503, body: '{"text":"busy","code":"9"}' }) }, 'transient', 'hec.busy'],
    ['invites us to go on, though we waited for no leave', { interim: 'continue' }, 'transient', 'http.reset'],
  ])('that %s is told clearly, and nothing counts as delivered', async (_, ways, kind, code) => {
    const { sink } = await start(ways);
    const error = await failureOf(sink.deliver(parcel(), never));
    expect([error.kind, error.code]).toEqual([kind, code]);
  });

  it.each<[string, OddAnswer]>([
    ['404', { status: 404, body: 'no such page' }],
    ['405', { status: 405 }],
    ['401', { status: 401, body: '{"text":"Token is required","code":2}' }],
    ['200 with a word', { body: 'OK' }],
    ['200 with nothing', {}],
  ])('whose health is %s is asked for events all the same', async (_, health) => {
    const { sink } = await start({ health });
    expect(await sink.check(never)).toContain('token accepted');
  });

  it('over TLS gets each record once, by a certificate of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'odd-hec-'));
    try {
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], {
        cwd: folder,
        stdio: 'pipe',
      });
      const tls = { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
      const { hec, sink } = await start({ tls, keepsConnections: false }, { caFile: join(folder, 'cert.pem') });
      await sink.deliver(parcel(), never);
      expect(hec.records).toEqual(recordsOf(3));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a collector with acknowledgement', () => {
  const acks = (told: object): OddAnswer => ({ body: JSON.stringify({ acks: told }) });
  const each = (ids: readonly unknown[], value: unknown) => acks(Object.fromEntries(ids.map((id) => [String(id), value])));
  const withId = (ackId: number) => success({ ackId });

  it.each<[string, Partial<OddHecWays>]>([
    ['that writes its numbers as text', { taken: (ackId) => success({ ackId: String(ackId) }) }],
    ['that counts from a high number', { firstAckId: 9_000_000_000 }],
    ['that tells `true` as text', { told: (ids) => each(ids, 'true') }],
    ['that tells `true` as a number', { told: (ids, round) => each(ids, round > 2 ? 1 : 0) }],
    ['that says no twice first', { told: (ids, round) => each(ids, round > 2) }],
    ['that says no in words first', { told: (ids, round) => each(ids, round > 2 ? true : 'false') }],
    ['that says null first', { told: (ids, round) => each(ids, round > 2 ? true : null) }],
    ['that leaves out what is not written', { told: (ids, round) => (round > 2 ? each(ids, true) : acks({})) }],
    ['that tells of more than it was asked', { told: (ids) => acks({ 7777: false, ...Object.fromEntries(ids.map((id) => [String(id), true])), x: true }) }],
    ['that fails between', { told: (ids, round) => (round === 1 ? { status: 503, body: '{"code":9}' } : round === 2 ? { status: 500 } : each(ids, true)) }],
    ['that answers 201 and closes', { taken: (ackId) => ({ ...withId(ackId), status: 201 }), keepsConnections: false }],
    ['that compresses its answers', { isCompressed: true }],
    ['that begins with a byte order mark', { byteOrderMark: true }],
  ])('%s has each record once when the delivery resolves', async (_, ways) => {
    const { hec, sink } = await start({ taken: withId, ...ways }, { ack: true });
    await Promise.all([1, 4, 7].map((first) => sink.deliver(parcel(3, first), never)));
    expect([...hec.records].sort()).toEqual(recordsOf(9));
    expect(hec.asked.filter(({ path }) => path.endsWith('/event'))).toHaveLength(3);
  });

  it.each<[string, Partial<OddHecWays>, string, string]>([
    ['never says yes', { told: (ids) => each(ids, false) }, 'transient', 'hec.unacknowledged'],
    ['says yes to other numbers', { told: () => acks({ 4711: true }) }, 'transient', 'hec.unacknowledged'],
    ['says neither yes nor no', { told: (ids) => each(ids, 'perhaps') }, 'transient', 'hec.unacknowledged'],
    ['tells a list', { told: (ids) => acks(ids.map(() => true)) }, 'config', 'hec.not-hec'],
    ['tells nothing', { told: () => ({}) }, 'config', 'hec.not-hec'],
    ['gives no number', { taken: () => success() }, 'config', 'hec.no-ack-id'],
    ['gives a number that is none', { taken: () => success({ ackId: '-1' }) }, 'config', 'hec.no-ack-id'],
    ['has no page for it', { told: () => ({ status: 404, body: 'no such page' }) }, 'config', 'hec.not-hec'],
  ])('that %s is told clearly, and nothing counts as delivered', async (_, ways, kind, code) => {
    const { sink } = await start({ taken: withId, ...ways }, { ack: true });
    const error = await failureOf(sink.deliver(parcel(), never));
    expect([error.kind, error.code]).toEqual([kind, code]);
  });
});
