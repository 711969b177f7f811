/** What `config schema` prints is for editors: it must be right, say everything, and never complain about what the reader of the file takes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/json-schema.ts';
import { allRegisters } from '../../src/config/registers.ts';
import { secrets } from '../../src/config/secrets/section.ts';
import { account, action, defaults, intelix, journal, log, route, tenants } from '../../src/config/sections.ts';
import { jsonSchemaOf, z } from '../../src/core/schema.ts';
import { readPages } from '../docs/pages.ts';
import { registers } from './kinds.ts';
import { complaintsOf, type Node, propertiesOf } from './schema-reader.ts';

const small = configSchema(registers) as Node;
const everything = await allRegisters();
const whole = JSON.parse(JSON.stringify(configSchema(everything))) as Node;
const properties = propertiesOf(whole);

describe('the JSON Schema', () => {
  const right = [
    '{}',
    'central: { clientId: a, clientSecret: b, rateLimits: { second: 5 } }',
    'accounts: { acme: { clientId: a, clientSecret: b } }',
    'streams: { events: { every: 60s, since: 12h }, siem-alerts: {} }',
    'sinks: { s: { type: splunk-hec, url: "https://a", token: t, every: 5m }, f: { type: file, path: x } }',
    'routes: [{ from: "*", to: s }, { from: [events], to: s, name: n, format: raw, where: "a == 1" }, { from: events, to: s, format: { type: dressed, convertDhost: false } }]',
    'journal: { keep: 24h, whenFull: drop }\nlog: { level: info }\nstate: x\ntenants: { labels: { "A*": { index: acme } } }',
  ];
  const wrong = [
    'streems: {}',
    'central: { clientID: a }',
    'streams: { evnets: {} }',
    'streams: { events: { evry: 60s } }',
    'streams: { events: { every: 60 } }',
    'streams: { events: { every: soon } }',
    'sinks: { s: { type: nothing } }',
    'sinks: { s: { path: x } }',
    'sinks: { s: { type: file, path: x, token: t } }',
    'sinks: { s: { type: file } }',
    'routes: [{ to: s }]',
    'routes: [{ from: a, to: s, format: nothing }]',
    'routes: [{ from: a, to: s, format: { type: dressed, convertDhst: true } }]',
    'routes: []',
    'journal: { maxSize: 5 bananas }',
    'log: { level: loud }',
    'http: { listen: "a:1" }',
    'central: { siemTokens: x }',
  ];

  it.each(right)('takes %s', (text) => {
    expect(complaintsOf(small, parse(text))).toEqual([]);
  });

  it.each(wrong)('refuses %s', (text) => {
    expect(complaintsOf(small, parse(text))).not.toEqual([]);
  });

  it('speaks of one kind of sink only: of that which is written', () => {
    expect(complaintsOf(small, parse('sinks: { s: { type: file, pth: x } }'))).toEqual(['/sinks/s/path is missing', '/sinks/s/pth is not allowed']);
    const sinks = (small.properties as Node).sinks as { readonly additionalProperties: Node };
    const { type } = sinks.additionalProperties.properties as { readonly type: Node };
    expect((type.anyOf as Node[])[0]?.enum).toEqual(['stdout', 'file', 'splunk-hec']);
  });

  it('takes a placeholder wherever the reader of the file takes a text, and no other text there', () => {
    const held = properties.filter(({ schema }) => Array.isArray(schema.anyOf) && schema.anyOf.some((one) => (one as Node).pattern === '\\$\\{'));
    expect(held.length).toBeGreaterThan(60);
    for (const { path: at, schema } of held) {
      for (const text of ['${env:X}', 'a${file:x y}z', '${vault:a/b#c}']) expect(complaintsOf(schema, text), `${at} ${JSON.stringify(schema)}`).toEqual([]);
    }
    const bound = properties.filter(
      ({ schema }) => schema.pattern !== undefined || (Array.isArray(schema.enum) && schema.enum.some((one) => typeof one === 'string')),
    );
    expect(bound.map(({ path: at }) => at)).toEqual([]);
    expect(complaintsOf(whole, parse('sinks: { s: { type: "${env:KIND}", anything: 1 } }\nlog: { level: "${env:LEVEL}" }'))).toEqual([]);
    expect(complaintsOf(whole, parse('central: { timeoutMs: "${env:N}" }')), 'a number is no text').not.toEqual([]);
  });

  it('takes sections with nothing in them, as the reader does', () => {
    const text = `${Object.keys(whole.properties as Node)
      .map((key) => `${key}:`)
      .join('\n')}\n`;
    expect(complaintsOf(whole, parse(text))).toEqual([]);
    expect(complaintsOf(whole, parse('streams:\n  events:\n  alerts:\n'))).toEqual([]);
  });
});

describe('every property of the JSON Schema', () => {
  it('has a description that is a sentence', () => {
    expect(properties.length).toBeGreaterThan(350);
    const wordless = properties.filter(({ schema: { description } }) => typeof description !== 'string' || !/^[A-Z`].{5,}[^.\s]$/.test(description));
    expect(wordless.map(({ path: at, schema }) => `${at}: ${String(schema.description)}`)).toEqual([]);
  });

  it('has an example, a default, a closed set of values, or properties of its own', () => {
    const isTold = (schema: unknown): boolean => {
      const { examples, default: usual, enum: values, type, properties: inner, anyOf } = schema as Node;
      return (
        (Array.isArray(examples) && examples.length > 0) ||
        usual !== undefined ||
        values !== undefined ||
        inner !== undefined ||
        type === 'boolean' ||
        type === 'integer' ||
        (Array.isArray(anyOf) && anyOf.some(isTold))
      );
    };
    // Of the name of a kind, the set stands beside, where the kinds are told apart.
    expect(properties.filter(({ path: at, schema }) => !isTold(schema) && !at.endsWith('.type')).map(({ path: at }) => at)).toEqual([]);
  });

  it('takes its own examples, and its own default', () => {
    let count = 0;
    for (const { path: at, schema } of properties) {
      for (const example of [...((schema.examples as unknown[] | undefined) ?? []), ...(schema.default === undefined ? [] : [schema.default])]) {
        expect(complaintsOf(schema, example), `${at}: ${JSON.stringify(example)}`).toEqual([]);
        count++;
      }
    }
    expect(count).toBeGreaterThan(250);
  });

  it('is read by the product itself with its examples', () => {
    const parts: [string, z.ZodType][] = [
      ...[...everything.streams, ...everything.sinks, ...everything.formats].map(({ name, options }): [string, z.ZodType] => [name, options as z.ZodType]),
      ['central', account],
      ['tenants', tenants],
      ['route', route],
      ['defaults', defaults],
      ['journal', journal],
      ['log', log],
      ['action', action],
      ['intelix', intelix],
      ['secrets', secrets],
    ];
    const wrong = parts.flatMap(([name, schema]) => examplesOf(schema, name));
    expect(wrong).toEqual([]);
  });

  it('tells the default of whatever has one', () => {
    for (const { name, options } of [...everything.streams, ...everything.sinks, ...everything.formats]) {
      if (!(options instanceof z.ZodType)) continue;
      const shape = jsonSchemaOf(options) as Node;
      const least = leastOf(shape);
      const outcome = options.parse(least) as object;
      const keys = Object.entries(outcome).filter(([key, value]) => value !== undefined && !Object.hasOwn(least, key));
      for (const [key] of keys) expect((shape.properties as { [key: string]: Node })[key]?.default, `${name}.${key}`).toBeDefined();
    }
  });

  it('names limits of numbers, durations and sizes', () => {
    const at = (wanted: string) => properties.find(({ path: one }) => one === wanted)?.schema ?? {};
    expect(at('.streams.alerts.days')).toMatchObject({ minimum: 1, maximum: 90, default: 1 });
    expect(at('.streams.events.since').description).toMatch(/\(at most 1d\)$/);
    expect(at('.streams.events.every')).toMatchObject({ default: '1m', description: expect.stringContaining('at least 1s') });
    expect(at('.sinks.*(email).maxSize').description).toMatch(/\(at least 10KB\)$/);
    expect(JSON.stringify(whole)).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  it('that is a secret says so, and its example is a placeholder', () => {
    const secrets = properties.filter(({ schema }) => schema.writeOnly === true);
    expect(secrets.length).toBeGreaterThan(15);
    for (const { path: at, schema } of secrets) expect(String((schema.examples as unknown[])[0]), at).toMatch(/\$\{(env|file):/);
  });
});

/** What a schema itself says against the examples of its own keys, those below included. */
function examplesOf(schema: z.ZodType, at: string): readonly string[] {
  const shape = (schema as unknown as { readonly shape?: Record<string, z.ZodType> }).shape ?? {};
  return Object.entries(shape).flatMap(([key, one]) => {
    const { examples = [], properties: inner } = jsonSchemaOf(one) as { readonly examples?: unknown[]; readonly properties?: Node };
    const open = inner === undefined ? one : (one as unknown as { unwrap?(): z.ZodType }).unwrap?.();
    const deeper = inner !== undefined && open ? examplesOf(open, `${at}.${key}`) : [];
    // What a placeholder stands for is somebody's secret; that it is a text suffices.
    const wrong = examples.filter((example) => !JSON.stringify(example).includes('${') && !one.safeParse(example).success);
    return [...wrong.map((example) => `${at}.${key}: ${JSON.stringify(example)}`), ...deeper];
  });
}

