/** Commands that send through a sink without the service: each call is a mail of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningSimulator, startSimulator } from '../../src/simulator/index.ts';
import { type Smtp, startSmtp } from '../far-ends/smtp.ts';
import { type Said, type as typeLine } from './terminal.ts';

let folder = '';
let smtp: Smtp;
let simulator: RunningSimulator;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-mail-'));
  smtp = await startSmtp({ user: 'me', password: 'hunter2-password' });
  simulator = await startSimulator({ account: 'tenant', eventsPerTenant: 40, alertsPerTenant: 0 });
  const { clientId, clientSecret, url } = simulator;
  writeFileSync(
    join(folder, 'sophos-central.yaml'),
    `central: { clientId: "${clientId}", clientSecret: "${clientSecret}", authUrl: "${url}", apiUrl: "${url}" }
sinks: { mail: { type: email, smtp: "${smtp.url}", user: me, password: "\${env:SMTP_PASSWORD}", from: a@example.com, to: b@example.com, attach: always } }
routes: [{ from: events, to: mail, format: raw }]
`,
    { mode: 0o600 },
  );
});
afterEach(async () => {
  await simulator.close();
  await smtp.close();
  rmSync(folder, { recursive: true, force: true });
});

const type = (line: readonly string[], password = 'hunter2-password'): Promise<Said> => typeLine(line, { cwd: folder, env: { SMTP_PASSWORD: password } });

describe('through a sink of type email', () => {
  it('`test-sink` logs in, then sends one marked mail each time', async () => {
    for (let i = 0; i < 2; i++) {
      const { code, out, err } = await type(['test-sink', 'mail']);
      expect(code, err).toBe(0);
      expect(out).toMatch(
        /^check {5}127\.0\.0\.1:\d+: connected, not encrypted, logged in as me; nothing was sent\ndelivery {2}taken by the far end\nlook for {2}sophos-central-test-/,
      );
    }
    expect(smtp.mails).toHaveLength(2);
    expect(new Set(smtp.mails.map(({ messageId }) => messageId)).size).toBe(2);
    expect(smtp.mails[0]?.text).toContain('No action is needed.');
    const refused = await type(['test-sink', 'mail'], 'another-password');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('failed at AUTH PLAIN: 535 5.7.8') });
    expect(refused.err).not.toContain('another-password');
  });

  it('`get --output sink:mail` mails what it reads', async () => {
    const { code, err } = await type(['get', 'events', '--output', 'sink:mail']);
    expect(code, err).toBe(0);
    const truth = await (await fetch(`${simulator.url}/_sim/truth?stream=events`)).text();
    expect(smtp.mails.flatMap(({ lines }) => lines)).toHaveLength(truth.trim().split('\n').length);
  });
});
