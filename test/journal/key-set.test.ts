import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestsOf, openKeySet } from '../../src/journal/key-set.ts';

describe('a key set', () => {
  it('knows exactly what was added, and what was taken back it does not know', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ keys: fc.array(fc.nat({ max: 300 })), undo: fc.boolean() }), { maxLength: 30 }), (rounds) => {
        const set = openKeySet();
        const model = new Set<number>();
        for (const { keys, undo } of rounds) {
          const digests = digestsOf(keys.map(String));
          set.reserve(keys.length);
          const added = new Set<number>();
          keys.forEach((key, i) => {
            const isNew = !model.has(key) && !added.has(key);
            expect(set.add(digests, i)).toBe(isNew);
            added.add(key);
          });
          const fresh = [...added].filter((key) => !model.has(key));
          if (undo) set.undo(fresh.length);
          else for (const key of fresh) model.add(key);
          set.settle();
          expect(set.size).toBe(model.size);
        }
      }),
    );
  });

  it('holds the digest that is all zeros, and grows with its keys in little room', () => {
    const set = openKeySet();
    const zero = digestsOf(['00000000-0000-0000-0000-000000000000']);
    expect([set.add(zero, 0), set.add(zero, 0)]).toEqual([true, false]);
    set.settle();
    expect(set.bytes).toBe(256);
    const keys = digestsOf(Array.from({ length: 5_000 }, () => randomUUID()));
    set.reserve(5_000);
    for (let i = 0; i < 5_000; i++) expect(set.add(keys, i)).toBe(true);
    expect(set.bytes).toBe(8_192 * 16);
  });
});

describe('a digest', () => {
  it('of a UUID is the UUID, and differs from that of any other spelling', () => {
    const uuid = '0123abcd-4567-4def-89ab-fedcba987654';
    expect([...digestsOf([uuid])]).toEqual([0x0123abcd, 0x45674def, 0x89abfedc, 0xba987654]);
    const others = [
      uuid.toUpperCase(),
      uuid.replaceAll('-', ''),
      ` ${uuid}`,
      uuid.replace('0', 'g'),
      uuid.replace('4d', '4\u0130'),
      uuid.replace('-', '_'),
      '',
    ];
    const all = digestsOf([uuid, ...others]);
    expect(new Set(Array.from({ length: 8 }, (_, i) => all.slice(i * 4, i * 4 + 4).join())).size).toBe(8);
  });
});
