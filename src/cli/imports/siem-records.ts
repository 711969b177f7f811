/** Records of a SIEM feed by their ids, asked of Central while an import reads another tool's folder. */
import type { Plan } from '../../config/plan.ts';
import { textOf } from '../../core/pack.ts';
import type { Item, Tenant } from '../../core/types.ts';
import { oneShotRetries } from '../accounts.ts';
import type { CommandContext } from '../command.ts';
import { openClient } from '../compose.ts';

/** More pages than a day has: the end of a feed that never says so. */
const mostPages = 10_000;

/** Those that Central still has of the last 24 h, in its order. Throws as the client. */
export async function siemRecords(
  { world, signal }: CommandContext,
  { accounts }: Plan,
  tenant: Tenant,
  stream: 'events' | 'siem-alerts',
  ids: ReadonlySet<string>,
): Promise<readonly Item[]> {
  const found = new Map<string, Item>();
  for (const account of accounts) {
    const client = await openClient(account, world, oneShotRetries);
    const apiHost = await hostOf(client.tenants.pages({ signal }), tenant.id);
    if (apiHost === undefined) continue;
    let cursor: string | undefined;
    for (let page = 0; page < mostPages && found.size < ids.size; page++) {
      const feed = stream === 'events' ? 'events' : 'alerts';
      const { items, hasMore, nextCursor } = await client.siem.page(feed, { id: tenant.id, apiHost }, cursor === undefined ? {} : { cursor }, signal);
      items.keys.forEach((key, i) => {
        if (ids.has(key) && !found.has(key)) found.set(key, { key, time: items.times[i] ?? 0, json: Buffer.from(textOf(items, i)).toString('utf8') });
      });
      if (!hasMore || nextCursor === '' || nextCursor === cursor) break;
      cursor = nextCursor;
    }
  }
  return [...found.values()];
}

/** `undefined` for a tenant that is not among them. */
async function hostOf(
  pages: AsyncIterable<{ readonly items: readonly { readonly id: string; readonly apiHost?: string | null }[] }>,
  id: string,
): Promise<string | null | undefined> {
  for await (const { items } of pages) for (const tenant of items) if (tenant.id === id) return tenant.apiHost ?? null;
  return undefined;
}
