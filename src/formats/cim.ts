import { defineFormat } from '../core/kinds.ts';
import { object } from '../core/schema.ts';
import type { LineWriter, Origin, StreamRecord } from '../core/types.ts';
import { commonMembers, evidenceMembers, modelMembers, sideMembers } from './cim/fields.ts';
import { modelsOf } from './cim/models.ts';
import { Instants } from './instants.ts';
import { asObject, datastreamOf } from './json.ts';
import { quote, textMember } from './json-text.ts';
import { type Facts, readFacts } from './meaning/facts.ts';
import { textIn } from './meaning/values.ts';
import { siteOf } from './site.ts';
import { prepareAdditions, writeWithoutNulls } from './without-nulls.ts';

/**
 * Fields of the Splunk Common Information Model, for the HTTP Event Collector and files that Splunk reads.
 *
 * Shape    the model's fields at top level, the item without its nulls in `sophos`: its own `type`, `severity`, `category` and `source` mean
 *          other things than the model's, and `source` would even replace Splunk's own. docs/cim.md has a table for each model.
 * Units    `time` in ISO 8601, UTC, when Central recorded it; it is first, where Splunk looks for it.
 * Throws   rejected `format.not-json`, `format.too-deep`.
 * Source   Splunk Common Information Model Add-on, 6.1.
 */
export const cim = defineFormat({
  name: 'cim',
  summary: 'JSON with field names of the Splunk Common Information Model, and the item in `sophos`',
  options: object({}),
  open() {
    const tenantMembers = remembering();
    const instants = new Instants();
    return {
      json: true,
      encode: (record, origin, out) => write(readFacts(record, origin), record, tenantMembers(origin), instants, out),
    };
  },
});

const nothing = prepareAdditions([]);

function write(facts: Facts, record: StreamRecord, tenant: string, instants: Instants, out: LineWriter): void {
  const models = modelsOf(facts);
  const site = facts.told.url === undefined ? undefined : siteOf(facts.told.url).domain;
  const hints = models.first === undefined ? '' : `,"cim_models":[${models.names.map(quote)}],"cim_tags":[${models.tags.map(quote)}]`;
  out.text(
    `{"time":"${instants.text(facts.recordedAt)}"${tenant}${hints}${commonMembers(facts)}${modelMembers(facts, models)}` +
      sideMembers(facts, site) +
      evidenceMembers(facts, site) +
      textMember('change', facts.change),
  );
  out.text(',"sophos":');
  writeWithoutNulls(asObject(record.utf8), nothing, out);
  out.text('}');
}

/** Records of one page share their origin. A memo only: the same origin always gets the same. */
function remembering(): (origin: Origin) => string {
  let last: { readonly origin: Origin; readonly members: string } | undefined;
  return (origin) => {
    if (last?.origin !== origin) last = { origin, members: membersOf(origin) };
    return last.members;
  };
}

function membersOf({ stream, tenant }: Origin): string {
  const product = textMember('vendor_product', 'Sophos Central') + textMember('app', 'Sophos Central');
  return product + textMember('datastream', datastreamOf(stream)) + textMember('tenant_id', textIn(tenant.id)) + textMember('tenant_name', textIn(tenant.name));
}
