import { describe, expect, it } from 'vitest';
import { openConcealment } from '../../../src/cli/log/conceal.ts';

describe('a secret of this run', () => {
  it.each([
    ['a header of a proxy', (secret: string) => `Basic ${Buffer.from(`user:${secret}`).toString('base64')}`],
    ['a form', (secret: string) => `a=b&client_secret=${new URLSearchParams({ x: secret }).toString().slice(2)}`],
    ['JSON within JSON', (secret: string) => JSON.stringify({ body: JSON.stringify({ secret }) })],
  ])('is taken out of %s', (_, write) => {
    const secret = 'sec ret+/%"42';
    const concealment = openConcealment();
    concealment.add([secret]);
    const text = concealment.of(`seen: ${write(secret)}`);
    expect(text).toContain('[secret]');
    expect(text).not.toContain(write(secret));
    expect(Buffer.from(text.replace(/^.*Basic /, ''), 'base64').toString('latin1')).not.toContain('sec ret');
  });
});
