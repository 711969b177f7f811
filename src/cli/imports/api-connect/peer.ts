/** Sophos API Connect: a folder with `sophos.conf` and the files that it fills. */
import { dirname, join, resolve } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import { Failure } from '../../../core/failure.ts';
import type { Tenant } from '../../../core/types.ts';
import type { Draft } from '../../draft.ts';
import type { FoundSecret, ImportSurroundings, Peer, Takeover } from '../takeover.ts';
import { everySeconds, settingFindings } from './findings.ts';
import { type HeldFile, lookAt, readHeld } from './held.ts';
import { type AskCentral, type Kind, positionOf } from './position.ts';
import { type Outputs, readSettings, type Settings } from './settings.ts';
import { pathText, sectionsOf, type Target, targetsOf } from './targets.ts';

/**
 * Reads its folder.
 *
 * Throws   config `ini.unreadable`, `import.setting`, `import.no-output`, `import.same-file`, `import.damaged`, `import.unreadable`,
 *          `import.still-written`; config `import.tenant` when it cannot be said whose records the files hold.
 */
export const apiConnect: Peer = {
  name: 'api-connect',
  read: async (folder, around) => readApiConnect(await readSettings(join(resolve(folder), 'sophos.conf')), around),
};

/** What our own log is called, beside the tool's. */
const ourLogName = 'sophos-central.log';

const both: readonly Kind['stream'][] = ['events', 'siem-alerts'];

/** `unread`: the streams whose position is wanted; the files of others are not looked into. */
export async function readApiConnect(settings: Settings, around: ImportSurroundings, unread: readonly Kind['stream'][] = both): Promise<Takeover> {
  const now = around.world.clock.now();
  const targets = await heldFiles(settings, now, unread, around.signal);
  const ourLog = settings.logFile && settings.level.rank > 0 ? join(dirname(settings.logFile), ourLogName) : null;
  const draft = draftOf(settings, targets, around.folder, ourLog);
  const secrets = secretsOf(settings);
  const findings = [...settingFindings(settings, targets, ourLog), ...ageFindings(settings, targets, now)];
  const none: Takeover = { draft, secrets, streams: [], leftOver: [], findings, commands: ['run'] };
  if (unread.length === 0) return none;
  const open = await around.tenants(draft, secrets);
  const tenant = tenantOf(open, targets);
  if (!tenant) return none;
  const restricted = open && open.length > 1 ? { ...draft, tree: { ...draft.tree, tenants: { include: [tenant.id] } } } : draft;
  const ask: AskCentral = async (stream, ids) => (await around.siemRecords?.(restricted, secrets, tenant, stream, ids)) ?? null;
  const kinds = kindsOf(targets).filter(({ stream }) => unread.includes(stream));
  const positions = await Promise.all(kinds.map((kind) => positionOf(kind, tenant, now, ask)));
  return {
    ...none,
    draft: restricted,
    streams: positions.map(({ adopted }) => adopted),
    leftOver: positions.flatMap(({ waiting }) => waiting),
    findings: [...findings, ...positions.flatMap((each) => each.findings)],
  };
}

async function heldFiles({ events, alerts }: Settings, now: number, unread: readonly Kind['stream'][], signal: AbortSignal): Promise<readonly Target[]> {
  // Two names may be one file, which is then looked into for either.
  const isWanted = (path: string) => (unread.includes('events') && isOf(events, path)) || (unread.includes('siem-alerts') && isOf(alerts, path));
  const held = async (path: string | null, form: HeldFile['form']) => {
    signal.throwIfAborted();
    if (path === null) return null;
    return isWanted(path) ? readHeld(path, form, now) : lookAt(path, form);
  };
  return targetsOf({
    'events-txt': await held(events.text, 'text'),
    'alerts-txt': await held(alerts.text, 'text'),
    'events-json': await held(events.json, 'json'),
    'alerts-json': await held(alerts.json, 'json'),
  });
}

function isOf({ text, json }: Outputs, path: string): boolean {
  return text === path || json === path;
}

function secretsOf({ file, clientSecret }: Settings): readonly FoundSecret[] {
  if (!clientSecret) return [];
  return [{ at: 'central.clientSecret', variable: 'SOPHOS_CLIENT_SECRET', file, key: 'client_secret', value: clientSecret }];
}

