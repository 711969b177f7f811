import { describe, expect, it } from 'vitest';
import { openRenewable } from '../../src/clients/renewable.ts';
import { HandClock } from './world.ts';

const never = () => new AbortController().signal;

function openGate(): { readonly promise: Promise<void>; open(): void } {
  const lever = new EventTarget();
  const promise = new Promise<void>((resolve) => lever.addEventListener('open', () => resolve(), { once: true }));
  return { promise, open: () => void lever.dispatchEvent(new Event('open')) };
}

/** A store whose answers come when they are let go. */
function openStore(clock = new HandClock()) {
  let kept = 'first';
  let asked = 0;
  let gate: Promise<void> = Promise.resolve();
  let last = kept;
  const secret = openRenewable({ value: kept }, clock, async () => {
    asked++;
    await gate;
    if (kept === 'broken') throw new Error('the store is down');
    if (kept === last) return null;
    last = kept;
    return { value: kept };
  });
  return {
    secret,
    clock,
    asked: () => asked,
    keep: (value: string) => {
      kept = value;
    },
    close() {
      const { promise, open } = openGate();
      gate = promise;
      return open;
    },
  };
}

describe('a secret that is refused', () => {
  it('is another one when its store says so, as often as it is rotated', async () => {
    const { secret, keep, asked } = openStore();
    for (const value of ['second', 'third', 'fourth']) {
      const used = secret.current;
      keep(value);
      expect(await secret.replaced(used, never())).toBe(true);
      expect(secret.current.value).toBe(value);
    }
    expect(asked()).toBe(3);
  });

  it('is read once for all who were refused with it, also for those who hear of it later', async () => {
    const { secret, keep, asked, close } = openStore();
    const used = secret.current;
    const open = close();
    keep('second');
    const all = Array.from({ length: 5000 }, () => secret.replaced(used, never()));
    open();
    expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
    expect(await secret.replaced(used, never())).toBe(true);
    expect(asked()).toBe(1);
  });

  it.each(['first', 'broken'])('is not read again for a minute when that did not help (%s)', async (state) => {
    const { secret, keep, asked, clock } = openStore();
    keep(state);
    const ask = () => secret.replaced(secret.current, never()).catch(() => false);
    for (let i = 0; i < 100; i++) expect(await ask()).toBe(false);
    await clock.pass(59_999);
    expect(await ask()).toBe(false);
    expect(asked()).toBe(1);
    await clock.pass(1);
    keep('second');
    expect(await ask()).toBe(true);
    expect(asked()).toBe(2);
  });

  it('is read again at once when its successor is refused too: that may have been rotated as well', async () => {
    const { secret, keep, asked, clock } = openStore();
    for (const value of ['second', 'third']) {
      keep(value);
      expect(await secret.replaced(secret.current, never())).toBe(true);
    }
    expect(await secret.replaced(secret.current, never())).toBe(false);
    keep('fourth');
    expect(await secret.replaced(secret.current, never())).toBe(false);
    await clock.pass(60_000);
    expect(await secret.replaced(secret.current, never())).toBe(true);
    expect(asked()).toBe(4);
  });

  it('stays where nothing can be read again', async () => {
    const secret = openRenewable('only', new HandClock());
    expect(await secret.replaced('only', never())).toBe(false);
  });

  it('is read for those who still wait when one gives up, and again at once when all have', async () => {
    const { secret, keep, asked, close } = openStore();
    const open = close();
    const [one, two] = [new AbortController(), new AbortController()];
    const used = secret.current;
    const gone = secret.replaced(used, one.signal);
    const stays = secret.replaced(used, two.signal);
    one.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    two.abort(new Error('gone too'));
    await expect(stays).rejects.toThrow('gone too');
    open();
    keep('second');
    expect(await secret.replaced(used, never())).toBe(true);
    expect(asked()).toBe(2);
  });
});
