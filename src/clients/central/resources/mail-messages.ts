import { acting, listing, type NoQuery, of, whole } from '../form.ts';
import type { Clawback, ClawbackAccepted, MessageStatus } from '../shapes/quarantine.ts';

/** Mail that was delivered (reference, 7.8). */
export const mailMessages = {
  clawback: acting('POST', '/email/v1/messages/{id}/clawback', of<ClawbackAccepted, NoQuery, Clawback>(), 'take a message back out of mailboxes'),
  status: listing('/email/v1/messages/{id}/status', { ...whole, sharesIds: true }, of<MessageStatus>(), 'ask what became of a message'),
};
