/** Mistakes in the configuration: each with file, line, column and what to write instead. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { compileWhere } from '../../src/core/where.ts';
import { legacyKey, legacyToken, secrets } from './bench.ts';
import type { Row } from './row.ts';

const env = { SOPHOS_CLIENT_ID: 'id', SOPHOS_CLIENT_SECRET: secrets[0] ?? '' };
const out = 'sinks:\n  out: { type: stdout }\n';

/** A file with one mistake: where it is told, and in which words. */
function mistake(what: string, text: string, place: string, told: RegExp, suggestion: RegExp, variables: Readonly<Record<string, string>> = env): Row {
  return {
    what,
    kind: 'config',
    code: 'config.invalid',
    exit: 2,
    isPicture: true,
    attempted: new RegExp(`^the configuration has one mistake\n.*sophos-central\\.yaml:${place}: `),
    seen: new RegExp(`^.*:${place}: .*${told.source}.* \\(.*${suggestion.source}.*\\)$`, 'm'),
    async provoke(bench) {
      const cwd = await bench.folder();
      await writeFile(join(cwd, 'sophos-central.yaml'), text);
      return loadConfig({ cwd, env: variables });
    },
  };
}

const noSecret = { SOPHOS_CLIENT_ID: 'id', SOPHOS_CLIENT_SECERT: legacyKey };

export const configRows: readonly Row[] = [
  mistake('a misspelt section', 'streems: {}\n', '1:1', /the key `streems` is unknown/, /did you mean `streams`\?/),
  mistake('a misspelt key', 'central:\n  clientID: a\n  clientSecret: b\n', '2:3', /unknown/, /did you mean `clientId`\?/),
  mistake('a misspelt stream', 'streams:\n  evnets: {}\n', '2:3', /the stream `evnets` is unknown/, /did you mean `events`\?/),
  mistake('a misspelt sink type', 'sinks:\n  s: { type: splnk-hec }\n', '2:14', /the sink type `splnk-hec` is unknown/, /did you mean `splunk-hec`\?/),
  mistake('a sink without type', 'sinks:\n  s: { path: x }\n', '2:3', /`type` is missing/, /types are/),
  mistake(
    'a sink without what it needs',
    'sinks:\n  s:\n    type: splunk-hec\n    url: https://a\n',
    '2:3',
    /`token` is missing/,
    /add `token: \$\{env:\w+\}`/,
  ),
  mistake(
    'a template that names nothing',
    'sinks:\n  s: { type: file, path: "{tenat.name}.ndjson" }\n',
    '2:27',
    /the placeholder `\{tenat\.name\}` is unknown/,
    /did you mean `\{tenant\.name\}`\?/,
  ),
  mistake('a misspelt format', `${out}routes:\n  - { from: events, to: out, format: jsno }\n`, '4:38', /the format `jsno` is unknown/, /did you mean `json`\?/),
  mistake('a route to a sink that is not there', `${out}routes:\n  - { from: events, to: aut }\n`, '4:25', /there is no sink `aut`/, /did you mean `out`\?/),
  mistake('a filter that cannot be read', `${out}routes:\n  - { from: events, to: out, where: 'a = 1' }\n`, '4:40', /`=`/, /[Ww]rite `==`/),
  mistake('a duration without unit', 'streams:\n  events: { every: 60 }\n', '2:20', /expected a duration/, /write `every: 60s`/),
  mistake('a size without unit', 'journal:\n  maxSize: 100\n', '2:12', /expected a size/, /write `maxSize: 100MB`/),
  mistake('a choice that is none', 'log: { level: inof }\n', '1:15', /expected one of/, /did you mean `info`\?/),
  mistake('a key that stands twice', 'state: a\nstate: b\n', '2:1', /stands twice, first on line 1/, /keep one/),
  mistake('a tab', 'streams:\n\tevents: {}\n', '2:1', /not YAML/, /blanks/),
  mistake('a variable that is not set', 'central: { clientSecret: "${env:NOWHERE}" }\n', '1:27', /`NOWHERE` is not set/, /set NOWHERE/),
  mistake('a secret file that is missing', 'central: { clientSecret: "${file:nowhere}" }\n', '1:27', /`nowhere` does not exist/, /relative paths/),
  mistake('a kind of secret that is not there', 'central: { clientSecret: "${envv:X}" }\n', '1:27', /envv/, /env/),
  mistake('a section that is not served', 'http: { listen: "127.0.0.1:1" }\n', '1:1', /not served yet/, /remove it/),
  mistake('a certificate file that is missing', 'central: { caFile: nowhere.pem }\n', '1:20', /does not exist/, /relative paths/),
  mistake(
    'a legacy token that is not the whole line',
    `central: { siemToken: "x-api-key: ${legacyKey}, Authorization: Basic ${legacyToken}" }\n`,
    '1:23',
    /siemToken: this is not the line/,
    /copy all|url: https/,
    {},
  ),
  {
    ...mistake('no configuration and a misspelt variable', '', '', /x/, /x/),
    attempted: /^the configuration has one mistake\ncentral\.clientSecret: /,
    seen: /SOPHOS_CLIENT_SECRET is not set \(did you mean `SOPHOS_CLIENT_SECERT`\?\)$/,
    provoke: async (bench) => loadConfig({ cwd: await bench.folder(), env: { HOME: await bench.folder(), ...noSecret } }),
  },
  {
    ...mistake('a file that is not there', '', '', /x/, /x/),
    attempted: /nowhere\.yaml: the configuration file/,
    seen: /does not exist \(check `--config`/,
    provoke: async (bench) => loadConfig({ cwd: await bench.folder(), file: 'nowhere.yaml', env }),
  },
  {
    ...mistake('hostile text in a key', '', '', /x/, /x/),
    attempted: /sophos-central\.yaml:1:1: /,
    seen: /`\\u001b\[2Jx\\u202e` is unknown/,
    async provoke(bench) {
      const cwd = await bench.folder();
      await writeFile(join(cwd, 'sophos-central.yaml'), '"\\e[2Jx\u202e": 1\n');
      return loadConfig({ cwd, env });
    },
  },
  {
    what: 'a filter with hostile text',
    kind: 'config',
    code: 'where.syntax',
    exit: 2,
    isPicture: true,
    attempted: /^the filter cannot be read at column \d+: /,
    seen: /\n.*a ==/,
    provoke: async () => compileWhere('a == "x" \u001b[2J\u202e b', { regex: () => () => true }),
  },
  {
    what: 'a filter that ends too early',
    kind: 'config',
    code: 'where.syntax',
    exit: 2,
    isPicture: true,
    attempted: /^the filter cannot be read at column 17: /,
    seen: /expected `,` or `\]` in the list, seen the end/,
    provoke: async () => compileWhere('severity in ["a"', { regex: () => () => true }),
  },
];
