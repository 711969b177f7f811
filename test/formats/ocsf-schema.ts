/**
 * A validator for OCSF events, written from the published schema (test/fixtures/ocsf-1.8.0.json) and from nothing of ours.
 *
 * It checks what the schema says of an event: attributes that exist, in profiles that the event names; required ones; types with their
 * patterns, lengths and ranges; enumerations; constraints; and that the numbers of class, category and type agree.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Attribute {
  readonly type: string;
  readonly requirement: 'required' | 'recommended' | 'optional';
  readonly profile?: string;
  readonly object?: string;
  readonly is_array?: boolean;
  readonly enum?: Readonly<Record<string, string>>;
}

interface Shape {
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly constraints?: { readonly at_least_one?: readonly string[]; readonly just_one?: readonly string[] };
}

interface Class extends Shape {
  readonly class_uid: number;
  readonly category_uid: number;
  readonly profiles: readonly string[];
}

interface Schema {
  readonly version: string;
  readonly classes: Readonly<Record<string, Class>>;
  readonly objects: Readonly<Record<string, Shape>>;
  readonly types: Readonly<
    Record<
      string,
      {
        readonly type?: string;
        readonly regex?: string;
        readonly max_len?: number;
        readonly range?: readonly [number, number];
        readonly values?: readonly unknown[];
      }
    >
  >;
}

export const schema: Schema = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/ocsf-1.8.0.json'), 'utf8'));

const byUid = new Map(Object.values(schema.classes).map((each) => [each.class_uid, each]));

export type Event = Readonly<Record<string, unknown>>;

/** What is wrong with an event; nothing when it is valid. */
export function findingsOn(event: Event): string[] {
  const found: string[] = [];
  const say: Say = (path, what) => void found.push(`${path}: ${what}`);
  const of = byUid.get(event.class_uid as number);
  if (of === undefined) return [`class_uid: no class ${JSON.stringify(event.class_uid)}`];
  if (event.category_uid !== of.category_uid) say('category_uid', `is ${String(event.category_uid)}, the class is of ${of.category_uid}`);
  if (event.type_uid !== of.class_uid * 100 + (event.activity_id as number)) say('type_uid', `is ${String(event.type_uid)}`);
  const metadata = (event.metadata ?? {}) as { readonly version?: unknown; readonly profiles?: readonly string[] };
  if (metadata.version !== schema.version) say('metadata.version', `is ${String(metadata.version)}`);
  const profiles = new Set(metadata.profiles ?? []);
  for (const profile of profiles) if (!of.profiles.includes(profile)) say('metadata.profiles', `the class does not take ${profile}`);
  checkShape('', of, event, profiles, say);
  return found;
}

type Say = (path: string, what: string) => undefined;

function checkShape(at: string, shape: Shape, value: Event, profiles: ReadonlySet<string>, say: Say): void {
  for (const [name, attribute] of Object.entries(shape.attributes)) {
    const applies = attribute.profile === undefined || profiles.has(attribute.profile);
    const path = at === '' ? name : `${at}.${name}`;
    if (value[name] === undefined) {
      if (applies && attribute.requirement === 'required') say(path, 'is required');
    } else if (applies) checkAttribute(path, attribute, value[name], profiles, say);
    else say(path, `belongs to the profile ${attribute.profile}, which is not named`);
  }
  for (const name of Object.keys(value)) if (!Object.hasOwn(shape.attributes, name)) say(at === '' ? name : `${at}.${name}`, 'is not in the schema');
  const { at_least_one: some, just_one: one } = shape.constraints ?? {};
  const present = (names: readonly string[]) => names.filter((name) => value[name] !== undefined).length;
  if (some !== undefined && present(some) === 0) say(at, `has none of ${some.join(', ')}`);
  if (one !== undefined && present(one) !== 1) say(at, `has not just one of ${one.join(', ')}`);
}

/** Numbers that the schema says elsewhere: in the class, and not in the enumeration that all classes inherit. */
const ofTheClass = new Set(['class_uid', 'category_uid']);

function checkAttribute(path: string, attribute: Attribute, value: unknown, profiles: ReadonlySet<string>, say: Say): void {
  if (attribute.is_array) {
    if (!Array.isArray(value)) say(path, 'is no list');
    else for (const [i, each] of value.entries()) checkAttribute(`${path}[${i}]`, { ...attribute, is_array: false }, each, profiles, say);
    return;
  }
  if (attribute.enum !== undefined && !ofTheClass.has(path) && !Object.hasOwn(attribute.enum, String(value)))
    say(path, `${JSON.stringify(value)} is not enumerated`);
  if (attribute.object !== undefined || attribute.type === 'object') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      say(path, 'is no object');
      return;
    }
    const shape = schema.objects[attribute.object ?? attribute.type];
    // `object` itself (unmapped) takes any member.
    if (shape !== undefined && attribute.object !== 'object' && Object.keys(shape.attributes).length > 0)
      checkShape(path, shape, value as Event, profiles, say);
    return;
  }
  checkType(path, attribute.type, value, say);
}

function checkType(path: string, name: string, value: unknown, say: Say): void {
  const { type, regex, max_len: maxLength, range, values } = schema.types[name] ?? {};
  if (name === 'json_t') return;
  const basic = type ?? name;
  const right =
    basic === 'string_t'
      ? typeof value === 'string'
      : basic === 'integer_t' || basic === 'long_t'
        ? Number.isSafeInteger(value)
        : basic === 'boolean_t'
          ? typeof value === 'boolean'
          : basic === 'float_t' && typeof value === 'number';
  if (!right) {
    say(path, `${JSON.stringify(value)} is no ${name}`);
    return;
  }
  if (regex !== undefined && !new RegExp(regex).test(String(value))) say(path, `${JSON.stringify(value)} does not look like ${name}`);
  if (maxLength !== undefined && String(value).length > maxLength) say(path, `is longer than ${maxLength}`);
  if (range !== undefined && (Number(value) < range[0] || Number(value) > range[1])) say(path, `${String(value)} is out of range`);
  if (values !== undefined && !values.includes(value)) say(path, `${JSON.stringify(value)} is none of the values`);
}
