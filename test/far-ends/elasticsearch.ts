/** A node of Elasticsearch, or of OpenSearch, on loopback: it keeps documents by their id, answers item by item, and misbehaves on request. */
import { type Answer, type Asked, type Misbehaving, startMisbehaving, type Ways } from './misbehaving.ts';

export interface Document {
  readonly index: string;
  readonly id: string;
  /** As it was written. */
  readonly source: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ItemAnswer {
  readonly status: number;
  readonly error?: Readonly<Record<string, unknown>> | string;
}

export interface Cluster extends Misbehaving {
  /** In the order in which they were created. */
  readonly documents: readonly Document[];
  /** How often a document was sent that was there already. */
  conflicts(): number;
  /** Documents with this text break the mapping. */
  refuseSourcesWith(text: string): void;
  /** For the next items of documents with this text, one each. */
  answerItems(text: string, ...answers: ItemAnswer[]): void;
}

export interface ClusterWays {
  readonly apiKey?: string;
  readonly distribution?: 'opensearch';
  /** Privileges of the key; null: there is no such question. */
  readonly privileges?: Readonly<Record<string, boolean>> | null;
  readonly maxBytes?: number;
  readonly tls?: Ways['tls'];
}

const allowed = { create_doc: true, index: true, auto_configure: true };

export async function startCluster({ apiKey, distribution, privileges = allowed, maxBytes = 100_000_000, tls }: ClusterWays = {}): Promise<Cluster> {
  const documents = new Map<string, Document>();
  const prepared: { text: string; answers: ItemAnswer[] }[] = [];
  let refused: string | null = null;
  let conflicts = 0;

  function takeItem(action: string, target: Readonly<Record<string, unknown>>, source: string): ItemAnswer {
    const found = prepared.find(({ text, answers }) => answers.length > 0 && source.includes(text))?.answers.shift();
    if (found) return found;
    const index = String(target._index);
    const id = String(target._id);
    if (!/^[^A-Z\\/*?"<>| ,#:]+$/.test(index) || /^[-_+.]/.test(index) || Buffer.byteLength(index) > 255)
      return { status: 400, error: { type: 'invalid_index_name_exception', reason: `Invalid index name [${index}]` } };
    if (Buffer.byteLength(id) > 512)
      return { status: 400, error: { type: 'illegal_argument_exception', reason: 'id is too long, must be no longer than 512 bytes' } };
    const fields = readDocument(source);
    if (typeof fields === 'string')
      return { status: 400, error: { type: 'document_parsing_exception', reason: 'failed to parse', caused_by: { reason: fields } } };
    if (refused !== null && source.includes(refused))
      return { status: 400, error: { type: 'mapper_parsing_exception', reason: `failed to parse field, Preview: '${source.slice(0, 40)}'` } };
    const isDataStream = index.startsWith('logs-');
    if (isDataStream && action !== 'create')
      return { status: 400, error: { type: 'illegal_argument_exception', reason: 'only write ops with an op_type of create are allowed in data streams' } };
    if (isDataStream && !isInstant(fields['@timestamp']))
      return { status: 400, error: { type: 'document_parsing_exception', reason: 'data stream timestamp field [@timestamp] is missing' } };
    const key = `${index}\n${id}`;
    const isThere = documents.has(key);
    if (isThere && action === 'create') {
      conflicts++;
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: `[${id}]: version conflict, document already exists` } };
    }
    documents.set(key, { index, id, source, fields });
    return { status: isThere ? 200 : 201 };
  }

  function takeBulk({ headers, body, query }: Asked): Answer {
    if (headers['content-type'] !== 'application/x-ndjson') return { status: 406, body: whole(406, 'media_type_header_exception') };
    if (body.length > maxBytes) return { status: 413, body: '' };
    if (!body.endsWith('\n')) return { status: 400, body: whole(400, 'illegal_argument_exception') };
    const lines = body.slice(0, -1).split('\n');
    const items = [];
    for (let i = 0; i < lines.length; i += 2) {
      const [action, target] = Object.entries(JSON.parse(lines[i] ?? '') as Record<string, Record<string, unknown>>)[0] ?? ['', {}];
      if ((action !== 'create' && action !== 'index') || Object.keys(target).some((key) => !['_index', '_id', 'pipeline'].includes(key)))
        return { status: 400, body: whole(400, 'illegal_argument_exception') };
      items.push({ [action]: takeItem(action, target, lines[i + 1] ?? '') });
    }
    // What a filter leaves, is left out here, too.
    const isFiltered = query.get('filter_path')?.includes('items.*.status') ?? false;
    return {
      status: 200,
      body: { ...(isFiltered ? {} : { took: 3 }), errors: items.some((item) => Object.values(item).some(({ status }) => status >= 300)), items },
    };
  }

  const far = await startMisbehaving({
    ...(tls ? { tls } : {}),
    bringsRecords: ({ path }) => path === '/_bulk',
    take(asked) {
      const { path, method, headers } = asked;
      if (apiKey !== undefined && headers.authorization !== `ApiKey ${apiKey}`)
        return { status: 401, body: whole(401, 'security_exception', `unable to authenticate with ${headers.authorization}`) };
      if (path === '/_bulk' && method === 'POST') return takeBulk(asked);
      if (path === '/' && method === 'GET')
        return { status: 200, body: { version: { number: '8.15.0', ...(distribution ? { distribution, number: '2.17.0' } : {}) } } };
      if (path === '/_security/user/_has_privileges' && privileges && !distribution) {
        const { index } = JSON.parse(asked.body) as { index: { names: string[] }[] };
        return { status: 200, body: { index: Object.fromEntries((index[0]?.names ?? []).map((name) => [name, privileges])) } };
      }
      return { status: 400, body: whole(400, 'invalid_request', `no handler found for uri [${path}]`) };
    },
  });
  return {
    ...far,
    get documents() {
      return [...documents.values()];
    },
    conflicts: () => conflicts,
    refuseSourcesWith(text) {
      refused = text;
    },
    answerItems(text, ...answers) {
      prepared.push({ text, answers: [...answers] });
    },
  };
}

function whole(status: number, type: string, reason = type): object {
  return { error: { root_cause: [], type, reason }, status };
}

/** The document's fields, or why it is none. Keys that are there twice are refused, as the far end's parser does. */
function readDocument(source: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(source);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no object';
    const stamps = source.match(/^\{"@timestamp":"[^"]*",(?=.*"@timestamp")/s);
    if (stamps && Object.hasOwn(JSON.parse(`{${source.slice(stamps[0].length)}`) as object, '@timestamp')) return 'Duplicate field @timestamp';
    return value as Readonly<Record<string, unknown>>;
  } catch (error) {
    return String(error);
  }
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && /^[+-]?\d{4,6}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(value);
}
