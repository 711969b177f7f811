import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { compare, idsOf, nothingWrong, plentyOfCalls } from './house.ts';
import { openStage } from './stage.ts';

const configuration = `central: { ${plentyOfCalls} }
streams: { events: { since: 24h } }
sinks: { archive: { type: file, path: "out/{tenant.id}.ndjson" } }
routes: [{ from: events, to: archive }]
state: ./state
`;

/** Somebody who would like to have a token: keeps every byte that comes. */
async function openThief(onTestFinished: (end: () => Promise<void>) => void) {
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  let callers = 0;
  const server = createServer((socket) => {
    callers++;
    sockets.add(socket);
    socket.on('data', (part) => heard.push(part)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { readonly port: number };
  return { host: `127.0.0.1:${port}`, heard: () => ({ callers, text: Buffer.concat(heard).toString('latin1') }) };
}

const nobodyCame = { callers: 0, text: '' };

describe('whom it trusts', () => {
  it('ends with 3 and an advice when the client secret is wrong', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 2, eventsPerTenant: 10, alertsPerTenant: 0 });
    await stage.configure(configuration);
    stage.env.SOPHOS_CLIENT_SECRET = 'wrong-0123456789';
    const { code, stderr } = await stage.run('run', '--once');
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/client ?secret/i);
    expect(stderr, 'an advice').toMatch(/check|new (api )?credential|correct/i);
    expect(stderr).not.toContain('wrong-0123456789');
  });

  for (const scheme of ['http', 'https'] as const) {
    it(`never calls a foreign ${scheme} host that a tenant list names, says so, serves the rest, and ends with 4`, async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, { account: 'partner', tenants: 3, eventsPerTenant: 50, alertsPerTenant: 0 });
      const thief = await openThief(onTestFinished);
      await stage.configure(configuration);
      await stage.simulator.ask('POST', '/_sim/tenants', { update: [{ tenant: 1, apiHost: `${scheme}://${thief.host}` }] });
      const { code, stderr } = await stage.run('run', '--once');
      expect(code, stderr).toBe(4);
      expect(stderr).toContain(thief.host);
      expect(stderr).toMatch(/not Sophos/);
      expect(thief.heard()).toEqual(nobodyCame);

      const { items } = JSON.parse(await stage.simulator.ask('GET', '/_sim/tenants')) as { items: { id: string }[] };
      const truth = (await Promise.all([0, 2].map((n) => stage.simulator.truth(`&stream=events&tenant=${items[n]?.id}`)))).flat();
      expect(compare(truth, [...(await stage.folder.read('out')).values()].flatMap(idsOf))).toEqual(nothingWrong);
      expect((await stage.status()).tenants.find(({ id }) => id === items[1]?.id)?.aside).toContain(thief.host);
    });
  }

  it('never calls a foreign host that whoami names for a tenant account', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 10, alertsPerTenant: 0 });
    const thief = await openThief(onTestFinished);
    await stage.configure(configuration);
    await stage.simulator.ask('POST', '/_sim/faults', { hostileHost: `http://${thief.host}` });
    const { code, stderr } = await stage.run('run', '--once');
    expect(code, stderr).toBe(1);
    expect(stderr).toContain(thief.host);
    expect(thief.heard()).toEqual(nobodyCame);
  });

  it('does not follow a redirect with the token', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, { account: 'tenant', eventsPerTenant: 10, alertsPerTenant: 0 });
    const thief = await openThief(onTestFinished);
    await stage.configure(configuration);
    await stage.simulator.ask('POST', '/_sim/faults', {
      redirectTo: `http://${thief.host}/siem/v1/events`,
      sequence: [{ path: '/siem/v1/events', kind: 'redirect', times: 2 }],
    });
    const { stderr } = await stage.run('run', '--once');
    expect(thief.heard(), stderr).toEqual(nobodyCame);
    expect(compare(await stage.simulator.truth('&stream=events'), [...(await stage.folder.read('out')).values()].flatMap(idsOf)), stderr).toEqual(nothingWrong);
  });
});
