import type { Answer, Visitor } from './client.ts';

export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** Asks for one tenant of the simulator, each time with a token of its own. */
export async function asTenant(at: Visitor, which = 0): Promise<Ask> {
  const tenantId = (await at.tenantIds())[which] ?? '';
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${await at.token()}`, 'x-tenant-id': tenantId, 'content-type': 'application/json' };
    return at.request(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
  };
}
