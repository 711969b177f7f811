/** siem.py, Sophos' own script (Sophos-Central-SIEM-Integration 2.x): what its folder says, as a configuration and positions of ours. */
import { shown } from '../../../config/ini.ts';
import type { Tree } from '../../../config/source.ts';
import { Failure } from '../../../core/failure.ts';
import { readLegacyToken } from '../../../core/legacy-token.ts';
import type { Adopted } from '../../../core/store.ts';
import type { Millis, Tenant } from '../../../core/types.ts';
import type { FileMark } from '../../../sinks/file/mark.ts';
import type { Draft } from '../../draft.ts';
import { visible } from '../../output/visible.ts';
import type { Finding, ImportSurroundings, Peer, Takeover } from '../takeover.ts';
import { type CentralPart, centralOf, plain } from './central.ts';
import { outputOf, type SiemOutput, wrong } from './output.ts';
import { placesOf, readSettings, type SiemSettings } from './settings.ts';
import { readState, type SiemPlace, type SiemState } from './state.ts';
import { isAsWeLeftIt, readWritten, type Written } from './written.ts';

/** The streams of each `endpoint`. */
const endpoints: Readonly<Record<string, readonly SiemStream[]>> = { event: ['events'], alert: ['siem-alerts'], all: ['events', 'siem-alerts'] };
type SiemStream = 'events' | 'siem-alerts';

/** Keys of what was recorded within this time are worth knowing: Central forgets after a day. */
const writtenMs: Millis = 26 * 3_600_000;
const idForm = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;

export const siem: Peer = {
  name: 'siem',
  async read(folder, around) {
    const { home, configFile } = await placesOf(folder);
    return readSiem(await readSettings(home, configFile), around);
  },
};

/** What a state of ours has come to. */
export interface SiemKnown {
  /** The ids of the streams that were read with it. */
  readonly streams: ReadonlySet<string>;
  /** Those of the sink that goes on with the output file. */
  readonly marks: readonly FileMark[];
}

/** Whose positions there are, once it is known whom the credential opens. */
interface Whose {
  readonly places: readonly { readonly place: SiemPlace; readonly tenant: Tenant }[];
  readonly include: readonly string[] | null;
  readonly findings: readonly Finding[];
}

/**
 * What a folder says.
 *
 * Shape    with `known`, the end of the output file is read only where it may say something new: of streams that were not read yet, or when somebody else
 *          has written to it.
 * Throws   config `import.siem`, `import.siem-state`, `ini.unreadable`; `import.tenant-unknown` for a legacy token whose tenant nobody told.
 */
export async function readSiem(settings: SiemSettings, around: ImportSurroundings, known: SiemKnown | null = null): Promise<Takeover> {
  const streams = endpoints[settings.endpoint];
  if (!streams) throw wrong(settings, 'endpoint', '`event`, `alert` or `all`');
  const state = await readState(settings.stateFile);
  const output = await outputOf(settings, around.folder);
  const central = centralOf(settings);
  const { file } = output;
  const writtenIn = async () => (file === null ? [] : readWritten(file, around.world.clock.now() - writtenMs, known?.marks));
  const draft = draftOf(settings, streams, output, central.section);
  const whose =
    central.isLegacy && settings.token !== null
      ? await ofToken(settings, state, writtenIn, await around.tenants(draft, central.secrets))
      : ofTenants(settings, state, state.tenants.length === 0 ? null : await around.tenants(draft, central.secrets));
  const adoptedWith = (written: readonly Written[]) =>
    whose.places.flatMap(({ place, tenant }) => adoptedOf(place, tenant, streams, settings, written, whose.places.length === 1));
  const bare = adoptedWith([]);
  const isNothingNew = known !== null && bare.every(({ id }) => known.streams.has(id)) && (file === null || (await isAsWeLeftIt(file, known.marks)));
  const adopted = bare.length === 0 || isNothingNew ? bare : adoptedWith(await writtenIn());
  const now = around.world.clock.now();
  return {
    draft: whose.include === null ? draft : withTenants(draft, whose.include),
    secrets: central.secrets,
    streams: adopted.map((each) => ({ ...each, readUpTo: each.readUpTo === null ? null : Math.min(each.readUpTo, now) })),
    leftOver: [],
    findings: [
      ...central.findings,
      ...whose.findings,
      ...streamFindings(settings, streams),
      ...output.findings,
      ...missing(whose, streams),
      ...leftFindings(settings, state, streams),
    ],
    commands: ['run --once', 'run'],
  };
}

