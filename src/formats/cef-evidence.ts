import { identifier, labelled, text, whole } from './cef-pairs.ts';
import type { Facts } from './meaning/facts.ts';
import { textIn, wholeIn } from './meaning/values.ts';

/** File, site, and the rule that applied. */
export function evidencePairs(facts: Facts): string {
  const { evidence, told } = facts;
  const file = evidence.files[0];
  let pairs = '';
  if (file !== undefined) pairs = text('fname', file.name) + text('filePath', file.path);
  return (
    pairs +
    identifier('fileHash', file?.sha256 ?? evidence.sha256) +
    whole('fsize', wholeIn(told.fileSize)) +
    text('fileType', told.fileType) +
    text('request', told.url) +
    rulePairs(facts)
  );
}

/** What applied, by its name: never more than one of these is told. */
function rulePairs({ told, item, evidence, stream }: Facts): string {
  if (told.rules !== undefined) return labelled('cs6', 'Rule', told.rules.join(', '));
  if (told.webCategory !== undefined) return labelled('cs6', 'Web Category', told.webCategory);
  if (told.applicationCategory !== undefined) return labelled('cs6', 'Application Category', told.applicationCategory);
  if (told.peripheral !== undefined) return labelled('cs6', 'Peripheral', told.peripheral);
  if (told.scan !== undefined) return labelled('cs6', 'Scan', told.scan);
  if (stream === 'detections') return labelled('cs6', 'Attack Type', textIn(item.attackType));
  return labelled('cs6', 'CVE', evidence.network?.cve);
}
