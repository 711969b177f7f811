import { compileGlob } from '../core/glob.ts';

/** What the section `tenants` says, patterns as written. */
export interface TenantsPlan {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** In the order of the file. */
  readonly labels: readonly { readonly pattern: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** Which tenants are read, and their labels. */
export interface TenantChoice {
  wants(tenant: Tenantlike): boolean;
  labelsOf(tenant: Tenantlike): Readonly<Record<string, string>>;
}

interface Tenantlike {
  readonly id: string;
  readonly name: string;
}

/** Compiles the patterns once: a pattern is an id, a name, or a glob of names; upper and lower case are the same. Later labels win. */
export function chooseTenants({ include, exclude, labels }: TenantsPlan): TenantChoice {
  const included = include.map(compilePattern);
  const excluded = exclude.map(compilePattern);
  const labelled = labels.map(({ pattern, labels: values }) => ({ matches: compilePattern(pattern), values }));
  return {
    wants: (tenant) => included.some((matches) => matches(tenant)) && !excluded.some((matches) => matches(tenant)),
    labelsOf: (tenant) => Object.assign({}, ...labelled.filter(({ matches }) => matches(tenant)).map(({ values }) => values)),
  };
}

function compilePattern(pattern: string): (tenant: Tenantlike) => boolean {
  const matches = compileGlob(pattern);
  // A name may itself hold `*` or `?`, and `[` has no meaning here.
  const exact = pattern.toLowerCase();
  // Ids are hexadecimal: `A*` for all names with an A would choose every sixteenth tenant besides.
  const matchesId = /^[0-9a-f]{8}-/.test(exact) ? matches : () => false;
  return ({ id, name }) => matches(name) || matchesId(id) || id.toLowerCase() === exact || name.toLowerCase() === exact;
}
