import { defineFormat } from '../core/kinds.ts';
import { flag, object } from '../core/schema.ts';
import { readFacts } from './meaning/facts.ts';
import { Events } from './ocsf/event.ts';

/**
 * Events of the Open Cybersecurity Schema Framework 1.8.0, each in the class that fits its Sophos type.
 *
 * Shape    docs/ocsf.md has the class, activity and disposition of every type. Where a record lacks what its class requires (a program
 *          without a user), it is a Detection Finding; where that would be wrong, a Base Event.
 * Units    instants in ms since 1970 UTC.
 * Throws   rejected `format.not-json`.
 * Source   schema.ocsf.io, 1.8.0.
 */
export const ocsf = defineFormat({
  name: 'ocsf',
  summary: 'OCSF 1.8.0 events, in the class that fits each Sophos type',
  options: object({
    rawData: flag().default(true).describe('The item itself in `raw_data`'),
    // Off, because their numbers are in no file of the schema: its server makes them, and strict validators know only 0 and 99.
    observables: flag().default(false).describe('Host, address, user, URL, file and hash once more in `observables`'),
  }),
  open(options) {
    const events = new Events(options);
    return {
      json: true,
      encode: (record, origin, out) => events.write(readFacts(record, origin), record, origin, out),
    };
  },
});
