import { Failure, type FailureKind } from '../../core/failure.ts';
import type { Millis } from '../../core/types.ts';
import type { HttpReply } from '../../core/world.ts';
import { type Clean, describeAnswer, isObject, readAnswer } from '../wire/answer.ts';
import { retryAfterMs } from '../wire/retry-after.ts';
import type { ElasticsearchOptions } from './options.ts';

/** One request, as far as judging its answer needs it. */
export interface Asked {
  /** What was attempted, such as `sending 3 records to https://elastic:9200/_bulk`. */
  readonly what: string;
  readonly clean: Clean;
  readonly now: Millis;
}

/** What became of one record. */
export type Fate = 'taken' | { readonly failure: Failure };

export interface Verdict {
  readonly kind: FailureKind;
  readonly code: string;
  readonly advice: string;
}

const busy: Verdict = {
  kind: 'transient',
  code: 'elasticsearch.busy',
  advice: 'Look at the write queues and the memory of the nodes; sending goes on by itself.',
};
const unavailable: Verdict = {
  kind: 'transient',
  code: 'elasticsearch.unavailable',
  advice: 'Look at the health of the cluster, and at what stands before it; sending goes on by itself.',
};
const blocked: Verdict = {
  kind: 'transient',
  code: 'elasticsearch.blocked',
  advice: 'Look whether disks are full or the index was made read-only; sending goes on by itself.',
};
const unauthorized: Verdict = { kind: 'auth', code: 'elasticsearch.unauthorized', advice: 'Check `apiKey`, `username` and `password`, or `bearer`.' };
const forbidden: Verdict = {
  kind: 'auth',
  code: 'elasticsearch.forbidden',
  advice: 'Give the user or API key the index privileges `create_doc` (with `action: index`: `index`) and `auto_configure` for `index`.',
};
const wrongIndex: Verdict = {
  kind: 'config',
  code: 'elasticsearch.index',
  advice: 'Check `index`, `action` (data streams take `create` only), `pipeline`, and the index template.',
};
const refused: Verdict = {
  kind: 'rejected',
  code: 'elasticsearch.refused',
  advice: 'Look at the record with `sophos-central dead-letter show`, and at the mapping of the index.',
};
const tooLarge: Verdict = {
  kind: 'rejected',
  code: 'elasticsearch.too-large',
  advice: 'Lower `batch.bytes`, or raise `http.max_content_length` of the cluster.',
};
const notElastic: Verdict = {
  kind: 'config',
  code: 'elasticsearch.not-elasticsearch',
  advice: 'Check `url`: it must lead to the HTTP port of Elasticsearch or OpenSearch (usually 9200), not to Kibana or a login page.',
};
const redirected: Verdict = {
  kind: 'config',
  code: 'elasticsearch.redirected',
  advice: 'Put the address that it leads to in `url`, if it is yours: no redirection is followed.',
};

const verdicts: ReadonlyMap<number, Verdict> = new Map([
  [400, refused],
  [401, unauthorized],
  [403, forbidden],
  [404, wrongIndex],
  [408, busy],
  [413, tooLarge],
  [425, busy],
  [429, busy],
]);

/**
 * Judges a request as a whole: the statuses.
 *
 * Shape    null when it was answered item by item.
 */
export function judge(asked: Asked, reply: HttpReply): Failure | null {
  const { status } = reply;
  if (status === 200) return null;
  const verdict = verdicts.get(status) ?? (status >= 500 ? unavailable : status >= 300 && status < 400 ? redirected : notElastic);
  // A login page or a web server says 404, too.
  const isForeign = (verdict === wrongIndex || verdict === refused) && !readAnswer(reply.body)?.error;
  return failed(asked, reply, isForeign ? notElastic : verdict);
}

/**
 * What became of each record of a bulk request.
 *
 * Throws   config `elasticsearch.not-elasticsearch` for an answer that is none to this request.
 * Source   the pages of the bulk API of Elasticsearch and OpenSearch: items are answered in the order of the request.
 */
export function fatesOf(asked: Asked, reply: HttpReply, records: number, action: ElasticsearchOptions['action'], isOneIndex: boolean): readonly Fate[] {
  const items = readAnswer(reply.body)?.items;
  if (!Array.isArray(items) || items.length !== records) throw failed(asked, reply, notElastic);
  return items.map((item: unknown) => {
    const told: unknown = isObject(item) ? Object.values(item)[0] : undefined;
    const status = isObject(told) ? told.status : undefined;
    if (!isObject(told) || typeof status !== 'number') throw failed(asked, reply, notElastic);
    if (status >= 200 && status < 300) return 'taken';
    // It is there already: an earlier request was taken, and its answer lost.
    if (status === 409 && action === 'create') return 'taken';
    const { type, reason } = readError(told.error);
    const { kind, code, advice } = verdictOnItem(status, type, reason, isOneIndex);
    const words = asked.clean(`${type}${reason === '' ? '' : `: ${reason}`}`);
    return { failure: new Failure(kind, code, `${asked.what} failed: status ${status} (${words})`, { advice }) };
  });
}

/** Types of errors that outweigh the status. */
const types: Readonly<Record<string, Verdict>> = {
  security_exception: forbidden,
  cluster_block_exception: blocked,
  index_create_block_exception: blocked,
  index_not_found_exception: wrongIndex,
  invalid_index_name_exception: wrongIndex,
  index_closed_exception: wrongIndex,
  validation_exception: wrongIndex,
};

function verdictOnItem(status: number, type: string, reason: string, isOneIndex: boolean): Verdict {
  const named = Object.hasOwn(types, type) ? types[type] : undefined;
  const isMisdirected = type === 'illegal_argument_exception' && /op_type of create|data stream|pipeline with id/.test(reason);
  const verdict = named ?? (isMisdirected ? wrongIndex : status === 409 ? busy : (verdicts.get(status) ?? (status >= 500 ? unavailable : refused)));
  // A name that only some records lead to is theirs to answer for.
  return verdict === wrongIndex && type === 'invalid_index_name_exception' && !isOneIndex ? refused : verdict;
}

/** Type and reason, with that of the cause, which is the one that says something. */
function readError(error: unknown): { readonly type: string; readonly reason: string } {
  if (!isObject(error)) return { type: typeof error === 'string' ? error : 'no reason', reason: '' };
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const cause = isObject(error.caused_by) ? text(error.caused_by.reason) : '';
  return { type: text(error.type) || 'no type', reason: [text(error.reason), cause].filter((part) => part !== '').join('; ') };
}

export function failed({ what, clean, now }: Asked, reply: HttpReply, { kind, code, advice }: Verdict): Failure {
  const wish = kind === 'transient' ? retryAfterMs(reply.headers['retry-after'], now) : undefined;
  return new Failure(kind, code, `${what} failed: ${describeAnswer(reply, clean)}`, { advice, ...(wish === undefined ? {} : { retryAfterMs: wish }) });
}
