/** Websites with a category or tags of one's own, each with the name of its category: Central gives only its number. */
import type { TenantCalls } from '../clients/central/client.ts';
import { CentralError } from '../core/failure.ts';
import { textOf } from '../core/pack.ts';
import { object } from '../core/schema.ts';
import type { Json, Pack } from '../core/types.ts';
import { isFields } from './fields.ts';
import { defineStream } from './kind.ts';
import { listSource } from './lists.ts';
import type { Source } from './snapshot.ts';
import { choicesOf, openSnapshots, pageSizeOf, snapshotBasis } from './snapshot-kind.ts';

const most = 100;

const traits = {
  name: 'local-sites',
  summary: 'Websites of web control with a category or tags of their own, and the name of the category',
  datastream: 'local-site',
  nameMember: 'url',
};

/** The category of a site is told as `category`, with `id` and `name`. */
export const localSites = defineStream({
  ...snapshotBasis(traits),
  pageSize: { min: 1, max: most, option: 'pageSize' },
  options: object({ ...choicesOf(traits), pageSize: pageSizeOf(most) }),
  open(options, tenant, client, world, everyMs) {
    const source = sitesOf(client.forTenant(tenant), options.pageSize);
    return openSnapshots(traits, source, options, tenant, client, world, everyMs);
  },
});

/** Asks for the categories at most once in a snapshot, when the first site has one; with each page they are carried on. */
function sitesOf(calls: TenantCalls, pageSize: number | undefined): Source {
  const sites = listSource((signal) => calls.localSites.list({ signal, pageSize }));
  return {
    async page(position, carried, signal) {
      const page = await sites.page(position, null, signal);
      const ids = categoryIdsOf(page.items);
      const names = isFields(carried) || ids.every((id) => id === null) ? carried : await namesOf(calls, signal);
      const metas = new Map<number, { readonly [field: string]: Json }>();
      const known = new Map(Object.entries(isFields(names) ? names : {}));
      return {
        ...page,
        carried: names,
        extra(i) {
          const id = ids[i] ?? null;
          if (id === null) return undefined;
          const name = known.get(String(id));
          const meta = metas.get(id) ?? { category: { id, ...(name === undefined ? {} : { name }) } };
          metas.set(id, meta);
          return meta;
        },
      };
    },
  };
}

function categoryIdsOf(items: Pack): readonly (number | null)[] {
  return Array.from({ length: items.count }, (_, i) => {
    const item: unknown = JSON.parse(Buffer.from(textOf(items, i)).toString());
    return isFields(item) && Object.hasOwn(item, 'categoryId') && typeof item.categoryId === 'number' ? item.categoryId : null;
  });
}

/** Whose names may not be read has its sites all the same. */
async function namesOf(calls: TenantCalls, signal: AbortSignal): Promise<Json> {
  try {
    const categories = await calls.webCategories.list({ signal }).all();
    return Object.fromEntries(categories.map(({ id, name }) => [String(id), String(name ?? '').slice(0, 200)]).filter(([, name]) => name !== ''));
  } catch (error) {
    if (error instanceof CentralError && error.kind === 'rejected') return {};
    throw error;
  }
}
