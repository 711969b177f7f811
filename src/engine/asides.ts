import type { Tenant } from '../core/types.ts';

/**
 * Which tenants are set aside: those of which nothing can be read.
 *
 * A refusal of one stream says little: a role may lack one permission, or a product its licence. So a tenant is set aside while every stream of it
 * that has been tried was refused; as soon as one can be read, only the others are.
 */
export interface Asides {
  /** The stream was refused. Is it the whole tenant's fate, as far as is known, and is that news? */
  refused(tenant: Tenant, stream: string): { readonly isTenant: boolean; readonly isNews: boolean };
  /** The stream was read. True when this ends the tenant's being set aside. */
  read(tenant: Tenant, stream: string): boolean;
  /** Set aside by an earlier run, or by the account's list. */
  mark(tenantId: string): void;
  /** Can anything of it be read? */
  isReadable(tenantId: string): boolean;
}

interface Fate {
  readonly read: Set<string>;
  readonly refused: Set<string>;
  isAside: boolean;
  isTold: boolean;
}

export function openAsides(): Asides {
  const fates = new Map<string, Fate>();

  function fateOf(id: string): Fate {
    const fate = fates.get(id) ?? { read: new Set(), refused: new Set(), isAside: false, isTold: false };
    fates.set(id, fate);
    return fate;
  }

  return {
    refused(tenant, stream) {
      const fate = fateOf(tenant.id);
      const wasRefused = fate.refused.has(stream);
      const { isTold } = fate;
      fate.read.delete(stream);
      fate.refused.add(stream);
      const isTenant = fate.read.size === 0;
      if (isTenant) {
        fate.isAside = true;
        fate.isTold = true;
      }
      return { isTenant, isNews: isTenant ? !isTold : !wasRefused };
    },
    read(tenant, stream) {
      const fate = fateOf(tenant.id);
      const { isAside } = fate;
      fate.refused.delete(stream);
      fate.read.add(stream);
      fate.isAside = false;
      fate.isTold = false;
      return isAside;
    },
    mark(tenantId) {
      fateOf(tenantId).isAside = true;
    },
    isReadable: (tenantId) => (fates.get(tenantId)?.read.size ?? 0) > 0,
  };
}
