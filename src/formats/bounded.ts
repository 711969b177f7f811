/** Texts kept within a length: for the formats whose fields have one. Lengths are UTF-16 units, as receivers count that are written in Java. */
import { createHash } from 'node:crypto';

/** Without the blanks at both ends. A regular expression would take a time that grows with the square of their number. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (text.charCodeAt(start) === BLANK) start++;
  while (end > start && text.charCodeAt(end - 1) === BLANK) end--;
  return end - start === text.length ? text : text.slice(start, end);
}

const BLANK = 0x20;

/** A text that is too long ends in `...`. */
export function shorten(text: string, limit: number): string {
  return text.length > limit ? `${trimBlanks(wholeCharacters(text, limit - ellipsis.length))}${ellipsis}` : text;
}

const ellipsis = '...';

/** The first `length` units, or one less where the last is half a character. */
export function wholeCharacters(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

export const digestLength = 8;

/** Eight hexadecimal digits that tell two texts apart. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digestLength);
}
