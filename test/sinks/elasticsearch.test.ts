import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { LineBuffer, packItems, recordsOf } from '../../src/core/pack.ts';
import type { Sink } from '../../src/core/types.ts';
import { json } from '../../src/formats/json.ts';
import { elasticsearch } from '../../src/sinks/elasticsearch.ts';
import { type Cluster, type ClusterWays, startCluster } from '../far-ends/elasticsearch.ts';
import { jsonLines, noon, parcelOf } from '../laws/parcels.ts';
import { failureOf, opening, openWebSink, type Written, webToken } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;

async function start(written: Written = {}, ways: ClusterWays = {}): Promise<{ far: Cluster; sink: Sink }> {
  const far = keep(await startCluster(ways));
  return { far, sink: keep(await openWebSink(elasticsearch, { url: far.url, ...written })) };
}

const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);

/** Answers to a request as a whole. */
const wholes = [
  [200, '<html>', 'config', 'elasticsearch.not-elasticsearch'],
  [200, {}, 'config', 'elasticsearch.not-elasticsearch'],
  [200, { items: [{}] }, 'config', 'elasticsearch.not-elasticsearch'],
  [200, { items: [{ create: {} }, { create: {} }, { create: {} }] }, 'config', 'elasticsearch.not-elasticsearch'],
  [302, '', 'config', 'elasticsearch.redirected'],
  [400, { error: { type: 'illegal_argument_exception' } }, 'rejected', 'elasticsearch.refused'],
  [400, '<html>', 'config', 'elasticsearch.not-elasticsearch'],
  [401, {}, 'auth', 'elasticsearch.unauthorized'],
  [403, { error: { type: 'security_exception' } }, 'auth', 'elasticsearch.forbidden'],
  [404, { error: { type: 'index_not_found_exception' } }, 'config', 'elasticsearch.index'],
  [404, '<html>', 'config', 'elasticsearch.not-elasticsearch'],
  [405, '', 'config', 'elasticsearch.not-elasticsearch'],
  [406, '', 'config', 'elasticsearch.not-elasticsearch'],
  [413, '', 'rejected', 'elasticsearch.too-large'],
  [429, '', 'transient', 'elasticsearch.busy'],
  [500, '', 'transient', 'elasticsearch.unavailable'],
  [503, '', 'transient', 'elasticsearch.unavailable'],
] as const;

/** Answers to one record. */
const items = [
  [400, 'mapper_parsing_exception', 'rejected', 'elasticsearch.refused'],
  [400, 'document_parsing_exception', 'rejected', 'elasticsearch.refused'],
  [400, 'strict_dynamic_mapping_exception', 'rejected', 'elasticsearch.refused'],
  [400, 'illegal_argument_exception', 'rejected', 'elasticsearch.refused'],
  [400, 'index_closed_exception', 'config', 'elasticsearch.index'],
  [400, 'validation_exception', 'config', 'elasticsearch.index'],
  [403, 'security_exception', 'auth', 'elasticsearch.forbidden'],
  [403, 'cluster_block_exception', 'transient', 'elasticsearch.blocked'],
  [404, 'index_not_found_exception', 'config', 'elasticsearch.index'],
  [429, 'es_rejected_execution_exception', 'transient', 'elasticsearch.busy'],
  [429, 'cluster_block_exception', 'transient', 'elasticsearch.blocked'],
  [503, 'unavailable_shards_exception', 'transient', 'elasticsearch.unavailable'],
  [409, 'version_conflict_engine_exception', 'transient', 'elasticsearch.busy'],
] as const;

