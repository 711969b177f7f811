import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { configSchema } from '../../src/config/json-schema.ts';
import { registers } from './kinds.ts';

type Node = { readonly [key: string]: unknown };
const schema = configSchema(registers) as Node;

/** A reader of JSON Schema that we did not write. */
const reader = z.fromJSONSchema(JSON.parse(JSON.stringify(schema)));

describe('the JSON Schema', () => {
  it('takes right configurations and refuses wrong ones', () => {
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
      'sinks: { s: { type: nothing } }',
      'sinks: { s: { path: x } }',
      'sinks: { s: { type: file, path: x, token: t } }',
      'routes: [{ to: s }]',
      'routes: [{ from: a, to: s, format: nothing }]',
      'log: { level: loud }',
      'http: { listen: "a:1" }',
      'central: { siemTokens: x }',
    ];
    for (const text of right) expect(reader.safeParse(parse(text)).error, text).toBeUndefined();
    for (const text of wrong) expect(reader.safeParse(parse(text)).success, text).toBe(false);
  });

  it('describes every key', () => {
    const silent: string[] = [];
    const walk = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries((node as Node).properties ?? {})) {
        if (typeof (value as Node).description !== 'string') silent.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
      for (const inner of ['additionalProperties', 'items']) walk((node as Node)[inner], `${path}.*`);
      for (const branch of ['oneOf', 'anyOf']) ((node as Node)[branch] as unknown[] | undefined)?.forEach((one, i) => void walk(one, `${path}[${i}]`));
    };
    walk(schema, '');
    expect(silent).toEqual([]);
  });

  it('offers each type of sink with its own keys', () => {
    const sinks = ((schema.properties as Node).sinks as Node).additionalProperties as Node;
    const named = (sinks.oneOf as Node[]).map((one) => [one.title, ((one.properties as Node).type as Node).const]);
    expect(named).toEqual([
      ['stdout', 'stdout'],
      ['file', 'file'],
      ['splunk-hec', 'splunk-hec'],
    ]);
  });

  it('marks secrets', () => {
    expect(JSON.stringify(((schema.properties as Node).central as Node).properties)).toMatch(/"clientSecret":\{[^}]*"writeOnly":true/);
  });
});
