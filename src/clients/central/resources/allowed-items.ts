import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { AllowedItemChange, NewAllowedItem, SettingItem } from '../shapes/items.ts';
import type { Deleted } from '../shapes/parts.ts';

const all = '/endpoint/v1/settings/allowed-items';

/** Programs that are trusted (reference, 6.5). */
export const allowedItems = {
  list: listing(all, byPageOf(100), of<SettingItem>(), 'list the allowed items'),
  create: acting('POST', all, of<SettingItem, NoQuery, NewAllowedItem>(), 'allow an item'),
  get: reading(`${all}/{allowedItemId}`, of<SettingItem>(), 'read an allowed item'),
  update: acting('PATCH', `${all}/{allowedItemId}`, of<SettingItem, NoQuery, AllowedItemChange>(), 'change an allowed item'),
  delete: removing(`${all}/{allowedItemId}`, of<Deleted>(), 'delete an allowed item'),
};
