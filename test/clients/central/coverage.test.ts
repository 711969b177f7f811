/** Every call of the public API has a function, or a reason why it has none. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Forms } from '../../../src/clients/central/bound.ts';
import { knownCalls, refusedCalls } from '../../../src/clients/central/calls.ts';
import { organizationForms, partnerForms, tenantForms } from '../../../src/clients/central/resources/index.ts';

interface PublicCall {
  readonly group: string;
  readonly method: string;
  readonly path: string;
  readonly host: 'identity' | 'global' | 'data-region';
}

const published: readonly PublicCall[] = JSON.parse(readFileSync(fileURLToPath(new URL('../../fixtures/central-calls.json', import.meta.url)), 'utf8'));
const known = knownCalls();

/** Whatever the placeholders are called. */
const told = ({ method, path }: { readonly method: string; readonly path: string }) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`;

describe('the public API', () => {
  it('has 327 calls', () => {
    expect(published).toHaveLength(327);
  });

  it('is covered, or refused by name and with a reason', () => {
    const served = new Set([...known, ...refusedCalls].map(told));
    const missing = published.filter((call) => !served.has(told(call))).map((call) => `${call.group}: ${told(call)}`);
    expect(missing).toEqual([]);
  });

  it('is refused in at most 15 calls, each of which there is, has a reason and no function', () => {
    expect(refusedCalls.length).toBeLessThanOrEqual(15);
    const there = new Set(published.map(told));
    const served = new Set(known.map(told));
    for (const refused of refusedCalls) {
      expect(there).toContain(told(refused));
      expect(served).not.toContain(told(refused));
      expect(refused.why.length).toBeGreaterThan(20);
    }
  });

  it('is all that we call', () => {
    const there = new Set(published.map(told));
    expect(known.filter((call) => !there.has(told(call))).map(({ name, path }) => `${name}: ${path}`)).toEqual([]);
  });

  it('is called in one way by each who may', () => {
    const ways = known.map((call) => `${call.name.split('.', 1)[0]} ${told(call)}`);
    expect(ways.filter((way, i) => ways.indexOf(way) !== i)).toEqual([]);
    const names = known.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('is asked at the host that it names', () => {
    const hosts = new Map(published.map((call) => [told(call), call.host]));
    const all: readonly Forms[] = [tenantForms, partnerForms, organizationForms];
    const forms = all.flatMap((each) => Object.values(each).flatMap((calls) => Object.values(calls)));
    const astray = forms.filter((form) => (hosts.get(told(form)) === 'global') !== (form.place === 'global'));
    expect(astray.map(told)).toEqual([]);
  });
});

describe('the shapes', () => {
  it('are all there for users of the library', () => {
    const at = (path: string) => fileURLToPath(new URL(`../../../src/${path}`, import.meta.url));
    const index = readFileSync(at('index.ts'), 'utf8');
    const hidden = readdirSync(at('clients/central/shapes')).filter((file) => !index.includes(`export type * from './clients/central/shapes/${file}';`));
    expect(hidden).toEqual([]);
  });
});
