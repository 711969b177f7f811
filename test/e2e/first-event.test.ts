import { afterEach, describe, expect, it } from 'vitest';
import { credentials, type Folder, idsOf, makeFolder, run, type Simulator, startSimulator } from './house.ts';

describe('the whole program', () => {
  let simulator: Simulator;
  let folder: Folder;
  afterEach(async () => {
    await simulator.close();
    await folder.remove();
  });

  it('carries one event from Central to a file, once, however often it is run', async () => {
    simulator = await startSimulator({ account: 'tenant', eventsPerTenant: 1, alertsPerTenant: 0 });
    folder = await makeFolder();
    await folder.write(
      'sophos-central.yaml',
      'sinks: { archive: { type: file, path: "out/{stream}.ndjson" } }\nroutes: [{ from: events, to: archive }]\nstate: ./state\n',
    );
    for (let pass = 0; pass < 2; pass++) {
      const ended = await run(['run', '--once'], { cwd: folder.path, env: credentials(simulator) });
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      const files = await folder.read('out');
      expect([...files.keys()]).toEqual(['events.ndjson']);
      expect(idsOf(files.get('events.ndjson') ?? '')).toEqual(await simulator.truth('&stream=events'));
    }
  });
});
