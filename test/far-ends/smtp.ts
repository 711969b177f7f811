/**
 * A mail server on loopback, which takes mail as the protocol says and misbehaves on request. It reads what it took with a parser of
 * its own: what is tested wrote it with another.
 */
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** One part of a mail, decoded. */
export interface Part {
  readonly type: string;
  readonly filename: string | undefined;
  readonly body: Buffer;
}

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
  /** Names in lower case; unfolded, not decoded. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly subject: string;
  readonly messageId: string;
  readonly text: string;
  readonly html: string;
  readonly parts: readonly Part[];
  /** Lines of the attached records; empty without an attachment. */
  readonly lines: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}

/** An answer instead of the usual one, such as `450 4.2.0 Greylisted`. */
export type Answer = string;

/**
 * What goes wrong with the next mail.
 *
 * lost-answer   the mail is taken, and the connection breaks before its answer
 * reset         the connection breaks in the middle of the mail
 * hang          the mail gets no answer
 * an answer     of the step that it is for
 */
export type SmtpFault =
  | 'lost-answer'
  | 'reset'
  | 'hang'
  | { readonly at: 'connect' | 'login' | 'from' | 'data'; readonly answer: Answer }
  | { readonly at: 'to'; readonly answer: Answer; readonly who?: string };

export interface Smtp {
  /** `smtp://127.0.0.1:port`, or `smtps:`. */
  readonly url: string;
  readonly port: number;
  readonly mails: readonly Mail[];
  /** How many mails were begun, taken or not. */
  readonly begun: number;
  /** Each spoils one mail, in turn. */
  readonly faults: SmtpFault[];
  /** These recipients are refused from now on, with this answer. */
  refuse(recipient: string, answer: Answer): void;
  /** From now on a mail with this text in it, attachments included, gets `554 5.7.1`. */
  refuseText(text: string): void;
  /** Hello names of those who came. */
  readonly greetings: readonly string[];
  close(): Promise<void>;
}

export interface SmtpOptions {
  readonly user?: string;
  readonly password?: string;
  /** Without it STARTTLS is not offered. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /** TLS from the first byte. */
  readonly isImplicit?: boolean;
  readonly maxBytes?: number;
  readonly pipelines?: boolean;
}

