/** What goes to a syslog receiver after an import, against what Python's own handler sends for the same texts. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputOf } from '../../../../src/cli/imports/siem/output.ts';
import { readSettings } from '../../../../src/cli/imports/siem/settings.ts';
import { LineBuffer } from '../../../../src/core/pack.ts';
import type { Parcel } from '../../../../src/core/types.ts';
import { recordOf } from '../../../laws/format.laws.ts';
import { openSyslog } from '../../../sinks/syslog-world.ts';

const texts = ['{"id": "1", "name": "plain"}', 'CEF:0|sophos|sophos central|1.0|T|Zoë 🚨|5|a=b', '2026-11-21T00:00:00.000Z id="3"; name="";', 'x'.repeat(5000)];

interface Far {
  readonly port: number;
  /** Everything so far: the messages of datagrams, or the bytes of a connection. */
  received(): readonly string[];
  close(): void;
}

async function startFar(socktype: string): Promise<Far> {
  const parts: Buffer[] = [];
  if (socktype === 'udp') {
    const socket = createSocket('udp4', (message) => void parts.push(message));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return { port: socket.address().port, received: () => parts.map((part) => part.toString('utf8')), close: () => void socket.close() };
  }
  const server = createServer((socket) => void socket.on('data', (part: Buffer) => void parts.push(part)).on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, received: () => [Buffer.concat(parts).toString('utf8')], close: () => void server.close() };
}

/** Python's handler; `null` where there is no Python. */
async function python(port: number, facility: string, socktype: string, nul: string): Promise<number | null> {
  const child = spawn('python3', ['-I', '-S', '-E', join(import.meta.dirname, 'syslog-bytes.py'), '127.0.0.1', String(port), facility, socktype, nul]);
  const ended = new Promise<number | null>((resolve) => child.once('error', () => resolve(null)).once('close', resolve));
  child.stdin.on('error', () => undefined);
  child.stdin.end(texts.map((text) => JSON.stringify(text)).join('\n'));
  return ended;
}

async function ours(port: number, facility: string, socktype: string, nul: string): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'siem-syslog-'));
  try {
    const ini = `[login]\nfilename = syslog\naddress = 127.0.0.1:${port}\nfacility = ${facility}\nsocktype = ${socktype}\nappend_nul = ${nul}\n`;
    await writeFile(join(home, 'config.ini'), ini);
    const { sink: options } = await outputOf(await readSettings(home, join(home, 'config.ini')), home);
    const { type: _, ...written } = options;
    const sink = await openSyslog(written);
    await sink.deliver(parcel(), new AbortController().signal);
    await sink.close();
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function parcel(): Parcel {
  const out = new LineBuffer();
  for (const text of texts) {
    out.text(text);
    out.endLine();
  }
  const origin = { stream: 'events', tenant: { id: 't', name: 'T', labels: {} } };
  const records = texts.map((_, i) => ({ ...recordOf('{"severity":"high"}'), seq: i + 1 }));
  return { sections: [{ lane: { route: 'r', stream: 't/events' }, after: 0, upTo: texts.length, origin, records, lines: out.lines(), json: false }] };
}

describe('after an import, syslog', () => {
  it.for([
    { facility: 'daemon', socktype: 'udp', nul: 'false' },
    { facility: 'local3', socktype: 'udp', nul: 'true' },
    { facility: 'auth', socktype: 'tcp', nul: 'true' },
    { facility: 'kern', socktype: 'tcp', nul: 'false' },
  ])('gets over $socktype, $facility, append_nul = $nul, what Python sends', async ({ facility, socktype, nul }, context) => {
    const [theirs, mine] = [await startFar(socktype), await startFar(socktype)];
    try {
      if ((await python(theirs.port, facility, socktype, nul)) === null) context.skip('there is no python3 on this machine');
      await ours(mine.port, facility, socktype, nul);
      const sizeOf = (far: Far) => far.received().reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      const least = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      await expect.poll(() => sizeOf(theirs) > least && sizeOf(mine) >= sizeOf(theirs)).toBe(true);
      // Over TCP without a NUL siem.py puts no end between two messages; here it is a line feed, and the report says so.
      const expected =
        socktype === 'tcp' && nul === 'false'
          ? [
              theirs
                .received()
                .join('')
                .replaceAll(/(?<!^)(?=<\d+>)|$/g, '\n'),
            ]
          : theirs.received();
      expect(mine.received()).toEqual(expected);
    } finally {
      theirs.close();
      mine.close();
    }
  });
});
