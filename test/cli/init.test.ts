/** `init`, with and without questions: what is asked, what is tried, what is written, and that nothing is written too early. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { interrupted } from '../../src/cli/exit.ts';
import { keepingText } from '../../src/cli/init/keeping.ts';
import { main } from '../../src/cli/main.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { readPage, tableBelow } from '../docs/pages.ts';
import { ctrlC, enter, openScene, type Scene } from './init-scene.ts';
import { type } from './terminal.ts';

const evil = `Evil \u001b[2J\u0007\u202e name ${'x'.repeat(500)}`;

let sim: RunningSimulator;
let scene: Scene;
beforeAll(async () => {
  sim = await startSimulator({ account: 'partner', tenants: 12, eventsPerTenant: 5, tenantNames: [evil, 'Acme'] });
});
afterAll(() => sim.close());
beforeEach(() => {
  scene = openScene(sim);
});
afterEach(() => scene.remove());

/** The keys of a person who takes what is offered, with id and secret of the simulator. */
const plainKeys = (secret = sim.clientSecret) => [
  enter, // an API credential
  sim.clientId + enter,
  secret + enter,
  enter, // the secret will be in the environment
  enter, // events and siem-alerts
  enter, // all tenants
  enter, // files
  enter, // there
  enter, // as json
  enter, // how it is kept running
  enter, // write it
];

