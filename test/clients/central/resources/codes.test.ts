import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure, SophosCentral } from '../../../../src/index.ts';
import { FarCentral } from '../../../far-ends/central.ts';
import { openTestWorld } from '../../world.ts';

let far: FarCentral;
let close: () => Promise<void>;
beforeEach(async () => {
  far = await new FarCentral().open();
});
afterEach(async () => {
  await close();
  await far.close();
});

describe('a code that locks or wipes a phone', () => {
  it.each([[482913], ['482913'], ['48-29"13']])('%j is not repeated by an error, whatever the far end repeats', async (code) => {
    far.intercept = ({ path, body }) =>
      path.startsWith('/mobile/') ? { status: 422, body: { error: 'unprocessable', message: `not ${body} ${code}` } } : null;
    const { world, close: end } = openTestWorld();
    close = end;
    const central = new SophosCentral({ clientId: far.clientId, clientSecret: far.clientSecret, authUrl: far.url, apiUrl: far.url, retries: 0, world });
    const { mobileActions } = central.forTenant({ id: far.accountId, apiHost: far.url });
    for (const work of [
      mobileActions.lock({ endpoints: ['e'], arguments: { lockCode: code } }),
      mobileActions.wipe({ endpoints: ['e'], arguments: { wipeCode: code } }),
    ]) {
      const error: unknown = await work.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Failure);
      const { message, stack } = error as Failure;
      expect(message).toContain('[secret]');
      expect(`${message} ${stack} ${JSON.stringify(error)}`).not.toMatch(/482913|48-29/);
    }
  });
});
