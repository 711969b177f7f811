import type { Origin } from '../../core/types.ts';

/** What names a record for ever, wherever it goes: `<tenant id>/<stream>/<record id>`, without the record's own part. */
export function recordIdStart({ tenant, stream }: Origin): string {
  return `${tenant.id}/${stream}/`;
}
