import type { SimulatorClock } from './clock.ts';
import type { Estate } from './estate.ts';
import type { Faults } from './faults.ts';
import type { Hec } from './hec.ts';
import type { Identity } from './identity.ts';
import type { Intelix } from './intelix.ts';
import type { CallLimits } from './limits.ts';
import type { Setup } from './options.ts';
import type { ErrorForms } from './reply.ts';
import type { RequestLog } from './request-log.ts';
import type { Settings } from './settings.ts';
import type { Stats } from './stats.ts';

/** One running simulator, whole. */
export interface Simulation {
  readonly setup: Setup;
  readonly clock: SimulatorClock;
  readonly forms: ErrorForms;
  readonly estate: Estate;
  readonly identity: Identity;
  readonly settings: Settings;
  readonly faults: Faults;
  readonly limits: CallLimits;
  readonly stats: Stats;
  readonly requests: RequestLog;
  readonly hec: Hec;
  readonly intelix: Intelix;
  readonly accountId: string;
  legacyKey: string;
  /** What follows `Authorization: `, with its scheme. */
  legacyAuthorization: string;
  /** Known once it listens. */
  url: string;
}
