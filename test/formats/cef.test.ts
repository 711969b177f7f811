import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Json, Origin } from '../../src/core/types.ts';
import { cef } from '../../src/formats/cef.ts';
import { hostName } from '../../src/formats/host-name.ts';
import { formatLaws, lineOf, recordOf } from '../laws/format.laws.ts';
import { type CefLine, dictionary, dictionaryFaults, parseCef } from './cef-parser.ts';
import { hostileItem, hostileOrigin, hostileText } from './hostile.ts';

const tenant = { id: '0b1c2d3e-0000-4000-8000-000000000001', name: 'Acme', labels: {} };
const from = (stream: string): Origin => ({ stream, tenant });
const line = (item: unknown, origin: Origin = from('events'), meta?: Json) =>
  lineOf(cef.open({}), recordOf(typeof item === 'string' ? item : JSON.stringify(item), meta === undefined ? {} : { meta }), origin);
const read = (item: unknown, origin?: Origin, meta?: Json) => parseCef(line(item, origin, meta));
const field = (item: unknown, key: string, origin?: Origin) => read(item, origin).extension.get(key);

formatLaws(cef, {
  read: (written, record) => {
    const parsed = parseCef(written);
    expect(dictionaryFaults(parsed)).toEqual([]);
    expect(parsed.extension.get('externalId')).toBe(JSON.parse(record.json).id);
    return parsed;
  },
});

