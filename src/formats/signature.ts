import { datastreamOf } from './json.ts';
import type { Facts } from './meaning/facts.ts';
import { textIn } from './meaning/values.ts';
import type { Meaning } from './meaning/words.ts';

/** What kind of record this is: the Sophos type, of a detection its rule, and of a thing its word in `datastream`. */
export function signatureOf({ stream, type, isAlert, item }: Facts): string {
  const own = stream === 'events' || isAlert ? type : stream === 'detections' ? textIn(item.detectionRule) : undefined;
  return own !== undefined && telling.test(own) ? own : datastreamOf(stream);
}

/** Without a letter or digit, nothing may be left of a text when its control characters and delimiters have become blanks. */
const telling = /[\p{L}\p{N}]/u;

/** Is it a thing that was listed, and not something that happened? Then it has no severity, which is not the same as an unknown one. */
export function isThing({ stream, isAlert, severityText }: Facts): boolean {
  return severityText === undefined && stream !== 'events' && stream !== 'detections' && !isAlert;
}

/** Words that are not written as they stand. */
const spellings: Readonly<Record<string, string>> = { pua: 'PUA', dlp: 'DLP', mdr: 'MDR', ztna: 'ZTNA' };

/** What happened, in a few words: `Malware cleanup failed`. For records that bring no sentence of their own. */
export function titleOf({ category, action }: Meaning): string {
  const subject = spellings[category] ?? `${category.charAt(0).toUpperCase()}${category.slice(1)}`;
  return `${subject} ${action}`.replaceAll('-', ' ');
}
