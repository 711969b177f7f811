import { describe, expect, it } from 'vitest';
import { spellingsOf, strikeOut } from '../../src/core/secret.ts';

const odd = 'p+w/=% "ü\'(x)';

describe('a secret that a far end repeats', () => {
  it.each([
    ['as it is', odd],
    ['in JSON', JSON.stringify({ said: odd })],
    ['in a URL', `https://host/?key=${encodeURIComponent(odd)}&x=1`],
    ['in a form', new URLSearchParams({ grant_type: 'client_credentials', client_secret: odd, scope: 'token' }).toString()],
    ['in Base64', Buffer.from(odd).toString('base64')],
    ['in the Base64 of URLs', Buffer.from(odd).toString('base64url')],
    ['behind a user of one letter in Base64', Buffer.from(`u:${odd}`).toString('base64')],
    ['behind a user of two letters in Base64', Buffer.from(`us:${odd}`).toString('base64')],
    ['behind a user of three letters in Base64, before more', Buffer.from(`usr:${odd}:and more`).toString('base64')],
  ])('is struck out %s', (_, text) => {
    const left = strikeOut(`before ${text} after`, [odd]);
    expect(left).toMatch(/^before .*\[secret\].* after$/);
    for (const spelling of spellingsOf(odd)) expect(left).not.toContain(spelling);
    expect(Buffer.from(left.replace(/.*?([\w+/=-]{12,}).*/, '$1'), 'base64').toString('latin1')).not.toContain(odd.slice(2, 8));
  });

  it('is struck out whole where another secret is a part of it', () => {
    expect(strikeOut('abcdefgh-ijkl', ['abcdefgh', 'abcdefgh-ijkl'])).toBe('[secret]');
  });

  it('leaves every text as it is when it is too short to be one', () => {
    expect(strikeOut('a cab', ['', 'a', 'cab'])).toBe('a cab');
    expect(spellingsOf('cabin').some((each) => each.startsWith(Buffer.from('cabi').toString('base64').slice(0, 4)))).toBe(false);
  });

  it('may be half of a character', () => {
    expect(strikeOut('x \ud83d12345 y', ['\ud83d12345'])).toBe('x [secret] y');
  });
});
