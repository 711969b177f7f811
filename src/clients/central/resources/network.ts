import { acting, byPageOf, listing, type NoQuery, of, reading } from '../form.ts';
import type { MacFilter, MacFilterChange, NetworkTask, NetworkTasksQuery } from '../shapes/network.ts';

/** Switches (reference, 7.8). */
export const switches = {
  macFilter: reading('/switch/v1/settings/mac-filtering', of<MacFilter>(), 'read the MAC filter of the switches'),
  setMacFilter: acting('PUT', '/switch/v1/settings/mac-filtering', of<MacFilter, NoQuery, MacFilterChange>(), 'set the MAC filter of the switches'),
  tasks: listing('/switch/v1/tasks', byPageOf(1000), of<NetworkTask, NetworkTasksQuery>(), 'list the tasks of the switches'),
};

/** Wi-Fi (reference, 7.8). */
export const wifi = {
  macFilter: reading('/wifi/v1/settings/mac-filtering', of<MacFilter>(), 'read the MAC filter of the Wi-Fi'),
  setMacFilter: acting('PUT', '/wifi/v1/settings/mac-filtering', of<MacFilter, NoQuery, MacFilterChange>(), 'set the MAC filter of the Wi-Fi'),
  tasks: listing('/wifi/v1/tasks', byPageOf(1000), of<NetworkTask, NetworkTasksQuery>(), 'list the tasks of the access points'),
};
