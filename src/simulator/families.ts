import { idOf, mix32 } from './random.ts';

/** The family of the ids of a tenant's endpoints: SIEM records and the Endpoint API speak of the same ones. */
export function endpointFamily(tenantNumber: number): number {
  return mix32(tenantNumber ^ 0xe4d);
}

export function endpointId(tenantNumber: number, index: number): string {
  return idOf(endpointFamily(tenantNumber), index);
}
