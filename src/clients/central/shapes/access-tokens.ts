import type { OpenText } from './account.ts';
import type { Actor, Instant } from './parts.ts';

/** A token for a product, as Central spells it (reference, 7.8). `token` is a secret. */
export interface AccessToken {
  readonly id: string;
  readonly token?: string | null;
  readonly type?: OpenText<'sophosLinuxSensor'> | null;
  readonly label?: string | null;
  readonly createdAt?: string | null;
  readonly expiresAt?: string | null;
  readonly url?: string | null;
  readonly createdBy?: Actor | null;
}

export interface NewAccessToken {
  readonly label: string;
  readonly type: OpenText<'sophosLinuxSensor' | 'sls'>;
  readonly expiresAt?: Instant;
}

export interface AccessTokenChange {
  readonly label?: string;
  readonly expiresAt?: Instant;
}
