import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokenPage, cutPage } from '../../../src/clients/central/cut.ts';
import { textOf } from '../../../src/core/pack.ts';

const fetchedAt = 1_800_000_000_000;
const decoder = new TextDecoder();
const cut = (text: string | Buffer) => cutPage(Buffer.from(text), fetchedAt);
const textsOf = ({ items }: ReturnType<typeof cutPage>) => Array.from({ length: items.count }, (_, i) => decoder.decode(textOf(items, i)));
const page = (...items: string[]) => `{"has_more":false,"items":[${items.join(',')}],"next_cursor":"n"}`;
const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/** The key and time that a plain reading of the item gives. */
function plain(text: string): { key: string; time: number; odd: boolean } {
  const item = JSON.parse(text);
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  const hasId = isObject && typeof item.id === 'string' && item.id !== '';
  const instant = (value: unknown) =>
    isObject && typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(/Z$|[+-]\d\d:?\d\d$/i.test(value) ? value : `${value}Z`) : Number.NaN;
  const time = [instant(item?.created_at), instant(item?.when)].find((each) => !Number.isNaN(each));
  return { key: hasId ? item.id : sha(text), time: time ?? fetchedAt, odd: !hasId || time === undefined };
}

function check(text: string): void {
  const expected = JSON.parse(text);
  const result = cut(text);
  expect({ ...result.envelope, items: textsOf(result).map((each) => JSON.parse(each)) }).toEqual(expected);
  const lines = textsOf(result);
  const reads = lines.map(plain);
  expect(result.items.keys).toEqual(reads.map(({ key }) => key));
  expect([...result.items.times]).toEqual(reads.map(({ time }) => time));
  expect(result.odd).toBe(reads.filter(({ odd }) => odd).length);
  expect(lines.join('')).not.toMatch(/[\r\n]/);
  expect(decoder.decode(result.items.bytes)).toBe(lines.map((line) => `${line}\n`).join(''));
}

// ---------------------------------------------------------------- JSON text as nobody's serializer writes it

const blank = fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\t ', ' \n ');
const escapedUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
const stringText = fc
  .tuple(
    fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('id', 'items', 'created_at', 'when', 'has_more', '2026-02-28T23:59:59.999Z')),
    fc.boolean(),
  )
  .map(([value, hidden]) =>
    hidden
      ? `"${[...value]
          .flatMap((sign) => sign.split(''))
          .map(escapedUnit)
          .join('')}"`
      : JSON.stringify(value),
  );
const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
  fc.constantFrom('-0', '1E5', '0.5e-3', '1e+2', '12.0'),
);
const instantText = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const timeText = fc
  .oneof(
    instantText,
    instantText.map((text) => text.slice(0, -1)),
    instantText.map((text) => text.replace(/\.\d+Z/, '+02:00')),
    fc.constantFrom('', 'yesterday', '2026-13-01T00:00:00.000Z', '2026-11-20T24:61:00.000Z', '2028-02-29T01:02:03.004Z', '2026-1a-01T00:00:00.000Z'),
  )
  .map((text) => JSON.stringify(text));

const { value: valueText } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.constantFrom('null', 'true', 'false'), numberText, stringText, tie('list'), tie('object')),
  list: fc
    .array(
      fc.tuple(blank, tie('value'), blank).map((parts) => parts.join('')),
      { maxLength: 4 },
    )
    .map((parts) => `[${parts.join(',')}]`),
  object: objectOf(fc.tuple(stringText, tie('value'))),
}));
function objectOf(member: fc.Arbitrary<[string, string]>, maxLength = 5): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(blank, member, blank, blank, blank), { maxLength })
    .chain((members) =>
      blank.map((inner) => `{${members.length === 0 ? inner : members.map(([a, [key, value], b, c, d]) => `${a}${key}${b}:${c}${value}${d}`).join(',')}}`),
    );
}
const itemText = objectOf(
  fc.oneof(
    fc.tuple(stringText, valueText),
    fc.tuple(
      fc.constantFrom('"id"', '"\\u0069d"'),
      fc.oneof(
        stringText,
        fc.uuid().map((id) => `"${id}"`),
        valueText,
      ),
    ),
    fc.tuple(fc.constantFrom('"created_at"', '"created\\u005fat"', '"when"'), fc.oneof(timeText, timeText, valueText)),
  ),
  8,
);
const listText = fc
  .array(
    fc.tuple(blank, fc.oneof(itemText, itemText, valueText), blank).map((parts) => parts.join('')),
    { maxLength: 6 },
  )
  .chain((parts) => blank.map((inner) => `[${parts.length === 0 ? inner : parts.join(',')}]`));
