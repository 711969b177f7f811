/**
 * Where the Elastic integration puts Sophos' own fields below `sophos_central.event` and `sophos_central.alert`, and as what.
 *
 * `'target sort'`; a `=` behind it says that an ECS field holds the same, so that it is written only with `preserveDuplicateCustomFields`.
 * Source: elastic/integrations, packages/sophos_central, pipelines and fields of both data streams.
 */
import type { Sort } from './sorts.ts';

/** A member's place: its target and sort, or an object, or a list of them, with places of its own. */
export type Places = Readonly<{ [member: string]: `${string} ${Sort}${'' | ' ='}` | readonly [target: string, within: Places] }>;

const remedies: Places = {
  items: [
    'items',
    {
      type: 'type keyword',
      result: 'result keyword',
      suspendResult: 'suspend_result keyword',
      descriptor: 'descriptor keyword',
      processPath: 'process_path keyword',
      sophosPid: 'sophos_pid keyword',
    },
  ],
  totalItems: 'total_items long',
};

const eventPlaces: Places = {
  id: 'id keyword =',
  created_at: 'created_at date =',
  when: 'when date =',
  name: 'name keyword =',
  type: 'type keyword',
  severity: 'severity keyword',
  group: 'group keyword',
  origin: 'origin keyword',
  location: 'location keyword',
  threat: 'threat keyword =',
  customer_id: 'customer_id keyword =',
  user_id: 'user_id keyword =',
  source: 'source user',
  source_info: ['source_info', { ip: 'ip ip =' }],
  endpoint_id: 'endpoint.id keyword',
  endpoint_type: 'endpoint.type keyword',
  appSha256: 'app_sha256 sha256 =',
  appCerts: ['app_certs', { signer: 'signer keyword', thumbprint: 'thumbprint keyword' }],
  core_remedy_items: ['core_remedy', remedies],
  whitelist_properties: 'whitelist_properties objects',
  details: 'details objects',
  amsi_threat_data: [
    'amsi_threat_data',
    {
      processId: 'process.id keyword',
      processName: 'process.name keyword =',
      processPath: 'process.path keyword =',
      parentProcessId: 'parent_process.id pid =',
      parentProcessPath: 'parent_process.path keyword =',
    },
  ],
  ips_threat_data: [
    'ips_threat_data',
    {
      detectionType: 'detection_type long',
      executableName: 'executable.name keyword',
      executablePath: 'executable.path keyword =',
      executablePid: 'executable.pid long =',
      executableVersion: 'executable.version keyword',
      localPort: 'local_port port =',
      remoteIp: 'remote.ip ip =',
      remotePort: 'remote.port port =',
      rawData: 'raw_data lines',
      techSupportId: 'tech_support_id keyword',
    },
  ],
};

const objectId: Places = {
  counter: 'counter long',
  date: 'date date',
  machineIdentifier: 'machine_identifier long',
  processIdentifier: 'process_identifier long',
  time: 'time date',
  timeSecond: 'time_sec seconds',
  timestamp: 'timestamp seconds',
};

const alertData: Places = {
  app_id: 'app_id keyword',
  certificates: 'certificates keyword',
  core_remedy_items: ['core_remedy', remedies],
  created_at: 'created_at date',
  endpoint_id: 'endpoint.id keyword',
  endpoint_java_id: 'endpoint.java_id keyword',
  endpoint_platform: 'endpoint.platform keyword',
  endpoint_type: 'endpoint.type keyword',
  event_service_id: ['event_service_id', { data: 'data keyword', type: 'type long' }],
  hmpa_exploit: [
    'hmpa_exploit',
    {
      family_id: 'family_id keyword',
      process_name: 'process_name keyword =',
      process_path: 'process_path keyword',
      process_pid: 'process_pid long =',
      process_version: 'process_version keyword',
      thumbprint: 'thumbprint keyword',
      type: 'type keyword',
      uid: 'uid keyword',
      version: 'version keyword',
    },
  ],
  inserted_at: 'inserted_at date',
  ips_threat: [
    'ips_threat',
    {
      detection_type: 'detection_type long',
      executable_name: 'executable.name keyword',
      executable_path: 'executable.path keyword',
      executable_pid: 'executable.pid keyword',
      executable_version: 'executable.version keyword',
      local_port: 'local_port long',
      remote_ip: 'remote.ip ip =',
      remote_port: 'remote.port port =',
      raw_data: 'raw_data lines',
      tech_support_id: 'tech_support_id keyword',
    },
  ],
  make_actionable_at: 'make_actionable_at date',
  policy_type: 'policy_type long',
  source_app_id: 'source_app_id keyword',
  source_info: 'source_info_ip address =',
  threat_id: ['threat_id', objectId],
  threat_status: 'threat_status keyword',
  user_match_id: ['user_match_id', objectId],
  user_match_uuid: ['user_match_uuid', { data: 'data keyword', type: 'type long' }],
};

const alertPlaces: Places = {
  id: 'id keyword =',
  created_at: 'created_at date =',
  when: 'when date =',
  description: 'description keyword =',
  type: 'type keyword =',
  severity: 'severity keyword',
  location: 'location keyword',
  customer_id: 'customer_id keyword =',
  event_service_event_id: 'event_service_event_id keyword',
  source: 'source user',
  threat: 'threat.value keyword',
  threat_cleanable: 'threat.cleanable boolean',
  data: ['data', alertData],
};

/** By the name below `sophos_central`; other streams are copied as they are, in snake_case. */
export const placesOf: Readonly<Record<string, Places>> = { event: eventPlaces, alert: alertPlaces };
