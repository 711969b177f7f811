import { defineFormat } from '../core/kinds.ts';
import { str, strip } from './python-print.ts';
import { siemOptions } from './siem-options.ts';
import { renamedRecord } from './siem-record.ts';

/**
 * What siem.py 2.1.0 prints with `format = keyvalue`: nothing is escaped, and a line break inside a value stays.
 *
 * Source: reference, siem.py, "keyvalue".
 */
export const siemKeyvalue = defineFormat({
  name: 'siem-keyvalue',
  summary: 'key="value"; pairs as siem.py 2.1.0 prints them, byte for byte',
  options: siemOptions,
  open: ({ convertDhost }) => ({
    json: false,
    encode(record, origin, out) {
      const fields = renamedRecord(record, origin, convertDhost);
      let line = str(fields.get('rt') ?? '');
      for (const [key, value] of fields) line += ` ${key}="${str(value)}";`;
      out.text(strip(line));
    },
  }),
});
