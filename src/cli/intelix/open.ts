import { join } from 'node:path';
import { Intelix, type IntelixTest } from '../../clients/intelix/client.ts';
import type { Lookup } from '../../clients/intelix/lookups.ts';
import { type RiskLevel, riskOf } from '../../clients/intelix/risk.ts';
import type { IntelixPlan, Plan } from '../../config/plan.ts';
import { Failure } from '../../core/failure.ts';
import type { CommandContext } from '../command.ts';
import { told } from '../renewed.ts';
import { type KeptLookups, openLookupCache } from './cache.ts';

/** Intelix as the commands use it: with what the state folder remembers, and the configured risks of categories. */
export interface OpenIntelix {
  /** Whatever it is: URL, IP address or hash. */
  lookup(address: string, signal: AbortSignal): Promise<Lookup>;
  /** A website or an IP address, never a file: 64 hex digits may be a host. */
  site(address: string, kind: 'url' | 'ip', signal: AbortSignal): Promise<Lookup>;
  test(signal: AbortSignal): Promise<IntelixTest>;
  riskOf(lookup: Lookup): RiskLevel;
  /** Writes down what is new, so that it need not be paid for again. Never throws. */
  save(): Promise<void>;
  close(): Promise<void>;
}

/** `kept`: what is remembered answers; `asked-again`: nothing does, but what comes is remembered. */
export type CacheUse = 'kept' | 'asked-again';

/**
 * Opens Intelix as the configuration says.
 *
 * Throws   config `intelix.no-credential`, naming what is missing.
 */
export async function openIntelix({ world }: CommandContext, { intelix, statePath, renew }: Plan, use: CacheUse = 'kept'): Promise<OpenIntelix> {
  const { clientId, clientSecret, region, authUrl, apiUrl, ipRisk, rateLimits } = credentialIn(intelix);
  const kept = await openLookupCache(join(statePath, 'intelix-cache.json'), world);
  const reader = renew.intelix();
  const client = new Intelix({
    clientId,
    clientSecret,
    ...(reader ? { renew: told(reader, { service: 'Intelix' }, world) } : {}),
    region,
    ...(authUrl === null ? {} : { authUrl }),
    ...(apiUrl === null ? {} : { apiUrl }),
    rateLimits: set(rateLimits),
    world,
    cache: use === 'kept' ? kept.cache : askedAgain(kept),
  });
  return {
    lookup: (address, signal) => client.lookup(address, { signal }),
    site: (address, kind, signal) => (kind === 'ip' ? client.ip(address, { signal }) : client.url(address, { signal })),
    test: (signal) => client.test({ signal }),
    riskOf: (lookup) => riskOf(lookup, ipRisk),
    save: () => kept.save(),
    async close() {
      await kept.save();
      await client.close();
    },
  };
}

function credentialIn(plan: IntelixPlan | null): IntelixPlan & { readonly clientId: string; readonly clientSecret: NonNullable<IntelixPlan['clientSecret']> } {
  const { clientId = null, clientSecret = null } = plan ?? {};
  if (plan && clientId !== null && clientSecret !== null) return { ...plan, clientId, clientSecret };
  const missing = [
    ...(clientId === null ? ['`intelix.clientId` (or SOPHOS_INTELIX_CLIENT_ID)'] : []),
    ...(clientSecret === null ? ['`intelix.clientSecret` (or SOPHOS_INTELIX_CLIENT_SECRET)'] : []),
  ].join(' and ');
  throw new Failure('config', 'intelix.no-credential', `There is no credential for SophosLabs Intelix: ${missing} is not set`, {
    advice: 'Subscribe to SophosLabs Intelix in the AWS Marketplace and set both; a credential of Sophos Central does not open it.',
  });
}

function askedAgain({ cache }: KeptLookups): KeptLookups['cache'] {
  return { get: () => undefined, put: (kind, address, cached) => cache.put(kind, address, cached) };
}

/** A limit that is unset must not hide the default. */
function set({ second, minute, hour, day }: IntelixPlan['rateLimits']) {
  return {
    ...(second === undefined ? {} : { second }),
    ...(minute === undefined ? {} : { minute }),
    ...(hour === undefined ? {} : { hour }),
    ...(day === undefined ? {} : { day }),
  };
}
