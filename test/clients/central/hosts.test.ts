import { describe, expect, it } from 'vitest';
import { openHosts } from '../../../src/clients/central/hosts.ts';
import { Failure } from '../../../src/core/failure.ts';

const hosts = openHosts();
const own = openHosts('http://127.0.0.1:8001/', 'http://127.0.0.1:8002/base/');

describe('the host law', () => {
  it.each([
    ['https://api-eu01.central.sophos.com', 'https://api-eu01.central.sophos.com'],
    ['https://api-eu01.central.sophos.com/', 'https://api-eu01.central.sophos.com'],
    ['http://api-us03.central.sophos.com//', 'https://api-us03.central.sophos.com'],
    ['http://api-us03.central.sophos.com:80', 'https://api-us03.central.sophos.com'],
    ['https://API.Central.SOPHOS.com:443', 'https://api.central.sophos.com'],
    ['HTTPS://api1.central.sophos.com/gateway/', 'https://api1.central.sophos.com/gateway'],
  ])('lets a token go to %s', (url, base) => {
    expect(hosts.admit(url, 'whoami')).toBe(base);
  });

  it.each([
    'https://sophos.com.evil.com',
    'https://evilsophos.com',
    'https://evil-sophos.com',
    'https://sophos.com',
    'https://api.sophos.com@evil.com',
    'https://user:pass@api.sophos.com',
    'https://@api.sophos.com',
    'https://evil.com/.sophos.com',
    'https://evil.com?.sophos.com',
    'https://evil.com#.sophos.com',
    'https://evil.com\\.sophos.com',
    'https://evil.com\\@api.sophos.com',
    'https:\\\\api.sophos.com',
    'https:/api.sophos.com',
    'https:api.sophos.com',
    '//api.sophos.com',
    'api.sophos.com',
    'https://api.sophos.com.',
    'https://api.sophos.com:8443',
    'http://api.sophos.com:8080',
    'https://api.sophos.com:99999',
    'https://api.s\u043ephos.com',
    'https://api.\uff53ophos.com',
    'https://api.sophos\u3002com',
    'https://evil.com%2f.sophos.com',
    'https://evil.com%00.sophos.com',
    'https://evil.com\n.sophos.com',
    'https://evil.com\t.sophos.com',
    ' https://api.sophos.com',
    'ftp://api.sophos.com',
    'javascript:alert(1)//.sophos.com',
    'https://127.0.0.1',
    'http://127.0.0.1:8001',
    'https://[::1]',
    'https://2130706433',
    '',
  ])('refuses %j', (url) => {
    let seen: unknown;
    try {
      seen = hosts.admit(url, 'the tenant list');
    } catch (error) {
      seen = error;
    }
    expect(seen).toBeInstanceOf(Failure);
    expect(seen).toMatchObject({ kind: 'rejected', code: 'central.foreign-host', message: expect.stringContaining('the tenant list') });
  });

  it('lets http stand for the exact origins that the user gave, and for these only', () => {
    expect(own.admit('http://127.0.0.1:8002/', 'whoami')).toBe('http://127.0.0.1:8002');
    expect(own.admit('http://127.0.0.1:8001', 'whoami')).toBe('http://127.0.0.1:8001');
    for (const url of ['http://127.0.0.1:8003', 'https://127.0.0.1:8001', 'http://127.0.0.1', 'http://localhost:8001', 'http://127.0.0.1:8001@evil.com']) {
      expect(() => own.admit(url, 'whoami'), url).toThrow(Failure);
    }
  });

  it('turns http into https for an own origin that is https', () => {
    const proxied = openHosts(undefined, 'https://sophos-proxy.example:8443');
    expect(proxied.admit('https://sophos-proxy.example:8443/', 'whoami')).toBe('https://sophos-proxy.example:8443');
    expect(proxied.admit('http://sophos-proxy.example:8443/', 'whoami')).toBe('https://sophos-proxy.example:8443');
  });

  it('finds the token endpoint below a base, and takes one that is written out', () => {
    expect(hosts.tokenUrl).toBe('https://id.sophos.com/api/v2/oauth2/token');
    expect(own.tokenUrl).toBe('http://127.0.0.1:8001/api/v2/oauth2/token');
    expect(openHosts('https://id.sophos.com/api/v2/oauth2/token').tokenUrl).toBe('https://id.sophos.com/api/v2/oauth2/token');
    expect(own.apiUrl).toBe('http://127.0.0.1:8002/base');
  });

  it('shows no user name and no password of a host that it refuses', () => {
    expect(() => hosts.admit('https://token:hunter2@evil.com', 'whoami')).toThrow(/^(?!.*hunter2)/);
  });

  it.each(['id.sophos.com', 'ftp://id.sophos.com', 'https://user:pass@id.sophos.com', 'https://id.sophos.com/?a=b', ''])('is no `authUrl`: %j', (url) => {
    expect(() => openHosts(url)).toThrow(expect.objectContaining({ kind: 'config', code: 'central.url' }));
  });
});
