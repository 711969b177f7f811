/** Our mails, read by a parser that neither we nor those who wrote the composer have written: that of Python. */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { type Smtp, startSmtp } from '../far-ends/smtp.ts';
import { noon, parcelOf } from '../laws/parcels.ts';
import { openEmail } from './email-world.ts';

const script = `
import sys, json, email, email.policy
message = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
parts = [part for part in message.walk() if not part.is_multipart()]
print(json.dumps({
  "subject": message["subject"],
  "to": [str(address) for address in message["to"].addresses],
  "headers": sorted(key.lower() for key in message.keys()),
  "defects": [str(defect) for part in message.walk() for defect in part.defects] + [str(d) for value in message.values() for d in value.defects],
  "types": [part.get_content_type() for part in parts],
  "text": parts[0].get_content(),
  "html": parts[1].get_content(),
  "records": parts[2].get_content().decode("utf-8"),
}))
`;

interface Seen {
  readonly subject: string;
  readonly to: readonly string[];
  readonly headers: readonly string[];
  readonly defects: readonly string[];
  readonly types: readonly string[];
  readonly text: string;
  readonly html: string;
  readonly records: string;
}

const hasPython = spawnSync('python3', ['--version']).status === 0;
let smtp: Smtp | null = null;
afterEach(async () => {
  await smtp?.close();
  smtp = null;
});

// Without python3 on this machine there is nobody to read them.
describe.skipIf(!hasPython)('a mail that Python reads', () => {
  it.each([
    ['plain words', 'PUA detected: PsExec'],
    ['letters of all scripts', '😀 👨‍👩‍👧 漢字 ünï עברית العربية'],
    ['a header', 'a\r\nBcc: victim@example.com\r\n\r\nforged'],
    ['an encoded word', '=?utf-8?B?Zm9yZ2Vk?= =?iso-8859-1?Q?forged?='],
    ['a boundary', '------_NmP-0123\r\nContent-Type: text/html\r\n\r\n<b>forged</b>'],
    ['a long word', 'x'.repeat(2_000)],
  ])('has the records, the words and the headers that were meant: %s', async (_name, name) => {
    smtp = await startSmtp();
    const sink = await openEmail({ smtp: smtp.url, attach: 'always', subject: '{name}' });
    const json = JSON.stringify({ type: 'Event::X', severity: 'low', name });
    const { sections } = parcelOf([{ tenant: 't1', items: [json] }]);
    const record = { seq: 1, key: 'k', time: noon, fetchedAt: noon, json, utf8: Buffer.from(json) };
    await sink.deliver({ sections: sections.map((section) => ({ ...section, records: [record] })) }, new AbortController().signal);
    const [mail] = smtp.mails;
    const seen = JSON.parse(execFileSync('python3', ['-c', script], { input: Buffer.from(mail?.raw ?? '', 'latin1'), encoding: 'utf8' })) as Seen;
    expect(seen.defects).toEqual([]);
    expect(seen.types).toEqual(['text/plain', 'text/html', 'application/x-ndjson']);
    expect(seen.records).toBe(`${json}\n`);
    expect(seen.to).toEqual(['soc@example.com']);
    expect(seen.headers).toEqual(mail?.headers.map(([header]) => header).sort());
    expect(seen.headers).not.toContain('bcc');
    expect(seen.subject).toBe(mail?.subject);
    expect(seen.text.replaceAll('\r\n', '\n')).toBe(mail?.text);
    expect(seen.html.replaceAll('\r\n', '\n')).toBe(mail?.html);
    // What is shown is what was said, without what cannot be seen.
    if (name.length < 100) expect(seen.text).toContain(name.replace(/[\r\n]+/g, ' '));
    expect(
      seen.subject.startsWith(
        name
          .replace(/[\r\n]+/g, ' ')
          .replaceAll('=?', '= ?')
          .slice(0, 20),
      ),
    ).toBe(true);
  });
});
