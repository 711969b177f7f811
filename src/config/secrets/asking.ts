import { Failure } from '../../core/failure.ts';
import type { HttpReply, HttpRequest } from '../../core/world.ts';
import { clean, field, fieldsOf, inWords, jsonOf, maxAnswerBytes, textField } from './answer.ts';
import { badAnswer, busy } from './failures.ts';
import type { Outside } from './outside.ts';

/** One try; with its body to the last byte. */
const tryMs = 5000;
const tries = 3;
const pausesMs: readonly number[] = [300, 1000];
/** No further try begins after this. */
const enoughMs = 9000;

/**
 * How the sources of secrets ask: what was asked for is remembered as long as this lives, and trouble that may pass is met with a second and third try.
 *
 * Nothing is running yet when the configuration is read, so there is no loop that could start again: this is the one place that tries again for it.
 */
export interface Asking {
  /**
   * The answer to `key`, asked for once, however many want it. The first word of `key` is the store: one that could not be reached is not waited for
   * again for each of its secrets.
   */
  once<T>(key: string, ask: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** One HTTP exchange of bounded size and time; trouble is told as `who`. Throws transient `secret.unreachable`, and `secret.busy` on 408, 425, 429 and 5xx. */
  send(request: Bare, who: string, signal: AbortSignal): Promise<HttpReply>;
  /** Like `send`, but a status is no failure. */
  plain(request: Bare, who: string, signal: AbortSignal): Promise<HttpReply>;
}

type Bare = Omit<HttpRequest, 'timeoutMs' | 'signal'>;

export function openAsking({ http, clock }: Outside): Asking {
  const asked = new Map<string, Promise<unknown>>();
  const away = new Map<string, Failure>();

  async function persist<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const startedAt = clock.monotonic();
    for (let tried = 1; ; tried++) {
      try {
        return await ask();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Failure) || error.kind !== 'transient' || tried >= tries) throw error;
        const pauseMs = Math.max(pausesMs[tried - 1] ?? 0, error.retryAfterMs ?? 0);
        if (clock.monotonic() - startedAt + pauseMs > enoughMs) throw error;
        await clock.sleep(pauseMs, signal);
      }
    }
  }

  async function plain(request: Bare, who: string, signal: AbortSignal): Promise<HttpReply> {
    signal.throwIfAborted();
    const reply = await http({ ...request, timeoutMs: tryMs, signal }).catch((error: unknown) => {
      throw inWords(error, who);
    });
    if (reply.body.length > maxAnswerBytes) throw badAnswer(`${who} answered with ${reply.body.length} bytes`, 'check the address: no secret is so large');
    return reply;
  }

  return {
    plain,
    async once<T>(key: string, ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
      const [store = ''] = key.split(' ');
      const trouble = away.get(store);
      if (trouble) throw trouble;
      // Only `ask` of the same key fills this place, and a key has one kind of answer.
      const known = asked.get(key) as Promise<T> | undefined;
      const answer = known ?? persist(ask, signal);
      asked.set(key, answer);
      try {
        return await answer;
      } catch (error) {
        if (error instanceof Failure && error.code === 'secret.unreachable') away.set(store, error);
        throw error;
      }
    },
    async send(request, who, signal) {
      const reply = await plain(request, who, signal);
      const { status } = reply;
      if (status === 408 || status === 425 || status === 429 || status >= 500) throw busy(`${who} answered ${status}${wordsOf(reply, request)}`, wishOf(reply));
      return reply;
    },
  };
}

/** What it says in the ways of these services; a page of a proxy says nothing. */
function wordsOf({ body }: HttpReply, request: Bare): string {
  const fields = jsonOf(body);
  const errors = field(fields, 'errors');
  const said = Array.isArray(errors) ? errors.filter((each) => typeof each === 'string').join('; ') : textField(fieldsOf(field(fields, 'error')), 'message');
  return said === undefined || said === '' ? '' : ` (${clean(said, secretsOf(request))})`;
}

/** What a request carries in secret: a far end that repeats it must not bring it into a message. */
export function secretsOf({ headers, body }: Pick<Bare, 'headers' | 'body'>): readonly string[] {
  const { authorization, 'x-vault-token': vault, 'x-identity-header': app, 'x-amz-security-token': session } = headers;
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded') && typeof body === 'string' ? [...new URLSearchParams(body)] : [];
  const json = headers['content-type'] === 'application/json' && typeof body === 'string' ? Object.entries(jsonOf(Buffer.from(body)) ?? {}) : [];
  const told = [...form, ...json].filter(([name]) => /secret|token|assertion|jwt/i.test(name)).map(([, value]) => value);
  return [authorization?.replace(/^Bearer /, ''), vault, app, session, ...told].filter((each) => typeof each === 'string');
}

function wishOf({ headers }: HttpReply): number | undefined {
  const wish = headers['retry-after']?.trim() ?? '';
  return /^\d{1,6}$/.test(wish) ? Number(wish) * 1000 : undefined;
}
