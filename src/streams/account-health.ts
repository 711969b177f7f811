/** How well the account is set up: one object, and so one record. */
import { packItems } from '../core/pack.ts';
import { object } from '../core/schema.ts';
import { defineStream } from './kind.ts';
import type { Source } from './snapshot.ts';
import { choicesOf, openSnapshots, snapshotBasis } from './snapshot-kind.ts';

const traits = {
  name: 'account-health',
  summary: 'The health check of the account: protection, policies, exclusions, tamper protection',
  datastream: 'account-health',
};

/** What nobody asks for is left out of the check: so all is asked for. */
const everything = { checks: ['protection', 'policy', 'exclusions', 'tamperProtection'], products: ['endpoint', 'networkDevice'] };

export const accountHealth = defineStream({
  ...snapshotBasis(traits),
  pageSize: null,
  options: object(choicesOf(traits)),
  open(options, tenant, client, world, everyMs) {
    const source: Source = {
      async page(_, __, signal) {
        const askedAt = client.now();
        const check = await client.forTenant(tenant).accountHealth.check({ ...everything, signal });
        const item = { key: 'account-health', time: askedAt, json: JSON.stringify(check) };
        return { items: packItems([item]), odd: 0, askedAt, next: null };
      },
    };
    return openSnapshots(traits, source, options, tenant, client, world, everyMs);
  },
});
