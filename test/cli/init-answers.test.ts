/** `--answers`: what is taken from a file, and what is wrong with one, by line and column. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { openScene, type Scene } from './init-scene.ts';
import { type } from './terminal.ts';

let sim: RunningSimulator;
let scene: Scene;
beforeAll(async () => {
  sim = await startSimulator({ account: 'partner', tenants: 3, tenantNames: ['Acme', 'Trial One'] });
});
afterAll(() => sim.close());
beforeEach(() => {
  scene = openScene(sim);
});
afterEach(() => scene.remove());

async function given(text: string, options: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  writeFileSync(join(scene.folder, 'answers.yaml'), text);
  return await scene.init(['--answers', 'answers.yaml', ...options], { env: { ...scene.env, ...env } });
}

describe('a file of answers', () => {
  it('may be empty: then everything is as if Enter had been pressed', async () => {
    const { code, err } = await given('');
    expect(code, err).toBe(0);
    const asked = scene.read();
    expect((await scene.init(['--from-env', '--force'])).code).toBe(0);
    expect(scene.read()).toBe(asked);
  });

  it('says everything that the questions ask for', async () => {
    const { code, err } = await given(
      `central: { clientId: "\${env:MY_ID}", clientSecret: "\${env:MY_SECRET}", timeoutMs: 30000 }
tenants: { exclude: ["Trial *"] }
streams: [events, alerts, endpoints]
sinks:
  splunk: { type: splunk-hec, url: "${sim.hecUrl}", token: "\${env:HEC}", format: cim }
  files: { type: file, path: "x/{stream}.log", format: { type: siem-cef, convertDhost: false } }
keep: container
`,
      [],
      { MY_ID: sim.clientId, MY_SECRET: sim.clientSecret, HEC: sim.hecToken },
    );
    expect(code, err).toBe(0);
    expect(err).toContain('splunk: ');
    expect(err).toContain('taken by the far end');
    expect(err).toContain('docker run');
    const text = scene.read();
    expect(text).toContain('clientSecret: ${env:MY_SECRET}');
    expect(text).not.toContain(sim.hecToken);
    const env = { MY_ID: sim.clientId, MY_SECRET: sim.clientSecret, HEC: sim.hecToken };
    expect(await type(['config', 'check'], { cwd: scene.folder, env })).toMatchObject({
      code: 0,
      out: expect.stringContaining('3 streams, 2 sinks, 2 routes'),
    });
  });

  it('may be JSON, and may come from standard input', async () => {
    const { code, err } = await given('{"streams": ["events"], "sinks": {"a": {"type": "file", "path": "a.log", "format": "cef"}}}');
    expect(code, err).toBe(0);
    expect(scene.read()).toContain('format: cef');
    const piped = await type(['init', '--answers', '-', '--dry-run'], { cwd: scene.folder, env: scene.env });
    expect(piped.code, piped.err).toBe(0);
  });

  it('writes nothing when a sink does not take the test record', async () => {
    const { code, err } = await given(`sinks: { splunk: { type: splunk-hec, url: "${sim.hecUrl}", token: "\${env:HEC}" } }`, [], { HEC: 'wrong-token' });
    expect(code, err).not.toBe(0);
    expect(scene.names()).toEqual(['answers.yaml']);
    expect((await given(`sinks: { splunk: { type: splunk-hec, url: "${sim.hecUrl}", token: "\${env:HEC}" } }`, ['--no-check'])).code).toBe(0);
  });

  it('does not go with `--from-env`, and has to be there', async () => {
    expect(await scene.init(['--from-env', '--answers', 'x.yaml'])).toMatchObject({ code: 2, err: expect.stringContaining('exclude each other') });
    expect(await scene.init(['--answers', 'x.yaml'])).toMatchObject({ code: 2, err: expect.stringContaining('x.yaml does not exist') });
  });
});

/** The file, the place of its mistake, and words of the message. */
const wrong: readonly (readonly [text: string, place: string, says: RegExp])[] = [
  ['streems: [events]', '1:1', /`streems` is unknown.*streams/],
  ['streams: [evnts]', '1:11', /`evnts` is unknown.*`events`/],
  ['streams: [events, endpoint]', '1:19', /`endpoint` is unknown.*`endpoints`/],
  ['streams: []', '1:10', /names no stream/],
  ['streams: { events: {} }', '1:10', /expected a list/],
  ['sinks: {}', '1:8', /names no sink/],
  ['sinks: [file]', '1:8', /expected keys and values/],
  ['sinks:\n  a: { path: x }', '2:3', /`type` is missing/],
  ['sinks:\n  a: { type: splunk }', '2:14', /`splunk` is unknown.*`splunk-hec`/],
  ['sinks:\n  a: { type: file }', '2:3', /`path` is missing/],
  ['sinks:\n  a: { type: file, path: "x/{tenant.nam}" }', '2:', /tenant\.nam/],
  ['sinks:\n  a: { type: file, path: x, format: jason }', '2:37', /`jason` is unknown.*`json`/],
  ['sinks:\n  a: { type: file, path: x, format: { type: jason } }', '2:45', /`jason` is unknown/],
  ['sinks:\n  a: { type: file, path: x, format: { type: siem-cef, dhost: no } }', '2:55', /`dhost` is unknown/],
  ['sinks:\n  a: { type: file, path: x, format: 7 }', '2:37', /expected the name of a format/],
  ['sinks:\n  "a b": { type: file, path: x }', '2:3', /name must be letters/],
  ['sinks:\n  a: { type: splunk-hec, url: "https://a", token: as-it-is }', '2:51', /a secret must not stand in the answers.*\$\{env:/],
  ['central: { clientId: a, clientSecret: as-it-is }', '1:39', /a secret must not stand in the answers/],
  ['central: { clientId: a, clientSecret: "${env:NOT_SET}" }', '1:40', /`NOT_SET` is not set/],
  ['central: { clientID: a }', '1:12', /`clientID` is unknown.*`clientId`/],
  ['central: { authUrl: nowhere }', '1:21', /expected a URL/],
  ['central: 5', '1:10', /expected/],
  ['tenants: { include: [] }', '1:21', /includes no tenant/],
  ['tenants: { only: [a] }', '1:12', /`only` is unknown/],
  ['keep: systemctl', '1:7', /`systemd`/],
  ['routes: []', '1:1', /`routes` is unknown/],
  ['sinks: { a: { type: file, path: x }', '1:', /not YAML/],
  ['__proto__: { a: 1 }', '1:1', /a key must be a plain text/],
  ['- a\n- b', '1:1', /expected keys and values/],
];

describe('a mistake in a file of answers', () => {
  it.each(wrong)('%s', async (text, place, says) => {
    const { code, out, err } = await given(text);
    expect({ code, out }, err).toEqual({ code: 2, out: '' });
    expect(err).toContain(`answers.yaml:${place}`);
    expect(err).toMatch(says);
    expect(err).not.toContain('as-it-is');
    expect(scene.names()).toEqual(['answers.yaml']);
  });

  it('is told with all others at once', async () => {
    const { err } = await given('streams: [evnts]\nkeep: never\nsinks: { a: { type: fil, path: x } }');
    expect(err).toContain('3 mistakes');
  });
});
