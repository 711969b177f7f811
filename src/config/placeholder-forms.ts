/** What the JSON Schema must let pass because the reader of the file takes it. */

export type Fields = { readonly [key: string]: unknown };

/** A text that holds a placeholder: what it stands for is not known to an editor. */
export const placeholderText: Fields = { type: 'string', pattern: '\\$\\{' };

const limits = ['type', 'pattern', 'enum', 'const', 'maxLength', 'minLength'];

/** The schema with a way for placeholders wherever a text is held to a form: an editor's false alarm is worse than none. */
export function withPlaceholders(schema: Fields): Fields {
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, within(key, value)]));
  return isBoundText(schema) ? loosened(inner) : inner;
}

function within(key: string, value: unknown): unknown {
  if (key === 'properties') return Object.fromEntries(Object.entries(fieldsOf(value)).map(([name, one]) => [name, withPlaceholders(fieldsOf(one))]));
  if (key === 'anyOf' && Array.isArray(value)) return [...new Set(value.flatMap((one) => branches(withPlaceholders(fieldsOf(one)))))];
  if (key === 'allOf' && Array.isArray(value)) return value.map((one) => withPlaceholders(fieldsOf(one)));
  const isSchema = key === 'items' || key === 'additionalProperties' || key === 'then';
  return isSchema && typeof value === 'object' ? withPlaceholders(fieldsOf(value)) : value;
}

/** Alternatives within an alternative stand beside it, unless something is said of them together. */
function branches(schema: Fields): readonly unknown[] {
  return Array.isArray(schema.anyOf) && Object.keys(schema).length === 1 ? schema.anyOf : [schema];
}

function isBoundText({ type, enum: values, const: constant, pattern, maxLength }: Fields): boolean {
  if (Array.isArray(values)) return values.some((one) => typeof one === 'string');
  return typeof constant === 'string' || (type === 'string' && (pattern ?? maxLength) !== undefined);
}

/** What says something to a person stays outside, so that editors show it whichever way is taken. */
function loosened(schema: Fields): Fields {
  const entries = Object.entries(schema);
  const [bound, said] = [true, false].map((isLimit) => Object.fromEntries(entries.filter(([key]) => limits.includes(key) === isLimit)));
  return { ...said, anyOf: [bound, placeholderText] };
}

/** Takes `key:` with nothing behind it, too. */
export function orNothing(schema: Fields): Fields {
  return typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : schema;
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
