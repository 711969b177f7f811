/** Sixteen records of all kinds, each with the line that every one of these formats writes of it; looked over by hand, so that a change is seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cef } from '../../src/formats/cef.ts';
import { cim } from '../../src/formats/cim.ts';
import { ecs } from '../../src/formats/ecs.ts';
import { keyvalue } from '../../src/formats/keyvalue.ts';
import { leef } from '../../src/formats/leef.ts';
import { lineOf, recordOf } from '../laws/format.laws.ts';

const folder = join(import.meta.dirname, '../fixtures/formats');
const linesOf = (file: string) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
const tenant = { id: '7e0c1a52-3d4b-4f6a-8b9c-0d1e2f3a4b5c', name: 'Lab', labels: {} };
const records = linesOf('records.ndjson').map((line) => JSON.parse(line));

describe.each([cef, leef, keyvalue, ecs, cim])('$name', (kind) => {
  const format = kind.open(kind.options.parse({}) as never);
  const expected = linesOf(`${kind.name}.txt`);

  it('has a line for each', () => {
    expect(expected).toHaveLength(records.length);
  });

  it.each(records.map((record, i) => ({ ...record, number: i + 1, line: expected[i] })))('writes record $number of $stream', ({ stream, item, meta, line }) => {
    expect(lineOf(format, recordOf(JSON.stringify(item), { meta }), { stream, tenant })).toBe(line);
  });
});
