import { acting, of, reading } from '../form.ts';
import type { Attestation, NewAttestation } from '../shapes/attestations.ts';
import type { Chosen } from '../shapes/parts.ts';

/** Questions to people about what they did (reference, 7.8). */
export const attestations = {
  create: acting('POST', '/user-activity-verification/v1/attestations', of<Attestation, Chosen, NewAttestation>(), 'ask a person for an attestation'),
  get: reading('/user-activity-verification/v1/attestations/{attestationId}', of<Attestation, Chosen>(), 'read an attestation'),
};
