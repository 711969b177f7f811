import { byPageOf, globally, listing, of, wholeIn } from '../form.ts';
import type { License, LicensedFirewall } from '../shapes/licenses.ts';
import type { Sorted } from '../shapes/parts.ts';

const firewalls = globally(listing('/licenses/v1/licenses/firewalls', byPageOf(100), of<LicensedFirewall, Sorted>(), 'list the licences of firewalls'));

/** What is licensed (reference, 7.7). */
export const licenses = {
  list: globally(listing('/licenses/v1/licenses', wholeIn('licenses'), of<License>(), 'list the licences')),
  firewalls,
};

/** What is licensed for the firewalls of all of a partner's tenants (reference, 7.7). */
export const partnerLicenses = { firewalls };
