import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { NewScanningExclusion, ScanningExclusion, ScanningExclusionChange, ScanningExclusionQuery } from '../shapes/exclusions.ts';
import type { Deleted } from '../shapes/parts.ts';

const all = '/endpoint/v1/settings/exclusions/scanning';

/** What is not scanned (reference, 6.5). */
export const scanningExclusions = {
  list: listing(all, byPageOf(100), of<ScanningExclusion, ScanningExclusionQuery>(), 'list the scanning exclusions'),
  create: acting('POST', all, of<ScanningExclusion, NoQuery, NewScanningExclusion>(), 'add a scanning exclusion'),
  get: reading(`${all}/{exclusionId}`, of<ScanningExclusion>(), 'read a scanning exclusion'),
  update: acting('PATCH', `${all}/{exclusionId}`, of<ScanningExclusion, NoQuery, ScanningExclusionChange>(), 'change a scanning exclusion'),
  delete: removing(`${all}/{exclusionId}`, of<Deleted>(), 'delete a scanning exclusion'),
};
