import { type ChildProcess, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { type Identity, makeCertificates } from '../far-ends/certificates.ts';
import { type FarSyslog, startSyslog, textsOf } from '../far-ends/syslog.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { openSyslog, type Written } from './syslog-world.ts';

const certificates = makeCertificates();
const { authority, server, expired, otherName, client, sealed, strangeServer, strangeClient } = certificates;
afterAll(() => certificates.remove());
const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close();
});
const never = new AbortController().signal;
const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 5) }]);

async function far({ cert, key }: Identity, more: object = {}): Promise<FarSyslog> {
  const started = await startSyslog({ transport: 'tls', framing: 'octet-counting', tls: { cert, key, ...more } });
  opened.push(started);
  return started;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => new Error('nothing failed'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Failure)) throw error;
  return error;
}

async function refusedBy(address: string, written: Written): Promise<Failure> {
  const sink = await openSyslog({ address, timeout: '5s', ...written });
  opened.push(sink);
  const told = await failureOf(sink.check(never));
  const failure = await failureOf(sink.deliver(parcel, never));
  expect([told.kind, told.code]).toEqual([failure.kind, failure.code]);
  return failure;
}

describe('a certificate of the far end', () => {
  it.each([
    ['of an unknown authority', strangeServer, {}, /its issuer is not known here|without that of its issuer/],
    ['that has expired', expired, {}, /it has expired \(CERT_HAS_EXPIRED\)/],
    ['for another name', otherName, {}, /it is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)/],
    ['for a name other than `servername`', server, { servername: 'siem.example' }, /it is for another name/],
  ] as const)('%s is refused, and named', async (_what, identity, written, why) => {
    const { address, messages } = await far(identity);
    const failure = await refusedBy(address, { caFile: authority.certFile, ...written });
    expect([failure.kind, failure.code]).toEqual(['config', 'wire.certificate']);
    expect(failure.message).toMatch(why);
    const { subject, fingerprint256 } = new X509Certificate(identity.cert);
    expect(failure.message).toContain(fingerprint256);
    expect(failure.message).toContain(`subject ${subject.replace('\n', ', ')}`);
    expect(failure.message).toMatch(/issuer O=(House|Strangers), CN=(House|Strange) Authority; valid from /);
    expect(messages).toEqual([]);
  });

  it('is refused without `caFile`, and taken for its name with `servername`', async () => {
    const plain = await far(server);
    expect((await refusedBy(plain.address, {})).code).toBe('wire.certificate');
    const other = await far(otherName);
    const sink = await openSyslog({ address: other.address, caFile: authority.certFile, servername: 'other.example' });
    opened.push(sink);
    await sink.deliver(parcel, never);
    await other.settled();
    expect(textsOf(other.messages)).toEqual(jsonLines('t1', 5));
  });

  it('is told by a check', async () => {
    const { address, port } = await far(server);
    const sink = await openSyslog({ address: `tls://localhost:${port}`, caFile: authority.certFile });
    opened.push(sink);
    expect(address).toContain('127.0.0.1');
    expect(await sink.check(never)).toMatch(
      /^tls:\/\/localhost:\d+: connected to .*:\d+ with TLSv1\.3 and TLS_AES_\S+; certificate: subject O=House, CN=siem; for DNS:localhost, IP Address:127\.0\.0\.1; issuer O=House, CN=House Authority; valid from .* to .*; SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}; messages: RFC 5424, framing octet-counting, at most 65536 bytes; nothing is confirmed$/,
    );
  });
});

