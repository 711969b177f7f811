import { acting, byKeyOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type {
  Accepted,
  AddressChange,
  AddressesChanged,
  BulkSenderRequest,
  Mailbox,
  MailboxesDeleted,
  MailboxesMade,
  MailboxesQuery,
  NewMailbox,
} from '../shapes/mailboxes.ts';
import type { ById, Deleted } from '../shapes/parts.ts';

const addresses = of<AddressesChanged, NoQuery, AddressChange>();

/** Protected mailboxes (reference, 7.8). */
export const mailboxes = {
  list: listing('/email/v1/mailboxes', byKeyOf(100), of<Mailbox, MailboxesQuery>(), 'list the mailboxes'),
  create: acting('POST', '/email/v1/mailboxes', of<Mailbox, NoQuery, NewMailbox>(), 'create a mailbox'),
  createMany: acting('POST', '/email/v1/mailboxes/bulk', of<MailboxesMade, NoQuery, { readonly items: readonly NewMailbox[] }>(), 'create mailboxes'),
  deleteMany: acting('POST', '/email/v1/mailboxes/delete', of<MailboxesDeleted, NoQuery, { readonly items: readonly ById[] }>(), 'delete mailboxes'),
  get: reading('/email/v1/mailboxes/{id}', of<Mailbox>(), 'read a mailbox'),
  update: acting('PATCH', '/email/v1/mailboxes/{id}', of<Mailbox, NoQuery, { readonly name: string }>(), 'rename a mailbox'),
  delete: removing('/email/v1/mailboxes/{id}', of<Deleted>(), 'delete a mailbox'),
  changeAliases: acting('POST', '/email/v1/mailboxes/{id}/aliases', addresses, 'change the aliases of a mailbox'),
  changeDelegates: acting('POST', '/email/v1/mailboxes/{id}/delegates', addresses, 'change the delegates of a mailbox'),
  changeOwners: acting('POST', '/email/v1/mailboxes/{id}/distribution-list-owners', addresses, 'change the owners of a distribution list'),
  requestBulkSending: acting(
    'POST',
    '/email/v1/mailboxes/{id}/bulksender-privilege-request',
    of<Accepted, NoQuery, BulkSenderRequest>(),
    'ask that a mailbox may send in bulk',
  ),
};
