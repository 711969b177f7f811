import { acting, byBodyKeyOf, byBodyPageOf, byPageOf, listing, type NoQuery, of, querying, reading, searching } from '../form.ts';
import type {
  AttachmentDownload,
  AttachmentsChosen,
  AttachmentsOutcome,
  MessageAttachment,
  MessagePreview,
  MessagesChosen,
  MessagesDeleted,
  MessagesOutcome,
  MessagesReleased,
  PostDeliverySearch,
  QuarantinedMessage,
  QuarantineSearch,
} from '../shapes/quarantine.ts';

/** Mail that was stopped on its way (reference, 7.8). */
export const quarantine = {
  search: searching(
    '/email/v1/quarantine/messages/search',
    { ...byBodyKeyOf(100), sharesIds: true },
    of<QuarantinedMessage, NoQuery, QuarantineSearch>(),
    'search the quarantine',
  ),
  preview: reading('/email/v1/quarantine/messages/{id}/preview', of<MessagePreview>(), 'look into a message in quarantine'),
  urls: listing('/email/v1/quarantine/messages/{id}/urls', byPageOf(100), of<string>(), 'list the URLs of a message in quarantine'),
  attachments: listing(
    '/email/v1/quarantine/messages/{id}/attachments',
    { ...byPageOf(100), sharesIds: true },
    of<MessageAttachment>(),
    'list the attachments of a message in quarantine',
  ),
  release: acting('POST', '/email/v1/quarantine/messages/release', of<MessagesOutcome, NoQuery, MessagesReleased>(), 'release messages from quarantine'),
  delete: acting('POST', '/email/v1/quarantine/messages/delete', of<MessagesOutcome, NoQuery, MessagesDeleted>(), 'delete messages in quarantine'),
  stripAttachments: acting(
    'POST',
    '/email/v1/quarantine/messages/{id}/attachments/strip',
    of<AttachmentsOutcome, NoQuery, AttachmentsChosen>(),
    'strip attachments from a message in quarantine',
  ),
  reattachAttachments: acting(
    'POST',
    '/email/v1/quarantine/messages/{id}/attachments/reattach',
    of<AttachmentsOutcome, NoQuery, AttachmentsChosen>(),
    'put attachments back on a message in quarantine',
  ),
  downloadAttachments: querying(
    '/email/v1/quarantine/messages/{id}/attachments/download',
    of<AttachmentDownload, NoQuery, Pick<AttachmentsChosen, 'attachments'>>(),
    'have attachments in quarantine packed',
  ),
  download: reading('/email/v1/quarantine/downloads/{downloadId}/status', of<AttachmentDownload>(), 'ask how far attachments are packed'),
};

/** Mail that was taken out of mailboxes again (reference, 7.8). */
export const postDeliveryQuarantine = {
  search: searching(
    '/email/v1/post-delivery-quarantine/messages/search',
    { ...byBodyPageOf(100), sharesIds: true },
    of<QuarantinedMessage, NoQuery, PostDeliverySearch>(),
    'search the post-delivery quarantine',
  ),
  preview: reading('/email/v1/post-delivery-quarantine/messages/{id}/preview', of<MessagePreview>(), 'look into a message in post-delivery quarantine'),
  attachments: listing(
    '/email/v1/post-delivery-quarantine/messages/{id}/attachments',
    { ...byPageOf(100), sharesIds: true },
    of<MessageAttachment>(),
    'list the attachments of a message in post-delivery quarantine',
  ),
  release: acting(
    'POST',
    '/email/v1/post-delivery-quarantine/messages/release',
    of<MessagesOutcome, NoQuery, MessagesChosen>(),
    'release messages from post-delivery quarantine',
  ),
  delete: acting(
    'POST',
    '/email/v1/post-delivery-quarantine/messages/delete',
    of<MessagesOutcome, NoQuery, MessagesChosen>(),
    'delete messages in post-delivery quarantine',
  ),
  downloadAttachments: querying(
    '/email/v1/post-delivery-quarantine/messages/{id}/attachments/download',
    of<AttachmentDownload, NoQuery, Pick<AttachmentsChosen, 'attachments'>>(),
    'have attachments in post-delivery quarantine packed',
  ),
  download: reading('/email/v1/post-delivery-quarantine/downloads/{downloadId}/status', of<AttachmentDownload>(), 'ask how far attachments are packed'),
};
