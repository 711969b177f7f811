import { describe, expect, it } from 'vitest';
import { type FileBand, type Lookup, type RiskLevel, riskLevels, riskOf } from '../../../src/intelix.ts';

const about = { input: 'x', cached: false, lookedUpAt: 0 };
const url = (riskLevel?: string): Lookup => ({ kind: 'url', ...about, ...(riskLevel === undefined ? {} : { riskLevel }) });
const ip = (...categories: string[]): Lookup => ({ kind: 'ip', ...about, categories });

describe('the risk of a URL', () => {
  it.each([
    ...riskLevels.map((level) => [level, level] as const),
    ['high', 'HIGH'],
    [' Medium ', 'MEDIUM'],
    ['CRITICAL', 'UNCLASSIFIED'],
    ['__proto__', 'UNCLASSIFIED'],
    ['', 'UNCLASSIFIED'],
    [undefined, 'UNCLASSIFIED'],
  ] as const)('with risk level %j is %s', (word, risk) => expect(riskOf(url(word))).toBe(risk));
});

describe('the risk of an IP address', () => {
  const table: readonly (readonly [RiskLevel, readonly string[]])[] = [
    ['HIGH', ['malware', 'botnet', 'spam_mta', 'psh', 'spammers', 'bot', 'illegal']],
    ['MEDIUM', ['bulk_mta', 'bulk_mta_grey']],
    ['LOW', ['enduser_network', 'generic_mta', 'free_mta', 'isp_mta', 'biz_mta', 'news_mta', 'notifications_mta']],
    ['TRUSTED', ['clean_mta']],
    ['UNCLASSIFIED', ['tor_exit', 'phishing', 'constructor', '__proto__', 'toString', '']],
  ];
  it.each(table.flatMap(([risk, names]) => names.map((name) => [name, risk] as const)))('of the category %j is %s', (name, risk) => {
    expect(riskOf(ip(name))).toBe(risk);
    expect(riskOf(ip(name.toUpperCase()))).toBe(risk);
  });

  it('without a category is UNCLASSIFIED', () => expect(riskOf(ip())).toBe('UNCLASSIFIED'));

  it('is the highest of several', () => {
    expect(riskOf(ip('clean_mta', 'malware', 'isp_mta'))).toBe('HIGH');
    expect(riskOf(ip('isp_mta', 'bulk_mta'))).toBe('MEDIUM');
    expect(riskOf(ip('clean_mta', 'isp_mta'))).toBe('LOW');
    expect(riskOf(ip('tor_exit', 'clean_mta'))).toBe('TRUSTED');
  });

  it('is by the table that is given, and by the default for what that does not name', () => {
    const table = { Tor_Exit: 'HIGH', malware: 'LOW', clean_mta: 'UNCLASSIFIED' } as const;
    expect(riskOf(ip('tor_exit'), table)).toBe('HIGH');
    expect(riskOf(ip('malware'), table)).toBe('LOW');
    expect(riskOf(ip('clean_mta'), table)).toBe('UNCLASSIFIED');
    expect(riskOf(ip('bulk_mta'), table)).toBe('MEDIUM');
  });
});

describe('the risk of a file', () => {
  const bands: readonly (readonly [FileBand, RiskLevel])[] = [
    ['malware', 'HIGH'],
    ['pua', 'MEDIUM'],
    ['good', 'TRUSTED'],
    ['unknown', 'UNCLASSIFIED'],
  ];
  it.each(bands)('in the band %s is %s', (band, risk) => expect(riskOf({ kind: 'file', ...about, band })).toBe(risk));
});
