import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Plan } from '../../src/config/plan.ts';
import { ConfigProblems, type Problem } from '../../src/config/problems.ts';
import { allRegisters } from '../../src/config/registers.ts';
import { showConfig } from '../../src/config/show.ts';
import type { Origin, StreamRecord } from '../../src/core/types.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'config-mail-'));
});
afterAll(() => rm(folder, { recursive: true }));

const env = { SOPHOS_CLIENT_ID: 'an-id', SOPHOS_CLIENT_SECRET: 'a-secret-value' };

async function load(text: string): Promise<Plan> {
  const file = path.join(folder, 'mail.yaml');
  await writeFile(file, text, { mode: 0o600 });
  return await loadConfig({ file, cwd: folder, env });
}

async function problemsOf(text: string): Promise<readonly Problem[]> {
  const error = await load(text).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof ConfigProblems) return error.problems;
  throw error ?? new Error('nothing was found wrong');
}

const sinkWith = (options: string) => `sinks:\n  mail:\n    type: email\n${options.replace(/^/gm, '    ')}\nroutes:\n  - { from: events, to: mail }\n`;
const base = 'smtp: "smtps://mail:465"\nfrom: sophos@example.com\nto: [soc@example.com]\nevery: 5m';

describe('a sink of type email', () => {
  it('needs server, sender and recipients, and has defaults for the rest', async () => {
    const plan = await load(sinkWith(base));
    expect(plan.routes[0]).toMatchObject({ name: 'mail', everyMs: 300_000 });
    expect(plan.sinks.get('mail')?.options).toMatchObject({
      mode: 'digest',
      html: true,
      maxRecords: 200,
      maxPerHour: 60,
      attach: 'overflow',
      maxSize: 5_000_000,
      timeout: 120_000,
    });
    expect(plan.warnings).toEqual([]);
  });

  it.each([
    ['smtp://mail', 25, false],
    ['smtp://me:word@mail', 587, false],
    ['smtps://mail', 465, true],
    ['smtp://mail:2525', 2525, false],
    ['smtp://[2001:db8::1]:25', 25, false],
  ])('reads %s', async (smtp, port, isTls) => {
    const plan = await load(sinkWith(base.replace('smtps://mail:465', smtp)));
    expect(plan.sinks.get('mail')?.options).toMatchObject({ smtp: { port, isTls } });
  });

  it('shows no password, wherever it stands', async () => {
    for (const text of [base.replace('smtps://mail', 'smtps://me:hunter2-password@mail'), `${base}\nuser: me\npassword: hunter2-password`]) {
      const plan = await load(sinkWith(text));
      expect(showConfig(plan)).not.toContain('hunter2-password');
      expect(plan.plainSecrets).toEqual([text.includes('@mail') ? 'sinks.mail.smtp' : 'sinks.mail.password']);
      expect(showConfig(plan)).toContain('mail:465');
      expect(JSON.stringify(plan.sinks.get('mail')?.options)).not.toContain('hunter2-password');
    }
  });

  it.each([
    ['smtp', 'smtp: "https://hunter2-password@mail"', /expected `smtp:\/\/host`/],
    ['smtp', 'smtp: "mail:25"', /expected `smtp:\/\/host`/],
    ['smtp', 'smtp: "smtp://me:hunter2-password@x@mail"', /%40/],
    ['smtp', 'smtp: "smtp://mail/path?tls=no"', /without path or query/],
    ['smtp', 'smtp: "smtp://me@mail"', /give both/],
    ['user', 'smtp: "smtp://me:hunter2-password@mail"\nuser: me', /stands in the URL already/],
    ['starttls', 'starttls: required', /`smtps:\/\/` is TLS from the start/],
    ['starttls', 'smtp: "smtp://mail"\nstarttls: requird', /required/],
    ['certFile', 'certFile: a.pem', /`certFile` and `keyFile` belong together/],
    ['from', 'from: "sophos"', /expected `user@example.com`/],
    ['from', 'from: "a@example.com\\r\\nBcc: b@example.com"', /expected `user@example.com`/],
    ['to', 'to: []', /names nobody/],
    ['to[1]', 'to: [a@example.com, "a b@example.com"]', /expected `user@example.com`/],
    ['to', 'to: "<a@example.com>, <b@example.com>"', /expected `user@example.com`/],
    ['subject', 'subject: "{tenant.nmae}"', /placeholder `\{tenant.nmae\}` is unknown/],
    ['subject', 'subject: "{everything}"', /placeholder `\{everything\}` is unknown; there are `\{count\}`/],
    ['subject', 'subject: "{count"', /brace/],
    ['maxPerHour', 'maxPerHour: 0', /1/],
    ['attach', 'attach: sometimes', /never/],
    ['maxRecrds', 'maxRecrds: 5', /unknown/],
    ['name', 'name: "host\\r\\nMAIL FROM:<x>"', /host name/],
    ['mode', 'mode: digests', /digest/],
  ])('is told what is wrong with %s: %s', async (key, written, words) => {
    const kept = base.split('\n').filter((line) => !written.split('\n').some((other) => other.startsWith(line.slice(0, line.indexOf(':') + 1))));
    const problems = await problemsOf(sinkWith([...kept, written].join('\n')));
    expect(problems.map((problem) => problem.path)).toContain(`sinks.mail.${key}`);
    const [problem] = problems.filter((each) => each.path === `sinks.mail.${key}`);
    expect(`${problem?.message} ${problem?.suggestion}`).toMatch(words);
    expect(problem?.line).toBeGreaterThan(3);
    expect(JSON.stringify(problems)).not.toContain('hunter2-password');
  });

  it('takes every placeholder of its subject', async () => {
    const all = [
      'count',
      'records',
      'severity',
      'type',
      'group',
      'name',
      'host',
      'user',
      'stream',
      'route',
      'tenant.id',
      'tenant.name',
      'tenant.label.site',
      'date',
    ];
    await load(sinkWith(`${base}\nsubject: "${all.map((one) => `{${one}}`).join(' ')}"`));
  });

  it('stands in the JSON Schema', async () => {
    const text = JSON.stringify(configSchema(await allRegisters()));
    for (const word of ['"email"', '"maxPerHour"', '"pua-mail"', '"light"']) expect(text).toContain(word);
  });
});

