import type { Json } from '../../core/types.ts';
import type { Report } from '../../core/world.ts';

/**
 * A report's fields as they stand in a line, the place always under the same names: `account`, `tenant` (its name), `tenantId`, `stream` (its
 * kind), `route`, `sink`.
 *
 * Shape    reports name a stream by its kind beside an `id`, or by the whole, `<tenant id>/<kind>`; what is sent again, or was left over by
 *          another tool, by `retry/<route>/<tenant id>/<kind>[/...]`.
 */
export function placed(report: Report): Readonly<Record<string, Json>> {
  const { name, id, stream, ...rest } = report;
  const whole = typeof stream === 'string' && stream.includes('/') ? stream : typeof id === 'string' && id.includes('/') ? id : null;
  const [tenantId, kind] = whole === null ? [undefined, stream] : partsOf(whole);
  const fields = { report: name, ...(whole === null && id !== undefined ? { id } : {}), tenantId, stream: kind, ...rest };
  return Object.fromEntries(Object.entries(fields).flatMap(([key, value]) => (value === undefined || value === null ? [] : [[key, value]])));
}

function partsOf(whole: string): readonly string[] {
  const parts = whole.split('/');
  return parts[0] === 'retry' && parts.length > 3 ? parts.slice(2) : parts;
}
