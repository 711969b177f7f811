import { first } from './001-first.ts';

/** The layouts of the journal's file in order; a file's `user_version` says how many it has. Never edited after release. */
export const migrations: readonly string[] = [first];
