import type { Schema } from '../core/kinds.ts';
import { jsonSchemaOf, spell, z } from '../core/schema.ts';
import { type Fields, fieldsOf, orNothing, withPlaceholders } from './placeholder-forms.ts';
import type { Registers } from './registers.ts';
import { secrets } from './secrets/section.ts';
import * as sections from './sections.ts';
import { keysNotServed } from './served.ts';
import { secretExample } from './shape.ts';

/** A kind of sink or format, as its own options tell it. */
interface Kind {
  readonly name: string;
  readonly summary: string;
  readonly options: Schema<unknown>;
}

/**
 * The JSON Schema (draft 2020-12) of the configuration file, of what this version serves.
 *
 * Shape    refuses nothing that the reader of the file takes: placeholders, and sections with nothing in them, pass. What goes together
 *          and what names what is left to the reader. Kinds are told apart by `if` and `then`, so that an editor speaks of one kind only.
 */
export function configSchema({ streams, sinks, formats }: Registers): Fields {
  const properties: Fields = {
    central: { ...bare(sections.account), description: 'The account: one API credential' },
    accounts: {
      type: 'object',
      additionalProperties: orNothing(bare(sections.account)),
      description: 'Several accounts by name, instead of `central`',
      examples: [{ acme: { clientId: '${env:ACME_ID}', clientSecret: '${env:ACME_SECRET}' } }],
    },
    tenants: { ...bare(sections.tenants), description: 'Which tenants are read' },
    streams: {
      type: 'object',
      description: 'What is read; without it `events` and `siem-alerts`',
      examples: [{ events: { every: '60s' }, 'siem-alerts': { every: '60s' } }],
      properties: Object.fromEntries(streams.map((kind) => [kind.name, orNothing(streamSchema(kind))])),
      additionalProperties: false,
    },
    sinks: {
      type: 'object',
      description: 'Destinations by name',
      examples: [{ archive: { type: 'file', path: 'out/{tenant.name}/{stream}.ndjson' } }],
      additionalProperties: ofKinds(sinks, 'The kind of sink', sections.sinkCommon),
    },
    routes: {
      type: 'array',
      description: 'Which records go to which sink, in which format',
      examples: [[{ from: '*', to: 'archive', format: 'raw' }]],
      items: routeSchema(formats),
      minItems: 1,
    },
    actions: {
      type: 'array',
      description: 'What is done about records by itself, once they are delivered; nothing unless set',
      examples: [[{ from: 'alerts', where: 'severity == "low"', do: 'acknowledge' }]],
      items: bare(sections.action),
      minItems: 1,
    },
    intelix: { ...bare(sections.intelix), description: 'SophosLabs Intelix, for the intelix commands' },
    secrets: { ...bare(secrets), description: 'Where and as whom secrets are asked for' },
    defaults: { ...bare(sections.defaults), description: 'For the reading commands' },
    state: bare(sections.state),
    journal: { ...bare(sections.journal), description: 'The durable log between streams and sinks' },
    log: { ...bare(sections.log), description: 'The log of the service' },
    http: { ...bare(sections.http), description: 'Status page and metrics; off unless set' },
  };
  const taken = Object.fromEntries(Object.entries(served(properties, [])).map(([key, section]) => [key, orNothing(fieldsOf(section))]));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'sophos-central configuration',
    ...withPlaceholders({ type: 'object', properties: taken, additionalProperties: false }),
  };
}

function streamSchema({ options, summary, everyMs }: Registers['streams'][number]): Fields {
  const whole = joined(sections.streamCommon, options);
  const properties = fieldsOf(whole.properties);
  return { ...whole, properties: { ...properties, every: { ...fieldsOf(properties.every), default: spell(everyMs) } }, description: summary };
}

