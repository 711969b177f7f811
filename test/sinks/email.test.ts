import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Parcel, Sink } from '../../src/core/types.ts';
import type { Report } from '../../src/core/world.ts';
import { decodeWords, type Smtp, type SmtpOptions, startSmtp } from '../far-ends/smtp.ts';
import { noon, parcelOf, type SectionPlan } from '../laws/parcels.ts';
import { type FarEnd, SmallEngine, sinkLaws } from '../laws/sink.laws.ts';
import { failureOf, movable, openEmail, type Written } from './email-world.ts';

const password = 'secret-of-the-mail-server';

const lawsOn = (written: Written) => async (): Promise<FarEnd> => {
  const smtp = await startSmtp({ user: 'sophos', password });
  const base = { smtp: smtp.url, user: 'sophos', password, attach: 'always', maxPerHour: 1000, ...written };
  return {
    promises: 'at-least-once',
    secrets: [password, 'another-secret-password'],
    open: () => openEmail(base),
    openWithBadToken: () => openEmail({ ...base, password: 'another-secret-password' }),
    received: async () => smtp.mails.flatMap(({ lines }) => lines),
    breakOnce(fault) {
      if (fault === 'refuse') smtp.refuseText('refuse-me');
      else if (fault === 'busy') smtp.faults.push({ at: 'to', answer: '450 4.2.0 Greylisted, come back later' });
      else smtp.faults.push(fault);
    },
    close: smtp.close,
  };
};

sinkLaws('email in digests', lawsOn({}));
sinkLaws('email one by one', lawsOn({ mode: 'each' }));

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
const never = new AbortController().signal;

async function start(written: Written = {}, more: SmtpOptions = {}, around: Parameters<typeof openEmail>[1] = {}): Promise<{ smtp: Smtp; sink: Sink }> {
  const smtp = await startSmtp(more);
  opened.push(smtp);
  const sink = await openEmail({ smtp: smtp.url, ...written }, around);
  opened.push(sink);
  return { smtp, sink };
}

type Item = Readonly<Record<string, unknown>>;

/** A parcel whose records are these items, as the format `json` writes them. */
function parcelWith(sections: readonly (Omit<SectionPlan, 'items'> & { readonly items: readonly Item[] })[]): Parcel {
  const { sections: planned } = parcelOf(sections.map((section) => ({ ...section, items: section.items.map((item) => JSON.stringify(item)) })));
  return {
    sections: planned.map((section, s) => ({
      ...section,
      records: section.records.map(({ seq, key, time, fetchedAt }, i) => {
        const json = JSON.stringify(sections[s]?.items[i]);
        return { seq, key, time, fetchedAt, json, utf8: Buffer.from(json) };
      }),
    })),
  };
}

const event = (name: string, more: Item = {}): Item => ({
  type: 'Event::Endpoint::CorePuaDetection',
  severity: 'medium',
  location: 'FIN-WS-0142',
  source: 'ACME\\dana',
  name,
  ...more,
});

