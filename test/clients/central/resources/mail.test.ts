/** Every call about mail, as it goes out. */
import { describe } from 'vitest';
import { tenantForms } from '../../../../src/clients/central/resources/index.ts';
import { everyForm, type Row, seenAs } from './recording.ts';

const rows: readonly Row[] = [
  [
    'POST /email/v1/quarantine/messages/search',
    (our) =>
      our.tenant.quarantine
        .search({
          beginDate: '2012-06-26T11:55:36.100Z',
          endDate: '2012-06-26T11:55:36.100Z',
          fields: ['reason'],
          sort: ['quarantinedAt:DESC'],
          filter: {
            id: '15a7f8ea-691c-4f03-862e-3cefb102818e',
            fromContains: 'some text',
            toContains: 'some text',
            subjectContains: 'some text',
            attachmentNameContains: 'some text',
            sizeInMBGreaterThan: 1,
            sizeInMBLowerThan: 2,
            direction: 'inbound',
            productType: 'mailflow',
            reason: ['impersonation'],
            hasAnyAttachment: false,
          },
        })
        .all(),
    {
      body: {
        beginDate: '2012-06-26T11:55:36.100Z',
        endDate: '2012-06-26T11:55:36.100Z',
        fields: ['reason'],
        sort: ['quarantinedAt:DESC'],
        filter: {
          id: '15a7f8ea-691c-4f03-862e-3cefb102818e',
          fromContains: 'some text',
          toContains: 'some text',
          subjectContains: 'some text',
          attachmentNameContains: 'some text',
          sizeInMBGreaterThan: 1,
          sizeInMBLowerThan: 2,
          direction: 'inbound',
          productType: 'mailflow',
          reason: ['impersonation'],
          hasAnyAttachment: false,
        },
        pageSize: 100,
      },
    },
  ],
  ['GET /email/v1/quarantine/messages/id-1/preview', (our) => our.tenant.quarantine.preview('id-1')],
  ['GET /email/v1/quarantine/messages/id-1/urls', (our) => our.tenant.quarantine.urls('id-1').all(), { query: { pageSize: '100', page: '1' } }],
  ['GET /email/v1/quarantine/messages/id-1/attachments', (our) => our.tenant.quarantine.attachments('id-1').all(), { query: { pageSize: '100', page: '1' } }],
  [
    'POST /email/v1/quarantine/messages/release',
    (our) =>
      our.tenant.quarantine.release({
        allowSender: false,
        enforceSenderAuthentication: false,
        submitMessageToLabs: false,
        items: [{ id: '15a7f8ea-691c-4f03-862e-3cefb102818e' }],
      }),
    { body: { allowSender: false, enforceSenderAuthentication: false, submitMessageToLabs: false, items: [{ id: '15a7f8ea-691c-4f03-862e-3cefb102818e' }] } },
  ],
  [
    'POST /email/v1/quarantine/messages/delete',
    (our) => our.tenant.quarantine.delete({ blockSender: false, items: [{ id: '15a7f8ea-691c-4f03-862e-3cefb102818e' }] }),
    { body: { blockSender: false, items: [{ id: '15a7f8ea-691c-4f03-862e-3cefb102818e' }] } },
  ],
  [
    'POST /email/v1/quarantine/messages/id-1/attachments/strip',
    (our) => our.tenant.quarantine.stripAttachments('id-1', { attachments: ['employee.xslx'], forRecipients: ['user_bob@sophos.com'] }),
    { body: { attachments: ['employee.xslx'], forRecipients: ['user_bob@sophos.com'] } },
  ],
  [
    'POST /email/v1/quarantine/messages/id-1/attachments/reattach',
    (our) => our.tenant.quarantine.reattachAttachments('id-1', { attachments: ['employee.xslx'], forRecipients: ['user_bob@sophos.com'] }),
    { body: { attachments: ['employee.xslx'], forRecipients: ['user_bob@sophos.com'] } },
  ],
  [
    'POST /email/v1/quarantine/messages/id-1/attachments/download',
    (our) => our.tenant.quarantine.downloadAttachments('id-1', { attachments: ['employee.xslx'] }),
    { body: { attachments: ['employee.xslx'] } },
  ],
  ['GET /email/v1/quarantine/downloads/id-1/status', (our) => our.tenant.quarantine.download('id-1')],
  [
    'POST /email/v1/post-delivery-quarantine/messages/search',
    (our) =>
      our.tenant.postDeliveryQuarantine
        .search({
          beginDate: '2012-06-26T11:55:36.100Z',
          endDate: '2012-06-26T11:55:36.100Z',
          sort: ['forRecipient:DESC'],
          filter: {
            id: '15a7f8ea-691c-4f03-862e-3cefb102818e',
            fromContains: 'some text',
            toContains: 'some text',
            subjectContains: 'some text',
            attachmentNameContains: 'some text',
            sizeInMBGreaterThan: 1,
            sizeInMBLowerThan: 2,
            productType: 'mailflow',
            reason: ['malware'],
            hasAnyAttachment: false,
          },
        })
        .all(),
    {
      body: {
        beginDate: '2012-06-26T11:55:36.100Z',
        endDate: '2012-06-26T11:55:36.100Z',
        sort: ['forRecipient:DESC'],
        filter: {
          id: '15a7f8ea-691c-4f03-862e-3cefb102818e',
          fromContains: 'some text',
          toContains: 'some text',
          subjectContains: 'some text',
          attachmentNameContains: 'some text',
          sizeInMBGreaterThan: 1,
          sizeInMBLowerThan: 2,
          productType: 'mailflow',
          reason: ['malware'],
          hasAnyAttachment: false,
        },
        pageSize: 100,
        page: 1,
      },
    },
  ],
  ['GET /email/v1/post-delivery-quarantine/messages/id-1/preview', (our) => our.tenant.postDeliveryQuarantine.preview('id-1')],
  [
    'GET /email/v1/post-delivery-quarantine/messages/id-1/attachments',
    (our) => our.tenant.postDeliveryQuarantine.attachments('id-1').all(),
    { query: { pageSize: '100', page: '1' } },
  ],
  [
    'POST /email/v1/post-delivery-quarantine/messages/release',
    (our) => our.tenant.postDeliveryQuarantine.release({ items: [{ id: 'fcec2f92-68a3-4ce6-9387-a74547a4f72e' }] }),
    { body: { items: [{ id: 'fcec2f92-68a3-4ce6-9387-a74547a4f72e' }] } },
  ],
  [
    'POST /email/v1/post-delivery-quarantine/messages/delete',
    (our) => our.tenant.postDeliveryQuarantine.delete({ items: [{ id: 'fcec2f92-68a3-4ce6-9387-a74547a4f72e' }] }),
    { body: { items: [{ id: 'fcec2f92-68a3-4ce6-9387-a74547a4f72e' }] } },
  ],
  [
    'POST /email/v1/post-delivery-quarantine/messages/id-1/attachments/download',
    (our) => our.tenant.postDeliveryQuarantine.downloadAttachments('id-1', { attachments: ['employee.xslx'] }),
    { body: { attachments: ['employee.xslx'] } },
  ],
  ['GET /email/v1/post-delivery-quarantine/downloads/id-1/status', (our) => our.tenant.postDeliveryQuarantine.download('id-1')],
  [
    'POST /email/v1/messages/id-1/clawback',
    (our) => our.tenant.mailMessages.clawback('id-1', { recipients: ['user_bob@sophos.com'], reason: 'phishing' }),
    { body: { recipients: ['user_bob@sophos.com'], reason: 'phishing' } },
  ],
  ['GET /email/v1/messages/id-1/status', (our) => our.tenant.mailMessages.status('id-1').all()],
  [
    'GET /email/v1/mailboxes',
    (our) =>
      our.tenant.mailboxes
        .list({
          name: 'x',
          nameStartsWith: 'x',
          email: 'x',
          emailStartsWith: 'x',
          createdAfter: '2026-11-20T12:00:00.000Z',
          createdBefore: '2026-11-20T12:00:00.000Z',
          type: 'x',
          bulkSenderPrivilegeStatus: 'x',
          blocked: true,
          distributionListOwnedBy: 'x',
          alias: 'x',
          aliasesStartWith: 'x',
          delegate: 'x',
        })
        .all(),
    {
      query: {
        name: 'x',
        nameStartsWith: 'x',
        email: 'x',
        emailStartsWith: 'x',
        createdAfter: '2026-11-20T12:00:00.000Z',
        createdBefore: '2026-11-20T12:00:00.000Z',
        type: 'x',
        bulkSenderPrivilegeStatus: 'x',
        blocked: 'true',
        distributionListOwnedBy: 'x',
        alias: 'x',
        aliasesStartWith: 'x',
        delegate: 'x',
        pageSize: '100',
      },
    },
  ],
  [
    'POST /email/v1/mailboxes',
    (our) => our.tenant.mailboxes.create({ type: 'user', email: 'user@example.com', name: 'Example Name' }),
    { body: { type: 'user', email: 'user@example.com', name: 'Example Name' } },
  ],
  [
    'POST /email/v1/mailboxes/bulk',
    (our) => our.tenant.mailboxes.createMany({ items: [{ type: 'user', email: 'user@example.com', name: 'Example Name' }] }),
    { body: { items: [{ type: 'user', email: 'user@example.com', name: 'Example Name' }] } },
  ],
  [
    'POST /email/v1/mailboxes/delete',
    (our) => our.tenant.mailboxes.deleteMany({ items: [{ id: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' }] }),
    { body: { items: [{ id: 'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d' }] } },
  ],
  ['GET /email/v1/mailboxes/id-1', (our) => our.tenant.mailboxes.get('id-1')],
  ['PATCH /email/v1/mailboxes/id-1', (our) => our.tenant.mailboxes.update('id-1', { name: 'Example Name' }), { body: { name: 'Example Name' } }],
  ['DELETE /email/v1/mailboxes/id-1', (our) => our.tenant.mailboxes.delete('id-1')],
  [
    'POST /email/v1/mailboxes/id-1/aliases',
    (our) => our.tenant.mailboxes.changeAliases('id-1', { add: ['string'], remove: ['string'] }),
    { body: { add: ['string'], remove: ['string'] } },
  ],
  [
    'POST /email/v1/mailboxes/id-1/delegates',
    (our) => our.tenant.mailboxes.changeDelegates('id-1', { add: ['string'], remove: ['string'] }),
    { body: { add: ['string'], remove: ['string'] } },
  ],
  [
    'POST /email/v1/mailboxes/id-1/distribution-list-owners',
    (our) => our.tenant.mailboxes.changeOwners('id-1', { add: ['string'], remove: ['string'] }),
    { body: { add: ['string'], remove: ['string'] } },
  ],
  [
    'POST /email/v1/mailboxes/id-1/bulksender-privilege-request',
    (our) => our.tenant.mailboxes.requestBulkSending('id-1', { count: 50, period: 'daily', purpose: 'user@example.com' }),
    { body: { count: 50, period: 'daily', purpose: 'user@example.com' } },
  ],
];

describe('a call about mail', () => {
  seenAs(rows);
  everyForm(
    'tenant',
    {
      quarantine: tenantForms.quarantine,
      postDeliveryQuarantine: tenantForms.postDeliveryQuarantine,
      mailMessages: tenantForms.mailMessages,
      mailboxes: tenantForms.mailboxes,
    },
    rows,
  );
});