describe('an answer of a cluster', () => {
  it.each(wholes)('with status %i and the body %j is %s %s', async (status, body, kind, code) => {
    const { far, sink } = await start();
    far.faults.push({ status, body });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.message).toContain(`sending 3 records to ${far.url}/_bulk failed: HTTP ${status}`);
    expect(failure.advice).toBeTruthy();
  });

  it.each(items)('for a record with status %i and %s is %s %s', async (status, type, kind, code) => {
    const { far, sink } = await start({ action: 'index', index: 'sophos' });
    far.answerItems('t1', { status, error: { type, reason: 'because' } });
    const failure = await failureOf(sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]), never));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.message).toContain(`status ${status} (${type}: because)`);
    expect(failure.advice).toBeTruthy();
  });

  it('that a record is there already counts as delivered', async () => {
    const { far, sink } = await start();
    await sink.deliver(parcel, never);
    expect(await sink.deliver(parcel, never)).toEqual({ refused: [] });
    expect([far.documents.length, far.conflicts()]).toEqual([3, 3]);
  });

  it('that one record breaks the mapping refuses that one by number, and takes the others', async () => {
    const { far, sink } = await start();
    far.refuseSourcesWith('refuse-me');
    const mixed = parcelOf([
      { tenant: 't1', items: jsonLines('t1', 2) },
      { tenant: 't2', after: 40, items: ['{"a":"refuse-me"}', '{"a":2}'] },
    ]);
    const { refused } = await sink.deliver(mixed, never);
    expect(refused).toMatchObject([{ lane: { route: 'route', stream: 't2/events' }, seq: 41, code: 'elasticsearch.refused' }]);
    expect(far.documents).toHaveLength(3);
  });

  it('that every record breaks the mapping is told to the engine as a whole', async () => {
    const { far, sink } = await start();
    far.refuseSourcesWith('t1');
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'rejected', code: 'elasticsearch.refused' });
  });

  it('that some records have to wait sends only those again', async () => {
    const { far, sink } = await start();
    far.answerItems('t1-2', { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue full' } });
    far.refuseSourcesWith('"t1-3"');
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'transient', code: 'elasticsearch.busy' });
    const { refused } = await sink.deliver(parcel, never);
    expect(refused.map(({ seq }) => seq)).toEqual([3]);
    const sent = far.requests.map(({ body }) => [...body.matchAll(/"id":"(t1-\d)"/g)].map(([, id]) => id));
    expect(sent).toEqual([
      ['t1-1', 't1-2', 't1-3'],
      ['t1-2', 't1-3'],
    ]);
    expect([far.documents.length, far.conflicts()]).toEqual([2, 0]);
  });

  it('that some have to wait is kept apart when the engine cuts the parcel', async () => {
    const { far, sink } = await start();
    far.answerItems('t1-3', { status: 503 });
    await failureOf(sink.deliver(parcel, never));
    expect(await sink.deliver(parcelOf([{ tenant: 't1', items: jsonLines('t1', 2) }]), never)).toEqual({ refused: [] });
    expect(far.requests).toHaveLength(1);
    await sink.deliver(parcelOf([{ tenant: 't1', after: 2, items: jsonLines('t1', 1, 3) }]), never);
    expect(far.documents).toHaveLength(3);
  });

  it('tells the gravest of several failures', async () => {
    const { far, sink } = await start();
    far.answerItems('t1-1', { status: 429 });
    far.answerItems('t1-2', { status: 403, error: { type: 'security_exception', reason: `no ${webToken}` } });
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'auth', code: 'elasticsearch.forbidden' });
  });
});

