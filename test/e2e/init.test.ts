/** From nothing to records in a file, as a person does it: the real program in a real terminal. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bin, compare, makeFolder, nothingWrong, type Simulator, startSimulator } from './house.ts';
import { type Person, sitDown, withoutTmux } from './tmux.ts';

if (withoutTmux) console.log(`skipped: ${withoutTmux}`);

interface Made {
  readonly tenant: string;
  readonly stream: string;
  readonly id: string;
}

interface Filed {
  readonly id: string;
  readonly tenant: { readonly id: string };
  readonly datastream: string;
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
const recordsOf = (text: string) => linesOf(text).map((line) => JSON.parse(line) as Filed);

async function open(options: object) {
  const simulator = await startSimulator(options);
  const folder = await makeFolder();
  const hosts = { SOPHOS_CENTRAL_AUTH_URL: simulator.url, SOPHOS_CENTRAL_API_URL: simulator.url };
  const person = sitDown({ cwd: folder.path, env: hosts });
  onTestFinished(async () => {
    person.leave();
    await simulator.close();
    await folder.remove();
  });
  // What an installation gives: the program by its name.
  person.type(`sophos-central() { ${process.execPath} ${bin} "$@"; }; clear`);
  person.press('Enter');
  const before = person.keystrokes;
  return { simulator, folder, person, typed: () => person.keystrokes - before };
}

/** From the first question to the one for the secret. */
async function toSecret(person: Person, { clientId }: Simulator): Promise<void> {
  await person.sees('Which credential of Sophos Central');
  person.press('Enter');
  await person.sees('◆  Client id');
  person.paste(clientId);
  person.press('Enter');
  await person.sees('◆  Client secret');
}

describe.skipIf(withoutTmux !== null)('somebody with a credential, at a terminal', () => {
  it('has records in files after one command and a few keys, a wrong secret among them', async () => {
    const { simulator, folder, person, typed } = await open({
      account: 'partner',
      tenants: 5,
      eventsPerTenant: 120,
      alertsPerTenant: 7,
      historyMs: 6 * 3_600_000,
    });
    const startedAt = performance.now();
    person.type('sophos-central init');
    person.press('Enter');
    await toSecret(person, simulator);
    person.paste('not-the-secret');
    person.press('Enter');
    await person.sees('Sophos refused the credential');
    await person.sees('Give the credential again');
    person.press('Enter');
    await person.sees(/Which credential[\s\S]*Which credential/);
    person.press('Enter');
    await person.sees(/◆ {2}Client id\n│ {2}[0-9a-f-]{36}/);
    person.press('Enter');
    await person.sees('◆  Client secret');
    person.paste(simulator.clientSecret);
    person.press('Enter');
    await person.sees('It belongs to a partner');
    await person.sees('5 tenants');
    for (const question of [
      '◆  Where will the client secret be',
      '◆  What shall be read',
      '◆  Which tenants',
      '◆  Where shall the records go',
      '◆  archive: Path',
      '◆  archive: how shall',
      '◆  How will it be kept',
      '◆  Write this to sophos-central.yaml?',
    ]) {
      await person.sees(question);
      person.press('Enter');
    }
    await person.sees('Written: ');
    await person.sees('Other ways to keep it running');
    person.type("clear; read -rsp 'SOPHOS_CLIENT_SECRET: ' SOPHOS_CLIENT_SECRET && export SOPHOS_CLIENT_SECRET");
    person.press('Enter');
    await person.sees(/SOPHOS_CLIENT_SECRET: ?$/m);
    person.paste(simulator.clientSecret);
    person.press('Enter');
    person.type('sophos-central config check');
    person.press('Enter');
    await person.sees('sophos-central.yaml is in order: 1 account, 2 streams, 1 sink, 1 route.');
    person.type('sophos-central run --once; echo "ended with $?"');
    person.press('Enter');
    await person.sees(/ended with \d/, 60_000);
    expect(person.screen()).toContain('ended with 0');
    const seconds = (performance.now() - startedAt) / 1_000;

    const found = [...(await folder.read('out')).values()].flatMap((text) =>
      recordsOf(text).map(({ id, tenant, datastream }) => `${tenant.id}/${datastream === 'alert' ? 'siem-alerts' : 'events'}/${id}`),
    );
    const truth = linesOf(await simulator.ask('GET', '/_sim/truth?fields=ids'))
      .map((line) => JSON.parse(line) as Made)
      .map(({ tenant, stream, id }) => `${tenant}/${stream}/${id}`);
    expect(compare(truth, found)).toEqual(nothingWrong);
    expect(found.length).toBe(5 * 127);
    expect(person.screen()).not.toContain(simulator.clientSecret);
    console.log(`init: ${typed()} keystrokes, ${seconds.toFixed(1)} s with everything that the program did`);
    // At forty words a minute, which is slow, two minutes are 400 keys.
    expect(typed()).toBeLessThan(300);
    expect(statSync(join(folder.path, 'sophos-central.yaml')).mode & 0o777).toBe(0o600);
  });

  it('ends it with Ctrl-C, gets the terminal back as it was, and nothing is written', async () => {
    const { simulator, folder, person } = await open({ account: 'tenant' });
    person.type('sophos-central init; echo "ended with $?"');
    person.press('Enter');
    await toSecret(person, simulator);
    person.press('C-c');
    await person.sees('ended with 130');
    person.type('stty -a | grep -o " icanon" ; stty -a | grep -o " echo "; echo "all is shown"');
    person.press('Enter');
    await person.sees(/^all is shown$/m);
    expect(person.screen()).toMatch(/^ icanon$/m);
    expect(person.screen()).toMatch(/^ echo $/m);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('sophos'))).toEqual([]);
  });

  it('gets a prompt back when Ctrl-C comes while Central is asked', async () => {
    const { simulator, folder, person } = await open({ account: 'tenant' });
    await simulator.ask('POST', '/_sim/faults', { rate: 1, kinds: ['503'] });
    person.type('sophos-central init; echo "ended with $?"');
    person.press('Enter');
    await toSecret(person, simulator);
    person.paste(simulator.clientSecret);
    person.press('Enter');
    await person.sees('Asking Sophos Central ...');
    person.press('C-c');
    await person.sees('ended with 130');
    expect(readdirSync(folder.path).filter((name) => name.startsWith('sophos'))).toEqual([]);
  });
});
