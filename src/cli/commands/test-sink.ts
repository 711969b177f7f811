import type { Command } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { sendTestRecord, sentText } from '../output/test-record.ts';
import { openSinkNamed } from '../output/to-sink.ts';
import { visible } from '../output/visible.ts';

/** Sends one marked record. */
export const testSink: Command = {
  name: 'test-sink',
  summary: 'send one marked record and say what the far end answered',
  description:
    'Opens a sink of the configuration, asks its far end whether it would take records, then sends one that says it is a test. Nothing is read from Central, and no journal is touched. A file sink is only checked: what stands in its files is for the service to know.',
  examples: ['test-sink splunk', 'test-sink archive --config /etc/sophos-central/sophos-central.yaml'],
  declare: (parser) => parser.argument('<name>', "the sink's name in the configuration"),
  async run(context, [name = '']) {
    const { world, signal } = context;
    const plan = await context.loadPlan({ credentials: 'optional' });
    const open = await openSinkNamed(plan, name, world);
    try {
      await context.print(`check     ${visible(await open.sink.check(signal))}\n`);
      const sent = await sendTestRecord(open, world, 'test-sink', signal);
      if (sent.outcome === 'refused') {
        context.warn(`the sink ${name} refused the test record: ${sent.reason}`);
        return exitCodes.failed;
      }
      await context.print(`delivery  ${sentText[sent.outcome]}\n${'key' in sent ? `look for  ${sent.key}\n` : ''}`);
      return exitCodes.done;
    } finally {
      await open.sink.close();
    }
  },
};
