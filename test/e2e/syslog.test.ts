/**
 * The whole program into a syslog receiver that hangs up, killed in between: nothing is lost, nothing is broken, and only what was in flight repeats.
 *
 * The receiver hangs up in good order and reads to the end. What one that resets had in its buffers is lost, and no sender can know.
 */
import { expect, it, onTestFinished } from 'vitest';
import { startSyslog } from '../far-ends/syslog.ts';
import type { Message } from '../far-ends/syslog-reader.ts';
import { compare, plentyOfCalls } from './house.ts';
import { openStage, until } from './stage.ts';

const records = Number(process.env.RECORDS ?? 6000);
const tenants = 5;
const kills = 3;
const batch = 250;

it('a receiver that hangs up and a program that is killed lose nothing, and repeat only what was in flight', async () => {
  const stage = await openStage(onTestFinished, { account: 'partner', tenants, eventsPerTenant: records / tenants, alertsPerTenant: 0 });
  const far = await startSyslog({ transport: 'tcp', framing: 'octet-counting' });
  onTestFinished(() => far.close());
  await stage.configure(`central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks:
  soc: { type: syslog, address: "${far.address}", framing: octet-counting, batch: { records: ${batch} } }
routes: [{ from: events, to: soc, format: raw }]
state: ./state
`);
  let hangUps = 0;
  for (let killed = 0; killed < kills; killed++) {
    const { child, ended } = stage.start('run', '--log-level', 'warn');
    const before = far.messages.length;
    await until(() => far.messages.length > before + 200 || far.messages.length >= records, 'some messages');
    for (const socket of far.open) {
      socket.end();
      hangUps++;
    }
    await until(() => far.messages.length > before + 600 || far.messages.length >= records, 'more messages');
    child.kill('SIGKILL');
    await ended;
  }
  const { code, stderr } = await stage.run('run', '--once', '--log-level', 'warn');
  expect(code, stderr).toBe(0);
  await far.settled();

  const truth = await stage.simulator.truth('&stream=events');
  const { lost, strange, repeated } = compare(truth, far.messages.map(idOf));
  console.log(`syslog: ${truth.length} records, ${kills} kills, ${hangUps} hang-ups: lost ${lost}, repeated ${repeated}`);
  expect({ count: truth.length, lost, strange }).toEqual({ count: records, lost: 0, strange: 0 });
  expect(repeated).toBeLessThanOrEqual((kills + hangUps) * batch);
  // What a kill or a hang-up cut off is told apart from a message, as its length says so.
  expect(far.broken.filter((each) => !each.startsWith('ends in the middle'))).toEqual([]);
  const [route] = (await stage.status()).routes;
  expect(route).toMatchObject({ waiting: 0, delivered: records, unconfirmed: true });
});

function idOf({ data }: Message): string {
  return data.get('sophos@32473')?.get('record')?.split('/').at(-1) ?? '';
}