/** The golden examples of siem.py, which are as odd as their makers could think of. */
const examples = readFileSync(join(import.meta.dirname, '../fixtures/siem/items.ndjson'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((text) => JSON.parse(text))
  .map(({ _stream, item }) => ({ item: JSON.stringify(item), origin: from(_stream === 'event' ? 'events' : 'siem-alerts') }));

describe('cef', () => {
  it('follows grammar and dictionary, whatever a record holds, and nothing in a record becomes a header or a key', () => {
    fc.assert(
      fc.property(hostileItem, hostileOrigin, fc.option(hostileText, { nil: undefined }), (item, origin, change) => {
        const parsed = read(item, origin, change === undefined ? undefined : { change });
        expect(dictionaryFaults(parsed)).toEqual([]);
        expect([parsed.vendor, parsed.product, parsed.version]).toEqual(['Sophos', 'Sophos Central', '1.0']);
        expect(parsed.extension.get('deviceFacility')).toBe(origin.stream);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['events', 'siem-alerts', 'alerts', 'endpoints', 'detections', 'cases', 'policies', 'licenses', 'account-health'])(
    'writes an empty item of %s',
    (stream) => {
      const parsed = read({}, from(stream));
      expect(dictionaryFaults(parsed)).toEqual([]);
      expect(parsed.extension.get('rt')).toBe('1760000000000');
    },
  );

  it('reads back text with line breaks, bars, equals signs and backslashes as it was', () => {
    const text = 'a\nb\r\nc |=\\ \\n "d" \\= e\\';
    const { name, extension } = read({ name: text, threat: text, source: text, type: 'T|\\' });
    expect(extension.get('msg')).toBe(text);
    expect(extension.get('cs5')).toBe(text);
    expect(name).toBe('a b  c |=\\ \\n "d" \\= e\\');
    expect(read({ type: 'T|\\' }).signature).toBe('T|\\');
  });

  it('writes control characters as blanks and half of a surrogate pair as U+FFFD', () => {
    expect(field({ name: 'a\0b\x1bc\x85d\u2028e\tf\ud83dg' }, 'msg')).toBe('a b c d e f\ufffdg');
    expect(field({ name: '  a  ' }, 'msg')).toBe('a');
    expect(read({ name: '\0 ', type: 'Event::Endpoint::Threat::CleanupFailed' })).toMatchObject({ name: 'Malware cleanup failed' });
  });

  it('cuts texts at the lengths of the dictionary, between characters, and says so', () => {
    const text = '💥'.repeat(40_000);
    const { name, extension } = read({ name: text, source: text, type: text });
    expect(extension.get('msg')).toBe(`${'💥'.repeat(510)}...`);
    expect(name).toBe(`${'💥'.repeat(254)}...`);
    expect(extension.get('duser')).toBe(extension.get('msg'));
  });

  it('never makes one identifier of two when it cuts them', () => {
    const [a, b] = ['a', 'b'].map((end) => read({ id: 'i'.repeat(64) + end, location: 'h'.repeat(200) + end, endpoint_id: 'e'.repeat(300) + end }));
    for (const key of ['externalId', 'dvchost', 'dhost', 'deviceExternalId']) expect(a?.extension.get(key)).not.toBe(b?.extension.get(key));
  });

  it.each([
    ['none', 0],
    ['low', 3],
    ['medium', 5],
    ['high', 8],
    ['very_high', 9],
    ['critical', 10],
    ['CRITICAL', 10],
  ])('gives the severity %s the number %i', (severity, expected) => {
    expect(read({ severity }).severity).toBe(expected);
    expect(field({ severity }, 'flexString2')).toBeUndefined();
  });

  it('shows a severity that it does not know', () => {
    expect(field({ severity: 'dire' }, 'flexString2')).toBe('dire');
    expect(field({}, 'flexString2Label')).toBe('Unknown Severity');
    expect(read({ hostname: 'PC' }, from('endpoints')).severity).toBe(0);
  });

  it('keeps the host name as it is, and beside it one that is valid', () => {
    for (const host of ['PC-1', 'pc.example.com', "Zoe's PC", 'PC_01', 'ÜBER-PC', '東京', 'a..b', '-x-', '_', 'x'.repeat(64)]) {
      const { extension } = read({ location: host });
      expect(extension.get('dvchost')).toBe(host);
      expect(extension.get('dhost')).toMatch(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i);
    }
    expect(field({ location: 'pc.Example.com' }, 'dhost')).toBe('pc.Example.com');
    expect(field({ location: "Zoe's PC" }, 'dhost')).toMatch(/^zoe-s-pc-[0-9a-f]{8}$/);
  });

  it('never gives two machines one host name', () => {
    const twins = ['PC_01', 'PC-01', 'pc_01', 'PC 01', 'PC.01', 'ÜBER', 'UBER', 'über', 'Ünder', 'under', 'PC-01 ', '東京', '京東', '.', '..', ''];
    expect(new Set(twins.map(hostName)).size).toBe(twins.length);
    fc.assert(fc.property(hostileText, hostileText, (a, b) => a === b || hostName(a) !== hostName(b)));
    expect(field({ location: 'XGS ' }, 'dhost')).not.toBe(field({ location: 'XGS' }, 'dhost'));
  });

  it('says of an attack over the network who was where', () => {
    const seen = {
      localPort: '445',
      remotePort: '50123',
      remoteIp: '198.51.100.7',
      executablePath: 'C:\\a.exe',
      executablePid: '7',
      rawData: 'Message  X\nReference  CVE-2017-0144',
    };
    const item = { location: 'PC-1', source: 'D\\u', source_info: { ip: '192.0.2.31' }, type: 'Event::Endpoint::Threat::IpsInboundDetection' };
    const pick = ({ extension }: CefLine, ...keys: string[]) => keys.map((key) => extension.get(key));
    const inbound = read({ ...item, ips_threat_data: { ...seen, detectionType: 0 } });
    expect(pick(inbound, 'src', 'spt', 'dst', 'dpt', 'dhost', 'duser', 'dproc', 'deviceDirection', 'reason', 'cs6')).toEqual([
      ...['198.51.100.7', '50123', '192.0.2.31', '445', 'PC-1', 'u', 'C:\\a.exe', '0', 'X', 'CVE-2017-0144'],
    ]);
    const outbound = read({ ...item, ips_threat_data: { ...seen, detectionType: 1 } });
    expect(pick(outbound, 'src', 'spt', 'dst', 'dpt', 'shost', 'dhost', 'suser', 'dvchost', 'deviceDirection')).toEqual([
      ...['192.0.2.31', '445', '198.51.100.7', '50123', 'PC-1', undefined, 'u', 'PC-1', '1'],
    ]);
    expect(field({ ...item, source_info: { ip: 'fe80::1' } }, 'c6a3')).toBe('fe80::1');
  });

  it('takes no options, and refuses what is no JSON', () => {
    expect(() => cef.options.parse({ odd: 1 })).toThrow();
    expect(() => line('{"a":')).toThrow(expect.objectContaining({ kind: 'rejected', code: 'format.not-json' }));
  });
});

/** What liblognorm, a parser that we did not write, makes of each line. It drops the first character of an extension that no blank precedes. */
function askLognorm(lines: readonly string[], context: TestContext): CefLine[] {
  const input = lines.map((each) => each.replace(/^(?:(?:[^|\\]|\\.)*\|){7}/, '$& ')).join('\n');
  const { status, stdout, stderr, error } = spawnSync('python3', ['-I', '-S', '-E', join(import.meta.dirname, 'cef.py')], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 29,
  });
  if (error || status === 77) context.skip('there is no python3 with liblognorm on this machine');
  expect(status, stderr).toBe(0);
  return stdout
    .trimEnd()
    .split('\n')
    .map((text, i) => {
      const found = JSON.parse(text).cef;
      if (found === undefined) throw new Error(`liblognorm refuses ${lines[i]}`);
      return {
        vendor: found.DeviceVendor,
        product: found.DeviceProduct,
        version: found.DeviceVersion,
        signature: found.SignatureID,
        name: found.Name,
        severity: Number(found.Severity),
        extension: new Map(Object.entries<string>(found.Extensions)),
      };
    });
}

describe('cef, read by liblognorm', () => {
  it('has the same fields in all examples', (context) => {
    const lines = examples.map(({ item, origin }) => line(item, origin));
    expect(askLognorm(lines, context)).toEqual(lines.map(parseCef));
  });

  it('has the same fields in hostile records', (context) => {
    const lines = fc.sample(fc.tuple(hostileItem, hostileOrigin), { numRuns: 400, seed: 7 }).map(([item, origin]) => line(item, origin));
    expect(askLognorm(lines, context)).toEqual(lines.map(parseCef));
  });
});

describe('docs/cef.md', () => {
  it('names the keys that are written, and no other', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/cef.md'), 'utf8');
    const table = /^## Extension\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '';
    const cells = [...table.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, cell = '']) => cell);
    const named = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, key = '']) => key));
    expect(named.toSorted()).toEqual([...dictionary.keys()].filter((key) => !key.endsWith('Label')).toSorted());
    const lines = readFileSync(join(import.meta.dirname, '../fixtures/formats/cef.txt'), 'utf8')
      .trimEnd()
      .split('\n');
    const written = new Set(lines.flatMap((each) => [...parseCef(each).extension.keys()]));
    const rare = ['shost', 'suser', 'sntdom', 'suid', 'c6a2', 'fileHash'];
    expect(named.filter((key) => !written.has(key) && !rare.includes(key))).toEqual([]);
  });
});