function draftOf(
  { configFile, eventsOffset, alertsOffset, loggingLevel }: SiemSettings,
  streams: readonly SiemStream[],
  output: SiemOutput,
  central: CentralPart['section'],
): Draft {
  const optionsOf = (offset: string): { [option: string]: Tree } => (Number(offset) > 0 ? { offsetMinutes: Number(offset) } : {});
  const level = levels[loggingLevel];
  const read = Object.fromEntries(streams.map((stream): [string, Tree] => [stream, optionsOf(stream === 'events' ? eventsOffset : alertsOffset)]));
  return {
    head: [`Taken over from siem.py: ${visible(configFile)}`],
    tree: {
      ...(central === null ? {} : { central }),
      streams: read,
      sinks: { [output.name]: output.sink },
      routes: [{ from: '*', to: output.name, format: output.format }],
      state: './sophos-central-state',
      ...(level === undefined ? {} : { log: { level } }),
    },
    comments: streams.includes('events') ? { 'streams.events': 'What `siem.py -l` left out is left out by `preset: light`.' } : {},
  };
}

function withTenants(draft: Draft, include: readonly string[]): Draft {
  const { central, ...rest } = draft.tree;
  return { ...draft, tree: { ...(central === undefined ? {} : { central }), tenants: { include: include.map(plain) }, ...rest } };
}

/** Python's levels; `INFO` is ours, too. */
const levels: Readonly<Record<string, string>> = { DEBUG: 'debug', WARNING: 'warn', WARN: 'warn', ERROR: 'error', CRITICAL: 'error' };

/** `tenant_id` says who is read; without it those who were read so far. */
function ofTenants(settings: SiemSettings, { tenants }: SiemState, known: readonly Tenant[] | null): Whose {
  const { tenantId } = settings;
  const named = new Map(known?.map((tenant) => [tenant.id.toLowerCase(), tenant]));
  const usable = tenants.filter(({ id }) => idForm.test(id));
  const findings: Finding[] = tenants
    .filter(({ id }) => !idForm.test(id))
    .map(({ id }) => ({ outcome: 'left', what: `the place of ${id.slice(0, 60)}`, how: 'that is no id of a tenant' }));
  const places = usable.map((place) => ({ place, tenant: named.get(place.id.toLowerCase()) ?? { id: place.id, name: place.id, labels: {} } }));
  const closed = known === null ? [] : usable.filter(({ id }) => !named.has(id.toLowerCase()));
  for (const { id } of closed)
    findings.push({ outcome: 'changed', what: `the place of ${id}`, how: 'the credential does not open this tenant now; its place is kept' });
  if (tenantId !== '') {
    // `tenants.include` takes patterns: `*` would be everybody.
    if (!idForm.test(tenantId)) throw wrong(settings, 'tenant_id', 'the id of a tenant, or nothing');
    const others = usable.filter(({ id }) => id.toLowerCase() !== tenantId.toLowerCase()).length;
    findings.unshift({ outcome: 'taken', what: `tenant_id = ${tenantId}`, how: '`tenants.include`: only this tenant is read' });
    if (others > 0)
      findings.push({
        outcome: 'changed',
        what: `the places of ${others} more in the state`,
        how: 'they are kept, and used when `tenants.include` names these tenants',
      });
    return { places, include: [tenantId], findings };
  }
  if (usable.length === 0) return { places, include: null, findings };
  findings.unshift({ outcome: 'taken', what: 'tenant_id', how: 'none is set: the tenants of the state are read, and no others (`tenants.include`)' });
  return { places, include: usable.map(({ id }) => id), findings };
}

/** The place of a legacy token belongs to the tenant whose records it gives. */
async function ofToken(
  settings: SiemSettings,
  state: SiemState,
  writtenIn: () => Promise<readonly Written[]>,
  known: readonly Tenant[] | null,
): Promise<Whose> {
  const token = settings.token === null ? null : readLegacyToken(settings.token);
  const word = token?.authorization.reveal().split(/\s+/)[1] ?? '';
  const place = state.tokens.find(({ id }) => id === word);
  if (!place) return { places: [], include: null, findings: [] };
  const told = known?.[0] ?? tenantOf(await writtenIn());
  if (told === undefined)
    throw new Failure('config', 'import.tenant-unknown', 'could not take over the place of `token_info`: whose records the token gives is not known', {
      advice: 'Leave out `--offline`, and try again when Central can be asked.',
    });
  const others = state.tokens.length - 1;
  const findings: Finding[] = others > 0 ? [{ outcome: 'left', what: `the places of ${others} more tokens`, how: '`token_info` holds another token now' }] : [];
  if (told.id.startsWith('legacy-')) {
    const how = 'Central had nothing for this token in the last 24 hours, so nothing can be lost or repeated: reading begins anew';
    return { places: [], include: null, findings: [...findings, { outcome: 'left', what: 'the place of `token_info`', how }] };
  }
  // siem.py writes down no time for a token, but it writes the whole file at each page.
  const lastRunAt = place.lastRunAt ?? state.writtenAt;
  return { places: [{ place: { ...place, lastRunAt }, tenant: told }], include: null, findings };
}