/** The least that can be said: what is required, with its examples. */
function leastOf({ properties: inner = {}, required = [] }: Node): Node {
  return Object.fromEntries(
    (required as string[]).map((key) => {
      const { examples, enum: values, anyOf } = (inner as { [key: string]: Node })[key] ?? {};
      const [first] = (anyOf as Node[] | undefined) ?? [];
      return [key, [examples, values, first?.examples].flatMap((one) => (Array.isArray(one) ? [one[0] as unknown] : []))[0]];
    }),
  );
}

describe('the JSON Schema, to validators that others wrote', () => {
  const page = readPages().filter(({ path: at }) => at.startsWith('docs/') || at === 'README.md');
  const shown = page.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'yaml'));
  const known = Object.keys(whole.properties as Node);
  const configurations = shown
    .map(({ text, page: at, line }) => ({ at: `${at}:${line}`, tree: parse(text) as unknown }))
    .filter(({ tree }) => typeof tree === 'object' && tree !== null && Object.keys(tree).length > 0 && Object.keys(tree).every((key) => known.includes(key)));

  it('takes every configuration that the pages show', () => {
    expect(configurations.length).toBeGreaterThan(15);
    for (const { at, tree } of configurations) expect(complaintsOf(whole, tree), at).toEqual([]);
  });

  it('has patterns that every dialect of regular expressions reads alike', () => {
    const patterns = [...JSON.stringify(whole).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) => JSON.parse(text) as string);
    expect(patterns.length).toBeGreaterThan(10);
    for (const one of patterns) expect(() => new RegExp(one, 'u'), one).not.toThrow();
  });

  it('is valid itself, and says the same as ours', (context) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'schema-'));
    try {
      writeFileSync(path.join(folder, 'schema.json'), JSON.stringify(whole));
      const wrong = [
        { streems: {} },
        { log: { level: 'loud' } },
        { sinks: { s: { type: 'file', pth: 'x' } } },
        { routes: [{ from: 'a', to: 'b', format: { type: 'leef', x: 1 } }] },
      ];
      writeFileSync(path.join(folder, 'right.json'), JSON.stringify(configurations.map(({ tree }) => tree)));
      writeFileSync(path.join(folder, 'wrong.json'), JSON.stringify(wrong));
      writeFileSync(path.join(folder, 'check.py'), python);
      let said = '';
      try {
        said = execFileSync('python3', ['check.py'], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      } catch (error) {
        const stderr = String((error as { readonly stderr?: unknown }).stderr ?? error);
        if (!/ENOENT|No module named|cannot import name/.test(stderr)) throw error;
        context.skip('no python3 with jsonschema 4 here');
      }
      expect(said.trim().split('\n')).toEqual([
        'valid',
        '[]',
        JSON.stringify(wrong.map(() => false))
          .replaceAll(',', ', ')
          .replaceAll('false', 'False'),
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is what `config schema` promises to editors: one document, with the draft it is written in', () => {
    expect(whole.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(JSON.stringify(whole)).not.toContain('$ref');
    expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toContain('yaml-language-server: $schema=');
  });
});

const python = `import json
from jsonschema import Draft202012Validator
read = lambda name: json.load(open(name, encoding="utf-8"))
schema = read("schema.json")
Draft202012Validator.check_schema(schema)
print("valid")
judge = Draft202012Validator(schema)
print([error.message for one in read("right.json") for error in judge.iter_errors(one)])
print([judge.is_valid(one) for one in read("wrong.json")])
`;