export async function startSmtp({ user, password, tls, isImplicit = false, maxBytes, pipelines = true }: SmtpOptions = {}): Promise<Smtp> {
  const mails: Mail[] = [];
  const faults: SmtpFault[] = [];
  const greetings: string[] = [];
  const refused = new Map<string, Answer>();
  const spoiled: string[] = [];
  const sockets = new Set<Socket | TLSSocket>();
  let begun = 0;

  const take = (at: string, who = ''): Answer | null => {
    const [fault] = faults;
    if (typeof fault !== 'object' || fault.at !== at || ('who' in fault && fault.who !== who)) return null;
    faults.shift();
    return fault.answer;
  };
  const drop = (id: string) => {
    for (const connection of server.connections) if (connection.id === id) connection._socket.destroy();
  };

  const options: SMTPServerOptions = {
    secure: isImplicit,
    logger: false,
    authOptional: user === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 50,
    ...(tls ? { key: tls.key, cert: tls.cert, ...(tls.ca === undefined ? {} : { ca: [tls.ca], requestCert: true, rejectUnauthorized: true }) } : {}),
    disabledCommands: [...(tls ? [] : ['STARTTLS']), ...(user === undefined ? ['AUTH'] : [])],
    hidePIPELINING: !pipelines,
    ...(maxBytes === undefined ? {} : { size: maxBytes }),
    onConnect: (_session, done) => done(failing(take('connect'))),
    onAuth({ username, password: given }, _session, done) {
      const answer = take('login');
      if (answer !== null) done(failing(answer));
      else if (username === user && given === password) done(null, { user: username });
      else done(failing('535 5.7.8 Authentication credentials invalid'));
    },
    onMailFrom({ address: _address }, session, done) {
      begun++;
      greetings.push(String(session.hostNameAppearsAs));
      done(failing(take('from')));
    },
    onRcptTo: ({ address }, _session, done) => done(failing(refused.get(address) ?? take('to', address))),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      const fault = faults[0];
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (fault === 'reset') {
          if (faults[0] === fault) faults.shift();
          drop(session.id);
        }
      });
      stream.on('end', () => {
        if (fault === 'reset') return;
        const answer = take('data');
        if (answer !== null) return done(failing(answer));
        if (fault === 'hang') return void faults.shift();
        if (stream.sizeExceeded) return done(failing('552 5.3.4 Message size exceeds the limit'));
        const { mailFrom, rcptTo } = session.envelope;
        const mail = readMail(Buffer.concat(chunks).toString('latin1'), {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure,
          user: session.user === undefined ? undefined : String(session.user),
        });
        if (spoiled.some((text) => mail.raw.includes(text) || mail.lines.some((line) => line.includes(text))))
          return done(failing('554 5.7.1 Message contains a threat'));
        mails.push(mail);
        if (fault === 'lost-answer') {
          faults.shift();
          return drop(session.id);
        }
        done(null, 'queued as 4F2A9');
      });
    },
  };
  const server = new SMTPServer(options);
  // A client that breaks off is no error of ours.
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;

  return {
    url: `${isImplicit ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    port,
    mails,
    get begun() {
      return begun;
    },
    faults,
    greetings,
    refuse: (recipient, answer) => void refused.set(recipient, answer),
    refuseText: (text) => void spoiled.push(text),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function failing(answer: Answer | null): Error | null {
  if (answer === null) return null;
  return Object.assign(new Error(answer.slice(4)), { responseCode: Number(answer.slice(0, 3)) });
}

// ---------------------------------------------------------------- reading

type Envelope = Pick<Mail, 'from' | 'to' | 'isEncrypted' | 'user'>;

/** @param raw one character per byte */
function readMail(raw: string, envelope: Envelope): Mail {
  const parts = partsOf(raw);
  const headers = headersOf(raw);
  const find = (name: string) => headers.find(([each]) => each === name)?.[1] ?? '';
  const bodyOf = (type: string) =>
    parts
      .find((part) => part.type === type && part.filename === undefined)
      ?.body.toString('utf8')
      .replaceAll('\r\n', '\n') ?? '';
  const attached = parts.find(({ filename }) => filename !== undefined);
  const records = attached && (attached.filename?.endsWith('.gz') ? gunzipSync(attached.body) : attached.body).toString('utf8');
  return {
    ...envelope,
    raw,
    headers,
    subject: decodeWords(find('subject')),
    messageId: find('message-id'),
    text: bodyOf('text/plain'),
    html: bodyOf('text/html'),
    parts,
    lines: records === undefined ? [] : records.replace(/\n$/, '').split('\n'),
  };
}

function headersOf(raw: string): (readonly [string, string])[] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return head.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
}

function partsOf(raw: string): Part[] {
  const headers = new Map(headersOf(raw));
  const type = headers.get('content-type') ?? 'text/plain';
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary !== undefined) {
    const pieces = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1);
    return pieces.flatMap((piece) => partsOf(piece.replace(/^\r\n/, '')));
  }
  const encoding = headers.get('content-transfer-encoding') ?? '7bit';
  const filename = /filename="?([^";]+)"?/.exec(headers.get('content-disposition') ?? '')?.[1];
  return [{ type: (type.split(';')[0] ?? '').trim(), filename, body: decode(body, encoding) }];
}

function decode(body: string, encoding: string): Buffer {
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1');
  const whole = body.replace(/[ \t]+\r\n/g, '\r\n').replace(/=\r\n/g, '');
  return Buffer.from(
    whole.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/** Encoded words of RFC 2047; blanks between two of them are none. */
export function decodeWords(value: string): string {
  return value
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/(?:=\?utf-8\?[QB]\?[^?]*\?=)+/gi, (run) =>
      Buffer.concat(
        [...run.matchAll(/=\?utf-8\?([QB])\?([^?]*)\?=/gi)].map(([, kind, text = '']) =>
          kind?.toUpperCase() === 'B' ? Buffer.from(text, 'base64') : decode(text.replaceAll('_', '=20'), 'quoted-printable'),
        ),
      ).toString('utf8'),
    );
}
