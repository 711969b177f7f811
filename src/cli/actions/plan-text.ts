/** How a plan of changes reads for the person who is asked. */
import { tenantText } from '../output/fields.ts';
import type { Change } from './change.ts';

/** What a change carries, without what its action, its name or `before` say already: `category 6, tags a b`. */
export function detailText(detail: unknown): string {
  if (!isMap(detail)) return '';
  const what = isMap(detail.change) ? detail.change : detail;
  return Object.entries(what)
    .filter(([key, value]) => !['url', 'id', 'enabled'].includes(key) && value !== undefined)
    .map(([key, value]) => (value === true ? key : `${key === 'categoryId' ? 'category' : key} ${textOf(value)}`))
    .join(', ');
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(' ');
  if (value === '') return 'none';
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** Names a tenant; where another one of the plan has the same name, with the beginning of its id. */
export function tenantTexts(changes: readonly Change[]): (change: Change) => string {
  const ids = new Map<string, Set<string>>();
  for (const { target } of changes) ids.set(target.tenant.name, (ids.get(target.tenant.name) ?? new Set()).add(target.tenant.id));
  return ({ target: { tenant } }) => ((ids.get(tenant.name)?.size ?? 1) > 1 ? `${tenant.name} (${tenant.id.slice(0, 8)})` : tenantText(tenant.name));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
