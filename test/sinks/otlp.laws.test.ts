import { otlp } from '../../src/sinks/otlp.ts';
import { startOtlp } from '../far-ends/otlp.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { openWebSink, type Written, webToken } from './web-world.ts';

const lawsOn = (written: Written, lineOf: (body: unknown) => string) => async (): Promise<FarEnd> => {
  const far = await startOtlp({ bearer: webToken });
  const common = { url: far.url, bearer: webToken, ...written };
  return {
    promises: 'at-least-once',
    wishMs: 2500,
    secrets: [webToken, 'another-secret-token'],
    open: () => openWebSink(otlp, common),
    openWithBadToken: () => openWebSink(otlp, { ...common, bearer: 'another-secret-token' }),
    received: async () => far.records.map(({ body }) => lineOf(body)),
    breakOnce(fault) {
      if (fault === 'refuse') far.refuseBodiesWith('refuse-me');
      else if (fault === 'busy') far.faults.push({ status: 503, headers: { 'retry-after': '2.5' } });
      else far.faults.push(fault);
    },
    close: far.close,
  };
};

sinkLaws('otlp', lawsOn({}, String));
sinkLaws('otlp without compression', lawsOn({ gzip: false }, String));
sinkLaws(
  'otlp as fields',
  lawsOn({ body: 'fields' }, (body) => (typeof body === 'string' ? body : JSON.stringify(body))),
);
