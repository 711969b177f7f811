import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { allRegisters } from '../../src/config/registers.ts';
import { formatNames, sinkNames, streamNames } from '../../src/config/served.ts';
import { showConfig } from '../../src/config/show.ts';
import { complaintsOf } from './schema-reader.ts';

const example = `
central:
  clientId: \${env:SOPHOS_CLIENT_ID}
  clientSecret: \${env:SOPHOS_CLIENT_SECRET}
tenants:
  include: ["*"]
  exclude: ["Trial *"]
  labels: { "Acme*": { index: acme, cost: "42" } }
streams:
  events:      { every: 60s, since: 12h, excludeTypes: ["Event::Endpoint::UpdateSuccess"] }
  siem-alerts: { every: 60s }
sinks:
  splunk:  { type: splunk-hec, url: "https://splunk:8088", token: "\${env:HEC_TOKEN}", ack: true, ackPollMs: 1000, ackTimeoutMs: 300000, sourcetype: "sophos:central:{stream}", index: "sophos" }
  archive: { type: file, path: "out/{tenant.name}/{stream}-{date}.ndjson", rotate: { size: 100MB, keep: 30, gzip: true } }
  screen:  { type: stdout, every: 5m }
routes:
  - { from: [events, siem-alerts], to: splunk }
  - { from: "*", to: archive, format: raw }
  - { from: events, where: 'type ~ "*Pua*Detect*"', to: screen }
defaults: { output: table, days: 1, pageSize: {} }
state: ./sophos-central-state
journal: { keep: 24h, maxSize: 20GB, minFree: 1GB, whenFull: pause }
log: { level: info, format: pretty, file: connector.log, rotate: { size: 50MB, keep: 5 } }
`;

describe('with the kinds that are served', () => {
  it('the example of the documentation is right, and fits the JSON Schema', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'config-'));
    try {
      const file = path.join(folder, 'sophos-central.yaml');
      await writeFile(file, example, { mode: 0o600 });
      const env = { SOPHOS_CLIENT_ID: 'an-id', SOPHOS_CLIENT_SECRET: 'a-secret-value', HEC_TOKEN: 'a-token-value' };
      const plan = await loadConfig({ cwd: folder, env });
      expect(plan.routes.map((route) => [route.name, [...route.from]])).toEqual([
        ['splunk', ['events', 'siem-alerts']],
        ['archive', ['events', 'siem-alerts']],
        ['screen', ['events']],
      ]);
      expect(plan).toMatchObject({ warnings: [], plainSecrets: [] });
      expect(showConfig(plan)).not.toMatch(/a-secret-value|a-token-value/);
    } finally {
      await rm(folder, { recursive: true });
    }
    const { parse } = await import('yaml');
    expect(complaintsOf(configSchema(await allRegisters()), parse(example))).toEqual([]);
  });

  it('no kind is called unknown to the list of valid names', async () => {
    const { streams, sinks, formats } = await allRegisters();
    for (const { name } of streams) expect(streamNames).toContain(name);
    for (const { name } of sinks) expect(sinkNames).toContain(name);
    for (const { name } of formats) expect(formatNames).toContain(name);
  });
});
