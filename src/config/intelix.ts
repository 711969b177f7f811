import { secret } from '../core/secret.ts';
import type { Env } from './find.ts';
import type { IntelixPlan } from './plan.ts';
import type { Reading } from './reading.ts';
import { intelix as intelixSchema, urlText } from './sections.ts';

/** Reads `intelix`, completed from the environment. `null`: nothing is set. Problems go to the reading. */
export function readIntelix(reading: Reading, env: Env): IntelixPlan | null {
  const written = reading.check(intelixSchema, reading.tree.intelix ?? {}, ['intelix']);
  if (!written) return null;
  const fromEnv = filled(env.SOPHOS_INTELIX_CLIENT_SECRET);
  const clientId = written.clientId ?? filled(env.SOPHOS_INTELIX_CLIENT_ID) ?? null;
  const clientSecret = written.clientSecret ?? (fromEnv === undefined ? null : secret(fromEnv));
  return {
    clientId,
    clientSecret,
    region: written.region,
    authUrl: urlFrom(reading, 'SOPHOS_INTELIX_AUTH_URL', env) ?? written.authUrl ?? null,
    apiUrl: urlFrom(reading, 'SOPHOS_INTELIX_API_URL', env) ?? written.apiUrl ?? null,
    ipRisk: written.ipRisk,
    rateLimits: written.rateLimits,
  };
}

function urlFrom(reading: Reading, variable: string, env: Env): string | undefined {
  const value = filled(env[variable]);
  if (value === undefined) return undefined;
  const parsed = urlText().safeParse(value);
  if (parsed.success) return parsed.data;
  const message = 'the environment variable is not a URL such as `https://host` (needed for `intelix`)';
  reading.add({ path: variable, file: null, line: null, column: null, message, suggestion: `set ${variable} to a URL, or unset it` });
  return undefined;
}

function filled(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