function draftOf(settings: Settings, targets: readonly Target[], folder: string, ourLog: string | null): Draft {
  const every = `${everySeconds(settings)}s`;
  const { tree, comments = {} } = sectionsOf(targets, folder);
  const { acknowledgement, clientId, level } = settings;
  const rule: Tree = {
    from: 'alerts',
    where: `severity in [${(acknowledgement?.severities ?? []).map((word) => `"${word}"`).join(', ')}]`,
    do: 'acknowledge',
  };
  return {
    head: ['Made from the settings of Sophos API Connect.'],
    tree: {
      central: { clientId: clientId?.replaceAll('${', () => '$${') ?? '${env:SOPHOS_CLIENT_ID}', clientSecret: '${env:SOPHOS_CLIENT_SECRET}' },
      streams: { events: { every, since: '24h' }, 'siem-alerts': { every, since: '24h' }, ...(acknowledgement ? { alerts: { every: '5m' } } : {}) },
      ...tree,
      ...(acknowledgement ? { actions: [rule] } : {}),
      log: { level: level.ours, ...(ourLog === null ? {} : { file: pathText(ourLog, folder) }) },
    },
    comments: {
      ...comments,
      streams: 'Both feeds are read from 24 h back at first, as the tool did at each pull.',
      ...(acknowledgement
        ? { actions: 'CHANGES ALERTS IN CENTRAL: those of these severities are closed by themselves. Remove the rule if you do not want that.' }
        : {}),
    },
  };
}

/** `null` when nothing is held, so that it does not matter. */
function tenantOf(open: readonly Tenant[] | null, targets: readonly Target[]): Tenant | null {
  const customers = [...new Set(targets.flatMap(({ held }) => [...held.customers]))];
  const knows = targets.some(({ held }) => held.times.size > 0);
  if (open?.length === 1) return open[0] ?? null;
  const [only, ...others] = customers;
  if (only !== undefined && others.length === 0) {
    const known = open?.find(({ id }) => id === only);
    if (known) return known;
    if (open === null && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(only)) return { id: only, name: only, labels: {} };
  }
  if (!knows) return null;
  const files = targets.map(({ held }) => `\`${held.path}\``).join(', ');
  const whose =
    customers.length === 0
      ? 'they do not say whose records they hold'
      : `they hold records of ${customers.length === 1 ? 'a tenant' : `${customers.length} tenants`} (CustomerID)`;
  throw new Failure(
    'config',
    'import.tenant',
    `could not take over the position in ${files}: ${whose}, and ${open === null ? 'Central was not asked' : `the credential opens ${open.length} tenants`}`,
    {
      advice: open === null ? 'Leave out `--offline`, and see that Central can be reached.' : 'Use the credential of the tenant itself, as the tool did.',
    },
  );
}

function kindsOf(targets: readonly Target[]): readonly Kind[] {
  const of = (stream: Kind['stream'], form: HeldFile['form']) => {
    const target = targets.find(({ streams, held }) => held.form === form && streams.includes(stream));
    return target ? { held: target.held, route: target.name, isShared: target.streams.length > 1 } : null;
  };
  const kind = (stream: Kind['stream'], title: Kind['title']): Kind => ({ stream, title, text: of(stream, 'text'), json: of(stream, 'json') });
  return [kind('events', 'events'), kind('siem-alerts', 'alerts')];
}

/** Central forgets after a day; nobody wrote down when the tool last asked. */
function ageFindings({ runs }: Settings, targets: readonly Target[], now: number): Takeover['findings'] {
  const wroteAt = Math.max(...targets.map(({ held }) => held.wroteAt ?? Number.NEGATIVE_INFINITY));
  if (!Number.isFinite(wroteAt) || wroteAt >= now - 86_400_000) return [];
  const since = new Date(wroteAt).toISOString();
  const how = `were last written to at ${since}. ${runs ? 'If the tool has not run since' : 'As the tool was stopped'}, what was recorded between then and 24 h ago cannot be had any more: Central forgets it`;
  return [{ outcome: 'left', what: 'its files', how }];
}
