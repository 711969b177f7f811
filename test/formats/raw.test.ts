import { describe, expect, it } from 'vitest';
import { raw } from '../../src/formats/raw.ts';
import { formatLaws, lineOf, origins, recordOf } from '../laws/format.laws.ts';

formatLaws(raw, {
  read: (line, record) => expect(JSON.parse(line)).toEqual(JSON.parse(record.json)),
});

describe('raw', () => {
  it.each(['{"a":null,"b":1.0,"c":12345678901234567890}', '[1, 2]', '"x"', '{ }'])('passes %s through byte for byte', (item) => {
    expect(lineOf(raw.open({}), recordOf(item), origins[0] as never)).toBe(item);
  });

  it('takes no options', () => {
    expect(() => raw.options.parse({ odd: 1 })).toThrow();
  });
});