describe('init with questions', () => {
  it('writes a configuration that is in order, with nothing but Enter behind id and secret', async () => {
    const { code, out, err } = await scene.answer(plainKeys());
    expect({ code, out }, err).toEqual({ code: 0, out: '' });
    expect(err).toContain('It belongs to a partner');
    expect(err).toContain('12 tenants');
    expect(err).toContain('sophos-central run --once');
    expect(scene.read()).toMatch(/^# yaml-language-server: \$schema=\.\/sophos-central\.schema\.json\n/);
    expect(JSON.parse(scene.read('sophos-central.schema.json'))).toMatchObject({ title: 'sophos-central configuration' });
    const checked = await type(['config', 'check'], { cwd: scene.folder, env: { SOPHOS_CLIENT_SECRET: sim.clientSecret } });
    expect(checked, checked.err).toMatchObject({ code: 0, out: expect.stringContaining('1 account, 2 streams, 1 sink, 1 route') });
  });

  it('never shows or writes the secret, and does not show how long it is', async () => {
    const { err } = await scene.answer(plainKeys());
    for (const text of [err, scene.read(), scene.read('sophos-central.schema.json')]) expect(text).not.toContain(sim.clientSecret);
    const [, prompt = ''] = /Client secret(.*?)Where/s.exec(err) ?? [];
    expect(prompt).toContain('not shown');
    expect(prompt).not.toMatch(/[*\u2022\u25aa]/);
  });

  it('takes the credential of the environment, and writes where it is', async () => {
    const [, , , , ...rest] = plainKeys();
    const { code, err } = await scene.answer([enter, ...rest], [], scene.env);
    expect(code, err).toBe(0);
    expect(scene.read()).toContain('clientId: ${env:SOPHOS_CLIENT_ID}');
    expect(err).not.toContain('Set this first');
  });

  it('says what is wrong with a credential, and asks again as often as it takes', async () => {
    const wrongSecret = [enter, sim.clientId + enter, `wrong-one${enter}`, enter];
    const wrongId = [enter, `nobody${enter}`, `wrong-two${enter}`, enter];
    const [kind = '', ...rest] = plainKeys();
    const { code, err } = await scene.answer([...wrongSecret, ...wrongId, kind, ...rest]);
    expect(code, err).toBe(0);
    expect(err).toContain('oauth.invalid_client_secret');
    expect(err).toContain('oauth.client_app_does_not_exist');
    expect(err).toContain('The id is known, and the secret is wrong');
    expect(err).toContain('The id is wrong: no credential has it');
    expect(err).toContain('make a new one');
    expect(err).not.toMatch(/wrong-(one|two)/);
  });

  it('goes on without Central when that is wanted', async () => {
    const keys = [enter, `someone${enter}`, `something${enter}`, `j${enter}`, enter, enter, enter, enter, enter, enter, enter];
    const { code, err } = await scene.answer(keys);
    expect(code, err).toBe(0);
    expect(scene.read()).toContain('clientId: someone');
  });

  it('ends with 130 on Ctrl-C, Ctrl-D and Esc at any question, and has written nothing', async () => {
    const keys = plainKeys();
    for (let answered = 0; answered < keys.length; answered++) {
      const { code, err } = await scene.answer([...keys.slice(0, answered), [ctrlC, '\u0004', '\u001b'][answered % 3] ?? ctrlC]);
      expect({ answered, code, names: scene.names() }, err).toEqual({ answered, code: 130, names: [] });
      expect(err.endsWith('interrupted\n'), err.slice(-80)).toBe(true);
      // Whatever a prompt hides of the cursor is shown again.
      expect(err.lastIndexOf('\u001b[?25h')).toBeGreaterThanOrEqual(err.lastIndexOf('\u001b[?25l'));
    }
  });

  it('lets no name from Central act upon the terminal', async () => {
    const { err } = await scene.answer(plainKeys());
    expect(err).toContain('Evil \\e[2J\\u0007\\u202e');
    expect(err).not.toContain('\u001b[2J');
    expect(err).not.toContain('\u0007');
    expect(err).not.toContain('x'.repeat(50));
  });

  it('takes no colours where none are wanted', async () => {
    for (const [options, more] of [
      [['--no-color'], {}],
      [[], { NO_COLOR: '1' }],
    ] as const) {
      const { err } = await scene.answer(plainKeys(), [...options, '--dry-run'], { ...scene.hosts, ...more });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
      expect(err).not.toMatch(/\u001b\[[0-9;]*m/);
    }
  });

  it('prints with `--dry-run` what it would write, to standard output, and writes nothing', async () => {
    const { code, out } = await scene.answer(plainKeys().slice(0, -1), ['--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain('clientSecret: ${env:SOPHOS_CLIENT_SECRET}');
    expect(scene.names()).toEqual([]);
  });

  it('offers another name where there is a file already, and writes over it only when told to', async () => {
    writeFileSync(join(scene.folder, 'sophos-central.yaml'), 'mine');
    expect((await scene.answer([enter, enter, ...plainKeys()])).code).toBe(0);
    expect(scene.read()).toBe('mine');
    expect(scene.read('sophos-central-2.yaml')).toContain('central:');
    expect((await scene.answer([`j${enter}`, ...plainKeys()])).code).toBe(0);
    expect(scene.read()).toContain('central:');
  });

  it('writes nothing when the last answer is no', async () => {
    const keys = plainKeys();
    const { code, err } = await scene.answer([...keys.slice(0, -1), `n${enter}`]);
    expect({ code, names: scene.names() }).toEqual({ code: 0, names: [] });
    expect(err).toContain('Nothing was written.');
  });

  it('chooses tenants from a list, by id, with their names beside them', async () => {
    const keys = plainKeys();
    const { code, err } = await scene.answer([...keys.slice(0, 5), `j${enter}`, `Evil\t${enter}`, ...keys.slice(6)]);
    expect(code, err).toBe(0);
    expect(scene.read()).toMatch(/include: \[ ?[0-9a-f-]{36} ?\]/);
    expect(scene.read()).toContain('Evil \\e[2J');
  });

  it('tries a sink at once, and lets the answers be changed, or the sink be left out', async () => {
    const keys = plainKeys();
    const toSplunk = (token: string) => [`${sim.hecUrl}${enter}`, `${token}${enter}`];
    const { code, err } = await scene.answer([
      ...keys.slice(0, 6),
      ` jj ${enter}`, // not files but Splunk
      ...toSplunk('nonsense'),
      enter, // its token will be in the environment
      enter, // no acknowledgement
      enter, // no index
      enter, // json
      enter, // change the answers
      enter, // the same address
      `${sim.hecToken}${enter}`,
      ...Array<string>(4).fill(enter),
      ...keys.slice(9),
    ]);
    expect(code, err).toBe(0);
    expect(err).toContain('hec');
    expect(err).toContain('Test record: taken by the far end');
    expect(scene.read()).toContain('token: "${env:SPLUNK_TOKEN}"');
    expect(scene.read()).not.toContain(sim.hecToken);
    const indexed = await (await fetch(`${sim.url}/_sim/hec?list=ids`)).text();
    expect(indexed).toContain('sophos-central-test-');
  });
});

describe('docs/first-steps.md', () => {
  const page = readPage('docs/first-steps.md');

  it('shows what is shown', async () => {
    const [shown = ''] = page.blocks.filter(({ text }) => text.includes('◇')).map(({ text }) => text);
    const five = await startSimulator({ account: 'partner', tenants: 5, tenantNames: ['Acme', 'Beta Ltd', 'Gamma GmbH', 'Delta School', 'Trial One'] });
    const there = openScene(five);
    try {
      const { code, err } = await there.answer(plainKeys(five.clientSecret), ['--no-color']);
      expect(code, err).toBe(0);
      // Where the simulator listens is nobody's business; what is offered depends on the system.
      const lines = shown.split('\n').filter((line) => !/Host:|systemd/.test(line));
      expect(lines.length).toBeGreaterThan(30);
      expect(lines.filter((line) => !err.includes(line.trimEnd()))).toEqual([]);
    } finally {
      there.remove();
      await five.close();
    }
  });

  it('shows a file of answers that is in order', async () => {
    const answers = page.blocks.find(({ text }) => text.startsWith('central: '))?.text ?? '';
    writeFileSync(join(scene.folder, 'answers.yaml'), answers);
    const { code, err } = await scene.init(['--answers', 'answers.yaml', '--no-check', '--dry-run']);
    expect(code, err).toBe(0);
    const keys = tableBelow(page, 'Without questions').map(([key = '']) => key.replaceAll('`', ''));
    expect(keys.sort()).toEqual(['central', 'keep', 'secrets', 'sinks', 'streams', 'tenants']);
  });

  it('has the texts that `init` prints', () => {
    const kept = {
      file: '/etc/sophos-central/sophos-central.yaml',
      program: ['/usr/local/bin/sophos-central'],
      user: 'sophos',
      variables: ['SOPHOS_CLIENT_SECRET'],
      credentials: [],
    };
    const blocks = page.blocks.map(({ text }) => text).join('\n');
    const lacking = (['systemd', 'container'] as const).flatMap((keep) =>
      keepingText(keep, kept)
        .split('\n')
        .filter((line) => !line.startsWith('#') && !blocks.includes(line)),
    );
    expect(lacking).toEqual([]);
  });
});

describe('init without questions', () => {
  it('needs a terminal, `--from-env` or `--answers`', async () => {
    const { code, err } = await scene.init([]);
    expect(code).toBe(2);
    expect(err).toMatch(/there is no terminal to ask on[\s\S]*--from-env[\s\S]*--answers/);
  });

  it('writes from the environment what runs at once', async () => {
    const { code, err } = await scene.init(['--from-env']);
    expect(code, err).toBe(0);
    expect(err).toContain('Written: ');
    expect(statSync(join(scene.folder, 'sophos-central.yaml')).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
    expect(await type(['config', 'check'], { cwd: scene.folder, env: scene.env })).toMatchObject({ code: 0 });
  });

  it('never writes over a file, unless told to; nobody is asked before that is known', async () => {
    writeFileSync(join(scene.folder, 'sophos-central.yaml'), 'mine');
    const { code, err } = await scene.init(['--from-env'], { env: { ...scene.env, SOPHOS_CLIENT_SECRET: 'wrong' } });
    expect({ code, text: scene.read() }).toEqual({ code: 2, text: 'mine' });
    expect(err).toContain('--force');
    expect((await scene.init(['--from-env', '--force'])).code).toBe(0);
    expect(scene.read()).toContain('central:');
  });

  it('leaves a schema alone that is not ours', async () => {
    writeFileSync(join(scene.folder, 'sophos-central.schema.json'), '{}');
    const { code, err } = await scene.init(['--from-env']);
    expect({ code, schema: scene.read('sophos-central.schema.json') }).toEqual({ code: 0, schema: '{}' });
    expect(err).toContain('is not ours');
  });

  it('ends with 3 when the credential is refused, and has written nothing', async () => {
    const { code } = await scene.init(['--from-env'], { env: { ...scene.env, SOPHOS_CLIENT_SECRET: 'wrong-secret' } });
    expect({ code, names: scene.names() }).toEqual({ code: 3, names: [] });
  });

  it('says in which folder a file cannot be written, before it asks anybody', async () => {
    const { code, err } = await scene.init(['--from-env', '--config', 'no/such/folder.yaml'], { env: { ...scene.env, SOPHOS_CLIENT_SECRET: 'wrong-secret' } });
    expect(code).toBe(1);
    expect(err).toMatch(/mkdir -p .*no\/such/);
  });

  it('calls nobody with `--no-check`', async () => {
    const nowhere = { SOPHOS_CENTRAL_AUTH_URL: 'http://127.0.0.1:9', SOPHOS_CENTRAL_API_URL: 'http://127.0.0.1:9' };
    const { code, err } = await scene.init(['--from-env', '--no-check', '--dry-run'], { env: { ...scene.env, ...nowhere } });
    expect(code, err).toBe(0);
  });

  it('prints the configuration alone with `--dry-run`, also where there is one already', async () => {
    mkdirSync(join(scene.folder, 'etc'));
    writeFileSync(join(scene.folder, 'etc', 'sophos-central.yaml'), 'mine');
    const { code, out } = await scene.init(['--from-env', '--dry-run', '--config', 'etc/sophos-central.yaml']);
    expect(code).toBe(0);
    expect(out).toMatch(/^# yaml-language-server/);
    expect(scene.read('etc/sophos-central.yaml')).toBe('mine');
  });
});

describe('an odd start', () => {
  it('with an old API token offers the streams that it opens, and writes where the token will be', async () => {
    const keys = [`j${enter}`, sim.siemToken + enter, enter, enter, enter, enter, enter, enter, enter];
    const { code, err } = await scene.answer(keys);
    expect(code, err).toBe(0);
    expect(err).toContain('It is an old API token');
    expect(scene.read()).toContain('siemToken: ${env:SOPHOS_SIEM_TOKEN}');
    expect(scene.read()).not.toContain('alerts: { every: 5m');
    for (const text of [err, scene.read()]) expect(text).not.toContain(sim.siemToken);
    const env = { ...scene.hosts, SOPHOS_SIEM_TOKEN: sim.siemToken };
    expect(await type(['config', 'check'], { cwd: scene.folder, env })).toMatchObject({ code: 0 });
  });

  it('refuses at once a line that is no token, and an id that holds blanks', async () => {
    const { code, err } = await scene.answer([`j${enter}`, `nonsense${enter}`, ctrlC]);
    expect(code).toBe(130);
    expect(err).toContain('This is not that line');
    expect((await scene.answer([enter, `two words${enter}`, ctrlC])).err).toContain('An id holds no blanks');
  });

  it('takes a placeholder for the secret as it is, and asks for no place', async () => {
    writeFileSync(join(scene.folder, 'mine'), `${sim.clientSecret}\n`, { mode: 0o600 });
    const [kind = '', id = '', , , ...rest] = plainKeys();
    const { code, err } = await scene.answer([kind, id, `\${file:mine}${enter}`, ...rest]);
    expect(code, err).toBe(0);
    expect(scene.read()).toContain('clientSecret: ${file:mine}');
    expect(await type(['config', 'check'], { cwd: scene.folder })).toMatchObject({ code: 0 });
  });

  it('keeps a secret in a file of the user, or anywhere that a placeholder names', async () => {
    const keys = plainKeys();
    const at = (place: string, ...more: string[]) => [...keys.slice(0, 3), place + enter, ...more, ...keys.slice(4)];
    const last = 'k'; // upwards from the first is the last
    expect((await scene.answer(at(last, `nonsense${enter}`, ctrlC))).code).toBe(130);
    const { code, err } = await scene.answer(at(last, `\${vault:secret/sophos#client_secret}${enter}`));
    expect(code, err).toBe(0);
    expect(scene.read()).toContain('clientSecret: ${vault:secret/sophos#client_secret}');
    const file = await scene.answer(at('kk', enter), ['--force']);
    expect(file.code, file.err).toBe(0);
    expect(scene.read()).toContain('clientSecret: ${file:secrets/client-secret}');
  });

  it('ends when the terminal goes away, or the program is told to stop, in the middle of a question', async () => {
    for (const end of ['close', 'abort'] as const) {
      const stdin = Object.assign(new PassThrough(), { isTTY: true });
      const stop = new AbortController();
      const said: string[] = [];
      const stderr = Object.assign(new Writable({ write: (chunk, _encoding, done) => done(void heard(String(chunk))) }), { isTTY: true, columns: 80 });
      const heard = (text: string) => {
        said.push(text);
        // As soon as the second question is shown.
        if (!text.includes('Client id')) return;
        if (end === 'close') stdin.end();
        else setImmediate(() => stop.abort(interrupted()));
      };
      stdin.write(enter);
      const around = { env: scene.hosts, cwd: scene.folder, home: scene.folder, stdin, stdout: stderr, stderr, signal: stop.signal };
      expect({ end, code: await main(['init'], around) }).toEqual({ end, code: 130 });
      expect(said.join('')).toContain('interrupted');
      expect(scene.names()).toEqual([]);
    }
  });

  it('breaks nothing on a terminal of 40 columns', async () => {
    const { code, err } = await type(['init', '--no-color'], { cwd: scene.folder, env: scene.hosts, columns: 40, input: plainKeys().join('') });
    expect(code, err).toBe(0);
  });

  it('says nothing beside the questions with `--quiet`, and JSON where that was asked for', async () => {
    const quiet = await scene.init(['--from-env', '--quiet', '--config', 'a.yaml']);
    expect(quiet).toEqual({ code: 0, out: '', err: '' });
    const json = await scene.init(['--from-env', '--log-format', 'json', '--config', 'b.yaml']);
    for (const line of json.err.trimEnd().split('\n')) expect(() => JSON.parse(line), line).not.toThrow();
  });
});
