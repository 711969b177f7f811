import { hexText, pick } from './random.ts';
import { SLOT } from './slots.ts';

/** An item with slots still in it. */
export type Sample = Readonly<Record<string, unknown>>;

/** One sort of event, how common it is, and the alert that it raises, if it raises one. */
export interface Sort {
  readonly weight: number;
  event(random: Random): Sample;
  readonly alert?: true;
}

type Random = () => number;

const USERS = [
  'ACME\\dana',
  'ZOE-LT\\Zoë',
  '\\local',
  'Nadia Example',
  "CORP\\o'brien",
  'LAB\\юрий',
  'HQ\\محمد',
  'HQ\\田中',
  'n/a',
  'DESK\\"quoted"',
  'CORP\\party🎉',
];
const FILES = [
  'C:\\Users\\dana\\Downloads\\eicar (1).com',
  'C:\\Users\\Zoë\\Documents\\setup.zip',
  "D:\\it's here\\old [2019].zip",
  'C:\\Program Files (x86)\\Kit\\bin\\psexec.exe',
  '/Users/dana/Library/Caches/com.example/installer.pkg',
  '\\\\srv-fs02\\share\\Ünïcödé\\r\u200Fتقرير.xlsm',
  'C:\\Temp\\𝒳\\enc 🧪.exe',
];
const MALWARE = ['EICAR-AV-Test', 'Troj/Example-ABCD', 'Mal/Generic-S', 'ML/PE-A', 'Unknown Threat'];
const PUAS = ['PsExec', 'Generic Reputation PUA', 'Example Toolbar'];
const SEVERITIES = ['low', 'medium', 'high'];

function device(random: Random, prefix = 'FIN-WS'): Sample {
  const source = pick(USERS, random);
  return {
    source_info: { ip: `10.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}` },
    endpoint_type: prefix.startsWith('SRV') ? 'server' : 'computer',
    endpoint_id: SLOT.endpoint,
    location: `${prefix}-${SLOT.host}`,
    source,
    ...(source === 'n/a' ? {} : { user_id: SLOT.user }),
  };
}

function event(type: string, group: string, severity: string, name: string, more: Sample = {}): Sample {
  const { when, created_at, id, customer_id } = { when: SLOT.when, created_at: SLOT.created, id: SLOT.id, customer_id: SLOT.customer };
  return { when, id, customer_id, severity, created_at, ...more, type: `Event::${type}`, group, name };
}

function remedy(path: string, random: Random, count = 1): Sample {
  const items = Array.from({ length: count }, (_, i) => ({
    type: pick(['file', 'process', 'regkey', 'thread'], random),
    result: pick(['SUCCESS', 'NOT_FOUND', 'DELETED', 'FAILED_TO_DELETE'], random),
    suspendResult: 'NOT_APPLICABLE',
    descriptor: i === 0 ? path : `${path}.${i}`,
    processPath: i % 2 === 0 ? '' : 'C:\\Windows\\explorer.exe',
    sophosPid: i % 2 === 0 ? '' : `${Math.floor(random() * 65536)}-132${Math.floor(random() * 1e9)}`,
  }));
  return { totalItems: count, items };
}

function evidence(path: string, random: Random, items: number): Sample {
  const sha = hexText(64, random);
  return {
    appSha256: sha,
    core_remedy_items: remedy(path, random, items),
    appCerts: [{ signer: 'Example Software GmbH', thumbprint: hexText(64, random) }],
    whitelist_properties: [
      { type: 'SHA256', property: sha },
      { type: 'PATH', property: path },
    ],
  };
}

function threat(
  type: string,
  group: string,
  text: string,
  names: readonly string[],
  more: (path: string, random: Random) => Sample = () => ({}),
): Sort['event'] {
  return (random) => {
    const name = pick(names, random);
    const path = pick(FILES, random);
    const seen = { threat: name, origin: pick([null, 'ML', 'SAV', 'REP_MALWARE_DETECTION', 'BLOCKLISTED'], random), ...more(path, random) };
    return event(type, group, pick(SEVERITIES, random), `${text}: '${name}' at '${path}'`, { ...device(random), ...seen });
  };
}

