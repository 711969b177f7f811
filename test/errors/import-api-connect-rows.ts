/** Folders of Sophos API Connect that cannot be taken over. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readHeld } from '../../src/cli/imports/api-connect/held.ts';
import { apiConnect } from '../../src/cli/imports/api-connect/peer.ts';
import { surroundings } from '../../src/cli/imports/importing.ts';
import { contextIn } from '../cli/imports/context.ts';
import { type Bench, secrets } from './bench.ts';
import type { Row } from './row.ts';

const credential = `client_id = someone\nclient_secret = ${secrets[0] ?? ''}\n`;

/** A folder with these settings and files, read without asking anybody. */
async function reading(bench: Bench, settings: string, prepare: (folder: string) => Promise<unknown>): Promise<unknown> {
  const folder = await bench.folder();
  await writeFile(join(folder, 'sophos.conf'), credential + settings, { mode: 0o600 });
  await prepare(folder);
  return apiConnect.read(folder, surroundings(contextIn(folder), folder, { asks: 'nobody', warn: () => undefined }));
}

const row = (
  what: string,
  code: string,
  settings: string,
  attempted: RegExp,
  seen: RegExp,
  prepare: (folder: string) => Promise<unknown> = async () => null,
): Row => ({
  what,
  kind: 'config',
  code,
  exit: 2,
  attempted,
  seen,
  provoke: (bench) => reading(bench, settings, prepare),
});

const alert = '[Reporter: Sophos Central] [Timestamp: 2999-01-01T00:00:00.000Z] [AlertID: a] [Severity: low] [IP: ][Location: l]\n';

export const importApiConnectRows: readonly Row[] = [
  row('a pull time that is no number', 'import.setting', 'pull_time = soon\n', /take over `pull_time` of `.*sophos\.conf`, line 3/, /`soon`/),
  row('a switch that is neither on nor off', 'import.setting', 'run = maybe\n', /take over `run`/, /`maybe`/),
  row('a log level that there is not', 'import.setting', 'log_level = 7\n', /take over `log_level`/, /`7`/),
  row('acknowledging without saying what', 'import.setting', 'alerts_auto_acknowledge = True\n', /take over `alerts_auto_acknowledge`/, /`True`/),
  row('a file name with braces', 'import.setting', 'events_txt_file_name = {date}\n', /take over the file `.*\{date\}`/, /braces/),
  row('a tool that writes nothing', 'import.no-output', 'txt_file_creation = False\n', /sophos\.conf` says/, /both False/),
  row(
    'text and JSON in one file',
    'import.same-file',
    'json_file_creation = True\nevents_json_file_name = sophos_alerts\n',
    /take over `.*sophos_alerts`/,
    /both text and JSON/,
  ),
  row(
    'a JSON file that was cut off',
    'import.damaged',
    'json_file_creation = True\n',
    /take over `.*sophos_events\.json`/,
    /ends at byte 8, and item 1, which begins at byte 1, is cut off/,
    (folder) => writeFile(join(folder, 'sophos_events.json'), '[{"id": '),
  ),
  row('a folder where a file should be', 'import.unreadable', '', /take over `.*sophos_events`/, /no regular file|EISDIR/, (folder) =>
    mkdir(join(folder, 'sophos_events')),
  ),
  row('alerts of nobody knows whom', 'import.tenant', '', /the position in `.*sophos_alerts`/, /do not say whose/, (folder) =>
    writeFile(join(folder, 'sophos_alerts'), alert),
  ),
  {
    what: 'a tool that still writes',
    kind: 'config',
    code: 'import.still-written',
    exit: 2,
    attempted: /take over `.*sophos_events\.json`/,
    seen: /something wrote to it/,
    async provoke(bench) {
      const file = join(await bench.folder(), 'sophos_events.json');
      await writeFile(file, `[${'{"id": "a"}, '.repeat(400_000)}{"id": "b"}]`);
      let isOver = false;
      const read = readHeld(file, 'json', 0).finally(() => {
        isOver = true;
      });
      const writes = (async () => {
        while (!isOver) await appendFile(file, ' ');
      })();
      return Promise.all([read, writes]);
    },
  },
];
