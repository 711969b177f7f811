import type { RateLimits } from './options.ts';

/** Where the documentation leaves open what Central does: one answer each, to be changed by control. */
export interface Settings {
  fromDateTooOld: 'reject' | 'clamp';
  limitOutOfRange: 'reject' | 'clamp';
  pageSizeTooLarge: 'reject' | 'clamp';
  missingTenantId: 401 | 400;
  unknownTenant: 403 | 404;
  /** What a cursor means for records of its own millisecond: known exactly, all again, or none of them. */
  boundary: 'exact' | 'repeat' | 'lose';
  /** Compress replies for clients that accept it? */
  gzip: boolean;
  /** whoami names its hosts as the official example does: `http://` and a slash at the end. */
  whoamiExample: boolean;
  /** Does a 429 of the rate limit say when to come again? */
  retryAfter: boolean;
  rateLimits: RateLimits;
  rateLimitScope: 'credential+tenant' | 'credential';
  /** The largest `pageSize` of the Common API's alerts. */
  alertsMaxSize: 1000 | 100;
  /** The last page of a list with keys has no `nextKey`, or an empty one. */
  lastKey: 'absent' | 'empty';
  /** A few endpoints say "True" and "False" where others say true and false. */
  oddBooleans: boolean;
  /** A few alerts have a `raisedAt` without a zone. */
  zonelessTimes: boolean;
  /** The list of local sites shows only `id` and `url`. */
  localSitesBrief: boolean;
  /** The list of admins has a `pages` object; the official example has none. */
  adminsPages: boolean;
  /** What filters by group do, whose support is announced as suspended for now. */
  groupFilters: 'serve' | 'ignore' | 'reject';
  /** Tamper protection of the whole account, which no call can change. */
  globalTamperProtection: boolean;
  /** How fast queries run: some seconds, some tenths of one, or the request that starts one finds it finished. */
  runs: 'slow' | 'quick' | 'at-once';
  /** What becomes of queries that are started from now on. */
  runResult: 'succeeded' | 'failed' | 'timedOut' | 'canceled';
  /** What is said when results are asked for before the end. */
  earlyResults: 404 | 409 | 'empty';
  /** How long an isolation, or its end, takes to reach an endpoint. */
  isolationDelayMs: number;
  /** How long collecting forensic logs or a memory dump takes. */
  collectDelayMs: number;
  /** Whether the credential has expired: `told` has a code of its own, `as-wrong-secret` that of a wrong secret. Sophos does not document which. */
  expiredCredential: 'no' | 'told' | 'as-wrong-secret';
}

export function defaultSettings(rateLimits: RateLimits): Settings {
  return {
    fromDateTooOld: 'reject',
    limitOutOfRange: 'reject',
    pageSizeTooLarge: 'reject',
    missingTenantId: 401,
    unknownTenant: 403,
    boundary: 'exact',
    gzip: false,
    whoamiExample: false,
    retryAfter: false,
    rateLimits,
    rateLimitScope: 'credential+tenant',
    runs: 'slow',
    runResult: 'succeeded',
    earlyResults: 404,
    alertsMaxSize: 1000,
    lastKey: 'absent',
    oddBooleans: false,
    zonelessTimes: false,
    localSitesBrief: false,
    adminsPages: true,
    groupFilters: 'serve',
    globalTamperProtection: true,
    isolationDelayMs: 3000,
    collectDelayMs: 5000,
    expiredCredential: 'no',
  };
}

const CHOICES: Readonly<Record<keyof Settings, readonly unknown[] | 'object' | 'number'>> = {
  fromDateTooOld: ['reject', 'clamp'],
  limitOutOfRange: ['reject', 'clamp'],
  pageSizeTooLarge: ['reject', 'clamp'],
  missingTenantId: [401, 400],
  unknownTenant: [403, 404],
  boundary: ['exact', 'repeat', 'lose'],
  gzip: [true, false],
  whoamiExample: [true, false],
  retryAfter: [true, false],
  rateLimits: 'object',
  runs: ['slow', 'quick', 'at-once'],
  runResult: ['succeeded', 'failed', 'timedOut', 'canceled'],
  earlyResults: [404, 409, 'empty'],
  rateLimitScope: ['credential+tenant', 'credential'],
  alertsMaxSize: [1000, 100],
  lastKey: ['absent', 'empty'],
  oddBooleans: [true, false],
  zonelessTimes: [true, false],
  localSitesBrief: [true, false],
  adminsPages: [true, false],
  groupFilters: ['serve', 'ignore', 'reject'],
  globalTamperProtection: [true, false],
  isolationDelayMs: 'number',
  collectDelayMs: 'number',
  expiredCredential: ['no', 'told', 'as-wrong-secret'],
};

/** Changes what is named; says what is wrong, or nothing. */
export function changeSettings(settings: Settings, wish: Readonly<Record<string, unknown>>): string | null {
  for (const [key, value] of Object.entries(wish)) {
    if (!(key in CHOICES)) return `there is no setting \`${key}\`; there are ${Object.keys(CHOICES).join(', ')}`;
    const choices = CHOICES[key as keyof Settings];
    if (choices === 'object') {
      if (typeof value !== 'object' || value === null) return `\`${key}\` is an object of numbers`;
    } else if (choices === 'number') {
      if (typeof value !== 'number' || !(value >= 0 && value <= 1e12)) return `\`${key}\` is a number of ms`;
    } else if (!choices.includes(value)) return `\`${key}\` is one of ${choices.join(', ')}`;
  }
  Object.assign(settings, wish);
  return null;
}
