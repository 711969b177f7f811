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
  };
}

const CHOICES: Readonly<Record<keyof Settings, readonly unknown[] | null>> = {
  fromDateTooOld: ['reject', 'clamp'],
  limitOutOfRange: ['reject', 'clamp'],
  pageSizeTooLarge: ['reject', 'clamp'],
  missingTenantId: [401, 400],
  unknownTenant: [403, 404],
  boundary: ['exact', 'repeat', 'lose'],
  gzip: [true, false],
  whoamiExample: [true, false],
  retryAfter: [true, false],
  rateLimits: null,
  rateLimitScope: ['credential+tenant', 'credential'],
};

/** Changes what is named; says what is wrong, or nothing. */
export function changeSettings(settings: Settings, wish: Readonly<Record<string, unknown>>): string | null {
  for (const [key, value] of Object.entries(wish)) {
    if (!(key in CHOICES)) return `there is no setting \`${key}\`; there are ${Object.keys(CHOICES).join(', ')}`;
    const choices = CHOICES[key as keyof Settings];
    if (choices !== null && !choices.includes(value)) return `\`${key}\` is one of ${choices.join(', ')}`;
    if (choices === null && (typeof value !== 'object' || value === null)) return `\`${key}\` is an object of numbers`;
  }
  Object.assign(settings, wish);
  return null;
}
