import { byPageOf, listing, of, reading } from '../form.ts';
import type { Peripheral, PeripheralQuery } from '../shapes/endpoint-settings.ts';

const all = '/endpoint/v1/settings/peripheral-control/peripherals';

/** Devices that were plugged in (reference, 6.5). */
export const peripherals = {
  list: listing(all, byPageOf(100), of<Peripheral, PeripheralQuery>(), 'list the peripherals'),
  get: reading(`${all}/{peripheralId}`, of<Peripheral>(), 'read a peripheral'),
};
