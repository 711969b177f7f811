import type { Collection } from '../collection.ts';
import { cases } from './cases.ts';
import { detectionsIn } from './detection-feed.ts';
import type { Family } from './family.ts';
import { firewallGroups, firewalls } from './firewalls-made.ts';
import { collectionOf, type Holder } from './held.ts';
import { licensesIn } from './licenses.ts';

function of(family: Family): (holder: Holder) => Collection {
  return (holder) => collectionOf(holder, family.name, () => family.make(holder));
}

/** What an estate holds beside the things of Common and Endpoint, by the name of its stream. */
export const furtherHoldings: Readonly<Record<string, (holder: Holder) => Collection>> = {
  firewalls: of(firewalls),
  'firewall-groups': of(firewallGroups),
  cases: of(cases),
  licenses: (holder) => licensesIn(holder, holder.sim.clock.now()),
  detections: (holder) => detectionsIn(holder, holder.sim.clock.now()),
};
