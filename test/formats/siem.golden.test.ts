/** Four hundred records, each with the text that siem.py 2.1.0 printed for it in each of its formats. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LineBuffer, textOf } from '../../src/core/pack.ts';
import { siemCef } from '../../src/formats/siem-cef.ts';
import { siemJson } from '../../src/formats/siem-json.ts';
import { siemKeyvalue } from '../../src/formats/siem-keyvalue.ts';
import { recordOf } from '../laws/format.laws.ts';

const folder = join(import.meta.dirname, '../fixtures/siem');
const linesOf = (file: string) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');

/** The item's text as it stands in the file, so that no parser of ours comes between. */
const items = linesOf('items.ndjson').map((line) => {
  const [, stream, item] = /^\{"_stream": "(event|alert)", "item": (.*)\}$/.exec(line) ?? [];
  if (stream === undefined || item === undefined) throw new Error(`a line of another shape: ${line.slice(0, 80)}`);
  return { stream: stream === 'event' ? 'events' : 'siem-alerts', item };
});

describe.each([
  { kind: siemJson, file: 'json.ndjson' },
  { kind: siemCef, file: 'cef.ndjson' },
  { kind: siemKeyvalue, file: 'keyvalue.ndjson' },
])('$kind.name', ({ kind, file }) => {
  const printed = linesOf(file).map((line) => String(JSON.parse(line)));
  const format = kind.open(kind.options.parse({}));

  it('has all the examples', () => {
    expect([items.length, printed.length]).toEqual([400, 400]);
  });

  it.each(items.map(({ stream, item }, i) => ({ number: i + 1, stream, item, expected: printed[i] ?? '' })))(
    'prints record $number as siem.py does',
    ({ stream, item, expected }) => {
      const out = new LineBuffer();
      format.encode(recordOf(item), { stream, tenant: { id: 't', name: 'T', labels: {} } }, out);
      out.endLine();
      expect(Buffer.from(textOf(out.lines(), 0)).equals(Buffer.from(expected)), expected).toBe(true);
    },
  );
});
