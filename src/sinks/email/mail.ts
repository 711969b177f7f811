import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import type MailComposer from 'nodemailer/lib/mail-composer';
import type { MailComposerAttachment } from 'nodemailer/lib/mail-composer';
import type { Millis } from '../../core/types.ts';
import { type Address, domainOf } from './address.ts';
import type { Fact } from './facts.ts';
import { asHtml, asText } from './layout.ts';
import { choose, letterOf } from './letter.ts';
import type { EmailOptions } from './options.ts';

const gzip = promisify(gzipCallback);

/** Attachments above this size are compressed; smaller ones open with a click. */
const gzipFromBytes = 100_000;

const datedForMs: Millis = 12 * 3_600_000;

/** The records of one mail. */
export type Content = readonly [Fact, ...Fact[]];

/** Everybody who gets it, each once. */
export function recipientsOf({ to, cc, bcc }: Pick<EmailOptions, 'to' | 'cc' | 'bcc'>): readonly string[] {
  return [...new Set([to, cc, bcc].flatMap((some) => listOf(some)).map(({ address }) => address))];
}

/**
 * The Message-ID without brackets: the same for the same records, for ever.
 *
 * Route, stream, number and key of every record: a state begun anew counts from 1 again, but no two records share their keys, too.
 */
export function messageIdOf(content: readonly Fact[], from: Address): string {
  const hash = createHash('sha256');
  for (const { section, record } of content) hash.update(`${JSON.stringify([section.lane.route, section.lane.stream, record.seq, record.key])}\n`);
  return `${hash.digest('hex').slice(0, 32)}.${content.length}@${domainOf(from)}`;
}

/** The whole message, as it is handed to the server. */
export async function compose(
  Composer: typeof MailComposer,
  content: Content,
  messageId: string,
  options: EmailOptions,
  sink: string,
  now: Millis,
): Promise<Buffer> {
  const { from, to, cc, replyTo, subject, html, maxRecords, attach } = options;
  const listed = choose(content, maxRecords);
  const isWhole = listed.length === content.length && !content.some(({ isCut }) => isCut);
  const attachment = attach === 'always' || (attach === 'overflow' && !isWhole) ? await attachmentOf(content) : null;
  const letter = letterOf({ facts: content, listed, attachment: attachment?.filename ?? null, sink });
  const node = new Composer({
    from: headerOf(from),
    to: listOf(to).map(headerOf),
    ...(cc === undefined ? {} : { cc: listOf(cc).map(headerOf) }),
    ...(replyTo === undefined ? {} : { replyTo: headerOf(replyTo) }),
    subject: subject.write(content),
    messageId: `<${messageId}>`,
    date: new Date(dateOf(content, now)),
    text: asText(letter),
    ...(html ? { html: asHtml(letter) } : {}),
    ...(attachment ? { attachments: [attachment] } : {}),
    // Machines must not answer a machine (RFC 3834, and what Exchange looks at).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'X-Sophos-Central-Records': String(content.length) },
    // Lines of any length and any letters travel unchanged, and a repeat has the same bytes.
    encoding: 'quoted-printable',
    newline: 'win',
    baseBoundary: messageId.slice(0, 32),
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  return await node.build();
}

/**
 * When the newest of its records was read: a repeat has the same date, by which Exchange knows repeats, too. What lay about for long is
 * dated as it leaves, or it would look like spam.
 */
function dateOf(content: Content, now: Millis): Millis {
  const read = content.reduce((newest, { record }) => Math.max(newest, record.fetchedAt), 0);
  return read > now - datedForMs && read <= now ? read : now;
}

async function attachmentOf(content: Content): Promise<MailComposerAttachment & { filename: string }> {
  const bytes = Buffer.concat(content.map(lineOf));
  const isJson = content.every(({ section }) => section.json);
  const name = isJson ? 'records.ndjson' : 'records.txt';
  const common = { contentTransferEncoding: 'base64', contentDisposition: 'attachment' };
  if (bytes.length > gzipFromBytes) return { ...common, filename: `${name}.gz`, content: await gzip(bytes), contentType: 'application/gzip' };
  return { ...common, filename: name, content: bytes, contentType: isJson ? 'application/x-ndjson' : 'text/plain; charset=utf-8' };
}

/** The record as the route's format wrote it, with its line end. */
function lineOf({ section: { lines }, at }: Fact): Uint8Array {
  const start = at === 0 ? 0 : (lines.ends[at - 1] ?? 0) + 1;
  return lines.bytes.subarray(start, (lines.ends[at] ?? start) + 1);
}

function headerOf({ name, address }: Address): { name: string; address: string } {
  return { name, address };
}

function listOf(some: Address | readonly Address[] | undefined): readonly Address[] {
  if (some === undefined) return [];
  return 'address' in some ? [some] : some;
}
