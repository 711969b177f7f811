/** Whole command lines that end with an error: from a slip of the fingers to a refused credential. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ExitCode } from '../../src/cli/exit.ts';
import { systemClock } from '../../src/core/clock.ts';
import { packItems } from '../../src/core/pack.ts';
import { openStore } from '../../src/journal/index.ts';
import type { FarCentral } from '../far-ends/central.ts';
import { type Bench, correlationId, formA, hostile, sayingTo } from './bench.ts';

/** Where a command line is typed. */
export interface Home {
  readonly folder: string;
  readonly far: FarCentral;
  readonly bench: Bench;
}

export interface CliRow {
  readonly what: string;
  readonly argv: readonly string[];
  readonly exit: ExitCode;
  /** `null`: said by the parser, or line by line, without a code. */
  readonly code: string | null;
  /** Each is found on standard error. */
  readonly says: readonly RegExp[];
  readonly correlationId?: string;
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Said as a monitoring plugin does: on standard output, with the advice behind it and the code below. */
  readonly isPlugin?: true;
  /** Arguments that are known only then. */
  prepare?(home: Home): Promise<readonly string[] | undefined>;
}

const sinks = 'sinks:\n  out: { type: stdout }\n  archive: { type: file, path: "out/x.ndjson" }\n';

const intelixCredential = { SOPHOS_INTELIX_CLIENT_ID: 'someone', SOPHOS_INTELIX_CLIENT_SECRET: 'something' };

const slip = (what: string, argv: readonly string[], ...says: RegExp[]): CliRow => ({ what, argv, exit: 2, code: null, says });
const usage = (code: string, argv: readonly string[], ...says: RegExp[]): CliRow => ({ what: argv.join(' '), argv, exit: 2, code: `usage.${code}`, says });

/** A journal in which one stream of one tenant has been read. */
async function journal({ folder, bench }: Home): Promise<undefined> {
  const store = await openStore(join(folder, 'sophos-central-state'), { mode: 'own', holder: 'run', clock: systemClock, report: () => undefined });
  bench.later(() => store.close());
  const tenant = { id: 'tenant-1', name: 'Acme', labels: {} };
  const stream = { id: 'tenant-1/events', stream: 'events', tenant, repeats: 'never' as const, fetch: () => Promise.reject(new Error('never fetched')) };
  const page = { items: packItems([{ key: 'a', time: Date.now(), json: '{"id":"a"}' }]), next: null, more: false };
  await store.journal.append(stream, page, await store.journal.place(stream.id), Date.now());
  await store.close();
}

