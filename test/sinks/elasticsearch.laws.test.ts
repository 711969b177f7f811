import { elasticsearch } from '../../src/sinks/elasticsearch.ts';
import { type Document, startCluster } from '../far-ends/elasticsearch.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { openWebSink, type Written, webToken } from './web-world.ts';

/** The line that a document was made of. */
function lineOf({ source, fields }: Document): string {
  if (typeof fields.message === 'string') return fields.message;
  return source.replace(/^\{"@timestamp":"[^"]*",?/, '{');
}

const lawsOn = (written: Written) => async (): Promise<FarEnd> => {
  const far = await startCluster({ apiKey: webToken });
  const common = { url: far.url, apiKey: webToken, ...written };
  return {
    // Documents are folded by their id.
    promises: 'exactly-once',
    wishMs: 2500,
    secrets: [webToken, 'another-secret-token'],
    open: () => openWebSink(elasticsearch, common),
    openWithBadToken: () => openWebSink(elasticsearch, { ...common, apiKey: 'another-secret-token' }),
    received: async () => far.documents.map(lineOf),
    breakOnce(fault) {
      if (fault === 'refuse') far.refuseSourcesWith('refuse-me');
      else if (fault === 'busy') far.faults.push({ status: 429, headers: { 'retry-after': '2.5' } });
      else far.faults.push(fault);
    },
    close: far.close,
  };
};

sinkLaws('elasticsearch', lawsOn({}));
sinkLaws('elasticsearch without compression', lawsOn({ gzip: false }));
sinkLaws('elasticsearch into an index', lawsOn({ action: 'index', index: 'sophos-{date}' }));
