import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { Deleted } from '../shapes/parts.ts';
import type { LocalSite, LocalSiteChange, NewLocalSite } from '../shapes/web-control.ts';

const all = '/endpoint/v1/settings/web-control/local-sites';

/** Websites with a category or tags of their own (reference, 6.5). */
export const localSites = {
  list: listing(all, byPageOf(100), of<LocalSite>(), 'list the local sites'),
  get: reading(`${all}/{localSiteId}`, of<LocalSite>(), 'read a local site'),
  create: acting('POST', all, of<LocalSite, NoQuery, NewLocalSite>(), 'add a local site'),
  update: acting('PATCH', `${all}/{localSiteId}`, of<LocalSite, NoQuery, LocalSiteChange>(), 'change a local site'),
  delete: removing(`${all}/{localSiteId}`, of<Deleted>(), 'delete a local site'),
};
