import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { NewBlockedItem, SettingItem } from '../shapes/items.ts';
import type { Deleted } from '../shapes/parts.ts';

const all = '/endpoint/v1/settings/blocked-items';

/** Programs that are blocked (reference, 6.5). They cannot be changed, only deleted. */
export const blockedItems = {
  list: listing(all, byPageOf(100), of<SettingItem>(), 'list the blocked items'),
  create: acting('POST', all, of<SettingItem, NoQuery, NewBlockedItem>(), 'block an item'),
  get: reading(`${all}/{blockedItemId}`, of<SettingItem>(), 'read a blocked item'),
  delete: removing(`${all}/{blockedItemId}`, of<Deleted>(), 'delete a blocked item'),
};
