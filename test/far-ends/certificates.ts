import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as PEM and as files. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Two authorities that know nothing of each other, and what they have signed. */
export interface Certificates {
  readonly folder: string;
  readonly authority: Identity;
  /** For `localhost` and 127.0.0.1. */
  readonly server: Identity;
  readonly expired: Identity;
  /** For `other.example` only. */
  readonly otherName: Identity;
  readonly client: Identity;
  /** Its key is encrypted. */
  readonly sealed: Identity & { readonly passphrase: string };
  readonly strangeAuthority: Identity;
  /** Signed by the strange authority. */
  readonly strangeServer: Identity;
  readonly strangeClient: Identity;
  remove(): void;
}

/** Makes them with the `openssl` command. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  const openssl = (...words: string[]) => void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });
  const identity = (name: string): Identity => {
    const certFile = join(folder, `${name}.pem`);
    const keyFile = join(folder, `${name}.key`);
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile, keyFile };
  };
  const newKey = (name: string) => openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  const authority = (name: string, subject: string) => {
    newKey(name);
    openssl('req', '-x509', '-new', '-key', `${name}.key`, '-days', '2', '-subj', subject, '-out', `${name}.pem`);
    return identity(name);
  };
  const signed = (name: string, by: string, subject: string, extensions: string, days = '2') => {
    newKey(name);
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    const ca = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...ca, '-days', days, '-extfile', `${name}.ext`, '-out', `${name}.pem`);
    return identity(name);
  };
  const here = 'subjectAltName=DNS:localhost,IP:127.0.0.1\n';
  const ours = authority('authority', '/O=House/CN=House Authority');
  const strange = authority('strange-authority', '/O=Strangers/CN=Strange Authority');
  const client = signed('client', 'authority', '/O=House/CN=connector', 'extendedKeyUsage=clientAuth\n');
  const passphrase = 'hunter2-passphrase';
  openssl('pkcs8', '-topk8', '-in', 'client.key', '-passout', `pass:${passphrase}`, '-out', 'sealed.key');
  writeFileSync(join(folder, 'sealed.pem'), client.cert);
  return {
    folder,
    authority: ours,
    server: signed('server', 'authority', '/O=House/CN=siem', here),
    expired: signed('expired', 'authority', '/O=House/CN=siem', here, '-1'),
    otherName: signed('other-name', 'authority', '/O=House/CN=other', 'subjectAltName=DNS:other.example\n'),
    client,
    sealed: { ...identity('sealed'), passphrase },
    strangeAuthority: strange,
    strangeServer: signed('strange-server', 'strange-authority', '/O=Strangers/CN=siem', here),
    strangeClient: signed('strange-client', 'strange-authority', '/O=Strangers/CN=connector', 'extendedKeyUsage=clientAuth\n'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
