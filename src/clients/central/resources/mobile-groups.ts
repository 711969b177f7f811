import { acting, byPageOf, listing, of, reading, removing } from '../form.ts';
import type { MobileView } from '../shapes/mobile-devices.ts';
import type {
  MobileAppGroup,
  MobileAppGroupChange,
  MobileAppGroupsQuery,
  MobileDeviceGroup,
  MobileDeviceGroupChange,
  MobileGroupsQuery,
  NewMobileAppGroup,
  NewMobileDeviceGroup,
} from '../shapes/mobile-groups.ts';
import type { Deleted } from '../shapes/parts.ts';

/** Groups of mobile devices (reference, 7.8). */
export const mobileDeviceGroups = {
  list: listing('/mobile/v1/device-groups', byPageOf(500), of<MobileDeviceGroup, MobileGroupsQuery>(), 'list the mobile device groups'),
  create: acting('POST', '/mobile/v1/device-groups', of<MobileDeviceGroup, MobileView, NewMobileDeviceGroup>(), 'create a mobile device group'),
  get: reading('/mobile/v1/device-groups/{id}', of<MobileDeviceGroup, MobileView>(), 'read a mobile device group'),
  update: acting('PUT', '/mobile/v1/device-groups/{id}', of<MobileDeviceGroup, MobileView, MobileDeviceGroupChange>(), 'change a mobile device group'),
  delete: removing('/mobile/v1/device-groups/{id}', of<Deleted>(), 'delete a mobile device group'),
};

/** Groups of apps (reference, 7.8). */
export const mobileAppGroups = {
  list: listing('/mobile/v1/app-groups', byPageOf(500), of<MobileAppGroup, MobileAppGroupsQuery>(), 'list the mobile app groups'),
  create: acting('POST', '/mobile/v1/app-groups', of<MobileAppGroup, MobileView, NewMobileAppGroup>(), 'create a mobile app group'),
  get: reading('/mobile/v1/app-groups/{id}', of<MobileAppGroup, MobileView>(), 'read a mobile app group'),
  update: acting('PATCH', '/mobile/v1/app-groups/{id}', of<MobileAppGroup, MobileView, MobileAppGroupChange>(), 'change a mobile app group'),
  delete: removing('/mobile/v1/app-groups/{id}', of<Deleted>(), 'delete a mobile app group'),
};
