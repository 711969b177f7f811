import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure, Intelix, type IntelixOptions } from '../../../src/intelix.ts';
import { type RunningSimulator, startSimulator } from '../../../src/simulator/index.ts';
import { openTestWorld } from '../world.ts';

let sim: RunningSimulator;
let closers: (() => Promise<void>)[] = [];
beforeEach(async () => {
  sim = await startSimulator();
  closers = [() => sim.close()];
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

function open(renew: NonNullable<IntelixOptions['renew']>): Intelix {
  const { world, close } = openTestWorld();
  closers.push(close);
  const { intelixClientId: clientId, intelixClientSecret: clientSecret } = sim;
  return new Intelix({ clientId, clientSecret, authUrl: sim.url, apiUrl: sim.url, world, retries: 0, cache: null, renew });
}

const rotate = () => fetch(`${sim.url}/_sim/credential`, { method: 'POST', body: JSON.stringify({ intelix: { clientSecret: 'second' }, revokeTokens: true }) });

describe("a credential of Intelix' that is rotated", () => {
  it('is read again once, and no lookup fails', async () => {
    let asked = 0;
    const client = open(async () => {
      asked++;
      return { clientId: sim.intelixClientId, clientSecret: 'second' };
    });
    await client.url('one.example.com');
    await rotate();
    const found = await Promise.all(Array.from({ length: 8 }, (_, n) => client.url(`site-${n}.example.com`)));
    expect(found).toHaveLength(8);
    expect(asked).toBe(1);
  });

  it('is refused when the store has the same, nothing, or none that can be one', async () => {
    const { intelixClientId: clientId, intelixClientSecret: clientSecret } = sim;
    await rotate();
    for (const given of [{ clientId, clientSecret }, null, { clientId: 'a:b', clientSecret: 'second' }]) {
      const error: unknown = await open(async () => given)
        .url('example.com')
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ kind: 'auth', code: 'intelix.credentials-refused' });
    }
  });
});
