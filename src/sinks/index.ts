import type { SinkKind } from '../core/kinds.ts';
import { file } from './file.ts';
import { splunkHec } from './splunk-hec.ts';
import { stdout } from './stdout.ts';

/** Every sink there is, one line each. */
export const sinks: readonly SinkKind<unknown>[] = [stdout, file, splunkHec];
