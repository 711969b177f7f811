/** Migrations of endpoints from one estate to another: the receiving one asks, the sending one follows (reference, section 6.4). */
import type { Collection, Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { pathId, wordOf } from './asking.ts';
import { bodyIn, textsIn } from './body.ts';
import { endpointsOf } from './endpoints.ts';
import { iso } from './family.ts';
import { collectionOf, freshIdIn, type Holder } from './held.ts';
import { pageReply } from './paging.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/endpoint/v1/migrations';
const SIZES = { usual: 500, max: 500 };
const LIFE_MS = 7 * 86_400_000;

function jobsOf(holder: Pick<Holder, 'tenant'>): Collection {
  return collectionOf(holder, 'migrations', () => []);
}

function jobIn(asked: Asked): Item {
  const job = jobsOf(asked).get(pathId(asked, 'migrationJobId'));
  if (job === undefined) throw new Refused(404);
  return job;
}

function shown({ id, token, mode, createdAt, expiresAt }: Item): Item {
  return { id, token, mode, createdAt, expiresAt };
}

function receive(asked: Asked): Reply {
  const body = bodyIn(asked, { fromTenant: 'uuid!', endpoints: 'uuids!' });
  const endpoints = textsIn(body, 'endpoints');
  if (endpoints.length === 0 || String(body.fromTenant).toLowerCase() === asked.tenant.id) throw new Refused(400);
  const jobs = jobsOf(asked);
  const id = freshIdIn(asked, 'migrations', jobs);
  const token = Buffer.from(JSON.stringify({ job: id, from: body.fromTenant, nonce: asked.sim.forms.freshId() })).toString('base64');
  const times = { createdAt: iso(asked.now), expiresAt: iso(asked.now + LIFE_MS) };
  const job = jobs.put({ id, token, mode: 'receiving', ...times, endpoints, fromTenant: String(body.fromTenant).toLowerCase() });
  return json(201, shown(job));
}

/** 201, or 200 when it had been sent before; only with the token, and only what the receiver has asked of this estate. */
function send(asked: Asked): Reply {
  const id = pathId(asked, 'migrationJobId');
  const body = bodyIn(asked, { token: 'text!', endpoints: 'uuids!' });
  const receiver = asked.sim.estate.list().find((tenant) => tenant !== asked.tenant && tenant.collections.get('migrations')?.get(id) !== undefined);
  const job = receiver === undefined ? undefined : jobsOf({ tenant: receiver }).get(id);
  if (receiver === undefined || job === undefined) throw new Refused(404);
  const isExpired = Date.parse(String(job.expiresAt)) <= asked.now;
  if (job.fromTenant !== asked.tenant.id || job.token !== body.token || isExpired) throw new Refused(400, 'the token is not valid');
  const wanted = textsIn(body, 'endpoints').map((each) => each.toLowerCase());
  if (wanted.length === 0 || wanted.some((each) => endpointsOf(asked).get(each) === undefined)) throw new Refused(400, 'an endpoint is not of this estate');
  const known = jobsOf(asked).get(id);
  if (known !== undefined) return json(200, shown(known));
  const sentAt = asked.now;
  jobsOf({ tenant: receiver }).put({ ...job, sentAt });
  return json(201, shown(jobsOf(asked).put({ ...job, mode: 'sending', endpoints: wanted, sentAt })));
}

/** Nothing leaves its estate here: only what is told of the endpoints advances. */
function endpoints(asked: Asked): Reply {
  const job = jobIn(asked);
  const isDone = typeof job.sentAt === 'number' && asked.now >= job.sentAt + asked.sim.settings.collectDelayMs;
  const items = textsIn(job, 'endpoints').map((id) => ({ id, status: isDone ? 'succeeded' : 'pending' }));
  return pageReply(asked, items, SIZES);
}

export const migrationRoutes: readonly Route[] = [
  route(`GET ${PATH}`, (asked) => {
    const mode = wordOf(asked, 'mode', ['sending', 'receiving']);
    const jobs = jobsOf(asked).list();
    return pageReply(
      asked,
      jobs.filter((job) => mode === undefined || job.mode === mode),
      SIZES,
      shown,
    );
  }),
  route(`POST ${PATH}`, receive),
  route(`GET ${PATH}/{migrationJobId}`, (asked) => json(200, shown(jobIn(asked)))),
  route(`PUT ${PATH}/{migrationJobId}`, send),
  route(`GET ${PATH}/{migrationJobId}/endpoints`, endpoints),
];
