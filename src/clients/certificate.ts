import tls from 'node:tls';
import { describeCertificate } from '../core/certificate.ts';
import type { Via } from '../core/world.ts';

/** How long a look at a certificate may take: the failure waits for it. */
const mostMs = 5000;

/**
 * Names the certificate that a far end shows.
 *
 * The refused connection does not tell it any more, so another one looks, trusts it for that moment, and says nothing at all.
 * Shape    `null` when it cannot be seen: no answer in time, or a proxy in between, which nobody may go around.
 */
export function lookAtCertificate({ hostname, port }: URL, { proxy }: Via, signal: AbortSignal | undefined): Promise<string | null> {
  if (proxy ?? (proxy === null ? undefined : environmentProxy())) return Promise.resolve(null);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    // No name of an address: TLS knows none.
    const names = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const socket = tls.connect({ host, port: port === '' ? 443 : Number(port), ...names, rejectUnauthorized: false });
    const end = (seen: string | null) => {
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(seen);
    };
    const onAbort = () => end(null);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(mostMs, onAbort);
    socket.on('error', onAbort);
    socket.once('secureConnect', () => {
      const shown = socket.getPeerCertificate();
      end(Object.keys(shown).length === 0 ? null : describeCertificate(shown));
    });
  });
}

/** As undici reads them. */
function environmentProxy(): string | undefined {
  const { https_proxy, HTTPS_PROXY, http_proxy, HTTP_PROXY } = process.env;
  return https_proxy || HTTPS_PROXY || http_proxy || HTTP_PROXY;
}
