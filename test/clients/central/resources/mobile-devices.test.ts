/** Every call about mobile devices, as it goes out. */
import { describe } from 'vitest';
import { tenantForms } from '../../../../src/clients/central/resources/index.ts';
import { everyForm, type Row, seenAs } from './recording.ts';

const rows: readonly Row[] = [
  ['GET /mobile/v1/static-setup-data/ixm-auto-enrollment', (our) => our.tenant.mobileSetup.ixmEnrollment()],
  [
    'GET /mobile/v1/operating-systems',
    (our) =>
      our.tenant.mobileOperatingSystems.list({ fields: ['a', 'b'], ids: ['a', 'b'], sort: ['a', 'b'], view: 'x', platform: ['a', 'b'], version: 'x' }).all(),
    { query: { fields: 'a,b', ids: 'a,b', sort: 'a,b', view: 'x', platform: 'a,b', version: 'x', pageSize: '500', page: '1' } },
  ],
  [
    'GET /mobile/v1/operating-systems/id-1',
    (our) => our.tenant.mobileOperatingSystems.get('id-1', { view: 'x', fields: ['a', 'b'] }),
    { query: { view: 'x', fields: 'a,b' } },
  ],
  [
    'GET /mobile/v1/devices',
    (our) =>
      our.tenant.mobileDevices
        .list({
          fields: ['a', 'b'],
          view: 'x',
          ids: ['a', 'b'],
          operatingSystemIds: ['a', 'b'],
          sort: ['a', 'b'],
          search: 'x',
          searchFields: ['a', 'b'],
          platform: ['a', 'b'],
          managementType: ['a', 'b'],
          managedState: ['a', 'b'],
          compliant: true,
          violationSeverity: ['a', 'b'],
          healthState: ['a', 'b'],
          ownershipType: ['a', 'b'],
          createdBefore: '2026-11-20T12:00:00.000Z',
          createdAfter: '2026-11-20T12:00:00.000Z',
          lastSeenBefore: '2026-11-20T12:00:00.000Z',
          lastSeenAfter: '2026-11-20T12:00:00.000Z',
          deviceGroupIds: ['a', 'b'],
        })
        .all(),
    {
      query: {
        fields: 'a,b',
        view: 'x',
        ids: 'a,b',
        operatingSystemIds: 'a,b',
        sort: 'a,b',
        search: 'x',
        searchFields: 'a,b',
        platform: 'a,b',
        managementType: 'a,b',
        managedState: 'a,b',
        compliant: 'true',
        violationSeverity: 'a,b',
        healthState: 'a,b',
        ownershipType: 'a,b',
        createdBefore: '2026-11-20T12:00:00.000Z',
        createdAfter: '2026-11-20T12:00:00.000Z',
        lastSeenBefore: '2026-11-20T12:00:00.000Z',
        lastSeenAfter: '2026-11-20T12:00:00.000Z',
        deviceGroupIds: 'a,b',
        pageSize: '500',
        page: '1',
      },
    },
  ],
  [
    'POST /mobile/v1/devices',
    (our) =>
      our.tenant.mobileDevices.create(
        { name: 'My device', platform: 'android', ownershipType: 'corporate', groupId: '1c9146a4-43f9-43c7-ae39-8f7708dfa65f' },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: { name: 'My device', platform: 'android', ownershipType: 'corporate', groupId: '1c9146a4-43f9-43c7-ae39-8f7708dfa65f' },
    },
  ],
  ['GET /mobile/v1/devices/id-1', (our) => our.tenant.mobileDevices.get('id-1', { fields: ['a', 'b'], view: 'x' }), { query: { fields: 'a,b', view: 'x' } }],
  [
    'PUT /mobile/v1/devices/id-1',
    (our) =>
      our.tenant.mobileDevices.update(
        'id-1',
        { name: 'My device', ownershipType: 'corporate', groupId: '1c9146a4-43f9-43c7-ae39-8f7708dfa65f' },
        { fields: ['a', 'b'], view: 'x' },
      ),
    { query: { fields: 'a,b', view: 'x' }, body: { name: 'My device', ownershipType: 'corporate', groupId: '1c9146a4-43f9-43c7-ae39-8f7708dfa65f' } },
  ],
  ['DELETE /mobile/v1/devices/id-1', (our) => our.tenant.mobileDevices.delete('id-1')],
  [
    'GET /mobile/v1/devices/id-1/properties',
    (our) =>
      our.tenant.mobileDevices
        .properties('id-1', {
          fields: ['a', 'b'],
          view: 'x',
          sort: ['a', 'b'],
          search: 'x',
          searchFields: ['a', 'b'],
          devicePropertyType: ['a', 'b'],
          devicePropertyKey: 'x',
        })
        .all(),
    {
      query: {
        fields: 'a,b',
        view: 'x',
        sort: 'a,b',
        search: 'x',
        searchFields: 'a,b',
        devicePropertyType: 'a,b',
        devicePropertyKey: 'x',
        pageSize: '500',
        page: '1',
      },
    },
  ],
  [
    'POST /mobile/v1/devices/id-1/properties',
    (our) => our.tenant.mobileDevices.createProperty('id-1', { key: 'custom.someKey', value: 'a test value' }, { fields: ['a', 'b'], view: 'x' }),
    { query: { fields: 'a,b', view: 'x' }, body: { key: 'custom.someKey', value: 'a test value' } },
  ],
  [
    'PUT /mobile/v1/devices/id-1/properties/id-2',
    (our) => our.tenant.mobileDevices.updateProperty('id-1', 'id-2', { value: 'changedValue' }, { fields: ['a', 'b'], view: 'x' }),
    { query: { fields: 'a,b', view: 'x' }, body: { value: 'changedValue' } },
  ],
  ['DELETE /mobile/v1/devices/id-1/properties/id-2', (our) => our.tenant.mobileDevices.deleteProperty('id-1', 'id-2')],
  [
    'GET /mobile/v1/devices/id-1/compliance-violations',
    (our) => our.tenant.mobileDevices.violations('id-1', { fields: ['a', 'b'], view: 'x', sort: ['a', 'b'], violationSeverity: ['a', 'b'] }).all(),
    { query: { fields: 'a,b', view: 'x', sort: 'a,b', violationSeverity: 'a,b', pageSize: '500', page: '1' } },
  ],
  [
    'GET /mobile/v1/devices/id-1/scan-results',
    (our) =>
      our.tenant.mobileDevices
        .scanResults('id-1', { fields: ['a', 'b'], view: 'x', sort: ['a', 'b'], search: 'x', searchFields: ['a', 'b'], scanResultType: ['a', 'b'] })
        .all(),
    { query: { fields: 'a,b', view: 'x', sort: 'a,b', search: 'x', searchFields: 'a,b', scanResultType: 'a,b', pageSize: '500', page: '1' } },
  ],
  [
    'GET /mobile/v1/devices/id-1/policies',
    (our) => our.tenant.mobileDevices.policies('id-1', { fields: ['a', 'b'], view: 'x', sort: ['a', 'b'], search: 'x', searchFields: ['a', 'b'] }).all(),
    { query: { fields: 'a,b', view: 'x', sort: 'a,b', search: 'x', searchFields: 'a,b', pageSize: '500', page: '1' } },
  ],
  [
    'GET /mobile/v1/devices/id-1/installed-apps',
    (our) =>
      our.tenant.mobileDevices
        .installedApps('id-1', { fields: ['a', 'b'], view: 'x', sort: ['a', 'b'], search: 'x', searchFields: ['a', 'b'], appSource: ['a', 'b'] })
        .all(),
    { query: { fields: 'a,b', view: 'x', sort: 'a,b', search: 'x', searchFields: 'a,b', appSource: 'a,b', pageSize: '500', page: '1' } },
  ],
  [
    'GET /mobile/v1/devices/id-1/location',
    (our) => our.tenant.mobileDevices.location('id-1', { fields: ['a', 'b'], view: 'x' }),
    { query: { fields: 'a,b', view: 'x' } },
  ],
];

describe('a call about mobile devices', () => {
  seenAs(rows);
  everyForm(
    'tenant',
    { mobileSetup: tenantForms.mobileSetup, mobileOperatingSystems: tenantForms.mobileOperatingSystems, mobileDevices: tenantForms.mobileDevices },
    rows,
  );
});
