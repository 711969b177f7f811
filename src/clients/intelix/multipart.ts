import { randomHex } from './correlation.ts';

/** One file as `multipart/form-data` (RFC 7578). */
export function fileForm(field: string, name: string, bytes: Uint8Array, random: () => number): { readonly type: string; readonly bytes: Uint8Array } {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let boundary: string;
  // The boundary must not stand in the file, whatever the file is.
  do boundary = `sophos-central-connector-${randomHex(16, random)}`;
  while (content.includes(boundary));
  // As browsers write names that would break the header.
  const safe = name.replace(/[\r\n"]/g, (each) => encodeURIComponent(each)).replace(/\p{Surrogate}/gu, '\uFFFD');
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${safe}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]) };
}
