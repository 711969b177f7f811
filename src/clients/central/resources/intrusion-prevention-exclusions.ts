import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { NewTrafficExclusion, TrafficExclusion, TrafficExclusionChange } from '../shapes/exclusions.ts';
import type { Deleted } from '../shapes/parts.ts';

const all = '/endpoint/v1/settings/exclusions/intrusion-prevention';

/** Traffic that intrusion prevention lets pass (reference, 6.5). */
export const intrusionPreventionExclusions = {
  list: listing(all, byPageOf(100), of<TrafficExclusion>(), 'list the intrusion prevention exclusions'),
  create: acting('POST', all, of<TrafficExclusion, NoQuery, NewTrafficExclusion>(), 'add an intrusion prevention exclusion'),
  get: reading(`${all}/{exclusionId}`, of<TrafficExclusion>(), 'read an intrusion prevention exclusion'),
  update: acting('PATCH', `${all}/{exclusionId}`, of<TrafficExclusion, NoQuery, TrafficExclusionChange>(), 'change an intrusion prevention exclusion'),
  delete: removing(`${all}/{exclusionId}`, of<Deleted>(), 'delete an intrusion prevention exclusion'),
};
