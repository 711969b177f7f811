/** Answers to a configuration: whatever is chosen from the registers, what is written is in order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { textOfDraft } from '../../src/cli/draft.ts';
import { budgetText } from '../../src/cli/init/account-text.ts';
import { type Answers, allTenants, fromEnv, keeps, placeholdersIn, type SinkAnswer, usualKeep, usualSink, variableFor } from '../../src/cli/init/answers.ts';
import { draftOf, freeName } from '../../src/cli/init/draft-of.ts';
import { keepings, keepingText } from '../../src/cli/init/keeping.ts';
import { complaintOf, questionsOf, readTyped, usualFormatOf } from '../../src/cli/init/sink-options.ts';
import { loadConfig } from '../../src/config/load.ts';
import { allRegisters } from '../../src/config/registers.ts';
import type { Tree } from '../../src/config/source.ts';
import { formats } from '../../src/formats/index.ts';
import { sinks } from '../../src/sinks/index.ts';
import { streams } from '../../src/streams/index.ts';

const registers = await allRegisters();

/** What a person would type where the schema shows no example. */
const typedFor: Readonly<Record<string, string>> = {
  bucket: 'sophos-records',
  region: 'eu-central-1',
  dcrImmutableId: 'dcr-00000000000000000000000000000000',
  tenantId: '00000000-0000-4000-8000-000000000000',
  clientId: '00000000-0000-4000-8000-000000000000',
  accessKeyId: 'AKIDEXAMPLE',
  smtp: 'smtps://mail.example.com:465',
  from: 'Sophos Central <sophos@example.com>',
  to: 'soc@example.com, it@example.com',
};

/** The options of a sink as the questions make them, with everything answered that has to be. */
function answered(type: string, name: string): { readonly [key: string]: Tree } {
  const kind = sinks.find((each) => each.name === type);
  if (!kind) throw new Error(`there is no sink ${type}`);
  const options: { [key: string]: Tree } = {};
  for (const { key, isRequired, isSecret, usual, example } of questionsOf(kind)) {
    if (!isRequired) continue;
    options[key] = isSecret ? fromEnv(variableFor(name, key)) : readTyped(kind, key, usual ?? example ?? typedFor[key] ?? `no example of ${type}.${key}`);
  }
  return options;
}

const sinkOf = (type: string, format: Tree, others: readonly { readonly name: string }[] = []) => {
  const name = freeName(type, others);
  return { name, type, options: answered(type, name), format };
};

const central = { clientId: 'someone', clientSecret: '${env:SOPHOS_CLIENT_SECRET}' };
const base: Answers = { central, tenants: allTenants, streams: ['events'], sinks: [usualSink], keep: usualKeep };

async function load(answers: Answers, change: (text: string) => string = (text) => text) {
  const text = change(textOfDraft(draftOf(answers, { registers, schema: './x.json', tenantNames: new Map([['id', 'a\nname: {']]) })));
  const env = Object.fromEntries(placeholdersIn(answers, 'env').map((name) => [name, '00000000-0000-4000-8000-000000000001']));
  return await loadConfig({ text, file: '/nowhere/sophos-central.yaml', cwd: '/nowhere', env });
}

