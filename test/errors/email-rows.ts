/** Every answer of a mail server, at every step, and every way in which there is none. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FailureKind } from '../../src/core/failure.ts';
import { type SmtpOptions, startSmtp } from '../far-ends/smtp.ts';
import { type Script, startScriptedSmtp } from '../far-ends/smtp-script.ts';
import { parcelOf } from '../laws/parcels.ts';
import { failureOf, openEmail, type Written } from '../sinks/email-world.ts';
import { type Bench, hostile, proxyPassword as password } from './bench.ts';
import type { Row } from './row.ts';

const signal = new AbortController().signal;
const exits: Readonly<Record<FailureKind, Row['exit']>> = { config: 2, auth: 1, transient: 1, rejected: 1, stale: 1 };
const sent = /^sending a mail of 1 record through 127\.0\.0\.1:\d+ failed/;
const connected = /^connecting to 127\.0\.0\.1:\d+ failed/;
const loggedIn = /^logging in at 127\.0\.0\.1:\d+ as sophos failed/;

async function deliver(bench: Bench, written: Written): Promise<unknown> {
  const sink = await openEmail({ timeout: '2s', ...written });
  bench.later(() => sink.close());
  return sink.deliver(parcelOf([{ tenant: 't', items: ['{"id":1}'] }]), signal);
}

const basic = Buffer.from(`\0sophos\0${password}`).toString('base64');
/** Hostile words that repeat the password in every form in which it was said. */
const words = `${hostile.replaceAll(/[\r\n]/g, '')} ${password} ${basic}`;

/** The server answers one command so. */
function answered(step: keyof Script, reply: string, kind: FailureKind, code: string, attempted: RegExp, written: Written = {}, more: Script = {}): Row {
  return {
    what: `it answers ${step} with ${reply}`,
    kind,
    code,
    exit: exits[kind],
    attempted,
    seen: new RegExp(`${reply} .*\\[secret\\] \\[secret\\]`),
    async provoke(bench) {
      const far = await startScriptedSmtp({ ...more, [step]: `${reply} ${words}` });
      bench.later(() => far.close());
      return deliver(bench, { smtp: `smtp://127.0.0.1:${far.port}`, user: 'sophos', password, ...written });
    },
  };
}

const replyRows: readonly Row[] = [
  answered('greeting', '421', 'transient', 'email.unavailable', connected),
  answered('greeting', '554', 'config', 'email.host-refused', connected),
  answered('EHLO', '421', 'transient', 'email.unavailable', connected),
  answered('HELO', '521', 'config', 'email.host-refused', connected, {}, { EHLO: '500 no' }),
  answered('HELO', '502', 'config', 'email.not-smtp', connected, {}, { EHLO: '500 no' }),
  answered('STARTTLS', '454', 'transient', 'email.tls-unavailable', connected, { starttls: 'required' }),
  answered('STARTTLS', '502', 'config', 'email.no-starttls', connected, { starttls: 'required' }),
  answered('AUTH', '421', 'transient', 'email.unavailable', loggedIn),
  answered('AUTH', '454 4.7.0', 'transient', 'email.login-unavailable', loggedIn),
  answered('AUTH', '432 4.7.12', 'auth', 'email.login-refused', loggedIn),
  answered('AUTH', '530 5.7.0', 'auth', 'email.login-refused', loggedIn),
  answered('AUTH', '534 5.7.9', 'auth', 'email.login-refused', loggedIn),
  answered('AUTH', '535 5.7.8', 'auth', 'email.login-refused', loggedIn),
  answered('AUTH', '538 5.7.11', 'config', 'email.tls-required', loggedIn),
  answered('AUTH', '504 5.5.4', 'auth', 'email.login-refused', loggedIn),
  answered('MAIL', '421', 'transient', 'email.unavailable', sent),
  answered('MAIL', '451 4.3.0', 'transient', 'email.not-now', sent),
  answered('MAIL', '452 4.3.1', 'transient', 'email.not-now', sent),
  answered('MAIL', '530 5.7.0 Must issue a STARTTLS command first', 'config', 'email.tls-required', sent),
  answered('MAIL', '530 5.7.1 Authentication wanted', 'auth', 'email.login-required', sent),
  answered('MAIL', '550 5.7.1', 'config', 'email.sender-refused', sent),
  answered('MAIL', '553 5.1.8', 'config', 'email.sender-refused', sent),
  answered('MAIL', '552 5.3.4', 'rejected', 'email.too-large', sent),
  answered('RCPT', '450 4.2.0', 'transient', 'email.not-now', sent),
  answered('RCPT', '452 4.5.3', 'transient', 'email.not-now', sent),
  answered('RCPT', '550 5.1.1', 'config', 'email.recipients-refused', sent),
  answered('RCPT', '551 5.1.6', 'config', 'email.recipients-refused', sent),
  answered('RCPT', '552 5.2.2', 'config', 'email.recipients-refused', sent),
  answered('RCPT', '554 5.7.1', 'config', 'email.recipients-refused', sent),
  answered('RCPT', '556 5.1.10', 'config', 'email.recipients-refused', sent),
  answered('DATA', '451 4.3.5', 'transient', 'email.not-now', sent),
  answered('DATA', '554 5.5.1', 'rejected', 'email.content-refused', sent),
  answered('.', '421', 'transient', 'email.unavailable', sent),
  answered('.', '451 4.7.1', 'transient', 'email.not-now', sent),
  answered('.', '452 4.2.2', 'transient', 'email.not-now', sent),
  answered('.', '550 5.7.1', 'rejected', 'email.content-refused', sent),
  answered('.', '554 5.6.0', 'rejected', 'email.content-refused', sent),
  answered('.', '552 5.3.4', 'rejected', 'email.too-large', sent),
];

