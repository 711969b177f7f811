import { describe, expect, it } from 'vitest';
import { jsonSchemaOf } from '../../src/core/schema.ts';
import { options } from '../../src/sinks/syslog/options.ts';
import { presets, settle } from '../../src/sinks/syslog/presets.ts';

const settled = (written: object) => {
  const given = options.parse(written);
  const { rfc, framing, maxBytes, tooLong, time } = settle(given, given.address);
  return [rfc, framing, maxBytes, tooLong, time];
};

describe('without a preset', () => {
  it.each([
    ['udp://siem', [5424, 'none', 2048, 'truncate', 'local']],
    ['tcp://siem', [5424, 'lf', 65_536, 'refuse', 'local']],
    ['tls://siem', [5424, 'octet-counting', 65_536, 'refuse', 'local']],
    ['unix:///run/log', [5424, 'lf', 65_536, 'refuse', 'local']],
  ])('%s has what is usual there', (address, wanted) => expect(settled({ address })).toEqual(wanted));
});

describe('a preset', () => {
  it.each([
    ['rsyslog', [5424, 'none', 8192], [5424, 'octet-counting', 8192], [5424, 'octet-counting', 8192]],
    ['syslog-ng', [5424, 'none', 2048], [5424, 'octet-counting', 65_536], [5424, 'octet-counting', 65_536]],
    ['qradar', [3164, 'none', 1024], [3164, 'lf', 4096], [3164, 'lf', 4096]],
    ['wazuh', [3164, 'none', 2048], [3164, 'lf', 6144], [3164, 'lf', 6144]],
    ['insightidr', [5424, 'none', 2048], [5424, 'lf', 8192], [5424, 'lf', 8192]],
    ['secops', [5424, 'none', 2048], [5424, 'lf', 65_536], [5424, 'lf', 65_536]],
    ['sc4s', [5424, 'none', 2048], [5424, 'octet-counting', 65_536], [5424, 'octet-counting', 65_536]],
  ])('%s sets header, framing and size for udp, tcp and tls', (preset, ...wanted) => {
    expect(['udp', 'tcp', 'tls'].map((scheme) => settled({ address: `${scheme}://siem`, preset }).slice(0, 3))).toEqual(wanted);
  });

  it.each([...presets])('%s is beaten by what is written beside it', (preset) => {
    const written = { rfc: 'none', framing: 'nul', maxBytes: '10KB', tooLong: 'split', time: 'iso' };
    expect(settled({ address: 'tcp://siem', preset, ...written })).toEqual(['none', 'nul', 10_000, 'split', 'iso']);
  });
});

describe('options of syslog', () => {
  it.each([
    [{ address: 'siem:514' }, 'address', /expected `udp:\/\/host:514`/],
    [{ address: 'udp://siem', framing: 'octet-counting' }, 'framing', /a datagram is one message/],
    [{ address: 'tcp://siem', framing: 'none' }, 'framing', /goes with `udp:\/\/` only/],
    [{ address: 'udp://siem', maxBytes: '100KB' }, 'maxBytes', /at most 65KB/],
    [{ address: 'tcp://siem', maxBytes: '500B' }, 'maxBytes', /at least 1KiB/],
    [{ address: 'tcp://siem', caFile: 'ca.pem' }, 'caFile', /goes with `tls:\/\/` only/],
    [{ address: 'tls://siem', certFile: 'cert.pem' }, 'certFile', /needs the other/],
    [{ address: 'tls://siem', keyFile: 'key.pem' }, 'keyFile', /needs the other/],
    [{ address: 'tls://siem', passphrase: 'p' }, 'passphrase', /needs `keyFile`/],
    [{ address: 'tcp://siem', sdId: 'sophos' }, 'sdId', /private enterprise number/],
    [{ address: 'tcp://siem', sdId: 'a]b@1' }, 'sdId', /private enterprise number/],
    [{ address: 'tcp://siem', fields: { 'a b': 'x' } }, 'fields', /printable ASCII/],
    [{ address: 'tcp://siem', fields: { record: 'x' } }, 'fields', /there already/],
    [{ address: 'tcp://siem', facility: 24 }, 'facility', /./],
    [{ address: 'tcp://siem', facility: 'local8' }, 'facility', /./],
    [{ address: 'tcp://siem', rfc: 5425 }, 'rfc', /./],
    [{ address: 'tcp://siem', fraiming: 'lf' }, undefined, /fraiming/],
  ])('that do not go together are refused at their place: %j', (written, place, message) => {
    const issues = options.safeParse(written).error?.issues ?? [];
    expect(issues.map(({ path }) => path[0])).toContain(place);
    expect(issues.map((issue) => issue.message).join('; ')).toMatch(message);
  });

  it('have a JSON Schema that names each with a sentence, and seals the passphrase', () => {
    const { properties } = jsonSchemaOf(options) as {
      readonly properties: Readonly<Record<string, { readonly description?: string; readonly writeOnly?: boolean }>>;
    };
    expect(Object.entries(properties).filter(([, { description }]) => !description)).toEqual([]);
    expect(JSON.stringify(properties.passphrase)).toContain('writeOnly');
  });
});
