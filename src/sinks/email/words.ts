/** Texts of records, made harmless before they stand in a mail. */

// Control characters, line and paragraph separators, marks that reverse the reading order, invisible tags. Joiners stay: emoji need them.
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]+/gu;

/** On one line, without what cannot be seen, at most so many characters. */
export function plain(text: string, most: number): string {
  // A record may hold megabytes: what is far beyond is not looked at.
  const near = text.length > most * 4 ? text.slice(0, most * 4) : text;
  const shown = near
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(unseen, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const characters = [...shown];
  return characters.length <= most && near.length === text.length
    ? shown
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

/** As text or a quoted attribute of HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);
}

/** `1 record`, `2 records`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
