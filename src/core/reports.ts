/**
 * Everything that is reported, each name once: how loud it is, and the sentence that a person reads.
 *
 * A report that is not listed is `info` and reads as its name with its fields, so a new one is never lost.
 */
import type { Report } from './world.ts';

/** From the loudest to the quietest; `silent` is nothing at all. */
export const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

interface ReportForm {
  readonly level: Exclude<LogLevel, 'silent'>;
  /** `{field}` stands for a field of the report; a part in `[...]` is left out when one of its fields is missing. */
  readonly says: string;
}

export const reports = {
  'account.discovered': { level: 'info', says: 'account {account}: {tenants} tenants, {streams} streams to read[, {aside} set aside]' },
  'account.failed': { level: 'error', says: 'account {account}: its tenants could not be listed: {reason}' },
  'action.done': { level: 'info', says: 'rule {rule}: {action} of alert {alert} of tenant {tenant}' },
  'action.failed': { level: 'warn', says: 'rule {rule}: {action} of alert {alert} of tenant {tenant} failed[ ({code})]: {reason}' },
  'action.left-out': { level: 'info', says: 'rule {rule}: alert {alert} of tenant {tenant} is left alone: {reason}' },
  'call.answered': { level: 'trace', says: '{method} {path}[ for tenant {tenantId}] was answered with {status} in {ms} ms ({bytes} bytes)' },
  'call.retried': { level: 'debug', says: 'a call is tried again[ in {afterMs} ms]: {reason}' },
  'demo.staged': { level: 'debug', says: '[{tenant}: ][{stream} ][{reason}]' },
  'delivery.stale': { level: 'warn', says: 'route {route}: the journal moved on meanwhile; reading it again' },
  'engine.started': { level: 'info', says: 'started' },
  'engine.stopped': { level: 'info', says: 'stopped' },
  'file.changed': { level: 'warn', says: 'file {path} was changed by somebody else (length {seen}, expected {expected}); nothing is cut, going on at its end' },
  'file.rotation-failed': { level: 'warn', says: 'file {path} could not be compressed: {reason}' },
  'file.undo-failed': { level: 'warn', says: 'file {path}: an unfinished write could not be taken back: {reason}' },
  'gap.found': { level: 'warn', says: 'tenant {tenant}: a gap in {stream}: {reason}' },
  'health.unkept': { level: 'warn', says: '[route {route}: ][{subject}: ]its state could not be kept: {reason}' },
  'housekeeping.failed': { level: 'error', says: 'housekeeping failed: {reason}' },
  'intelix.cache-broken': { level: 'warn', says: 'the kept lookups in {path} cannot be read and are begun anew[; what was there is now {aside}]: {reason}' },
  'intelix.cache-unkept': { level: 'warn', says: 'the lookups could not be kept in {path} and will be asked for again: {reason}' },
  'journal.filling': { level: 'warn', says: 'the journal is {percent} % full ({bytes} of {maxBytes} bytes)' },
  'journal.full': { level: 'error', says: 'the journal is full ({bytes} of {maxBytes} bytes); Central forgets events after 24 h' },
  'journal.has-room': { level: 'info', says: 'the journal has room again' },
  'journal.made': { level: 'debug', says: 'a new journal: {path} (SQLite by {driver})' },
  'kafka.said': { level: 'debug', says: 'sink {sink}: its client says: {reason}' },
  'loop.parked': { level: 'error', says: 'a bug in [stream {stream}][route {route}][account {account}] set it aside: {reason}' },
  'mail.recipient-refused': { level: 'warn', says: 'sink {sink}: {recipient} does not get mail {messageId}, the others do: {reason}' },
  'mail.sent': { level: 'info', says: 'sink {sink}: mail {messageId} of {records} records went to {recipients} recipients: {answer}' },
  'page.appended': { level: 'debug', says: '{tenant}: {accepted} new records of {stream}, {repeated} known already' },
  'pace.waiting': { level: 'info', says: 'the call budget is used up until {until}; calls that wait: {waiting}' },
  'parcel.settled': { level: 'debug', says: 'route {route}: {records} records delivered' },
  'record.held': { level: 'warn', says: 'route {route}: record {seq} of {stream} is held back ({code}): {reason}' },
  'record.refused': { level: 'warn', says: 'route {route}: record {seq} of {stream} was refused for good ({code}) and is a dead letter now: {reason}' },
  'records.given-up': { level: 'error', says: 'route {route}: {records} records of {stream} are given up: {reason}' },
  'request.failed': { level: 'debug', says: 'a call[ for tenant {tenantId}] failed and is tried again in {pauseMs} ms ({code}): {reason}' },
  'secret.renewed': { level: 'info', says: '[account {account}][sink {sink}][{service}]: its secret was read again, and is another one now' },
  'secret.unchanged': { level: 'debug', says: '[account {account}][sink {sink}][{service}]: its secret was read again, and is still the same' },
  'secret.unrenewed': { level: 'warn', says: '[account {account}][sink {sink}][{service}]: its secret was refused and could not be read again: {reason}' },
  'sink.failed': { level: 'error', says: 'route {route}: the sink[ {sink}] failed ({code}): {reason}' },
  'sink.remarked': { level: 'warn', says: 'sink {sink}: the far end took the records and says: {reason}' },
  'sink.recovered': { level: 'info', says: 'route {route}: the sink[ {sink}] takes records again' },
  'sink.reopened': { level: 'info', says: 'route {route}: the sink[ {sink}] is opened anew: {reason}' },
  'stream.cursor-refused': { level: 'info', says: 'tenant {tenant}: Central refused a cursor of {stream}; reading by time instead' },
  'stream.cursor-stuck': { level: 'warn', says: 'tenant {tenant}: pages of {stream} run in a circle; beginning again' },
  'stream.empty-pages': { level: 'warn', says: 'tenant {tenant}: Central sends empty pages of {stream} without end; going on at the next turn' },
  'stream.failed': { level: 'warn', says: 'tenant {tenant}: reading {stream} failed ({code}): {reason}' },
  'stream.refused': { level: 'warn', says: 'tenant {tenant}: {stream} may not be read ({code}), its other streams are: {reason}' },
  'stream.recovered': { level: 'info', says: 'tenant {tenant}: {stream} is read again' },
  'stream.window-refused': { level: 'info', says: 'tenant {tenant}: Central refused a time of {stream}; reading from a later one' },
  'stream.set-aside': { level: 'debug', says: 'tenant {tenant}: {stream} is set aside too ({code}): {reason}' },
  'syslog.connection-closed': { level: 'debug', says: 'sink {sink}: the far end closed the connection while nothing was sent; a new one is made' },
  'syslog.connection-reset': {
    level: 'warn',
    says: 'sink {sink}: the far end reset the connection while nothing was sent; what it had not read by then is lost, as syslog confirms nothing',
  },
  'syslog.truncated': { level: 'warn', says: 'sink {sink}: {records} records were longer than {maxBytes} bytes and were cut' },
  'tenant.set-aside': { level: 'warn', says: 'tenant {tenant} is set aside ({code}): {reason}' },
  'wish.taken': { level: 'info', says: 'another command asked for: {kind}' },
} as const satisfies Readonly<Record<string, ReportForm>>;

