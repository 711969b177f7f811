/** The snapshot streams that are one list each: one entry says what is different. */
import type { StreamKind } from './kind.ts';
import { listKind } from './snapshot-kind.ts';

const admins = listKind({
  name: 'admins',
  summary: 'Administrators and their roles',
  datastream: 'admin',
  pageSize: 100,
  list: (calls, options) => calls.admins.list(options),
});

const roles = listKind({
  name: 'roles',
  summary: 'Roles of administrators, predefined and custom',
  datastream: 'role',
  pageSize: null,
  list: (calls, options) => calls.roles.list(options),
});

export const users = listKind({
  name: 'users',
  summary: 'People of the directory',
  datastream: 'user',
  pageSize: 100,
  list: (calls, options) => calls.users.list(options),
});

const userGroups = listKind({
  name: 'user-groups',
  summary: 'Groups of people',
  datastream: 'user-group',
  pageSize: 100,
  list: (calls, options) => calls.userGroups.list(options),
});

const endpointGroups = listKind({
  name: 'endpoint-groups',
  summary: 'Groups of computers and servers',
  datastream: 'endpoint-group',
  pageSize: 100,
  list: (calls, options) => calls.endpointGroups.list(options),
});

const policies = listKind({
  name: 'policies',
  summary: 'Endpoint policies, base and own',
  datastream: 'policy',
  pageSize: 100,
  list: (calls, options) => calls.policies.list(options),
});

const firewalls = listKind({
  name: 'firewalls',
  summary: 'Firewalls: state, model, firmware, group',
  datastream: 'firewall',
  pageSize: 1000,
  list: (calls, options) => calls.firewalls.list(options),
});

const firewallGroups = listKind({
  name: 'firewall-groups',
  summary: 'Groups of firewalls',
  datastream: 'firewall-group',
  pageSize: 100,
  // Groups within groups too.
  list: (calls, options) => calls.firewallGroups.list({ recurseSubgroups: true, ...options }),
});

const licenses = listKind({
  name: 'licenses',
  summary: 'What is licensed, until when, and how much of it is used',
  datastream: 'license',
  nameMember: 'licenseIdentifier',
  // Counted anew each day: only another count is a change.
  ignore: ['usage.current.collectedAt', 'usage.current.date'],
  pageSize: null,
  list: (calls, { signal }) => calls.licenses.list({ signal }),
});

const cases = listKind({
  name: 'cases',
  summary: 'Cases of your own, and of the analysts of Sophos',
  datastream: 'case',
  everyMs: 3_600_000,
  pageSize: 50,
  list: (calls, options) => calls.cases.list(options),
});

export const listKinds: readonly StreamKind[] = [admins, roles, users, userGroups, endpointGroups, policies, firewalls, firewallGroups, licenses, cases];
