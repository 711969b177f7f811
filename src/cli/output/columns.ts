/** Which columns a table of records has when no `--fields` are given: what somebody who looks at it wants to see first. */
import { cellOf, type Fields, valueAt } from './fields.ts';

/** A column: the first of its paths that has a value is shown. */
export interface Column {
  readonly heading: string;
  readonly paths: readonly string[];
  /** Half of it says nothing: it is cut last. */
  readonly isWhole?: boolean;
}

const column = (heading: string, ...paths: string[]): Column => ({ heading, paths });
const time = (heading: string, ...paths: string[]): Column => ({ heading, paths, isWhole: true });
const tenant = column('TENANT', 'tenant.name');

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
    column('ID', 'id'),
  ],
  endpoints: [
    column('HOSTNAME', 'hostname', 'id'),
    tenant,
    column('HEALTH', 'health.overall'),
    column('OS', 'os.name', 'os.platform'),
    time('LAST SEEN', 'lastSeenAt'),
    column('TAMPER', 'tamperProtectionEnabled'),
    column('PERSON', 'associatedPerson.name', 'associatedPerson.viaLogin'),
    column('GROUP', 'group.name'),
  ],
  'local-sites': [
    column('URL', 'url'),
    tenant,
    column('CATEGORY', 'category.name', 'categoryId'),
    column('TAGS', 'tags'),
    column('COMMENT', 'comment'),
    column('ID', 'id'),
  ],
  admins: [column('NAME', 'profile.name', 'users'), tenant, column('EMAIL', 'profile.email'), column('ROLES', 'roleAssignments'), column('ID', 'id')],
  roles: [column('NAME', 'name'), tenant, column('TYPE', 'type'), column('FOR', 'principalType'), column('DESCRIPTION', 'description')],
  users: [column('NAME', 'name'), tenant, column('EMAIL', 'email'), column('LOGIN', 'exchangeLogin'), column('SOURCE', 'source.type'), column('ID', 'id')],
  'user-groups': [column('NAME', 'name'), tenant, column('USERS', 'users.total'), column('SOURCE', 'source.type'), column('DESCRIPTION', 'description')],
  'endpoint-groups': [column('NAME', 'name'), tenant, column('TYPE', 'type'), column('ENDPOINTS', 'endpoints.total'), column('DESCRIPTION', 'description')],
  policies: [column('NAME', 'name'), tenant, column('TYPE', 'type'), column('ENABLED', 'enabled'), column('PRIORITY', 'priority'), column('ID', 'id')],
  firewalls: [
    column('NAME', 'name', 'hostname'),
    tenant,
    column('SERIAL', 'serialNumber'),
    column('FIRMWARE', 'firmwareVersion'),
    column('MODEL', 'model'),
    column('CONNECTED', 'status.connected'),
    column('ADDRESSES', 'externalIpv4Addresses'),
  ],
  'firewall-groups': [
    column('NAME', 'name'),
    tenant,
    column('PARENT', 'parentGroup.name', 'parentGroup.id'),
    column('FIREWALLS', 'firewalls.total'),
    column('ID', 'id'),
  ],
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
    time('ENDS', 'endDate'),
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
    column('ID', 'id'),
    tenant,
    column('SEVERITY', 'severity'),
    column('STATUS', 'status'),
    column('NAME', 'name'),
    column('ASSIGNEE', 'assignee.name', 'assignee'),
    time('CREATED', 'createdAt'),
  ],
};

const ofAny: readonly Column[] = [tenant, column('ID', 'id'), column('TYPE', 'type'), column('SEVERITY', 'severity'), column('NAME', 'name')];

/** What a table of this stream shows; those that no record has stay empty. With `fields`, exactly these. */
export function columnsOf(stream: string, fields: readonly string[] | null): readonly Column[] {
  if (fields) return fields.map((path) => ({ heading: path, paths: [path] }));
  return Object.hasOwn(byStream, stream) ? (byStream[stream] as readonly Column[]) : ofAny;
}

/** What stands in a column of this record. */
export function textIn(fields: Fields, { paths }: Column): string {
  for (const path of paths) {
    const value = valueAt(fields, path);
    if (value !== undefined && value !== null && value !== '') return Array.isArray(value) && value.every(isPlain) ? value.join(', ') : String(cellOf(value));
  }
  return '';
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