const RAW_IPS = [
  'Message       OS-WINDOWS SMB remote code execution attempt',
  'Reference     CVE-2017-0146',
  'Packet type   TCP',
  'Local IP:     192.0.2.31',
  'Local Port:   445',
  'Local MAC:    00-00-5E-00-53-01',
  'Remote IP:    198.51.100.7',
  'Remote Port:  50123',
  'Remote MAC:   00-00-5E-00-53-02',
].join('\n');

/** An attack from the network, with the packet's description as a text of many lines. */
function ips(random: Random): Sample {
  const reference = `2026112001.${Math.floor(random() * 1e8)}.5`;
  const ips_threat_data = { detectionType: 0, executableName: '', localPort: '445', remoteIp: '198.51.100.7', remotePort: '50123', techSupportId: reference };
  return event(
    'Endpoint::Threat::IpsInboundDetection',
    'RUNTIME_DETECTIONS',
    'low',
    `Malicious inbound network traffic blocked from remote computer at 198.51.100.7 (Technical Support reference: ${reference})`,
    { ...device(random), threat: 'IPS/Inbound/7777001', ips_threat_data: { ...ips_threat_data, rawData: RAW_IPS } },
  );
}

function amsi(random: Random): Sample {
  const powershell = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
  const processes = { processId: '7412', processName: 'powershell.exe', processPath: powershell, parentProcessId: '5216' };
  return event('Endpoint::CoreAmsiBlocked', 'RUNTIME_DETECTIONS', 'high', `AMSI Protection blocked a threat: AMSI/Example-A at ${powershell}`, {
    ...device(random),
    origin: 'AMSI_DETECTION',
    threat: 'AMSI/Example-A',
    amsi_threat_data: { ...processes, parentProcessPath: 'C:\\Program Files\\Office\\WINWORD.EXE' },
  });
}

function dlp(random: Random): Sample {
  const parts = [
    `An ″allow transfer on acceptance by user″ action was taken.  Username: ${pick(USERS, random)}`,
    'Rule names: ′Multimedia file′, ′Geschäftsführung – vertraulich′',
    'User action: File open',
    'Application Name: Firefox (V7 and higher)',
    'Data Control action: Allow',
    'File type: Media Container (TFT∕MPEG-4)',
    `File size: ${Math.floor(random() * 1e9)}`,
    'Source path: C:\\Users\\dana\\Downloads\\clip.mp4',
    'Destination path: E:\\clip.mp4',
    'Destination type: Removable storage',
  ];
  return event('Endpoint::DataLossPreventionUserAllowed', 'DATA_LOSS_PREVENTION', 'low', parts.join('  '), { ...device(random), source: 'n/a' });
}

/** The report of an exploit mitigation, long as they are. */
function exploit(random: Random): Sample {
  const process = 'C:\\Temp\\enc.exe';
  const frames = Array.from({ length: 14 }, (_, i) => `${i + 1}  0x00007FF${hexText(9, random).toUpperCase()} ntdll.dll +0x${hexText(4, random)}`);
  const details = [
    { type: 'HMPA_EVENT_TYPE', property: 'CryptoGuard' },
    { type: 'HMPA_PROCESS_PATH', property: process },
    { type: 'HMPA_PROCESS_PID', property: String(Math.floor(random() * 65536)) },
    { type: 'HMPA_PROCESS_VERSION', property: '1.0.0' },
    { type: 'HMPA_EVENT_REPORT', property: `Mitigation   CryptoGuard V5\r\nPolicy       Lockdown\r\n\r\nStack Trace\r\n${frames.join('\r\n')}` },
  ];
  return event('Endpoint::HmpaCryptoGuard', 'RUNTIME_DETECTIONS', 'high', `CryptoGuard detected ransomware in ${process}`, {
    ...device(random, 'SRV-FS'),
    threat: 'CryptoGuard',
    origin: 'HMPA_DETECTION',
    details,
  });
}

function control(type: string, group: string, names: readonly string[]): Sort['event'] {
  return (random) => event(type, group, 'low', pick(names, random), device(random));
}

