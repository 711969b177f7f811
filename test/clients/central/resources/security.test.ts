/** Every call about health, detections, cases, queries and runtime profiles, as it goes out. */
import { describe } from 'vitest';
import { tenantForms } from '../../../../src/clients/central/resources/index.ts';
import { everyForm, type Row, seenAs } from './recording.ts';

const rows: readonly Row[] = [
  [
    'GET /account-health-check/v1/health-check',
    (our) => our.tenant.accountHealth.check({ checks: ['a', 'b'], products: ['a', 'b'] }),
    { query: { checks: 'a,b', products: 'a,b' } },
  ],
  ['GET /account-health-check/v1/scores/regional', (our) => our.tenant.accountHealth.regionalScores()],
  [
    'GET /account-health-check/v1/scores/historical',
    (our) => our.tenant.accountHealth.historicalScores({ startDate: 'x', endDate: 'x' }),
    { query: { startDate: 'x', endDate: 'x' } },
  ],
  [
    'POST /account-health-check/v1/snooze',
    (our) =>
      our.tenant.accountHealth.snooze({ endpoint: { policy: {}, exclusions: {}, tamperProtection: {}, protection: {} }, networkDevice: { firewall: {} } }),
    { body: { endpoint: { policy: {}, exclusions: {}, tamperProtection: {}, protection: {} }, networkDevice: { firewall: {} } } },
  ],
  [
    'GET /cases/v1/cases',
    (our) =>
      our.tenant.cases
        .list({
          managedBy: 'x',
          type: ['a', 'b'],
          severity: ['a', 'b'],
          status: ['a', 'b'],
          assignee: 'x',
          name: 'x',
          overviewContains: 'x',
          createdAfter: '2026-11-20T12:00:00.000Z',
          createdBefore: '2026-11-20T12:00:00.000Z',
          escalated: true,
          verdict: 'x',
          sort: 'type:asc',
        })
        .all(),
    {
      query: {
        managedBy: 'x',
        type: 'a,b',
        severity: 'a,b',
        status: 'a,b',
        assignee: 'x',
        name: 'x',
        overviewContains: 'x',
        createdAfter: '2026-11-20T12:00:00.000Z',
        createdBefore: '2026-11-20T12:00:00.000Z',
        escalated: 'true',
        verdict: 'x',
        sort: 'type:asc',
        pageSize: '50',
        page: '1',
      },
    },
  ],
  [
    'POST /cases/v1/cases',
    (our) =>
      our.tenant.cases.create({
        name: 'Example Name',
        type: 'hunt',
        managedBy: 'self',
        severity: 'notSet',
        status: 'actionRequired',
        assignee: 'user@example.com',
        initialDetectionId: '2e0cdd5ffec_3bad8fb8f',
        otherDetectionIds: ['2e0cdd5ffec_3bad8fb8f'],
        overview: 'string',
      }),
    {
      body: {
        name: 'Example Name',
        type: 'hunt',
        managedBy: 'self',
        severity: 'notSet',
        status: 'actionRequired',
        assignee: 'user@example.com',
        initialDetectionId: '2e0cdd5ffec_3bad8fb8f',
        otherDetectionIds: ['2e0cdd5ffec_3bad8fb8f'],
        overview: 'string',
      },
    },
  ],
  ['GET /cases/v1/cases/id-1', (our) => our.tenant.cases.get('id-1')],
  [
    'PATCH /cases/v1/cases/id-1',
    (our) =>
      our.tenant.cases.update('id-1', {
        name: 'Example Name',
        type: 'hunt',
        severity: 'notSet',
        status: 'actionRequired',
        assignee: 'user@example.com',
        overview: 'string',
      }),
    { body: { name: 'Example Name', type: 'hunt', severity: 'notSet', status: 'actionRequired', assignee: 'user@example.com', overview: 'string' } },
  ],
  ['DELETE /cases/v1/cases/id-1', (our) => our.tenant.cases.delete('id-1')],
  [
    'GET /cases/v1/cases/id-1/impacted-entities',
    (our) => our.tenant.cases.impactedEntities('id-1', { sort: 'type:asc', id: 'x', name: 'x', type: 'x' }).all(),
    { query: { sort: 'type:asc', id: 'x', name: 'x', type: 'x', pageSize: '50', page: '1' } },
  ],
  [
    'GET /cases/v1/cases/id-1/detections',
    (our) => our.tenant.cases.detections('id-1', { sort: 'type:asc' }).all(),
    { query: { sort: 'type:asc', pageSize: '50', page: '1' } },
  ],
  ['GET /cases/v1/cases/id-1/mitre-attack-summary', (our) => our.tenant.cases.mitreSummary('id-1')],
  ['GET /cases/v1/cases/id-1/detections/id-2', (our) => our.tenant.cases.detection('id-1', 'id-2')],
  [
    'GET /cloud-security/v1/profiles',
    (our) => our.tenant.runtimeProfiles.list({ searchTerm: 'x' }).all(),
    { query: { searchTerm: 'x', pageSize: '100', page: '1' } },
  ],
  [
    'POST /cloud-security/v1/profiles',
    (our) =>
      our.tenant.runtimeProfiles.create({
        name: 'Profile name',
        profileDescription: 'RTD Profile1 is configured for prod deployments.',
        profileId: '7b2d94de-2f89-4433-9901-c65d31195899',
        contentVersion: '6.4.8',
        settings: { rules: [{}], lists: [{}] },
      }),
    {
      body: {
        name: 'Profile name',
        profileDescription: 'RTD Profile1 is configured for prod deployments.',
        profileId: '7b2d94de-2f89-4433-9901-c65d31195899',
        contentVersion: '6.4.8',
        settings: { rules: [{}], lists: [{}] },
      },
    },
  ],
  ['DELETE /cloud-security/v1/profiles', (our) => our.tenant.runtimeProfiles.deleteMany({ profileIds: ['a', 'b'] }), { query: { profileIds: 'a,b' } }],
  ['GET /cloud-security/v1/profiles/id-1', (our) => our.tenant.runtimeProfiles.get('id-1', { version: 3 }), { query: { version: '3' } }],
  ['PUT /cloud-security/v1/profiles/id-1', (our) => our.tenant.runtimeProfiles.rename('id-1', { name: 'x' }), { query: { name: 'x' } }],
  ['GET /cloud-security/v1/profiles/default-contents', (our) => our.tenant.runtimeProfiles.defaultContents().all()],
  [
    'POST /detections/v1/queries/detections',
    (our) =>
      our.tenant.detections.start({
        detectionRule: 'MS-SEC-GRAPH-open',
        severity: [7, 8, 9, 10],
        sort: [{ field: 'severity', direction: 'asc' }],
        from: '2021-11-10T12:23:54.780Z',
        to: '2021-11-17T12:23:54.780Z',
      }),
    {
      body: {
        detectionRule: 'MS-SEC-GRAPH-open',
        severity: [7, 8, 9, 10],
        sort: [{ field: 'severity', direction: 'asc' }],
        from: '2021-11-10T12:23:54.780Z',
        to: '2021-11-17T12:23:54.780Z',
      },
    },
  ],
  ['GET /detections/v1/queries/detections/id-1', (our) => our.tenant.detections.run('id-1')],
  ['GET /detections/v1/queries/detections/id-1/results', (our) => our.tenant.detections.results('id-1').all(), { query: { pageSize: '100', page: '1' } }],
  [
    'GET /detections/v1/queries/detections/counts',
    (our) =>
      our.tenant.detections.counts({
        from: '2026-11-20T12:00:00.000Z',
        to: '2026-11-20T12:00:00.000Z',
        resolution: 'x',
        ids: ['a', 'b'],
        detectionRule: 'x',
        severity: [7, 8],
        type: ['a', 'b'],
        category: ['a', 'b'],
        source: 'x',
        deviceNameContains: 'x',
        entityType: 'x',
        location: 'x',
        mitreAttackTactics: ['a', 'b'],
        mitreAttack: 'x',
        operatingSystemName: 'x',
        operatingSystem: 'x',
        username: 'x',
        showSuppressed: true,
      }),
    {
      query: {
        from: '2026-11-20T12:00:00.000Z',
        to: '2026-11-20T12:00:00.000Z',
        resolution: 'x',
        ids: 'a,b',
        detectionRule: 'x',
        severity: '7,8',
        type: 'a,b',
        category: 'a,b',
        source: 'x',
        deviceNameContains: 'x',
        entityType: 'x',
        location: 'x',
        mitreAttackTactics: 'a,b',
        mitreAttack: 'x',
        operatingSystemName: 'x',
        operatingSystem: 'x',
        username: 'x',
        showSuppressed: 'true',
      },
    },
  ],
  [
    'POST /detections/v1/queries/detection-groups',
    (our) =>
      our.tenant.detectionGroups.start({
        detectionRule: 'MS-SEC-GRAPH-open',
        severity: [7, 8, 9, 10],
        sort: [{ field: 'severity', direction: 'asc' }],
        from: '2021-11-10T12:23:54.780Z',
        to: '2021-11-17T12:23:54.780Z',
      }),
    {
      body: {
        detectionRule: 'MS-SEC-GRAPH-open',
        severity: [7, 8, 9, 10],
        sort: [{ field: 'severity', direction: 'asc' }],
        from: '2021-11-10T12:23:54.780Z',
        to: '2021-11-17T12:23:54.780Z',
      },
    },
  ],
  ['GET /detections/v1/queries/detection-groups/id-1', (our) => our.tenant.detectionGroups.run('id-1')],
  [
    'GET /detections/v1/queries/detection-groups/id-1/results',
    (our) => our.tenant.detectionGroups.results('id-1').all(),
    { query: { pageSize: '100', page: '1' } },
  ],
  ['GET /live-discover/v1/queries/categories', (our) => our.tenant.liveDiscover.categories({ fields: ['a', 'b'] }).all(), { query: { fields: 'a,b' } }],
  ['GET /live-discover/v1/queries/categories/id-1', (our) => our.tenant.liveDiscover.category('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' } }],
  [
    'GET /live-discover/v1/queries',
    (our) => our.tenant.liveDiscover.queries({ categoryId: 'x', search: 'x', searchFields: ['a', 'b'], fields: ['a', 'b'] }).all(),
    { query: { categoryId: 'x', search: 'x', searchFields: 'a,b', fields: 'a,b', pageSize: '100', page: '1' } },
  ],
  ['GET /live-discover/v1/queries/id-1', (our) => our.tenant.liveDiscover.query('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' } }],
  [
    'GET /live-discover/v1/queries/runs',
    (our) =>
      our.tenant.liveDiscover
        .runs({ sort: ['a', 'b'], fields: ['a', 'b'], queryId: 'x', categoryId: 'x', status: ['a', 'b'], result: ['a', 'b'], createdByPrincipalType: 'x' })
        .all(),
    {
      query: {
        sort: 'a,b',
        fields: 'a,b',
        queryId: 'x',
        categoryId: 'x',
        status: 'a,b',
        result: 'a,b',
        createdByPrincipalType: 'x',
        pageSize: '100',
        page: '1',
      },
    },
  ],
  [
    'POST /live-discover/v1/queries/runs',
    (our) =>
      our.tenant.liveDiscover.start({
        savedQuery: { categoryId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d', queryId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' },
        adHocQuery: { name: 'Example Name', template: "select * from processes where parent_name = '$$proc_name$$'" },
        variables: [{ name: 'Example Name', dataType: 'double' }],
        matchEndpoints: { all: false, filters: [{}] },
      }),
    {
      body: {
        savedQuery: { categoryId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d', queryId: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' },
        adHocQuery: { name: 'Example Name', template: "select * from processes where parent_name = '$$proc_name$$'" },
        variables: [{ name: 'Example Name', dataType: 'double' }],
        matchEndpoints: { all: false, filters: [{}] },
      },
    },
  ],
  ['GET /live-discover/v1/queries/runs/id-1', (our) => our.tenant.liveDiscover.run('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' } }],
  [
    'GET /live-discover/v1/queries/runs/id-1/endpoints',
    (our) => our.tenant.liveDiscover.endpoints('id-1', { sort: ['a', 'b'], fields: ['a', 'b'], match: ['a', 'b'] }).all(),
    { query: { sort: 'a,b', fields: 'a,b', match: 'a,b', pageSize: '100', page: '1' } },
  ],
  [
    'GET /live-discover/v1/queries/runs/id-1/results',
    (our) => our.tenant.liveDiscover.results('id-1', { sort: ['a', 'b'] }).all(),
    { query: { sort: 'a,b', pageSize: '1000' } },
  ],
  ['GET /live-discover/v1/enrichment-pivots', (our) => our.tenant.enrichmentPivots.list().all()],
  [
    'POST /live-discover/v1/enrichment-pivots',
    (our) =>
      our.tenant.enrichmentPivots.create({
        name: 'Example Name',
        description: 'A brief description of the resource',
        url: 'https://enrichment.example.com/lookup?ip=$$ipAddress$$&portNumber=$$port$$$',
        type: 'ipAddress',
      }),
    {
      body: {
        name: 'Example Name',
        description: 'A brief description of the resource',
        url: 'https://enrichment.example.com/lookup?ip=$$ipAddress$$&portNumber=$$port$$$',
        type: 'ipAddress',
      },
    },
  ],
  [
    'PATCH /live-discover/v1/enrichment-pivots/id-1',
    (our) =>
      our.tenant.enrichmentPivots.update('id-1', {
        name: 'Example Name',
        description: 'A brief description of the resource',
        url: 'https://enrichment.example.com/lookup?ip=$$ipAddress$$&portNumber=$$port$$$',
        type: 'ipAddress',
      }),
    {
      body: {
        name: 'Example Name',
        description: 'A brief description of the resource',
        url: 'https://enrichment.example.com/lookup?ip=$$ipAddress$$&portNumber=$$port$$$',
        type: 'ipAddress',
      },
    },
  ],
  ['DELETE /live-discover/v1/enrichment-pivots/id-1', (our) => our.tenant.enrichmentPivots.delete('id-1')],
  [
    'GET /xdr-query/v1/queries/runs',
    (our) => our.tenant.xdr.runs({ statuses: ['a', 'b'], order: 'x' }).all(),
    { query: { statuses: 'a,b', order: 'x', pageSize: '100', page: '1' } },
  ],
  [
    'POST /xdr-query/v1/queries/runs',
    (our) =>
      our.tenant.xdr.start({ adHocQuery: { template: 'select * from "xdr_data" limit 10' }, from: '2022-01-01T12:02:01.000Z', to: '2022-01-21T12:02:01.700Z' }),
    { body: { adHocQuery: { template: 'select * from "xdr_data" limit 10' }, from: '2022-01-01T12:02:01.000Z', to: '2022-01-21T12:02:01.700Z' } },
  ],
  ['GET /xdr-query/v1/queries/runs/id-1', (our) => our.tenant.xdr.run('id-1')],
  ['POST /xdr-query/v1/queries/runs/id-1/cancel', (our) => our.tenant.xdr.cancel('id-1'), { body: {} }],
  ['GET /xdr-query/v1/queries/runs/id-1/results', (our) => our.tenant.xdr.results('id-1').all(), { query: { pageSize: '1000' } }],
  ['GET /xdr-query/v1/queries/categories', (our) => our.tenant.xdr.categories({ fields: ['a', 'b'] }).all(), { query: { fields: 'a,b' } }],
  ['GET /xdr-query/v1/queries/categories/id-1', (our) => our.tenant.xdr.category('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' } }],
  [
    'GET /xdr-query/v1/queries',
    (our) => our.tenant.xdr.queries({ categoryId: 'x', search: 'x', searchFields: ['a', 'b'], fields: ['a', 'b'] }).all(),
    { query: { categoryId: 'x', search: 'x', searchFields: 'a,b', fields: 'a,b', pageSize: '100', page: '1' } },
  ],
  ['GET /xdr-query/v1/queries/id-1', (our) => our.tenant.xdr.query('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' } }],
];

describe('a call about health, detections, cases, queries and runtime profiles', () => {
  seenAs(rows);
  everyForm(
    'tenant',
    {
      accountHealth: tenantForms.accountHealth,
      cases: tenantForms.cases,
      runtimeProfiles: tenantForms.runtimeProfiles,
      detections: tenantForms.detections,
      detectionGroups: tenantForms.detectionGroups,
      liveDiscover: tenantForms.liveDiscover,
      enrichmentPivots: tenantForms.enrichmentPivots,
      xdr: tenantForms.xdr,
    },
    rows,
  );
});