/** There is no answer that a mail server would give. */
function broken(what: string, script: Script, told: Pick<Row, 'kind' | 'code' | 'attempted' | 'seen'>, written: Written = {}): Row {
  return {
    what,
    exit: exits[told.kind],
    ...told,
    async provoke(bench) {
      const far = await startScriptedSmtp(script);
      bench.later(() => far.close());
      return deliver(bench, { smtp: `smtp://127.0.0.1:${far.port}`, ...written });
    },
  };
}

const brokenRows: readonly Row[] = [
  broken(
    'it hangs up before its greeting',
    { greeting: 'close' },
    { kind: 'transient', code: 'email.reset', attempted: connected, seen: /closed unexpectedly/ },
  ),
  broken(
    'it hangs up when it has the mail',
    { '.': 'close' },
    { kind: 'transient', code: 'email.reset', attempted: sent, seen: /closed unexpectedly|ECONNRESET/ },
  ),
  broken(
    'it says nothing',
    { greeting: 'silence' },
    { kind: 'transient', code: 'email.timeout', attempted: connected, seen: /Greeting never received|Timeout/ },
    { timeout: '200ms' },
  ),
  broken(
    'it does not answer the mail',
    { '.': 'silence' },
    { kind: 'transient', code: 'email.timeout', attempted: sent, seen: /Timeout/ },
    { timeout: '200ms' },
  ),
  broken(
    'it is a web server',
    { greeting: 'HTTP/1.1 400 Bad Request' },
    { kind: 'config', code: 'email.not-smtp', attempted: connected, seen: /HTTP\/1\.1 400/ },
  ),
  broken(
    'it offers no login',
    { EHLO: '250 far end' },
    {
      kind: 'config',
      code: 'email.no-login',
      attempted: /^logging in at 127\.0\.0\.1:\d+ failed/,
      seen: /offers no login on a connection that is not encrypted/,
    },
    { user: 'sophos', password },
  ),
];

/** With certificates made for this. */
function secured(
  what: string,
  told: Pick<Row, 'kind' | 'code' | 'attempted' | 'seen'>,
  make: (far: { port: number }, files: string) => Written,
  options: SmtpOptions = {},
): Row {
  return {
    what,
    exit: exits[told.kind],
    ...told,
    async provoke(bench) {
      const folder = await bench.folder();
      const subject = ['-subj', '/CN=mail.example.com/O=Far End', '-addext', 'subjectAltName=IP:127.0.0.1'];
      execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], {
        cwd: folder,
        stdio: 'ignore',
      });
      const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
      const far = await startSmtp({ ...options, tls: { cert: cert ?? '', key: key ?? '', ...(options.tls?.ca === undefined ? {} : { ca: cert ?? '' }) } });
      bench.later(() => far.close());
      return deliver(bench, make(far, join(folder, 'cert.pem')));
    },
  };
}

