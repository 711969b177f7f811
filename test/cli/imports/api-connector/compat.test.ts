/** The flags of sophos_central_main.py, and the command lines that they stand for. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFlags } from '../../../../src/cli/imports/api-connector/flags.ts';
import type { Started } from '../../../../src/cli/imports/api-connector/part.ts';
import { pollingFrom } from '../../../../src/cli/imports/api-connector/polling.ts';
import { beginOf, standIn } from '../../../../src/cli/imports/api-connector/stand-in.ts';
import type { Tenant } from '../../../../src/core/types.ts';
import { type as typeLine } from '../../terminal.ts';
import { acme, beta, day, hour, iso, now, placesOf, pollOf, readTool, sophos, splunk } from './tool.ts';

const today = Date.parse('2026-03-09T17:30:00Z');
const lines = (line: string) => standIn(readFlags(line.split(' ').filter(Boolean)), '/opt/tool', today).lines.map((words) => words.join(' '));
const out = (name: string) => join('/opt/tool', 'output', name);

describe('flags of sophos_central_main.py', () => {
  it.each([
    ['--auth aws --get tenants', ['tenants']],
    ['-a aws -g inventory', ['get endpoints --output ndjson']],
    ['-a aws -g inventory -o json', [`get endpoints --output json --out-dir ${out('get_inventory')}`]],
    ['-a aws -g inventory -t abc -o splunk', ['get endpoints --tenant abc --output sink:splunk']],
    ['-a aws -g alerts -d 7', ['get alerts --since 2026-03-02T00:00:00.000Z --output ndjson']],
    ['-a aws -g alerts -d 90', ['get alerts --days 90 --output ndjson']],
    ['-a aws -g alerts -o splunk_trans', ['get alerts --since 2026-03-08T00:00:00.000Z --output sink:splunk_trans']],
    ['-a aws -g local-sites -o json', [`get local-sites --output json --out-dir ${out('get_local_sites')}`]],
    ['-a aws -g alerts -pa -o splunk', ['run --once']],
    ['-a aws -g alerts --poll_alerts --days 5 -o splunk', ['run --once']],
    ['-a aws -g alerts -pa -r -d 5 -o splunk', ['reset alerts --since 2026-03-04T00:00:00.000Z --yes --max 1000000', 'run --once']],
    ['-a aws -i test', ['intelix test']],
    ['-a aws -i report -t abc', [`intelix report --tenant abc --out-dir ${out('intelix')}`]],
    ['-a aws -i clean_ls -cl HIGH_MEDIUM -dr', [`intelix clean --level HIGH_MEDIUM --out-dir ${out('intelix')} --dry-run`]],
    ['-a aws -i clean_ls --clean_level LOW', [`intelix clean --level LOW --out-dir ${out('intelix')} --yes --max 1000000`]],
  ])('%s', (flags, expected) => {
    expect(lines(flags)).toEqual(expected);
  });

  it.each(['-a aws -g alerts -pa -o splunk', '-aaws -galerts -p -osplunk', '--auth=aws --get=alerts --poll --out=splunk', '-o splunk -pa -g alerts -a=aws'])(
    'are read as argparse reads them: %s',
    (flags) => {
      expect(lines(flags)).toEqual(['run --once']);
    },
  );

  it.each([
    ['', /`--auth` is missing/],
    ['-a aws', /neither `--get` nor `--intelix`/],
    ['-a ldap -g alerts', /`static`, `aws`; seen `ldap`/],
    ['-a aws -g alerts -d 91', /from 1 to 90; seen `91`/],
    ['-a aws -g alerts -d', /needs a value/],
    ['-a aws -g alerts -d -r', /needs a value/],
    ['-a aws -g alerts -pa', /`--poll_alerts` is for/],
    ['-a aws -g alerts -pa=1', /no flag/],
    ['-a aws -g alerts --poll_alerts=1', /takes no value/],
    ['-a aws -i clean_ls', /needs `--clean_level`/],
    ['-a aws -g alerts --d 3', /could be `--days` or `--dry_run`/],
    ['-a aws -g alerts --nonsense', /no flag `--nonsense`/],
    ['-a aws -g alerts now', /no flag `now`/],
    ['-a aws -g alerts --__proto__ x', /no flag/],
  ])('%j is refused', (flags, message) => {
    expect(() => readFlags(flags.split(' ').filter(Boolean))).toThrow(message);
  });

  it.each([
    ['-cl HIGH', /no folder of sophos-central-api-connector/],
    ['-c HIGH', /no folder of sophos-central-api-connector/],
    ['--clean_level HIGH', /no folder of sophos-central-api-connector/],
    ['', /needs `--clean_level`/],
    ['-c other.yaml', /has no `--config`/],
  ])('reach the command through our own parser: %j', async (level, message) => {
    const { code, err } = await typeLine(
      ['compat', 'api-connector', '-a', 'aws', '-i', 'clean_ls', ...level.split(' ').filter(Boolean), '-dr', '-ll', 'INFO'],
      { cwd: '/' },
    );
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  it('has its own help', async () => {
    const { code, out: help } = await typeLine(['compat', 'api-connector', '--help']);
    expect(code).toBe(0);
    for (const flag of ['-pa, --poll_alerts', '-ll, --log_level', '-cl, --clean_level', '-dr, --dry_run']) expect(help).toContain(flag);
  });
});

describe('what they change', () => {
  const files = { 'config/sophos_config.ini': sophos, 'config/splunk_config.ini': splunk, 'polling/poll_config.json': pollOf(now - hour) };
  const transformed = { ...files, 'config/splunk_config.ini': `${splunk}[splunk_transform]\nhost: soc\nsourcetype: s:\n` };
  const change = async (flags: string, from: Record<string, string>, more: Partial<Started> = {}, tenants: readonly Tenant[] | null = [acme, beta]) => {
    const { started, change: changed } = standIn(readFlags(flags.split(' ')), '/opt/tool', now);
    return changed(await readTool(from, tenants, { ...started, begins: null, env: {}, ...more }));
  };
  const aws = '[aws]\nsecret_name: sophos/central\nclient_id_key: id\nclient_secret_key: secret\n';

  it('the route leads to the output that they name', async () => {
    for (const output of ['splunk', 'splunk_trans']) {
      const { draft, secrets } = await change(`-a static -g alerts -pa -o ${output}`, transformed);
      expect(draft.tree.routes).toMatchObject([{ from: 'alerts', to: output }]);
      // A second one without a route would be warned of each time that cron calls.
      expect(Object.keys(draft.tree.sinks ?? {})).toEqual([output]);
      expect(secrets.map(({ at }) => at).filter((at) => at.startsWith('sinks.'))).toEqual([`sinks.${output}.token`]);
    }
  });

  it('without values `splunk_trans` is there all the same, with the same token', async () => {
    const { draft, secrets } = await change('-a static -g alerts -pa -o splunk_trans', files);
    const first = await change('-a static -g alerts -pa -o splunk', files);
    expect(draft.tree.sinks).toEqual({ splunk_trans: Object(first.draft.tree.sinks).splunk });
    expect(secrets.map(({ at }) => at)).toContain('sinks.splunk_trans.token');
  });

  it('the inventory has the source type that it had', async () => {
    const { draft } = await change('-a static -g inventory -o splunk_trans', transformed);
    expect(draft.tree.sinks).toMatchObject({ splunk_trans: { sourcetype: 's:inventory' } });
  });

  it('one tenant is polled where one is named', async () => {
    const { draft } = await change('-a static -g alerts -pa -o splunk -t abc', files);
    expect(draft.tree.tenants).toEqual({ include: ['abc'] });
    const odd = await change('-a static -g alerts -pa -o splunk -t ${env:X}', files);
    expect(odd.draft.tree.tenants, 'a text of theirs is no placeholder').toEqual({ include: ['$${env:X}'] });
    const { code, err } = await typeLine(['compat', 'api-connector', '-a', 'static', '-g', 'alerts', '-pa', '-o', 'splunk', '-t', '${env:X}'], { cwd: '/' });
    expect([code, err]).toEqual([2, expect.stringContaining('`--tenant` takes the id of a tenant')]);
  });

  it.each([
    ['-a aws -g alerts', sophos, /`--auth aws`.*`\[aws\]`.*sophos_config\.ini/],
    ['-a aws -i report', sophos, /`\[aws\]`/],
    ['-a static -g tenants', aws, /`--auth static`.*`\[static\]`.*sophos_config\.ini/],
    ['-a static -g tenants', '[static]\nclient_id: some-id\n', /`\[static\]`/],
  ])('the credential is the one that they name, or it is said that it is missing: %s', async (flags, text, message) => {
    await expect(change(flags, { 'config/sophos_config.ini': text })).rejects.toMatchObject({
      code: 'usage.peer-flag',
      message: expect.stringMatching(message),
    });
  });

  it('the credential is the one that they name where both are there, and half of it may be in the environment', async () => {
    const both = { 'config/sophos_config.ini': `${aws}${sophos}` };
    expect((await change('-a static -g tenants', both)).draft.tree.central).toMatchObject({ clientId: 'some-id' });
    expect((await change('-a aws -g tenants', both)).draft.tree.central).toMatchObject({ clientId: '${aws-secret:sophos/central#id}' });
    const half = { 'config/sophos_config.ini': '[static]\nclient_id: some-id\n' };
    const { draft } = await change('-a static -g tenants', half, { env: { SOPHOS_CLIENT_SECRET: 'x' } });
    expect(draft.tree.central).toEqual({ clientId: 'some-id', clientSecret: '${env:SOPHOS_CLIENT_SECRET}' });
  });

  it('that of Intelix must be there for Intelix alone, and then the same way', async () => {
    const intelix = { 'config/sophos_config.ini': sophos, 'config/intelix_config.ini': `[intelix]\n${aws.slice(6)}` };
    expect((await change('-a static -g tenants', intelix)).draft.tree).not.toHaveProperty('intelix');
    await expect(change('-a static -i test', intelix)).rejects.toThrow(/`\[static\]`.*intelix_config\.ini/);
    const other = { 'config/intelix_config.ini': `[intelix]\n${aws.slice(6)}`, 'config/sophos_config.ini': sophos };
    expect((await change('-a aws -i test', other)).draft.tree.intelix, 'nobody asks Central').toMatchObject({ clientId: '${aws-secret:sophos/central#id}' });
  });

  it('polling that was never done begins at midnight, so many days ago, for every tenant', async () => {
    const { 'polling/poll_config.json': _, ...unpolled } = files;
    const begins = pollingFrom(beginOf(3, now));
    const takeover = await change('-a static -g alerts -pa -o splunk', unpolled, { begins });
    const from = Date.parse('2026-11-17T00:00:00Z');
    expect(placesOf(takeover)).toEqual({ Acme: { from, known: [] }, Beta: { from, known: [] } });
    const untold = await change('-a static -g alerts -pa -o splunk', unpolled, { begins }, null);
    expect(untold.draft.tree.streams, 'early enough where nobody says who there is').toMatchObject({ alerts: { days: 4 } });
    const polled = await change('-a static -g alerts -pa -o splunk', files, { begins });
    expect(placesOf(polled).Acme?.from, 'what the tool has done counts').toBe(now - hour - day);
    expect(iso(beginOf(90, now)), 'Central lists no older ones').toBe('2026-08-22T12:10:00.000Z');
  });
});
