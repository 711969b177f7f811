import { accountHealth } from './account-health.ts';
import { alerts } from './alerts.ts';
import { detections } from './detections.ts';
import { endpoints } from './endpoints.ts';
import { events } from './events.ts';
import type { StreamKind } from './kind.ts';
import { localSites } from './local-sites.ts';
import { siemAlerts } from './siem-alerts.ts';
import { listKinds } from './snapshots.ts';

export type { StreamKind } from './kind.ts';

/** Every kind of stream there is. */
export const streams: readonly StreamKind[] = [events, siemAlerts, alerts, endpoints, localSites, accountHealth, detections, ...listKinds];
