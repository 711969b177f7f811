/** Folders of siem.py that cannot be taken over. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importFrom } from '../../src/cli/imports/importing.ts';
import { peers } from '../../src/cli/imports/peers.ts';
import { emptyPack } from '../../src/core/pack.ts';
import { openStore } from '../../src/journal/index.ts';
import { contextIn } from '../cli/imports/context.ts';
import { type Bench, legacyKey, legacyToken, secrets } from './bench.ts';
import type { Row } from './row.ts';

const wish = { dryRun: false, replace: false, secrets: 'keep', offline: true } as const;
const credential = `client_id = someone\nclient_secret = ${secrets[0] ?? ''}\n`;
const token = `token_info = url: https://api1.central.sophos.com/gateway, x-api-key: ${legacyKey}, Authorization: Basic ${legacyToken}\n`;

/** A folder of siem.py, imported; `state` is what its state file holds. */
async function importing(bench: Bench, ini: string, state: string | null, { times = 1, state: ours = '', config = '' } = {}): Promise<unknown> {
  const home = await bench.folder();
  await mkdir(join(home, 'state'));
  await writeFile(join(home, 'config.ini'), `[login]\n${ini}`, { mode: 0o600 });
  if (state !== null) await writeFile(join(home, 'state', 'siem_sophos.json'), state);
  const [siem] = peers;
  if (!siem) throw new Error('there is no peer');
  const globals = { ...(ours === '' ? {} : { state: ours }), ...(config === '' ? {} : { config }) };
  for (let i = 1; i < times; i++) await importFrom(contextIn(home, globals), siem, home, wish);
  return importFrom(contextIn(home, globals), siem, home, wish);
}

const row = (what: string, code: string, ini: string, state: string | null, attempted: RegExp, seen: RegExp): Row => ({
  what,
  kind: 'config',
  code,
  exit: 2,
  attempted,
  seen,
  provoke: (bench) => importing(bench, ini, state),
});

/** A state in which a stream has been read since it was taken over. */
async function importingAgain(bench: Bench): Promise<unknown> {
  const state = join(await bench.folder(), 'state');
  const { clock, report } = contextIn(state).world;
  const store = await openStore(state, { mode: 'own', holder: 'run', clock, report });
  const tenant = { id: 'a', name: 'a', labels: {} };
  const stream = { id: 'a/events', stream: 'events', tenant, repeats: 'recent' as const, fetch: () => Promise.reject(new Error('never fetched')) };
  await store.journal.append(stream, { items: emptyPack, next: { cursor: 'ours' }, more: false }, await store.journal.place(stream.id), clock.now());
  await store.close();
  return importing(bench, credential, '{"tenants": {"a": {"eventsLastFetched": "abc"}}}', { state });
}

export const importSiemRows: readonly Row[] = [
  row(
    'a format that siem.py does not have',
    'import.siem',
    `${credential}format = xml\n`,
    null,
    /take over `format` of .*config\.ini/,
    /`json`, `cef` or `keyvalue`/,
  ),
  row('a file name with a placeholder', 'import.siem', `${credential}filename = {date}.txt\n`, null, /take over `filename`/, /without braces/),
  row('a port that is none', 'import.siem', `${credential}filename = syslog\naddress = soc:syslog\n`, null, /take over `address`/, /`host:port`/),
  row('a token that is cut short', 'import.siem', `${token.slice(0, -40)}\n`, null, /take over `token_info`/, /not the line that Central shows/),
  row(
    'a state that is cut short',
    'import.siem-state',
    credential,
    `{"account": {"x": {"jwt": "${secrets[0] ?? ''}`,
    /state of siem\.py in .*siem_sophos\.json/,
    /not whole JSON/,
  ),
  row(
    'a cursor that is none',
    'import.siem-state',
    credential,
    '{"tenants": {"a": {"eventsLastFetched": 7}}}',
    /state of siem\.py/,
    /`tenants\.a\.eventsLastFetched` is not a cursor/,
  ),
  row(
    'a token whose tenant nobody knows',
    'import.tenant-unknown',
    token,
    `{"account": {"${legacyToken}": {"eventsLastFetched": "abc"}}}`,
    /place of `token_info`/,
    /is not known/,
  ),
  {
    ...row('a delay that is more than a day', 'import.unacceptable', '', null, /would do the same is not valid here/, /streams\.events\.offsetMinutes/),
    isPicture: true,
    provoke: (bench) => importing(bench, `${credential}events_from_date_offset_minutes = 2000\n`, null),
  },
  {
    ...row('a folder that is not there', 'draft.unwritten', '', null, /could not write .*sophos-central\.yaml/, /ENOENT/),
    kind: 'transient',
    exit: 1,
    provoke: async (bench) => {
      const folder = await bench.folder();
      return importing(bench, credential, null, { state: join(folder, 'state'), config: join(folder, 'missing', 'sophos-central.yaml') });
    },
  },
  {
    ...row('a configuration that is there already', 'usage.exists', '', null, /sophos-central\.yaml is there already/, /not written over/),
    provoke: (bench) => importing(bench, credential, null, { times: 2 }),
  },
  {
    ...row('a state that has read already', 'journal.already-read', '', null, /take over the place of a\/events/, /has read there already/),
    provoke: importingAgain,
  },
];
