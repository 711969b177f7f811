/**
 * Mail through an SMTP server: one parcel is one mail (`digest`), or one mail for each of its records (`each`).
 *
 * A server that took a mail may say so too late: the connection breaks, or the process dies, before the answer is kept. Such a mail is
 * sent again, with the same Message-ID for the same records (see email/postbook.ts), so that mail systems can fold the repeat.
 * Recipients who have it already do not get it again while the process lives.
 */
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionOptions, SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import { Failure } from '../core/failure.ts';
import { defineSink, type SinkPlace } from '../core/kinds.ts';
import type { Sink } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { lookAtCertificate } from './email/certificate.ts';
import { factsOf } from './email/facts.ts';
import { compose, recipientsOf } from './email/mail.ts';
import { type EmailOptions, options } from './email/options.ts';
import { openPostbook, type Planned } from './email/postbook.ts';
import { isLoopback } from './email/server.ts';
import { openSession, type Session } from './email/session.ts';
import { clean, isForGood, isTlsTrouble, judge, readTrouble, type SmtpTrouble } from './email/status.ts';
import { counted } from './email/words.ts';
import { readTrust } from './wire/trust.ts';

/** Most records in one digest, so that laying it out stays quick; what is more waits for the next. */
const mostInDigest = 5_000;
/** Mails that go over one connection, and that a kill could repeat. */
const mostInARow = 50;

/** Cutting a digest finds one guilty record in fewer steps; whoever sends on is taken for a spammer. */
const mostRefusals = 20;

/** Mail through an SMTP server. */
export const email = defineSink({
  name: 'email',
  summary: 'Mail through an SMTP server: digests or one by one, as HTML and text',
  options,
  open,
});

async function open(given: EmailOptions, world: World, place: SinkPlace): Promise<Sink> {
  const [{ default: Connection }, { default: Composer }] = await Promise.all([
    import('nodemailer/lib/smtp-connection'),
    import('nodemailer/lib/mail-composer'),
  ]);
  const mailbox = openMailbox(Connection, given, place);
  await mailbox.readOptions();
  const recipients = recipientsOf(given);
  const book = openPostbook(given);
  /** Of mails that not everybody has yet: who has it, or will never take it. */
  const served = new Map<string, Set<string>>();
  /** Mails running whose content was refused. */
  let refusals = 0;

  /** One refused mail is its records' fault; many running are not. */
  function refusedOnce(failure: unknown): unknown {
    if (!(failure instanceof Failure) || failure.code !== 'email.content-refused' || ++refusals <= mostRefusals) return failure;
    return new Failure('config', 'email.all-refused', `${failure.message} (${refusals} mails running were refused so)`, {
      advice: 'Let mails of `from` pass the filters of the mail server; nothing is dropped, and the route goes on by itself.',
    });
  }

  async function sendTo(session: Session, { messageId, content }: Planned, left: readonly string[]): Promise<void> {
    const about = { what: `sending a mail of ${counted(content.length, 'record')} through ${mailbox.at}`, at: atOf(content) };
    const message = await compose(Composer, content, messageId, given, place.name, world.clock.now());
    const done = served.get(messageId) ?? new Set();
    const wasTaken = done.size > 0;
    let info: Pick<SMTPConnectionSendInfo, 'accepted' | 'rejectedErrors' | 'response'>;
    try {
      info = await session.send(given.from.address, left, message);
    } catch (error) {
      // Nobody is left but those who will never take it.
      const refused = refusedOf(error);
      if (!wasTaken || refused.length === 0 || !refused.every(([, trouble]) => isForGood(trouble))) throw refusedOnce(mailbox.failure(about, error));
      info = { accepted: [], rejectedErrors: errorsOf(error), response: '' };
    }
    served.set(messageId, done);
    for (const one of info.accepted) done.add(one);
    if (info.accepted.length > 0) {
      refusals = 0;
      if (!wasTaken) book.sent(world.clock.now());
      world.report({
        name: 'mail.sent',
        sink: place.name,
        messageId,
        records: content.length,
        recipients: info.accepted.length,
        answer: clean(info.response, mailbox.secrets),
      });
    }
    const later: SmtpTrouble[] = [];
    for (const [recipient, trouble] of refusedOf({ rejectedErrors: info.rejectedErrors })) {
      if (!isForGood(trouble)) {
        later.push(trouble);
        continue;
      }
      done.add(recipient);
      world.report({ name: 'mail.recipient-refused', sink: place.name, recipient, messageId, reason: clean(trouble.response, mailbox.secrets) });
    }
    const [first] = later;
    if (first) throw judge({ ...about, secrets: mailbox.secrets }, first);
  }

  return {
    limits: { records: given.mode === 'each' ? mostInARow : mostInDigest, bytes: given.maxSize },
    marksAreOptional: true,
    async check(signal) {
      const session = await mailbox.connect(signal);
      try {
        await session.reset().catch((error: unknown) => {
          throw mailbox.failure({ what: `resetting the session with ${mailbox.at}` }, error);
        });
        const how = session.isEncrypted ? 'encrypted' : 'not encrypted';
        return `${mailbox.at}: connected, ${how}, ${mailbox.user === undefined ? 'no login needed' : `logged in as ${mailbox.user}`}; nothing was sent`;
      } finally {
        session.end();
      }
    },
    async resume(marks) {
      book.resume(marks);
    },
    async prepare(parcel) {
      return book.prepare(book.plan(factsOf(parcel)));
    },
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      const facts = factsOf(parcel);
      if (facts.length === 0) return { refused: [] };
      let session: Session | null = null;
      try {
        for (const mail of book.plan(facts)) {
          const left = recipients.filter((one) => !served.get(mail.messageId)?.has(one));
          if (left.length === 0) continue;
          const waitMs = served.has(mail.messageId) ? 0 : book.waitMs(world.clock.now());
          if (waitMs > 0) throw tooMany(given.maxPerHour, waitMs);
          session ??= await mailbox.connect(signal);
          await sendTo(session, mail, left);
        }
      } finally {
        session?.end();
      }
      served.clear();
      return { refused: [], marks: book.settled(facts, world.clock.now()) };
    },
    close: async () => undefined,
  };
}

