/** What can go wrong with the action log, and with reports of deletions. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDeletedSites, writeDeletedSites } from '../../src/cli/actions/deleted-site.ts';
import { actionLogPath, openActionLog, readActionLog } from '../../src/cli/actions/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { Row } from './row.ts';

const config = { kind: 'config', exit: 2 } as const;

export const actionRows: readonly Row[] = [
  {
    what: 'a folder where the action log should be',
    ...config,
    code: 'action-log.unwritable',
    attempted: /^could not write the action log .*actions\.ndjson: /,
    seen: /EISDIR.*; nothing is sent without it$/,
    async provoke(bench) {
      const state = await bench.folder();
      await mkdir(actionLogPath(state));
      return openActionLog(state, 'endpoint scan', systemClock);
    },
  },
  {
    what: 'an action log that is none',
    ...config,
    code: 'action-log.unreadable',
    attempted: /^could not read the action log .*actions\.ndjson: /,
    seen: /EISDIR/,
    async provoke(bench) {
      const state = await bench.folder();
      await mkdir(actionLogPath(state));
      return readActionLog(actionLogPath(state));
    },
  },
  {
    what: 'a report that cannot be written',
    ...config,
    code: 'deletion-report.unwritable',
    attempted: /^could not write .*report\.json: /,
    seen: /EEXIST|ENOTDIR/,
    async provoke(bench) {
      const folder = await bench.folder();
      await writeFile(join(folder, 'file'), '');
      return writeDeletedSites(join(folder, 'file', 'report.json'), []);
    },
  },
  {
    what: 'a report that tells no deletion',
    ...config,
    code: 'deletion-report.unreadable',
    attempted: /^could not read deleted local sites from .*report\.json: /,
    seen: /it holds no deleted local site$/,
    async provoke(bench) {
      const path = join(await bench.folder(), 'report.json');
      await writeFile(path, '[{"tenant":{},"site":"x"}]');
      return readDeletedSites(path);
    },
  },
];
