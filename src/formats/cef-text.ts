/**
 * How CEF:0 writes text: what must be escaped, what cannot be written at all, and how long a value may be.
 *
 * A line break is `\n` or `\r` in an extension and a blank in the header; every other control character is a blank, because relays drop it,
 * rewrite it, or break the line there. Blanks at the ends of a value go: readers disagree on whose they are.
 * Source: ArcSight, Common Event Format, version 25, "Character Encoding" and "Using CEF Without Syslog".
 */
import { digest, digestLength, shorten, trimBlanks, wholeCharacters } from './bounded.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that cannot be written.
const controls = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of them but the two line breaks that have an escape.
const controlsInValue = /[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/g;
// The tests are much cheaper than the replacing, and most texts hold none of these.
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above.
const hasControl = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above.
const oddInValue = /[\\=\x00-\x1f\x7f-\x9f\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: see above.
const oddInHeader = /[\\|\x00-\x1f\x7f-\x9f\u2028\u2029]/;

/** Text in the header. */
export function headerText(text: string, limit: number): string {
  if (!oddInHeader.test(text)) return shorten(trimBlanks(text), limit);
  const kept = shorten(trimBlanks(hasControl.test(text) ? text.replace(controls, ' ') : text), limit);
  return kept.replaceAll('\\', '\\\\').replaceAll('|', '\\|');
}

/** Text in the extension. What is longer than the dictionary allows ends in `...`. */
export function valueText(text: string, limit: number): string {
  if (!oddInValue.test(text)) return shorten(trimBlanks(text), limit);
  const isBroken = hasControl.test(text);
  const kept = shorten(trimBlanks(isBroken ? text.replace(controlsInValue, ' ') : text), limit);
  const escaped = kept.replaceAll('\\', '\\\\').replaceAll('=', '\\=');
  return isBroken ? escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r') : escaped;
}

/** An identifier in the extension: if it is too long, it ends in a digest of the whole, so that two of them never become one. */
export function identifierText(text: string, limit: number): string {
  if (text.length <= limit) return valueText(text, limit);
  const kept = wholeCharacters(text, limit - 1 - digestLength);
  return valueText(`${trimBlanks(kept)}~${digest(text)}`, limit);
}
