import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { router } from '../../src/simulator/routes/index.ts';

interface Call {
  readonly group: string;
  readonly method: string;
  readonly path: string;
}

const calls = JSON.parse(readFileSync(new URL('../fixtures/central-calls.json', import.meta.url), 'utf8')) as readonly Call[];
const mine = calls.filter(({ group }) => /^(Common|Endpoint) API/.test(group));

describe('the router', () => {
  test('knows the 327 public calls as facts', () => {
    expect(calls).toHaveLength(327);
    expect(mine.length).toBe(149);
  });

  test.each(mine.map(({ method, path }) => [method, path] as const))('serves %s %s', (method, path) => {
    const asked = path.replace(/\{[^}]+\}/g, (name, at: number) => (name === '{policyType}' ? 'web-control' : `x${at}`));
    expect(router.find(method, asked)?.route.path).toBe(path);
  });

  test('hands over what stands in the placeholders, and knows no other method', () => {
    expect(router.find('GET', '/endpoint/v1/policies/web-control/base/settings/a%2Fb')?.ids).toEqual({ policyType: 'web-control', settingKey: 'a/b' });
    expect(router.find('GET', '/endpoint/v1/endpoint-groups/types/server')?.ids).toEqual({ groupType: 'server' });
    expect(router.find('PUT', '/endpoint/v1/endpoints')).toBeNull();
  });
});
