import { TLSSocket } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { describeCertificate, harmless } from '../../core/certificate.ts';
import { openSession } from './session.ts';

/**
 * Names the certificate that a mail server shows, and what is wrong with it.
 *
 * The refused connection does not tell it any more, so another one looks, trusts it for that moment, and says nothing but EHLO.
 * Shape    `undefined` when it cannot be seen.
 */
export async function lookAtCertificate(Connection: typeof SMTPConnection, options: SMTPConnectionOptions, signal: AbortSignal): Promise<string | undefined> {
  try {
    const session = await openSession(Connection, { ...options, tls: { ...options.tls, rejectUnauthorized: false } }, signal);
    try {
      const socket = session.socket();
      if (!(socket instanceof TLSSocket)) return undefined;
      const why = socket.authorizationError ? ` (${harmless(String(socket.authorizationError))})` : '';
      return `the certificate${why} is: ${describeCertificate(socket.getPeerCertificate())}`;
    } finally {
      session.end();
    }
  } catch {
    signal.throwIfAborted();
    // The first failure is told all the same, without the name.
    return undefined;
  }
}
