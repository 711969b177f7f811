/** What Sophos types mean: every documented type has its row, and everything else has an answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/formats/meaning/actions.ts';
import { categories, expectedEcsTypes } from '../../src/formats/meaning/categories.ts';
import { meaningFor, meaningOf, rows } from '../../src/formats/meaning/meaning.ts';
import { splitUser } from '../../src/formats/meaning/people.ts';
import { readSentence } from '../../src/formats/meaning/sentences.ts';
import { readSeverity, severityNumbers } from '../../src/formats/meaning/severity.ts';
import { instantIn, ipIn } from '../../src/formats/meaning/values.ts';
import type { Action, Category } from '../../src/formats/meaning/words.ts';

const types: string[] = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/sophos-types.json'), 'utf8'));

describe('the tables', () => {
  it('hold every documented type exactly once', () => {
    const held = rows.map(({ type }) => `Event::${type}`);
    expect(types.filter((type) => !held.includes(type))).toEqual([]);
    expect(held.filter((type, i) => held.indexOf(type) !== i)).toEqual([]);
  });

  it('hold nothing that is not documented, but members of documented families', () => {
    const families = types.filter((type) => type.endsWith('*')).map((type) => type.slice(0, -1));
    const odd = rows.map(({ type }) => `Event::${type}`).filter((type) => !types.includes(type) && !families.some((family) => type.startsWith(family)));
    expect(odd).toEqual([]);
  });

  it('know every type, with the reason at its end, in other letters, and with dots', () => {
    for (const type of types.filter((each) => !each.endsWith('*'))) {
      const meaning = meaningOf(type);
      expect(meaning.known, type).toBe(true);
      expect(meaningOf(`${type}::SOME_REASON`), type).toEqual(meaning);
      expect(meaningOf(type.toUpperCase()), type).toEqual(meaning);
      expect(meaningOf(type.replaceAll('::', '.')), type).toEqual(meaning);
    }
    for (const type of types.filter((each) => each.endsWith('*'))) expect(meaningOf(type.replace('*', 'Something')).known, type).toBe(true);
  });

  it('use event types that ECS expects of one of the categories', () => {
    for (const category of Object.keys(categories) as Category[])
      for (const action of Object.keys(actions) as Action[]) {
        const { ecs } = meaningFor(category, action);
        const expected = ecs.category.flatMap((each) => expectedEcsTypes[each] ?? []);
        expect(expected, `${category}: ${action}`).toEqual(expect.arrayContaining([...ecs.type]));
      }
  });
});

describe('an unknown type', () => {
  it.each([
    ['Event::Endpoint::CoreSomethingDetected', undefined, 'malware', 'detected'],
    ['Event::Endpoint::Threat::PuaQuarantined', undefined, 'pua', 'cleaned'],
    ['Event::Endpoint::HmpaNewGuard', undefined, 'exploit', 'reported'],
    ['Event::Wireless::AccessPoint::Reconnected', undefined, 'wireless', 'recovered'],
    ['Event::Smc::SomethingFailed', undefined, 'mobile-service', 'failed'],
    ['Event::Futuristic::NeverSeenBefore', 'MALWARE', 'malware', 'reported'],
    ['Event::Futuristic::ThingBlocked', 'runtimeDetections', 'exploit', 'blocked'],
    ['Event::Futuristic::NeverSeenBefore', 'NEW_GROUP', 'other', 'reported'],
    ['', undefined, 'other', 'reported'],
    [undefined, 'PUA', 'pua', 'reported'],
  ])('%s of the group %s is %s: %s', (type, group, category, action) => {
    expect(meaningOf(type, group)).toMatchObject({ category, action, known: false });
  });

  it('has an answer whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.option(fc.string({ unit: 'binary' }), { nil: undefined }), (type, group) => {
        expect(meaningOf(type, group).category in categories).toBe(true);
      }),
    );
    for (const type of ['__proto__', 'constructor', 'Event::'.repeat(20_000), `Event::${':'.repeat(65_536)}`]) expect(meaningOf(type, type).known).toBe(false);
  });
});

describe('severity', () => {
  it('is read over the whole enumeration, in any case, and as the number of a detection', () => {
    for (const word of ['none', 'low', 'medium', 'high', 'very_high', 'critical']) {
      expect(readSeverity(word)).toBe(word);
      expect(readSeverity(word.toUpperCase())).toBe(word);
    }
    expect([0, 1, 3, 4, 6, 7, 8, 9, 10].map(readSeverity)).toEqual(['none', 'low', 'low', 'medium', 'medium', 'high', 'high', 'critical', 'critical']);
    for (const odd of ['weird', '', null, {}, [], true, -1, 11, Number.NaN, 'x'.repeat(65_536)]) expect(readSeverity(odd)).toBeUndefined();
  });

  it('grows with the gravity in every target, and says so when it is unknown', () => {
    const all = (['none', 'low', 'medium', 'high', 'very_high', 'critical'] as const).map(severityNumbers);
    for (const key of ['cef', 'ocsf', 'ecs'] as const) expect(all.map((each) => each[key])).toEqual(all.map((each) => each[key]).toSorted((a, b) => a - b));
    expect(all.map(({ syslog }) => syslog)).toEqual(all.map(({ syslog }) => syslog).toSorted((a, b) => b - a));
    expect(severityNumbers(undefined)).toMatchObject({ ocsf: 0, cim: 'unknown' });
  });
});

describe('a sentence', () => {
  it.each([
    ['malware', "Malware detected: 'T' at 'C:\\it's here\\a (1).com'", { threat: 'T', path: "C:\\it's here\\a (1).com" }],
    ['malware', "Malware detected: 'T'", { threat: 'T' }],
    ['script', 'AMSI Protection blocked a threat: AMSI/X at C:\\a b\\p.exe', { threat: 'AMSI/X', path: 'C:\\a b\\p.exe' }],
    ['ransomware', 'CryptoGuard detected ransomware in C:\\Temp\\enc.exe', { path: 'C:\\Temp\\enc.exe' }],
    ['exploit', "'Lockdown' exploit prevented in Office", { threat: 'Lockdown' }],
    ['web', "'https://a.example' warned due to category 'Shopping'", { url: 'https://a.example', webCategory: 'Shopping', action: 'warned' }],
    ['web', "User bypassed category block to 'http:∕∕games.example.com'", { url: 'http://games.example.com', action: 'proceeded' }],
    ['web', 'Access was blocked to "bad.example.com" because of "Mal/X".', { url: 'bad.example.com', threat: 'Mal/X', action: 'blocked' }],
    [
      'web',
      "Access has been blocked to 'http://x.example' as 'Mal/X' has been found at this website.",
      { url: 'http://x.example', threat: 'Mal/X', action: 'blocked' },
    ],
    ['application', 'Controlled application blocked: Kodi (Media player)', { application: 'Kodi', applicationCategory: 'Media player' }],
    ['peripheral', 'Peripheral allowed: USB∕CD Drive', { peripheral: 'USB/CD Drive' }],
    ['scan', "Scan 'Tom's scan' completed", { scan: "Tom's scan" }],
  ] as const)('of %s: %s', (category, text, told) => {
    expect(readSentence(text, category)).toEqual(told);
  });

  it('of data loss is taken apart at its labels', () => {
    const text =
      'An ″allow″ action was taken.  Username: ACME\\dana  Rule names: ′A b′, ′C′  User action: File open  Application Name: F (V7)  Data Control action: Allow  File type: M (T∕M)  File size: 55  Source path: C:\\a  b.mp4  Destination path: E:\\c  Destination type: Removable storage';
    expect(readSentence(text, 'dlp')).toEqual({
      user: 'ACME\\dana',
      rules: ['A b', 'C'],
      userAction: 'File open',
      application: 'F (V7)',
      controlAction: 'Allow',
      fileType: 'M (T/M)',
      fileSize: '55',
      path: 'C:\\a  b.mp4',
      destination: 'E:\\c',
      destinationType: 'Removable storage',
    });
  });

  it('is read in a time that grows with its length alone', () => {
    const parts = ["'", "' at '", '"', ' in ', ' threat: ', '  Username: ', '  File size: ', ': ', '(', '\u2215', ' '];
    for (const category of Object.keys(categories) as Category[])
      for (const part of parts) expect(() => readSentence(part.repeat(200_000), category)).not.toThrow();
  });
});

describe('values', () => {
  it.each(['192.0.2.1', '0.0.0.0', '::', '::1', 'fe80::48c8:9e5c:1e9:d3d2', '1:2:3:4:5:6:7:8', '::ffff:192.0.2.1'])('%s is an address', (ip) => {
    expect(ipIn(ip)).toBe(ip);
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1.2.3.4.', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '12345::', 'fe80::1%eth0', 'a.b.c.d', 7, null, {}])(
    '%s is none',
    (ip) => {
      expect(ipIn(ip)).toBeUndefined();
    },
  );

  it('instants are ISO 8601 or ms, of years that can be written', () => {
    const at = Date.UTC(2026, 9, 1, 14, 20, 28, 605);
    for (const text of ['2026-10-01T14:20:28.605Z', '2026-10-01T16:20:28.605+02:00', '2026-10-01T14:20:28.605', at]) expect(instantIn(text)).toBe(at);
    for (const odd of ['', 'now', '2026', '1', '2026-13-41T00:00:00Z', Number.NaN, 1e300, null, {}, `2026-10-01${' '.repeat(70_000)}`])
      expect(instantIn(odd)).toBeUndefined();
  });

  it.each([
    ['ACME\\dana', { name: 'dana', domain: 'ACME' }],
    ['\\local', { name: 'local' }],
    ['Nadia Example', { name: 'Nadia Example' }],
    ['a@example.org', { name: 'a@example.org', email: 'a@example.org' }],
    ['odd\\', { name: 'odd\\' }],
    ['A\\B\\c', { name: 'B\\c', domain: 'A' }],
  ])('the user %s is split', (written, user) => {
    expect(splitUser(written)).toEqual(user);
  });
});
