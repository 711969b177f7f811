import { afterAll } from 'vitest';
import { makeCertificates } from '../far-ends/certificates.ts';
import { type FarSyslogOptions, startSyslog, textsOf } from '../far-ends/syslog.ts';
import { type Ability, type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { openSyslog, type Written } from './syslog-world.ts';

const certificates = makeCertificates();
afterAll(() => certificates.remove());

const setup = (far: FarSyslogOptions, written: Written) => async (): Promise<FarEnd> => {
  const server = await startSyslog(far);
  const common = { address: server.address, framing: far.framing, maxBytes: '4MB', ...written };
  return {
    promises: 'unconfirmed',
    secrets: [certificates.sealed.passphrase],
    open: () => openSyslog(common),
    async received() {
      await server.settled();
      if (server.broken.length > 0) throw new Error(`no syslog: ${server.broken.join('\n')}`);
      return textsOf(server.messages);
    },
    breakOnce(fault) {
      if (fault === 'reset') server.manners.resets = 1;
      else if (fault === 'hang') server.manners.holds = 1;
      else throw new Error(`a syslog receiver cannot ${fault}`);
    },
    close: () => server.close(),
  };
};

const never: Partial<Record<Ability, string>> = {
  busy: 'a syslog receiver cannot ask to wait',
  'lost-answer': 'syslog has no answers',
  refuse: 'a syslog receiver refuses nothing',
};
const plain = { ...never, 'bad-token': 'no credentials without TLS', hang: 'the kernel takes five lines though nobody reads; see syslog.test.ts' };
const blanks = { 'raw-newlines': 'a line feed ends the message, so it is written as a blank' };

sinkLaws('syslog over TCP with line feeds', setup({ transport: 'tcp', framing: 'lf' }, {}), { ...plain, ...blanks });
sinkLaws('syslog over TCP with NUL', setup({ transport: 'tcp', framing: 'nul', form: 3164 }, { rfc: 3164 }), { ...plain, ...blanks });
sinkLaws('syslog over TCP with octet counting', setup({ transport: 'tcp', framing: 'octet-counting' }, {}), plain);
sinkLaws('syslog over a unix socket', setup({ transport: 'unix', framing: 'lf' }, {}), { ...plain, ...blanks });
sinkLaws('syslog over UDP', setup({ transport: 'udp', framing: 'none' }, { maxBytes: '60KB', tooLong: 'split' }), {
  ...plain,
  reset: 'there is no connection; see syslog.test.ts for a port that nobody listens on',
});

const { authority, server, client, sealed } = certificates;
const demanding = { cert: server.cert, key: server.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
const trusting = { caFile: authority.certFile, certFile: sealed.certFile, keyFile: sealed.keyFile, passphrase: sealed.passphrase };
const tls = { ...never, 'bad-token': 'a TLS server of Node hangs up without saying why; see syslog-tls.test.ts for one of OpenSSL' };
sinkLaws('syslog over TLS 1.3', setup({ transport: 'tls', framing: 'octet-counting', tls: demanding }, trusting), tls);
const older = { ...demanding, maxVersion: 'TLSv1.2' as const };
const plainKey = { caFile: authority.certFile, certFile: client.certFile, keyFile: client.keyFile };
sinkLaws('syslog over TLS 1.2', setup({ transport: 'tls', framing: 'octet-counting', tls: older }, plainKey), tls);
