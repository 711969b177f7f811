import type { z } from '../../core/schema.ts';
import type { Env } from '../find.ts';
import type { Asking } from './asking.ts';
import type { Outside } from './outside.ts';
import type { secrets } from './section.ts';

/** The section `secrets`, checked: where and as whom secrets are asked for. */
export type SecretSettings = z.output<typeof secrets>;

/** Where a source stands, before anything is asked. */
export interface Setting {
  readonly settings: SecretSettings;
  readonly env: Env;
  /** Relative paths start here. */
  readonly folder: string;
}

/** A source's setting with the means to ask. */
export interface Ready extends Setting {
  readonly world: Outside;
  readonly asking: Asking;
}

/** A variable of the environment; an empty one counts as not set. */
export function variable(env: Env, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value === '' ? undefined : value;
}
