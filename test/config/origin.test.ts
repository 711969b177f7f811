/** `config show --origin`: each value in force says where it comes from. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig, type Overrides } from '../../src/config/load.ts';
import { leavesOf, showConfig, showOrigins } from '../../src/config/show.ts';
import { type } from '../cli/terminal.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'origin-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const text = `central:
  clientId: \${env:MY_ID}
  rateLimits: { second: 5 }
  authUrl: https://one.example
tenants:
  exclude: &trials ["Trial *"]
  labels: { "Acme*": { index: "a$\${x}" } }
streams:
  events: { every: 90s, excludeTypes: *trials }
  alerts:
sinks:
  splunk: { type: splunk-hec, url: "https://splunk:8088", token: "a\${env:HEC}b" }
  archive:
    type: file
    path: "out/{stream}.ndjson"
    rotate: { gzip: true }
routes:
  - { from: [events, alerts], to: splunk }
  - from: "*"
    to: archive
    format: { type: leef }
actions:
  - { from: alerts, do: acknowledge }
intelix: { apiUrl: "https://x.example", ipRisk: {} }
log: { level: debug, file: a.log }
`;
const variables = {
  MY_ID: 'the-id-value',
  HEC: 'the-hec-value',
  SOPHOS_CLIENT_SECRET: 'the-secret-value',
  SOPHOS_CENTRAL_AUTH_URL: 'https://two.example/',
  SOPHOS_INTELIX_CLIENT_ID: 'intelix-id',
};

async function load(content: string | null, overrides: Overrides = {}, env: Record<string, string> = variables) {
  const file = path.join(folder, 'sophos-central.yaml');
  rmSync(file, { force: true });
  if (content !== null) writeFileSync(file, content, { mode: 0o600 });
  return loadConfig({ cwd: folder, env: { HOME: folder, ...env }, overrides, credentials: 'optional' });
}

async function originsOf(content: string | null, overrides?: Overrides, env?: Record<string, string>) {
  const plan = await load(content, overrides, env);
  return Object.fromEntries(
    leavesOf(plan).map(({ path: at, value, origin }) => {
      const place = 'line' in origin ? `:${origin.line}:${origin.column}` : '';
      return [at, [value, `${origin.kind}${place}${'name' in origin ? ` ${origin.name}` : ''}`]];
    }),
  );
}

describe('where a value comes from', () => {
  it('is told of every leaf: file, placeholder, environment, option, default', async () => {
    const origins = await originsOf(text, { logLevel: 'warn', state: 'elsewhere' });
    expect(origins).toMatchObject({
      'central.clientId': ['[secret]', 'placeholder:2:13 ${env:MY_ID}'],
      'central.clientSecret': ['[secret]', 'environment SOPHOS_CLIENT_SECRET'],
      'central.authUrl': ['https://two.example', 'environment SOPHOS_CENTRAL_AUTH_URL'],
      'central.rateLimits.second': [5, 'file:3:25'],
      'central.rateLimits.minute': [100, 'default'],
      'tenants.include[0]': ['*', 'default'],
      'tenants.exclude[0]': ['Trial *', 'file:6:21'],
      'tenants.labels.Acme*.index': ['a${x}', 'file:7:31'],
      'streams.events.every': ['90s', 'file:9:20'],
      'streams.events.since': ['12h', 'default'],
      'streams.alerts.days': [1, 'default'],
      'sinks.splunk.token': ['[secret]', 'placeholder:12:66 ${env:HEC}'],
      'sinks.splunk.batch.bytes': ['1MB', 'default'],
      'sinks.splunk.fields': [{}, 'default'],
      'sinks.archive.path': ['out/{stream}.ndjson', 'file:15:11'],
      'sinks.archive.rotate.gzip': [true, 'file:16:21'],
      'sinks.archive.layout': ['lines', 'default'],
      'routes[0].name': ['splunk', 'default'],
      'routes[0].from[1]': ['alerts', 'file:18:22'],
      'routes[1].format.type': ['leef', 'file:21:21'],
      'routes[1].format.delimiter': ['tab', 'default'],
      'actions[0].name': ['acknowledge', 'default'],
      'actions[0].maxPerHour': [100, 'default'],
      'intelix.clientId': ['[secret]', 'environment SOPHOS_INTELIX_CLIENT_ID'],
      'intelix.apiUrl': ['https://x.example', 'file:24:20'],
      'intelix.region': ['us', 'default'],
      'intelix.ipRisk': [{}, 'file:24:49'],
      state: [path.join(folder, 'elsewhere'), 'option --state'],
      'journal.maxSize': ['20GB', 'default'],
      'log.level': ['warn', 'option --log-level'],
      'log.file': [path.join(folder, 'a.log'), 'file:25:28'],
    });
    expect(Object.values(await originsOf(text)).flat()).not.toContain('option --state');
  });

  it('is the variable and not the file for each of several accounts, and never a variable that they do not read', async () => {
    const several =
      'accounts:\n  a: { clientId: x, clientSecret: "${env:HEC}" }\n  b: { clientId: y, clientSecret: "${env:HEC}", authUrl: "https://b.example" }\n';
    const origins = await originsOf(several);
    expect(origins['accounts.a.authUrl']).toEqual(['https://two.example', 'environment SOPHOS_CENTRAL_AUTH_URL']);
    expect(origins['accounts.b.authUrl']).toEqual(['https://two.example', 'environment SOPHOS_CENTRAL_AUTH_URL']);
    expect(origins['accounts.b.clientSecret']).toEqual(['[secret]', 'placeholder:3:35 ${env:HEC}']);
  });

  it('without a file is the environment or a default', async () => {
    const origins = await originsOf(null, {}, { SOPHOS_CLIENT_ID: 'a', SOPHOS_CLIENT_SECRET: 'b' });
    expect(origins['central.clientId']).toEqual(['[secret]', 'environment SOPHOS_CLIENT_ID']);
    expect(new Set(Object.values(origins).map(([, origin]) => String(origin).split(' ')[0]))).toEqual(new Set(['environment', 'default']));
  });

  it('is told of a key that holds a secret as well, without the secret', async () => {
    const odd = 'central: { clientId: x }\ntenants: { labels: { "the-hec-value": { a: b } } }\nstate: "${env:HEC}"\n';
    const plan = await load(odd);
    const shown = showOrigins(plan, path.basename);
    expect(shown).not.toContain('the-hec-value');
    expect(shown).toMatch(/"\[secret\]":\n +a: .* # sophos-central\.yaml:2:12\n/);
  });
});

describe('the text of `config show --origin`', () => {
  it('is the YAML of `config show` with a comment behind every value', async () => {
    const plan = await load(text, { logFormat: 'json' });
    const shown = showOrigins(plan, path.basename);
    expect(parse(shown)).toEqual(parse(showConfig(plan)));
    const values = shown.split('\n').filter((line) => line !== '' && !/^[^#]*:$/.test(line) && !/^\s*-$/.test(line));
    expect(values.filter((line) => !/ # (default|sophos-central\.yaml:\d+:\d+( \$\{.*\})?|environment \w+|option --[\w-]+)$/.test(line))).toEqual([]);
    expect(values).toHaveLength(leavesOf(plan).length);
    for (const secret of ['the-id-value', 'the-hec-value', 'the-secret-value', 'intelix-id']) expect(shown).not.toContain(secret);
  });

  it('stays YAML whatever the texts and names of the file are', async () => {
    const odd =
      'central: { clientId: x }\ntenants: { labels: { "a: # b\\n": { x: "one\\n# two\\n\\u0001 []", y: "[]\\n # \\u0001" } }, exclude: ["", "- x"] }\n';
    const plan = await load(odd.replace('"", ', ''));
    expect(parse(showOrigins(plan, () => 'odd\nname: x'))).toEqual(parse(showConfig(plan)));
  });

  it('is what is in force: read again it says the same, but for secrets', async () => {
    const plan = await load(text);
    const again = await load(showConfig(plan).replaceAll('"[secret]"', 'x').replaceAll('${', '$$$${'));
    const plain = (of: unknown) => JSON.stringify(of, null, 1).replaceAll('"[secret]"', '"x"');
    expect(plain(again.shown)).toBe(plain(plan.shown));
  });
});

describe('`config show`', () => {
  it('prints comments for people and a list for programs', async () => {
    const cwd = path.join(folder, 'cli');
    mkdirSync(cwd);
    writeFileSync(path.join(cwd, 'sophos-central.yaml'), 'state: here\n');
    const env = { SOPHOS_CLIENT_ID: 'a', SOPHOS_CLIENT_SECRET: 'b' };
    const people = await type(['config', 'show', '--origin'], { cwd, env });
    expect(people.code, people.err).toBe(0);
    expect(people.out).toMatch(/^state: .*here # sophos-central\.yaml:1:8$/m);
    const programs = await type(['config', 'show', '--origin', '--output', 'json'], { cwd, env });
    expect(JSON.parse(programs.out)).toContainEqual({
      path: 'state',
      value: path.join(cwd, 'here'),
      origin: { kind: 'file', file: path.join(cwd, 'sophos-central.yaml'), line: 1, column: 8 },
    });
    const tree = JSON.parse((await type(['config', 'show', '--output', 'json'], { cwd, env })).out) as { readonly state: string };
    expect(tree.state).toBe(path.join(cwd, 'here'));
    expect((await type(['config', 'show', '--output', 'table'], { cwd, env })).code).toBe(2);
  });
});
