import { events } from './events.ts';
import type { StreamKind } from './kind.ts';
import { siemAlerts } from './siem-alerts.ts';

export type { StreamKind } from './kind.ts';

/** Every kind of stream there is. */
export const streams: readonly StreamKind[] = [events, siemAlerts];
