import type { FormatKind } from '../core/kinds.ts';
import { json } from './json.ts';
import { raw } from './raw.ts';

/** Every format there is. Options are checked by each kind's own schema, so here they are unknown. */
export const formats: readonly FormatKind<unknown>[] = [raw, json];
