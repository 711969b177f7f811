import { acting, byPageOf, listing, type NoQuery, of } from '../form.ts';
import type { BlockedAddress, BlockedAddresses, BlockedAddressQuery, NewBlockedAddresses, UnblockedAddresses } from '../shapes/items.ts';
import type { IdList } from '../shapes/parts.ts';

const all = '/endpoint/v1/settings/blocked-addresses';

/** Addresses that Windows endpoints do not talk to (reference, 6.5). */
export const blockedAddresses = {
  list: listing(all, byPageOf(100), of<BlockedAddress, BlockedAddressQuery>(), 'list the blocked addresses'),
  block: acting('POST', `${all}/bulk`, of<BlockedAddresses, NoQuery, NewBlockedAddresses>(), 'block addresses'),
  unblock: acting('POST', `${all}/bulk/delete`, of<UnblockedAddresses, NoQuery, IdList>(), 'unblock addresses'),
};
