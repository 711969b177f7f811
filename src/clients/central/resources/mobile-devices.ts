import { acting, byPageOf, listing, of, reading, removing } from '../form.ts';
import type {
  ComplianceViolation,
  ComplianceViolationsQuery,
  InstalledApp,
  InstalledAppsQuery,
  IxmEnrollment,
  MobileAssignedPoliciesQuery,
  MobileAssignedPolicy,
  MobileDevice,
  MobileDeviceChange,
  MobileDevicesQuery,
  MobileLocation,
  MobileOperatingSystem,
  MobileOperatingSystemsQuery,
  MobilePropertiesQuery,
  MobileProperty,
  MobilePropertyChange,
  MobileScanResult,
  MobileScanResultsQuery,
  MobileView,
  NewMobileDevice,
  NewMobileProperty,
} from '../shapes/mobile-devices.ts';
import type { Deleted } from '../shapes/parts.ts';

/** How devices come under management (reference, 7.8). */
export const mobileSetup = {
  ixmEnrollment: reading('/mobile/v1/static-setup-data/ixm-auto-enrollment', of<IxmEnrollment>(), 'read how mobile devices enrol by themselves'),
};

/** Mobile operating systems (reference, 7.8). */
export const mobileOperatingSystems = {
  list: listing('/mobile/v1/operating-systems', byPageOf(500), of<MobileOperatingSystem, MobileOperatingSystemsQuery>(), 'list the mobile operating systems'),
  get: reading('/mobile/v1/operating-systems/{id}', of<MobileOperatingSystem, MobileView>(), 'read a mobile operating system'),
};

const policies = of<MobileAssignedPolicy, MobileAssignedPoliciesQuery>();
const property = of<MobileProperty, MobileView, MobilePropertyChange>();

/** Phones and tablets (reference, 7.8). */
export const mobileDevices = {
  list: listing('/mobile/v1/devices', byPageOf(500), of<MobileDevice, MobileDevicesQuery>(), 'list the mobile devices'),
  create: acting('POST', '/mobile/v1/devices', of<MobileDevice, MobileView, NewMobileDevice>(), 'create a mobile device'),
  get: reading('/mobile/v1/devices/{id}', of<MobileDevice, MobileView>(), 'read a mobile device'),
  update: acting('PUT', '/mobile/v1/devices/{id}', of<MobileDevice, MobileView, MobileDeviceChange>(), 'change a mobile device'),
  delete: removing('/mobile/v1/devices/{id}', of<Deleted>(), 'delete a mobile device'),
  properties: listing(
    '/mobile/v1/devices/{id}/properties',
    byPageOf(500),
    of<MobileProperty, MobilePropertiesQuery>(),
    'list the properties of a mobile device',
  ),
  createProperty: acting('POST', '/mobile/v1/devices/{id}/properties', of<MobileProperty, MobileView, NewMobileProperty>(), 'give a mobile device a property'),
  updateProperty: acting('PUT', '/mobile/v1/devices/{id}/properties/{propertyKey}', property, 'change a property of a mobile device'),
  deleteProperty: removing('/mobile/v1/devices/{id}/properties/{propertyKey}', of<Deleted>(), 'delete a property of a mobile device'),
  violations: listing(
    '/mobile/v1/devices/{id}/compliance-violations',
    byPageOf(500),
    of<ComplianceViolation, ComplianceViolationsQuery>(),
    'list the violations of a mobile device',
  ),
  scanResults: listing('/mobile/v1/devices/{id}/scan-results', byPageOf(500), of<MobileScanResult, MobileScanResultsQuery>(), 'list what scans found'),
  policies: listing('/mobile/v1/devices/{id}/policies', byPageOf(500), policies, 'list the policies of a mobile device'),
  installedApps: listing('/mobile/v1/devices/{id}/installed-apps', byPageOf(500), of<InstalledApp, InstalledAppsQuery>(), 'list the apps of a mobile device'),
  location: reading('/mobile/v1/devices/{id}/location', of<MobileLocation, MobileView>(), 'read where a mobile device is'),
};
