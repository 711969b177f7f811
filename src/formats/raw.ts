import { defineFormat } from '../core/kinds.ts';
import { object } from '../core/schema.ts';

/** The API's item alone, byte for byte. */
export const raw = defineFormat({
  name: 'raw',
  summary: "The API's item alone, with the same values byte for byte",
  options: object({}),
  open: () => ({
    json: true,
    encode: (record, _origin, out) => out.utf8(record.utf8),
  }),
});
