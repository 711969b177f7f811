/** The way of a mail: TLS, slow and broken servers, size limits; and the book that makes a repeat the same mail. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Parcel } from '../../src/core/types.ts';
import { type Smtp, type SmtpOptions, startSmtp } from '../far-ends/smtp.ts';
import { startScriptedSmtp } from '../far-ends/smtp-script.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { SmallEngine } from '../laws/sink.laws.ts';
import { failureOf, openEmail, type Written } from './email-world.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
const never = new AbortController().signal;
const one = parcelOf([{ tenant: 't1', items: jsonLines('t1', 1) }]);

async function begin(options: SmtpOptions = {}): Promise<Smtp> {
  const smtp = await startSmtp(options);
  opened.push(smtp);
  return smtp;
}

describe('a connection with TLS', () => {
  let folder = '';
  const pem = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'email-tls-'));
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Our CA');
    for (const [name, subject, usage] of [
      ['server', '/CN=mail', 'subjectAltName=IP:127.0.0.1'],
      ['client', '/CN=connector', 'extendedKeyUsage=clientAuth'],
    ] as const) {
      openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
      writeFileSync(path.join(folder, `${name}.ext`), `${usage}\n`);
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-days',
        '2',
        '-out',
        `${name}.pem`,
        '-extfile',
        `${name}.ext`,
      );
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const server = () => ({ key: pem('server.key'), cert: pem('server.pem') });

  it.each([
    ['smtps', { isImplicit: true }, {}, true],
    ['STARTTLS required', {}, { starttls: 'required' }, true],
    ['STARTTLS where it is offered', {}, {}, true],
    ['no STARTTLS', {}, { starttls: 'never' }, false],
  ] as const)('carries the mail: %s', async (_name, options, written, isEncrypted) => {
    const smtp = await begin({ ...options, tls: server(), user: 'me', password: 'word' });
    const sink = await openEmail({ smtp: smtp.url, user: 'me', password: 'word', caFile: 'ca.pem', ...written }, { folder });
    expect(await sink.check(never)).toContain(isEncrypted ? 'connected, encrypted, logged in as me' : 'connected, not encrypted');
    await sink.deliver(one, never);
    expect(smtp.mails[0]).toMatchObject({ isEncrypted, user: 'me' });
  });

  it('shows the client certificate that the server wants', async () => {
    const smtp = await begin({ isImplicit: true, tls: { ...server(), ca: pem('ca.pem') } });
    const certificate = { caFile: 'ca.pem', certFile: 'client.pem', keyFile: 'client.key' };
    const sink = await openEmail({ smtp: smtp.url, ...certificate }, { folder });
    await sink.deliver(one, never);
    expect(smtp.mails).toHaveLength(1);
  });

  it('tells at the start which file is wrong', async () => {
    const failure = await failureOf(openEmail({ smtp: 'smtp://127.0.0.1', caFile: 'ca.key' }, { folder }));
    expect(failure.kind).toBe('config');
    expect(failure.message).toContain('caFile');
  });

  it('gives no password to a server that is not who it should be, and none without TLS where it is required', async () => {
    const smtp = await begin({ tls: server(), user: 'me', password: 'word' });
    const other = await openEmail({ smtp: smtp.url, user: 'me', password: 'word', starttls: 'required' }, { folder });
    expect((await failureOf(other.check(never))).code).toBe('email.tls');
    const plain = await startScriptedSmtp({ AUTH: 'close' });
    opened.push(plain);
    const sink = await openEmail({ smtp: `smtp://127.0.0.1:${plain.port}`, user: 'me', password: 'word', starttls: 'required' });
    expect((await failureOf(sink.deliver(one, never))).code).toBe('email.no-starttls');
  });
});

describe('a server', () => {
  it('that takes no mail above a size says so before it is sent', async () => {
    const smtp = await begin({ maxBytes: 20_000 });
    const sink = await openEmail({ smtp: smtp.url, attach: 'always' });
    await sink.deliver(one, never);
    const large = parcelOf([
      { tenant: 't1', after: 1, items: jsonLines('t1', 20, 1, Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i) % 251)).toString('base64')) },
    ]);
    expect(await failureOf(sink.deliver(large, never))).toMatchObject({ kind: 'rejected', code: 'email.too-large' });
    expect(smtp.mails).toHaveLength(1);
  });

  it.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', '.'] as const)('that is silent at %s is left within a second of an abort', async (step) => {
    const far = await startScriptedSmtp({ [step]: 'silence' });
    opened.push(far);
    const sink = await openEmail({ smtp: `smtp://127.0.0.1:${far.port}` });
    const stop = new AbortController();
    const work = sink.deliver(one, stop.signal).then(
      () => 'delivered',
      (error: unknown) => error,
    );
    expect(await Promise.race([work, new Promise((resolve) => setTimeout(resolve, 100, 'under way'))])).toBe('under way');
    const abortedAt = performance.now();
    stop.abort(new Error('stopped'));
    expect(await work).toBe(stop.signal.reason);
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  it('that never says goodbye holds nobody up', async () => {
    const far = await startScriptedSmtp({ QUIT: 'silence' });
    opened.push(far);
    const sink = await openEmail({ smtp: `smtp://127.0.0.1:${far.port}` });
    await sink.deliver(one, never);
    await sink.deliver(one, never);
  });

  it('that refuses a digest is asked again by whoever cuts it, until the guilty record stands alone', async () => {
    const smtp = await begin();
    smtp.refuseText('"t1-3"');
    const sink = await openEmail({ smtp: smtp.url, attach: 'always' });
    const engine = new SmallEngine();
    const lines = jsonLines('t1', 4);
    expect((await failureOf(engine.send(sink, parcelOf([{ tenant: 't1', items: lines }])))).code).toBe('email.content-refused');
    await engine.send(sink, parcelOf([{ tenant: 't1', items: lines.slice(0, 2) }]));
    expect((await failureOf(engine.send(sink, parcelOf([{ tenant: 't1', after: 2, items: lines.slice(2, 3) }])))).kind).toBe('rejected');
    await engine.send(sink, parcelOf([{ tenant: 't1', after: 3, items: lines.slice(3) }]));
    expect(smtp.mails.flatMap((mail) => mail.lines)).toEqual([lines[0], lines[1], lines[3]]);
  });

  it('gets a digest of 5,000 records of 200 tenants at once', async () => {
    const smtp = await begin();
    const sink = await openEmail({ smtp: smtp.url, maxRecords: 5000, attach: 'always' });
    await sink.deliver(parcelOf(Array.from({ length: 200 }, (_, t) => ({ tenant: `t${t}`, items: jsonLines(`t${t}`, 25) }))), never);
    expect(smtp.mails[0]?.lines).toHaveLength(5000);
    expect(smtp.mails[0]?.html.match(/<tr><td/g)).toHaveLength(5000);
  });
});

describe('whatever happens between kills', () => {
  interface Step {
    readonly arrives: readonly number[];
    readonly fault: 'none' | 'busy' | 'lost-answer' | 'kill-before' | 'kill-after';
  }
  const step = fc.record<Step>({
    arrives: fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }),
    fault: fc.constantFrom('none', 'busy', 'lost-answer', 'kill-before', 'kill-after'),
  });

  /** As the engine does it: a failed parcel is sent again as it is; after a kill all that waits is read anew. */
  async function play(steps: readonly Step[], written: Written): Promise<{ smtp: Smtp; total: number }> {
    const smtp = await begin();
    const engine = new SmallEngine();
    const settled = [0, 0, 0];
    const read = [0, 0, 0];
    const open = async () => {
      const sink = await openEmail({ smtp: smtp.url, attach: 'always', maxPerHour: 1000, ...written });
      await sink.resume(engine.marks, never);
      return sink;
    };
    let sink = await open();
    let waiting: { readonly parcel: Parcel; readonly upTo: readonly number[] } | null = null;
    for (const { arrives, fault } of [...steps, { arrives: [1, 1, 1], fault: 'none' as const }, { arrives: [0, 0, 0], fault: 'none' as const }]) {
      arrives.forEach((count, lane) => {
        read[lane] = (read[lane] ?? 0) + count;
      });
      waiting ??= {
        upTo: [...read],
        parcel: parcelOf(
          settled
            .map((after, lane) => ({ tenant: `t${lane}`, after, items: jsonLines(`t${lane}`, (read[lane] ?? 0) - after, after + 1) }))
            .filter(({ items }) => items.length > 0),
        ),
      };
      if (fault === 'busy') smtp.faults.push({ at: 'from', answer: '451 4.3.0 busy' });
      if (fault === 'lost-answer') smtp.faults.push('lost-answer');
      await engine.prepare(sink, waiting.parcel);
      const receipt = fault === 'kill-before' ? null : await sink.deliver(waiting.parcel, never).catch(() => null);
      smtp.faults.length = 0;
      if (fault.startsWith('kill')) {
        sink = await open();
        waiting = null;
      } else if (receipt) {
        engine.settle(receipt);
        waiting.upTo.forEach((upTo, lane) => {
          settled[lane] = upTo;
        });
        waiting = null;
      }
    }
    expect(settled).toEqual(read);
    return { smtp, total: read.reduce((sum, count) => sum + count, 0) };
  }

  it.each([['digest'], ['each']])('every record is in exactly one mail, by Message-ID: %s', async (mode) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const { smtp, total } = await play(steps, { mode });
        const byId = new Map<string, readonly string[]>();
        for (const { messageId, lines } of smtp.mails) {
          expect(byId.get(messageId) ?? lines).toEqual(lines);
          byId.set(messageId, lines);
        }
        const all = [...byId.values()].flat();
        expect(all).toHaveLength(total);
        expect(new Set(all).size).toBe(total);
      }),
      { numRuns: 12 },
    );
  });
});
