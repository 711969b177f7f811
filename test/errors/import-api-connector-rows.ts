/** Folders of sophos-central-api-connector that cannot be taken over. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importFrom } from '../../src/cli/imports/importing.ts';
import { peers } from '../../src/cli/imports/peers.ts';
import { contextIn } from '../cli/imports/context.ts';
import { type Bench, secrets } from './bench.ts';
import type { Row } from './row.ts';

const wish = { dryRun: false, replace: false, secrets: 'keep', offline: true } as const;
const settings = `[static]\nclient_id: someone\nclient_secret: ${secrets[0] ?? ''}\n`;

async function importing(bench: Bench, files: Readonly<Record<string, string>>): Promise<unknown> {
  const home = await bench.folder();
  for (const folder of ['config', 'polling']) await mkdir(join(home, folder));
  for (const [name, text] of Object.entries(files)) await writeFile(join(home, name), text, { mode: 0o600 });
  const peer = peers.find(({ name }) => name === 'api-connector');
  if (!peer) throw new Error('there is no peer');
  return importFrom(contextIn(home), peer, home, wish);
}

const row = (what: string, code: string, files: Readonly<Record<string, string>>, attempted: RegExp, seen: RegExp): Row => ({
  what,
  kind: 'config',
  code,
  exit: 2,
  attempted,
  seen,
  provoke: (bench) => importing(bench, files),
});

export const importApiConnectorRows: readonly Row[] = [
  row('a folder of something else', 'import.no-api-connector', {}, /is no folder of sophos-central-api-connector/, /neither `config` nor `polling`/),
  row(
    'a list of ids that is cut short',
    'import.unreadable',
    { 'config/sophos_config.ini': settings, 'polling/alert_ids.json': `{"a": {"raised_at": "${secrets[0] ?? ''}` },
    /the file .*alert_ids\.json/,
    /is not JSON to its end/,
  ),
  row(
    'a place of polling that is a list',
    'import.unreadable',
    { 'config/sophos_config.ini': settings, 'polling/poll_config.json': '[]' },
    /the file .*poll_config\.json/,
    /holds no object/,
  ),
];
