/** Where siem.py writes, as a sink and a format of ours that give the same bytes. */
import { lstat, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import { Failure } from '../../../core/failure.ts';
import type { Finding } from '../takeover.ts';
import type { SiemSettings } from './settings.ts';

export interface SiemOutput {
  /** The sink's name. */
  readonly name: string;
  readonly sink: { readonly [option: string]: Tree };
  readonly format: Tree;
  /** The file that is continued; `null` when it is none. */
  readonly file: string | null;
  readonly findings: readonly Finding[];
}

const formats: Readonly<Record<string, string>> = { json: 'siem-json', cef: 'siem-cef', keyvalue: 'siem-keyvalue', 'non-streamed-json': 'siem-json' };
/** Of the sink that goes on with the output file, and of its route. */
export const fileRoute = 'log';
/** Those that siem.py takes. */
const facilities = 'auth cron daemon kern lpr mail news syslog user uucp local0 local1 local2 local3 local4 local5 local6 local7'.split(' ');
/** Python sends whatever a datagram holds. */
const datagramBytes = '65KB';
const streamBytes = '1MB';

/**
 * The output.
 *
 * Shape    paths start at `folder`, where the configuration will lie.
 * Throws   config `import.siem` for a value with which siem.py itself would not start, or that cannot be written in a path of ours.
 */
export async function outputOf(settings: SiemSettings, folder: string): Promise<SiemOutput> {
  const type = formats[settings.format];
  if (type === undefined) throw wrong(settings, 'format', '`json`, `cef` or `keyvalue`');
  const format: Tree = settings.convertDhost ? type : { type, convertDhost: false };
  const written: Finding[] = [{ outcome: 'taken', what: `format = ${settings.format}`, how: `\`${type}\`: the same bytes` }];
  if (!settings.convertDhost) written.push({ outcome: 'taken', what: 'convert_dhost_field_to_valid_fqdn = false', how: '`convertDhost: false`' });
  if (settings.filename === 'stdout') {
    const findings = [...written, taken('filename = stdout', 'standard output, one record per line'), ...arrayFindings(settings, 'one object per line')];
    return { name: 'stdout', sink: { type: 'stdout' }, format, file: null, findings };
  }
  if (settings.filename === 'syslog') {
    const { sink, findings } = syslogOf(settings);
    return { name: 'syslog', sink, format, file: null, findings: [...written, ...findings, ...arrayFindings(settings, 'one message for each record')] };
  }
  const { file, findings } = await fileOf(settings);
  const isArray = settings.format === 'non-streamed-json';
  const sink = { type: 'file', path: pathFor(folder, file), ...(isArray ? { layout: 'array' } : {}) };
  return {
    name: fileRoute,
    sink,
    format,
    file,
    findings: [...written, ...findings, ...arrayFindings(settings, 'one array for the whole file, whole at any time')],
  };
}

function arrayFindings({ format }: SiemSettings, how: string): readonly Finding[] {
  return format === 'non-streamed-json' ? [{ outcome: 'changed', what: 'format = non-streamed-json', how }] : [];
}

async function fileOf(settings: SiemSettings): Promise<{ readonly file: string; readonly findings: readonly Finding[] }> {
  const { home, filename } = settings;
  if (filename === '') throw wrong(settings, 'filename', '`syslog`, `stdout` or the name of a file');
  if (/[{}]|[^\P{Cc}]/u.test(filename)) throw wrong(settings, 'filename', 'a name without braces and control characters');
  const named = resolve(join(home, 'log'), filename);
  const findings: Finding[] = [taken(`filename = ${filename}`, 'the file is continued where it ends')];
  if (process.platform === 'win32') findings.push({ outcome: 'changed', what: 'line ends', how: 'lines end in LF; Python writes CR LF on Windows' });
  const isLink = await lstat(named).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
  if (!isLink) return { file: named, findings };
  const file = await realpath(named).catch(() => named);
  return {
    file,
    findings: [...findings, { outcome: 'changed', what: `filename = ${filename}`, how: `it is a link; the file it leads to is written: ${file}` }],
  };
}

/** Relative where it lies below the configuration, so that both can be moved together. */
function pathFor(folder: string, file: string): string {
  const path = relative(folder, file);
  const chosen = path === '' || path.startsWith('..') || isAbsolute(path) ? file : path;
  return chosen
    .split(sep)
    .join('/')
    .replaceAll('${', () => '$${');
}

/** What Python's SysLogHandler writes: `<PRI>` with severity info, the text, and a NUL if `append_nul` says so. */
function syslogOf(settings: SiemSettings): { readonly sink: { readonly [option: string]: Tree }; readonly findings: readonly Finding[] } {
  const { address, facility, socktype, appendNul } = settings;
  if (!facilities.includes(facility)) throw wrong(settings, 'facility', facilities.map((one) => `\`${one}\``).join(', '));
  if (socktype !== 'udp' && socktype !== 'tcp') throw wrong(settings, 'socktype', '`udp` or `tcp`');
  const bare = { facility, severity: 'info', rfc: 'none' };
  const headed = taken(`facility = ${facility}`, `priority alone before the text, severity info, as Python writes it`);
  if (!address.includes(':')) return localOf(settings, bare, headed);
  const [host = '', port = ''] = address.split(':');
  if (host === '' || !/^\d{1,5}$/.test(port)) throw wrong(settings, 'address', '`host:port` or the path of a socket');
  const to = `address = ${address}, socktype = ${socktype}`;
  if (socktype === 'udp') {
    const sink = { type: 'syslog', address: `udp://${host}:${port}`, ...bare, ...(appendNul ? { framing: 'nul' } : {}), maxBytes: datagramBytes };
    const nul = appendNul ? taken('append_nul', 'each datagram ends in a NUL') : taken('append_nul = false', 'nothing follows the text');
    return { sink, findings: [taken(to, `\`udp://${host}:${port}\``), headed, nul] };
  }
  const sink = { type: 'syslog', address: `tcp://${host}:${port}`, ...bare, framing: appendNul ? 'nul' : 'lf', maxBytes: streamBytes };
  const ends: Finding = appendNul
    ? taken('append_nul = true', '`framing: nul`: each message ends in a NUL')
    : {
        outcome: 'changed',
        what: 'append_nul = false',
        how: '`framing: lf`: each message ends in a line feed; siem.py sends them one after the other without any end',
      };
  const breaks: Finding = { outcome: 'changed', what: 'line breaks in a text', how: 'one blank each, so that they end no message' };
  return { sink, findings: [taken(to, `\`tcp://${host}:${port}\``), headed, ends, breaks] };
}

function localOf(settings: SiemSettings, bare: { readonly [option: string]: Tree }, headed: Finding): ReturnType<typeof syslogOf> {
  const { address, socktype, appendNul } = settings;
  const what = `address = ${address}, socktype = ${socktype}`;
  if (socktype === 'tcp') {
    const sink = { type: 'syslog', address: `unix://${resolve('/', address)}`, ...bare, framing: appendNul ? 'nul' : 'lf', maxBytes: streamBytes };
    return { sink, findings: [taken(what, `the socket ${address}`), headed] };
  }
  // Nothing is lost this way: as long as nobody listens there, records wait in the journal.
  const sink = { type: 'syslog', address: 'tcp://127.0.0.1:514', ...bare, framing: 'lf', maxBytes: streamBytes };
  const how =
    'a socket that takes datagrams is not served: messages go to `tcp://127.0.0.1:514`. Let the local syslog listen there (rsyslog: `module(load="imtcp")` and `input(type="imtcp" port="514" address="127.0.0.1")`), or change `address`';
  return { sink, findings: [{ outcome: 'changed', what, how }, headed] };
}

function taken(what: string, how: string): Finding {
  return { outcome: 'taken', what, how };
}

/** A value without which siem.py would not have run either. */
export function wrong({ configFile }: SiemSettings, key: string, expected: string): Failure {
  return new Failure('config', 'import.siem', `could not take over \`${key}\` of ${configFile}: expected ${expected}`, {
    advice: 'Correct it there, and import again.',
  });
}
