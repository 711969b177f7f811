/**
 * A reader of LEEF 2.0, written from IBM's guide: a delimiter by itself or by its code, no escapes, each key once.
 *
 * Source: IBM, QRadar LEEF guide, version 2, "LEEF event components", "Predefined LEEF event attributes", "Custom event keys".
 */

export interface LeefLine {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly eventId: string;
  readonly attributes: ReadonlyMap<string, string>;
}

export function parseLeef(line: string): LeefLine {
  const [mark, vendor = '', product = '', version = '', eventId = '', declared = '', ...rest] = line.split('|');
  if (mark !== 'LEEF:2.0' || rest.length === 0) throw new Error('no header of LEEF 2.0');
  const code = /^(?:0x|x)([0-9A-Fa-f]{1,4})$/.exec(declared)?.[1];
  const delimiter = code === undefined ? declared : String.fromCharCode(Number.parseInt(code, 16));
  if (delimiter.length !== 1) throw new Error(`no delimiter: ${declared}`);
  if (eventId === '') throw new Error('no event id');
  const attributes = new Map<string, string>();
  for (const attribute of rest.join('|').split(delimiter)) {
    const equals = attribute.indexOf('=');
    const key = attribute.slice(0, equals);
    const value = attribute.slice(equals + 1);
    if (equals < 0 || !/^[A-Za-z][A-Za-z0-9]*$/.test(key)) throw new Error(`no attribute: ${attribute}`);
    if (attributes.has(key)) throw new Error(`the key ${key} twice`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(value)) throw new Error(`a control character in ${key}`);
    attributes.set(key, value);
  }
  return { vendor, product, version, eventId, attributes };
}

const forms: Readonly<Record<string, RegExp>> = {
  sev: /^(?:[1-9]|10)$/,
  devTime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+0000$/,
  src: /^[0-9a-fA-F:.]+$/,
  dst: /^[0-9a-fA-F:.]+$/,
  srcPort: /^\d{1,5}$/,
  dstPort: /^\d{1,5}$/,
  srcMAC: /^(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$/,
  dstMAC: /^(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$/,
};

/** What the guide forbids in these attributes; empty when all is well. */
export function attributeFaults({ attributes }: LeefLine): string[] {
  const faults: string[] = [];
  for (const [key, value] of attributes) {
    if (value === '') faults.push(`${key} is empty`);
    if (forms[key] !== undefined && !forms[key].test(value)) faults.push(`${key} is not well formed: ${value}`);
  }
  for (const key of ['devTime', 'devTimeFormat', 'cat', 'sev']) if (!attributes.has(key)) faults.push(`no ${key}`);
  return faults;
}