describe('our certificate', () => {
  const own = { caFile: authority.certFile, certFile: client.certFile, keyFile: client.keyFile };

  it('that a receiver of Node refuses: nothing counts as delivered', async () => {
    const { address, messages } = await far(server, { ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const failure = await refusedBy(address, { ...own, certFile: strangeClient.certFile, keyFile: strangeClient.keyFile });
    expect(failure.kind).toBe('transient');
    expect(messages).toEqual([]);
  });

  it.each(['-tls1_3', '-tls1_2'])('that a receiver of OpenSSL refuses or misses is a matter of credentials (%s)', async (version) => {
    const address = await openssl(version);
    const strange = await refusedBy(address, { ...own, certFile: strangeClient.certFile, keyFile: strangeClient.keyFile });
    expect([strange.kind, strange.code]).toEqual(['auth', 'wire.client-certificate']);
    const none = await refusedBy(address, { caFile: authority.certFile });
    // TLS 1.2 has no word for it, and refuses the handshake.
    expect([none.code, none.advice]).toEqual(
      version === '-tls1_3' ? ['wire.client-certificate', expect.stringContaining('`certFile`')] : ['wire.tls', expect.stringContaining('`certFile`')],
    );
    const sink = await openSyslog({ address, ...own });
    opened.push(sink);
    expect(await sink.check(never)).toContain('connected to');
  });

  it('is read anew for each connection, so that a renewed one is used without a restart', async () => {
    const receiver = await far(server, { ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    const certFile = join(certificates.folder, 'renewed.pem');
    const keyFile = join(certificates.folder, 'renewed.key');
    writeFileSync(certFile, strangeClient.cert);
    writeFileSync(keyFile, strangeClient.key);
    const sink = await openSyslog({ address: receiver.address, caFile: authority.certFile, certFile, keyFile });
    opened.push(sink);
    await failureOf(sink.deliver(parcel, never));
    writeFileSync(certFile, client.cert);
    writeFileSync(keyFile, client.key);
    await sink.deliver(parcel, never);
    await receiver.settled();
    expect(receiver.messages.length).toBe(5);
  });

  it.each([
    ['caFile', { caFile: 'no-such.pem' }, /reading `caFile` failed: .*ENOENT/],
    ['keyFile', { ...own, keyFile: client.certFile }, /reading `keyFile` failed: .* holds no PEM private key/],
    ['certFile', { ...own, certFile: client.keyFile }, /reading `certFile` failed: .* holds no PEM certificate/],
    ['another key', { ...own, keyFile: strangeClient.keyFile }, /is not the key of `certFile`/],
    ['a wrong passphrase', { ...own, keyFile: sealed.keyFile, passphrase: 'wrong-hunter2' }, /`passphrase` is missing or wrong/],
    ['no passphrase', { ...own, keyFile: sealed.keyFile }, /`passphrase` is missing or wrong/],
  ] as const)('with a fault in %s is refused when the sink opens', async (_what, written, seen) => {
    const failure = await failureOf(openSyslog({ address: 'tls://127.0.0.1:1', ...written }));
    expect([failure.kind, failure.code]).toEqual(['config', 'wire.tls-file']);
    expect(failure.message).toMatch(seen);
    expect(failure.message).not.toContain('hunter2');
  });
});

describe('a port without TLS', () => {
  it('is a matter of configuration when it answers in another language', async () => {
    const web = createServer((_request, response) => response.end());
    opened.push({ close: () => new Promise((resolve) => web.close(resolve)) });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const failure = await refusedBy(`tls://127.0.0.1:${(web.address() as AddressInfo).port}`, { caFile: authority.certFile });
    expect([failure.kind, failure.code]).toEqual(['config', 'wire.tls']);
  });

  it('is transient when it says nothing', async () => {
    const silent = createTcpServer(() => undefined);
    opened.push({ close: async () => silent.close() });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const failure = await refusedBy(`tls://127.0.0.1:${(silent.address() as AddressInfo).port}`, { caFile: authority.certFile, timeout: '200ms' });
    expect([failure.kind, failure.code]).toEqual(['transient', 'wire.timeout']);
  });
});

/** A receiver that says why it refuses a certificate. */
async function openssl(version: string): Promise<string> {
  const port = await freePort();
  const words = ['s_server', '-accept', String(port), '-cert', server.certFile, '-key', server.keyFile, '-CAfile', authority.certFile];
  const child: ChildProcess = spawn('openssl', [...words, '-Verify', '1', '-verify_return_error', '-quiet', version], { stdio: ['pipe', 'ignore', 'ignore'] });
  opened.push({
    close: () =>
      new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill('SIGKILL');
      }),
  });
  const probe = await openSyslog({ address: `tcp://127.0.0.1:${port}` });
  opened.push(probe);
  await expect
    .poll(() =>
      probe.check(never).then(
        () => true,
        (error: unknown) => error instanceof Failure && error.code !== 'wire.refused',
      ),
    )
    .toBe(true);
  return `tls://127.0.0.1:${port}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const taken = createTcpServer().listen(0, '127.0.0.1', () => {
      const { port } = taken.address() as AddressInfo;
      taken.close(() => resolve(port));
    });
  });
}