function tooMany(maxPerHour: number, waitMs: number): Failure {
  const minutes = Math.ceil(waitMs / 60_000);
  return new Failure(
    'transient',
    'email.rate-cap',
    `sending a mail failed before it began: ${counted(maxPerHour, 'mail')} left within the last hour, as \`maxPerHour\` allows; the next leaves in ${counted(minutes, 'minute')}`,
    { advice: 'Nothing is lost. Raise `maxPerHour` or `every`, or let `where` choose fewer records.', retryAfterMs: waitMs },
  );
}

/** The record of a mail of one, so that the others of its parcel go on without it. */
function atOf(content: Planned['content']): Failure['at'] {
  const [{ section, record }] = content;
  return content.length === 1 ? { lane: section.lane, seq: record.seq } : undefined;
}

function errorsOf(thrown: unknown): Error[] {
  const { rejectedErrors } = thrown as { readonly rejectedErrors?: unknown };
  return Array.isArray(rejectedErrors) ? rejectedErrors.filter((each): each is Error => each instanceof Error) : [];
}

/** Who was refused, and how. */
function refusedOf(thrown: unknown): readonly (readonly [recipient: string, SmtpTrouble])[] {
  return errorsOf(thrown).flatMap((error) => {
    const { recipient } = error as { readonly recipient?: unknown };
    const trouble = readTrouble(error);
    return typeof recipient === 'string' && trouble ? [[recipient, trouble] as const] : [];
  });
}

/** The way to the server, and how its failures are told. */
function openMailbox(Connection: typeof SMTPConnection, given: EmailOptions, { folder }: SinkPlace) {
  const { smtp, timeout, name, servername } = given;
  const user = smtp.user ?? given.user;
  const password = smtp.password ?? given.password;
  const starttls = given.starttls ?? (password && !isLoopback(smtp.host) ? 'required' : 'opportunistic');
  const at = `${smtp.host.includes(':') ? `[${smtp.host}]` : smtp.host}:${smtp.port}`;
  const word = password?.reveal() ?? '';
  // A server may repeat what was said, in the forms in which it was said.
  const secrets = word === '' ? [] : [word, ...[word, `\0${user}\0${word}`].map((text) => Buffer.from(text).toString('base64'))];

  async function readOptions(): Promise<SMTPConnectionOptions> {
    return {
      host: smtp.host,
      port: smtp.port,
      secure: smtp.isTls,
      ignoreTLS: starttls === 'never',
      requireTLS: !smtp.isTls && starttls === 'required',
      opportunisticTLS: starttls === 'opportunistic',
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      dnsTimeout: timeout,
      maxResponseSize: 65_536,
      tls: { secureContext: await readTrust(given, folder), minVersion: 'TLSv1.2', ...(servername === undefined ? {} : { servername }) },
      ...(name === undefined ? {} : { name }),
    };
  }

  function failure(asked: { readonly what: string; readonly at?: Failure['at']; readonly beside?: string | undefined }, error: unknown): unknown {
    const trouble = readTrouble(error);
    return trouble ? judge({ ...asked, secrets }, trouble) : error;
  }

  async function connect(signal: AbortSignal): Promise<Session> {
    const connection = await readOptions();
    const what = `connecting to ${at}`;
    const session = await openSession(Connection, connection, signal).catch(async (error: unknown) => {
      const trouble = readTrouble(error);
      const isCertificate = trouble !== undefined && trouble.reply === 0 && isTlsTrouble(trouble);
      throw failure({ what, beside: isCertificate ? await lookAtCertificate(Connection, connection, signal) : undefined }, error);
    });
    if (user === undefined || password === undefined) return session;
    try {
      if (!session.offersLogin)
        throw new Failure(
          'config',
          'email.no-login',
          `logging in at ${at} failed: the server offers no login${session.isEncrypted ? '' : ' on a connection that is not encrypted'}`,
          {
            advice: 'Use `smtps://` or `starttls: required`; or leave `user` and `password` out.',
          },
        );
      await session.login(user, password.reveal());
      return session;
    } catch (error) {
      session.end();
      throw failure({ what: `logging in at ${at} as ${user}` }, error);
    }
  }

  return { at, user, secrets, readOptions, failure, connect };
}
