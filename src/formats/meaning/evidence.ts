import type { Members } from './members.ts';
import type { Told } from './sentences.ts';
import { baseName, type Fields, fieldsIn, ipIn, isFields, listIn, macIn, portIn, sha256In, textIn, wholeIn } from './values.ts';

export interface FileSeen {
  readonly path: string;
  readonly name: string;
  readonly sha256?: string | undefined;
  /** Of clean-up: `SUCCESS`, `FAILED_TO_DELETE` ... */
  readonly result?: string | undefined;
}

export interface ProcessSeen {
  readonly pid?: number | undefined;
  readonly name?: string | undefined;
  readonly path?: string | undefined;
  readonly version?: string | undefined;
  readonly parentPid?: number | undefined;
  readonly parentPath?: string | undefined;
}

export interface Peer {
  readonly ip?: string | undefined;
  readonly port?: number | undefined;
  readonly mac?: string | undefined;
}

export interface NetworkSeen {
  /** Seen from the device. */
  readonly direction: 'inbound' | 'outbound' | 'unknown';
  readonly local: Peer;
  readonly remote: Peer;
  readonly protocol?: string | undefined;
  readonly message?: string | undefined;
  readonly cve?: string | undefined;
  /** Of the program that was on the network. */
  readonly sha256?: string | undefined;
}

/** What was found, in the parts that every target knows. */
export interface Evidence {
  /** At most 50. The first is the one that the sentence names, where it names one. */
  readonly files: readonly FileSeen[];
  /** `appSha256`: of the first file. */
  readonly sha256?: string | undefined;
  readonly process?: ProcessSeen | undefined;
  readonly network?: NetworkSeen | undefined;
  /** How clean-up of the parts ended. */
  readonly cleanup?: 'done' | 'failed' | 'partly' | undefined;
}

const maxFiles = 50;

/** Reads the parts; `data` is where alerts keep them. */
export function readEvidence(item: Members, data: Fields, told: Told): Evidence {
  const sha256 = sha256In(item.appSha256);
  const remedies = listIn((isFields(item.core_remedy_items) ? item.core_remedy_items : fieldsIn(data.core_remedy_items)).items);
  return {
    files: filesIn(remedies, textIn(item.full_file_path) ?? told.path, sha256),
    sha256,
    process: processIn(item, data),
    network: networkIn(item, data),
    cleanup: remedies.length === 0 ? undefined : cleanupOf(remedies),
  };
}

const noFiles: readonly FileSeen[] = Object.freeze([]);

function filesIn(remedies: readonly unknown[], path: string | undefined, sha256: string | undefined): readonly FileSeen[] {
  if (remedies.length === 0 && path === undefined) return noFiles;
  const files: FileSeen[] = [];
  for (const remedy of remedies.slice(0, maxFiles)) {
    const { type, descriptor, result } = fieldsIn(remedy);
    const at = textIn(descriptor);
    if (type === 'file' && at !== undefined) files.push({ path: at, name: baseName(at), sha256: at === path ? sha256 : undefined, result: textIn(result) });
  }
  if (path === undefined || path === '') return files;
  const named = files.findIndex((file) => file.path === path);
  const [first] = named < 0 ? [{ path, name: baseName(path), sha256 }] : files.splice(named, 1);
  return first === undefined ? files : [first, ...files.slice(0, maxFiles - 1)];
}

const done: ReadonlySet<unknown> = new Set(['SUCCESS', 'DELETED', 'NOT_FOUND', 'NOT_APPLICABLE', 'WHITELISTED']);

function cleanupOf(remedies: readonly unknown[]): NonNullable<Evidence['cleanup']> {
  let failures = 0;
  for (const remedy of remedies) if (!done.has(fieldsIn(remedy).result)) failures++;
  if (failures === 0) return 'done';
  return failures === remedies.length ? 'failed' : 'partly';
}

function processIn(item: Members, data: Fields): ProcessSeen | undefined {
  if (isFields(item.amsi_threat_data)) return ofScript(item.amsi_threat_data);
  if (isFields(data.hmpa_exploit)) return ofExploit(data.hmpa_exploit);
  if (isFields(item.ips_threat_data)) return ofNetwork(item.ips_threat_data, 'executableName', 'executablePath', 'executablePid', 'executableVersion');
  if (isFields(data.ips_threat)) return ofNetwork(data.ips_threat, 'executable_name', 'executable_path', 'executable_pid', 'executable_version');
  return ofDetails(item.details);
}

