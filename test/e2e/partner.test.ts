import { afterEach, describe, expect, it } from 'vitest';
import { compare, credentials, type Folder, idsOf, makeFolder, nothingWrong, plentyOfCalls, run, type Simulator, startSimulator } from './house.ts';

const hostile = [
  '../../x',
  'a/b',
  'CON',
  '🚨 Zoë',
  'n'.repeat(300),
  '..',
  'a\\b',
  'Acme',
  'acme',
  'Acme',
  ' trailing. ',
  'new\nline',
  'nul\u0000',
  '-rf',
  'C:\\Windows',
];

const configuration = `central:
  ${plentyOfCalls}
streams: { events: { since: 24h }, siem-alerts: { since: 24h } }
sinks:
  archive: { type: file, path: "out/{tenant.name}/{stream}.ndjson" }
routes:
  - { from: "*", to: archive, format: json }
state: ./state
`;

/** Everything that goes wrong on the way to a real API. */
const faults = {
  rate: 0.2,
  seed: 42,
  kinds: ['429', '429-retry-after', '500', '502-html', '503', 'reset', 'truncate', 'revoke', 'hang'],
  hangMs: 10_000,
  retryAfterS: 1,
  repeatPages: 0.2,
};

describe('a partner of 30 tenants, one of them forbidden', () => {
  let simulator: Simulator;
  let folder: Folder;
  afterEach(async () => {
    await simulator.close();
    await folder.remove();
  });

  async function readAll(withFaults: boolean): Promise<void> {
    simulator = await startSimulator({ account: 'partner', tenants: 30, eventsPerTenant: 2_500, alertsPerTenant: 40, tenantNames: hostile });
    folder = await makeFolder();
    await simulator.ask('POST', '/_sim/faults', { ...(withFaults ? faults : {}), forbidden: { tenants: [20], form: 'A' } });
    await folder.write('sophos-central.yaml', configuration);
    const ended = await run(['run', '--once'], { cwd: folder.path, env: credentials(simulator) });
    expect(ended.code, ended.stderr).toBe(4);
    expect(ended.stderr).toMatch(/403/);

    const files = await folder.read('out');
    const names = [...files.keys()].map((path) => path.split('/')[0] ?? '');
    expect(new Set(names).size, 'one folder for each tenant').toBe(29);
    for (const name of names) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(80);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
      expect(name).not.toMatch(/[\u0000-\u001f/\\<>:"|?*]|^\.+$|[ .]$/);
    }
    for (const [path, text] of files) {
      const tenants = new Set(
        text
          .split('\n')
          .filter(Boolean)
          .map((line) => (JSON.parse(line) as { tenant: { id: string } }).tenant.id),
      );
      expect(tenants.size, `${path} holds one tenant`).toBe(1);
    }
    for (const stream of ['events', 'siem-alerts']) {
      const found = [...files].filter(([path]) => path.endsWith(`${stream}.ndjson`)).flatMap(([, text]) => idsOf(text));
      // Until it was forbidden, a moment after the start, the simulator counts its records as available too.
      const forbidden = new Set(await simulator.truth(`&stream=${stream}&tenant=20`));
      const truth = (await simulator.truth(`&stream=${stream}`)).filter((id) => !forbidden.has(id));
      expect(truth).toHaveLength(29 * (stream === 'events' ? 2_500 : 40));
      expect(compare(truth, found)).toEqual(nothingWrong);
    }
  }

  it('comes into one file for each tenant and stream, every id once, and says who is forbidden and why', () => readAll(false));

  it('comes just so with 20 % of all calls failing and 20 % of all pages repeating earlier records', () => readAll(true));
});
