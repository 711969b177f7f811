import type { Overrides } from '../config/load.ts';
import type { GlobalOptions } from './command.ts';

/** What the command line says in place of the configuration file. */
export function overridesOf({ state, logLevel, logFile, logFormat }: GlobalOptions): Overrides {
  return {
    ...(state === undefined ? {} : { state }),
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(logFile === undefined ? {} : { logFile }),
    ...(logFormat === undefined ? {} : { logFormat }),
  };
}
