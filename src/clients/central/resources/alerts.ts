import { acting, byBodyKeyOf, byKeyOf, listing, type NoQuery, of, reading, searching } from '../form.ts';
import type { Alert, AlertActionRequest, AlertActionState, AlertQuery } from '../shapes/alerts.ts';
import type { Chosen } from '../shapes/parts.ts';

/** Open alerts (reference, 5.1). */
export const alerts = {
  list: listing('/common/v1/alerts', byKeyOf(1000), of<Alert, AlertQuery>(), 'list the alerts'),
  search: searching('/common/v1/alerts/search', byBodyKeyOf(1000), of<Alert, NoQuery, AlertQuery>(), 'search the alerts'),
  get: reading('/common/v1/alerts/{alertId}', of<Alert, Chosen>(), 'read an alert'),
  act: acting('POST', '/common/v1/alerts/{alertId}/actions', of<AlertActionState, NoQuery, AlertActionRequest>(), 'act on an alert'),
};