describe('presets', () => {
  const origin: Origin = { stream: 'events', tenant: { id: 't', name: 't', labels: {} } };
  const of = (type: string, severity = 'low'): StreamRecord => {
    const json = JSON.stringify({ type, severity });
    return { seq: 1, key: 'k', time: 0, fetchedAt: 0, json, utf8: Buffer.from(json) };
  };
  const routed = (more: string) => `sinks: { out: { type: stdout } }\nroutes:\n  - { from: events, to: out, ${more} }\n`;

  it('`pua-mail` takes detections of unwanted applications, and nothing else of them', async () => {
    const { where } = (await load(routed('preset: pua-mail'))).routes[0] ?? {};
    const takes = (type: string) => where?.test(of(type), origin);
    for (const type of [
      'Threat::PuaDetected',
      'HmpaPuaDetected',
      'CorePuaDetection',
      'CorePuaRemoteDetection',
      'HomePuaRemnantsDetected',
      'NewPuaCloudDetection',
    ])
      expect([type, takes(`Event::Endpoint::${type}`)]).toEqual([type, true]);
    for (const type of ['Threat::PuaCleanupFailed', 'CorePuaClean', 'Threat::PuaDismissed', 'HomePuaRemnantsDeleted', 'Threat::Detected', 'CoreDetection'])
      expect([type, takes(`Event::Endpoint::${type}`)]).toEqual([type, false]);
  });

  it('hold beside a `where`, whatever stands in that', async () => {
    const { where } = (await load(routed(`preset: pua-mail, where: 'severity == "high" or type == "X"'`))).routes[0] ?? {};
    expect(where?.test(of('Event::Endpoint::CorePuaDetection', 'high'), origin)).toBe(true);
    expect(where?.test(of('Event::Endpoint::CorePuaDetection', 'low'), origin)).toBe(false);
    expect(where?.test(of('X', 'high'), origin)).toBe(false);
    expect(where?.paths).toEqual(['type', 'severity']);
  });

  it.each([
    [routed('preset: pua-mial'), 'routes[0].preset', 3, /pua-mail/],
    [`streams:\n  events: { preset: lite }\n${routed('format: raw')}`, 'streams.events.preset', 2, /light/],
    [`streams:\n  siem-alerts: { preset: light }\n${routed('format: raw').replace('events', 'siem-alerts')}`, 'streams.siem-alerts.preset', 2, /unknown/],
  ])('that are misspelt are told with their line: %#', async (text, at, line, words) => {
    const [problem] = await problemsOf(text);
    expect(problem).toMatchObject({ path: at, line });
    expect(`${problem?.message} ${problem?.suggestion}`).toMatch(words);
  });
});
