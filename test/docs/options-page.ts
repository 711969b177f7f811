/** Writes docs/options.md out of the JSON Schema. */
import { jsonSchemaOf, duration as makeDuration, size as makeSize } from '../../src/core/schema.ts';

export type Node = { readonly [key: string]: unknown };

const isMap = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (value: unknown, ...steps: readonly string[]): Node => {
  const found = steps.reduce<unknown>((node, step) => (isMap(node) ? node[step] : undefined), value);
  return isMap(found) ? found : {};
};
const patternOf = (schema: unknown) => (schema as { readonly pattern: string }).pattern;
const duration = patternOf(jsonSchemaOf(makeDuration()));
const size = patternOf(jsonSchemaOf(makeSize()));

/** Without the way for placeholders, which stands in every text. */
function branches(schema: Node): readonly Node[] {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf)) return [schema];
  return anyOf
    .filter(isMap)
    .filter(({ pattern }) => pattern !== '\\$\\{')
    .flatMap(branches);
}

const quoted = (value: unknown) => {
  const text = typeof value === 'string' ? value : spaced(value);
  return `\`${text.replaceAll('|', '\\|')}\``;
};

/** As it may stand in YAML. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (isMap(value))
    return Object.keys(value).length === 0
      ? '{}'
      : `{ ${Object.entries(value)
          .map(([key, one]) => `${inFlow(key)}: ${spaced(one)}`)
          .join(', ')} }`;
  return typeof value === 'string' ? inFlow(value) : String(value);
}

const inFlow = (text: string) => (/^[A-Za-z][\w. /-]*$/.test(text) ? text : JSON.stringify(text));

function typeOf(schema: Node): string {
  const told = branches(schema).map((one) => {
    const { type, enum: values, pattern, minimum, maximum, items, additionalProperties, properties } = one;
    const kind = [type].flat()[0];
    if (Array.isArray(values)) return values.map(quoted).join(', ');
    if (pattern === duration) return 'duration';
    if (pattern === size) return 'size';
    if (kind === 'integer' && minimum !== undefined)
      return maximum === undefined ? `whole number, at least ${minimum}` : `whole number, ${minimum} to ${maximum}`;
    if (kind === 'integer') return 'whole number';
    if (kind === 'boolean') return '`true`, `false`';
    if (kind === 'array') return `list of ${plural(typeOf(at(items)))}`;
    if (kind === 'object' && isMap(properties)) return 'map';
    if (kind === 'object') return isMap(additionalProperties) ? `map of ${plural(typeOf(additionalProperties))}` : 'map';
    return one.writeOnly === true || schema.writeOnly === true ? 'secret text' : 'text';
  });
  return [...new Set(told)].join(', or ');
}

function plural(type: string): string {
  return /^(text|secret text|map|duration|size)$/.test(type) ? `${type}s` : type.replace(/^whole number/, 'whole numbers').replace(/^map of/, 'maps of');
}

function exampleOf(schema: Node): unknown {
  return [schema, ...branches(schema)].flatMap(({ examples }) => (Array.isArray(examples) ? examples : []))[0];
}

function rowsOf(schema: Node, prefix: string): readonly string[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(at(schema, 'properties')).flatMap(([key, value]) => {
    const one = at(value);
    const inner = branches(one).find(({ properties }) => isMap(properties));
    const usual = one.default === undefined || (inner !== undefined && Object.keys(at(one.default)).length === 0) ? '' : quoted(one.default);
    const example = exampleOf(one);
    const cells = [
      `\`${prefix}${key}\``,
      key === 'type' && Array.isArray(value) ? '' : typeOf(one),
      required.includes(key) ? '**required**' : usual,
      example === undefined ? '' : quoted(example),
      String(one.description ?? '').replaceAll('|', '\\|'),
    ];
    return [`| ${cells.join(' | ')} |`.replace(/ {2,}/g, ' '), ...(inner && key !== 'format' ? rowsOf(inner, `${prefix}${key}.`) : [])];
  });
}

function table(schema: Node, prefix = ''): string {
  const rows = rowsOf(schema, prefix);
  return rows.length === 0 ? 'No options.' : ['| key | type | default | example | tells |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** Its kinds, each below a heading of its own. */
function kinds(schema: Node): readonly string[] {
  const all = Array.isArray(schema.allOf) ? schema.allOf : [];
  return all.map((one: unknown) => {
    const kind = at(one, 'then');
    const { type: _type, ...properties } = at(kind, 'properties');
    return `### ${String(kind.title)}\n\n${String(kind.description)}.\n\n${table({ ...kind, properties })}`;
  });
}

const head = `# Every option

Made from the JSON Schema that \`sophos-central config schema\` prints, with the defaults that apply; [Configuration](configuration.md)
shows a whole file. A *duration* is such as \`90s\`, \`12h\` or \`7d\` (\`ms\`, \`s\`, \`m\`, \`h\`, \`d\`, \`w\`), a *size* such as \`100MB\` or \`64KiB\`.
A *secret text* never appears in logs, errors and \`config show\`. In every text a placeholder may stand, such as \`\${env:NAME}\`: see
[Secrets](secrets.md). Paths are relative to the configuration file.`;

/** The page, from the schema of everything that this version serves. */
export function optionsPage(schema: Node): string {
  const sections = Object.entries(at(schema, 'properties')).map(([name, value]) => {
    const section = at(value);
    const title = `## ${name}\n\n${String(section.description)}.`;
    if (name === 'accounts') return `${title} Below each name stands what may stand in [central](#central).`;
    if (name === 'streams') {
      const all = Object.entries(at(section, 'properties')).map(([key, one]) => `### ${key}\n\n${String(at(one).description)}.\n\n${table(at(one))}`);
      return [title, ...all].join('\n\n');
    }
    if (name === 'sinks') {
      const type = `Every sink has a name, and below it \`type\`, which says what kind it is: one of the headings below.`;
      return [`${title} ${type}`, ...kinds(at(section, 'additionalProperties'))].join('\n\n');
    }
    if (name === 'routes' || name === 'actions') return `${title} A list; each entry has:\n\n${table(at(section, 'items'))}`;
    if (!isMap(section.properties))
      return `${title}\n\n| type | default |\n| --- | --- |\n| ${typeOf(section)} | ${section.default === undefined ? '' : quoted(section.default)} |`;
    return `${title}\n\n${table(section)}`;
  });
  const format = branches(at(schema, 'properties', 'routes', 'items', 'properties', 'format')).find(({ allOf }) => allOf !== undefined);
  const formats = ['## formats', '`format` of a route is the name of a format, or `{ type: NAME, ...options }` with these options.', ...kinds(format ?? {})];
  return `${[head, ...sections, ...formats].join('\n\n')}\n`;
}