describe('answers', () => {
  it('become a configuration without a mistake, for every sink with every format', async () => {
    for (const { name: type } of sinks)
      for (const { name: format } of formats) {
        const plan = await load({ ...base, sinks: [sinkOf(type, format)] });
        expect([...plan.sinks.values()].map(({ kind }) => kind.name)).toEqual([type]);
        expect(plan.routes.map((route) => route.format.kind.name)).toEqual([format]);
        expect(plan.warnings).toEqual([]);
        expect(plan.plainSecrets).toEqual([]);
      }
  });

  it('become a configuration without a mistake, whatever is chosen together', async () => {
    const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
    const choice = fc.record({
      streams: some(streams.map(({ name }) => name)),
      types: some(sinks.map(({ name }) => name)),
      format: fc.constantFrom(...formats.map(({ name }) => name)),
      include: fc.array(
        fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('${')),
        { minLength: 1 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(choice, async ({ streams: names, types, format, include }) => {
        const chosen: SinkAnswer[] = [];
        for (const type of types) chosen.push(sinkOf(type, format, chosen));
        const plan = await load({ ...base, streams: names, sinks: chosen, tenants: { include, exclude: [] } });
        expect(plan.streams.map(({ kind }) => kind.name).sort()).toEqual([...names].sort());
        expect(plan.tenants.include).toEqual(include);
        expect(plan.sinks.size).toBe(types.length);
      }),
      { numRuns: 60 },
    );
  });

  it('are shown with examples that hold when their `#` is taken away', async () => {
    const plan = await load(base, (text) => text.replace(/^# (?=tenants:|journal:|log:)/gm, ''));
    expect(plan.tenants.exclude).toEqual(['Trial *']);
    const text = textOfDraft(draftOf(base, { registers, schema: null }));
    const more = [...text.matchAll(/^# Below `(\w+)`.*\n((?:# {3}.*\n?)+)/gm)];
    expect(more.map(([, section]) => section)).toEqual(['central', 'streams', 'routes']);
    const whole = more.reduce((body, [, section = '', lines = '']) => {
      const own = lines.replace(/^# /gm, '');
      return body.replace(new RegExp(`^(${section}:\\n(?:(?:  .*)\\n)*)`, 'm'), `$1${own.trimEnd()}\n`);
    }, text);
    const plan2 = await load(base, () => whole);
    expect(plan2.streams.map(({ kind }) => kind.name)).toContain('alerts');
    expect(plan2.routes.map(({ name }) => name)).toContain('urgent');
  });

  it('have comments that no terminal of 80 columns breaks, in YAML that says the same to everybody', () => {
    const text = textOfDraft(
      draftOf({ ...base, streams: streams.map(({ name }) => name), sinks: sinks.map(({ name }) => sinkOf(name, 'json')) }, { registers, schema: null }),
    );
    expect(text.split('\n').filter((line) => /^\s*#/.test(line) && line.length > 80)).toEqual([]);
    expect(parse(text)).toMatchObject({ routes: expect.any(Array) });
  });
});

describe('the questions about a sink', () => {
  it('are read from its schema, and ask for all that it cannot do without', () => {
    const required = Object.fromEntries(sinks.map((kind) => [kind.name, questionsOf(kind).flatMap(({ key, isRequired }) => (isRequired ? [key] : []))]));
    expect(required).toMatchObject({
      stdout: [],
      file: ['path'],
      'splunk-hec': ['url', 'token'],
      syslog: ['address'],
      email: ['smtp', 'from', 'to'],
      s3: ['bucket'],
    });
    expect(questionsOf(sinks.find(({ name }) => name === 'syslog') ?? (sinks[0] as never)).find(({ key }) => key === 'preset')?.choices).toContain('qradar');
  });

  it('offer a format that there is', () => {
    const names = formats.map(({ name }) => name);
    for (const { name } of sinks) for (const preset of ['', 'qradar', 'rsyslog', 'wazuh']) expect(names).toContain(usualFormatOf(name, { preset }));
    expect(usualFormatOf('syslog', { preset: 'qradar' })).toBe('leef');
  });

  it('refuse at once what the schema refuses, in its words', () => {
    const [hec, mail] = ['splunk-hec', 'email'].map((type) => sinks.find(({ name }) => name === type));
    if (!hec || !mail) throw new Error('both are there');
    expect(complaintOf(hec, { url: 'splunk' }, 'url')).toMatch(/https:\/\/host:8088/);
    expect(complaintOf(hec, { url: 'https://splunk:8088' }, 'url')).toBeUndefined();
    expect(complaintOf(hec, { url: '${env:URL}' }, 'url')).toBeUndefined();
    expect(readTyped(mail, 'to', 'a@example.com, b@example.com')).toEqual(['a@example.com', 'b@example.com']);
    expect(readTyped(mail, 'to', 'A, B <a@example.com>')).toBeDefined();
  });
});

describe('the texts that keep it running', () => {
  const kept = {
    file: '/etc/my conf/100%/sophos-central.yaml',
    program: ['/usr/bin/node', "/opt/it's/bin.js"],
    user: 'sophos',
    variables: ['SOPHOS_CLIENT_SECRET'],
    credentials: ['hec'],
  };

  it('are there for every way, and name the configuration', () => {
    expect(keepings.map(({ keep }) => keep)).toEqual([...keeps]);
    for (const keep of keeps) if (keep !== 'none') expect(keepingText(keep, kept)).toContain('sophos-central.yaml');
    expect(keepingText('none', kept)).toBe('');
  });

  it('escape what the reader of each would act upon', () => {
    expect(keepingText('systemd', kept)).toContain('--config "/etc/my conf/100%%/sophos-central.yaml"');
    expect(keepingText('systemd', kept)).toContain('LoadCredential=hec:/etc/credstore/hec');
    const [, line = ''] = /^(\*\/5 .*)$/m.exec(keepingText('cron', kept)) ?? [];
    expect(line).toContain("'/etc/my conf/100\\%/sophos-central.yaml'");
    expect(line.replaceAll('\\%', '')).not.toContain('%');
    expect(keepingText('windows', kept)).toContain("it''s");
  });
});

describe('the budget', () => {
  const kinds = [
    { name: 'events', everyMs: 60_000 },
    { name: 'siem-alerts', everyMs: 60_000 },
  ];
  it('is reckoned as the service reckons it', () => {
    expect(budgetText({ callsPerHour: 1_000 }, 1, kinds)).toContain('That fits');
    expect(budgetText({ callsPerHour: 1_000 }, 25, kinds)).toContain('3,000 calls an hour; 1,000 are allowed');
    expect(budgetText({ callsPerHour: 1_000 }, 25, kinds)).toMatch(/about every 4 min, instead of every 1m/);
    expect(budgetText({ callsPerHour: 1_000 }, 10_000, kinds)).toMatch(/every \d+ h/);
  });
});