export type ReportName = keyof typeof reports;

/** How loud a report is; `info` when its name is not known. */
export function levelOf({ name }: Report): ReportForm['level'] {
  return formOf(name)?.level ?? 'info';
}

/** The report as one sentence. The values are as they came: whoever prints it makes them harmless. */
export function sentenceOf(report: Report): string {
  const says = formOf(report.name)?.says;
  if (says === undefined) return [report.name, ...others(report).map(([name, value]) => `${name}=${String(value)}`)].join(' ');
  // In two steps, so that brackets and braces in a value are never taken for ours.
  return says.replace(/\[([^[\]]*)\]|\{(\w+)\}/g, (_, part: string | undefined, field: string) => {
    if (part === undefined) return textOf(field, report[field]);
    const fields = [...part.matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string);
    if (fields.some((each) => isMissing(report[each]))) return '';
    return part.replace(/\{(\w+)\}/g, (_all, each: string) => textOf(each, report[each]));
  });
}

function formOf(name: string): ReportForm | undefined {
  return Object.hasOwn(reports, name) ? reports[name as ReportName] : undefined;
}

function others(report: Report): readonly (readonly [string, Report[string]])[] {
  return Object.entries(report).filter(([name, value]) => name !== 'name' && !isMissing(value));
}

function isMissing(value: Report[string]): value is null | undefined {
  return value === undefined || value === null;
}

function textOf(field: string, value: Report[string]): string {
  if (isMissing(value)) return '?';
  const isInstant = typeof value === 'number' && (field === 'until' || field === 'since') && Math.abs(value) <= 8.64e15;
  return isInstant ? new Date(value).toISOString() : String(value);
}
