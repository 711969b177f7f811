import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { DnsLocation, DnsLocationChange, NewDnsLocation } from '../shapes/dns-locations.ts';
import type { Deleted } from '../shapes/parts.ts';

/** Networks under DNS protection (reference, 7.8). */
export const dnsLocations = {
  list: listing('/dns-protection/v2/locations', byPageOf(100), of<DnsLocation>(), 'list the DNS locations'),
  create: acting('POST', '/dns-protection/v2/locations', of<DnsLocation, NoQuery, NewDnsLocation>(), 'create a DNS location'),
  get: reading('/dns-protection/v2/locations/{id}', of<DnsLocation>(), 'read a DNS location'),
  update: acting('PATCH', '/dns-protection/v2/locations/{id}', of<DnsLocation, NoQuery, DnsLocationChange>(), 'change a DNS location'),
  delete: removing('/dns-protection/v2/locations/{id}', of<Deleted>(), 'delete a DNS location'),
};
