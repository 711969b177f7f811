/**
 * A pack as two blobs.
 *
 * head     32-bit words: magic, count, bytes of keys, bytes of metas; then 8 bytes of time each, 4 of end each, keys, metas
 * text     the pack's bytes as they are
 *
 * Keys are joined with LF: reading them back is one `split`, a tenth of the cost of spelling UUIDs from 16 bytes each, and costs 2 %
 * more disk. Keys that this would not bring back exactly (an LF within, half a surrogate pair) are kept as a JSON list instead.
 * Numbers are in the machine's byte order; a file from a machine of the other order shows a foreign magic.
 */

import type { Json, Pack } from '../core/types.ts';
import { corrupt } from './database.ts';

const joinedKeys = 0x314b4350;
const listedKeys = 0x324b4350;
const headWords = 4;

export interface PackBlobs {
  readonly head: Uint8Array;
  readonly text: Uint8Array;
}

export function packToBlobs(pack: Pack): PackBlobs {
  const { count, keys: given, times, ends, metas: known } = pack;
  let keys = Buffer.from(given.join('\n'), 'utf8');
  const exact = sameKeys(keys, given);
  if (!exact) keys = Buffer.from(JSON.stringify(given), 'utf8');
  // An absent meta and a null one differ: a present one is wrapped.
  const metas = known ? Buffer.from(JSON.stringify(known.map((meta) => (meta === undefined ? 0 : [meta]))), 'utf8') : new Uint8Array(0);
  const timesAt = headWords * 4;
  const endsAt = timesAt + count * 8;
  const keysAt = endsAt + count * 4;
  const head = new Uint8Array(keysAt + keys.length + metas.length);
  new Uint32Array(head.buffer, 0, headWords).set([exact ? joinedKeys : listedKeys, count, keys.length, metas.length]);
  new Float64Array(head.buffer, timesAt, count).set(times.length === count ? times : times.subarray(0, count));
  new Uint32Array(head.buffer, endsAt, count).set(ends.length === count ? ends : ends.subarray(0, count));
  head.set(keys, keysAt);
  head.set(metas, keysAt + keys.length);
  return { head, text: pack.bytes };
}

function sameKeys(joined: Buffer, keys: readonly string[]): boolean {
  const back = joined.toString('utf8').split('\n');
  if (back.length !== keys.length) return false;
  for (let i = 0; i < keys.length; i++) if (back[i] !== keys[i]) return false;
  return true;
}

/** The pack again. Its texts, times and ends share memory with the blobs. */
export function packFromBlobs(blobs: PackBlobs, path: string): Pack {
  const { text } = blobs;
  // Views of 8-byte numbers want an aligned start, which a driver need not give.
  const head = blobs.head.byteOffset % 8 === 0 ? blobs.head : blobs.head.slice();
  const { buffer, byteOffset, length } = head;
  if (length < headWords * 4) throw corrupt(path, 'a record pack is cut short');
  const [magic, count = 0, keysLength = 0, metasLength = 0] = new Uint32Array(buffer, byteOffset, headWords);
  const timesAt = headWords * 4;
  const endsAt = timesAt + count * 8;
  const keysAt = endsAt + count * 4;
  if ((magic !== joinedKeys && magic !== listedKeys) || length !== keysAt + keysLength + metasLength) throw corrupt(path, 'a record pack has an unknown form');
  const ends = new Uint32Array(buffer, byteOffset + endsAt, count);
  if (count === 0 || text.length !== (ends[count - 1] as number) + 1) throw corrupt(path, 'a record pack and its text do not fit');
  const keyText = Buffer.from(buffer, byteOffset + keysAt, keysLength).toString('utf8');
  const keys = magic === joinedKeys ? keyText.split('\n') : (JSON.parse(keyText) as string[]);
  if (keys.length !== count) throw corrupt(path, 'a record pack and its keys do not fit');
  const pack = { count, bytes: text, ends, keys, times: new Float64Array(buffer, byteOffset + timesAt, count) };
  if (metasLength === 0) return pack;
  const metas = JSON.parse(Buffer.from(buffer, byteOffset + keysAt + keysLength, metasLength).toString('utf8')) as (0 | [Json])[];
  return { ...pack, metas: metas.map((meta) => (meta === 0 ? undefined : meta[0])) };
}
