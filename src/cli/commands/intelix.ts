import type { Command, CommandGroup } from '../command.ts';
import { apply, clean, plan } from './intelix-clean.ts';
import { lookup, test } from './intelix-lookup.ts';
import { report } from './intelix-report.ts';

/** SophosLabs Intelix: lookups, and the local sites that it finds dangerous. */
export const intelix: CommandGroup = {
  name: 'intelix',
  summary: 'look up addresses with SophosLabs Intelix, and clean up local sites',
  examples: ['intelix lookup example.com', 'intelix report', 'intelix clean --level HIGH --dry-run'],
  commands: [test, lookup, report, plan, apply, clean] as readonly Command[],
};
