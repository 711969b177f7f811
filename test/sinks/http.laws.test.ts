import { http } from '../../src/sinks/http.ts';
import { startWebhook } from '../far-ends/http.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { openWebSink, type Written, webToken } from './web-world.ts';

const key = 'signing-hunter2-key-0123456789';

const lawsOn = (written: Written) => async (): Promise<FarEnd> => {
  const far = await startWebhook({ bearer: webToken, key });
  const common = { url: `${far.url}/hooks/hunter2-path-0123456789/{stream}`, bearer: webToken, sign: { secret: key }, ...written };
  return {
    promises: 'at-least-once',
    wishMs: 2500,
    secrets: [webToken, key, 'another-secret-token', 'hunter2-path'],
    open: () => openWebSink(http, common),
    openWithBadToken: () => openWebSink(http, { ...common, bearer: 'another-secret-token' }),
    received: async () => far.taken.map(({ line }) => line),
    breakOnce(fault) {
      if (fault === 'refuse') far.refuseLinesWith('refuse-me');
      else if (fault === 'busy') far.faults.push({ status: 429, headers: { 'retry-after': '2.5' } });
      else far.faults.push(fault);
    },
    close: far.close,
  };
};

const lineEnds = { 'raw-newlines': 'a line end is the end of a record; within one it is written as a blank' };

sinkLaws('http as lines', lawsOn({}), lineEnds);
sinkLaws('http as lines, compressed', lawsOn({ gzip: true }), lineEnds);
sinkLaws('http as an array', lawsOn({ layout: 'array' }));
sinkLaws('http one by one', lawsOn({ layout: 'one', headers: { 'x-layout': 'one' } }));
