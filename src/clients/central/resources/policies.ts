import { acting, byPageOf, listing, type NoQuery, of, reading, removing, triggering } from '../form.ts';
import type { Deleted } from '../shapes/parts.ts';
import type {
  BasePolicyChange,
  NewPolicy,
  Policy,
  PolicyChange,
  PolicyCopy,
  PolicyMetadata,
  PolicyQuery,
  PolicySetting,
  PolicySettings,
  PolicySettingsChange,
} from '../shapes/policies.ts';

const all = '/endpoint/v1/policies';
const base = `${all}/{policyType}/base`;

/** Policies that are laid over the base (reference, 6.4). */
export const policies = {
  list: listing(all, byPageOf(100), of<Policy, PolicyQuery>(), 'list the policies'),
  create: acting('POST', all, of<Policy, NoQuery, NewPolicy>(), 'add a policy'),
  metadata: reading(`${all}/settings`, of<PolicyMetadata, Pick<PolicyQuery, 'policyType'>>(), 'read which settings policies have'),
  get: reading(`${all}/{policyId}`, of<Policy>(), 'read a policy'),
  update: acting('PATCH', `${all}/{policyId}`, of<Policy, NoQuery, PolicyChange>(), 'change a policy'),
  delete: removing(`${all}/{policyId}`, of<Deleted>(), 'delete a policy'),
  settings: reading(`${all}/{policyId}/settings`, of<PolicySettings>(), 'read the settings of a policy'),
  updateSettings: acting('PATCH', `${all}/{policyId}/settings`, of<PolicySettings, NoQuery, PolicySettingsChange>(), 'change the settings of a policy'),
  resetSettings: triggering(`${all}/{policyId}/settings/reset`, of<PolicySettings>(), 'reset the settings of a policy'),
  setting: reading(`${all}/{policyId}/settings/{settingKey}`, of<PolicySetting>(), 'read a setting of a policy'),
  resetSetting: triggering(`${all}/{policyId}/settings/{settingKey}/reset`, of<PolicySetting>(), 'reset a setting of a policy'),
  clone: acting('POST', `${all}/{policyId}/clone`, of<Policy, NoQuery, PolicyCopy>(), 'copy a policy'),
};

/** The policies that apply where no other does, one of each type (reference, 6.4). */
export const basePolicies = {
  get: reading(base, of<Policy>(), 'read a base policy'),
  update: acting('PATCH', base, of<Policy, NoQuery, BasePolicyChange>(), 'change a base policy'),
  settings: reading(`${base}/settings`, of<PolicySettings>(), 'read the settings of a base policy'),
  updateSettings: acting('PATCH', `${base}/settings`, of<PolicySettings, NoQuery, PolicySettingsChange>(), 'change the settings of a base policy'),
  resetSettings: triggering(`${base}/settings/reset`, of<PolicySettings>(), 'reset the settings of a base policy'),
  setting: reading(`${base}/settings/{settingKey}`, of<PolicySetting>(), 'read a setting of a base policy'),
  updateSetting: acting('PATCH', `${base}/settings/{settingKey}`, of<PolicySetting, NoQuery, PolicySettingsChange>(), 'change a setting of a base policy'),
  resetSetting: triggering(`${base}/settings/{settingKey}/reset`, of<PolicySetting>(), 'reset a setting of a base policy'),
  clone: acting('POST', `${base}/clone`, of<Policy, NoQuery, PolicyCopy>(), 'copy a base policy'),
};
