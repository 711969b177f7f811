/** What every answer of a mail server, and every way in which there is none, means to us: one table. */
import { Failure, type FailureDetail, type FailureKind } from '../../core/failure.ts';
import { strikeOut } from '../../core/secret.ts';

/** What nodemailer says when a step fails. */
export interface SmtpTrouble {
  /** nodemailer's word: `EAUTH`, `EENVELOPE`, `EMESSAGE`, `ETLS`, `ESOCKET` ... */
  readonly code: string;
  /** The system's word, such as `ECONNREFUSED`. */
  readonly originalCode: string;
  readonly message: string;
  /** 0 without a reply. */
  readonly reply: number;
  readonly response: string;
  /** The command that was answered, such as `RCPT TO`. */
  readonly command: string;
}

/** One exchange, as far as judging it needs it. */
export interface Asked {
  /** What was attempted, such as `sending a mail of 3 records through mail.example.com:587`. */
  readonly what: string;
  /** Texts that must not be repeated. */
  readonly secrets: readonly string[];
  /** The record that the mail was about, when it was one among others. */
  readonly at?: FailureDetail['at'];
  /** What else was seen, such as the certificate. */
  readonly beside?: string | undefined;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

/** Where in the session it happened. */
type Phase = 'greeting' | 'tls' | 'login' | 'sender' | 'recipients' | 'data' | 'content';

const later = 'Nothing to do if it passes; otherwise look at the log of the mail server.';
const notNow: Verdict = { kind: 'transient', code: 'email.not-now', advice: later };
const unavailable: Verdict = { kind: 'transient', code: 'email.unavailable', advice: later };
const loginLater: Verdict = {
  kind: 'transient',
  code: 'email.login-unavailable',
  advice: 'Look at what the mail server asks for passwords; sending goes on by itself.',
};
const tlsLater: Verdict = {
  kind: 'transient',
  code: 'email.tls-unavailable',
  advice: 'Look at the certificate and key of the mail server; sending goes on by itself.',
};
const refusedLogin: Verdict = {
  kind: 'auth',
  code: 'email.login-refused',
  advice: 'Check user and password; many providers want an app password, or authenticated SMTP enabled for the mailbox.',
};
const wantsLogin: Verdict = { kind: 'auth', code: 'email.login-required', advice: 'Give `user` and `password`, or let the server relay for this machine.' };
const wantsTls: Verdict = { kind: 'config', code: 'email.tls-required', advice: 'Set `starttls: required`, or use `smtps://`.' };
const noTls: Verdict = {
  kind: 'config',
  code: 'email.no-starttls',
  advice: 'Use `smtps://` if the server has it; on a network that you trust, set `starttls: opportunistic`.',
};
const refusedSender: Verdict = { kind: 'config', code: 'email.sender-refused', advice: 'Correct `from`: an address for which this user or machine may send.' };
const refusedRecipients: Verdict = {
  kind: 'config',
  code: 'email.recipients-refused',
  advice: 'Correct `to`, `cc` and `bcc`, or let the server relay to them.',
};
const tooLarge: Verdict = {
  kind: 'rejected',
  code: 'email.too-large',
  advice: 'Lower `maxSize` or `maxRecords`, or set `attach: never`; the records go in smaller mails by themselves.',
};
const refusedContent: Verdict = {
  kind: 'rejected',
  code: 'email.content-refused',
  advice: 'Look at the filters of the mail server: records name threats, and their paths. Let mails of `from` pass.',
};
const refusedHost: Verdict = {
  kind: 'config',
  code: 'email.host-refused',
  advice: 'Let the mail server take mail of this machine, correct `name`, or use another server.',
};
const notSmtp: Verdict = { kind: 'config', code: 'email.not-smtp', advice: 'Check host and port of `smtp`: 465 is `smtps://`, 587 and 25 are `smtp://`.' };
const untrusted: Verdict = {
  kind: 'config',
  code: 'email.tls',
  advice: 'If it is a private certificate, give its issuer as `caFile`; otherwise check host name, port and clock.',
};

const wantsCertificate: Verdict = {
  kind: 'auth',
  code: 'email.client-certificate',
  advice: 'Give `certFile` and `keyFile` of a certificate that the mail server trusts.',
};
/** The alerts by which a server refuses the certificate of the one who calls, or that there is none. */
const refusesOurs = /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(?:REVOKED|EXPIRED|UNKNOWN)|UNKNOWN_CA|ACCESS_DENIED)/;

/** Replies that say the same wherever they come. RFC 5321, 4.2.3; RFC 4954, 6; RFC 3463; RFC 7504. */
const anywhere: ReadonlyMap<number, Verdict> = new Map([
  [421, unavailable],
  [432, refusedLogin],
  [521, refusedHost],
  [523, tooLarge],
  [534, refusedLogin],
  [535, refusedLogin],
  [538, wantsTls],
  [552, tooLarge],
  [556, refusedRecipients],
]);

