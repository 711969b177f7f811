import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { NewTrafficExclusion, TrafficExclusion, TrafficExclusionChange } from '../shapes/exclusions.ts';
import type { Deleted } from '../shapes/parts.ts';

const all = '/endpoint/v1/settings/exclusions/isolation';

/** Traffic of isolated endpoints that may pass (reference, 6.5). */
export const isolationExclusions = {
  list: listing(all, byPageOf(100), of<TrafficExclusion>(), 'list the isolation exclusions'),
  create: acting('POST', all, of<TrafficExclusion, NoQuery, NewTrafficExclusion>(), 'add an isolation exclusion'),
  get: reading(`${all}/{exclusionId}`, of<TrafficExclusion>(), 'read an isolation exclusion'),
  update: acting('PATCH', `${all}/{exclusionId}`, of<TrafficExclusion, NoQuery, TrafficExclusionChange>(), 'change an isolation exclusion'),
  delete: removing(`${all}/{exclusionId}`, of<Deleted>(), 'delete an isolation exclusion'),
};
