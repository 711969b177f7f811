import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import tls, { type SecureContext } from 'node:tls';
import { Failure } from '../../core/failure.ts';
import type { Secret } from '../../core/world.ts';

/** What the user says about TLS. There is no way to switch verification off. */
export interface TrustOptions {
  /** PEM file of certificates to trust besides the system's. */
  readonly caFile?: string | undefined;
  /** PEM files of our own certificate, its chain behind it, and of its key. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly passphrase?: Secret | undefined;
}

/**
 * Reads the files anew and makes of them what a connection is made with: so a certificate that was renewed is used at the next
 * connection, without a restart.
 *
 * Throws   config `wire.tls-file` when a file cannot be read, holds no PEM, or does not fit the others.
 */
export async function readTrust({ caFile, certFile, keyFile, passphrase }: TrustOptions, folder: string): Promise<SecureContext> {
  const read = (option: string, file: string | undefined, kind: RegExp) => (file === undefined ? undefined : readPem(option, path.resolve(folder, file), kind));
  const ca = await read('caFile', caFile, /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/);
  const cert = await read('certFile', certFile, /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/);
  const key = await read('keyFile', keyFile, /-----BEGIN [A-Z ]*PRIVATE KEY-----/);
  try {
    return tls.createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: [...systemRoots(), ca] }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }),
    });
  } catch (error) {
    throw unfit(error, keyFile ?? caFile ?? '');
  }
}

/** A file in PEM form, read now. */
export async function readPem(option: string, file: string, kind: RegExp): Promise<string> {
  const advice = `Correct \`${option}\`: a readable file in PEM form.`;
  const pem = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Failure('config', 'wire.tls-file', `reading \`${option}\` failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause, advice });
  });
  if (kind.test(pem)) return pem;
  const what = option === 'keyFile' ? 'private key' : 'certificate';
  throw new Failure('config', 'wire.tls-file', `reading \`${option}\` failed: ${file} holds no PEM ${what}`, { advice });
}

/** OpenSSL's word is kept; the key itself never stands in it. */
function unfit(error: unknown, file: string): Failure {
  const { code, message } = error instanceof Error ? { code: undefined, ...error, message: error.message } : { code: undefined, message: String(error) };
  const reason =
    code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
      ? '`keyFile` is not the key of `certFile`'
      : /passphrase|bad decrypt|BAD_DECRYPT|bad password/i.test(`${message} ${String(code)}`)
        ? 'the key is encrypted, and `passphrase` is missing or wrong'
        : message;
  return new Failure('config', 'wire.tls-file', `using ${file} failed: ${reason}`, {
    advice: 'Check that `caFile`, `certFile`, `keyFile` and `passphrase` belong together.',
  });
}

/** What Node trusts when it is not told otherwise. */
function systemRoots(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return getCACertificates('default');
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return extra ? [...tls.rootCertificates, readFileSync(extra, 'utf8')] : tls.rootCertificates;
}
