import { describe, expect, it } from 'vitest';
import { readAddress } from '../../../src/sinks/wire/address.ts';

const ports = { udp: 514, tcp: 601, tls: 6514 };

describe('an address', () => {
  it.each([
    ['udp://siem', { scheme: 'udp', host: 'siem', port: 514, text: 'udp://siem:514' }],
    ['tcp://siem.example.com', { scheme: 'tcp', host: 'siem.example.com', port: 601, text: 'tcp://siem.example.com:601' }],
    ['tls://siem/', { scheme: 'tls', host: 'siem', port: 6514, text: 'tls://siem:6514' }],
    ['tls://SIEM:514', { scheme: 'tls', host: 'siem', port: 514, text: 'tls://siem:514' }],
    ['tcp://10.0.0.1:1514', { scheme: 'tcp', host: '10.0.0.1', port: 1514, text: 'tcp://10.0.0.1:1514' }],
    ['udp://[2001:db8::1]', { scheme: 'udp', host: '2001:db8::1', port: 514, text: 'udp://[2001:db8::1]:514' }],
    ['tcp://[fe80::1%eth0]:601', { scheme: 'tcp', host: 'fe80::1%eth0', port: 601, text: 'tcp://[fe80::1%eth0]:601' }],
    ['tls://münchen.example', { scheme: 'tls', host: 'xn--mnchen-3ya.example', port: 6514, text: 'tls://xn--mnchen-3ya.example:6514' }],
    ['unix:///dev/log', { scheme: 'unix', path: '/dev/log', text: 'unix:///dev/log' }],
    ['unix:///run/a b.sock', { scheme: 'unix', path: '/run/a b.sock', text: 'unix:///run/a b.sock' }],
  ])('%s is read', (text, address) => expect(readAddress(text, ports)).toEqual(address));

  it.each([
    '',
    'siem:514',
    'http://siem:514',
    'tcp://',
    'tcp://:601',
    'tcp://user:password@siem:601',
    'tcp://siem:0',
    'tcp://siem:65536',
    'tcp://siem:port',
    'tcp://siem/path',
    'tcp://siem?tls=no',
    'tcp://2001:db8::1',
    'tcp://[::1',
    'tcp://[siem]:601',
    'tcp://si em',
    'tcp://siem\n:601',
    'unix://dev/log',
    'unix://',
    'unix:///a\0b',
    `unix:///${'x'.repeat(110)}`,
  ])('%j is none', (text) => expect(readAddress(text, ports)).toBeNull());
});
