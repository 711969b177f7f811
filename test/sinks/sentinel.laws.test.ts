import { sentinel } from '../../src/sinks/sentinel.ts';
import { type Row, startSentinel } from '../far-ends/sentinel.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { openWebSink, type Written } from './web-world.ts';

const clientSecret = 'client-hunter2-secret-0123456789';
const ways = { tenantId: 'tenant-1', clientId: 'client-1', clientSecret, dcrImmutableId: 'dcr-0123456789abcdef', streams: ['Custom-Sophos'] };

/** The line that a row was made of. */
function lineOf({ columns, source }: Row): string {
  if (typeof columns.RawData === 'string') return columns.RawData;
  return source.replace(/^\{"TimeGenerated":"[^"]*","SophosRecord":"[^"]*",?/, '{');
}

const lawsOn = (written: Written) => async (): Promise<FarEnd> => {
  const far = await startSentinel(ways);
  const { tenantId, clientId, dcrImmutableId } = ways;
  const common = { endpoint: far.url, authorityUrl: far.url, tenantId, clientId, clientSecret, dcrImmutableId, streamName: 'Custom-Sophos', ...written };
  return {
    promises: 'at-least-once',
    wishMs: 2500,
    secrets: [clientSecret, 'another-secret-value', 'token-1-hunter2'],
    open: () => openWebSink(sentinel, common),
    openWithBadToken: () => openWebSink(sentinel, { ...common, clientSecret: 'another-secret-value' }),
    received: async () => far.rows.map(lineOf),
    breakOnce(fault) {
      if (fault === 'refuse') far.refuseRowsWith('refuse-me');
      else if (fault === 'busy') far.faults.push({ status: 429, headers: { 'retry-after': '2.5' } });
      else far.faults.push(fault);
    },
    close: far.close,
  };
};

sinkLaws('sentinel', lawsOn({}));
sinkLaws('sentinel as text', lawsOn({ body: 'text', gzip: false }));
