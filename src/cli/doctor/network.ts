/** The way to Sophos: the proxy in force, and each host by name, connection, TLS and one request without credentials. */
import type { AccountPlan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { placeOf, type Read } from './configuration.ts';
import { forEach } from './examine.ts';
import { ok, type Tell, type Told, wrong } from './finding.ts';
import { type Look, lookAt, type SeenCertificate } from './probe.ts';
import { hostAndPort, type ProxyInForce, proxyFor, shownProxy } from './proxy.ts';

/** How long each of the steps to one host may take, all together. */
export const hostLimitMs: Millis = 10_000;
const atOnce = 4;
const dayMs: Millis = 86_400_000;

/** A host of an account. */
export interface Route {
  readonly account: AccountPlan;
  readonly url: URL;
  /** What it is for, such as `identity service`. */
  readonly role: string;
}

/** What is known of a host afterwards. */
export interface Reached {
  readonly route: Route;
  readonly isWell: boolean;
  /** The `Date` of its answer, and how far from it this machine's clock is; `null` without. */
  readonly skewMs: Millis | null;
}

export const identityUrl = ({ authUrl }: AccountPlan) => authUrl ?? 'https://id.sophos.com';
export const globalUrl = ({ apiUrl }: AccountPlan) => apiUrl ?? 'https://api.central.sophos.com';

/** The hosts that are known before anybody has been asked. */
export function firstHosts(accounts: readonly AccountPlan[]): readonly Route[] {
  return accounts.flatMap((account): readonly Route[] => {
    if (account.credentials.kind === 'token') return [{ account, url: new URL(account.credentials.token.url), role: 'gateway' }];
    return [
      { account, url: new URL(identityUrl(account)), role: 'identity service' },
      { account, url: new URL(globalUrl(account)), role: 'global API' },
    ];
  });
}

/** Looks at each distinct host once. */
export async function examineHosts(
  routes: readonly Route[],
  read: Read,
  context: CommandContext,
  tell: Tell,
  signal: AbortSignal,
): Promise<readonly Reached[]> {
  const distinct = new Map(routes.map((route) => [keyOf(route), route]));
  const roles = (route: Route) => [...new Set(routes.filter((each) => keyOf(each) === keyOf(route)).map(({ role }) => role))].join(', ');
  const seen = await forEach([...distinct.values()], atOnce, (route) => reach({ ...route, role: roles(route) }, read, context, signal));
  for (const { told } of seen) told.forEach(tell);
  const byKey = new Map(seen.map(({ reached }) => [keyOf(reached.route), reached]));
  return routes.flatMap((route) => {
    const reached = byKey.get(keyOf(route));
    return reached ? [{ ...reached, route }] : [];
  });
}

/** Tells each proxy that is in force, once. */
export function tellProxies(routes: readonly Route[], read: Read, tell: Tell): void {
  const shown = new Set(
    routes.map((route) => {
      const proxy = proxyOf(route, read);
      if (proxy) return `${shownProxy(proxy)}, set by ${proxy.setBy}`;
      return route.account.via.proxy === null ? `none: ${proxyPlace(route, read)} is \`none\`` : 'none';
    }),
  );
  tell(ok('proxy', [...shown].join('; ')));
}

const proxyPlace = ({ account }: Route, read: Read) => placeOf(read, account.name, 'proxy');
const proxyOf = (route: Route, read: Read) => proxyFor(route.url, route.account.via, proxyPlace(route, read));

function keyOf({ account: { via }, url }: Route): string {
  return JSON.stringify([url.origin, via.proxy ?? null, via.proxy === null, via.ca ?? null]);
}

interface Seen {
  readonly reached: Reached;
  readonly told: readonly Told[];
}

async function reach(route: Route, read: Read, { world }: CommandContext, signal: AbortSignal): Promise<Seen> {
  const { clock, http } = world;
  const { account, url, role } = route;
  const subject = url.host;
  const proxy = proxyOf(route, read);
  const limitMs = Math.min(hostLimitMs, account.timeoutMs);
  const look = await lookAt({ url, proxy, ca: account.via.ca, clock, limitMs, signal });
  const bad = (told: Told): Seen => ({ reached: { route, isWell: false, skewMs: null }, told: [told] });
  if (look.failed) return bad(failureOf(look, look.failed, route, proxy, read, clock.now()));
  const began = clock.monotonic();
  try {
    const reply = await http({ method: 'GET', url: `${url.origin}/`, headers: { accept: '*/*' }, timeoutMs: limitMs, via: account.via, signal });
    const tookMs = clock.monotonic() - began;
    const times = `reached in ${look.tookMs} ms, answered in ${Math.round(tookMs)} ms`;
    const tlsText = look.certificate ? `; ${look.certificate.protocol}, certificate issued by ${look.certificate.issuer}` : '';
    const date = Date.parse(reply.headers.date ?? '');
    // A proxy or a gateway answers 5xx by itself, with a clock of its own. `Date` has whole seconds: half of one is added.
    const skewMs = Number.isNaN(date) || reply.status >= 500 ? null : clock.now() - (date + 500 + tookMs / 2);
    const told: Told[] = [];
    if (reply.status >= 500) {
      const cause = proxy ? `Sophos, or the proxy ${shownProxy(proxy)}, has trouble` : 'Sophos has trouble, or a gateway before it';
      told.push(
        wrong(
          'warning',
          subject,
          `${role}: ${times}, with status ${reply.status}`,
          cause,
          'Try again later; look at the status page of Sophos Central.',
          'central.unavailable',
        ),
      );
    } else told.push(ok(subject, `${role}: ${times}${tlsText}`));
    const expiry = look.certificate ? expiryOf(subject, look.certificate, clock.now()) : null;
    return { reached: { route, isWell: true, skewMs }, told: expiry ? [...told, expiry] : told };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    if (error.code !== 'http.proxy') return bad(wrong('failed', subject, `${role}: no answer`, error.message, error.advice ?? 'Try again.', error.code));
    return bad(
      wrong(
        'failed',
        subject,
        `${role}: the proxy did not let the call through`,
        error.message,
        proxyCure(proxy, error.message.includes('407') ? 407 : 403, url),
        error.code,
      ),
    );
  }
}

/** What each step's failure means. */
function failureOf(look: Look, failed: NonNullable<Look['failed']>, route: Route, proxy: ProxyInForce | null, read: Read, now: Millis): Told {
  const { url, role } = route;
  const { step, seen, proxyStatus } = failed;
  const host = url.hostname;
  const failure = (what: string, cause: string, cure: string, code: string) => wrong('failed', url.host, `${role}: ${what}`, cause, cure, code);
  const via = proxy ? shownProxy(proxy) : '';
  const elsewhere = proxy ? `Correct ${proxy.setBy}; where no proxy is needed, take it away or write \`proxy: none\`.` : '';
  switch (step) {
    case 'proxy-name':
      return failure(
        `the proxy ${via} has no address (${seen})`,
        `the name in ${proxy?.setBy} is wrong, or the resolver does not know it`,
        elsewhere,
        'http.dns',
      );
    case 'proxy-connection':
      return failure(
        `the proxy ${via} cannot be reached (${seen})`,
        `nobody answers at the address in ${proxy?.setBy}: it is wrong, or the proxy is down`,
        elsewhere,
        'http.refused',
      );
    case 'proxy-answer': {
      const cause =
        proxyStatus === 407
          ? 'the proxy wants a user and a password, or does not accept those it was given'
          : proxyStatus === 403
            ? `the proxy's rules do not allow ${hostAndPort(url)}`
            : proxyStatus === 502 || proxyStatus === 503 || proxyStatus === 504
              ? `the proxy itself cannot reach ${hostAndPort(url)}`
              : `what listens at ${proxy ? hostAndPort(proxy.url) : ''} is no proxy that tunnels`;
      return failure(`the proxy ${via} gave no tunnel: ${seen}`, cause, proxyCure(proxy, proxyStatus ?? 0, url), 'http.proxy');
    }
    case 'name':
      return failure(
        `${host} has no address (${seen})`,
        'the name is wrong, the resolver does not answer, or names are resolved by a proxy only',
        `Check the resolver (\`nslookup ${host}\`); behind a proxy set ${proxyPlace(route, read)}.`,
        'http.dns',
      );
    case 'connection':
      return failure(
        `no connection (${seen})`,
        `nobody answers at ${hostAndPort(url)}, or a firewall lets nothing through`,
        `Allow ${hostAndPort(url)} in the firewall; where a proxy is needed, set ${proxyPlace(route, read)}.`,
        'http.refused',
      );
    case 'tls':
      return look.certificate
        ? certificateFailure(look.certificate, route, read, now)
        : failure(
            `TLS failed (${seen})`,
            'what answers there speaks no TLS, or none that Node.js speaks',
            'Check the port, and whether something in between breaks TLS connections off.',
            'http.tls',
          );
  }
}

const untrusted = /SELF_SIGNED|UNABLE_TO|CERT_UNTRUSTED|INVALID_CA/;

function certificateFailure(certificate: SeenCertificate, route: Route, read: Read, now: Millis): Told {
  const { url, role, account } = route;
  const { refusedFor, issuer, chainEnd, validFrom, validUntil } = certificate;
  const what = `${role}: the certificate is refused (${refusedFor}); it was issued by ${issuer}`;
  const failure = (cause: string, cure: string) => wrong('failed', url.host, what, cause, cure, 'http.tls');
  const caPlace = placeOf(read, account.name, 'caFile');
  if (untrusted.test(refusedFor ?? '')) {
    const own = url.hostname.endsWith('.sophos.com') ? '' : `, or ${url.hostname} has a certificate of a private authority`;
    return failure(
      `the chain ends at \`${chainEnd}\`, which is not trusted here: a proxy or firewall in between opens TLS and signs with an authority of its own${own}`,
      `Export the certificate of \`${chainEnd}\` as PEM and name the file as ${caPlace} (or in NODE_EXTRA_CA_CERTS); or have ${url.hostname} left out of TLS inspection.`,
    );
  }
  if (now < validFrom || now > validUntil)
    return failure(
      `it is valid from ${iso(validFrom)} to ${iso(validUntil)}, and this machine's clock shows ${iso(now)}`,
      'If the clock is wrong, correct it. Otherwise the certificate has to be renewed by whoever runs that server.',
    );
  return failure(
    `it was made for another name, or for another purpose, than ${url.hostname}`,
    'Check `authUrl` and `apiUrl`, and whether something in between answers in place of Sophos.',
  );
}

/** A certificate that is about to expire, and should have been renewed by now. */
export function expiryOf(subject: string, { validFrom, validUntil, issuer }: SeenCertificate, now: Millis): Told | null {
  const left = validUntil - now;
  if (Number.isNaN(left) || left >= Math.min(30 * dayMs, (validUntil - validFrom) / 3)) return null;
  const when = left < 0 ? `expired on ${iso(validUntil)}` : `expires on ${iso(validUntil)}, in ${Math.floor(left / dayMs)} days`;
  return wrong(
    'warning',
    subject,
    `its certificate ${when}`,
    `${issuer} issued it, and nobody has renewed it yet`,
    'Have it renewed before then: afterwards nothing is sent there.',
  );
}

function proxyCure(proxy: ProxyInForce | null, status: number, url: URL): string {
  const place = proxy?.setBy ?? '`proxy`';
  if (status === 407) return `Write \`http://user:password@host:port\` in ${place}; a placeholder such as \`\${env:NAME}\` may stand for the password.`;
  if (status === 403) return `Have ${hostAndPort(url)} allowed there for this machine.`;
  if (status >= 502) return `Look at the proxy: its own way out, its resolver, its firewall.`;
  return `Correct ${place}: host and port of a forward proxy; where none is needed, write \`proxy: none\`.`;
}

function iso(at: Millis): string {
  return Number.isNaN(at) ? 'an unreadable time' : new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
