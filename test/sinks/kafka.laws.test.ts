import { describe, it } from 'vitest';
import { kafka } from '../../src/sinks/kafka.ts';
import { startBroker, whyNoBroker } from '../far-ends/kafka.ts';
import { type FarEnd, sinkLaws } from '../laws/sink.laws.ts';
import { openWebSink, type Written } from './web-world.ts';

/** Codes of the protocol. */
const messageTooLarge = 10;

const lawsOn = (written: Written, tries: number) => async (): Promise<FarEnd> => {
  const far = await startBroker();
  const common = { brokers: [far.address], topic: 'sophos', createTopics: true, ...written };
  return {
    promises: 'at-least-once',
    open: () => openWebSink(kafka, common),
    received: async () => (await far.messages('sophos')).map(({ value }) => value),
    breakOnce(fault) {
      if (fault === 'busy') throw new Error('a broker has no such answer');
      // The client sends once more by itself, where brokers fold that.
      far.faults.push(...Array.from({ length: tries }, () => (fault === 'refuse' ? messageTooLarge : fault)));
    },
    close: far.close,
  };
};

const cannot = {
  busy: 'Kafka has no such answer: a broker that is busy answers late',
  'bad-token': 'the mock cluster of librdkafka has no logins; the errors of logins are held against the table in kafka.test.ts',
};

const reason = whyNoBroker();
if (reason !== null) describe('kafka', () => it('keeps the laws of sinks', (context) => context.skip(reason)));
else {
  sinkLaws('kafka', lawsOn({}, 2), cannot);
  sinkLaws('kafka without idempotence and compression', lawsOn({ idempotent: false, compression: 'none' }, 1), cannot);
}
