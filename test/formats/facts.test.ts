/** What is read of a record of each stream, under the same names. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/types.ts';
import { type Facts, readFacts } from '../../src/formats/meaning/facts.ts';
import { recordOf } from '../laws/format.laws.ts';

const read = (stream: string, item: unknown, meta?: Json): Facts =>
  readFacts(recordOf(JSON.stringify(item), meta === undefined ? {} : { meta }), { stream, tenant: { id: 't1', name: 'Acme', labels: {} } });

const when = '2026-11-20T08:14:26.000Z';
const created = '2026-11-20T08:14:29.517Z';

describe('an event', () => {
  it('tells device, user, times and ids', () => {
    const facts = read('events', {
      id: 'e1',
      type: 'Event::Endpoint::Threat::Detected',
      severity: 'HIGH',
      when,
      created_at: created,
      location: 'PC "1" ',
      endpoint_id: 'd1',
      endpoint_type: 'computer',
      source: 'ACME\\dana',
      user_id: 'u1',
      source_info: { ip: '10.1.1.1' },
      group: 'MALWARE',
    });
    expect(facts).toMatchObject({
      id: 'e1',
      severity: 'high',
      severityText: 'HIGH',
      at: Date.parse(when),
      atAsWritten: when,
      recordedAt: Date.parse(created),
      isAlert: false,
      device: { host: 'PC "1"', hostAsWritten: 'PC "1" ', id: 'd1', type: 'computer', ip: '10.1.1.1' },
      user: { name: 'dana', domain: 'ACME', id: 'u1', asWritten: 'ACME\\dana' },
      group: 'MALWARE',
      tenantId: 't1',
    });
  });

  it.each(['n/a', 'N/A', '', ' ', null, 7, {}])('of the source %j has no user', (source) => {
    expect(read('events', { id: 'e1', source }).user).toBeUndefined();
    expect(read('events', { id: 'e1', source, user_id: 'u1' }).user).toEqual({ id: 'u1' });
  });

  it('tells both sides of an attack from the network', () => {
    const { evidence } = read('events', {
      type: 'Event::Endpoint::Threat::IpsInboundDetection',
      ips_threat_data: {
        detectionType: 0,
        localPort: '445',
        remoteIp: '198.51.100.7',
        remotePort: '50123',
        rawData: 'Message       SMB\nReference     CVE-2017-0146\nPacket type   TCP\nLocal IP:     192.0.2.31\nLocal MAC:    00-00-5e-00-53-01',
      },
    });
    expect(evidence.network).toEqual({
      direction: 'inbound',
      local: { ip: '192.0.2.31', port: 445, mac: '00:00:5E:00:53:01' },
      remote: { ip: '198.51.100.7', port: 50_123, mac: undefined },
      protocol: 'TCP',
      message: 'SMB',
      cve: 'CVE-2017-0146',
    });
  });

  it('puts the file that the sentence names first, with its digest', () => {
    const sha256 = 'ab'.repeat(32);
    const { evidence } = read('events', {
      type: 'Event::Endpoint::CoreDetection',
      name: "Malware detected: 'T' at 'C:\\b.exe'",
      appSha256: sha256.toUpperCase(),
      core_remedy_items: {
        items: [
          { type: 'file', descriptor: 'C:\\a.exe', result: 'DELETED' },
          { type: 'regkey', descriptor: 'HKLM\\x', result: 'SUCCESS' },
          { type: 'file', descriptor: 'C:\\b.exe', result: 'SUCCESS' },
        ],
      },
    });
    expect(evidence).toMatchObject({
      cleanup: 'done',
      files: [
        { path: 'C:\\b.exe', name: 'b.exe', sha256, result: 'SUCCESS' },
        { path: 'C:\\a.exe', name: 'a.exe', result: 'DELETED' },
      ],
    });
  });

  it.each([
    ['', 'other', 'reported'],
    ['Event::Endpoint::WebControlViolation', 'web', 'blocked'],
    ['Event::Endpoint::WebControlViolation::WARNED', 'web', 'warned'],
    ['Event::Endpoint::Smc::WebFiltering::PROCEEDED', 'web', 'proceeded'],
  ])('of the type %j without a sentence is %s, %s', (type, category, action) => {
    expect(read('events', { type }).meaning).toMatchObject({ category, action });
  });
});

describe('a record of another stream', () => {
  it('of SIEM alerts tells what stands in `data`', () => {
    expect(
      read('siem-alerts', {
        id: 'a1',
        event_service_event_id: 'e1',
        type: 'Event::Endpoint::HmpaCryptoGuard',
        description: 'CryptoGuard detected ransomware in C:\\Temp\\enc.exe',
        data: {
          endpoint_id: 'd1',
          endpoint_type: 'server',
          endpoint_platform: 'windows',
          hmpa_exploit: { process_name: 'enc', process_path: 'C:\\Temp\\enc.exe', process_pid: '13551' },
        },
      }),
    ).toMatchObject({
      isAlert: true,
      eventId: 'e1',
      device: { id: 'd1', type: 'server', platform: 'windows' },
      evidence: { process: { pid: 13_551, name: 'enc', path: 'C:\\Temp\\enc.exe' }, files: [{ name: 'enc.exe' }] },
    });
  });

  it('of alerts tells agent and person, and a change is of the time that it was seen', () => {
    const item = {
      id: 'a1',
      type: 'x',
      raisedAt: when,
      category: 'pua',
      managedAgent: { id: 'd1', type: 'computer', name: 'PC' },
      person: { id: 'p1', name: 'Dana' },
    };
    expect(read('alerts', item)).toMatchObject({ at: Date.parse(when), device: { id: 'd1', host: 'PC' }, user: { id: 'p1', name: 'Dana' }, group: 'pua' });
    expect(read('alerts', item, { change: 'closed' })).toMatchObject({ at: 1_760_000_000_000, change: 'closed' });
  });

  it('of endpoints tells the device itself', () => {
    expect(
      read('endpoints', {
        id: 'd1',
        type: 'server',
        hostname: 'SRV',
        os: { platform: 'linux' },
        ipv4Addresses: ['10.0.0.1'],
        macAddresses: ['00:15:5d:a8:4b:64'],
      }),
    ).toMatchObject({
      meaning: { category: 'device-inventory' },
      device: { id: 'd1', host: 'SRV', type: 'server', platform: 'linux', ip: '10.0.0.1', mac: '00:15:5D:A8:4B:64' },
    });
  });

  it('that is no object stands under `value`, and what is no JSON is refused', () => {
    expect(read('events', ['a']).item).toEqual({ value: ['a'] });
    expect(() => readFacts(recordOf('{'), { stream: 'events', tenant: { id: 't', name: 'T', labels: {} } })).toThrow(
      expect.objectContaining({ kind: 'rejected' }),
    );
  });
});