/** Events without a device or without a user, and the sorts that only some products send. */
function odd(random: Random): Sample {
  const gateway = { endpoint_id: SLOT.endpoint, endpoint_type: 'utm', location: 'XGS-HQ ' };
  const all: readonly Sample[] = [
    event('ADSync::Success', 'AD_SYNC', 'low', 'Active Directory synchronization succeeded', { source: 'n/a' }),
    event('Firewall::FirewallGatewayUp', 'CONNECTIVITY', 'low', 'Firewall Gateway Up DHCP_PortB_GW', gateway),
    event('Firewall::FirewallVPNTunnelDown', 'CONNECTIVITY', 'medium', 'VPN connection "HQ-Branch" terminated, 192.0.2.1 - 198.51.100.2', gateway),
    event('Task::RenewApiToken', 'SECURITY', 'MEDIUM', 'Your API token expires soon', { source: 'n/a', origin: null, info: null }),
    event('Endpoint::Threat::CleanedUp', 'MALWARE', 'LOW', "Malware cleaned up: 'EICAR-AV-Test' at 'C:\\a\"b\\c.com'", device(random)),
    event('Wireless::AccessPoint::Offline', 'WIRELESS', 'high', 'Access point "Lobby" is offline', { endpoint_type: 'access_point', location: '"Oghara "' }),
    event('EDR.DarkBytes::CaseCreated', 'MDR', 'high', 'A case was created', { source_info: { ip: '192.0.2.9', detection_name: 'X', case_id: '1-598868' } }),
    event('Futuristic::NeverSeenBefore', 'NEW_GROUP', 'critical', 'Something that no list names\tand a tab, \u2028 a line separator', {
      ...device(random),
      brandNewKey: { nested: [1, 2.5, true, null, { deep: '\\u0000 \u0000' }], 'odd key "x"': '=|\\' },
    }),
    event('Endpoint::Mobile::NowNonCompliant', 'POLICY', 'none', 'Gerät 📱 „Müller“ ist nicht konform', {
      endpoint_type: 'mobile',
      endpoint_id: SLOT.endpoint,
      source: 'Given Family',
    }),
    event('Xgemail::DlpViolationEvent', 'SECURITY', 'medium', 'رسالة محظورة من \u202Eexample\u202C', { endpoint_type: 'mailbox', source: 'ana@example.org' }),
  ];
  return pick(all, random);
}

/** A name above 4 KB: real ones list every program that was installed. */
function long(random: Random): Sample {
  const programs = Array.from({ length: 130 }, (_, i) => `Prógram ${i} “${hexText(8, random)}” (1.${i}.0)`);
  return event('Endpoint::AppChange', 'PROTECTION', 'low', `Installed programs: ${programs.join(', ')}`, device(random));
}

const WEB = [
  "'https://tickets.example.net' warned due to category 'Shopping'",
  "'https://video.example.org/watch?v=1&list=2#t=3' blocked due to category 'Video hosting'",
  "User bypassed category block to 'http:∕∕games.example.com'",
];
const BAD_SITES = [
  'Access was blocked to "bad.example.com" because of "Mal/HTMLGen-A".',
  "Access has been blocked to 'http://x.example' as 'Mal/HTMLGen-A' has been found at this website.",
];
const APPS = ['Controlled application blocked: Kodi (Media player)', 'Controlled application blocked: µTorrent (File sharing)'];
const FAILED_UPDATES = [
  'Download of WindowsCloudServer failed from server http:∕∕dci.sophosupd.com.',
  'Could not contact server',
  'Installation of SAVXP failed',
];
const PERIPHERALS = ['Peripheral allowed: Kingston DataTraveler 3.0 USB Device', 'Peripheral allowed: USB∕CD Drive of „Büro“'];

