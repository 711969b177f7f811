import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { flagOf, isUuid, timeOf, within, wordsOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn, textsIn } from './body.ts';
import { type Family, forgets, heldBy, holderOf, iso, many, namedBy, shows } from './family.ts';
import { freshIdIn } from './held.ts';
import { keyReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const TYPES = ['user', 'distributionList', 'publicFolder'] as const;
const PRIVILEGES = ['approved', 'pending', 'rejected', 'notRequested'] as const;
const ADDRESS = /^[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+$/;

const mailboxes: Family = {
  name: 'mailboxes',
  make: (holder) =>
    many(holder, 'mailboxes', 130, (i, random, id) => {
      const type = i % 13 === 12 ? 'distributionList' : i % 29 === 28 ? 'publicFolder' : 'user';
      return {
        id,
        type,
        email: `${type === 'user' ? 'user' : 'team'}${i}@example.com`,
        name: `${type === 'user' ? 'Person' : 'Team'} ${i}`,
        createdAt: iso(holder.tenant.bornAt - (400 - i) * 86_400_000),
        bulkSenderPrivilege: { bulkSenderPrivilegeStatus: i % 20 === 0 ? 'approved' : 'notRequested' },
        blocked: random() < 0.04,
        distributionListOwners: type === 'distributionList' ? [`user${i - 1}@example.com`] : [],
        aliases: i % 6 === 0 ? [`alias${i}@example.com`] : [],
        delegates: i % 10 === 0 ? [`user${i + 1}@example.com`] : [],
        policies: { emailSecurity: ['Base Policy'], dataControl: ['Base Policy'], secureMessage: ['Base Policy'] },
      };
    }),
};

function brief({ id, type, email, name, createdAt, blocked }: Item): Item {
  return { id, type, email, name, createdAt, blocked };
}

function list(asked: Asked): Reply {
  const text = (name: string) => parameterOf(asked.query, name)?.toLowerCase();
  const types = wordsOf(asked, 'type', TYPES);
  const privileges = wordsOf(asked, 'bulkSenderPrivilegeStatus', PRIVILEGES);
  const blocked = flagOf(asked, 'blocked');
  const [after, before] = [timeOf(asked, 'createdAfter'), timeOf(asked, 'createdBefore')];
  const [name, nameStart, email, emailStart, alias, aliasStart, delegate, owner] = [
    'name',
    'nameStartsWith',
    'email',
    'emailStartsWith',
    'alias',
    'aliasesStartWith',
    'delegate',
    'distributionListOwnedBy',
  ].map(text);
  const lower = (value: unknown) => String(value).toLowerCase();
  const any = (item: Item, field: string, test: (one: string) => boolean) => textsIn(item, field).map(lower).some(test);
  const kept = heldBy(mailboxes, asked)
    .list()
    .filter((item) => types.length === 0 || types.includes(String(item.type)))
    .filter((item) => privileges.length === 0 || privileges.includes(String(Reflect.get(Object(item.bulkSenderPrivilege), 'bulkSenderPrivilegeStatus'))))
    .filter((item) => (blocked === undefined || item.blocked === blocked) && within(item.createdAt, after, before))
    .filter((item) => (name === undefined || lower(item.name) === name) && (nameStart === undefined || lower(item.name).startsWith(nameStart)))
    .filter((item) => (email === undefined || lower(item.email) === email) && (emailStart === undefined || lower(item.email).startsWith(emailStart)))
    .filter((item) => alias === undefined || any(item, 'aliases', (one) => one === alias))
    .filter((item) => aliasStart === undefined || any(item, 'aliases', (one) => one.startsWith(aliasStart)))
    .filter((item) => delegate === undefined || any(item, 'delegates', (one) => one === delegate))
    .filter((item) => owner === undefined || any(item, 'distributionListOwners', (one) => one === owner));
  // Totals are not to be had here.
  const query = new URLSearchParams(asked.query);
  query.delete('pageTotal');
  return keyReply({ ...asked, query }, kept.map(brief), { usual: 50, max: 100 });
}

const NEW: Shape = { type: TYPES, email: 'text!', name: 'text', aliases: 'texts', delegates: 'texts', distributionListOwners: 'texts' };

function add(asked: Asked, value: unknown): Item {
  const body = shapedIn(value, NEW, 'a mailbox');
  const collection = heldBy(mailboxes, asked);
  if (body.type === undefined || !ADDRESS.test(String(body.email))) throw new Refused(400, 'type and a valid email are required');
  if (isTaken(asked, String(body.email))) throw new Refused(409, 'email is in use');
  const fresh = {
    name: body.email,
    createdAt: iso(asked.now),
    bulkSenderPrivilege: { bulkSenderPrivilegeStatus: 'notRequested' },
    blocked: false,
    distributionListOwners: [],
    aliases: [],
    delegates: [],
    policies: { emailSecurity: ['Base Policy'], dataControl: ['Base Policy'], secureMessage: ['Base Policy'] },
  };
  return collection.put({ id: freshIdIn(holderOf(mailboxes, asked), 'mailboxes', collection), ...fresh, ...body });
}

function isTaken(asked: Asked, address: string): boolean {
  const wanted = address.toLowerCase();
  const owned = (item: Item) => [String(item.email), ...textsIn(item, 'aliases')].some((one) => one.toLowerCase() === wanted);
  return heldBy(mailboxes, asked).list().some(owned);
}

/** Each on its own: what cannot be done stands among the errors. */
function addMany(asked: Asked): Reply {
  const { items } = bodyIn(asked, { items: 'objects!' });
  const [made, errors]: [Item[], Item[]] = [[], []];
  for (const one of Array.isArray(items) ? items : []) {
    try {
      made.push(brief(add(asked, one)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      errors.push({ email: Reflect.get(Object(one), 'email'), error: error.status === 409 ? 'resourceConflict' : 'badRequest' });
    }
  }
  return json(201, { items: made, errors });
}

function removeMany(asked: Asked): Reply {
  const { items } = bodyIn(asked, { items: 'objects!' });
  const ids = (Array.isArray(items) ? items : []).map((one) => shapedIn(one, { id: 'text!' }, 'items').id);
  const gone = ids.map((id) => heldBy(mailboxes, asked).remove(String(id).toLowerCase()));
  const errors = ids.flatMap((id, i) => (gone[i] ? [] : [{ id, error: isUuid(id) ? 'notFound' : 'badRequest' }]));
  return json(200, { items: ids.filter((_, i) => gone[i]).map((id) => ({ id })), errors });
}

function rename(asked: Asked): Reply {
  const item = namedBy(mailboxes, asked, 'id');
  const { name } = bodyIn(asked, { name: 'text!' });
  return json(201, heldBy(mailboxes, asked).put({ ...item, name }));
}

/** Adds to a list of addresses and takes from it; what is there already or is not there is an error of its own. */
function edits(field: 'aliases' | 'delegates' | 'distributionListOwners') {
  return (asked: Asked): Reply => {
    const item = namedBy(mailboxes, asked, 'id');
    const body = bodyIn(asked, { add: 'texts', remove: 'texts' });
    const before = textsIn(item, field);
    const [add, remove] = [textsIn(body, 'add'), textsIn(body, 'remove')];
    const isFree = (address: string) => ADDRESS.test(address) && !before.includes(address) && (field !== 'aliases' || !isTaken(asked, address));
    const [added, removed] = [add.filter(isFree), remove.filter((address) => before.includes(address))];
    const rest = (all: readonly string[], done: readonly string[], error: string) =>
      all.filter((one) => !done.includes(one)).map((email) => ({ email, error }));
    heldBy(mailboxes, asked).put({ ...item, [field]: [...before.filter((one) => !removed.includes(one)), ...added] });
    const errors = { failedToAdd: rest(add, added, 'resourceConflict'), failedToRemove: rest(remove, removed, 'notFound') };
    return json(200, { added, removed, errors });
  };
}

function askPrivilege(asked: Asked): Reply {
  const item = namedBy(mailboxes, asked, 'id');
  bodyIn(asked, { count: 'int!', period: ['hourly', 'daily', 'weekly', 'monthly'], purpose: 'text!' });
  heldBy(mailboxes, asked).put({ ...item, bulkSenderPrivilege: { bulkSenderPrivilegeStatus: 'pending' } });
  return json(200, { accepted: true });
}

const PATH = '/email/v1/mailboxes';

/** Mailboxes of Email Management. */
export const mailboxRoutes: readonly Route[] = [
  route(`GET ${PATH}`, list),
  route(`POST ${PATH}`, (asked) => json(201, add(asked, bodyIn(asked, NEW)))),
  route(`POST ${PATH}/bulk`, addMany),
  route(`POST ${PATH}/delete`, removeMany),
  route(`GET ${PATH}/{id}`, shows(mailboxes, 'id')),
  route(`PATCH ${PATH}/{id}`, rename),
  route(`DELETE ${PATH}/{id}`, forgets(mailboxes, 'id')),
  route(`POST ${PATH}/{id}/aliases`, edits('aliases')),
  route(`POST ${PATH}/{id}/delegates`, edits('delegates')),
  route(`POST ${PATH}/{id}/distribution-list-owners`, edits('distributionListOwners')),
  route(`POST ${PATH}/{id}/bulksender-privilege-request`, askPrivilege),
];
