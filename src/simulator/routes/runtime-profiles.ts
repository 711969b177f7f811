import { parameterOf } from '../call.ts';
import type { Item } from '../collection.ts';
import { json, type Reply } from '../reply.ts';
import { uuidsOf } from './asking.ts';
import { bodyIn, shapedIn } from './body.ts';
import { type Family, heldBy, iso, lists, many, namedBy } from './family.ts';
import { freshIdIn, idIn } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const PATH = '/cloud-security/v1/profiles';

const contents: Family = {
  name: 'runtime contents',
  make: (holder) => many(holder, 'runtime contents', 2, (i, _random, id) => ({ id, name: ['Linux', 'Containers'][i], contentVersion: `6.4.${8 + i}` })),
};

/** The default contents cannot be deleted: the last profile is in use. */
const profiles: Family = {
  name: 'runtime profiles',
  make: (holder) =>
    many(holder, 'runtime profiles', 3, (i, _random, id) => ({
      id,
      name: `Runtime profile ${i + 1}`,
      profileDescription: 'For machines in production.',
      defaultContentId: idIn(holder, 'runtime contents', i % 2),
      contentVersion: '6.4.8',
      diff: '',
      // Without a zone, as this API writes its times.
      createdAt: iso(holder.tenant.bornAt - (20 - i) * 86_400_000).slice(0, 19),
      versions: [1],
      inUse: i === 2,
    })),
};

function brief({ id, name, defaultContentId, createdAt, versions }: Item): Item {
  return { id, name, defaultContentId, createdAt, version: latest(versions) };
}

function latest(versions: unknown): number {
  return Array.isArray(versions) ? Number(versions.at(-1)) : 1;
}

/** A new profile; of one that is named, its next version. */
function create(asked: Asked): Reply {
  const body = bodyIn(asked, { name: 'text!', profileDescription: 'text', profileId: 'uuid', contentVersion: 'text', settings: 'object' });
  if (body.settings !== undefined) shapedIn(body.settings, { rules: 'objects', lists: 'objects' }, 'settings');
  const { settings: _settings, profileId, ...plain } = body;
  const collection = heldBy(profiles, asked);
  const before = profileId === undefined ? undefined : collection.get(String(profileId).toLowerCase());
  if (profileId !== undefined && before === undefined) throw new Refused(404);
  const versions = [...(Array.isArray(before?.versions) ? before.versions : []), latest(before?.versions ?? [0]) + 1];
  const fresh = {
    defaultContentId: idIn(asked, 'runtime contents', 0),
    contentVersion: '6.4.8',
    diff: '',
    createdAt: iso(asked.now).slice(0, 19),
    inUse: false,
  };
  const id = before?.id ?? freshIdIn(asked, profiles.name, collection);
  collection.put({ ...fresh, ...before, ...plain, id, versions });
  return json(201, { id, version: versions.at(-1) });
}

function show(asked: Asked): Reply {
  const { inUse: _inUse, versions, ...profile } = namedBy(profiles, asked, 'profileId');
  const version = parameterOf(asked.query, 'version');
  const all = Array.isArray(versions) ? versions : [];
  if (version !== undefined && !all.includes(Number(version))) throw new Refused(404);
  return json(200, { ...profile, versions: all.map((number) => ({ version: number, createdAt: profile.createdAt })) });
}

function rename(asked: Asked): Reply {
  const profile = namedBy(profiles, asked, 'profileId');
  const name = parameterOf(asked.query, 'name');
  if (name === undefined) throw new Refused(400, 'name is required');
  const { inUse: _inUse, ...renamed } = heldBy(profiles, asked).put({ ...profile, name });
  return json(200, renamed);
}

function remove(asked: Asked): Reply {
  const ids = uuidsOf(asked, 'profileIds');
  if (ids.length === 0) throw new Refused(400, 'profileIds is required');
  const collection = heldBy(profiles, asked);
  const skipped = ids.filter((id) => collection.get(id)?.inUse === true || !collection.remove(id));
  return json(200, { skippedProfiles: skipped });
}

const listed: Family = { ...profiles, show: (_asked, item) => brief(item) };

/** Runtime detection profiles of Cloud Security. */
export const runtimeProfileRoutes: readonly Route[] = [
  route(
    `GET ${PATH}`,
    lists(listed, ({ query }) => {
      const term = parameterOf(query, 'searchTerm')?.toLowerCase();
      return ({ name }) => term === undefined || String(name).toLowerCase().includes(term);
    }),
  ),
  route(`POST ${PATH}`, create),
  route(`DELETE ${PATH}`, remove),
  route(`GET ${PATH}/default-contents`, (asked) => json(200, { items: heldBy(contents, asked).list() })),
  route(`GET ${PATH}/{profileId}`, show),
  route(`PUT ${PATH}/{profileId}`, rename),
];
