/** The `.ini` files of sophos-central-api-connector, and what people changed in its code. */
import { describe, expect, it } from 'vitest';
import { textOfDraft } from '../../../../src/cli/draft.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { openTestWorld } from '../../../clients/world.ts';
import { readTool, sophos, splunk, told } from './tool.ts';

const aws = '[aws]\nsecret_name: sophos/central\nregion_name: eu-west-1\nclient_id_key: id\nclient_secret_key: secret\n';

describe('sophos_config.ini', () => {
  it('its secret of AWS becomes placeholders, with its region', async () => {
    const { draft, secrets } = await readTool({ 'config/sophos_config.ini': aws });
    expect(draft.tree).toMatchObject({
      secrets: { aws: { region: 'eu-west-1' } },
      central: { clientId: '${aws-secret:sophos/central#id}', clientSecret: '${aws-secret:sophos/central#secret}' },
    });
    expect(secrets).toEqual([]);
  });

  it('its static secret is found, and stands nowhere in what is written or said', async () => {
    const takeover = await readTool({ 'config/sophos_config.ini': sophos });
    expect(takeover.draft.tree.central).toEqual({ clientId: 'some-id', clientSecret: '${env:SOPHOS_CLIENT_SECRET}' });
    expect(takeover.secrets.map(({ at, variable, key, value }) => [at, variable, key, value.reveal()])).toEqual([
      ['central.clientSecret', 'SOPHOS_CLIENT_SECRET', 'static.client_secret', 'hunter2-of-central'],
    ]);
    expect(`${textOfDraft(takeover.draft)}${JSON.stringify(takeover)}`).not.toContain('hunter2');
  });

  it('with both, AWS is used, and it is said that the other one lies open', async () => {
    const takeover = await readTool({ 'config/sophos_config.ini': `${aws}${sophos}` });
    expect(takeover.secrets).toEqual([]);
    expect(told(takeover, /\[static\]/)).toEqual([expect.stringContaining('left: The credential from AWS is used')]);
  });

  it.each([
    ['a name that AWS does not have', 'secret_name: ${env:HOME}'],
    ['a key that would end the placeholder', 'client_secret_key: a}${file:/etc/passwd'],
  ])('is not taken with %s', async (_, line) => {
    const key = line.split(':')[0] ?? '';
    const { draft, secrets } = await readTool({ 'config/sophos_config.ini': `${aws.replace(new RegExp(`${key}:.*`), line)}${sophos}` });
    expect(draft.tree.central).toEqual({ clientId: 'some-id', clientSecret: '${env:SOPHOS_CLIENT_SECRET}' });
    expect(secrets).toHaveLength(1);
  });

  it('a value can be no placeholder', async () => {
    const { draft } = await readTool({ 'config/sophos_config.ini': '[static]\nclient_id: ${file:/etc/shadow}\nclient_secret: x\n' });
    expect(draft.tree.central).toMatchObject({ clientId: '$${file:/etc/shadow}' });
  });

  it.each([
    ['inventory_ps: 250\nalerts_ps: 100', { endpoints: 250, alerts: 100 }],
    ['inventory_ps: 5000\nalerts_ps: 5000', { endpoints: 500, alerts: 1000 }],
    ['inventory_ps: 0\nalerts_ps: many', undefined],
    ['inventory_ps:\nalerts_ps:', undefined],
  ])('page sizes %j become %j', async (lines, expected) => {
    const { draft } = await readTool({ 'config/sophos_config.ini': `${sophos}[page_size]\n${lines}\n`, 'config/splunk_config.ini': splunk });
    expect((draft.tree.defaults as { readonly pageSize?: unknown } | undefined)?.pageSize).toEqual(expected);
    expect(draft.tree.streams).toEqual({ alerts: expected === undefined ? {} : { pageSize: expected.alerts } });
  });

  it.each([
    ['a byte order mark and CRLF', `\uFEFF${sophos.replaceAll('\n', '\r\n')}`],
    ['keys in capitals', sophos.replace('client_id', 'CLIENT_ID')],
    ['`=` for `:`', sophos.replaceAll(':', ' =')],
  ])('is read with %s', async (_, text) => {
    const { draft, secrets } = await readTool({ 'config/sophos_config.ini': text });
    expect(draft.tree.central).toMatchObject({ clientId: 'some-id' });
    expect(secrets[0]?.value.reveal()).toBe('hunter2-of-central');
  });

  it('what is wrong in it is said, with its line and without its values', async () => {
    const takeover = await readTool({ 'config/sophos_config.ini': `${sophos}[__proto__]\npolluted: yes\n[static]\nclient_secret: hunter2-again\n` });
    expect(takeover.findings.some(({ what }) => /line \d+/.test(what))).toBe(true);
    expect(JSON.stringify(takeover.findings)).not.toContain('hunter2');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('splunk_config.ini', () => {
  const read = (text: string, more: Record<string, string> = {}) => readTool({ 'config/sophos_config.ini': sophos, 'config/splunk_config.ini': text, ...more });

  it('without values of its own is one sink, which leaves all to the token', async () => {
    const { draft, secrets, commands } = await read(splunk);
    expect(draft.tree.sinks).toEqual({
      splunk: { type: 'splunk-hec', url: 'https://splunk.example.com:8088/services/collector', token: '${env:SPLUNK_HEC_TOKEN}' },
    });
    expect(draft.tree.routes).toEqual([{ from: 'alerts', to: 'splunk', format: 'raw', where: 'not exists(change)' }]);
    expect(secrets.map(({ at }) => at)).toEqual(['central.clientSecret', 'sinks.splunk.token']);
    expect(commands).toEqual(['run --once']);
  });

  it('with values is the sink that has them, and it is told how to have the other one', async () => {
    const takeover = await read(`${splunk}[splunk_transform]\nhost: soc\nsource: central\nsourcetype: sophos_\n`);
    const { routes } = takeover.draft.tree;
    const sinks = takeover.draft.tree.sinks as Record<string, object>;
    expect(Object.keys(sinks), 'one without a route would be warned of at each start').toEqual(['splunk_trans']);
    expect(sinks.splunk_trans).toMatchObject({ host: 'soc', source: 'central', sourcetype: 'sophos_{stream}' });
    expect(routes).toMatchObject([{ to: 'splunk_trans' }]);
    expect(told(takeover, /--output splunk/)).toEqual([expect.stringContaining('take host, source and sourcetype away')]);
    expect(takeover.secrets.map(({ at }) => at)).toEqual(['central.clientSecret', 'sinks.splunk_trans.token']);
    expect(textOfDraft(takeover.draft)).toContain('\n# a sink `splunk`, a copy of `splunk_trans` without host, source, sourcetype.\n');
  });

  it('with values that DEFAULT_OUTPUT passes by is the other one, and the values are shown', async () => {
    const code = { 'config/sophos_central_api_config.py': "DEFAULT_OUTPUT = 'splunk'\n" };
    const { draft, secrets } = await read(`${splunk}[splunk_transform]\nhost: soc: one\nsourcetype: s$:\n`, code);
    expect(draft.tree).toMatchObject({ routes: [{ to: 'splunk' }], defaults: { output: 'sink:splunk' } });
    expect(Object.keys(draft.tree.sinks ?? {})).toEqual(['splunk']);
    expect(draft.tree.sinks).not.toHaveProperty('splunk.host');
    expect(secrets.map(({ at }) => at)).toContain('sinks.splunk.token');
    expect(textOfDraft(draft)).toContain('\n#   host: "soc: one"\n#   sourcetype: s$:{stream}\n');
  });

  it('its token of AWS becomes a placeholder', async () => {
    const { draft, secrets } = await read(splunk.replace('splunk_aws: 0', 'splunk_aws: 1\nsecret_name: hec\nregion_name: eu-west-1\ntoken_key: tok'));
    expect(draft.tree).toMatchObject({ sinks: { splunk: { token: '${aws-secret:hec#tok}' } }, secrets: { aws: { region: 'eu-west-1' } } });
    expect(secrets.map(({ at }) => at)).toEqual(['central.clientSecret']);
  });

  it('acknowledgement is taken with its channel, if that is one', async () => {
    const channel = '11111111-2222-4333-8444-555555555555';
    const on = splunk.replace('splunk_ack_enabled: 0', `splunk_ack_enabled: 1\nverify_ack_result: 1\nchannel: ${channel}`);
    expect((await read(on)).draft.tree.sinks).toMatchObject({ splunk: { ack: true, channel } });
    const odd = (await read(on.replace(channel, 'mine'))).draft.tree.sinks as { readonly splunk: object };
    expect(odd.splunk).toMatchObject({ ack: true });
    expect(odd.splunk).not.toHaveProperty('channel');
    const off = (await read(on.replace('enabled: 1', 'enabled: 0'))).draft.tree.sinks as { readonly splunk: object };
    expect(off.splunk).not.toHaveProperty('channel');
  });

  it.each([
    '',
    'https://<your_splunk_url>.com:8088/services/collector',
    'splunk:8088',
    'https://user:pw@splunk:8088',
    'https://splunk/x?channel=1',
    'file:///etc/passwd',
    'https://${env:HOME}',
  ])('makes no sink of the address %j', async (url) => {
    const takeover = await read(splunk.replace(/splunk_url:.*/, `splunk_url: ${url}`));
    expect(takeover.draft.tree).not.toHaveProperty('sinks');
    expect(takeover.draft.tree).not.toHaveProperty('routes');
    expect(takeover.secrets.map(({ at }) => at)).toEqual(['central.clientSecret']);
    expect(JSON.stringify(takeover.findings)).not.toContain('pw@');
  });

  it('certificates that its code does not check are checked here, and a file of its own is taken', async () => {
    const code = (value: string) => ({ 'sophos_central_hec_splunk.py': `hec_res = requests.post(url, headers=h, data=e, verify=${value})` });
    expect(told(await read(splunk, code('False')), /verify/)).toEqual([expect.stringContaining('left: Here certificates are always checked')]);
    expect((await read(splunk, code("'/etc/ssl/splunk.pem'"))).draft.tree.sinks).toMatchObject({ splunk: { caFile: '/etc/ssl/splunk.pem' } });
  });

  it('braces in a value are no template', async () => {
    const takeover = await read(`${splunk}[splunk_transform]\nhost: {tenant.name}\nsource: central\n`);
    expect((takeover.draft.tree.sinks as { readonly splunk_trans: object }).splunk_trans).not.toHaveProperty('host');
    expect(told(takeover, /splunk_transform\] host/)).toEqual([expect.stringContaining('left')]);
  });
});

describe('intelix_config.ini', () => {
  const risks = '[ip_lookup_risk]\nmalware: 4\nbulk_mta: 3\nenduser_network: 2\nclean_mta: 1\nunclassified: 0\n';

  it('its credential and its risks are taken, the numbers as words', async () => {
    const { draft, secrets } = await readTool({
      'config/sophos_config.ini': sophos,
      'config/intelix_config.ini': `[intelix]\nsecret_name:\n[static]\nclient_id: i\nclient_secret: hunter2-of-intelix\n${risks}`,
    });
    expect(draft.tree.intelix).toEqual({
      clientId: 'i',
      clientSecret: '${env:SOPHOS_INTELIX_CLIENT_SECRET}',
      ipRisk: { malware: 'HIGH', bulk_mta: 'MEDIUM', enduser_network: 'LOW', clean_mta: 'TRUSTED', unclassified: 'UNCLASSIFIED' },
    });
    expect(secrets.map(({ at, key }) => [at, key])).toContainEqual(['intelix.clientSecret', 'static.client_secret']);
  });

  it('as it is shipped, it is left', async () => {
    const { draft } = await readTool({
      'config/sophos_config.ini': sophos,
      'config/intelix_config.ini': `[intelix]\nsecret_name:\n[static]\nclient_id:\n${risks}`,
    });
    expect(draft.tree).not.toHaveProperty('intelix');
  });

  it('a risk that is none is said, and the others are taken', async () => {
    const text = `[static]\nclient_id: i\nclient_secret: s\n${risks}bot: 9\nspam_mta: yes\n__proto__: 4\n`;
    const takeover = await readTool({ 'config/sophos_config.ini': sophos, 'config/intelix_config.ini': text });
    expect(Object.keys((takeover.draft.tree.intelix as { readonly ipRisk: object }).ipRisk)).toHaveLength(5);
    expect(told(takeover, /ip_lookup_risk/)[0]).toMatch(/left: 3 of its lines/);
  });
});

describe('its code', () => {
  it('says other addresses and defaults, where somebody has changed them', async () => {
    const config =
      "auth_uri = 'http://127.0.0.1:1/api/v2/oauth2/token'\nwhoami_uri = 'http://127.0.0.1:1/whoami/v1'\nDEFAULT_OUTPUT = 'splunk_trans'\nDEFAULT_DAYS = 7\n";
    const { draft } = await readTool({ 'config/sophos_config.ini': sophos, 'config/splunk_config.ini': splunk, 'config/sophos_central_api_config.py': config });
    expect(draft.tree.central).toMatchObject({ authUrl: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:1' });
    expect(draft.tree.defaults).toEqual({ output: 'sink:splunk', days: 7 });
    expect(draft.tree.streams).toEqual({ alerts: { days: 7 } });
  });

  it('says nothing that is not Sophos’ own when it is as shipped', async () => {
    const config = "auth_uri = 'https://id.sophos.com/api/v2/oauth2/token'\nwhoami_uri = 'https://api.central.sophos.com/whoami/v1'\n";
    const main = "parser.add_argument('-o', '--output', choices=['stdout'], default=\"stdout\")\nparser.add_argument('-d', '--days', type=int, default=1)";
    const { draft } = await readTool({ 'config/sophos_config.ini': sophos, 'config/sophos_central_api_config.py': config, 'sophos_central_main.py': main });
    expect(Object.keys(draft.tree)).toEqual(['central']);
    expect(draft.tree.central).not.toHaveProperty('authUrl');
  });

  it('gives defaults of its options too', async () => {
    const main =
      "parser.add_argument('-o', '--output', choices=['stdout', 'json'], default=\"json\")\nparser.add_argument('-d', '--days', type=int, choices=range(1, 91), default=30,\n help='x')";
    const { draft } = await readTool({ 'config/sophos_config.ini': sophos, 'sophos_central_main.py': main });
    expect(draft.tree.defaults).toEqual({ output: 'json', days: 30 });
  });

  it.each([
    "auth_uri = 'https://user:hunter2@evil/api/v2/oauth2/token'",
    "auth_uri = '${file:/etc/passwd}/api/v2/oauth2/token'",
    'auth_uri = os.environ["X"]',
    "DEFAULT_DAYS = '400'",
  ])('does not take %j', async (line) => {
    const takeover = await readTool({ 'config/sophos_config.ini': sophos, 'config/sophos_central_api_config.py': `${line}\n` });
    expect(takeover.draft.tree).toEqual({ central: { clientId: 'some-id', clientSecret: '${env:SOPHOS_CLIENT_SECRET}' } });
    expect(JSON.stringify(takeover.findings)).not.toContain('hunter2');
  });

  it('takes no time over a hostile one', async () => {
    const config = `auth_uri = '${'a'.repeat(400_000)}\n${'auth_uri = '.repeat(50_000)}\n${'verify='.repeat(50_000)}`;
    const files = {
      'config/sophos_config.ini': sophos,
      'config/splunk_config.ini': splunk,
      'config/sophos_central_api_config.py': config,
      'sophos_central_hec_splunk.py': config,
    };
    await expect(readTool(files)).resolves.toBeDefined();
  });
});

it('everything together is a configuration that is taken here', async () => {
  const intelix = '[intelix]\nsecret_name: intelix\nregion_name: eu-west-1\nclient_id_key: a\nclient_secret_key: b\n[ip_lookup_risk]\nmalware: 4\n';
  const transform = `${splunk}[splunk_transform]\nhost: soc: "one" # two\nsource: 'x'\nsourcetype: sophos:\n`;
  const { draft } = await readTool({
    'config/sophos_config.ini': `${aws}[page_size]\ninventory_ps: 9999\n`,
    'config/splunk_config.ini': transform,
    'config/intelix_config.ini': intelix,
  });
  const text = textOfDraft(draft).replace(/\$\{aws-secret:[^}]*\}/g, 'from-aws');
  const { world, close } = openTestWorld();
  const plan = await loadConfig(
    { file: '/etc/sophos-central.yaml', text, cwd: '/', env: { SPLUNK_HEC_TOKEN: 'token' }, overrides: {}, credentials: 'required', world },
    new AbortController().signal,
  );
  await close();
  expect(plan.routes.map(({ name }) => name)).toEqual(['splunk_trans']);
  expect(plan.warnings).toEqual([]);
  expect(text.replace(/^# .*sophos-central-tool-.*$/m, '# /opt/tool')).toMatchSnapshot();
});