describe('the documents of elasticsearch', () => {
  it('go to the data stream of their stream, with a stable id and their time', async () => {
    const { far, sink } = await start();
    await sink.deliver(
      parcelOf([
        {
          tenant: 'T',
          stream: 'siem-alerts',
          items: [
            { line: '{"a":1}', key: 'k"1' },
            { line: ' {} '.trim(), key: 'k2' },
          ],
        },
      ]),
      never,
    );
    expect(far.documents).toEqual([
      {
        index: 'logs-sophos_central.siem_alerts-default',
        id: 'T/siem-alerts/k"1',
        source: '{"@timestamp":"2026-03-01T10:00:00.000Z","a":1}',
        fields: { '@timestamp': '2026-03-01T10:00:00.000Z', a: 1 },
      },
      {
        index: 'logs-sophos_central.siem_alerts-default',
        id: 'T/siem-alerts/k2',
        source: '{"@timestamp":"2026-03-01T10:00:00.000Z"}',
        fields: { '@timestamp': '2026-03-01T10:00:00.000Z' },
      },
    ]);
  });

  it.each([
    ['its own time', '{"b":1,"@timestamp":"2020-01-01T00:00:00Z"}', '{"b":1,"@timestamp":"2020-01-01T00:00:00Z"}'],
    ['a time further in only', '{"x":{"@timestamp":"2020"}}', '{"@timestamp":"2026-03-01T10:00:00.000Z","x":{"@timestamp":"2020"}}'],
    ['a time that is none', '{"@timestamp":null,"b":1}', '{"@timestamp":"2026-03-01T10:00:00.000Z","b":1}'],
    ['line breaks outside of texts', '{"b":\n1}', '{"@timestamp":"2026-03-01T10:00:00.000Z","b": 1}'],
  ])('with %s are written so', async (_what, line, source) => {
    const { far, sink } = await start();
    await sink.deliver(parcelOf([{ tenant: 't', items: [line] }]), never);
    expect(far.documents.map((document) => document.source)).toEqual([source]);
  });

  it('of lines that are no JSON objects hold them as `message`', async () => {
    const { far, sink } = await start();
    await sink.deliver(
      parcelOf([
        { tenant: 't', json: false, items: ['CEF:0|a\nb'] },
        { tenant: 'u', items: ['[1]'] },
      ]),
      never,
    );
    expect(far.documents.map(({ fields }) => fields.message)).toEqual(['CEF:0|a\nb', '[1]']);
  });

  it('have a digest as id when theirs would be too long', async () => {
    const { far, sink } = await start();
    const keys = ['k'.repeat(512 - 't/events/'.length), 'ü'.repeat(300)];
    await sink.deliver(parcelOf([{ tenant: 't', items: keys.map((key) => ({ line: '{}', key })) }]), never);
    expect(far.documents.map(({ id }) => id)).toEqual([`t/events/${keys[0]}`, createHash('sha256').update(`t/events/${keys[1]}`).digest('hex')]);
  });

  it('go where the templates say, with values made fit for a name', async () => {
    const { far, sink } = await start({ index: 'logs-sophos.{tenant.name}-{tenant.label.space}', pipeline: 'p-{stream}' });
    await sink.deliver(parcelOf([{ tenant: 't', name: 'Müller & Co-1/..', labels: { space: 'Prod,2' }, items: ['{}'] }]), never);
    expect(far.documents[0]?.index).toBe('logs-sophos.m_ller___co_1_..-prod_2');
    expect(far.requests[0]?.body).toContain('"pipeline":"p-events"');
    const dated = await start({ index: 'sophos-{date}', action: 'index' });
    const at = (day: number) => ({ line: `{"day":${day}}`, time: noon + day * 86_400_000 });
    await dated.sink.deliver(parcelOf([{ tenant: 't', items: [at(0), at(1), at(0)] }]), never);
    expect(dated.far.documents.map(({ index }) => index)).toEqual(['sophos-2026-03-01', 'sophos-2026-03-02', 'sophos-2026-03-01']);
  });

  it('come whole from whatever Central says', async () => {
    const { far, sink } = await start();
    let n = 0;
    const value = fc.jsonValue({ maxDepth: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(fc.string({ unit: 'binary', maxLength: 12 }), value), { minLength: 1, maxLength: 5 }), async (objects) => {
        const mine = objects.map(({ '@timestamp': _, ...rest }) => rest);
        const before = far.documents.length;
        const given = mine.map((object) => ({ line: JSON.stringify(object), key: `k${n++}` }));
        expect(await sink.deliver(parcelOf([{ tenant: 't', items: given }]), never)).toEqual({ refused: [] });
        const kept = far.documents.slice(before).map(({ fields }) => Object.fromEntries(Object.entries(fields).filter(([key]) => key !== '@timestamp')));
        expect(kept).toEqual(given.map(({ line }) => JSON.parse(line) as unknown));
      }),
      { numRuns: 100 },
    );
  });

  it('are folded however often and wherever a process dies', async () => {
    const far = keep(await startCluster());
    const lines = jsonLines('t1', 30);
    for (let killed = 0; killed < 3; killed++) {
      const sink = await openWebSink(elasticsearch, { url: far.url });
      far.faults.push(killed === 1 ? 'lost-answer' : { status: 503 });
      await sink.deliver(parcelOf([{ tenant: 't1', items: lines }]), never).catch(() => undefined);
      await sink.close();
    }
    const sink = keep(await openWebSink(elasticsearch, { url: far.url }));
    await sink.deliver(parcelOf([{ tenant: 't1', items: lines }]), never);
    expect(far.documents).toHaveLength(30);
    expect(far.conflicts()).toBe(30);
  });

  it('of the format `json` are its objects with their time', async () => {
    const { far, sink } = await start();
    const origin = { stream: 'events', tenant: { id: 't', name: 'T', labels: {} } };
    const [record] = recordsOf(packItems([{ key: 'k', time: noon, json: '{"id":"1","name":null,"severity":"low"}' }]), 1, noon);
    if (!record) throw new Error('no record');
    const out = new LineBuffer();
    json.open({}).encode(record, origin, out);
    out.endLine();
    const section = { lane: { route: 'r', stream: 't/events' }, after: 0, upTo: 1, origin, records: [record], lines: out.lines(), json: true };
    await sink.deliver({ sections: [section] }, never);
    const at = '2026-03-01T10:00:00.000Z';
    expect(far.documents[0]?.fields).toEqual({
      '@timestamp': at,
      id: '1',
      severity: 'low',
      tenant: { id: 't', name: 'T' },
      datastream: 'event',
      fetchedAt: at,
    });
  });
});

