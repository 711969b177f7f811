import { defineFormat } from '../core/kinds.ts';
import { asJson, print } from './python-print.ts';
import { siemOptions } from './siem-options.ts';
import { renamedRecord } from './siem-record.ts';

/** What siem.py 2.1.0 prints with `format = json`. Source: reference, siem.py, "json". */
export const siemJson = defineFormat({
  name: 'siem-json',
  summary: 'JSON as siem.py 2.1.0 prints it, byte for byte',
  options: siemOptions,
  open: ({ convertDhost }) => ({
    json: true,
    encode(record, origin, out) {
      let line = '';
      for (const [key, value] of renamedRecord(record, origin, convertDhost)) {
        line += `${line === '' ? '{' : ', '}${asJson.text(key)}: ${print(value, asJson)}`;
      }
      out.text(`${line}}`);
    },
  }),
});
