import { describe, expect, it } from 'vitest';
import { plentyOfCalls } from './house.ts';
import { addRecords, filedIds, openStage, pass, type Stage, tenantIds, until } from './stage.ts';

const configuration = `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h, overlap: 0s } }
sinks: { archive: { type: file, path: "out/{tenant.id}.ndjson" } }
routes: [{ from: events, to: archive }]
state: ./state
`;

/** How often each id stands in the files. */
async function timesOf(stage: Stage): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const id of await filedIds(stage)) times.set(id, (times.get(id) ?? 0) + 1);
  return times;
}

/** The ids of a tenant's records from an instant on, and those before. */
async function splitAt({ simulator }: Stage, tenant: string, since: number) {
  const text = await simulator.ask('GET', `/_sim/truth?stream=events&tenant=${tenant}`);
  const items = text
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { item: { id: string; created_at: string } }).item);
  const isAfter = ({ created_at }: { created_at: string }) => Date.parse(created_at) >= since;
  return { after: items.filter(isAfter).map(({ id }) => id), before: items.filter((item) => !isAfter(item)).map(({ id }) => id) };
}

describe('reset', () => {
  for (const running of [false, true]) {
    it(`delivers again what one tenant had since a time, once, and says before how many at most; ${running ? 'by the service that runs' : 'by the next run'}`, async ({
      onTestFinished,
    }) => {
      const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 400, alertsPerTenant: 0 });
      await stage.configure(configuration);
      const [chosen = '', other = ''] = await tenantIds(stage);
      const service = running ? stage.start('run') : null;
      if (service) await until(async () => (await stage.status()).routes[0]?.delivered === 800, 'all is delivered');
      else await pass(stage);

      const since = Math.floor((Date.now() - 6 * 3_600_000) / 1000) * 1000;
      const { after, before } = await splitAt(stage, chosen, since);
      expect(Math.min(after.length, before.length)).toBeGreaterThan(20);
      const dry = await stage.run('reset', 'events', '--tenant', chosen, '--since', String(since / 1000), '--dry-run');
      expect(dry.code, dry.stderr).toBe(0);
      const { code, stderr } = await stage.run('reset', 'events', '--tenant', chosen, '--since', String(since / 1000), '--yes');
      expect(code, stderr).toBe(0);
      const atMost = Number(/at most ([\d,. ]+) records/i.exec(stderr)?.[1]?.replace(/\D/g, ''));
      expect(atMost, stderr).toBeGreaterThanOrEqual(after.length);
      expect(stderr.indexOf('will be read again')).toBeLessThan(stderr.indexOf('Done'));

      const total = 800 + after.length;
      if (service) {
        await until(async () => (await filedIds(stage)).length >= total, 'they are delivered again');
        await addRecords(stage, { tenant: chosen, count: 1 });
        await until(async () => (await filedIds(stage)).length > total, 'a new one comes too');
        service.child.kill('SIGTERM');
        expect((await service.ended).code).toBe(0);
      } else {
        await pass(stage);
        await pass(stage);
      }
      const times = await timesOf(stage);
      expect(new Set(after.map((id) => times.get(id)))).toEqual(new Set([2]));
      expect(new Set(before.map((id) => times.get(id)))).toEqual(new Set([1]));
      const others = (await splitAt(stage, other, 0)).after;
      expect(new Set(others.map((id) => times.get(id)))).toEqual(new Set([1]));
    });
  }

  it('without a time reads a stream again as if never read', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 300, alertsPerTenant: 0 });
    await stage.configure(configuration);
    await pass(stage);
    const { code, stderr } = await stage.run('reset', 'events', '--yes');
    expect(code, stderr).toBe(0);
    await pass(stage);
    expect(new Set((await timesOf(stage)).values())).toEqual(new Set([2]));
  });
});
