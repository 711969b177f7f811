/**
 * The whole program into a real rsyslog, by every way it listens: each record once, unbroken, in order for each tenant.
 *
 * The full measure: RECORDS=100000 npx vitest run --project e2e rsyslog
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Certificates, makeCertificates } from '../far-ends/certificates.ts';
import { plentyOfCalls } from './house.ts';
import { openStage } from './stage.ts';

const records = Number(process.env.RECORDS ?? 3000);
const rsyslogd = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find((path) => existsSync(path));
const modules = ['/usr/lib/x86_64-linux-gnu/rsyslog', '/usr/lib/aarch64-linux-gnu/rsyslog', '/usr/lib64/rsyslog', '/usr/lib/rsyslog'];
const hasTls = modules.some((folder) => existsSync(join(folder, 'lmnsd_gtls.so')));
const missing = rsyslogd === undefined ? 'rsyslogd is not installed' : hasTls ? null : 'rsyslog-gnutls is not installed';
if (missing) console.log(`rsyslog is not tried: ${missing} (apt-get install rsyslog rsyslog-gnutls)`);

const ways = ['octets', 'lines', 'secure', 'socket'] as const;
type Way = (typeof ways)[number];
type Ports = Readonly<Record<Exclude<Way, 'socket'>, number>>;

describe.skipIf(missing !== null)('a real rsyslog', () => {
  it(`gets each of ${records} records once, unbroken and in order, over TCP with both framings, TLS and a unix socket`, async () => {
    const stage = await openStage(onTestFinished, { account: 'partner', tenants: 10, eventsPerTenant: records / 10, alertsPerTenant: 0 });
    const certificates = makeCertificates();
    onTestFinished(() => certificates.remove());
    const { path } = stage.folder;
    const ports: Ports = { octets: await freePort(), lines: await freePort(), secure: await freePort() };
    await stage.folder.write('rsyslog.conf', configurationOf(path, ports, certificates));
    const receiver = await startRsyslog(path, ports);
    await stage.configure(`central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks:
  file: { type: file, path: "reference.ndjson" }
  octets: { type: syslog, preset: rsyslog, facility: local4, address: "tcp://127.0.0.1:${ports.octets}" }
  lines: { type: syslog, preset: rsyslog, facility: local4, framing: lf, address: "tcp://127.0.0.1:${ports.lines}" }
  secure: { type: syslog, preset: rsyslog, facility: local4, address: "tls://localhost:${ports.secure}", caFile: ${certificates.authority.certFile},
            certFile: ${certificates.client.certFile}, keyFile: ${certificates.client.keyFile} }
  socket: { type: syslog, preset: rsyslog, facility: local4, address: "unix://${path}/log.sock" }
routes:
  - { from: events, to: file, format: raw }
  - { from: events, to: octets, format: raw }
  - { from: events, to: lines, format: raw }
  - { from: events, to: secure, format: raw }
  - { from: events, to: socket, format: raw }
`);
    const { code, stderr } = await stage.run('run', '--once', '--log-level', 'warn');
    expect(code, stderr).toBe(0);
    for (const way of ways) await expect.poll(() => countLines(join(path, `${way}.log`)), { timeout: 60_000, interval: 200 }).toBeGreaterThanOrEqual(records);
    // It writes out what it holds.
    receiver.kill('SIGTERM');
    await new Promise((resolve) => receiver.once('exit', resolve));

    const wanted = byTenant(linesOf(await readFile(join(path, 'reference.ndjson'), 'utf8')).map(readItem));
    expect([...wanted.values()].flat().length).toBe(records);
    for (const way of ways) expect(byTenant(linesOf(await readFile(join(path, `${way}.log`), 'utf8')).map(readReceived)), way).toEqual(wanted);
  });
});

interface Seen {
  readonly tenant: string;
  readonly id: string;
  readonly text: string;
}

function readItem(text: string): Seen {
  const { id, customer_id: tenant } = JSON.parse(text) as { readonly id: string; readonly customer_id: string };
  return { tenant, id, text };
}

/** What the structured data says must be what the text says. */
function readReceived(line: string): Seen {
  const found = /^local4 sophos-central events \[sophos@32473 tenant="([^"]+)" tenantName="[^"]*" stream="events" record="([^"]+)"\] (.*)$/s.exec(line);
  if (!found) throw new Error(`not as it was sent: ${line}`);
  const [, tenant, record, text = ''] = found;
  const item = readItem(text);
  expect([tenant, record]).toEqual([item.tenant, `${item.tenant}/events/${item.id}`]);
  return item;
}

function byTenant(all: readonly Seen[]): Map<string, string[]> {
  const tenants = new Map<string, string[]>();
  for (const { tenant, text } of all) {
    const texts = tenants.get(tenant);
    if (texts) texts.push(text);
    else tenants.set(tenant, [text]);
  }
  return new Map([...tenants].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

async function countLines(path: string): Promise<number> {
  return existsSync(path) ? linesOf(await readFile(path, 'utf8')).length : 0;
}

function configurationOf(path: string, ports: Ports, { authority, server }: Certificates): string {
  const ruleset = (way: Way) =>
    `ruleset(name="${way}") { action(type="omfile" file="${path}/${way}.log" template="all" ioBufferSize="256k" flushOnTXEnd="on") }`;
  return `global(workDirectory="${path}" maxMessageSize="8k"
  defaultNetstreamDriverCAFile="${authority.certFile}" defaultNetstreamDriverCertFile="${server.certFile}" defaultNetstreamDriverKeyFile="${server.keyFile}")
module(load="imtcp")
module(load="imptcp")
template(name="all" type="string" string="%syslogfacility-text% %app-name% %msgid% %structured-data% %msg%\\n")
${ways.map(ruleset).join('\n')}
input(type="imtcp" port="${ports.octets}" address="127.0.0.1" ruleset="octets")
input(type="imtcp" port="${ports.lines}" address="127.0.0.1" ruleset="lines" supportOctetCountedFraming="off")
input(type="imtcp" port="${ports.secure}" ruleset="secure" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/certvalid")
input(type="imptcp" path="${path}/log.sock" ruleset="socket")
`;
}

async function startRsyslog(path: string, ports: Ports): Promise<ChildProcess> {
  const command = rsyslogd ?? '';
  const configuration = join(path, 'rsyslog.conf');
  execFileSync(command, ['-N1', '-f', configuration], { stdio: 'pipe' });
  const child = spawn(command, ['-n', '-f', configuration, '-i', join(path, 'rsyslog.pid')], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  for (const port of Object.values(ports)) await expect.poll(() => answers(port), { timeout: 20_000 }).toBe(true);
  await expect.poll(() => existsSync(join(path, 'log.sock'))).toBe(true);
  await chmod(join(path, 'log.sock'), 0o666);
  return child;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
