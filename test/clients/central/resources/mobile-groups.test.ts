/** Every call about groups of mobile devices and actions on them, as it goes out. */
import { describe } from 'vitest';
import { tenantForms } from '../../../../src/clients/central/resources/index.ts';
import { everyForm, type Row, seenAs } from './recording.ts';

const rows: readonly Row[] = [
  [
    'GET /mobile/v1/device-groups',
    (our) =>
      our.tenant.mobileDeviceGroups.list({ fields: ['a', 'b'], view: 'x', ids: ['a', 'b'], sort: ['a', 'b'], search: 'x', searchFields: ['a', 'b'] }).all(),
    { query: { fields: 'a,b', view: 'x', ids: 'a,b', sort: 'a,b', search: 'x', searchFields: 'a,b', pageSize: '500', page: '1' } },
  ],
  [
    'POST /mobile/v1/device-groups',
    (our) =>
      our.tenant.mobileDeviceGroups.create(
        {
          name: 'My device group',
          employeeCompliancePolicyId: '5C821A6D-8CD0-41FA-BE00-920BCEE025BC',
          corporateCompliancePolicyId: '32DBD7D0-23F7-4DAF-AF4E-FEA7036D0304',
        },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: {
        name: 'My device group',
        employeeCompliancePolicyId: '5C821A6D-8CD0-41FA-BE00-920BCEE025BC',
        corporateCompliancePolicyId: '32DBD7D0-23F7-4DAF-AF4E-FEA7036D0304',
      },
    },
  ],
  [
    'GET /mobile/v1/device-groups/id-1',
    (our) => our.tenant.mobileDeviceGroups.get('id-1', { fields: ['a', 'b'], view: 'x' }),
    { query: { fields: 'a,b', view: 'x' } },
  ],
  [
    'PUT /mobile/v1/device-groups/id-1',
    (our) =>
      our.tenant.mobileDeviceGroups.update(
        'id-1',
        {
          name: 'My renamed device group',
          employeeCompliancePolicyId: '5C821A6D-8CD0-41FA-BE00-920BCEE025BC',
          corporateCompliancePolicyId: '32DBD7D0-23F7-4DAF-AF4E-FEA7036D0304',
        },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: {
        name: 'My renamed device group',
        employeeCompliancePolicyId: '5C821A6D-8CD0-41FA-BE00-920BCEE025BC',
        corporateCompliancePolicyId: '32DBD7D0-23F7-4DAF-AF4E-FEA7036D0304',
      },
    },
  ],
  ['DELETE /mobile/v1/device-groups/id-1', (our) => our.tenant.mobileDeviceGroups.delete('id-1')],
  [
    'GET /mobile/v1/actions',
    (our) =>
      our.tenant.mobileActions
        .list({
          fields: ['a', 'b'],
          view: 'x',
          sort: ['a', 'b'],
          ids: ['a', 'b'],
          endpointIds: ['a', 'b'],
          actionType: ['a', 'b'],
          actionState: ['a', 'b'],
          actionError: ['a', 'b'],
          scheduledBefore: '2026-11-20T12:00:00.000Z',
          scheduledAfter: '2026-11-20T12:00:00.000Z',
          executedBefore: '2026-11-20T12:00:00.000Z',
          executedAfter: '2026-11-20T12:00:00.000Z',
        })
        .all(),
    {
      query: {
        fields: 'a,b',
        view: 'x',
        sort: 'a,b',
        ids: 'a,b',
        endpointIds: 'a,b',
        actionType: 'a,b',
        actionState: 'a,b',
        actionError: 'a,b',
        scheduledBefore: '2026-11-20T12:00:00.000Z',
        scheduledAfter: '2026-11-20T12:00:00.000Z',
        executedBefore: '2026-11-20T12:00:00.000Z',
        executedAfter: '2026-11-20T12:00:00.000Z',
        pageSize: '500',
        page: '1',
      },
    },
  ],
  ['GET /mobile/v1/actions/id-1', (our) => our.tenant.mobileActions.get('id-1', { fields: ['a', 'b'], view: 'x' }), { query: { fields: 'a,b', view: 'x' } }],
  ['DELETE /mobile/v1/actions/id-1', (our) => our.tenant.mobileActions.delete('id-1')],
  [
    'POST /mobile/v1/actions/sync',
    (our) =>
      our.tenant.mobileActions.sync(
        { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    { query: { fields: 'a,b', view: 'x' }, body: { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] } },
  ],
  [
    'POST /mobile/v1/actions/get-logs',
    (our) =>
      our.tenant.mobileActions.getLogs(
        { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    { query: { fields: 'a,b', view: 'x' }, body: { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] } },
  ],
  [
    'POST /mobile/v1/actions/scan',
    (our) =>
      our.tenant.mobileActions.scan(
        { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    { query: { fields: 'a,b', view: 'x' }, body: { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] } },
  ],
  [
    'POST /mobile/v1/actions/unenroll',
    (our) =>
      our.tenant.mobileActions.unenroll(
        { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    { query: { fields: 'a,b', view: 'x' }, body: { endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] } },
  ],
  [
    'POST /mobile/v1/actions/send-message',
    (our) =>
      our.tenant.mobileActions.sendMessage(
        { arguments: { message: 'Hello World!' }, endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: { arguments: { message: 'Hello World!' }, endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
    },
  ],
  [
    'POST /mobile/v1/actions/locate',
    (our) =>
      our.tenant.mobileActions.locate(
        {
          arguments: { reason: 'Device is lost and must be located.' },
          endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'],
        },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: {
        arguments: { reason: 'Device is lost and must be located.' },
        endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'],
      },
    },
  ],
  [
    'POST /mobile/v1/actions/lock',
    (our) =>
      our.tenant.mobileActions.lock(
        { arguments: { lockCode: 123456 }, endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: { arguments: { lockCode: 123456 }, endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
    },
  ],
  [
    'POST /mobile/v1/actions/wipe',
    (our) =>
      our.tenant.mobileActions.wipe(
        { arguments: { wipeCode: 123456 }, endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: { arguments: { wipeCode: 123456 }, endpoints: ['dd40830b-b103-4f9a-ae02-bbf0d792466d', 'e7e88612-d9b1-4e2f-b248-f2fad48579e4'] },
    },
  ],
  [
    'GET /mobile/v1/app-groups',
    (our) =>
      our.tenant.mobileAppGroups
        .list({ fields: ['a', 'b'], view: 'x', ids: ['a', 'b'], sort: ['a', 'b'], search: 'x', searchFields: ['a', 'b'], platform: ['a', 'b'] })
        .all(),
    { query: { fields: 'a,b', view: 'x', ids: 'a,b', sort: 'a,b', search: 'x', searchFields: 'a,b', platform: 'a,b', pageSize: '500', page: '1' } },
  ],
  [
    'POST /mobile/v1/app-groups',
    (our) =>
      our.tenant.mobileAppGroups.create(
        {
          name: 'My app group',
          apps: [{ identifier: 'com.sophos.smsec', name: 'Sophos Intercept X for Mobile', link: 'https://www.sophos.com' }],
          platform: 'chrome',
        },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: {
        name: 'My app group',
        apps: [{ identifier: 'com.sophos.smsec', name: 'Sophos Intercept X for Mobile', link: 'https://www.sophos.com' }],
        platform: 'chrome',
      },
    },
  ],
  [
    'GET /mobile/v1/app-groups/id-1',
    (our) => our.tenant.mobileAppGroups.get('id-1', { fields: ['a', 'b'], view: 'x' }),
    { query: { fields: 'a,b', view: 'x' } },
  ],
  [
    'PATCH /mobile/v1/app-groups/id-1',
    (our) =>
      our.tenant.mobileAppGroups.update(
        'id-1',
        { name: 'My app group', apps: [{ identifier: 'com.sophos.smsec', name: 'Sophos Intercept X for Mobile', link: 'https://www.sophos.com' }] },
        { fields: ['a', 'b'], view: 'x' },
      ),
    {
      query: { fields: 'a,b', view: 'x' },
      body: { name: 'My app group', apps: [{ identifier: 'com.sophos.smsec', name: 'Sophos Intercept X for Mobile', link: 'https://www.sophos.com' }] },
    },
  ],
  ['DELETE /mobile/v1/app-groups/id-1', (our) => our.tenant.mobileAppGroups.delete('id-1')],
];

describe('a call about groups of mobile devices and actions on them', () => {
  seenAs(rows);
  everyForm(
    'tenant',
    { mobileDeviceGroups: tenantForms.mobileDeviceGroups, mobileActions: tenantForms.mobileActions, mobileAppGroups: tenantForms.mobileAppGroups },
    rows,
  );
});