/** What a refusal means by where it came: for now (4xx), and for good (5xx). */
const byPhase: Readonly<Record<Phase, readonly [forNow: Verdict, forGood: Verdict]>> = {
  greeting: [unavailable, refusedHost],
  tls: [tlsLater, noTls],
  login: [loginLater, refusedLogin],
  sender: [notNow, refusedSender],
  recipients: [notNow, refusedRecipients],
  data: [notNow, refusedContent],
  content: [notNow, refusedContent],
};

/** The failure of one step of a session. */
export function judge({ what, secrets, at, beside }: Asked, trouble: SmtpTrouble): Failure {
  const seen = clean(trouble.response === '' ? trouble.message : trouble.response, secrets);
  const { kind, code, advice } = trouble.reply === 0 ? withoutReply(trouble) : verdictOn(trouble);
  const step = trouble.command === '' || trouble.command === 'CONN' || trouble.command === 'API' ? '' : ` at ${clean(trouble.command, secrets)}`;
  const more = beside === undefined ? '' : `; ${beside}`;
  return new Failure(kind, code, `${what} failed${step}: ${seen || 'no reason given'}${more}`, { advice, ...(kind === 'rejected' && at ? { at } : {}) });
}

/** Is this recipient refused for good, though others are not? */
export function isForGood({ reply }: SmtpTrouble): boolean {
  return reply >= 500;
}

function verdictOn(trouble: SmtpTrouble): Verdict {
  const { reply, response } = trouble;
  const phase = phaseOf(trouble);
  if (phase === 'recipients' && reply === 552) return refusedRecipients;
  if (reply === 530) return /starttls|tls|encrypt/i.test(response) ? wantsTls : phase === 'login' ? refusedLogin : wantsLogin;
  if (phase === 'greeting' && reply >= 500 && reply <= 504) return notSmtp;
  const known = anywhere.get(reply);
  if (known) return known;
  // Not a refusal at all: an answer that does not belong here.
  if (reply < 400) return notSmtp;
  const [forNow, forGood] = byPhase[phase];
  return reply < 500 ? forNow : forGood;
}

function phaseOf({ code, command }: SmtpTrouble): Phase {
  if (command === 'MAIL FROM') return 'sender';
  if (command === 'RCPT TO') return 'recipients';
  if (command === 'DATA') return code === 'EMESSAGE' ? 'content' : 'data';
  if (command === 'STARTTLS') return 'tls';
  return command.startsWith('AUTH') ? 'login' : 'greeting';
}

const timedOut: Verdict = {
  kind: 'transient',
  code: 'email.timeout',
  advice: 'Check host, port and firewall; if the server is slow but well, raise `timeout`.',
};
const unknownName: Verdict = { kind: 'transient', code: 'email.dns', advice: 'Check the host in `smtp`, and the resolver.' };
const unreachable: Verdict = { kind: 'transient', code: 'email.unreachable', advice: 'Check host, port and firewall, and whether the mail server runs.' };
const broken: Verdict = {
  kind: 'transient',
  code: 'email.reset',
  advice: 'Look at the log of the mail server, and at firewalls that look into mail; the mail is sent again with the same Message-ID.',
};

const refusals = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);

function withoutReply({ code, originalCode, message, command }: SmtpTrouble): Verdict {
  if (code === 'ETIMEDOUT' || originalCode === 'ETIMEDOUT') return timedOut;
  if (code === 'EDNS' || originalCode === 'ENOTFOUND' || originalCode.startsWith('EAI_')) return unknownName;
  if (refusals.has(originalCode)) return unreachable;
  if (refusesOurs.test(originalCode)) return wantsCertificate;
  if (isTlsTrouble({ code, originalCode, message })) return untrusted;
  if (code === 'EMESSAGE' && /size larger/i.test(message)) return tooLarge;
  if (code === 'EPROTOCOL' || command === 'EHLO') return notSmtp;
  if (code === 'EAUTH') return refusedLogin;
  return broken;
}

/** Was the far end's certificate, or its TLS, the trouble? */
export function isTlsTrouble({ code, originalCode, message }: Pick<SmtpTrouble, 'code' | 'originalCode' | 'message'>): boolean {
  if (code === 'ETLS') return !/closed unexpectedly/i.test(message);
  return /^(?:ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_(?:CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|EPROTO$)/.test(
    originalCode || code,
  );
}

/** Reads what was thrown; `undefined` when it is none of nodemailer's. */
export function readTrouble(error: unknown): SmtpTrouble | undefined {
  if (!(error instanceof Error) || error instanceof Failure) return undefined;
  const { code, originalCode, responseCode, response, command } = error as { [field: string]: unknown } & Error;
  if (typeof code !== 'string') return undefined;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    code,
    originalCode: text(originalCode),
    message: error.message,
    reply: typeof responseCode === 'number' ? responseCode : 0,
    response: text(response),
    command: text(command),
  };
}

/** Few words that are safe in a log: no control characters, no secret, never a whole page. */
export function clean(text: string, secrets: readonly string[]): string {
  const safe = strikeOut(text.slice(0, 4000), secrets)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ')
    .trim();
  return safe.length > 200 ? `${safe.slice(0, 200)}...` : safe;
}
