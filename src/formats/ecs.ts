import { defineFormat } from '../core/kinds.ts';
import { flag, object, pattern } from '../core/schema.ts';
import { Documents } from './ecs/document.ts';
import { readFacts } from './meaning/facts.ts';

/**
 * Documents of the Elastic Common Schema 8, as the Elastic integration `sophos_central` makes them, with its gaps filled.
 *
 * Shape    only fields of ECS 8.11 and of `sophos_central.*`; docs/ecs.md says where this and the integration differ, and why.
 *          Where a value is not of the kind that its field takes, it is left out, and `event.original` has the whole item.
 * Units    instants in ISO 8601, UTC.
 * Throws   rejected `format.not-json`.
 * Source   elastic/ecs 8.11; elastic/integrations, packages/sophos_central.
 */
export const ecs = defineFormat({
  name: 'ecs',
  summary: 'Elastic Common Schema 8, as the documents of the Elastic integration',
  options: object({
    preserveOriginalEvent: flag().default(false).describe('The item itself in `event.original`'),
    preserveDuplicateCustomFields: flag().default(false).describe('In `sophos_central.*` also what an ECS field holds'),
    namespace: pattern(/^[^\s\\/*?"<>|,#:A-Z-]{1,100}$/, 'must be lower-case, without blanks and any of \\ / * ? " < > | , # : -')
      .optional()
      .meta({ examples: ['production'] })
      .describe('Also write `data_stream.*`, with this namespace'),
  }),
  open(options) {
    const documents = new Documents(options);
    return {
      json: true,
      encode: (record, origin, out) => documents.write(readFacts(record, origin), record, origin, out),
    };
  },
});
