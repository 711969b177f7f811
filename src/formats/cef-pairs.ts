import { limits, type TextKey } from './cef-dictionary.ts';
import { identifierText, valueText } from './cef-text.ts';

/** ` key=value`; nothing for what is missing or blank. */
export function text(key: TextKey, value: string | undefined): string {
  if (value === undefined) return '';
  const written = valueText(value, limits[key]);
  return written === '' ? '' : ` ${key}=${written}`;
}

/** The same for what tells one thing from another. */
export function identifier(key: TextKey, value: string | undefined): string {
  if (value === undefined) return '';
  const written = identifierText(value, limits[key]);
  return written === '' ? '' : ` ${key}=${written}`;
}

/** A custom string with the label that says what it is. */
export function labelled(key: TextKey, label: string, value: string | undefined): string {
  const pair = text(key, value);
  return pair === '' ? '' : `${pair} ${key}Label=${label}`;
}

export function whole(key: 'dpid' | 'dpt' | 'fsize' | 'spid' | 'spt', value: number | undefined): string {
  return value === undefined || value < 0 || value > largest ? '' : ` ${key}=${value}`;
}

/** The dictionary's integers are signed and have 32 bits. */
const largest = 2_147_483_647;