/** A map whose `type` says which options it takes. */
function ofKinds(kinds: readonly Kind[], description: string, common: Schema<unknown> | null): Fields {
  const thatOf = (name: string): Fields => ({ type: 'object', properties: { type: { const: name } }, required: ['type'] });
  return {
    type: 'object',
    required: ['type'],
    properties: {
      type: { type: 'string', enum: kinds.map(({ name }) => name), enumDescriptions: kinds.map(({ summary }) => summary), description },
    },
    allOf: kinds.map(({ name, summary, options }) => {
      const whole = common === null ? bare(options) : joined(common, options);
      const required = ['type', ...listOf(whole.required).filter((key) => key !== 'type')];
      const properties = { type: { description }, ...without(fieldsOf(whole.properties), 'type') };
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema; nobody awaits it
      return { if: thatOf(name), then: { ...whole, title: name, description: summary, properties, required, additionalProperties: false } };
    }),
  };
}

function routeSchema(formats: Registers['formats']): Fields {
  const whole = bare(sections.route);
  const name = { type: 'string', enum: formats.map((kind) => kind.name), enumDescriptions: formats.map((kind) => kind.summary) };
  const format = {
    anyOf: [name, ofKinds(formats, 'The format', null)],
    default: 'json',
    description: 'How records are written: a format, or `{ type: format, ...options }`',
  };
  return { ...whole, properties: { ...fieldsOf(whole.properties), format } };
}

/** Keys common to all kinds beside those of one kind. */
function joined(common: Schema<unknown>, options: Schema<unknown>): Fields {
  const [left, right] = [bare(common), bare(options)];
  return {
    ...right,
    type: 'object',
    properties: { ...fieldsOf(left.properties), ...fieldsOf(right.properties) },
    required: [...listOf(left.required), ...listOf(right.required)],
    additionalProperties: false,
  };
}

function bare(schema: Schema<unknown>): Fields {
  if (!(schema instanceof z.ZodType)) return {};
  return dressed(without(fieldsOf(jsonSchemaOf(schema)), '$schema'), '');
}

/** Without limits that limit nothing; secrets with a placeholder as their example; limits of durations and sizes told in words. */
function dressed(schema: Fields, key: string): Fields {
  const { minimum, maximum, limits, ...rest } = schema;
  const told = typeof limits === 'string' && typeof rest.description === 'string' ? { description: `${rest.description} (${limits})` } : {};
  const example = schema.writeOnly === true && schema.type === 'string' && schema.examples === undefined ? { examples: [secretExample(key)] } : {};
  const inner: { [key: string]: unknown } = {};
  if (rest.properties !== undefined)
    inner.properties = Object.fromEntries(Object.entries(fieldsOf(rest.properties)).map(([name, one]) => [name, dressed(fieldsOf(one), name)]));
  for (const one of ['items', 'additionalProperties'] as const) if (typeof rest[one] === 'object') inner[one] = dressed(fieldsOf(rest[one]), key);
  if (Array.isArray(rest.anyOf)) inner.anyOf = rest.anyOf.map((one) => dressed(fieldsOf(one), key));
  return {
    ...rest,
    ...(minimum === Number.MIN_SAFE_INTEGER || minimum === undefined ? {} : { minimum }),
    ...(maximum === Number.MAX_SAFE_INTEGER || maximum === undefined ? {} : { maximum }),
    ...told,
    ...example,
    ...inner,
  };
}

/** Without the keys that are valid but not served yet. */
function served(properties: Fields, path: readonly string[]): Fields {
  const kept = Object.entries(properties).filter(([key]) => !isLater([...path, key]));
  return Object.fromEntries(kept.map(([key, value]) => [key, path.length < 2 ? withoutLater(fieldsOf(value), [...path, key]) : value]));
}

function withoutLater(schema: Fields, path: readonly string[]): Fields {
  const inner = schema.properties === undefined ? {} : { properties: served(fieldsOf(schema.properties), path) };
  const free =
    path.length === 1 && typeof schema.additionalProperties === 'object'
      ? { additionalProperties: withoutLater(fieldsOf(schema.additionalProperties), [...path, '*']) }
      : {};
  return { ...schema, ...inner, ...free };
}

function isLater(path: readonly string[]): boolean {
  return keysNotServed.includes(path.join('.'));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function without(fields: Fields, key: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([one]) => one !== key));
}
