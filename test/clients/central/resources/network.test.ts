/** Every call about firewalls, Wi-Fi, switches, DNS protection and attestations, as it goes out. */
import { describe } from 'vitest';
import { tenantForms } from '../../../../src/clients/central/resources/index.ts';
import { everyForm, type Row, seenAs } from './recording.ts';

const rows: readonly Row[] = [
  ['GET /dns-protection/v2/locations', (our) => our.tenant.dnsLocations.list().all(), { query: { pageSize: '100', page: '1' } }],
  [
    'POST /dns-protection/v2/locations',
    (our) =>
      our.tenant.dnsLocations.create({
        name: 'Headquarters',
        default: false,
        description: 'Main office location with secure DNS configuration.',
        ipList: ['192.168.1.1', '192.168.1.2'],
        domainNames: ['hq.company.com', 'internal.company.com'],
        dohEnabled: true,
        policyId: 'e4f558e2-9f3a-44e0-a7a3-6b2f7b8b3d5d',
      }),
    {
      body: {
        name: 'Headquarters',
        default: false,
        description: 'Main office location with secure DNS configuration.',
        ipList: ['192.168.1.1', '192.168.1.2'],
        domainNames: ['hq.company.com', 'internal.company.com'],
        dohEnabled: true,
        policyId: 'e4f558e2-9f3a-44e0-a7a3-6b2f7b8b3d5d',
      },
    },
  ],
  ['GET /dns-protection/v2/locations/id-1', (our) => our.tenant.dnsLocations.get('id-1')],
  [
    'PATCH /dns-protection/v2/locations/id-1',
    (our) =>
      our.tenant.dnsLocations.update('id-1', {
        name: 'HQ - Dublin',
        ipAddresses: { add: ['2001:0db8:85a3:0000:0000:8a2e:0370:7334'] },
        domainNames: { add: ['hq.company.com', 'office.example.org'], remove: ['home.lab.org'] },
        dohEnabled: false,
      }),
    {
      body: {
        name: 'HQ - Dublin',
        ipAddresses: { add: ['2001:0db8:85a3:0000:0000:8a2e:0370:7334'] },
        domainNames: { add: ['hq.company.com', 'office.example.org'], remove: ['home.lab.org'] },
        dohEnabled: false,
      },
    },
  ],
  ['DELETE /dns-protection/v2/locations/id-1', (our) => our.tenant.dnsLocations.delete('id-1')],
  [
    'GET /firewall/v1/firewalls',
    (our) => our.tenant.firewalls.list({ groupId: 'x', search: 'x' }).all(),
    { query: { groupId: 'x', search: 'x', pageSize: '1000', page: '1' } },
  ],
  [
    'PATCH /firewall/v1/firewalls/id-1',
    (our) => our.tenant.firewalls.update('id-1', { name: 'FW-label', geoLocation: { latitude: '20.64', longitude: '122.43' } }),
    { body: { name: 'FW-label', geoLocation: { latitude: '20.64', longitude: '122.43' } } },
  ],
  ['DELETE /firewall/v1/firewalls/id-1', (our) => our.tenant.firewalls.delete('id-1')],
  [
    'POST /firewall/v1/firewalls/id-1/action',
    (our) => our.tenant.firewalls.act('id-1', { action: 'approveManagement' }),
    { body: { action: 'approveManagement' } },
  ],
  [
    'POST /firewall/v1/firewalls/actions/firmware-upgrade-check',
    (our) => our.tenant.firewalls.checkFirmware({ firewalls: ['c83c9481-f63c-4eb8-8793-e81eb9d66ef4', 'a83c9481-f63c-4eb8-8793-e81eb9d66ef5'] }),
    { body: { firewalls: ['c83c9481-f63c-4eb8-8793-e81eb9d66ef4', 'a83c9481-f63c-4eb8-8793-e81eb9d66ef5'] } },
  ],
  [
    'POST /firewall/v1/firewalls/actions/firmware-upgrade',
    (our) => our.tenant.firewalls.upgradeFirmware({ firewalls: [{ id: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' }] }),
    { body: { firewalls: [{ id: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' }] } },
  ],
  ['DELETE /firewall/v1/firewalls/actions/firmware-upgrade', (our) => our.tenant.firewalls.cancelUpgrade({ ids: ['a', 'b'] }), { query: { ids: 'a,b' } }],
  [
    'GET /firewall/v1/firewall-groups',
    (our) => our.tenant.firewallGroups.list({ recurseSubgroups: true, search: 'x', searchFields: ['a', 'b'] }).all(),
    { query: { recurseSubgroups: 'true', search: 'x', searchFields: 'a,b', pageSize: '100', page: '1' } },
  ],
  [
    'POST /firewall/v1/firewall-groups',
    (our) =>
      our.tenant.firewallGroups.create({
        name: 'Test group',
        configImportSourceFirewallId: 'df1f8ccf-1223-46ed-9042-6672a8326b8c',
        assignFirewalls: ['df1f8ccf-1223-46ed-9042-6672a8326b8c', '97483e58-55d7-44fb-b03f-9422f106ef66', '7e5605c1-da16-4995-9679-767a8b79328d'],
        parentGroupId: 'ab1f8ccf-1223-46ed-9042-6672a8326b8c',
      }),
    {
      body: {
        name: 'Test group',
        configImportSourceFirewallId: 'df1f8ccf-1223-46ed-9042-6672a8326b8c',
        assignFirewalls: ['df1f8ccf-1223-46ed-9042-6672a8326b8c', '97483e58-55d7-44fb-b03f-9422f106ef66', '7e5605c1-da16-4995-9679-767a8b79328d'],
        parentGroupId: 'ab1f8ccf-1223-46ed-9042-6672a8326b8c',
      },
    },
  ],
  [
    'PATCH /firewall/v1/firewall-groups/id-1',
    (our) =>
      our.tenant.firewallGroups.update('id-1', {
        name: 'New auto-scale group',
        assignFirewalls: ['2d26e1c6-543e-4989-a949-e48d866f05d1'],
        unassignFirewalls: ['6c26e1c6-543e-4989-a949-e48d866f05cf'],
      }),
    {
      body: {
        name: 'New auto-scale group',
        assignFirewalls: ['2d26e1c6-543e-4989-a949-e48d866f05d1'],
        unassignFirewalls: ['6c26e1c6-543e-4989-a949-e48d866f05cf'],
      },
    },
  ],
  ['DELETE /firewall/v1/firewall-groups/id-1', (our) => our.tenant.firewallGroups.delete('id-1')],
  [
    'GET /firewall/v1/firewall-groups/id-1/firewalls/sync-status',
    (our) => our.tenant.firewallGroups.syncStatus('id-1', { ids: ['a', 'b'] }).all(),
    { query: { ids: 'a,b', pageSize: '1000', page: '1' } },
  ],
  ['GET /firewall/v1/firewall-config/firewalls/id-1/mdr-threat-feed', (our) => our.tenant.firewallThreatFeed.get('id-1')],
  [
    'PATCH /firewall/v1/firewall-config/firewalls/id-1/mdr-threat-feed/settings',
    (our) => our.tenant.firewallThreatFeed.update('id-1', { enabled: true, action: 'logOnly', lastUpdatedAt: '2024-01-15T10:30:00.000Z' }),
    { body: { enabled: true, action: 'logOnly', lastUpdatedAt: '2024-01-15T10:30:00.000Z' } },
  ],
  [
    'POST /firewall/v1/firewall-config/firewalls/id-1/mdr-threat-feed/indicators',
    (our) => our.tenant.firewallThreatFeed.addIndicators('id-1', { indicators: [{ value: 'string', type: 'ipv4-addr' }] }),
    { body: { indicators: [{ value: 'string', type: 'ipv4-addr' }] } },
  ],
  ['DELETE /firewall/v1/firewall-config/firewalls/id-1/mdr-threat-feed/indicators', (our) => our.tenant.firewallThreatFeed.deleteAllIndicators('id-1')],
  [
    'POST /firewall/v1/firewall-config/firewalls/id-1/mdr-threat-feed/indicators/delete',
    (our) => our.tenant.firewallThreatFeed.deleteIndicators('id-1', { indicators: [{ value: 'string', type: 'ipv4-addr' }] }),
    { body: { indicators: [{ value: 'string', type: 'ipv4-addr' }] } },
  ],
  [
    'POST /firewall/v1/firewall-config/firewalls/id-1/mdr-threat-feed/indicators/search',
    (our) => our.tenant.firewallThreatFeed.searchIndicators('id-1', { indicatorValues: ['string'] }),
    { body: { indicatorValues: ['string'] } },
  ],
  [
    'GET /firewall/v1/firewall-config/firewalls/id-1/transactions/id-2',
    (our) => our.tenant.firewallThreatFeed.transaction('id-1', 'id-2', { fields: ['a', 'b'] }),
    { query: { fields: 'a,b' } },
  ],
  ['GET /switch/v1/settings/mac-filtering', (our) => our.tenant.switches.macFilter()],
  [
    'PUT /switch/v1/settings/mac-filtering',
    (our) => our.tenant.switches.setMacFilter({ macAddresses: ['5c:85:7e:32:97:26', '5c:85:7e:32:98:28'] }),
    { body: { macAddresses: ['5c:85:7e:32:97:26', '5c:85:7e:32:98:28'] } },
  ],
  [
    'GET /switch/v1/tasks',
    (our) => our.tenant.switches.tasks({ type: 'x', fields: ['a', 'b'] }).all(),
    { query: { type: 'x', fields: 'a,b', pageSize: '1000', page: '1' } },
  ],
  [
    'POST /user-activity-verification/v1/attestations',
    (our) =>
      our.tenant.attestations.create(
        {
          userId: '57e7f67f-6c1a-4580-a031-65f38a229732',
          title: { text: 'Security question', translations: { de: 'Sicherheitsfrage' } },
          question: {
            text: 'When was the last time you signed in to your account?',
            translations: { de: 'Wann haben Sie sich das letzte Mal an Ihrem Benutzerkonto angemeldet?' },
          },
          options: [
            { key: 'today', value: { text: 'Today', translations: { de: 'Heute' } } },
            { key: 'yesterday', value: { text: 'Yesterday', translations: { de: 'Gestern' } } },
            { key: 'lastWeek', value: { text: 'One week ago', translations: { de: 'Vor einer Woche' } } },
            { key: 'unsure', value: { text: "I don't remember", translations: { de: 'Ich weiß es nicht mehr' } } },
          ],
          timeoutInSeconds: 300,
        },
        { fields: ['a', 'b'] },
      ),
    {
      query: { fields: 'a,b' },
      body: {
        userId: '57e7f67f-6c1a-4580-a031-65f38a229732',
        title: { text: 'Security question', translations: { de: 'Sicherheitsfrage' } },
        question: {
          text: 'When was the last time you signed in to your account?',
          translations: { de: 'Wann haben Sie sich das letzte Mal an Ihrem Benutzerkonto angemeldet?' },
        },
        options: [
          { key: 'today', value: { text: 'Today', translations: { de: 'Heute' } } },
          { key: 'yesterday', value: { text: 'Yesterday', translations: { de: 'Gestern' } } },
          { key: 'lastWeek', value: { text: 'One week ago', translations: { de: 'Vor einer Woche' } } },
          { key: 'unsure', value: { text: "I don't remember", translations: { de: 'Ich weiß es nicht mehr' } } },
        ],
        timeoutInSeconds: 300,
      },
    },
  ],
  ['GET /user-activity-verification/v1/attestations/id-1', (our) => our.tenant.attestations.get('id-1', { fields: ['a', 'b'] }), { query: { fields: 'a,b' } }],
  ['GET /wifi/v1/settings/mac-filtering', (our) => our.tenant.wifi.macFilter()],
  [
    'PUT /wifi/v1/settings/mac-filtering',
    (our) => our.tenant.wifi.setMacFilter({ macAddresses: ['5c:85:7e:32:97:26', '5c:85:7e:32:98:28'] }),
    { body: { macAddresses: ['5c:85:7e:32:97:26', '5c:85:7e:32:98:28'] } },
  ],
  [
    'GET /wifi/v1/tasks',
    (our) => our.tenant.wifi.tasks({ type: 'x', fields: ['a', 'b'] }).all(),
    { query: { type: 'x', fields: 'a,b', pageSize: '1000', page: '1' } },
  ],
];

describe('a call about firewalls, Wi-Fi, switches, DNS protection and attestations', () => {
  seenAs(rows);
  everyForm(
    'tenant',
    {
      dnsLocations: tenantForms.dnsLocations,
      firewalls: tenantForms.firewalls,
      firewallGroups: tenantForms.firewallGroups,
      firewallThreatFeed: tenantForms.firewallThreatFeed,
      switches: tenantForms.switches,
      attestations: tenantForms.attestations,
      wifi: tenantForms.wifi,
    },
    rows,
  );
});
