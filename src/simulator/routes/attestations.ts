import type { Item } from '../collection.ts';
import { json } from '../reply.ts';
import { shapedIn } from './body.ts';
import { adds, type Family, iso, namedBy, shownBy } from './family.ts';
import { chosen } from './paging.ts';
import { Refused, type Route, route } from './route.ts';

const USUAL_S = 300;
const MOST_S = 86_400;
const TEXT = { text: 'text!', translations: 'object' } as const;

/** Nobody answers the questions: they wait, and then they expire. */
const attestations: Family = {
  name: 'attestations',
  make: () => [],
  show: ({ now }, { expiresMs, ...item }) => ({ ...item, status: now < Number(expiresMs) ? 'pending' : 'expired' }),
};

const BODY = { userId: 'uuid!', title: 'object!', question: 'object!', options: 'objects!', timeoutInSeconds: 'int' } as const;

function optionsIn(value: unknown): readonly Item[] {
  const options = (Array.isArray(value) ? value : []).map((option) => shapedIn(option, { key: 'text!', value: 'object!' }, 'options'));
  for (const option of options) shapedIn(option.value, TEXT, 'value');
  if (options.length < 2 || new Set(options.map(({ key }) => key)).size < options.length) throw new Refused(400, 'options takes at least two different keys');
  return options;
}

/** Questions to a person about what was done in their name. */
export const attestationRoutes: readonly Route[] = [
  route(
    'POST /user-activity-verification/v1/attestations',
    adds(attestations, BODY, (asked, { timeoutInSeconds, ...body }) => {
      const seconds = timeoutInSeconds === undefined ? USUAL_S : Number(timeoutInSeconds);
      if (seconds < 1 || seconds > MOST_S) throw new Refused(400, `timeoutInSeconds takes 1 to ${MOST_S}`);
      shapedIn(body.title, TEXT, 'title');
      shapedIn(body.question, TEXT, 'question');
      optionsIn(body.options);
      const expiresMs = asked.now + seconds * 1000;
      return { ...body, tenant: { id: asked.tenant.id }, expiresAt: iso(expiresMs).slice(0, 23), expiresMs };
    }),
  ),
  route('GET /user-activity-verification/v1/attestations/{attestationId}', (asked) =>
    json(200, chosen(asked, shownBy(attestations, asked, namedBy(attestations, asked, 'attestationId')))),
  ),
];
