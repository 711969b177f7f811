import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionOptions, SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';

/** One connection to a mail server, ready for mail. Each step rejects with what nodemailer says, or with the signal's reason on abort. */
export interface Session {
  /** Did the server offer to log in? */
  readonly offersLogin: boolean;
  readonly isEncrypted: boolean;
  login(user: string, password: string): Promise<void>;
  send(from: string, to: readonly string[], message: Buffer): Promise<SMTPConnectionSendInfo>;
  reset(): Promise<void>;
  /** What the far end proved itself with, when the connection is encrypted. */
  socket(): SMTPConnection['_socket'];
  /** Says goodbye and does not wait for the answer. */
  end(): void;
}

/** A server has this long to answer a goodbye. */
const goodbyeMs = 2_000;

/** Connects, greets, and switches to TLS as the options say. */
export async function openSession(Connection: typeof SMTPConnection, options: SMTPConnectionOptions, signal: AbortSignal): Promise<Session> {
  signal.throwIfAborted();
  const connection = new Connection({ ...options, socketCloseTimeout: 0 });
  let broken: Error | null = null;
  let failStep: ((reason: unknown) => void) | null = null;
  // Errors come to a step's callback, to this listener, or to both.
  connection.on('error', (error: Error) => {
    broken ??= error;
    failStep?.(error);
  });
  connection.on('end', () => {
    // After a 421 the end comes first, and the reply in the same turn.
    const ended = failStep;
    setImmediate(() => {
      if (ended && failStep === ended) ended(broken ?? Object.assign(new Error('Connection closed unexpectedly'), { code: 'ECONNECTION' }));
    });
  });

  function step<T>(begin: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T | undefined> {
    if (signal.aborted) {
      connection.close();
      return Promise.reject(signal.reason);
    }
    if (broken) return Promise.reject(broken);
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        signal.removeEventListener('abort', onAbort);
        failStep = null;
        finish();
      };
      const onAbort = () => {
        settle(() => reject(signal.reason));
        connection.close();
      };
      failStep = (reason) => settle(() => reject(reason));
      signal.addEventListener('abort', onAbort, { once: true });
      begin((error, value) => settle(() => (error ? reject(error) : resolve(value))));
    });
  }

  try {
    await step((done) => connection.connect((error) => done(error)));
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    offersLogin: connection.allowsAuth,
    isEncrypted: connection.secure,
    async login(user, password) {
      await step((done) => connection.login({ user, pass: password }, done));
    },
    async send(from, to, message) {
      const info = await step<SMTPConnectionSendInfo>((done) => connection.send({ from, to: [...to], size: message.length }, message, done));
      if (!info) throw new Error('the mail was sent without an answer');
      return info;
    },
    async reset() {
      await step((done) => connection.reset(done));
    },
    socket: () => connection._socket,
    end() {
      if (broken || signal.aborted || connection.destroyed) {
        connection.close();
        return;
      }
      connection.quit();
      // A server that does not answer keeps neither the program nor the connection.
      if (connection._socket) connection._socket.unref().setTimeout(goodbyeMs);
    },
  };
}
