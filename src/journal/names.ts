/** The register of tenants' names in paths: once given, a name is never given to anybody else. */

import type { TenantNames } from '../core/kinds.ts';
import { foldName, safeTenantName, tellApart } from '../core/tenant-name.ts';
import type { Tenant } from '../core/types.ts';
import type { Database } from './database.ts';

/** Where names are kept. */
export interface NameRegister {
  /** Who holds the folded name, and how it is spelled. */
  holder(folded: string): { readonly tenant: string; readonly name: string } | undefined;
  hold(folded: string, name: string, tenant: string): void;
}

export function openNames(register: NameRegister): TenantNames {
  // Asked for every parcel: the answer is remembered by what it depends on.
  const known = new Map<string, string>();

  function nameOf(tenant: Tenant): string {
    const plain = safeTenantName(tenant);
    // Somebody may be called just like another's told-apart name, hence several.
    for (let name = plain, round = 0; ; name = tellApart(round === 0 ? plain : `${plain}_${round + 1}`, tenant.id), round++) {
      const folded = foldName(name);
      const holder = register.holder(folded);
      if (holder && holder.tenant !== tenant.id) continue;
      if (holder) return holder.name;
      register.hold(folded, name, tenant.id);
      return name;
    }
  }

  return {
    of(tenant) {
      const asked = `${tenant.id}\n${tenant.name}`;
      const before = known.get(asked);
      if (before !== undefined) return before;
      const name = nameOf(tenant);
      known.set(asked, name);
      return name;
    },
  };
}

/** The register in the journal; beside the owner a name can be looked up but not given. */
export function registerOf(db: Database, mode: 'own' | 'beside'): NameRegister {
  return {
    holder: (folded) => db.get('SELECT tenant, name FROM tenant_names WHERE folded = ?', folded),
    hold(folded, name, tenant) {
      if (mode === 'own') db.write(() => db.run('INSERT INTO tenant_names (folded, name, tenant) VALUES (?, ?, ?)', folded, name, tenant));
    },
  };
}
