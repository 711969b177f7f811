import type { Item } from '../collection.ts';
import { hexText, pick, randomFrom } from '../random.ts';
import { json, type Reply } from '../reply.ts';
import { instantOf } from './asking.ts';
import { bodyIn, type Shape, shapedIn, textsIn } from './body.ts';
import { type Family, heldBy, iso, many, namedBy } from './family.ts';
import { collectionOf, familyOf, freshIdIn, type Holder } from './held.ts';
import { keyReply, pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

/** Mail held back before it was delivered, and mail taken back afterwards. */
type Place = 'quarantine' | 'post-delivery-quarantine';

const REASONS = [
  'bulk',
  'dataControl',
  'dkim',
  'dmarc',
  'headerAnomaly',
  'domainAnomaly',
  'impersonation',
  'intelixMalicious',
  'intelixSuspicious',
  'intelixUnscannable',
  'maliciousUrl',
  'malware',
  's/mime',
  'spam',
  'spf',
  'suspectedSpam',
  'unscannable',
] as const;
const AFTER_REASONS = ['malware', 'maliciousUrl', 'phishing', 'intelixMalicious'] as const;
const SIZES = { usual: 50, max: 100 } as const;
const DOWNLOAD_MS = 3000;

function messagesOf(place: Place): Family {
  return { name: `${place} messages`, make: (holder) => many(holder, `${place} messages`, 140, (i, random, id) => madeMessage(holder, place, i, random, id)) };
}

function madeMessage({ tenant }: Holder, place: Place, i: number, random: () => number, id: string): Item {
  const hasFiles = i % 3 === 0;
  return {
    id,
    ...(place === 'quarantine' ? { direction: i % 5 === 4 ? 'outbound' : 'inbound' } : { o365MessageId: `<${hexText(24, random)}@mail.example.com>` }),
    quarantinedAt: iso(tenant.bornAt - i * 5 * 3_600_000 - Math.floor(random() * 3_600_000)),
    from: `sender${i % 17}@example.net`,
    to: [`user${i % 40}@example.com`],
    forRecipient: `user${i % 40}@example.com`,
    subject: pick(['Your invoice', 'Parcel on hold', 'Password expires today', 'Quarterly report', 'Re: meeting'], random),
    reason: place === 'quarantine' ? pick(REASONS, random) : pick(AFTER_REASONS, random),
    productType: i % 2 === 0 ? 'gateway' : 'mailflow',
    sizeInMB: Math.round(random() * 500) / 100,
    attachments: hasFiles ? [`document-${i}.pdf`, ...(i % 6 === 0 ? [`table-${i}.xlsx`] : [])] : [],
    urls: i % 2 === 1 ? [`http://link-${i}.example.net/`] : [],
  };
}

function shown({ attachments, urls: _urls, stripped: _stripped, ...message }: Item): Item {
  return { ...message, hasAnyAttachment: Array.isArray(attachments) && attachments.length > 0 };
}

const FILTER: Shape = {
  id: 'text',
  fromContains: 'text',
  toContains: 'text',
  subjectContains: 'text',
  attachmentNameContains: 'text',
  direction: ['inbound', 'outbound'],
  productType: ['gateway', 'mailflow'],
  reason: 'texts',
  hasAnyAttachment: 'flag',
};

function filterIn(value: unknown, reasons: readonly string[]): (item: Item) => boolean {
  const { sizeInMBGreaterThan: more, sizeInMBLowerThan: less, ...rest } = value === undefined ? {} : { ...Object(value) };
  for (const size of [more, less]) if (size !== undefined && typeof size !== 'number') throw new Refused(400, 'a size is not a number');
  const filter = shapedIn(value === undefined ? {} : rest, FILTER, 'filter');
  const wanted = textsIn(filter, 'reason');
  for (const reason of wanted) if (!reasons.includes(reason)) throw new Refused(400, 'reason has an unknown value');
  const has = (key: string, ...texts: readonly string[]) =>
    filter[key] === undefined || texts.some((text) => text.toLowerCase().includes(String(filter[key]).toLowerCase()));
  const same = (key: string, item: Item) => filter[key] === undefined || item[key] === filter[key];
  return (item) =>
    same('id', item) &&
    same('direction', item) &&
    same('productType', item) &&
    has('fromContains', String(item.from)) &&
    has('toContains', ...textsIn(item, 'to')) &&
    has('subjectContains', String(item.subject)) &&
    has('attachmentNameContains', ...textsIn(item, 'attachments')) &&
    (wanted.length === 0 || wanted.includes(String(item.reason))) &&
    (filter.hasAnyAttachment === undefined || textsIn(item, 'attachments').length > 0 === filter.hasAnyAttachment) &&
    (more === undefined || Number(item.sizeInMB) > more) &&
    (less === undefined || Number(item.sizeInMB) < less);
}

const SORTS = ['quarantinedAt', 'from', 'forRecipient', 'subject', 'reason', 'sizeInMB'];

function sorted(items: readonly Item[], sort: readonly string[]): readonly Item[] {
  const orders = sort.map((word) => {
    const [, field, direction] = /^([A-Za-z]+)(?::(asc|desc))?$/i.exec(word) ?? [];
    if (field === undefined || !SORTS.includes(field)) throw new Refused(400, 'sort has an unknown value');
    return { field, factor: direction?.toLowerCase() === 'desc' ? -1 : 1 };
  });
  return [...items].sort((a, b) => {
    for (const { field, factor } of orders) {
      const [left, right] = [a[field], b[field]];
      if (left !== right) return (typeof left === 'number' && typeof right === 'number' ? left - right : String(left) < String(right) ? -1 : 1) * factor;
    }
    return 0;
  });
}

/** The paging stands in the body: keys before delivery, numbers after it. */
function search(asked: Asked, place: Place): Reply {
  const paging: Shape = place === 'quarantine' ? { pageFromKey: 'long' } : { page: 'int' };
  const body = bodyIn(asked, {
    ...paging,
    beginDate: 'time!',
    endDate: 'time!',
    pageSize: 'int',
    pageTotal: 'flag',
    sort: 'texts',
    fields: 'texts',
    filter: 'object',
  });
  const [begin, end] = [instantOf(String(body.beginDate)) ?? 0, instantOf(String(body.endDate)) ?? 0];
  if (begin > end) throw new Refused(400, 'beginDate is after endDate');
  const fits = filterIn(body.filter, place === 'quarantine' ? REASONS : AFTER_REASONS);
  const isWithin = ({ quarantinedAt }: Item) => Date.parse(String(quarantinedAt)) >= begin && Date.parse(String(quarantinedAt)) <= end;
  const found = heldBy(messagesOf(place), asked)
    .list()
    .filter((item) => isWithin(item) && fits(item));
  const items = sorted(found, textsIn(body, 'sort')).map(shown);
  const query = new URLSearchParams();
  for (const key of ['page', 'pageFromKey', 'pageSize', 'pageTotal']) if (body[key] !== undefined) query.set(key, String(body[key]));
  if (body.fields !== undefined) query.set('fields', textsIn(body, 'fields').join(','));
  return place === 'quarantine' ? keyReply({ ...asked, query }, items, SIZES) : pageReply({ ...asked, query }, items, SIZES);
}

function preview(asked: Asked, place: Place): Reply {
  const { from, to, subject } = namedBy(messagesOf(place), asked, 'id');
  const headers = [`From: ${from}`, `To: ${textsIn({ to }, 'to').join(', ')}`, `Subject: ${subject}`];
  return json(200, { headers, htmlBody: `<p>${subject}</p>`, textBody: String(subject) });
}

/** Each on its own: those that are not there stand among the errors. */
function takes(place: Place, status: 200 | 202, more: Shape) {
  return (asked: Asked): Reply => {
    const { items } = bodyIn(asked, { ...more, items: 'objects!' });
    const messages = heldBy(messagesOf(place), asked);
    const [done, errors]: [Item[], Item[]] = [[], []];
    for (const one of Array.isArray(items) ? items : []) {
      const { id, recipient } = shapedIn(one, { id: 'text!', recipient: 'text' }, 'items');
      const known = messages.get(String(id).toLowerCase());
      if (known === undefined || !messages.remove(String(known.id))) {
        errors.push({ id, ...(recipient === undefined ? {} : { recipient }), error: 'notFound' });
        continue;
      }
      done.push({ id, recipient: known.forRecipient });
      // What is released is delivered, and may be taken back.
      if (status === 202) heldBy(delivered, asked).put({ id: known.id, recipients: [known.forRecipient], clawed: [] });
    }
    return json(status, { items: done, errors });
  };
}

/** Takes attachments off a message, or puts them back. */
function attaches(place: Place, kept: 'attachments' | 'stripped', other: 'attachments' | 'stripped') {
  return (asked: Asked): Reply => {
    const message = namedBy(messagesOf(place), asked, 'id');
    const body = bodyIn(asked, { attachments: 'texts!', forRecipients: 'texts' });
    const [from, to] = [textsIn(message, kept), textsIn(message, other)];
    const wanted = textsIn(body, 'attachments');
    const moved = wanted.filter((name) => from.includes(name));
    heldBy(messagesOf(place), asked).put({ ...message, [kept]: from.filter((name) => !moved.includes(name)), [other]: [...to, ...moved] });
    const told = (attachment: string) => ({ attachment, recipient: message.forRecipient });
    const failed = wanted.filter((name) => !moved.includes(name)).map((name) => ({ ...told(name), error: 'attachmentNotFound' }));
    return json(200, { items: moved.map(told), errors: failed });
  };
}

function download(asked: Asked, place: Place): Reply {
  const message = namedBy(messagesOf(place), asked, 'id');
  const attachments = textsIn(bodyIn(asked, { attachments: 'texts!' }), 'attachments');
  const jobs = collectionOf(asked, `${place} downloads`, () => []);
  const isMissing = attachments.some((name) => !textsIn(message, 'attachments').includes(name));
  const job = jobs.put({ id: freshIdIn(asked, `${place} downloads`, jobs), attachments, readyMs: asked.now + DOWNLOAD_MS, isMissing });
  return json(200, jobShown(asked, job));
}

function jobShown(asked: Asked, { id, attachments, readyMs, isMissing }: Item): Item {
  if (asked.now < Number(readyMs)) return { id, status: 'processing', attachments };
  if (isMissing === true) return { id, status: 'failed', attachments, error: 'attachmentNotFound' };
  const password = hexText(32, randomFrom(familyOf(asked, String(id))));
  return { id, status: 'succeeded', attachments, url: `https://downloads.example.com/${id}.zip`, password };
}

function jobStatus(asked: Asked, place: Place): Reply {
  const job = collectionOf(asked, `${place} downloads`, () => []).get(asked.ids.downloadId?.toLowerCase() ?? '');
  if (job === undefined) throw new Refused(404);
  return json(200, jobShown(asked, job));
}

function routesOf(place: Place): readonly Route[] {
  const path = `/email/v1/${place}` as const;
  const isBefore = place === 'quarantine';
  const names = (field: string) => (asked: Asked) => textsIn(namedBy(messagesOf(place), asked, 'id'), field);
  const attached = (asked: Asked) => names('attachments')(asked).map((name) => ({ name, sizeInMB: 0.2 }));
  return [
    route(`POST ${path}/messages/search`, (asked) => search(asked, place)),
    route(`GET ${path}/messages/{id}/preview`, (asked) => preview(asked, place)),
    route(`GET ${path}/messages/{id}/attachments`, (asked) => pageReply(asked, attached(asked), SIZES)),
    route(
      `POST ${path}/messages/release`,
      takes(place, 202, isBefore ? { allowSender: 'flag', enforceSenderAuthentication: 'flag', submitMessageToLabs: 'flag' } : {}),
    ),
    route(`POST ${path}/messages/delete`, takes(place, 200, isBefore ? { blockSender: 'flag' } : {})),
    route(`POST ${path}/messages/{id}/attachments/download`, (asked) => download(asked, place)),
    route(`GET ${path}/downloads/{downloadId}/status`, (asked) => jobStatus(asked, place)),
  ];
}

const delivered: Family = {
  name: 'delivered messages',
  make: (holder) =>
    many(holder, 'delivered messages', 40, (i, _random, id) => ({ id, recipients: [`user${i}@example.com`, `user${i + 1}@example.com`], clawed: [] })),
};

function clawBack(asked: Asked): Reply {
  const message = namedBy(delivered, asked, 'id');
  const body = bodyIn(asked, { recipients: 'texts!', reason: ['phishing', 'malware', 'spam', 'dataLoss', 'other'] });
  const wanted = textsIn(body, 'recipients');
  const known = wanted.filter((address) => textsIn(message, 'recipients').includes(address));
  heldBy(delivered, asked).put({ ...message, clawed: [...new Set([...textsIn(message, 'clawed'), ...known])] });
  const errors = wanted.filter((address) => !known.includes(address)).map((recipient) => ({ recipient, error: 'recipientNotFound' }));
  return json(202, { id: message.id, recipients: known, errors });
}

function deliveryStatus(asked: Asked): Reply {
  const message = namedBy(delivered, asked, 'id');
  const clawed = textsIn(message, 'clawed');
  return json(200, {
    items: textsIn(message, 'recipients').map((recipient) => ({ recipient, status: clawed.includes(recipient) ? 'clawedBack' : 'delivered' })),
  });
}

/** Both quarantines, and taking mail back. */
export const quarantineRoutes: readonly Route[] = [
  ...routesOf('quarantine'),
  route('GET /email/v1/quarantine/messages/{id}/urls', (asked) => {
    const urls = textsIn(namedBy(messagesOf('quarantine'), asked, 'id'), 'urls');
    const reply = pageReply(
      asked,
      urls.map((url) => ({ url })),
      SIZES,
    );
    return reply.status === 200 ? json(200, { ...JSON.parse(reply.body.toString('utf8')), items: urls }) : reply;
  }),
  route('POST /email/v1/quarantine/messages/{id}/attachments/strip', attaches('quarantine', 'attachments', 'stripped')),
  route('POST /email/v1/quarantine/messages/{id}/attachments/reattach', attaches('quarantine', 'stripped', 'attachments')),
  ...routesOf('post-delivery-quarantine'),
  route('POST /email/v1/messages/{id}/clawback', clawBack),
  route('GET /email/v1/messages/{id}/status', deliveryStatus),
];
