import { acting, type NoQuery, of, reading } from '../form.ts';
import type { EventJournal, EventJournalChange } from '../shapes/endpoint-settings.ts';

const one = '/endpoint/v1/settings/event-journal/{endpointType}';

/** How large the journals on endpoints may grow, by the type of endpoint (reference, 6.5). */
export const eventJournal = {
  get: reading(one, of<EventJournal>(), 'read the limits of the event journal'),
  update: acting('PATCH', one, of<EventJournal, NoQuery, EventJournalChange>(), 'change the limits of the event journal'),
};
