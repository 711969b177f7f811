import type { Fields } from './values.ts';

const none = {
  amsi_threat_data: undefined,
  appSha256: undefined,
  associatedPerson: undefined,
  category: undefined,
  core_remedy_items: undefined,
  created_at: undefined,
  createdAt: undefined,
  data: undefined,
  description: undefined,
  details: undefined,
  device: undefined,
  endpoint_id: undefined,
  endpoint_type: undefined,
  event_service_event_id: undefined,
  externalIpv4Addresses: undefined,
  full_file_path: undefined,
  group: undefined,
  hostname: undefined,
  id: undefined,
  ips_threat_data: undefined,
  ipv4Addresses: undefined,
  ipv6Addresses: undefined,
  location: undefined,
  macAddresses: undefined,
  managedAgent: undefined,
  name: undefined,
  origin: undefined,
  os: undefined,
  person: undefined,
  raisedAt: undefined,
  ruleDescription: undefined,
  sensorGeneratedAt: undefined,
  severity: undefined,
  source: undefined,
  source_info: undefined,
  status: undefined,
  threat: undefined,
  time: undefined,
  type: undefined,
  updatedAt: undefined,
  user_id: undefined,
  when: undefined,
};

type Member = keyof typeof none;

/**
 * The members of an item that the readers look at.
 *
 * Items come in hundreds of shapes, and an engine pays for each member that is asked of a shape it has not seen. Going once over what is
 * there, into objects of one shape, halves the time of `readFacts`.
 */
export type Members = Readonly<Record<Member, unknown>>;

const names: ReadonlySet<string> = new Set(Object.keys(none));

const isMember = (key: string): key is Member => names.has(key);

/** Takes the members out of an item; those that it lacks are undefined. */
export function membersOf(item: Fields): Members {
  const members: Record<Member, unknown> = { ...none };
  for (const key in item) if (isMember(key)) members[key] = item[key];
  return members;
}
