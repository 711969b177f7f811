import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigProblems, type Problem } from '../../src/config/problems.ts';
import { registers } from './kinds.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'config-'));
  await writeFile(path.join(folder, 'empty'), '\n');
});
afterAll(() => rm(folder, { recursive: true }));

const env = { SOPHOS_CLIENT_ID: 'id-from-env', SOPHOS_CLIENT_SECRET: 'secret-from-env', HEC_TOKEN: 'hec-token-value', EMPTY: '' };

async function problemsOf(text: string, more: { env?: Record<string, string>; overrides?: object } = {}): Promise<readonly Problem[]> {
  const file = path.join(folder, 'wrong.yaml');
  await writeFile(file, text);
  try {
    await loadConfig({ file, cwd: folder, env: { ...env, ...more.env }, registers, ...(more.overrides ? { overrides: more.overrides } : {}) });
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

const sinks = 'sinks:\n  out: { type: stdout }\n';

/** Text, then line, column, path, words of the message, words of the suggestion. */
type Row = [name: string, text: string, line: number, column: number, path: string, message: string, suggestion: string | null];

const rows: Row[] = [
  // YAML itself
  ['a tab', 'streams:\n\tevents: {}\n', 2, 1, '', 'Tabs', 'blanks'],
  ['an open list', 'tenants:\n  include: ["a"\nstate: x\n', 3, 1, '', 'not YAML', null],
  ['a key that stands twice', 'state: a\nlog: {}\nstate: b\n', 3, 1, 'state', 'stands twice, first on line 1', 'keep one'],
  ['a nested key that stands twice', 'streams:\n  events: {}\n  events: {}\n', 3, 3, 'streams.events', 'twice', null],
  ['an alias without anchor', 'state: *nowhere\n', 1, 8, 'state', 'alias', null],
  ['a text that begins with an exclamation mark', 'central: { clientSecret: !hunter2 }\n', 1, 26, '', 'tag in YAML', 'quotes'],
  ['a text that begins with a grave accent', 'state: `x`\n', 1, 8, '', 'not YAML', 'quotes'],
  ['a page size for nothing', 'defaults: { pageSize: { evnts: 5 } }\n', 1, 25, 'defaults.pageSize.evnts', 'the stream `evnts` is unknown', '`events`'],
  ['two documents', 'state: a\n---\nstate: b\n', 2, 1, '', 'not YAML', null],
  ['a list instead of keys', '- a\n- b\n', 1, 1, '', 'expected keys and values', null],
  ['a map as a key', '? { a: 1 }\n: 2\n', 1, 3, '', 'plain text', null],
  // keys
  ['a misspelt section', 'streems:\n  events: {}\n', 1, 1, 'streems', 'the key `streems` is unknown', 'did you mean `streams`?'],
  ['a section that is unlike any', 'wibblewobble: 1\n', 1, 1, 'wibblewobble', 'unknown', 'known are'],
  ['a misspelt key of central', 'central:\n  clientID: a\n  clientSecert: b\n', 2, 3, 'central.clientID', 'unknown', 'did you mean `clientId`?'],
  ['a misspelt rate', 'central:\n  rateLimits: { secnd: 1 }\n', 2, 17, 'central.rateLimits.secnd', 'unknown', 'did you mean `second`?'],
  ['a misspelt option of a stream', 'streams:\n  events: { evry: 60s }\n', 2, 13, 'streams.events.evry', 'unknown', 'did you mean `every`?'],
  [
    'a misspelt option of a sink',
    `sinks:\n  s:\n    type: splunk-hec\n    url: https://a\n    tokn: x\n    token: y\n`,
    5,
    5,
    'sinks.s.tokn',
    'unknown',
    '`token`',
  ],
  [
    'a misspelt nested option',
    'sinks:\n  s: { type: splunk-hec, url: "https://a", token: t, batch: { record: 5 } }\n',
    2,
    63,
    'sinks.s.batch.record',
    'unknown',
    '`records`',
  ],
  ['a misspelt key of a route', `${sinks}routes:\n  - { form: events, to: out }\n`, 4, 7, 'routes[0].form', 'unknown', 'did you mean `from`?'],
  ['a misspelt key of journal', 'journal: { keeps: 24h }\n', 1, 12, 'journal.keeps', 'unknown', '`keep`'],
  ['a misspelt key of log', 'log:\n  levle: info\n', 2, 3, 'log.levle', 'unknown', '`level`'],
  // names of kinds
  ['a misspelt stream', 'streams:\n  evnets: {}\n', 2, 3, 'streams.evnets', 'the stream `evnets` is unknown', 'did you mean `events`?'],
  ['a stream that is not served yet', 'streams:\n  firewalls: {}\n', 2, 3, 'streams.firewalls', 'not served yet', 'served are'],
  ['a misspelt sink type', 'sinks:\n  s: { type: splnk-hec }\n', 2, 14, 'sinks.s.type', 'the sink type `splnk-hec` is unknown', 'did you mean `splunk-hec`?'],
  ['a sink type that is cut short', 'sinks:\n  s: { type: splunk }\n', 2, 14, 'sinks.s.type', 'unknown', '`splunk-hec`'],
  [
    'a sink type that is not served yet',
    'sinks:\n  s: { type: kafka, brokers: ["a:9092"] }\n',
    2,
    14,
    'sinks.s.type',
    '`kafka` is not served yet',
    'served are',
  ],
  ['a sink without type', 'sinks:\n  s: { path: a.ndjson }\n', 2, 3, 'sinks.s.type', '`type` is missing', 'types are `stdout`'],
  ['a sink that is a text', 'sinks:\n  s: file\n', 2, 6, 'sinks.s', 'expected keys and values', null],
  [
    'a misspelt format',
    `${sinks}routes:\n  - { from: events, to: out, format: jsno }\n`,
    4,
    38,
    'routes[0].format',
    'the format `jsno` is unknown',
    'did you mean `json`?',
  ],
  [
    'a format that is not served yet',
    `${sinks}routes:\n  - { from: events, to: out, format: cef }\n`,
    4,
    38,
    'routes[0].format',
    '`cef` is not served yet',
    'served are',
  ],
  [
    'a format that only `get` has',
    `${sinks}routes:\n  - { from: events, to: out, format: csv }\n`,
    4,
    38,
    'routes[0].format',
    '`csv` is one of `get --output` alone',
    '`json`',
  ],
  [
    'a wrong option of a format',
    `${sinks}routes:\n  - { from: events, to: out, format: { type: dressed, convertDhst: false } }\n`,
    4,
    55,
    'routes[0].format.convertDhst',
    'unknown',
    '`convertDhost`',
  ],
  // values
  [
    'a duration without unit',
    'streams:\n  events: { every: 60 }\n',
    2,
    20,
    'streams.events.every',
    'expected a duration such as `60s`, seen the number 60',
    'write `every: 60s`',
  ],
  ['a duration that is none', 'journal: { keep: soon }\n', 1, 18, 'journal.keep', 'expected a duration', null],
  ['a duration that is too short', 'streams:\n  events: { every: 5ms }\n', 2, 20, 'streams.events.every', 'must be at least 1s', null],
  [
    'a size without unit',
    'journal:\n  maxSize: 100\n',
    2,
    12,
    'journal.maxSize',
    'expected a size such as `100MB`, seen the number 100',
    'write `maxSize: 100MB`',
  ],
  ['a size that is none', 'journal:\n  minFree: 5 bananas\n', 2, 12, 'journal.minFree', 'expected a size', null],
  ['a choice that is none', 'log: { level: inof }\n', 1, 15, 'log.level', 'expected one of `error`, `warn`', 'did you mean `info`?'],
  ['a whole number that is a text', 'central: { timeoutMs: "500" }\n', 1, 23, 'central.timeoutMs', 'expected a whole number', 'without quotes'],
  ['a number with a fraction', 'streams:\n  alerts: { days: 1.5 }\n', 2, 19, 'streams.alerts.days', 'expected a whole number, seen the number 1.5', null],
  ['a number that is too large', 'streams:\n  alerts: { days: 91 }\n', 2, 19, 'streams.alerts.days', 'must be at most 90', null],
  ['a number that is too small', 'central:\n  rateLimits:\n    second: 0\n', 3, 13, 'central.rateLimits.second', 'must be at least 1', null],
  [
    'a flag that is a word',
    'sinks:\n  s: { type: splunk-hec, url: "https://a", token: t, ack: yes }\n',
    2,
    59,
    'sinks.s.ack',
    'expected `true` or `false`',
    'write `true`',
  ],
  ['a text that is a number', 'tenants: { labels: { "A*": { cost: 42 } } }\n', 1, 36, 'tenants.labels.A*.cost', 'expected a text', 'put it in quotes: `"42"`'],
  ['a text instead of a list', 'tenants:\n  include: Acme\n', 2, 12, 'tenants.include', 'expected a list', 'write `[Acme]`'],
  ['nobody included', 'tenants: { include: [] }\n', 1, 21, 'tenants.include', 'includes no tenant', null],
  ['a URL that is none', 'central: { authUrl: id.sophos.com }\n', 1, 21, 'central.authUrl', 'expected a URL', null],
  ['a URL with a password', 'central: { apiUrl: "https://u:p@h" }\n', 1, 20, 'central.apiUrl', 'without user', null],
  ['a URL of a sink that is none', 'sinks:\n  s: { type: splunk-hec, url: splunk, token: t }\n', 2, 31, 'sinks.s.url', 'expected `https://host:8088`', null],
  ['a missing option', 'sinks:\n  s: { type: splunk-hec, url: "https://a" }\n', 2, 3, 'sinks.s.token', '`token` is missing', null],
  ['an empty text', 'sinks:\n  s: { type: file, path: "" }\n', 2, 26, 'sinks.s.path', 'must not be empty', null],
  ['no stream at all', 'streams: {}\n', 1, 1, 'streams', 'names no stream', 'leave `streams` out'],
  ['a name for nobody', 'sinks:\n  "a b": { type: stdout }\n', 2, 3, 'sinks["a b"]', 'must be letters', null],
  ['a file of certificates that is not there', 'central: { caFile: no.pem }\n', 1, 20, 'central.caFile', 'does not exist', 'folder of the configuration'],
  ['a file without certificates', 'central: { caFile: empty }\n', 1, 20, 'central.caFile', 'no certificate', null],
  // templates
  [
    'a misspelt placeholder',
    'sinks:\n  s: { type: file, path: "out/{tenat.name}.ndjson" }\n',
    2,
    31,
    'sinks.s.path',
    '`{tenat.name}` is unknown',
    'did you mean `{tenant.name}`?',
  ],
  [
    'a placeholder of another sink',
    'sinks:\n  s: { type: splunk-hec, url: "https://a", token: t, sourcetype: "x:{straem}" }\n',
    2,
    69,
    'sinks.s.sourcetype',
    '`{straem}`',
    '`{stream}`',
  ],
  [
    'a label without its prefix',
    'sinks:\n  s: { type: splunk-hec, url: "https://a", token: t, index: "{tenant.labels.X}" }\n',
    2,
    62,
    'sinks.s.index',
    '`{tenant.labels.X}`',
    '`{tenant.label.X}`',
  ],
  ['a path that is a folder', 'sinks:\n  s: { type: file, path: "out/" }\n', 2, 26, 'sinks.s.path', 'folder', null],
  // secrets
  [
    'a variable that is not set',
    'central: { clientSecret: "${env:SOPHOS_CLIENT_SECRT}" }\n',
    1,
    27,
    'central.clientSecret',
    '`SOPHOS_CLIENT_SECRT` is not set',
    '`SOPHOS_CLIENT_SECRET`',
  ],
  ['a variable that is empty', 'state: ${env:EMPTY}\n', 1, 8, 'state', 'is empty', 'set EMPTY'],
  ['a variable within a text', 'state: "abc/${env:NOPE_NOPE_NOPE}"\n', 1, 13, 'state', 'is not set', null],
  [
    'a file that is missing',
    'central: { clientSecret: "${file:nothing/here}" }\n',
    1,
    27,
    'central.clientSecret',
    'the file `nothing/here` does not exist',
    'folder of the configuration',
  ],
  ['a file that is empty', 'central: { clientSecret: "${file:empty}" }\n', 1, 27, 'central.clientSecret', 'is empty', null],
  ['a folder instead of a file', 'central: { clientSecret: "${file:.}" }\n', 1, 27, 'central.clientSecret', 'no regular file', null],
  ['a secret of Vault without a key', 'central: { clientSecret: "${vault:a/b}" }\n', 1, 27, 'central.clientSecret', 'no key is named', 'PATH#KEY'],
  ['a secret of AWS without a region', 'central: { clientSecret: "${aws-secret:a/b#c}" }\n', 1, 27, 'central.clientSecret', 'no region is named', 'AWS_REGION'],
  [
    'a credential of systemd in a folder',
    'central: { clientSecret: "${systemd:a/b}" }\n',
    1,
    27,
    'central.clientSecret',
    'no name of a credential',
    'LoadCredential=',
  ],
  [
    'settings of secrets that would need themselves',
    'secrets: { vault: { token: "${vault:a/b#c}" } }\n',
    1,
    29,
    'secrets.vault.token',
    'cannot stand in `secrets`',
    '`${env:}`, `${file:}`',
  ],
  ['a region that is none', 'secrets:\n  aws: { region: "Frankfurt" }\n', 2, 18, 'secrets.aws.region', 'expected a region', null],
  ['settings of a store that is misspelt', 'secrets: { valut: {} }\n', 1, 12, 'secrets.valut', 'unknown', 'did you mean `vault`?'],
  ['a source that is misspelt', 'central: { clientSecret: "${evn:X}" }\n', 1, 27, 'central.clientSecret', 'the source `evn`', 'did you mean `env`?'],
  ['a placeholder without source', 'central: { clientSecret: "${HEC_TOKEN}" }\n', 1, 27, 'central.clientSecret', 'names no source', '${env:HEC_TOKEN}'],
  ['a placeholder that is not closed', 'central: { clientSecret: "${env:X" }\n', 1, 27, 'central.clientSecret', 'not closed', '$${'],
  // accounts
  ['central and accounts', 'central: {}\naccounts: { a: { clientId: x, clientSecret: y } }\n', 2, 1, 'accounts', 'exclude each other', 'one of the accounts'],
  ['an account without secret', 'accounts:\n  acme:\n    clientId: x\n', 2, 3, 'accounts.acme.clientSecret', '`clientSecret` is missing', '${env:'],
  [
    'a legacy token that is cut',
    'accounts:\n  acme:\n    siemToken: "url: https://a x-api-key: b Authorization: Basic c"\n',
    3,
    16,
    'accounts.acme.siemToken',
    'not the line that Central shows',
    'copy all of',
  ],
  // routes
  ['no route', 'routes: []\n', 1, 9, 'routes', 'holds no route', null],
  ['a route to nowhere', `${sinks}routes:\n  - { from: events, to: otu }\n`, 4, 25, 'routes[0].to', 'there is no sink `otu`', 'did you mean `out`?'],
  ['a route without sinks', 'routes:\n  - { from: events, to: splunk }\n', 2, 25, 'routes[0].to', 'no sink `splunk`', 'add it under `sinks`'],
  ['a route without from', `${sinks}routes:\n  - { to: out }\n`, 4, 5, 'routes[0].from', '`from` is missing', null],
  [
    'a route from a stream that is misspelt',
    `${sinks}routes:\n  - { from: [events, siem-alert], to: out }\n`,
    4,
    22,
    'routes[0].from[1]',
    'the stream `siem-alert` is unknown',
    '`siem-alerts`',
  ],
  [
    'a route from a stream that is not read',
    `${sinks}routes:\n  - { from: alerts, to: out }\n`,
    4,
    13,
    'routes[0].from',
    'the stream `alerts` is not read',
    'add `alerts: {}`',
  ],
  [
    'a second route to one sink',
    `${sinks}routes:\n  - { from: events, to: out }\n  - { from: siem-alerts, to: out }\n`,
    5,
    30,
    'routes[1].to',
    'a second route to one sink must carry its own `name`',
    'add `name:',
  ],
  [
    'a name that is taken',
    `${sinks}routes:\n  - { from: events, to: out, name: a }\n  - { from: events, to: out, name: a }\n`,
    5,
    36,
    'routes[1].name',
    'taken by the route on line 4',
    'choose another',
  ],
  ['a start that is none', `${sinks}routes:\n  - { from: events, to: out, start: oldst }\n`, 4, 37, 'routes[0].start', 'one of `now`, `oldest`', '`oldest`'],
  [
    'a filter with one sign too few',
    `${sinks}routes:\n  - { from: events, where: 'type = "x"', to: out }\n`,
    4,
    34,
    'routes[0].where',
    'column 6: `=` is not an operator',
    'Write `==`.',
  ],
  [
    'a filter in double quotes',
    `${sinks}routes:\n  - { from: events, where: "type == \\"x\\" && a == 1", to: out }\n`,
    4,
    43,
    'routes[0].where',
    '`&&`',
    'and',
  ],
  [
    'a filter with a word',
    `${sinks}routes:\n  - from: events\n    to: out\n    where: severity == high\n`,
    6,
    24,
    'routes[0].where',
    'the word `high`',
    '`"high"`',
  ],
  [
    'a filter with a bad expression',
    `${sinks}routes:\n  - { from: events, where: 'name =~ "("', to: out }\n`,
    4,
    37,
    'routes[0].where',
    'regular expression is not valid',
    'RE2',
  ],
  // Intelix
  ['an unknown region', 'intelix:\n  region: fr\n', 2, 11, 'intelix.region', 'one of', null],
  ['a misspelt key of Intelix', 'intelix:\n  clientid: a\n', 2, 3, 'intelix.clientid', 'unknown', 'clientId'],
  ['a risk that is none', 'intelix:\n  ipRisk: { botnet: SEVERE }\n', 2, 21, 'intelix.ipRisk.botnet', 'one of', null],
  ['an Intelix host that is no URL', 'intelix:\n  apiUrl: labs\n', 2, 11, 'intelix.apiUrl', 'URL', null],
  // actions
  ['actions that are no list', 'state: x\nactions: {}\n', 2, 10, 'actions', 'list', null],
  ['an action that there is not', 'streams: { alerts: {} }\nactions: [{ from: alerts, do: acknowlege }]\n', 2, 31, 'actions[0].do', 'one of', 'acknowledge'],
  [
    'an action on a stream that is not read',
    'streams: { events: {} }\nactions: [{ from: alerts, do: acknowledge }]\n',
    2,
    19,
    'actions[0].from',
    'not read',
    'alerts: {}',
  ],
  [
    'an action on a stream that cannot be acted upon',
    'streams: { events: {} }\nactions: [{ from: events, do: acknowledge }]\n',
    2,
    19,
    'actions[0].from',
    '`alerts`',
    null,
  ],
  [
    'an action with a bad filter',
    'streams: { alerts: {} }\nactions: [{ from: alerts, where: "severity = high", do: acknowledge }]\n',
    2,
    44,
    'actions[0].where',
    'filter',
    null,
  ],
  [
    'two actions with one name',
    'streams: { alerts: {} }\nactions:\n  - { from: alerts, do: acknowledge }\n  - { from: alerts, do: acknowledge }\n',
    4,
    25,
    'actions[1].do',
    'taken by actions[0]',
    'name',
  ],
  // page sizes
  ['a page that is too large', 'defaults: { pageSize: { events: 100 } }\n', 1, 33, 'defaults.pageSize.events', '200 to 1000', null],
  // valid, not served
  ['a status page', 'http: { listen: "127.0.0.1:8686" }\n', 1, 1, 'http', 'not served yet', null],
  ['a state in PostgreSQL', 'state: postgres://db/sophos\n', 1, 8, 'state', 'not served yet', 'folder'],
];

describe('a wrong configuration', () => {
  it.each(rows)('with %s is refused at its place', async (_name, text, line, column, at, message, suggestion) => {
    const problems = await problemsOf(text);
    const found = problems.find((problem) => problem.path === at && problem.message.includes(message));
    expect(found, JSON.stringify(problems, null, 1)).toBeDefined();
    expect({ line: found?.line, column: found?.column }).toEqual({ line, column });
    expect(found?.file).toBe(path.join(folder, 'wrong.yaml'));
    if (suggestion !== null) expect(found?.suggestion).toContain(suggestion);
    // One mistake, one message; two texts have a second.
    expect(problems).toHaveLength(/clientSecert|!hunter2/.test(text) ? 2 : 1);
  });

  it('tells everything in one go, in the order of the file', async () => {
    const text = `central: { clientSecret: "\${env:NOPE}" }
streams: { evnets: {}, alerts: { days: 0 } }
sinks:
  s: { type: splunk-hec, tokn: x }
  f: { type: fiel, path: "x" }
routes:
  - { from: evnets, to: s, where: 'a = 1' }
  - { from: alerts, to: f, format: ocsf }
log: { level: loud }
`;
    const problems = await problemsOf(text);
    expect(problems.map(({ line, path: at }) => [line, at])).toEqual([
      [1, 'central.clientSecret'],
      [2, 'streams.evnets'],
      [2, 'streams.alerts.days'],
      [4, 'sinks.s.url'],
      [4, 'sinks.s.tokn'],
      [5, 'sinks.f.type'],
      [7, 'routes[0].where'],
      [8, 'routes[1].format'],
      [9, 'log.level'],
    ]);
  });

  it('never shows a secret in a message', async () => {
    const text = `central:
  clientId: [ "\${env:SOPHOS_CLIENT_SECRET}" ]
  clientSecret: 1234567890
  proxy: "ftp://user:hunter2hunter2@h"
sinks:
  s: { type: splunk-hec, url: "\${env:HEC_TOKEN}", token: { x: very-secret-thing }, ack: "\${env:HEC_TOKEN}" }
log: { level: "\${env:HEC_TOKEN}" }
`;
    const problems = await problemsOf(text);
    expect(problems.length).toBeGreaterThanOrEqual(5);
    const all = JSON.stringify(problems) + new ConfigProblems(problems).message;
    for (const secret of ['secret-from-env', 'hec-token-value', '1234567890', 'hunter2', 'very-secret-thing']) expect(all).not.toContain(secret);
  });

  it.each([
    'clientSecret: !hunter2hunter2',
    'clientSecret: *hunter2hunter2',
    'clientSecret: @hunter2hunter2',
    'clientSecret: "hunter2hunter2',
    'clientSecret: %hunter2hunter2\n%hunter2hunter2',
  ])('never quotes what is not YAML: %s', async (text) => {
    const problems = await problemsOf(`central:\n  ${text}\n`);
    expect(problems.length).toBeGreaterThan(0);
    expect(JSON.stringify(problems.map(({ message, suggestion }) => [message, suggestion]))).not.toContain('hunter2hunter2');
  });

  it('names a variable that is no URL, and wrong options', async () => {
    const problems = await problemsOf('state: x\n', { env: { SOPHOS_CENTRAL_API_URL: 'nonsense' }, overrides: { logLevel: 'inof', state: 'postgres://x/y' } });
    expect(problems.map((problem) => [problem.path, problem.file, problem.suggestion])).toEqual([
      ['SOPHOS_CENTRAL_API_URL', null, null],
      ['--state', null, 'name a folder'],
      ['--log-level', null, 'did you mean `info`?'],
    ]);
  });

  it('sends nothing to the terminal that the file made up', async () => {
    const [problem] = await problemsOf('"\\e[31mred\\n": 1\n');
    expect(problem?.path).not.toMatch(/\p{Cc}/u);
    expect(problem?.message).not.toMatch(/\p{Cc}/u);
  });

  it('is one Failure with a line for each mistake', async () => {
    const error = new ConfigProblems(await problemsOf('streems: {}\nlog: { level: 7 }\n'));
    expect(error).toMatchObject({ kind: 'config', code: 'config.invalid' });
    expect(error.message).toMatch(
      /^the configuration has 2 mistakes\n.*wrong\.yaml:1:1: streems: the key `streems` is unknown here \(did you mean `streams`\?\)\n.*wrong\.yaml:2:15: log\.level: /,
    );
  });
});

describe('a hostile configuration', () => {
  it('of more than a megabyte is refused', async () => {
    expect((await problemsOf(`state: ${'x'.repeat(1_100_000)}`))[0]?.message).toContain('larger than 1 MB');
  });

  it('with a bomb of aliases is refused in time', async () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${Array.from({ length: 10 }, () => (i === 0 ? 'x' : `*a${i - 1}`)).join(', ')}]`);
    const before = performance.now();
    expect((await problemsOf(`${levels.join('\n')}\n`))[0]?.message).toContain('once its aliases are followed');
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it.each([
    ['an alias to itself', 'state: &a [*a]\n'],
    ['endless nesting', `state: ${'['.repeat(5000)}${']'.repeat(5000)}\n`],
    ['a key that is a trap', '__proto__: { state: x }\nconstructor: 1\n'],
    ['bytes that are no text', '\0\u0001'],
  ])('with %s is refused', async (_name, text) => {
    expect((await problemsOf(text)).length).toBeGreaterThan(0);
  });

  it('with a hundred thousand keys is refused in time', async () => {
    const before = performance.now();
    const text = Array.from({ length: 90_000 }, (_, i) => `k${i}: 1`).join('\n');
    expect((await problemsOf(text)).length).toBeGreaterThan(0);
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  it('with thousands of mistakes is refused in time, and the message stays short', async () => {
    const before = performance.now();
    const problems = await problemsOf(`log:\n${Array.from({ length: 30_000 }, (_, i) => `  k${i}: 1`).join('\n')}\n`);
    expect(problems).toHaveLength(30_000);
    expect(new ConfigProblems(problems).message.split('\n')).toHaveLength(102);
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it('that is not UTF-8 is refused', async () => {
    const file = path.join(folder, 'latin.yaml');
    await writeFile(file, Buffer.from([0x61, 0x3a, 0x20, 0xff, 0xfe]));
    await expect(loadConfig({ file, cwd: folder, env, registers })).rejects.toMatchObject({ message: expect.stringContaining('not UTF-8') });
  });
});