const shown =
  /self-signed certificate.*\(DEPTH_ZERO_SELF_SIGNED_CERT\) is: subject CN=mail\.example\.com, O=Far End; for IP Address:127\.0\.0\.1; issuer CN=mail\.example\.com.*SHA-256 [0-9A-F:]{95}/;

const tlsRows: readonly Row[] = [
  secured(
    'its certificate is signed by itself (smtps)',
    { kind: 'config', code: 'email.tls', attempted: connected, seen: shown },
    ({ port }) => ({ smtp: `smtps://127.0.0.1:${port}` }),
    {
      isImplicit: true,
    },
  ),
  secured('its certificate is signed by itself (STARTTLS)', { kind: 'config', code: 'email.tls', attempted: connected, seen: shown }, ({ port }) => ({
    smtp: `smtp://127.0.0.1:${port}`,
    starttls: 'required',
  })),
  secured(
    'its certificate is for another name',
    { kind: 'config', code: 'email.tls', attempted: connected, seen: /ERR_TLS_CERT_ALTNAME_INVALID\) is: subject CN=mail\.example\.com/ },
    ({ port }, caFile) => ({ smtp: `smtps://127.0.0.1:${port}`, caFile, servername: 'other.example.com' }),
    { isImplicit: true },
  ),
  secured(
    'it wants a certificate',
    { kind: 'auth', code: 'email.client-certificate', attempted: connected, seen: /certificate required|alert/i },
    ({ port }, caFile) => ({ smtp: `smtps://127.0.0.1:${port}`, caFile }),
    { isImplicit: true, tls: { key: '', cert: '', ca: 'its own' } },
  ),
];

export const emailRows: readonly Row[] = [
  ...replyRows,
  ...brokenRows,
  ...tlsRows,
  {
    what: 'it does not speak TLS on this port',
    kind: 'config',
    code: 'email.tls',
    exit: 2,
    attempted: connected,
    seen: /wrong version number|packet length/i,
    async provoke(bench) {
      const far = await startScriptedSmtp({});
      bench.later(() => far.close());
      return deliver(bench, { smtp: `smtps://127.0.0.1:${far.port}` });
    },
  },
  {
    what: 'it refuses one mail after the other',
    kind: 'config',
    code: 'email.all-refused',
    exit: 2,
    attempted: sent,
    seen: /554 5\.7\.1 spam \(21 mails running were refused so\)/,
    async provoke(bench) {
      const far = await startScriptedSmtp({ '.': '554 5.7.1 spam' });
      bench.later(() => far.close());
      const sink = await openEmail({ smtp: `smtp://127.0.0.1:${far.port}` });
      const parcel = (after: number) => parcelOf([{ tenant: 't', after, items: ['{}'] }]);
      for (let n = 0; n < 20; n++) await failureOf(sink.deliver(parcel(n), signal));
      return sink.deliver(parcel(20), signal);
    },
  },
  {
    what: 'nobody listens',
    kind: 'transient',
    code: 'email.unreachable',
    exit: 1,
    attempted: connected,
    seen: /ECONNREFUSED/,
    provoke: async (bench) => deliver(bench, { smtp: `smtp://127.0.0.1:${await bench.freePort()}` }),
  },
  {
    what: 'its name is not known',
    kind: 'transient',
    code: 'email.dns',
    exit: 1,
    attempted: /^connecting to mail\.invalid:25 failed/,
    seen: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|mail\.invalid/,
    provoke: (bench) => deliver(bench, { smtp: 'smtp://mail.invalid' }),
  },
  {
    what: 'as many mails as may go in an hour are gone',
    kind: 'transient',
    code: 'email.rate-cap',
    exit: 1,
    attempted: /^sending a mail failed before it began/,
    seen: /1 mail left within the last hour.*the next leaves in 60 minutes/,
    retryAfterMs: 3_600_000,
    async provoke(bench) {
      const far = await startScriptedSmtp({});
      bench.later(() => far.close());
      const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };
      const sink = await openEmail({ smtp: `smtp://127.0.0.1:${far.port}`, maxPerHour: 1 }, { clock });
      const parcel = (after: number) => parcelOf([{ tenant: 't', after, items: ['{}'] }]);
      await sink.deliver(parcel(0), signal);
      return sink.deliver(parcel(1), signal);
    },
  },
];
