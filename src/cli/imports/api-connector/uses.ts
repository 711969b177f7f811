/** What the tool was started for, as far as its folder shows: each kind of output leaves files of its own. */
import { join } from 'node:path';
import { isThere } from '../../is-there.ts';
import type { Finding } from '../takeover.ts';

interface Use {
  /** As the tool is told. */
  readonly what: string;
  /** Below the tool's own folder. */
  readonly folder: string;
  /** Ours, without `sophos-central`. */
  readonly line: string;
}

/** What can be got, by the folder in which `--output json` leaves it. */
const uses: readonly Use[] = [
  { what: '--get inventory --output json', folder: 'output/get_inventory', line: 'get endpoints --out-dir output/get_inventory --output json' },
  { what: '--get alerts --output json', folder: 'output/get_alerts', line: 'get alerts --out-dir output/get_alerts --output json' },
  { what: '--get local-sites --output json', folder: 'output/get_local_sites', line: 'get local-sites --out-dir output/get_local_sites --output json' },
  { what: 'get_firewalls.py', folder: 'output/firewall_inventory', line: 'get firewalls --out-dir output/firewall_inventory --output json' },
  { what: 'get_firewall_groups.py', folder: 'output/firewall_groups', line: 'get firewall-groups --out-dir output/firewall_groups --output json' },
  { what: 'get_admins.py', folder: 'output/admin_data', line: 'get admins --out-dir output/admin_data --output json' },
  { what: 'get_roles.py', folder: 'output/roles_data', line: 'get roles --out-dir output/roles_data --output json' },
  { what: '--intelix report', folder: 'output/intelix', line: 'intelix report --out-dir output/intelix' },
];

export interface Used {
  readonly commands: readonly string[];
  readonly findings: readonly Finding[];
}

export async function usesOf(folder: string): Promise<Used> {
  const found: Use[] = [];
  for (const use of uses) if (await isThere(join(folder, ...use.folder.split('/')))) found.push(use);
  const findings: Finding[] = found.map(({ what, line }) => ({ outcome: 'changed', what, how: `\`${line}\`` }));
  if (found.some(({ line }) => line.startsWith('get ')))
    findings.push({
      outcome: 'changed',
      what: `${found.find(({ line }) => line.startsWith('get '))?.folder}/*.json`,
      how: 'The names of the files are the same, `<tenant name>_<tenant id>.json`; each holds a list, where the tool wrote a map with the numbers from 1 as keys.',
    });
  if (await isThere(join(folder, 'config', 'misp_config.ini')))
    findings.push({
      outcome: 'left',
      what: 'misp_config.ini, ioc_hunter.py',
      how: 'Hunting for indicators of MISP by Live Discover is not part of this tool.',
    });
  return { commands: found.map(({ line }) => line), findings };
}
