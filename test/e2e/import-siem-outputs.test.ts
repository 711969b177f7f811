import { once } from 'node:events';
import { appendFile, mkdir, rename, symlink } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bareStage, importSiem, makeSiemFolder, record, type Sample, samplesOf } from './siem-script.ts';
import { pass, tenantIds } from './stage.ts';

const eventsOf = (count: number, options: Parameters<typeof samplesOf>[1]) => samplesOf(count, options).filter(({ feed }) => feed === 'events');
const text = (samples: readonly Sample[]) => samples.map(({ lines }) => `${lines.json}\n`).join('');

describe('after `import siem`', () => {
  it('a receiver of syslog over TCP with NUL gets what comes after the switch, each message once', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished, { tenants: 2 });
    const parts: Buffer[] = [];
    const server = createServer((socket) => void socket.on('data', (part: Buffer) => void parts.push(part)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(async () => void server.close());
    const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const siem = await makeSiemFolder(stage, { filename: 'syslog', address, socktype: 'tcp', append_nul: 'true', facility: 'local2', format: 'cef' });
    const [tenant = ''] = await tenantIds(stage);
    const samples = eventsOf(120, { tenant, from: Date.now() - 3_600_000 });
    await record(stage, tenant, samples.slice(0, 20));
    await siem.run(tenant, samples);
    await record(stage, tenant, samples.slice(20));
    await importSiem(stage);
    await pass(stage);
    const expected = samples.slice(20).map(({ lines }) => `<150>${lines.cef.replaceAll(/[\n\r\0]/g, ' ')}\0`);
    await expect.poll(() => Buffer.concat(parts).toString('utf8')).toBe(expected.join(''));
  });

  it('standard output gets what comes after the switch', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished, { tenants: 2 });
    const siem = await makeSiemFolder(stage, { filename: 'stdout' });
    const [tenant = ''] = await tenantIds(stage);
    const samples = eventsOf(60, { tenant, from: Date.now() - 3_600_000 });
    await record(stage, tenant, samples.slice(0, 20));
    await siem.run(tenant, samples);
    await record(stage, tenant, samples.slice(20));
    await importSiem(stage);
    const { code, stdout, stderr } = await stage.run('run', '--once');
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(text(samples.slice(20)));
  });

  it('a file behind a link is continued, and so is one whose last line was cut', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished, { tenants: 2 });
    const siem = await makeSiemFolder(stage);
    const [tenant = ''] = await tenantIds(stage);
    const samples = eventsOf(60, { tenant, from: Date.now() - 3_600_000 });
    await record(stage, tenant, samples.slice(0, 10));
    await siem.run(tenant, samples);
    const before = await siem.output();
    const half = (samples[10]?.lines.json ?? '').slice(0, 40);
    await appendFile(join(siem.home, 'log', 'result.txt'), half);
    await mkdir(join(stage.folder.path, 'disk'));
    await rename(join(siem.home, 'log', 'result.txt'), join(stage.folder.path, 'disk', 'sophos.log'));
    await symlink(join(stage.folder.path, 'disk', 'sophos.log'), join(siem.home, 'log', 'result.txt'));
    await record(stage, tenant, samples.slice(10));
    expect(await importSiem(stage)).toContain('it is a link');
    await pass(stage);
    expect(await siem.output()).toBe(`${before}${half}\n${text(samples.slice(10))}`);
  });

  it('a legacy token goes on at its cursor', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished, { account: 'tenant', tenants: 1 });
    const siem = await makeSiemFolder(stage, { client_id: '', client_secret: '', token_info: stage.simulator.siemToken });
    const [tenant = ''] = await tenantIds(stage);
    const samples = eventsOf(60, { tenant, from: Date.now() - 3_600_000 });
    await record(stage, tenant, samples.slice(0, 20));
    const [, url = '', key = '', authorization = ''] = /^url: (\S+), x-api-key: (\S+), Authorization: (.+)$/.exec(stage.simulator.siemToken) ?? [];
    const answer = await fetch(`${url}/siem/v1/events?limit=1000`, { headers: { 'x-api-key': key, authorization } });
    const { next_cursor: cursor } = (await answer.json()) as { readonly next_cursor: string };
    await siem.writeState({ account: { [authorization.split(' ')[1] ?? '']: { eventsLastFetched: cursor } } });
    const offline = await stage.run('import', 'siem', 'siem', '--offline');
    expect(offline).toMatchObject({ code: 2, stderr: expect.stringContaining('whose records the token gives is not known') });
    await record(stage, tenant, samples.slice(20));
    const said = await importSiem(stage);
    expect(said).toContain(`events of central (${tenant})`);
    expect(said).not.toContain(key);
    await pass(stage);
    expect(await siem.output()).toBe(text(samples.slice(20)));
  });

  it('goes on although Central cannot be asked for names, and says so', async ({ onTestFinished }) => {
    const stage = await bareStage(onTestFinished, { tenants: 2 });
    const siem = await makeSiemFolder(stage);
    const [tenant = ''] = await tenantIds(stage);
    await siem.run(tenant, []);
    await stage.simulator.ask('POST', '/_sim/faults', { forbidden: { tenants: [0], form: 'A' } });
    await stage.simulator.close();
    expect(await importSiem(stage)).toMatch(/warning: Central could not be asked for its tenants/);
  });
});