describe('a digest', () => {
  it('tells of every tenant in a table of its own, with sums over all', async () => {
    const { smtp, sink } = await start();
    const tenants = Array.from({ length: 30 }, (_, t) => ({
      tenant: `t${t}`,
      name: `Customer ${t}`,
      items: [event(`first of ${t}`), event(`second of ${t}`, { severity: 'high' })],
    }));
    await sink.deliver(parcelWith(tenants), never);
    const [mail] = smtp.mails;
    expect(smtp.mails).toHaveLength(1);
    expect(mail?.subject).toBe('Sophos Central: 60 records of 30 tenants, high: Event::Endpoint::CorePuaDetection');
    expect(mail?.html.match(/<table/g)).toHaveLength(30);
    expect(mail?.html.match(/<tr><td/g)).toHaveLength(60);
    for (const text of [mail?.text, mail?.html]) {
      expect(text).toContain('30 high, 30 medium');
      for (let t = 0; t < 30; t++) expect(text).toContain(`second of ${t}`);
    }
    expect(mail?.text).toMatch(/^2026-03-01T10:00:00Z {2}medium {2}Event::Endpoint::CorePuaDetection$/m);
    expect(mail?.text).toMatch(/^ {2}host {2}FIN-WS-0142\n {2}user {2}ACME\\dana\n {2}name {2}first of 0$/m);
    expect(mail?.parts.map(({ type }) => type)).toEqual(['text/plain', 'text/html']);
  });

  it('lists the most severe when there are too many, tells how many more, and attaches all of them', async () => {
    const { smtp, sink } = await start({ maxRecords: 3, mode: 'digest' });
    const items = Array.from({ length: 50 }, (_, i) => event(`number ${i}`, { severity: i % 20 === 7 ? 'critical' : 'low' }));
    await sink.deliver(parcelWith([{ tenant: 't1', name: 'Acme', items }]), never);
    const [mail] = smtp.mails;
    expect(mail?.text).toContain('and 47 more; the most severe are listed. All of them are attached as records.ndjson.');
    expect(mail?.text).toContain('Acme (3 of 50)');
    expect([...(mail?.text.matchAll(/name {2}number (\d+)/g) ?? [])].map(([, n]) => n)).toEqual(['7', '27', '47']);
    expect(mail?.lines).toEqual(items.map((item) => JSON.stringify(item)));
  });

  it('attaches nothing when it shows everything, unless told to', async () => {
    for (const [attach, count] of [
      ['overflow', 0],
      ['never', 0],
      ['always', 2],
    ] as const) {
      const { smtp, sink } = await start({ attach });
      await sink.deliver(parcelWith([{ tenant: 't1', items: [event('a'), event('b')] }]), never);
      expect(smtp.mails[0]?.lines).toHaveLength(count);
    }
  });

  it('compresses a large attachment', async () => {
    const { smtp, sink } = await start({ maxRecords: 1 });
    const items = Array.from({ length: 2000 }, (_, i) => event(`number ${i}`));
    await sink.deliver(parcelWith([{ tenant: 't1', items }]), never);
    expect(smtp.mails[0]?.parts.map(({ filename }) => filename)).toEqual([undefined, undefined, 'records.ndjson.gz']);
    expect(smtp.mails[0]?.lines).toHaveLength(2000);
    expect(smtp.mails[0]?.raw.length).toBeLessThan(60_000);
  });

  it('names who it is from and for, and asks machines not to answer', async () => {
    const { smtp, sink } = await start({
      cc: ['Boss <boss@example.com>'],
      bcc: 'hidden@example.com',
      replyTo: 'help@example.com',
      name: 'connector.example.com',
    });
    await sink.deliver(parcelWith([{ tenant: 't1', items: [event('a')] }]), never);
    const [mail] = smtp.mails;
    expect(mail?.to).toEqual(['soc@example.com', 'boss@example.com', 'hidden@example.com']);
    expect(mail?.from).toBe('sophos@example.com');
    expect(mail?.raw).not.toContain('hidden@example.com');
    expect(Object.fromEntries(mail?.headers ?? [])).toMatchObject({
      from: 'Sophos Central <sophos@example.com>',
      to: 'soc@example.com',
      cc: 'Boss <boss@example.com>',
      'reply-to': 'help@example.com',
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
    });
    expect(smtp.greetings).toEqual(['connector.example.com']);
  });

  it('goes to addresses with letters of any script in their domain, and to a hundred of them', async () => {
    const many = Array.from({ length: 99 }, (_, i) => `n${i}@example.com`);
    const { smtp, sink } = await start({ from: 'Über "Wacht" <wacht@bücher.example>', to: ['zoë <z@bücher.example>', ...many] });
    await sink.deliver(parcelWith([{ tenant: 't1', items: [event('a')] }]), never);
    const [mail] = smtp.mails;
    // The server reads Punycode back.
    expect([mail?.from, mail?.to[0], mail?.to.length]).toEqual(['wacht@bücher.example', 'z@bücher.example', 100]);
    expect(mail?.raw).toMatch(/^[\t\r\n\x20-\x7e]*$/);
    expect(mail?.messageId).toMatch(/@xn--bcher-kva\.example>$/);
    expect(decodeWords(Object.fromEntries(mail?.headers ?? []).from ?? '')).toMatch(/^"?Über .*Wacht.* <wacht@xn--bcher-kva\.example>$/);
  });

  it('stays of a size that can be sent, whatever stands in it', async () => {
    const { smtp, sink } = await start({ maxRecords: 5000, attach: 'never' });
    const long = '漢'.repeat(5000);
    await sink.deliver(
      parcelWith([{ tenant: 't1', items: Array.from({ length: 3000 }, () => event(long, { type: long, location: long, source: long })) }]),
      never,
    );
    expect(smtp.mails[0]?.raw.length).toBeLessThan(25_000_000);
    expect(smtp.mails[0]?.text).toMatch(/^and \d{4} more; the most severe are listed\.$/m);
  });

  it('tells what it can of records of other streams, and of what is no object', async () => {
    const { smtp, sink } = await start({ subject: '{count} {group} {host} {user} {name} {stream} {tenant.label.site} {date} {route}' });
    const alert = {
      type: 'Event::Endpoint::UpdateFailure',
      severity: 'high',
      raisedAt: 'x',
      description: 'Out of date',
      managedAgent: { name: 'SRV-1' },
      person: { name: 'Zoë' },
      category: 'updating',
    };
    await sink.deliver(parcelWith([{ tenant: 't1', labels: { site: 'Linz' }, stream: 'alerts', items: [alert] }]), never);
    expect(smtp.mails[0]?.subject).toBe('1 updating SRV-1 Zoë Out of date alerts Linz 2026-03-01 route');
    await sink.deliver(parcelOf([{ tenant: 't1', after: 9, items: ['17'] }]), never);
    expect(smtp.mails[1]?.text).toContain('1 record of t1');
  });
});

describe('a hostile record', () => {
  const hostile = [
    'a\r\nBcc: victim@example.com\r\n\r\nforged body',
    '=?utf-8?B?Zm9yZ2Vk?=',
    '<script>alert(1)</script><img src=x onerror="x">&amp;\'"',
    '\u202Egnp.exe\u202C \u2066isolate\u2069 \u200Bzero \uFEFF',
    '😀 👨‍👩‍👧 漢字 ünï עברית العربية',
    '\uD800 lone \uDC00',
    '\n.\nQUIT\r\n.\r\nMAIL FROM:<x@y>',
    `${'x'.repeat(65_536)}END`,
    '{count} {tenant.name} $& $1',
    '\u0000\u001b[31m red',
  ];

  it('forges no header, no address, no part and no command', async () => {
    for (const name of hostile) {
      const { smtp, sink } = await start({ subject: '{name} {type} {host} {tenant.name}', attach: 'always' });
      const item = event(name, { type: name, location: name, source: name, severity: name, group: name });
      await sink.deliver(parcelWith([{ tenant: 't1', name, items: [item] }]), never);
      await sink.deliver(parcelWith([{ tenant: 't1', after: 1, items: [event('next')] }]), never);
      expect(smtp.mails).toHaveLength(2);
      const [mail] = smtp.mails;
      expect(mail?.headers.map(([header]) => header).sort()).toEqual(
        [
          'auto-submitted',
          'content-type',
          'date',
          'from',
          'message-id',
          'mime-version',
          'subject',
          'to',
          'x-auto-response-suppress',
          'x-sophos-central-records',
        ].sort(),
      );
      expect(mail?.to).toEqual(['soc@example.com']);
      expect(mail?.parts.map(({ type }) => type)).toEqual(['text/plain', 'text/html', name.length > 60_000 ? 'application/gzip' : 'application/x-ndjson']);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
      const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\u200b\ufeff]/;
      for (const text of [mail?.subject, mail?.text, mail?.html]) expect(text).not.toMatch(unseen);
      expect(mail?.subject).not.toContain('\n');
      expect([...(mail?.subject ?? '')].length).toBeLessThanOrEqual(180);
      expect(mail?.subject).not.toMatch(/^forged/);
      expect(mail?.html.replace(/<\/?(?:!doctype|html|head|meta|title|body|h[23]|p|b|br|bdi|table|thead|tbody|tr|th|td)\b[^<>]*>/g, '')).not.toMatch(/[<>]/);
      expect(mail?.html).not.toMatch(/<[^>]*onerror=(?!"?[^<]*&#)/);
      // No line of what travels is longer than SMTP allows (RFC 5321, 4.5.3.1.6), and all of it is ASCII.
      expect(Math.max(...(mail?.raw.split('\r\n').map(({ length }) => length) ?? []))).toBeLessThanOrEqual(998);
      expect(mail?.raw).toMatch(/^[\t\r\n\x20-\x7e]*$/);
      expect(mail?.lines).toEqual([JSON.stringify(item)]);
    }
  });

  it('keeps its letters where they harm nobody', async () => {
    const { smtp, sink } = await start({ subject: '{name}' });
    await sink.deliver(parcelWith([{ tenant: 't1', items: [event('😀 👨‍👩‍👧 漢字 ünï עברית')] }]), never);
    expect(smtp.mails[0]?.subject).toBe('😀 👨‍👩‍👧 漢字 ünï עברית');
    expect(smtp.mails[0]?.text).toContain('😀 👨‍👩‍👧 漢字 ünï עברית');
    expect(smtp.mails[0]?.html).toContain('<bdi>😀 👨‍👩‍👧 漢字 ünï עברית</bdi>');
  });

  it('whose value is cut comes whole as an attachment', async () => {
    const { smtp, sink } = await start();
    const item = event(`${'long '.repeat(13_000)}END`);
    await sink.deliver(parcelWith([{ tenant: 't1', items: [item] }]), never);
    expect(smtp.mails[0]?.text).toContain('…');
    expect(smtp.mails[0]?.lines).toEqual([JSON.stringify(item)]);
  });
});

describe('the rate cap', () => {
  it('lets so many mails go in an hour, loses nothing, and is kept across a restart', async () => {
    const clock = movable(noon);
    const { smtp, sink } = await start({ maxPerHour: 2, attach: 'always' }, {}, { clock });
    const engine = new SmallEngine();
    const parcel = (n: number) => parcelWith([{ tenant: 't1', after: n, items: [event(`number ${n}`)] }]);
    await engine.send(sink, parcel(0));
    clock.move(600_000);
    await engine.send(sink, parcel(1));
    const failure = await failureOf(engine.send(sink, parcel(2)));
    expect(failure).toMatchObject({ kind: 'transient', code: 'email.rate-cap', retryAfterMs: 3_000_000 });
    const next = await openEmail({ smtp: smtp.url, maxPerHour: 2, attach: 'always' }, { clock });
    await next.resume(engine.marks, never);
    expect((await failureOf(engine.send(next, parcel(2)))).code).toBe('email.rate-cap');
    expect(smtp.mails).toHaveLength(2);
    clock.move(3_000_000);
    await engine.send(next, parcel(2));
    expect((await failureOf(engine.send(next, parcel(3)))).retryAfterMs).toBe(600_000);
    clock.move(600_000);
    await engine.send(next, parcel(3));
    expect(smtp.mails.flatMap(({ lines }) => lines).map((line) => (JSON.parse(line) as { name: string }).name)).toEqual([0, 1, 2, 3].map((n) => `number ${n}`));
  });

  it('holds in the middle of mails one by one, and sends none of them again', async () => {
    const clock = movable(noon);
    const { smtp, sink } = await start({ mode: 'each', maxPerHour: 3 }, {}, { clock });
    const parcel = parcelWith([{ tenant: 't1', items: Array.from({ length: 5 }, (_, i) => event(`number ${i}`)) }]);
    expect((await failureOf(sink.deliver(parcel, never))).code).toBe('email.rate-cap');
    expect(smtp.mails).toHaveLength(3);
    clock.move(3_600_000);
    await sink.deliver(parcel, never);
    expect(smtp.mails.map(({ subject }) => subject)).toEqual(Array(5).fill('Sophos Central: 1 record of t1, medium: Event::Endpoint::CorePuaDetection'));
    expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(5);
  });
});

describe('a repeat', () => {
  const items = (from: number, count: number) => Array.from({ length: count }, (_, i) => event(`number ${from + i}`));

  it('after a kill is the same mail with the same Message-ID, though more records wait by then', async () => {
    const { smtp, sink } = await start({ attach: 'always' });
    const engine = new SmallEngine();
    const before = parcelWith([
      { tenant: 't1', items: items(0, 3) },
      { tenant: 't2', items: items(0, 2) },
    ]);
    await engine.prepare(sink, before);
    await sink.deliver(before, never);
    const next = await openEmail({ smtp: smtp.url, attach: 'always' });
    await next.resume(engine.marks, never);
    const after = parcelWith([
      { tenant: 't3', items: items(0, 1) },
      { tenant: 't1', items: items(0, 5) },
      { tenant: 't2', items: items(0, 2) },
    ]);
    await engine.send(next, after);
    const [first, again, rest] = smtp.mails;
    expect(smtp.mails).toHaveLength(3);
    expect(again?.messageId).toBe(first?.messageId);
    expect(again?.messageId).toMatch(/^<[0-9a-f]{32}\.5@example\.com>$/);
    expect(again?.lines).toEqual(first?.lines);
    expect(rest?.messageId).not.toBe(first?.messageId);
    expect(rest?.lines).toHaveLength(3);
    expect([...engine.marks.keys()]).toEqual(['sent']);
  });

  it('goes only to those who have it not yet', async () => {
    const reports: Report[] = [];
    const { smtp, sink } = await start({ to: ['a@example.com', 'b@example.com', 'c@example.com'] }, {}, { reports });
    smtp.refuse('c@example.com', '550 5.1.1 No such user\u001b[31m');
    smtp.faults.push({ at: 'to', who: 'b@example.com', answer: '451 4.7.1 Greylisted' });
    const parcel = parcelWith([{ tenant: 't1', items: items(0, 1) }]);
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'transient', code: 'email.not-now' });
    await sink.deliver(parcel, never);
    expect(smtp.mails.map(({ to }) => to)).toEqual([['a@example.com'], ['b@example.com']]);
    expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(1);
    const told = reports.filter(({ name }) => name === 'mail.recipient-refused');
    expect(told).toEqual([expect.objectContaining({ recipient: 'c@example.com', reason: '550 5.1.1 No such user [31m' })]);
  });

  it.each([true, false])('is not stopped by recipients who will never take it (pipelining %s)', async (pipelines) => {
    const { smtp, sink } = await start({ to: ['a@example.com', 'b@example.com'] }, { pipelines });
    smtp.refuse('b@example.com', '550 5.1.1 No such user');
    await sink.deliver(parcelWith([{ tenant: 't1', items: items(0, 1) }]), never);
    expect(smtp.mails.map(({ to }) => to)).toEqual([['a@example.com']]);
    smtp.refuse('a@example.com', '550 5.1.1 No such user');
    expect(await failureOf(sink.deliver(parcelWith([{ tenant: 't1', after: 1, items: items(1, 1) }]), never))).toMatchObject({
      kind: 'config',
      code: 'email.recipients-refused',
    });
  });

  it('of mails one by one names the record that is refused, and leaves out those that went', async () => {
    const { smtp, sink } = await start({ mode: 'each' });
    smtp.refuseText('EICAR');
    const parcel = parcelWith([{ tenant: 't1', after: 4, items: [event('good'), event('EICAR'), event('good too')] }]);
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind: 'rejected', code: 'email.content-refused', at: { seq: 6 } });
    expect(smtp.mails).toHaveLength(1);
  });
});

describe('the way to the mail server', () => {
  it('is checked without sending a mail', async () => {
    const { smtp, sink } = await start({ user: 'sophos', password }, { user: 'sophos', password });
    expect(await sink.check(never)).toBe(`127.0.0.1:${smtp.port}: connected, not encrypted, logged in as sophos; nothing was sent`);
    expect(smtp.begun).toBe(0);
  });

  it('takes user and password in the URL, whatever stands in them', async () => {
    const odd = 'p@ss:w/ö rd';
    const smtp = await startSmtp({ user: 'me@example.com', password: odd });
    opened.push(smtp);
    const sink = await openEmail({ smtp: smtp.url.replace('://', `://me%40example.com:${encodeURIComponent(odd)}@`) });
    await sink.deliver(parcelWith([{ tenant: 't1', items: [event('a')] }]), never);
    expect(smtp.mails[0]?.user).toBe('me@example.com');
  });

  it('loads nodemailer only when a sink is opened', () => {
    const source = readFileSync(new URL('../../src/sinks/email.ts', import.meta.url), 'utf8');
    expect([...source.matchAll(/^import (?!type).*nodemailer/gm)]).toEqual([]);
  });
});
