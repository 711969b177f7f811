import { flag, object } from '../core/schema.ts';

/** What the three formats of siem.py can be told. */
export const siemOptions = object({
  convertDhost: flag().default(true).describe('Rewrite a `location` that is no valid host name, as `convert_dhost_field_to_valid_fqdn` does'),
});
