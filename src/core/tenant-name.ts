import type { Tenant } from './types.ts';

const maxNameBytes = 80;
/** `_` and eight hexadecimal digits. */
const suffixBytes = 9;

/** What Windows keeps for devices, with or without an extension; a superscript digit counts as a digit there. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;

/**
 * A tenant's name as one part of a path, on every system.
 *
 * Shape    at most 80 bytes of UTF-8; without path separators, control and format characters, `<>:"|?*`, or a dot or blank at an end;
 *          never a name that Windows reserves. A name of which nothing is left becomes the id.
 */
export function safeTenantName({ id, name }: Pick<Tenant, 'id' | 'name'>): string {
  return clean(name) || clean(id) || 'tenant';
}

/** The same name told apart by eight hexadecimal digits of the tenant's id, still at most 80 bytes. */
export function tellApart(safeName: string, id: string): string {
  return `${cutToBytes(safeName, maxNameBytes - suffixBytes).replace(/[. ]+$/, '')}_${eightDigits(id)}`;
}

/** Two safe names with the same folded form are the same file on some system. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
}

function clean(text: string): string {
  const legal = text
    // Half a surrogate pair has no UTF-8.
    .replace(/\p{Cs}/gu, '\ufffd')
    .normalize('NFC')
    // Cc and Cf: control characters, and invisible ones that turn or hide what is shown.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"/\\|?*]+/gu, '_')
    .replace(/\p{Zs}/gu, ' ');
  const cut = cutToBytes(legal.replace(/^[. ]+/, ''), maxNameBytes).replace(/[. ]+$/, '');
  // Nothing but replacements says nothing.
  if (/^[_. ]*$/.test(cut)) return '';
  return reserved.test(cut) ? cutToBytes(`_${cut}`, maxNameBytes) : cut;
}

/** Cut between code points. */
function cutToBytes(text: string, bytes: number): string {
  let used = 0;
  let end = 0;
  for (const point of text) {
    const code = point.codePointAt(0) as number;
    used += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (used > bytes) break;
    end += point.length;
  }
  return text.slice(0, end);
}

function eightDigits(id: string): string {
  const found = /[0-9a-f]{8}/i.exec(id.replaceAll('-', ''));
  if (found) return found[0].toLowerCase();
  // Ids are UUIDs or carry twelve such digits; any other still needs digits that stay the same (FNV-1a).
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