/** Every sort of event, with how common it is. The shapes are those of reference 4.4 to 4.8 and its appendix A. */
export const sorts: readonly Sort[] = [
  { weight: 45, event: control('Endpoint::UpdateSuccess', 'UPDATING', ['Update succeeded']) },
  { weight: 25, event: (random) => ({ ...control('Endpoint::UpdateFailure', 'UPDATING', FAILED_UPDATES)(random), ...device(random, 'SRV-DC') }) },
  { weight: 36, event: control('Endpoint::WebControlViolation', 'WEB', WEB) },
  { weight: 20, event: control('Endpoint::WebFilteringBlocked', 'WEB', BAD_SITES) },
  { weight: 20, event: control('Endpoint::Application::Blocked', 'APPLICATION_CONTROL', APPS) },
  { weight: 20, event: control('Endpoint::Device::AlertedOnly', 'PERIPHERALS', PERIPHERALS) },
  { weight: 12, event: control('Endpoint::Registered', 'PROTECTION', [`New computer registered: FIN-WS-${SLOT.host}`]) },
  { weight: 10, event: control('Endpoint::SavScanComplete', 'PROTECTION', ["Scan 'Sophos Cloud Scheduled Scan' completed"]) },
  { weight: 6, event: control('Endpoint::Enc::DiskNotEncryptedEvent', 'DENC', ['Device is not encrypted.']) },
  { weight: 30, event: dlp },
  { weight: 40, event: threat('Endpoint::CorePuaDetection', 'PUA', 'PUA detected', PUAS, (path, random) => evidence(path, random, 1)) },
  { weight: 44, event: threat('Endpoint::CoreDetection', 'MALWARE', 'Malware detected', MALWARE, (path, random) => evidence(path, random, 4)) },
  { weight: 24, event: threat('Endpoint::Threat::Detected', 'MALWARE', 'Malware detected', MALWARE) },
  { weight: 12, alert: true, event: threat('Endpoint::Threat::CleanupFailed', 'MALWARE', 'Manual cleanup required', MALWARE) },
  {
    weight: 12,
    alert: true,
    event: threat('Endpoint::Threat::PuaCleanupFailed', 'PUA', 'Manual PUA cleanup required', PUAS, (path, random) => ({
      core_remedy_items: remedy(path, random, 2),
    })),
  },
  { weight: 30, event: amsi },
  { weight: 40, event: ips },
  { weight: 34, alert: true, event: exploit },
  { weight: 8, alert: true, event: (random) => event('Endpoint::OutOfDate', 'UPDATING', 'medium', `FIN-WS-${SLOT.host} is out of date.`, device(random)) },
  { weight: 4, alert: true, event: lostFirewall },
  { weight: 24, event: odd },
  { weight: 3, event: long },
];

function lostFirewall(random: Random): Sample {
  const minutes = 30 + Math.floor(random() * 900);
  const type = 'Firewall::LostConnectionToSophosCentral';
  const firewall = { endpoint_id: SLOT.endpoint, endpoint_type: 'utm', location: 'XGS-HQ ' };
  return event(type, 'CONNECTIVITY', 'high', `Firewall has not contacted Sophos Central for the past ${minutes} minutes`, firewall);
}

/** The alert that an event raises: the same id, other field names, and `data` with its oddities. */
export function alertOf(raised: Sample, random: Random): Sample {
  const { name, group, source_info, endpoint_id, endpoint_type, user_id, core_remedy_items, details, origin, ...kept } = raised;
  const firewall = endpoint_type === 'utm';
  const expanded = random() < 0.5;
  return {
    ...(firewall ? { javaUUID: SLOT.javaId, actionable: false } : {}),
    ...kept,
    event_service_event_id: SLOT.id,
    description: name,
    ...(kept.threat === undefined ? { info: null } : { threat_cleanable: false }),
    data: {
      endpoint_id,
      endpoint_java_id: endpoint_id,
      endpoint_type,
      endpoint_platform: firewall ? 'unknown' : 'windows',
      created_at: SLOT.createdMs,
      inserted_at: SLOT.createdMs,
      event_service_id: expanded ? { type: 3, data: SLOT.rawId } : SLOT.id,
      ...(source_info === undefined ? {} : { source_info, policy_type: 30, source_app_id: 'CORE', certificates: [] }),
      ...(kept.threat === undefined ? {} : { threat_status: 'CLEANUP_FAILED', threat_id: threatId(expanded) }),
      ...(core_remedy_items === undefined ? {} : { core_remedy_items }),
      ...(details === undefined ? {} : { app_id: 'HMPA', hmpa_exploit: hmpa(random) }),
    },
  };
}

function threatId(expanded: boolean): unknown {
  if (!expanded) return SLOT.user;
  const parts = { timestamp: 1669273672, machineIdentifier: 13006844, processIdentifier: 3865, counter: 5044432 };
  return { ...parts, time: 1669273672000, date: 1669273672000, timeSecond: 1669273672 };
}

function hmpa(random: Random): Sample {
  return {
    uid: '344b9a0b-2271-0e14-0c61-0fa89122c6ad',
    family_id: 'aecab125-0118-4828-a2bb-c0815aa5864d',
    type: 'CryptoGuard',
    version: '2.13.7',
    process_name: 'enc',
    process_path: 'C:\\Temp\\enc.exe',
    process_pid: String(Math.floor(random() * 65536)),
    process_version: '1.0.0',
    thumbprint: hexText(64, random),
  };
}
