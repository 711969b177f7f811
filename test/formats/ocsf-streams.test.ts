/** Records of every stream, as the simulator gives them, in `ocsf`: valid, and in the class of the thing that they tell of. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordsOf } from '../../src/core/pack.ts';
import type { Checkpoint, Json, StreamRecord } from '../../src/core/types.ts';
import { ocsf } from '../../src/formats/ocsf.ts';
import { SophosCentral } from '../../src/index.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { streams } from '../../src/streams/index.ts';
import { openTestWorld } from '../clients/world.ts';
import { lineOf, recordOf } from '../laws/format.laws.ts';
import { type Event, findingsOn } from './ocsf-schema.ts';

const format = ocsf.open(ocsf.options.parse({}));
const enough = 400;

let sim: RunningSimulator;
let world: ReturnType<typeof openTestWorld>;
beforeAll(async () => {
  sim = await startSimulator({ eventsPerTenant: 2000 });
  world = openTestWorld();
});
afterAll(async () => {
  await world.close();
  await sim.close();
});

/** The classes in which a stream's records may stand, the snapshot's end (a Base Event) aside. */
const expected: Readonly<Record<string, readonly number[]>> = {
  'siem-alerts': [2004],
  alerts: [2004],
  detections: [2004],
  cases: [2005],
  endpoints: [5001],
  firewalls: [5001],
  users: [5003],
  admins: [5003],
};

describe.each(streams.map((kind) => ({ kind, name: kind.name })))('$name', ({ kind, name }) => {
  it('is written as valid events of its class', async () => {
    const { clientId, clientSecret, url } = sim;
    const rateLimits = { second: 10_000, minute: 100_000, hour: 1_000_000, day: 1_000_000 };
    const central = new SophosCentral({ clientId, clientSecret, authUrl: url, apiUrl: url, rateLimits, retries: 0, world: world.world });
    const records: StreamRecord[] = [];
    for await (const { id, name: tenantName, apiHost = null } of central.tenants) {
      const tenant = { id, name: tenantName, labels: {}, apiHost };
      const stream = kind.open(kind.options.parse({}), tenant, central, world.world, 0);
      let at: Checkpoint | null = null;
      for (let more = true; more && records.length < enough; ) {
        const page = await stream.fetch(at, AbortSignal.timeout(20_000));
        records.push(...recordsOf(page.items, records.length + 1, Date.UTC(2026, 0, 1)));
        at = page.next;
        more = page.more;
      }
    }
    expect(records.length).toBeGreaterThan(0);
    const found = new Set<number>();
    for (const record of records) {
      const event: Event = JSON.parse(lineOf(format, record, { stream: name, tenant: { id: 't1', name: 'T', labels: {} } }));
      expect(findingsOn(event), record.json.slice(0, 1000)).toEqual([]);
      if (!record.key.endsWith('#end')) found.add(event.class_uid as number);
    }
    if (name === 'events') expect(found.size).toBeGreaterThan(8);
    else expect([...found]).toEqual([...(expected[name] ?? [3004])]);
  });
});

const written = (stream: string, item: unknown, meta?: Json): Event =>
  JSON.parse(lineOf(format, recordOf(JSON.stringify(item), meta === undefined ? {} : { meta }), { stream, tenant: { id: 't1', name: 'T', labels: {} } }));

describe('what changes', () => {
  it.each([
    ['alerts', undefined, 200401],
    ['alerts', 'changed', 200402],
    ['alerts', 'reopened', 200402],
    ['alerts', 'closed', 200403],
    ['policies', undefined, 300402],
    ['policies', 'added', 300401],
    ['policies', 'changed', 300403],
    ['policies', 'removed', 300404],
  ])('of %s, %s, is %d', (stream, change, type) => {
    const event = written(stream, { id: 'a1', name: 'N', type: 'Event::Endpoint::OutOfDate' }, change === undefined ? undefined : { change });
    expect(findingsOn(event)).toEqual([]);
    expect(event.type_uid).toBe(type);
    expect(event.is_alert).toBe(type === 200401 ? true : undefined);
  });
});