const slips: readonly CliRow[] = [
  slip('a command that is nearly one', ['gett', 'events'], /unknown command 'gett'/, /Did you mean get\?/),
  slip('a command like no other', ['frobnicate'], /unknown command 'frobnicate'/, /See `sophos-central --help`/),
  slip('an option that is nearly one', ['get', 'events', '--tennant', 'x'], /unknown option '--tennant'/, /Did you mean --tenant\?/),
  slip('an argument is missing', ['get'], /missing required argument 'stream'/, /See `sophos-central help get`/),
  slip('an argument too many', ['whoami', 'now'], /too many arguments/, /See `sophos-central help whoami`/),
  slip(
    'an option that a command of a group does not have',
    ['config', 'check', '--bogus'],
    /unknown option '--bogus'/,
    /See `sophos-central help config check`/,
  ),
  slip('a value that is no choice', ['--log-level', 'loud', 'whoami'], /'loud' is invalid/, /Allowed choices are error, warn/),
  slip('a value is missing', ['whoami', '--config'], /argument missing/, /See `sophos-central/),
  slip('a shell that is not known', ['completion', 'tcsh'], /'tcsh' is invalid/, /Allowed choices are bash/),
  slip('a group without its command', ['dead-letter'], /Usage: sophos-central dead-letter/),
];

const values: readonly CliRow[] = [
  usage('number', ['get', 'events', '--limit', 'ten'], /`--limit` takes a whole number, at least 1; seen `ten`/),
  usage('number', ['get', 'events', '--concurrency', '0'], /`--concurrency` takes a whole number, 1 to 64; seen `0`/),
  usage('number', ['get', 'events', '--page-size', '5'], /`--page-size` .*200 to 1000; seen `5`/),
  usage('number', ['demo', '--seconds', '0'], /`--seconds` .*seen `0`/),
  usage('stream', ['get', 'evnts'], /there is no stream `evnts`/, /did you mean `events`/),
  usage('page-size', ['get', 'account-health', '--page-size', '50'], /`account-health` comes all at once: it has no pages/, /Leave `--page-size` out/),
  usage('range', ['get', 'events', '--since', '48h'], /`events` cannot be read further back than 24 hours/, /--since 24h/),
  usage('range', ['get', 'siem-alerts', '--days', '2'], /`siem-alerts` cannot be read further back than 24 hours/),
  usage('range', ['get', 'events', '--days', '1', '--since', '1h'], /say the same thing twice/),
  usage('range', ['get', 'events', '--since', '2999-01-01'], /`--since 2999-01-01` is in the future/),
  usage('range', ['get', 'events', '--since', '1h', '--until', '2h'], /`--until` is before `--since`/),
  usage('instant', ['get', 'events', '--since', 'yesterday\u001b[2J'], /`--since yesterday.{1,6}\[2J` is not a time/),
  usage('days', ['get', 'events', '--days', '0'], /`--days` takes a whole number, 1 to 90; seen `0`/),
  usage('new', ['get', 'events', '--new', '--limit', '5'], /`--new` takes all that is new/),
  usage('duration', ['run', '--once', '--give-up', 'soon'], /`--give-up soon` is not a duration/),
  usage('output', ['get', 'events', '--output', 'tabel'], /`--output tabel` is not known/, /table/),
  usage('secret-argument', ['secret', 'set', 'name', 'hunter2'], /not taken as an argument.*Nothing was stored/, /type the secret when asked/),
  usage('secret', ['secret', 'set', 'name'], /the secret is empty; nothing was stored/),
  usage('since', ['compat', 'siem', '-s', 'noon'], /`--since` takes a Unix time in seconds/),
  usage('folder', ['import', 'siem', ''], /no folder is named/),
  usage('peer-flag', ['compat', 'api-connector', '--auth', 'ldap'], /`--auth` takes `static`, `aws`; seen `ldap`/),
  usage('no-terminal', ['init', '--config', 'new.yaml'], /there is no terminal to ask on/, /--from-env.*--answers/),
  usage('answers', ['init', '--from-env', '--answers', 'a.yaml'], /exclude each other/),
  usage('answers', ['init', '--answers', 'nowhere.yaml'], /the file of answers nowhere\.yaml does not exist/),
  usage('exists', ['init', '--from-env'], /sophos-central\.yaml is there already, and is not written over/, /--force/),
  { ...usage('no-credential', ['init', '--from-env', '--config', 'new.yaml'], /SOPHOS_CLIENT_SECRET is not set/), env: { SOPHOS_CLIENT_SECRET: '' } },
  usage('output', ['tenants', '--output', 'xml'], /`--output xml` is not a form of this list/),
  usage('output', ['get', 'events', '--output', 'sink:out', '--out-dir', 'x'], /exclude each other/),
  usage('fields', ['get', 'events', '--output', 'sink:out', '--fields', 'id'], /a sink gets whole records/),
  usage('fields', ['get', 'events', '--output', 'raw', '--fields', 'id'], /`--fields` cannot be chosen with `--output raw`/),
  usage('sink', ['get', 'events', '--output', 'sink:nope'], /there is no sink `nope` in .*sophos-central\.yaml/, /out, archive/),
  usage('sink', ['get', 'events', '--output', 'sink:archive'], /`archive` writes files whose ends only `run` knows/),
  usage('sink', ['test-sink', 'archiv'], /there is no sink `archiv`/, /did you mean `archive`/),
  usage('tenant', ['get', 'events', '--tenant', 'Nobody'], /no tenant is called `Nobody`/, /sophos-central tenants/),
  usage('no-routes', ['run', '--once'], /sophos-central\.yaml names no route/, /Add `routes:`/),
  usage('tls', ['simulate', '--tls', 'cert.pem'], /`--tls` takes two files/),
  usage('tls', ['simulate', '--tls', 'cert.pem', 'key.pem'], /cert\.pem cannot be read: ENOENT/),
  usage('which', ['alert', 'act', 'acknowledge'], /which alerts\?/, /--where/),
  usage('action', ['alert', 'act', 'acknowlege', '--days', '1'], /no action `acknowlege`/, /did you mean `acknowledge`/),
  usage('id', ['alert', 'get', 'seven'], /`seven` is not the id of an alert/, /Copy the id/),
  usage('which', ['endpoint', 'scan'], /which endpoints\?/, /--all/),
  usage('comment', ['endpoint', 'isolate', '--all', '--comment', ' '], /`--comment` is empty/),
  usage('state', ['endpoint', 'tamper', 'of', 'PC'], /`of` is no state of tamper protection/, /on, off, show/),
  usage('reveal', ['endpoint', 'tamper', 'off', 'PC', '--reveal'], /`--reveal` goes with `show` only/),
  usage('regenerate', ['endpoint', 'tamper', 'show', 'PC', '--regenerate'], /`show` changes nothing/),
  usage('content', ['local-site', 'add', 'x.example.com'], /a category, or tags, or both/),
  usage('url', ['local-site', 'add', ' ', '--tags', 'a'], /an address is empty/),
  usage('level', ['intelix', 'clean', '--level', 'SEVERE', '--yes'], /`--level SEVERE` is not a level/, /HIGH_MEDIUM/),
  { ...usage('address', ['intelix', 'lookup', '-'], /there is no address on standard input/), env: intelixCredential },
  { ...usage('x', ['intelix', 'apply', 'plan.json', '--yes'], /could not use .*plan\.json as a plan: ENOENT/, /intelix plan/), code: 'intelix-plan.unusable' },
  { ...usage('x', ['get', 'events', '--where', 'severity = "high"'], /the filter cannot be read at column 10/, /Write `==`/), code: 'where.syntax' },
];

const plugin = (code: string, argv: readonly string[], ...says: RegExp[]): CliRow => ({ ...usage(code, ['check', ...argv], ...says), exit: 3, isPlugin: true });

const plugins: readonly CliRow[] = [
  plugin('subject', ['alarms'], /`alarms` cannot be checked/, /Choose from alerts, endpoints, connector/),
  plugin('threshold', ['--warning', 'alerts_hihg=1'], /`--warning alerts_hihg=1`: there is no figure `alerts_hihg`/, /Write `--warning figure=range`/),
  plugin('threshold', ['--critical', 'alerts_high=some'], /`some` is not a range/, /Write 10 \(more than 10 is bad\)/),
  plugin('regex', ['--exclude-alert', '('], /`--exclude-alert \(` is not a regular expression/, /syntax of RE2/),
  { ...plugin('x', ['connector'], /nothing has run yet: there is no journal in/, /Start `sophos-central run`/), code: 'journal.none' },
  {
    ...plugin('x', ['alerts', '--timeout', '3s'], /not done within 3s/, /Allow more with `--timeout`/),
    code: 'check.timeout',
    async prepare({ far }) {
      far.intercept = () => 'hang';
      return undefined;
    },
  },
];

const journals: readonly CliRow[] = [
  {
    what: 'reset before anything has run',
    argv: ['reset', 'events', '--yes'],
    exit: 2,
    code: 'journal.none',
    says: [/nothing has run yet: .*sophos-central-state/],
  },
  { ...usage('confirm', ['reset', 'events'], /no terminal to ask on; nothing was changed/, /--yes/), prepare: journal },
  { ...usage('max', ['reset', 'events', '--max', '0', '--yes'], /1 changes? (is|are) more than `--max` allows \(0\)/), prepare: journal },
  { ...usage('stream', ['reset', 'siem-alerts', '--yes'], /no stream `siem-alerts` has been read yet/, /events/), prepare: journal },
  { ...usage('tenant', ['reset', 'events', '--tenant', 'Nobody', '--yes'], /no tenant whose `events` has been read/), prepare: journal },
  { ...usage('which', ['dead-letter', 'show', '99'], /there is no dead letter 99/, /dead-letter list/), prepare: journal },
  usage('which', ['dead-letter', 'show', 'last'], /`last` is not the number of a dead letter/),
  usage('which', ['dead-letter', 'retry'], /which dead letters shall be sent again\?/, /--all/),
  usage('which', ['dead-letter', 'drop', '1', '--all'], /numbers and `--all` exclude each other/),
  {
    what: 'a second run on one state',
    argv: ['run', '--once'],
    exit: 1,
    code: 'journal.owned',
    config: `${sinks}routes: [{ from: events, to: out }]\n`,
    says: [/in use by run, process \d+ on /, /Stop that one first/],
    async prepare({ folder, bench }) {
      const store = await openStore(join(folder, 'sophos-central-state'), { mode: 'own', holder: 'run', clock: systemClock, report: () => undefined });
      bench.later(() => store.close());
      return undefined;
    },
  },
];

/** A service that runs and answers every wish so, or never. */
async function serviceThat(home: Home, answer: string | null): Promise<undefined> {
  await journal(home);
  const store = await openStore(join(home.folder, 'sophos-central-state'), { mode: 'own', holder: 'run', clock: systemClock, report: () => undefined });
  const stop = new AbortController();
  const answering = (async () => {
    while (answer !== null && !stop.signal.aborted) {
      for (const { id } of await store.wishes.open()) await store.wishes.answer(id, { error: answer }, Date.now());
      await systemClock.sleep(2, new AbortController().signal);
    }
  })();
  home.bench.later(async () => {
    stop.abort();
    await answering;
    await store.close();
  });
  return undefined;
}

const wishes: readonly CliRow[] = [
  {
    what: 'a service that does not answer',
    argv: ['reset', 'events', '--yes'],
    exit: 1,
    code: 'wish.unanswered',
    says: [/the running service did not answer within ten seconds/, /`status`/],
    prepare: (home) => serviceThat(home, null),
  },
  {
    what: 'a service that cannot do it',
    argv: ['reset', 'events', '--yes'],
    exit: 1,
    code: 'wish.failed',
    says: [/the running service could not do it: no room/],
    prepare: (home) => serviceThat(home, `no room ${hostile}`),
  },
];

const settings: readonly CliRow[] = [
  {
    what: 'a mistake in the configuration',
    argv: ['config', 'check'],
    exit: 2,
    code: 'config.invalid',
    config: 'streams:\n  evnets: {}\n',
    says: [/sophos-central\.yaml:2:3: streams\.evnets: the stream `evnets` is unknown \(did you mean `events`\?\)/],
  },
  {
    what: 'no credentials',
    argv: ['whoami'],
    exit: 2,
    code: 'config.invalid',
    env: { SOPHOS_CLIENT_ID: '', SOPHOS_CLIENT_SECRET: '' },
    says: [/central\.clientId.*SOPHOS_CLIENT_ID/, /central\.clientSecret.*SOPHOS_CLIENT_SECRET/],
  },
  {
    what: 'a state that is not served',
    argv: ['status', '--state', 'postgres://host/db'],
    exit: 2,
    code: 'config.invalid',
    says: [/--state: a state in PostgreSQL is valid, but not served yet.*\(name a folder\)/],
  },
  {
    what: 'a file sink that cannot write',
    argv: ['test-sink', 'archive'],
    exit: 2,
    code: 'file.not-folder',
    says: [/could not write below `.*out`: it is not a folder/],
    prepare: async ({ folder }) => void (await writeFile(join(folder, 'out'), '')),
  },
  {
    what: '`--out-dir` is a file',
    argv: ['get', 'events', '--out-dir', 'taken'],
    exit: 2,
    code: 'out-dir.unwritable',
    says: [/could not write .*taken.*: E(EXIST|NOTDIR)/, /`--out-dir`/],
    prepare: async ({ folder }) => void (await writeFile(join(folder, 'taken'), '')),
  },
  {
    what: 'init into a folder that is not there',
    argv: ['init', '--from-env', '--config', 'no/such/sophos-central.yaml'],
    exit: 1,
    code: 'draft.unwritten',
    says: [/could not write .*no.such.sophos-central\.yaml: ENOENT/, /Make the folder first/],
  },
  {
    what: 'a mistake in the answers for init',
    argv: ['init', '--config', 'new.yaml', '--answers', 'answers.yaml'],
    exit: 2,
    code: 'config.invalid',
    says: [/answers\.yaml:2:4: streams\[0\]: the stream `evnts\\u001b\[2J` is unknown/],
    prepare: async ({ folder }) => void (await writeFile(join(folder, 'answers.yaml'), 'streams:\n - "evnts\\e[2J"\n')),
  },
  {
    what: 'a destination that refuses the test record of init',
    argv: ['init', '--config', 'new.yaml', '--answers', 'answers.yaml'],
    exit: 1,
    code: 'init.refused',
    says: [/the sink hook refused the test record: .*422/, /`--no-check`/],
    async prepare({ folder, bench }) {
      const port = await bench.serve((request, response) => {
        response.statusCode = request.method === 'POST' ? 422 : 200;
        request.resume().on('end', () => response.end(hostile));
      });
      await writeFile(join(folder, 'answers.yaml'), `sinks: { hook: { type: http, url: "http://127.0.0.1:${port}/in" } }`);
      return undefined;
    },
  },
  {
    what: 'a port that is in use',
    argv: ['simulate', '--port'],
    exit: 1,
    code: 'simulate.port',
    says: [/port \d+ is in use/, /--port/],
    async prepare({ bench }) {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      bench.later(() => new Promise((resolve) => server.close(resolve)));
      return [String((server.address() as AddressInfo).port)];
    },
  },
];

const refused = {
  exit: 3,
  code: 'central.credentials-refused',
  says: [/POST \/api\/v2\/oauth2\/token at 127.*: 401, /, /Check `clientId` and `clientSecret`/],
} as const;
const wrong = (asked: Parameters<typeof sayingTo>[0]) => ({
  status: 401,
  body: { errorCode: 'oauth.invalid_client_secret', message: sayingTo(asked), trackingId: 't-1' },
});

async function refusing({ far }: Home): Promise<undefined> {
  far.intercept = (asked) => (asked.path.endsWith('/token') ? wrong(asked) : null);
}

const credentials: readonly CliRow[] = [
  { what: 'whoami with wrong credentials', argv: ['whoami'], ...refused, correlationId: 't-1', prepare: refusing },
  { what: 'tenants with wrong credentials', argv: ['tenants'], ...refused, correlationId: 't-1', prepare: refusing },
  { what: 'get with wrong credentials', argv: ['get', 'events'], ...refused, correlationId: 't-1', prepare: refusing },
  {
    what: 'run --once with wrong credentials',
    argv: ['run', '--once'],
    exit: 3,
    code: null,
    config: `${sinks}routes: [{ from: events, to: out }]\n`,
    says: [/account central could not be served: .*401, .*t-1/, /Check `clientId` and `clientSecret`/],
    prepare: refusing,
  },
  {
    what: 'whoami while nobody listens',
    argv: ['whoami'],
    exit: 1,
    code: 'http.refused',
    says: [/POST to 127\.0\.0\.1:\d+: the connection was refused/],
    prepare: async ({ far }) => {
      await far.close();
      return undefined;
    },
  },
  {
    what: 'get while one of two tenants is forbidden',
    argv: ['get', 'events'],
    exit: 4,
    code: null,
    correlationId,
    says: [/tenant Beta \(tenant-2\): GET \/siem\/v1\/events .*: 403, .*partner assistance/, /1 not read/],
    async prepare({ far }) {
      far.idType = 'partner';
      far.tenants = ['Acme', 'Beta'].map((name, i) => ({ id: `tenant-${i + 1}`, name, apiHost: far.url }));
      far.intercept = (asked) => (asked.headers['x-tenant-id'] === 'tenant-2' ? formA(403, 'Forbidden')(asked) : null);
      return undefined;
    },
  },
];

const unprovisioned: CliRow = {
  what: 'get of a tenant that is not provisioned',
  argv: ['get', 'events'],
  exit: 4,
  code: null,
  says: [/tenant New.*\(tenant-1\): it has no API host yet: it is not provisioned.* Leave it out/],
  async prepare({ far }) {
    far.idType = 'partner';
    far.tenants = [{ id: 'tenant-1', name: `New${hostile}` }];
    return undefined;
  },
};

/** The configuration of rows that bring none. */
export async function writeConfig({ folder }: Home, { config }: CliRow): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'sophos-central.yaml'), config ?? sinks);
}

export const cliRows: readonly CliRow[] = [...slips, ...values, ...plugins, ...journals, ...wishes, ...settings, ...credentials, unprovisioned];
