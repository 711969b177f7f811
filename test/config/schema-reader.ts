/**
 * Validates by JSON Schema, draft 2020-12, as far as the schema of the configuration uses it. A word that it does not know is an error,
 * so that nothing is passed over in silence.
 */

export type Node = { readonly [key: string]: unknown };

/** Words that say something and check nothing. */
const annotations = ['$schema', 'title', 'description', 'default', 'examples', 'writeOnly', 'enumDescriptions'];

type Check = (rule: unknown, value: unknown, schema: Node) => boolean | readonly string[];

const isMap = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const fits = (schema: unknown, value: unknown) => complaintsOf(schema, value).length === 0;
const below = (step: string, complaints: readonly string[]) => complaints.map((one) => `/${step}${one}`);

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isMap,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const checks: Readonly<Record<string, Check>> = {
  type: (rule, value) => [rule].flat().some((name) => (types[String(name)] ?? (() => false))(value)),
  enum: (rule, value) => (rule as unknown[]).includes(value),
  const: (rule, value) => rule === value,
  minLength: (rule, value) => typeof value !== 'string' || [...value].length >= Number(rule),
  maxLength: (rule, value) => typeof value !== 'string' || [...value].length <= Number(rule),
  pattern: (rule, value) => typeof value !== 'string' || new RegExp(String(rule), 'u').test(value),
  minimum: (rule, value) => typeof value !== 'number' || value >= Number(rule),
  maximum: (rule, value) => typeof value !== 'number' || value <= Number(rule),
  minItems: (rule, value) => !Array.isArray(value) || value.length >= Number(rule),
  items: (rule, value) => (Array.isArray(value) ? value.flatMap((one, i) => below(String(i), complaintsOf(rule, one))) : true),
  required: (rule, value) => (isMap(value) ? (rule as string[]).filter((key) => !Object.hasOwn(value, key)).map((key) => `/${key} is missing`) : true),
  properties: (rule, value) =>
    isMap(value) && isMap(rule)
      ? Object.entries(rule).flatMap(([key, schema]) => (Object.hasOwn(value, key) ? below(key, complaintsOf(schema, value[key])) : []))
      : true,
  propertyNames: (rule, value) => (isMap(value) ? Object.keys(value).flatMap((key) => below(key, complaintsOf(rule, key))) : true),
  additionalProperties: (rule, value, { properties }) =>
    isMap(value)
      ? Object.keys(value)
          .filter((key) => !(isMap(properties) && Object.hasOwn(properties, key)))
          .flatMap((key) => below(key, complaintsOf(rule, value[key])))
      : true,
  anyOf: (rule, value) => (rule as unknown[]).some((schema) => fits(schema, value)),
  allOf: (rule, value) => (rule as unknown[]).flatMap((schema) => complaintsOf(schema, value)),
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  then: (rule, value, { if: condition }) => (condition === undefined || !fits(condition, value) ? true : complaintsOf(rule, value)),
  if: () => true,
};

/** What a schema says against a value, each with its place; empty when it takes it. */
export function complaintsOf(schema: unknown, value: unknown): readonly string[] {
  if (typeof schema === 'boolean') return schema ? [] : [' is not allowed'];
  if (!isMap(schema)) throw new Error(`this is no schema: ${JSON.stringify(schema)}`);
  return Object.entries(schema).flatMap(([word, rule]) => {
    if (annotations.includes(word)) return [];
    const check = checks[word];
    if (!check) throw new Error(`the reader does not know \`${word}\``);
    const outcome = check(rule, value, schema);
    return outcome === true ? [] : outcome === false ? [` against ${word} ${JSON.stringify(rule).slice(0, 100)}`] : outcome;
  });
}

/** A part of a schema that has a name, with everything that may be asked of it. */
export interface Property {
  readonly path: string;
  readonly schema: Node;
}

/** Every property, whichever way leads there. */
export function propertiesOf(schema: unknown, path = ''): readonly Property[] {
  if (!isMap(schema)) return [];
  const title = typeof schema.title === 'string' && path !== '' ? `(${schema.title})` : '';
  const own = Object.entries(isMap(schema.properties) ? schema.properties : {}).flatMap(([key, one]) =>
    isMap(one) ? [{ path: `${path}${title}.${key}`, schema: one }, ...propertiesOf(one, `${path}${title}.${key}`)] : [],
  );
  const inner = ['additionalProperties', 'items', 'then'].flatMap((word) => propertiesOf(schema[word], word === 'then' ? path : `${path}.*`));
  const branches = ['anyOf', 'allOf'].flatMap((word) => (Array.isArray(schema[word]) ? schema[word].flatMap((one) => propertiesOf(one, path)) : []));
  return [...own, ...inner, ...branches];
}
