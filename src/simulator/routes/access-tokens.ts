import { hexText, randomFrom } from '../random.ts';
import { adds, changes, type Family, forgets, iso, lists, many, principalIn } from './family.ts';
import { familyOf } from './held.ts';
import { type Asked, Refused, type Route, route } from './route.ts';

const YEAR_MS = 365 * 86_400_000;
/** Both spellings of the one type there is. */
const TYPES = ['sophosLinuxSensor', 'sls'] as const;

const tokens: Family = {
  name: 'access-tokens',
  make: (holder) =>
    many(holder, 'access-tokens', 3, (i, random, id) => ({
      id,
      label: `Sensor ${i + 1}`,
      token: hexText(48, random),
      type: 'sophosLinuxSensor',
      createdAt: iso(holder.tenant.bornAt - (i + 1) * 20 * 86_400_000),
      expiresAt: iso(holder.tenant.bornAt + YEAR_MS),
      url: 'https://sensor.example.com/install',
      createdBy: principalIn(holder),
    })),
};

function later(asked: Asked, expiresAt: unknown): string {
  if (expiresAt === undefined) return iso(asked.now + YEAR_MS);
  const at = Date.parse(`${String(expiresAt).replace(/Z$/, '')}Z`);
  if (at <= asked.now) throw new Refused(400, 'expiresAt is over');
  return String(expiresAt);
}

/** Access tokens of sensors, on the global host. */
export const accessTokenRoutes: readonly Route[] = [
  route('GET /accounts/v1/access-tokens', lists(tokens), 'global-tenant'),
  route(
    'POST /accounts/v1/access-tokens',
    adds(tokens, { label: 'text!', type: TYPES, expiresAt: 'time' }, (asked, { label, type, expiresAt }) => {
      if (type === undefined) throw new Refused(400, 'type is required');
      const token = hexText(48, randomFrom(familyOf(asked, String(label)) ^ asked.now));
      const facts = { token, type: 'sophosLinuxSensor', label, createdAt: iso(asked.now), expiresAt: later(asked, expiresAt) };
      return { ...facts, url: 'https://sensor.example.com/install', createdBy: principalIn(asked) };
    }),
    'global-tenant',
  ),
  route(
    'PATCH /accounts/v1/access-tokens/{tokenId}',
    changes(tokens, 'tokenId', { label: 'text', expiresAt: 'time' }, (asked, { expiresAt, ...body }) => ({
      ...body,
      ...(expiresAt === undefined ? {} : { expiresAt: later(asked, expiresAt) }),
    })),
    'global-tenant',
  ),
  route('DELETE /accounts/v1/access-tokens/{tokenId}', forgets(tokens, 'tokenId'), 'global-tenant'),
];
