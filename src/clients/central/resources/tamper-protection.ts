import { of, reading } from '../form.ts';
import type { GlobalTamperProtection } from '../shapes/endpoint-settings.ts';

/** The tenant's own switch; that of one endpoint stands with the endpoints (reference, 6.5). */
export const tamperProtection = {
  get: reading('/endpoint/v1/settings/tamper-protection', of<GlobalTamperProtection>(), 'read whether tamper protection is on'),
};
