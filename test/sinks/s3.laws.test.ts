import { s3 } from '../../src/sinks/s3.ts';
import { errorXml, startS3 } from '../far-ends/s3.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { openWebSink, type Written } from './web-world.ts';

const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYhunter2';
const sessionToken = 'session-hunter2-token-0123456789';

const lawsOn = (written: Written) => async (): Promise<FarEnd> => {
  const far = await startS3({ bucket: 'logs', accessKeyId: 'AKIAEXAMPLE', secretAccessKey, sessionToken });
  const common = { bucket: 'logs', endpoint: far.url, accessKeyId: 'AKIAEXAMPLE', secretAccessKey, sessionToken, ...written };
  return {
    // What is sent again writes over itself.
    promises: 'exactly-once',
    wishMs: 2500,
    secrets: [secretAccessKey, sessionToken, 'another-secret-key'],
    open: () => openWebSink(s3, common),
    openWithBadToken: () => openWebSink(s3, { ...common, secretAccessKey: 'another-secret-key' }),
    received: async () => far.lines(),
    breakOnce(fault) {
      if (fault === 'refuse') throw new Error('S3 looks into no record');
      if (fault === 'busy') far.faults.push({ status: 503, headers: { 'retry-after': '2.5' }, body: errorXml('SlowDown', 'Please reduce your request rate.') });
      else far.faults.push(fault);
    },
    close: far.close,
  };
};

const cannot = { refuse: 'S3 looks into no record', 'raw-newlines': 'a line end is the end of a record; within one it is written as a blank' };

sinkLaws('s3', lawsOn({}), cannot);
sinkLaws('s3 without compression', lawsOn({ gzip: false, checksum: 'md5', uploads: 1 }), cannot);
