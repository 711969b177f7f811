import { acting, byPageOf, listing, type NoQuery, needing, of, reading, removing, setting, whole } from '../form.ts';
import type {
  NewRuntimeProfile,
  RuntimeContent,
  RuntimeProfile,
  RuntimeProfileMade,
  RuntimeProfileQuery,
  RuntimeProfilesDeleted,
  RuntimeProfilesQuery,
} from '../shapes/runtime-profiles.ts';

/** What is detected at run time in the cloud (reference, 7.8). Its host is not told; it is taken to be the tenant's. */
export const runtimeProfiles = {
  list: listing('/cloud-security/v1/profiles', byPageOf(100), of<RuntimeProfile, RuntimeProfilesQuery>(), 'list the runtime profiles'),
  create: acting('POST', '/cloud-security/v1/profiles', of<RuntimeProfileMade, NoQuery, NewRuntimeProfile>(), 'create a runtime profile'),
  deleteMany: needing(
    removing('/cloud-security/v1/profiles', of<RuntimeProfilesDeleted, { readonly profileIds: readonly string[] }>(), 'delete runtime profiles'),
    'profileIds',
  ),
  get: reading('/cloud-security/v1/profiles/{profileId}', of<RuntimeProfile, RuntimeProfileQuery>(), 'read a runtime profile'),
  rename: needing(
    setting('/cloud-security/v1/profiles/{profileId}', of<Partial<RuntimeProfile>, { readonly name: string }>(), 'rename a runtime profile'),
    'name',
  ),
  defaultContents: listing('/cloud-security/v1/profiles/default-contents', whole, of<RuntimeContent>(), 'list what runtime profiles are made from'),
};
