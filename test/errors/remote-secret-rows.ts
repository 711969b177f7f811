/** Secrets that are asked for over the network: what may pass is told as itself; everything else is a mistake with a place. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHttp } from '../../src/clients/http.ts';
import { loadConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/core/clock.ts';
import { type Bench, hostile, legacyToken } from './bench.ts';
import type { Row } from './row.ts';

/** Reads a client secret from a Vault at this port; pauses pass at once. */
async function read(bench: Bench, port: number): Promise<unknown> {
  const cwd = await bench.folder();
  const connections = openHttp();
  bench.later(() => connections.close());
  const text = `secrets: { vault: { address: "http://127.0.0.1:${port}", token: "\${env:MINE}" } }\ncentral: { clientId: a, clientSecret: "\${vault:secret/app#k}" }\n`;
  await writeFile(join(cwd, 'sophos-central.yaml'), text);
  const clock = { ...systemClock, sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms <= 1500 ? 0 : ms, signal) };
  return loadConfig({ cwd, env: { MINE: legacyToken }, world: { http: connections.http, clock } });
}

const attempted = /sophos-central\.yaml:2:40: central\.clientSecret: `\$\{vault:secret\/app#k\}`: /;

export const remoteSecretRows: readonly Row[] = [
  {
    what: 'nobody listens where a secret is kept',
    kind: 'transient',
    code: 'secret.unreachable',
    exit: 1,
    attempted,
    seen: /Vault at 127\.0\.0\.1:\d+ could not be asked: .*ECONNREFUSED/,
    provoke: async (bench) => read(bench, await bench.freePort()),
  },
  {
    what: 'who keeps a secret is sealed',
    kind: 'transient',
    code: 'secret.busy',
    exit: 1,
    attempted,
    seen: /Vault at 127\.0\.0\.1:\d+ answered 503/,
    provoke: async (bench) =>
      read(
        bench,
        await bench.serve((request, response) =>
          response
            .writeHead(503, { 'content-type': 'application/json' })
            .end(JSON.stringify({ errors: [`Vault is sealed ${hostile} ${request.headers['x-vault-token']}`] })),
        ),
      ),
  },
  {
    what: 'who keeps a secret says no',
    kind: 'config',
    code: 'config.invalid',
    exit: 2,
    isPicture: true,
    attempted,
    seen: /403: .*\(give the token's policy/,
    provoke: async (bench) =>
      read(
        bench,
        await bench.serve((request, response) =>
          response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ errors: [`${hostile} ${request.headers['x-vault-token']}`] })),
        ),
      ),
  },
];
