/**
 * How siem.py takes fields out of an event's name.
 *
 * Source: reference, siem.py, "Name splitting".
 */
import type { Dict } from './python.ts';

/** Types whose name holds a threat and a path, each in `'`. */
const threats: ReadonlySet<string> = new Set(
  [
    'Detected',
    'CleanedUp',
    'HIPSDismissed',
    'HIPSDetected',
    'PuaDetected',
    'PuaCleanupFailed',
    'CleanupFailed',
    'CommandAndControlDismissed',
    'HIPSCleanupFailed',
  ].map((name) => `Event::Endpoint::Threat::${name}`),
);

const lossPrevention = 'Event::Endpoint::DataLossPreventionUserAllowed';

/** Copies the description to `name`, and splits a name that tells more. A name that does not fit stays as it is. */
export function splitName(fields: Dict): void {
  const description = fields.get('description');
  if (description !== undefined) fields.set('name', description);
  const type = fields.get('type');
  const name = fields.get('name');
  if (typeof type !== 'string' || typeof name !== 'string') return;
  if (threats.has(type)) splitThreat(fields, name);
  else if (type === lossPrevention) splitLossPrevention(fields, name);
}

/** A line that does not fit has at most four quotes, so this never takes longer than a few passes over the text. */
const threatAndPath = /'([^\n]*?)'[^\n]+'([^\n]*?)'/;

function splitThreat(fields: Dict, name: string): void {
  const found = threatAndPath.exec(name);
  if (found === null) return;
  const [, threat = '', path = ''] = found;
  fields.set('name', threat);
  fields.set('detection_identity_name', threat);
  fields.set('filePath', path);
}

const opening = 'An \u2033';
const closing = '\u2033';
const user = ' Username: ';
/** What stands before each field after the user's name. */
const marks: readonly (readonly [field: string, mark: string])[] = [
  ['rule', '  Rule names: \u2032'],
  ['user_action', '\u2032  User action: '],
  ['app_name', '  Application Name: '],
  ['action', '  Data Control action: '],
  ['file_type', '  File type: '],
];
const sizeMark = '  File size: ';
const pathMark = '  Source path: ';
const size = / {2}File size: (?=(\p{Nd}+) {2}Source path: [^\n])/gu;

/**
 * Reads the nine fields, each at least one character long.
 *
 * siem.py has one regular expression for this, whose time grows with a high power of the length; the same answer is found here in a few passes.
 * Everything stands on the last line. From the right, the last place of each mark that leaves room for the next gives the last
 * place where the user's name can begin: that is where the greedy beginning stops. From there each field ends at the first mark that follows.
 */
function splitLossPrevention(fields: Dict, name: string): void {
  const whole = name.endsWith('\n') ? name.slice(0, -1) : name;
  const line = whole.slice(whole.lastIndexOf('\n') + 1);

  const sizes = [...line.matchAll(size)];
  let limit = sizes.at(-1)?.index ?? -1;
  for (let i = marks.length - 1; i >= 0 && limit >= 0; i--) limit = lastBefore(line, marks[i]?.[1] ?? '', limit);
  const userAt = lastBefore(line, user, limit);
  const nameEnd = lastBefore(line, closing, userAt);
  const nameAt = line.indexOf(opening);
  if (nameAt < 0 || nameAt + opening.length >= nameEnd) return;

  fields.set('name', line.slice(nameAt + opening.length, nameEnd));
  let field = 'user';
  let at = userAt + user.length;
  for (const [next, mark] of marks) {
    const end = line.indexOf(mark, at + 1);
    fields.set(field, line.slice(at, end));
    field = next;
    at = end + mark.length;
  }
  const found = sizes.find(({ index }) => index > at);
  if (found === undefined) return;
  const digits = found[1] ?? '';
  fields.set(field, line.slice(at, found.index));
  fields.set('file_size', digits);
  fields.set('file_path', line.slice(found.index + sizeMark.length + digits.length + pathMark.length));
}

/** The last place of `mark` that leaves at least one character between it and `limit`; -1 when there is none. */
function lastBefore(line: string, mark: string, limit: number): number {
  const from = limit - 1 - mark.length;
  return from < 0 ? -1 : line.lastIndexOf(mark, from);
}
