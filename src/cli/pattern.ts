import { chooseTenants } from '../config/tenants.ts';

interface Tenantlike {
  readonly id: string;
  readonly name: string;
}

/** An id, a name or a glob of names, as typed after `--tenant`; upper and lower case are the same. */
export function compilePattern(pattern: string): (tenant: Tenantlike) => boolean {
  const { wants } = chooseTenants({ include: [pattern], exclude: [], labels: [] });
  return wants;
}
