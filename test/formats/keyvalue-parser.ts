/** A reader of `keyvalue`, written from the grammar in docs/formats.md: names with dots, a text between quotes, one blank between pairs. */
export function parseKeyvalue(line: string): ReadonlyMap<string, string> {
  const pair = /([A-Za-z_0-9.-]+)="((?:[^"\\]|\\(?:[\\nrt]|u[0-9a-f]{4}))*)"( |$)/y;
  const found = new Map<string, string>();
  while (pair.lastIndex < line.length) {
    const at = pair.lastIndex;
    const [, name = '', text = '', end = ''] = pair.exec(line) ?? [];
    if (name === '') throw new Error(`no pair at ${at}: ${line.slice(at, at + 80)}`);
    if (end === '' && pair.lastIndex < line.length) throw new Error('no blank between two pairs');
    if (found.has(name)) throw new Error(`the name ${name} twice`);
    found.set(
      name,
      text.replace(/\\(u[0-9a-f]{4}|.)/g, (_, code: string) => meant(code)),
    );
  }
  return found;
}

const named: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

function meant(code: string): string {
  if (code.startsWith('u')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  return named.get(code) ?? code;
}

/** The member's name that a part of a pair's name stands for. */
export function memberOf(part: string): string {
  return part === '_x_' ? '' : part.replace(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