function ofScript({ processId, processName, processPath, parentProcessId, parentProcessPath }: Fields): ProcessSeen {
  return {
    pid: wholeIn(processId),
    name: textIn(processName),
    path: textIn(processPath),
    parentPid: wholeIn(parentProcessId),
    parentPath: textIn(parentProcessPath),
  };
}

function ofExploit({ process_pid, process_name, process_path, process_version }: Fields): ProcessSeen {
  return { pid: wholeIn(process_pid), name: textIn(process_name), path: textIn(process_path), version: textIn(process_version) };
}

function ofNetwork(seen: Fields, name: string, path: string, pid: string, version: string): ProcessSeen | undefined {
  const process = { pid: wholeIn(seen[pid]), name: textIn(seen[name]), path: textIn(seen[path]), version: textIn(seen[version]) };
  return process.pid === undefined && process.name === undefined && process.path === undefined ? undefined : process;
}

/** `details` of exploits: pairs of type and property. */
function ofDetails(details: unknown): ProcessSeen | undefined {
  let pid: number | undefined;
  let path: string | undefined;
  let version: string | undefined;
  for (const detail of listIn(details).slice(0, 100)) {
    const { type, property } = fieldsIn(detail);
    if (type === 'HMPA_PROCESS_PID') pid = wholeIn(property);
    else if (type === 'HMPA_PROCESS_PATH') path = textIn(property);
    else if (type === 'HMPA_PROCESS_VERSION') version = textIn(property);
  }
  return pid === undefined && path === undefined ? undefined : { pid, path, name: path === undefined ? undefined : baseName(path), version };
}

function networkIn(item: Members, data: Fields): NetworkSeen | undefined {
  if (isFields(item.ips_threat_data)) {
    const { detectionType, localPort, remotePort, remoteIp, rawData } = item.ips_threat_data;
    return seenOnNetwork(detectionType, localPort, remotePort, remoteIp, rawData);
  }
  if (!isFields(data.ips_threat)) return undefined;
  const { detection_type, local_port, remote_port, remote_ip, raw_data } = data.ips_threat;
  return seenOnNetwork(detection_type, local_port, remote_port, remote_ip, raw_data);
}

function seenOnNetwork(type: unknown, localPort: unknown, remotePort: unknown, remoteIp: unknown, raw: unknown): NetworkSeen {
  const lines = rawDataLines(raw);
  const kind = wholeIn(type);
  const reference = lines.get('Reference');
  return {
    direction: kind === 0 ? 'inbound' : kind === 1 ? 'outbound' : 'unknown',
    local: { ip: ipIn(lines.get('Local IP')), port: portIn(localPort) ?? portIn(lines.get('Local Port')), mac: macIn(lines.get('Local MAC')) },
    remote: {
      ip: ipIn(remoteIp) ?? ipIn(lines.get('Remote IP')),
      port: portIn(remotePort) ?? portIn(lines.get('Remote Port')),
      mac: macIn(lines.get('Remote MAC')),
    },
    protocol: lines.get('Packet type'),
    message: lines.get('Message'),
    cve: reference !== undefined && /^CVE-\d{4}-\d{4,10}$/i.test(reference) ? reference.toUpperCase() : undefined,
    sha256: sha256In(lines.get('SHA-256')),
  };
}

const rawLabels = [
  ...['Message', 'Reference', 'Packet type', 'Local IP', 'Local Port', 'Local MAC', 'Remote IP', 'Remote Port', 'Remote MAC'],
  ...['PID', 'Executable', 'Version', 'Signer', 'SHA-256'],
];

/** The lines of `rawData`, each a label, perhaps a colon, and a value. */
export function rawDataLines(raw: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (typeof raw !== 'string') return found;
  for (const line of raw.slice(0, 8192).split('\n').slice(0, 40)) {
    const label = rawLabels.find((each) => line.startsWith(each));
    if (label === undefined || found.has(label)) continue;
    const from = label.length + (line[label.length] === ':' ? 1 : 0);
    const value = line.slice(from).trim();
    if (value !== '') found.set(label, value);
  }
  return found;
}
