import type { World } from '../../core/world.ts';

/** What providers ask of the outside. */
export type Outside = Pick<World, 'http' | 'clock'>;
