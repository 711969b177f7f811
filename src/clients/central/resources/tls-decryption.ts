import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { Deleted } from '../shapes/parts.ts';
import type { ExcludedWebsite, ExcludedWebsitesChange, ExcludedWebsitesChanged, TlsDecryption, TlsDecryptionChange } from '../shapes/web-control.ts';

const all = '/endpoint/v1/settings/web-control/tls-decryption';

/** Which websites are decrypted (reference, 6.5). */
export const tlsDecryption = {
  get: reading(all, of<TlsDecryption>(), 'read which websites are decrypted'),
  update: acting('PATCH', all, of<TlsDecryption, NoQuery, TlsDecryptionChange>(), 'change which websites are decrypted'),
  excludedWebsites: listing(`${all}/excluded-websites`, byPageOf(100), of<ExcludedWebsite>(), 'list the websites that are not decrypted'),
  updateExcludedWebsites: acting(
    'PATCH',
    `${all}/excluded-websites`,
    of<ExcludedWebsitesChanged, NoQuery, ExcludedWebsitesChange>(),
    'change the websites that are not decrypted',
  ),
  /** All of them. */
  clearExcludedWebsites: removing(`${all}/excluded-websites`, of<Deleted>(), 'delete all websites that are not decrypted'),
};
