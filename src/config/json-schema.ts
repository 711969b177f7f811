import type { Schema } from '../core/kinds.ts';
import { jsonSchemaOf, z } from '../core/schema.ts';
import type { Registers } from './registers.ts';
import * as sections from './sections.ts';
import { keysNotServed } from './served.ts';

type Fields = { readonly [key: string]: unknown };

/** The JSON Schema (draft 2020-12) of the configuration file, of what this version serves. */
export function configSchema({ streams, sinks, formats }: Registers): Fields {
  const properties: Fields = {
    central: { ...bare(sections.account), description: 'The account: one API credential' },
    accounts: { type: 'object', additionalProperties: bare(sections.account), description: 'Several accounts by name, instead of `central`' },
    tenants: { ...bare(sections.tenants), description: 'Which tenants are read' },
    streams: {
      type: 'object',
      description: 'What is read; without it `events` and `siem-alerts`',
      properties: Object.fromEntries(streams.map((kind) => [kind.name, { ...joined(sections.streamCommon, kind.options), description: kind.summary }])),
      additionalProperties: false,
    },
    sinks: {
      type: 'object',
      description: 'Destinations by name',
      additionalProperties: {
        type: 'object',
        required: ['type'],
        discriminator: { propertyName: 'type' },
        oneOf: sinks.map((kind) => sinkSchema(kind.name, kind.summary, kind.options)),
      },
    },
    routes: { type: 'array', description: 'Which records go to which sink, in which format', items: routeSchema(formats) },
    actions: { type: 'array', description: 'What is done about records by itself, once they are delivered; nothing unless set', items: bare(sections.action) },
    intelix: { ...bare(sections.intelix), description: 'SophosLabs Intelix, for the intelix commands' },
    defaults: { ...bare(sections.defaults), description: 'For the reading commands' },
    state: bare(sections.state),
    journal: { ...bare(sections.journal), description: 'The durable log between streams and sinks' },
    log: { ...bare(sections.log), description: 'The log of the service' },
    http: { ...bare(sections.http), description: 'Status page and metrics; off unless set' },
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'sophos-central configuration',
    type: 'object',
    properties: served(properties, []),
    additionalProperties: false,
  };
}

function sinkSchema(name: string, summary: string, options: Schema<unknown>): Fields {
  const whole = joined(sections.sinkCommon, options);
  const properties = { ...(whole.properties as Fields), type: { const: name, description: 'The kind of sink' } };
  return { ...whole, title: name, description: summary, properties };
}

function routeSchema(formats: Registers['formats']): Fields {
  const whole = bare(sections.route);
  const name = { enum: formats.map((kind) => kind.name) };
  const withOptions = formats.map((kind) => {
    const { properties = {}, required = [], ...rest } = bare(kind.options);
    return {
      ...rest,
      properties: { ...(properties as Fields), type: { const: kind.name, description: kind.summary } },
      required: ['type', ...(required as string[])],
    };
  });
  const format = { anyOf: [name, ...withOptions], default: 'json', description: 'How records are written: a format, or `{ type: format, ...options }`' };
  return { ...whole, properties: { ...(whole.properties as Fields), format } };
}

/** Keys common to all kinds beside those of one kind. */
function joined(common: Schema<unknown>, options: Schema<unknown>): Fields {
  const [left, right] = [bare(common), bare(options)];
  return {
    ...right,
    type: 'object',
    properties: { ...(left.properties as Fields), ...((right.properties as Fields | undefined) ?? {}) },
    required: [...((left.required as string[] | undefined) ?? []), ...((right.required as string[] | undefined) ?? [])],
    additionalProperties: false,
  };
}

function bare(schema: Schema<unknown>): Fields {
  if (!(schema instanceof z.ZodType)) return {};
  const { $schema: _dialect, ...rest } = jsonSchemaOf(schema) as Fields;
  return rest;
}

/** Without the keys that are valid but not served yet. */
function served(properties: Fields, path: readonly string[]): Fields {
  const kept = Object.entries(properties).filter(([key]) => !isLater([...path, key]));
  return Object.fromEntries(kept.map(([key, value]) => [key, path.length < 2 ? withoutLater(value as Fields, [...path, key]) : value]));
}

function withoutLater(schema: Fields, path: readonly string[]): Fields {
  const inner = schema.properties === undefined ? {} : { properties: served(schema.properties as Fields, path) };
  const free =
    path.length === 1 && typeof schema.additionalProperties === 'object'
      ? { additionalProperties: withoutLater(schema.additionalProperties as Fields, [...path, '*']) }
      : {};
  return { ...schema, ...inner, ...free };
}

function isLater(path: readonly string[]): boolean {
  return keysNotServed.includes(path.join('.'));
}
