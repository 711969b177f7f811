/** Which columns a table of records has when no `--fields` are given: what somebody who looks at it wants to see first. */
import { type Fields, plainly, tenantText, valueAt } from './fields.ts';

/** A column: the first of its paths that has a value is shown. */
export interface Column {
  readonly heading: string;
  readonly paths: readonly string[];
  /** `whole`: half of it says nothing, so it is cut last; `id`: left out where there is no room for it; `day`: a time of which the day is enough. */
  readonly is?: 'whole' | 'time' | 'day' | 'id';
  /** The same with fewer letters. */
  readonly brief?: (text: string) => string;
}

const column = (heading: string, ...paths: string[]): Column => ({ heading, paths });
const name = (heading: string, ...paths: string[]): Column => ({ heading, paths, is: 'whole' });
const day = (heading: string, ...paths: string[]): Column => ({ heading, paths, is: 'day' });
const time = (heading: string, ...paths: string[]): Column => ({ heading, paths, is: 'time' });
const tenant = column('TENANT', 'tenant.name');
const id: Column = { heading: 'ID', paths: ['id'], is: 'id' };
const os: Column = {
  heading: 'OS',
  paths: ['os.name', 'os.platform'],
  brief: (text) => text.replace(/^Windows (Server )?/, (_, server) => (server ? 'Srv ' : 'Win ')),
};

const byStream: Readonly<Record<string, readonly Column[]>> = {
  events: [
    time('CREATED', 'created_at'),
    tenant,
    column('SEVERITY', 'severity'),
    column('TYPE', 'type'),
    column('LOCATION', 'location'),
    column('NAME', 'name'),
  ],
  'siem-alerts': [
    time('CREATED', 'created_at'),
    tenant,
    column('SEVERITY', 'severity'),
    column('TYPE', 'type'),
    column('LOCATION', 'location'),
    column('DESCRIPTION', 'description'),
  ],
  alerts: [
    time('RAISED', 'raisedAt'),
    tenant,
    column('SEVERITY', 'severity'),
    column('CATEGORY', 'category'),
    column('AGENT', 'managedAgent.name', 'managedAgent.type'),
    column('DESCRIPTION', 'description', 'type'),
    id,
  ],
  endpoints: [
    name('HOSTNAME', 'hostname', 'id'),
    tenant,
    column('HEALTH', 'health.overall'),
    os,
    day('LAST SEEN', 'lastSeenAt'),
    column('TAMPER', 'tamperProtectionEnabled'),
    column('PERSON', 'associatedPerson.name', 'associatedPerson.viaLogin'),
    column('GROUP', 'group.name'),
  ],
  'local-sites': [name('URL', 'url'), tenant, column('CATEGORY', 'category.name', 'categoryId'), column('TAGS', 'tags'), column('COMMENT', 'comment'), id],
  admins: [column('NAME', 'profile.name', 'users'), tenant, column('EMAIL', 'profile.email'), column('ROLES', 'roleAssignments'), id],
  roles: [column('NAME', 'name'), tenant, column('TYPE', 'type'), column('FOR', 'principalType'), column('DESCRIPTION', 'description')],
  users: [column('NAME', 'name'), tenant, column('EMAIL', 'email'), column('LOGIN', 'exchangeLogin'), column('SOURCE', 'source.type'), id],
  'user-groups': [column('NAME', 'name'), tenant, column('USERS', 'users.total'), column('SOURCE', 'source.type'), column('DESCRIPTION', 'description')],
  'endpoint-groups': [column('NAME', 'name'), tenant, column('TYPE', 'type'), column('ENDPOINTS', 'endpoints.total'), column('DESCRIPTION', 'description')],
  policies: [column('NAME', 'name'), tenant, column('TYPE', 'type'), column('ENABLED', 'enabled'), column('PRIORITY', 'priority'), id],
  firewalls: [
    column('NAME', 'name', 'hostname'),
    tenant,
    column('SERIAL', 'serialNumber'),
    column('FIRMWARE', 'firmwareVersion'),
    column('MODEL', 'model'),
    column('CONNECTED', 'status.connected'),
    column('ADDRESSES', 'externalIpv4Addresses'),
  ],
  'firewall-groups': [column('NAME', 'name'), tenant, column('PARENT', 'parentGroup.name', 'parentGroup.id'), column('FIREWALLS', 'firewalls.total'), id],
  'account-health': [
    tenant,
    column('PROTECTION', 'endpoint.protection.computer.score'),
    column('SERVERS', 'endpoint.protection.server.score'),
    column('POLICY', 'endpoint.policy.computer.threat-protection.score'),
    column('EXCLUSIONS', 'endpoint.exclusions.global.score'),
    column('TAMPER', 'endpoint.tamperProtection.computer.score'),
  ],
  licenses: [
    column('LICENSE', 'licenseIdentifier'),
    tenant,
    column('PRODUCT', 'product.name', 'product.code'),
    column('TYPE', 'type'),
    column('QUANTITY', 'quantity'),
    column('USED', 'usage.current.count'),
    day('ENDS', 'endDate'),
  ],
  detections: [
    time('TIME', 'time', 'sensorGeneratedAt'),
    tenant,
    column('SEVERITY', 'severity'),
    column('TYPE', 'type'),
    column('DEVICE', 'device.entity'),
    column('RULE', 'detectionRule'),
    column('ATTACK', 'attackType'),
  ],
  cases: [
    name('ID', 'id'),
    tenant,
    column('SEVERITY', 'severity'),
    column('STATUS', 'status'),
    column('NAME', 'name'),
    column('ASSIGNEE', 'assignee.name', 'assignee'),
    day('CREATED', 'createdAt'),
  ],
};

const ofAny: readonly Column[] = [tenant, name('ID', 'id'), column('TYPE', 'type'), column('SEVERITY', 'severity'), column('NAME', 'name')];

/** What became of something since the last time; empty for what is new of a stream that only ever grows. */
const change: Column = column('CHANGE', 'change');

/** Which records a table is for: `changes` are those of things that come, change and go. */
export type Showing = 'state' | 'changes';

/** What a table of this stream shows; those that no record has stay empty. With `fields`, exactly these. */
export function columnsOf(stream: string, fields: readonly string[] | null, showing: Showing = 'state'): readonly Column[] {
  if (fields) return fields.map((path) => ({ heading: path, paths: [path] }));
  const usual = Object.hasOwn(byStream, stream) ? (byStream[stream] as readonly Column[]) : ofAny;
  return showing === 'changes' ? [change, ...usual] : usual;
}

/** What stands in a column of this record. */
export function textIn(fields: Fields, { paths }: Column): string {
  for (const path of paths) {
    const value = valueAt(fields, path);
    if (value === undefined || value === null || value === '') continue;
    if (path === 'tenant.name') return tenantText(value);
    // Objects in a cell help nobody; how many there are may.
    return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'object') ? String(value.length) : plainly(value);
  }
  return '';
}