const pageText = fc
  .tuple(
    objectOf(fc.tuple(stringText, valueText), 3),
    fc.constantFrom('"items"', '"\\u0069tems"'),
    listText,
    objectOf(fc.tuple(fc.constantFrom('"x"', '"y"', '"__proto"'), valueText), 3),
    blank,
    blank,
  )
  .map(([before, key, list, after, a, b]) => {
    const head = before.slice(1, -1).trim();
    const tail = after.slice(1, -1).trim();
    return `${a}{${head}${head ? ',' : ''}${a}${key}${b}:${a}${list}${b}${tail ? ',' : ''}${tail}}${b}`;
  });

describe('cutting a page', () => {
  it('reads any JSON as JSON.parse reads it', () => {
    // A key spelt `__proto__` is an own property to JSON.parse and the prototype to an object spread: not what is tested here.
    fc.assert(
      fc.property(
        pageText.filter((text) => !/__proto__|\\u005f/i.test(text) || !text.includes('proto')),
        check,
      ),
      { numRuns: 1500 },
    );
  });

  it('refuses whatever JSON.parse refuses', () => {
    const mangled = fc
      .tuple(pageText, fc.nat(), fc.nat({ max: 3 }), fc.constantFrom('', '"', '{', ']', ',', ':', '\\', '0', 'x', '\n', ' '))
      .map(([text, at, cutOut, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + cutOut);
      });
    fc.assert(
      fc.property(mangled, (text) => {
        let parsed: { items?: unknown } | null = null;
        try {
          parsed = JSON.parse(Buffer.from(text).toString('utf8'));
        } catch {
          expect(() => cut(text)).toThrow(BrokenPage);
          return;
        }
        if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed) || !Array.isArray(parsed.items)) expect(() => cut(text)).toThrow(BrokenPage);
        else expect(textsOf(cut(text)).map((each) => JSON.parse(each))).toEqual(parsed.items);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses a body that was cut short, at every byte', () => {
    const text = page('{"id":"a","created_at":"2026-11-20T08:14:29.517Z","name":"Zo\\u00eb \\" ë"}', '[1,-2.5e3,{"a":null}]');
    for (let length = 0; length < Buffer.byteLength(text); length++) expect(() => cut(Buffer.from(text).subarray(0, length))).toThrow(BrokenPage);
    check(text);
  });

  it('keeps the bytes of an item as they came', () => {
    const odd = '{"id":"a" , "created_at":"2026-11-20T08:14:29.517Z","n":1.0,"u":"\\u00e9\\/ \u2033"}';
    expect(textsOf(cut(page(odd, odd)))).toEqual([odd, odd]);
  });

  it('drops line breaks between tokens and none within strings', () => {
    const result = cut(page('{\r\n "id": "a",\n "name": "two\\nlines"\r}'));
    expect(textsOf(result)).toEqual(['{ "id": "a", "name": "two\\nlines"}']);
  });

  it('gives an item without an id the digest of its text, and the fetch time if it has none, and counts it once', () => {
    const result = cut(page('{"id":""}', '{"id":7,"created_at":"2026-11-20T08:14:29.517Z"}', '"text"', 'null', '{"id":"a","when":"2026-11-20T08:14:29.517Z"}'));
    expect(result.odd).toBe(4);
    expect(result.items.keys).toEqual([sha('{"id":""}'), sha('{"id":7,"created_at":"2026-11-20T08:14:29.517Z"}'), sha('"text"'), sha('null'), 'a']);
    const at = Date.parse('2026-11-20T08:14:29.517Z');
    expect([...result.items.times]).toEqual([fetchedAt, at, fetchedAt, fetchedAt, at]);
  });

  it('takes the last of two `items`, as JSON.parse does, and never one that is nested', () => {
    check('{"items":[{"id":"a"}],"x":{"items":[1]},"items":[{"id":"b","items":[{"id":"c"}]}],"next_cursor":"n"}');
    expect(() => cut('{"items":[{"id":"a"}],"items":7}')).toThrow(BrokenPage);
    expect(() => cut('{"x":{"items":[]}}')).toThrow(BrokenPage);
  });

  it('repairs what is not UTF-8, and passes over a byte order mark', () => {
    const bytes = Buffer.concat([Buffer.from('\ufeff{"items":[{"id":"a","name":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}]}')]);
    expect(textsOf(cut(bytes))).toEqual(['{"id":"a","name":"\ufffd\ufffd"}']);
  });

  it('survives nesting that would end a recursive reader', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(cut(page(deep)).items.count).toBe(1);
  });
});
