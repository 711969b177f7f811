/**
 * A reader of CEF:0, written from the standard's text and strict where that leaves no choice: what it does not allow throws.
 *
 * Source: ArcSight, Common Event Format, version 25: "Header Field Definitions", "Character Encoding", "CEF Key Names for Event Producers".
 */

export interface CefLine {
  readonly vendor: string;
  readonly product: string;
  readonly version: string;
  readonly signature: string;
  readonly name: string;
  readonly severity: number;
  readonly extension: ReadonlyMap<string, string>;
}

export function parseCef(line: string): CefLine {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(line)) throw new Error('a control character');
  if (!line.startsWith('CEF:0|')) throw new Error('no CEF:0');
  let at = 'CEF:0|'.length;
  const parts = Array.from({ length: 6 }, () => {
    const [part, end] = headerPart(line, at);
    at = end;
    return part;
  });
  const [vendor = '', product = '', version = '', signature = '', name = '', severity = ''] = parts;
  if (!/^(?:[0-9]|10)$/.test(severity)) throw new Error(`a severity that is no number from 0 to 10: ${severity}`);
  return { vendor, product, version, signature, name, severity: Number(severity), extension: extensionOf(line.slice(at)) };
}

/** Up to the next bar that no backslash escapes. */
function headerPart(line: string, from: number): [part: string, end: number] {
  let part = '';
  for (let at = from; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '|') return [part, at + 1];
    if (char !== '\\') part += char;
    else {
      const next = line.charAt(++at);
      if (next !== '|' && next !== '\\') throw new Error(`an escape that the header does not know: \\${next}`);
      part += next;
    }
  }
  throw new Error('a header with fewer than seven parts');
}

/** A key is what stands between a blank and an equals sign that no backslash escapes; its value goes up to the blank before the next key. */
function extensionOf(text: string): ReadonlyMap<string, string> {
  const keys = [...text.matchAll(/(?:^| )([A-Za-z0-9_.[\]-]+)=/g)].filter(({ index }) => !isEscaped(text, index));
  if (text !== '' && keys[0]?.index !== 0) throw new Error('an extension that does not begin with a key');
  const found = new Map<string, string>();
  keys.forEach((match, i) => {
    const [whole, key = ''] = match;
    const value = text.slice(match.index + whole.length, keys[i + 1]?.index ?? text.length);
    if (found.has(key)) throw new Error(`the key ${key} twice`);
    found.set(key, unescaped(value));
  });
  return found;
}

function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charAt(from - 1) === '\\') from--;
  return (at - from) % 2 === 1;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ['=', '='],
  ['n', '\n'],
  ['r', '\r'],
]);

function unescaped(value: string): string {
  let text = '';
  for (let at = 0; at < value.length; at++) {
    const char = value.charAt(at);
    if (char === '=') throw new Error(`an equals sign that is not escaped: ${value}`);
    if (char !== '\\') text += char;
    else {
      const meant = escapes.get(value.charAt(++at));
      if (meant === undefined) throw new Error(`an escape that a value does not know: \\${value.charAt(at)}`);
      text += meant;
    }
  }
  return text;
}

type Kind = 'text' | 'integer' | 'long' | 'time' | 'ipv4' | 'ipv6' | 'mac' | 'port' | 'direction' | 'host';

/** The dictionary as far as we use it: key, kind of the value, length. */
export const dictionary: ReadonlyMap<string, readonly [kind: Kind, length: number]> = new Map(
  Object.entries({
    text: {
      act: 63,
      cat: 1023,
      deviceExternalId: 255,
      deviceFacility: 1023,
      deviceCustomDate1Label: 1023,
      dntdom: 255,
      dproc: 1023,
      duid: 1023,
      duser: 1023,
      dvchost: 100,
      externalId: 40,
      fileHash: 255,
      filePath: 1023,
      fileType: 1023,
      flexString1: 1023,
      flexString1Label: 128,
      flexString2: 1023,
      flexString2Label: 128,
      fname: 1023,
      msg: 1023,
      outcome: 63,
      proto: 31,
      reason: 1023,
      request: 1023,
      sntdom: 255,
      sproc: 1023,
      suid: 1023,
      suser: 1023,
      c6a2Label: 1023,
      c6a3Label: 1023,
      cs1: 4000,
      cs1Label: 1023,
      cs2: 4000,
      cs2Label: 1023,
      cs3: 4000,
      cs3Label: 1023,
      cs4: 4000,
      cs4Label: 1023,
      cs5: 4000,
      cs5Label: 1023,
      cs6: 4000,
      cs6Label: 1023,
    },
    host: { dhost: 1023, shost: 1023 },
    time: { rt: 0, start: 0, end: 0, deviceCustomDate1: 0 },
    integer: { dpid: 0, spid: 0, fsize: 0 },
    port: { dpt: 0, spt: 0 },
    direction: { deviceDirection: 0 },
    ipv4: { src: 0, dst: 0 },
    ipv6: { c6a2: 0, c6a3: 0 },
    mac: { smac: 0, dmac: 0 },
  }).flatMap(([kind, keys]) => Object.entries(keys).map(([key, length]): [string, [Kind, number]] => [key, [kind as Kind, length]])),
);

const forms: Readonly<Record<Exclude<Kind, 'text'>, RegExp>> = {
  integer: /^\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  time: /^-?\d{1,16}$/,
  port: /^(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
  direction: /^[01]$/,
  ipv4: /^(?:\d{1,3}\.){3}\d{1,3}$/,
  ipv6: /^[0-9a-f:.]*:[0-9a-f:.]*$/i,
  mac: /^(?:[0-9A-F]{2}:){5}[0-9A-F]{2}$/,
  host: /^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i,
};

/** What the dictionary forbids in these pairs; empty when all is well. */
export function dictionaryFaults({ extension, signature, name }: CefLine): string[] {
  const faults: string[] = [];
  if (signature.length > 1023 || signature === '') faults.push('signature');
  if (name.length > 512 || name === '') faults.push('name');
  for (const [key, value] of extension) {
    const [kind, length] = dictionary.get(key) ?? ['unknown', 0];
    if (value === '') faults.push(`${key} is empty`);
    else if (kind === 'unknown') faults.push(`${key} is not in the dictionary`);
    else if (kind !== 'text' && !forms[kind].test(value)) faults.push(`${key} is no ${kind}: ${value}`);
    else if (length > 0 && value.length > length) faults.push(`${key} is longer than ${length}`);
    if (/^(?:cs|flexString|c6a|deviceCustomDate)\d$/.test(key) && !extension.has(`${key}Label`)) faults.push(`${key} has no label`);
    if (key.endsWith('Label') && !extension.has(key.slice(0, -'Label'.length))) faults.push(`${key} labels nothing`);
  }
  return faults;
}
