import { actionRows } from './action-rows.ts';
import { centralRows } from './central-rows.ts';
import { configRows } from './config-rows.ts';
import { fileRows } from './file-rows.ts';
import { hecRows } from './hec-rows.ts';
import { intelixRows } from './intelix-rows.ts';
import { journalRows } from './journal-rows.ts';
import { networkRows } from './network-rows.ts';
import type { Row } from './row.ts';
import { runRows } from './run-rows.ts';

/** The table: where it goes wrong, and how. */
export const areas: readonly (readonly [area: string, rows: readonly Row[]])[] = [
  ['the network', networkRows],
  ['Sophos Central', centralRows],
  ['searches of Sophos Central', runRows],
  ['Intelix', intelixRows],
  ['Splunk', hecRows],
  ['files', fileRows],
  ['the journal', journalRows],
  ['the configuration', configRows],
  ['the action log and reports of deletions', actionRows],
];
