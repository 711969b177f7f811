import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import type { TenantNames } from '../../src/core/kinds.ts';
import { compilePathTemplate, compileTemplate, safeSegment } from '../../src/core/template.ts';
import type { Origin } from '../../src/core/types.ts';

const time = Date.UTC(2026, 1, 28, 23, 59, 59, 999);
const origin: Origin = { stream: 'events', tenant: { id: 't-1', name: 'Acme Ltd', labels: { index: 'acme', odd: '../..' } } };
/** Names as they come: the template has to make even these safe. */
const asTheyAre: TenantNames = { of: (tenant) => tenant.name };

const named = (name: string): Origin => ({ ...origin, tenant: { ...origin.tenant, name } });

describe('a template', () => {
  it('fills in every placeholder', () => {
    const template = compileTemplate('{tenant.id} {tenant.name} {tenant.label.index} {stream} {date}!');
    expect(template.plain(origin, time)).toBe('t-1 Acme Ltd acme events 2026-02-28!');
    expect(template.path(origin, time, asTheyAre)).toBe('t-1 Acme Ltd acme events 2026-02-28!');
    expect([template.usesDate, template.usesOrigin]).toEqual([true, true]);
    expect([compileTemplate('{date}').usesOrigin, compileTemplate('{stream}').usesDate]).toEqual([false, false]);
  });

  it('leaves values as they are in a plain field, and takes a missing label as empty', () => {
    expect(compileTemplate('{tenant.label.odd}:{tenant.label.none}:{tenant.label.toString}').plain(origin, time)).toBe('../..::');
  });

  it.each(['{tenant}', '{tenant.label.}', '{Date}', '{}', '{ stream }'])('refuses %s and names what is known', (text) => {
    const failure = failureOf(() => compileTemplate(`a/${text}`));
    expect([failure.kind, failure.code]).toEqual(['config', 'config.template']);
    expect(failure.message).toContain(text);
    expect(failure.advice).toContain('{tenant.label.X}');
  });

  it.each(['a{stream', 'a}b', '{{stream}}'])('refuses the stray brace of %s', (text) => {
    expect(failureOf(() => compileTemplate(text)).code).toBe('config.template');
  });

  it.each(['{stream}/../x', 'out/{tenant.name}..\\..\\x', 'out/', '', 'out/..', 'a\0b'])('refuses %j as a path', (text) => {
    expect(failureOf(() => compilePathTemplate(text)).code).toBe('config.template');
  });

  it('keeps the slashes of its own text, and `..` before the first placeholder', () => {
    expect(compilePathTemplate('../out/{tenant.name}/{stream}-{date}.ndjson').path(origin, time, asTheyAre)).toBe('../out/Acme Ltd/events-2026-02-28.ndjson');
  });

  it.each([
    ['../../x', '___.._x'],
    ['a/b', 'a_b'],
    ['..', '__'],
    ['.', '_'],
    ['', '_'],
    ['CON', 'CON_'],
    ['con.txt', 'con_.txt'],
    ['COM1 .x', 'COM1_ .x'],
    ['Contoso', 'Contoso'],
    ['nul\0line\nbreak', 'nul_line_break'],
    ['a\\b:c*?"<>|', 'a_b_c______'],
    ['trailing. ', 'trailing__'],
    ['\u202egnp.exe', '_gnp.exe'],
    ['😀 Ünï', '😀 Ünï'],
    ['half \ud83d', 'half _'],
  ])('makes one safe name of %j', (name, expected) => {
    expect(compileTemplate('out/{tenant.name}/x').path(named(name), time, asTheyAre)).toBe(`out/${expected}/x`);
  });

  it('makes a reserved name safe even when it comes about from parts', () => {
    expect(compileTemplate('out/CO{tenant.name}.x').path(named('N'), time, asTheyAre)).toBe('out/CON_.x');
  });

  it('gives a date to every instant', () => {
    const dates = compileTemplate('{date}');
    expect([0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((at) => dates.plain(origin, at))).toEqual(['1970-01-01', '1969-12-31', 'undated', 'undated']);
  });

  it('keeps any name within one segment of bounded length', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.string({ unit: fc.constantFrom('.', '/', '\\', ' ', 'a', '\0') })), (name) => {
        const path = compileTemplate('out/{tenant.name}{tenant.id}{tenant.name}{tenant.name}{tenant.name}.ndjson').path(named(name), time, asTheyAre);
        const [out, segment, ...more] = path.split(/[/\\]/);
        expect([out, more]).toEqual(['out', []]);
        expect(Buffer.byteLength(segment ?? '')).toBeLessThanOrEqual(255);
        expect(segment?.endsWith('.ndjson')).toBe(true);
        const alone = safeSegment(name);
        expect(Buffer.byteLength(alone)).toBeLessThanOrEqual(121);
        expect(alone).not.toMatch(/^\.|^$|[./\\ ]$|\//);
        expect(safeSegment(alone)).toBe(alone);
      }),
    );
  });
});

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}