function tenantOf(written: readonly Written[]): Tenant | undefined {
  const ids = new Set(written.flatMap(({ tenant }) => (tenant === null ? [] : [tenant])));
  const [id] = ids;
  return ids.size === 1 && id !== undefined && idForm.test(id) ? { id, name: 'central', labels: {} } : undefined;
}

function adoptedOf(
  place: SiemPlace,
  tenant: Tenant,
  streams: readonly SiemStream[],
  settings: SiemSettings,
  written: readonly Written[],
  isAlone: boolean,
): readonly Adopted[] {
  return streams.flatMap((stream) => {
    const cursor = stream === 'events' ? place.events : place.alerts;
    if (cursor === null) return [];
    const offset = Number(stream === 'events' ? settings.eventsOffset : settings.alertsOffset) * 60_000;
    const readUpTo = place.lastRunAt === null ? null : place.lastRunAt - offset;
    const mine = written.filter((each) => each.stream === stream && (each.tenant === null ? isAlone : each.tenant.toLowerCase() === tenant.id.toLowerCase()));
    const delivered = mine.map(({ key, time }) => ({ key, time }));
    return [{ id: `${tenant.id}/${stream}`, origin: { stream, tenant }, checkpoint: { cursor, readUpTo }, readUpTo, delivered }];
  });
}

function streamFindings({ endpoint, eventsOffset, alertsOffset, configFile }: SiemSettings, streams: readonly SiemStream[]): readonly Finding[] {
  const findings: Finding[] = [{ outcome: 'taken', what: `endpoint = ${endpoint}`, how: streams.map((stream) => `\`${stream}\``).join(' and ') }];
  for (const [key, text, stream] of [
    ['events_from_date_offset_minutes', eventsOffset, 'events'],
    ['alerts_from_date_offset_minutes', alertsOffset, 'siem-alerts'],
  ] as const) {
    if (!/^\d{0,9}$/.test(text))
      throw new Failure('config', 'import.siem', `could not take over \`${key}\` of ${configFile}: expected a whole number of minutes`, {
        advice: 'Correct it there, and import again.',
      });
    if (Number(text) > 0 && streams.includes(stream)) findings.push({ outcome: 'taken', what: `${key} = ${text}`, how: `\`offsetMinutes\` of \`${stream}\`` });
  }
  findings.push({
    outcome: 'changed',
    what: 'late records',
    how: 'every 10 minutes a read looks back for records that arrived late, which siem.py misses (`overlap`)',
  });
  return findings;
}

/** Streams without a cursor begin as siem.py would. */
function missing({ places }: Whose, streams: readonly SiemStream[]): readonly Finding[] {
  return places.flatMap(({ place, tenant }) =>
    streams
      .filter((stream) => (stream === 'events' ? place.events : place.alerts) === null)
      .map(
        (stream): Finding => ({
          outcome: 'changed',
          what: `\`${stream}\` of ${tenant.name}`,
          how: 'siem.py has not read it yet: the first read begins 12 hours back, as its own would',
        }),
      ),
  );
}

function leftFindings(
  { stateFile, unknown, problems, loggingLevel }: SiemSettings,
  { writtenAt, oldFiles, tenants, tokens }: SiemState,
  streams: readonly SiemStream[],
): readonly Finding[] {
  const findings: Finding[] = [];
  if (writtenAt === null)
    findings.push({
      outcome: 'left',
      what: 'state',
      how: `there is no ${stateFile}: siem.py has not run with this configuration. Reading begins 12 hours back`,
    });
  const unread = (['events', 'siem-alerts'] as const).filter((stream) => !streams.includes(stream));
  for (const stream of unread)
    if ([...tenants, ...tokens].some((place) => (stream === 'events' ? place.events : place.alerts) !== null))
      findings.push({ outcome: 'left', what: `the place of \`${stream}\``, how: '`endpoint` does not name it; the time that stands beside is not its own' });
  for (const file of oldFiles) findings.push({ outcome: 'left', what: file, how: 'the place of siem.py 1.x, which version 2 does not use either' });
  if (levels[loggingLevel] !== undefined) findings.push({ outcome: 'taken', what: `logging_level = ${loggingLevel}`, how: '`log.level`' });
  for (const key of unknown) findings.push({ outcome: 'left', what: shown(key), how: 'siem.py 2.1.0 does not know this key either' });
  for (const problem of problems) findings.push({ outcome: 'left', what: 'config.ini', how: problem });
  findings.push({ outcome: 'left', what: 'the tokens in the state file', how: 'tokens live in memory only; delete the file once siem.py is gone for good' });
  findings.push({ outcome: 'left', what: 'the flag `-l`', how: 'it stands on the command line: if siem.py had it, add `preset: light` to `streams.events`' });
  return findings;
}
