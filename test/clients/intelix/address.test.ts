import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentOf, sentAddress, shown } from '../../../src/clients/intelix/address.ts';
import { Failure, kindOfAddress, normalAddress } from '../../../src/intelix.ts';

const hash = 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855';

describe('the kind of an address', () => {
  it.each([
    ['192.0.2.1', 'ip'],
    [' 192.0.2.1\n', 'ip'],
    ['2001:db8::1', 'ip'],
    ['[2001:DB8::1]', 'ip'],
    ['::ffff:192.0.2.1', 'ip'],
    [hash, 'file'],
    [hash.toLowerCase(), 'file'],
    [hash.slice(1), 'url'],
    ['192.0.2.1/', 'url'],
    ['192.0.2.0/24', 'url'],
    ['192.0.2.1:8080', 'url'],
    ['http://192.0.2.1', 'url'],
    ['192.0.2.256', 'url'],
    ['192.0.2.01', 'url'],
    ['example.com', 'url'],
    ['', 'url'],
    ['[example.com]', 'url'],
  ] as const)('of %j is %s', (text, kind) => expect(kindOfAddress(text)).toBe(kind));
});

describe('the normal form', () => {
  it.each([
    ['  example.com ', 'example.com'],
    ['HTTPS://Example.COM/', 'example.com'],
    ['ftp://example.com', 'example.com'],
    ['example.com.', 'example.com'],
    ['http://example.com./', 'example.com'],
    ['example.com/Path/', 'example.com/Path/'],
    ['Example.com:8080/', 'example.com:8080'],
    ['Example.com.:8080', 'example.com:8080'],
    ['example.com?Q=A', 'example.com?Q=A'],
    ['example.com/?Q=A', 'example.com/?Q=A'],
    ['example.com/#Top', 'example.com/#Top'],
    ['User:Pass@Example.com/x', 'User:Pass@example.com/x'],
    ['Example.com/A@B', 'example.com/A@B'],
    ['example.com/%41', 'example.com/%41'],
    ['MÜNCHEN.de/Ä', 'xn--mnchen-3ya.de/Ä'],
    ['http://[2001:DB8::1]:80/', '[2001:db8::1]:80'],
    ['[2001:0DB8:0:0::1]', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['192.0.2.1', '192.0.2.1'],
    ['http://192.0.2.1/', '192.0.2.1'],
    [hash, hash.toLowerCase()],
    ['mailto:A@B.example', 'mailto:A@b.example'],
    ['javascript://x', 'x'],
    ['__proto__', '__proto__'],
    ['/', ''],
    ['', ''],
  ])('of %j is %j', (text, normal) => expect(normalAddress(text)).toBe(normal));

  it('joins what differs only in scheme, case of the host, and the end of a bare host', () => {
    const same = ['example.com', 'http://example.com', 'https://EXAMPLE.com/', 'Example.Com.', ' example.com\t'];
    expect(new Set(same.map(normalAddress)).size).toBe(1);
    const different = ['example.com/a', 'example.com/A', 'example.com/a/', 'example.com:81', 'www.example.com', 'example.com?a', 'example.com#a'];
    expect(new Set(different.map(normalAddress)).size).toBe(different.length);
  });
});

describe('a segment of a path', () => {
  it('holds every character of a URL, and comes back as it was', () => {
    const text = "http://user@Müller.example:8080/a b/100%25+%/?q='(1)'&r=*#ä/;=,$\\|^`{}[]<>\"😀";
    const segment = segmentOf(text);
    expect(segment).toMatch(/^[A-Za-z0-9%._~-]+$/);
    expect(segment).toContain('a%20b%2F100%2525%2B%25%2F%3Fq%3D%27%281%29%27');
    expect(decodeURIComponent(segment)).toBe(text);
  });

  it('is one segment that comes back whole, for any text, or a refusal', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('/', '.', '%', '2', 'e', '?', '#', '\\', ' ', ':', '@', 'ä', '\ud83d', '\u0000') }),
    );
    fc.assert(
      fc.property(text, (address) => {
        let segment: string;
        try {
          segment = segmentOf(sentAddress(kindOfAddress(address), address));
        } catch (error) {
          expect(error).toMatchObject({ code: 'intelix.bad-input' });
          expect((error as Failure).message).not.toMatch(/[\p{Cc}\p{Surrogate}]/u);
          return;
        }
        const { pathname } = new URL(`http://x/lookup/urls/v1/${segment}`);
        expect(pathname.split('/')).toHaveLength(5);
        const sent = decodeURIComponent(pathname.slice('/lookup/urls/v1/'.length));
        expect(kindOfAddress(address) === 'url' ? sent : normalAddress(sent)).toBe(kindOfAddress(address) === 'url' ? address.trim() : normalAddress(address));
      }),
      { numRuns: 2000 },
    );
  });

  it('is at most 8 KB long', () => {
    expect(segmentOf('a'.repeat(8192))).toHaveLength(8192);
    expect(() => segmentOf('a'.repeat(8193))).toThrow(Failure);
    expect(() => segmentOf('ä'.repeat(1366))).toThrow(/8196 bytes when encoded, 8192 are possible/);
  });
});

describe('what cannot be an address', () => {
  it.each([
    ['url', ''],
    ['url', ' \n\t '],
    ['url', '.'],
    ['url', '..'],
    ['url', 'exam\u0000ple.com'],
    ['url', 'example.com\r\nX: y'],
    ['url', 'example.com/\u2028x'],
    ['ip', 'example.com'],
    ['ip', ''],
    ['ip', '192.0.2.1/24'],
    ['ip', 'fe80::1%eth0'],
    ['ip', hash],
    ['file', hash.slice(1)],
    ['file', `${hash}0`],
    ['file', `${hash.slice(1)}g`],
    ['file', '../../x'],
  ] as const)('is refused as %s: %j', (kind, text) => {
    expect(() => sentAddress(kind, text)).toThrow(expect.objectContaining({ kind: 'rejected', code: 'intelix.bad-input' }));
  });

  it('is refused when half of a character stands alone', () => {
    expect(() => segmentOf('example.com/\ud83d')).toThrow(expect.objectContaining({ kind: 'rejected', code: 'intelix.bad-input' }));
  });
});

describe('an address in a message', () => {
  it('is without user, password, query and fragment, and short', () => {
    expect(shown('https://me:hunter2@example.com/a?token=x')).toBe('https://example.com/a?...');
    expect(shown('me:hunter2@example.com#x')).toBe('example.com#...');
    expect(shown('a'.repeat(500))).toHaveLength(103);
    expect(shown(`${'a'.repeat(99)}😀`)).toBe(`${'a'.repeat(99)}\uFFFD...`);
  });
});
