import { hostname } from 'node:os';
import type { Origin, StreamRecord } from '../../core/types.ts';
import type { Command } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { deliver, keepsMarks, openSinkNamed } from '../output/to-sink.ts';
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
      if (keepsMarks(open.sink)) {
        await context.print('delivery  not tried: files are written by the service alone\n');
        return exitCodes.done;
      }
      await open.sink.resume(new Map(), signal);
      const record = marked(world.clock.now());
      const [refused] = await deliver(open, [record], origin, world, signal);
      if (refused) {
        context.warn(`the sink ${name} refused the test record: ${refused.reason}`);
        return exitCodes.failed;
      }
      const what = open.sink.unconfirmed ? 'sent; this sink confirms nothing' : 'taken by the far end';
      await context.print(`delivery  ${what}\nlook for  ${record.key}\n`);
      return exitCodes.done;
    } finally {
      await open.sink.close();
    }
  },
};

const tenantId = '00000000-0000-4000-8000-000000000000';
const origin: Origin = { stream: 'events', tenant: { id: tenantId, name: 'sophos-central test', labels: {} } };

/** Formed like an event, and impossible to take for one. */
function marked(now: number): StreamRecord {
  const at = new Date(now).toISOString();
  const key = `sophos-central-test-${at}`;
  const item = {
    id: key,
    type: 'Event::SophosCentralConnector::Test',
    name: `Test record of sophos-central-connector, sent by \`test-sink\` on ${hostname()} at ${at}. No action is needed.`,
    severity: 'low',
    group: 'TEST',
    created_at: at,
    when: at,
    location: hostname(),
    source: 'sophos-central-connector',
    customer_id: tenantId,
  };
  const json = JSON.stringify(item);
  return { seq: 1, key, time: now, json, fetchedAt: now, utf8: Buffer.from(json) };
}
