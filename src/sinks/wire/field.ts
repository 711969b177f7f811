/** Reads single fields of a JSON object from its bytes, without making the object: two fields of a thousand records, not all. */

const quote = 0x22;
const backslash = 0x5c;
/** `{` and `}`; `[` and `]` differ from them by this bit alone. */
const opener = 0x7b;
const closer = 0x7d;
const bracketBit = 0x20;

/**
 * The text or number at one of an object's own keys; `undefined` when it has none, or something else there.
 *
 * Shape    Only the top level counts, whatever stands deeper. Of a key that is there twice, the first.
 */
export function topLevel(json: Uint8Array, key: string): string | number | undefined {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const wanted = Buffer.from(`"${key}"`);
  // Most records that lack the key are told by this alone.
  if (bytes.indexOf(wanted) < 0) return undefined;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if ((byte | bracketBit) === opener) depth++;
    else if ((byte | bracketBit) === closer) depth--;
    else if (byte === quote) {
      const end = endOfText(bytes, at);
      const colon = depth === 1 && end - at === wanted.length && bytes.subarray(at, end).equals(wanted) ? afterBlanks(bytes, end) : -1;
      if (colon >= 0 && bytes[colon] === 0x3a) return scalarAt(bytes, afterBlanks(bytes, colon + 1));
      at = end - 1;
    }
  }
  return undefined;
}

/** Behind the closing quote of the text that begins here. */
function endOfText(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(quote, start + 1); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return bytes.length;
}

function afterBlanks(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return at;
}

function scalarAt(bytes: Buffer, start: number): string | number | undefined {
  const text =
    bytes[start] === quote ? bytes.toString('utf8', start, endOfText(bytes, start)) : /^-?[\d.eE+-]+/.exec(bytes.toString('latin1', start, start + 32))?.[0];
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' || typeof value === 'number' ? value : undefined;
  } catch (error) {
    // Formats refuse what is no JSON; here it has no such field.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