describe('elasticsearch', () => {
  it.each([webToken, 'id-1:key-2'])('sends the API key %s encoded', async (apiKey) => {
    const encoded = apiKey.includes(':') ? Buffer.from(apiKey).toString('base64') : apiKey;
    const { far, sink } = await start({ apiKey }, { apiKey: encoded });
    await sink.deliver(parcel, never);
    expect(far.documents).toHaveLength(3);
  });

  it('takes its nodes in turn', async () => {
    const fars = await Promise.all([1, 2].map(async () => keep(await startCluster())));
    const sink = keep(await openWebSink(elasticsearch, { url: fars.map(({ url }) => `${url}/`) }));
    for (let i = 0; i < 4; i++) await sink.deliver(parcelOf([{ tenant: 't', after: i, items: jsonLines('t', 1) }]), never);
    expect(fars.map(({ requests }) => requests.length)).toEqual([2, 2]);
  });

  it.each([
    [{}, 'Elasticsearch 8.15.0, may write to logs-sophos_central.*-default'],
    [{ distribution: 'opensearch' }, 'OpenSearch 2.17.0, privileges not told (HTTP 400)'],
    [{ privileges: null }, 'Elasticsearch 8.15.0, privileges not told (HTTP 400)'],
    [{ privileges: { create_doc: true } }, 'Elasticsearch 8.15.0, may write to logs-sophos_central.*-default, but not create it (no `auto_configure`)'],
  ] as const)('checks %j', async (ways, said) => {
    const { far, sink } = await start({}, ways);
    expect(await sink.check(never)).toBe(`${far.url}: ${said}`);
    expect(far.documents).toEqual([]);
  });

  it('finds in a check that it may not write', async () => {
    const { sink } = await start({}, { privileges: { create_doc: false, auto_configure: true } });
    expect(await failureOf(sink.check(never))).toMatchObject({ kind: 'auth', code: 'elasticsearch.privileges' });
  });

  it.each([
    { index: 'Logs' },
    { index: '-logs' },
    { index: 'a b' },
    { index: 'a,b' },
    { url: 'https://u:p@elastic:9200' },
    { url: 'https://elastic:9200/?x=1' },
    { apiKey: 'a', bearer: 'b' },
    { apiKey: 'a', username: 'b', password: 'c' },
    { action: 'update' },
  ])('refuses the options %j', (written) => {
    expect(() => elasticsearch.options.parse({ url: 'https://elastic:9200', ...written })).toThrow();
  });

  it('keeps below `batch.bytes` for every parcel that its limits allow', async () => {
    const { far, sink } = await start({ batch: { bytes: '300KB' }, gzip: false });
    const each = Math.floor(sink.limits.bytes / sink.limits.records) - 1;
    const lines = Array.from({ length: sink.limits.records }, (_, i) => `{"n":"${String(i).padEnd(Math.max(1, each - 8), 'x')}"}`);
    const id = '7c3a5e1c-0f7e-4f3c-9a6e-0a1b2c3d4e5f';
    await sink.deliver(parcelOf([{ tenant: id, items: lines.map((line, i) => ({ line, key: id.slice(0, 28) + String(i).padStart(8, '0') })) }]), never);
    expect(far.requests).toHaveLength(1);
    expect(far.requests[0]?.wire.length).toBeLessThan(300_000);
    expect(far.requests[0]?.wire.length).toBeGreaterThan(120_000);
  });
});