describe('what is known of an event', () => {
  it('stands where OCSF has a place for it', () => {
    const event = written('events', {
      id: 'e1',
      type: 'Event::Endpoint::CoreClean',
      severity: 'critical',
      when: '2026-11-20T08:14:26.000Z',
      created_at: '2026-11-20T08:14:29.517Z',
      location: 'PC-1 ',
      endpoint_id: 'd1',
      endpoint_type: 'server',
      source: 'ACME\\dana',
      user_id: 'u1',
      source_info: { ip: '10.20.14.87' },
      origin: 'ML',
      threat: 'Troj/X',
      name: "Malware cleaned up: 'Troj/X' at 'C:\\a.exe'",
      appSha256: 'AB'.repeat(32),
      core_remedy_items: {
        items: [
          { type: 'file', descriptor: 'C:\\a.exe', result: 'SUCCESS' },
          { type: 'file', descriptor: 'C:\\b.exe', result: 'FAILED_TO_DELETE' },
        ],
      },
    });
    expect(findingsOn(event)).toEqual([]);
    expect(event).toMatchObject({
      type_uid: 200402,
      severity_id: 5,
      disposition_id: 12,
      status_id: 4,
      time: Date.parse('2026-11-20T08:14:26.000Z'),
      metadata: { original_time: '2026-11-20T08:14:26.000Z', logged_time: Date.parse('2026-11-20T08:14:29.517Z'), profiles: ['host', 'security_control'] },
      device: { hostname: 'PC-1', name: 'PC-1 ', uid: 'd1', type_id: 1, ip: '10.20.14.87' },
      actor: { user: { name: 'dana', domain: 'ACME', uid: 'u1' } },
      malware: [{ name: 'Troj/X', classification_ids: [18], path: 'C:\\a.exe' }],
      finding_info: { uid: 'e1', analytic: { name: 'ML', type_id: 4 } },
      evidences: [{ file: { name: 'a.exe', path: 'C:\\a.exe', hashes: [{ algorithm_id: 3, value: 'ab'.repeat(32) }] } }, { file: { path: 'C:\\b.exe' } }],
    });
  });

  it.each([
    ['blocked', "'https://a.example:8443/p?q=1#f' blocked due to category 'C'", 2],
    ['warned', "'https://a.example:8443/p?q=1#f' warned due to category 'C'", 19],
    ['let through', "User bypassed category block to 'https://a.example:8443/p?q=1#f'", 1],
  ])('of a site that was %s', (_, name, disposition) => {
    const event = written('events', { id: 'e1', type: 'Event::Endpoint::WebControlViolation', name });
    expect(findingsOn(event)).toEqual([]);
    expect(event).toMatchObject({
      type_uid: 400200,
      disposition_id: disposition,
      http_request: { url: { scheme: 'https', hostname: 'a.example', port: 8443, path: '/p', query_string: 'q=1#f' } },
    });
  });

  it('of a program without a user, or a device that is not named, is a finding', () => {
    const item = { id: 'e1', type: 'Event::Endpoint::Application::Blocked', name: 'Controlled application blocked: Kodi (Media player)', location: 'PC' };
    expect(written('events', { ...item, source: 'n/a' }).type_uid).toBe(200401);
    expect(written('events', { ...item, source: 'ACME\\dana' })).toMatchObject({ type_uid: 100701, process: { name: 'Kodi' }, disposition_id: 2 });
    expect(written('events', { id: 'e1', type: 'Event::Endpoint::SavDisabled' }).type_uid).toBe(99);
    expect(written('events', { id: 'e1', type: 'Event::Endpoint::SavDisabled', location: 'PC' })).toMatchObject({ type_uid: 501901, state_id: 1 });
  });

  it.each([
    ['weird', 99, 'weird'],
    [undefined, 0, 'Unknown'],
    ['VERY_HIGH', 5, 'Critical'],
    ['none', 1, 'Informational'],
  ])('of the severity %s is %d', (severity, id, caption) => {
    expect(written('events', { id: 'e1', severity })).toMatchObject({ severity_id: id, severity: caption });
  });
});

describe('observables', () => {
  const withThem = ocsf.open(ocsf.options.parse({ observables: true }));

  it('are what can be searched for, under numbers that only the schema server has', () => {
    const item = {
      id: 'e1',
      type: 'Event::Endpoint::CoreDetection',
      location: 'PC-1',
      source: 'ACME\\dana',
      source_info: { ip: '10.1.1.1' },
      appSha256: 'ab'.repeat(32),
      name: "Malware detected: 'T' at 'C:\\a.exe'",
    };
    const event: Event = JSON.parse(lineOf(withThem, recordOf(JSON.stringify(item)), { stream: 'events', tenant: { id: 't1', name: 'T', labels: {} } }));
    expect(findingsOn(event).filter((each) => !/^observables\[\d\]\.type_id: \d+ is not enumerated$/.test(each))).toEqual([]);
    expect((event.observables as { readonly type_id: number; readonly value: string }[]).map(({ type_id, value }) => [type_id, value])).toEqual([
      [1, 'PC-1'],
      [2, '10.1.1.1'],
      [4, 'dana'],
      [7, 'a.exe'],
      [8, 'ab'.repeat(32)],
    ]);
  });

  it('are not written where nothing can be searched for', () => {
    const event = JSON.parse(lineOf(withThem, recordOf('{"id":"e1"}'), { stream: 'events', tenant: { id: 't1', name: 'T', labels: {} } }));
    expect(findingsOn(event)).toEqual([]);
  });
});
