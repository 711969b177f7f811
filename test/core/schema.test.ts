import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as schema from '../../src/core/schema.ts';

describe('durations', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['7d', 604_800_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    [' 2 w ', 1_209_600_000],
  ])('%s is %i ms', (written, ms) => {
    expect(schema.durationMs(written)).toBe(ms);
    expect(schema.duration().parse(written)).toBe(ms);
  });

  it.each(['', '60', 's', '-5s', '5 minutes', '1h30m', 'NaNs'])('`%s` is none', (written) => {
    expect(schema.durationMs(written)).toBeUndefined();
    expect(schema.duration().safeParse(written).error?.issues[0]?.message).toContain('expected a duration');
  });

  it('keep within their limits', () => {
    const limited = schema.duration({ min: 1000, max: 60_000 });
    expect(limited.parse('1s')).toBe(1000);
    expect(limited.safeParse('999ms').error?.issues[0]?.message).toBe('must be at least 1s');
    expect(limited.safeParse('61s').error?.issues[0]?.message).toBe('must be at most 1m');
  });

  it('spelt out are read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (ms) => {
        expect(schema.durationMs(schema.spell(ms))).toBe(ms);
      }),
    );
  });
});

describe('sizes', () => {
  it.each([
    ['100MB', 100_000_000],
    ['20GB', 20_000_000_000],
    ['64KiB', 65_536],
    ['1gib', 1_073_741_824],
    ['0.5 kB', 500],
    ['7B', 7],
    ['2TiB', 2_199_023_255_552],
  ])('%s is %i bytes', (written, bytes) => {
    expect(schema.sizeBytes(written)).toBe(bytes);
    expect(schema.size().parse(written)).toBe(bytes);
  });

  it.each(['', '100', 'MB', '-1MB', '5 bananas', '1PB'])('`%s` is none', (written) => {
    expect(schema.sizeBytes(written)).toBeUndefined();
    expect(schema.size().safeParse(written).success).toBe(false);
  });
});

describe('options', () => {
  const options = schema.object({
    name: schema.text().describe('A name'),
    token: schema.secretText().describe('A token'),
    every: schema.duration().default(1000).describe('How often'),
    kind: schema.choice('a', 'b').optional().describe('Which'),
    tags: schema.list(schema.text()).default([]).describe('Tags'),
  });

  it('are read with their defaults, and secrets are sealed', () => {
    const { token, ...rest } = options.parse({ name: 'n', token: 'very secret' });
    expect(rest).toEqual({ name: 'n', every: 1000, tags: [] });
    expect(token.reveal()).toBe('very secret');
    expect(`${token} ${JSON.stringify(token)} ${inspect({ token })}`).not.toContain('very secret');
  });

  it('refuse keys that are not named, each problem with its path', () => {
    const issues = options.safeParse({ name: '', token: 5, kind: 'c', tags: ['x', 1], odd: true }).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.')).sort()).toEqual(['', 'kind', 'name', 'tags.1', 'token']);
  });

  it('give a JSON Schema of what the user writes', () => {
    expect(schema.jsonSchemaOf(options)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['name', 'token'],
      properties: { token: { type: 'string', writeOnly: true, description: 'A token' }, every: { type: 'string' }, kind: { enum: ['a', 'b'] } },
    });
  });
});
