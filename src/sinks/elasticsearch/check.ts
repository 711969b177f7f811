/** Asks a node who it is, and whether we may write; both may be forbidden to a key that only writes. */
import { Failure } from '../../core/failure.ts';
import type { HttpReply } from '../../core/world.ts';
import { isObject, readAnswer } from '../wire/answer.ts';
import type { ElasticsearchOptions } from './options.ts';
import { type Asked, judge } from './status.ts';

/** Sends a request to the node. */
export type Ask = (method: 'GET' | 'POST', path: string, body: string) => Promise<HttpReply>;

/**
 * Resolves with what the node said.
 *
 * Throws   auth `elasticsearch.privileges` when it says that we may not write; what the status means otherwise.
 */
export async function checkNode(
  ask: Ask,
  node: string,
  asked: (what: string) => Asked,
  pattern: string,
  action: ElasticsearchOptions['action'],
): Promise<string> {
  const who = await checkName(ask, node, asked);
  return `${node}: ${who}, ${await checkPrivileges(ask, node, pattern, action)}`;
}

async function checkName(ask: Ask, node: string, asked: (what: string) => Asked): Promise<string> {
  const about = asked(`asking ${node}`);
  const reply = await ask('GET', '/', '');
  if (reply.status === 403) return 'who it is may not be asked';
  const failure = judge(about, reply);
  if (failure) throw failure;
  const version = readAnswer(reply.body)?.version;
  if (!isObject(version) || typeof version.number !== 'string')
    throw new Failure('config', 'elasticsearch.not-elasticsearch', `asking ${node} failed: its answer names no version`, {
      advice: 'Check `url`: it must lead to the HTTP port of Elasticsearch or OpenSearch (usually 9200), not to Kibana or a login page.',
    });
  return about.clean(`${version.distribution === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'} ${version.number}`);
}

/** OpenSearch, and Elasticsearch without security, have no such question. */
async function checkPrivileges(ask: Ask, node: string, pattern: string, action: ElasticsearchOptions['action']): Promise<string> {
  const needed = action === 'create' ? 'create_doc' : 'index';
  const reply = await ask('POST', '/_security/user/_has_privileges', JSON.stringify({ index: [{ names: [pattern], privileges: [needed, 'auto_configure'] }] }));
  const said = reply.status === 200 ? readAnswer(reply.body) : undefined;
  const index = isObject(said?.index) ? said.index[pattern] : undefined;
  if (!isObject(index)) return `privileges not told (HTTP ${reply.status})`;
  if (index[needed] !== true)
    throw new Failure('auth', 'elasticsearch.privileges', `asking ${node} for privileges found that \`${needed}\` is missing for ${pattern}`, {
      advice: `Give the user or API key the index privileges \`${needed}\` and \`auto_configure\` for ${pattern}.`,
    });
  return index.auto_configure === true ? `may write to ${pattern}` : `may write to ${pattern}, but not create it (no \`auto_configure\`)`;
}
