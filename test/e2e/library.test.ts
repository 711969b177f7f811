/**
 * The examples of docs/library.md, as a user has them: whole programs in a folder of their own that import the package by its name, checked
 * against the types that it ships, and run by Node against the simulator. Nothing is put into them but where the simulator listens.
 */
import { spawn } from 'node:child_process';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readPage, readPages, root } from '../docs/pages.ts';
import { type Folder, makeFolder, type Simulator, startSimulator } from './house.ts';

/** The headings above examples, in their order. */
const names = [
  'The library',
  'Unhealthy endpoints of all tenants',
  'Scan them',
  'Alerts page by page, with a place to go on from',
  'Detections',
  'A credential that is rotated',
  'Intelix',
] as const;
type Name = (typeof names)[number];

const tenants = ['Acme', 'Beta Ltd', 'Gamma'];
/** Figures that the simulator is asked to hold for each tenant. */
const alertsPerTenant = 250;

const { text, blocks } = readPage('docs/library.md');
const pageLines = text.split('\n');
const examples = new Map(blocks.filter(({ language }) => language === 'ts').map((block) => [headingAbove(block.line), block.text]));

function headingAbove(line: number): string {
  const above = pageLines.slice(0, line - 1).findLast((each) => /^#+ /.test(each));
  return above?.replace(/^#+ /, '') ?? '';
}

interface Said {
  readonly code: number | null;
  readonly out: readonly string[];
  readonly err: string;
}

let folder: Folder;
let sim: Simulator & { readonly intelixClientId: string; readonly intelixClientSecret: string };

beforeAll(async () => {
  folder = await makeFolder();
  await mkdir(join(folder.path, 'node_modules/@types'), { recursive: true });
  await symlink(root, join(folder.path, 'node_modules/sophos-central-connector'), 'junction');
  await symlink(join(root, 'node_modules/@types/node'), join(folder.path, 'node_modules/@types/node'), 'junction');
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
  const options = { account: 'partner', tenants: 3, tenantNames: tenants, endpoints: 12, eventsPerTenant: 400, openAlertsPerTenant: 0 };
  sim = (await startSimulator(options)) as typeof sim;
  await sim.ask('POST', '/_sim/settings', { alertsMaxSize: 100, runs: 'quick' });
});
afterAll(async () => {
  await sim.close();
  await folder.remove();
});
afterEach(async () => {
  await sim.ask('DELETE', '/_sim/faults');
  await rm(join(folder.path, 'alerts-place.json'), { force: true });
});

/** Runs an example as it stands on the page. */
async function run(name: Name): Promise<Said> {
  const source = examples.get(name) ?? '';
  const hosts = `{ authUrl: '${sim.url}', apiUrl: '${sim.url}', rateLimits: { second: 500, minute: 30_000 },`;
  const placed = source.replace(/(new (?:SophosCentral|Intelix)\()\{/g, `$1${hosts}`);
  expect(placed, 'the example makes a client').not.toBe(source);
  const { outputText } = ts.transpileModule(placed, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } });
  const file = join(folder.path, 'example.mjs');
  await writeFile(file, outputText);
  const child = spawn(process.execPath, [file], {
    cwd: folder.path,
    env: {
      PATH: process.env.PATH,
      SOPHOS_CLIENT_ID: sim.clientId,
      SOPHOS_CLIENT_SECRET: sim.clientSecret,
      SOPHOS_INTELIX_CLIENT_ID: sim.intelixClientId,
      SOPHOS_INTELIX_CLIENT_SECRET: sim.intelixClientSecret,
    },
  });
  const [out, err] = await Promise.all([gather(child.stdout), gather(child.stderr), new Promise((resolve) => child.once('close', resolve))]);
  return { code: child.exitCode, out: out.split('\n').filter((line) => line !== ''), err };
}

async function gather(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

type Item = Readonly<Record<string, unknown>> & { readonly id: string; readonly health?: { readonly overall?: string } };

/** Everything that the simulator holds of a stream. */
async function truth(stream: string): Promise<readonly Item[]> {
  const lines = (await sim.ask('GET', `/_sim/truth?stream=${stream}`)).split('\n').filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { readonly item: Item }).item);
}

const isUnwell = ({ health }: Item) => health?.overall === 'bad' || health?.overall === 'suspicious';

describe('the examples of the library page', () => {
  it('are all of those that there are, and run below', () => {
    expect([...examples.keys()]).toEqual(names);
    expect(blocks.filter(({ language }) => language === 'ts')).toHaveLength(names.length);
    expect(readPages().flatMap((page) => (page.path === 'docs/library.md' ? [] : page.blocks.filter(({ language }) => language === 'ts')))).toEqual([]);
  });

  it('fit the types that the package ships', async () => {
    const files = await Promise.all(
      [...examples.values()].map(async (source, i) => {
        const file = join(folder.path, `example-${i}.mts`);
        await writeFile(file, source);
        return file;
      }),
    );
    const program = ts.createProgram(files, {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      typeRoots: [join(folder.path, 'node_modules/@types')],
    });
    const wrong = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
    expect(wrong).toEqual([]);
    expect(program.getSourceFiles().some(({ fileName }) => fileName.endsWith('dist/index.d.ts'))).toBe(true);
    expect(program.getSourceFiles().some(({ fileName }) => fileName.endsWith('dist/intelix.d.ts'))).toBe(true);
  });

  it('read the events of every tenant but the forbidden one, and name that', async () => {
    await sim.ask('POST', '/_sim/faults', { forbidden: { tenants: [1] } });
    const { code, out, err } = await run('The library');
    expect(code).toBe(0);
    expect(new Set(out.map((line) => tenants.find((tenant) => line.startsWith(`${tenant} `))))).toEqual(new Set(['Acme', 'Gamma']));
    expect(err).toMatch(/^Beta Ltd GET \/siem\/v1\/events .*403.* \S{36}\n$/);
  });

  it('list exactly the endpoints that are not well, of all tenants', async () => {
    const { code, out, err } = await run('Unhealthy endpoints of all tenants');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const unwell = (await truth('endpoints')).filter(isUnwell);
    expect(unwell.length).toBeGreaterThan(3);
    expect(out).toHaveLength(unwell.length);
    for (const { hostname, health } of unwell) expect(out.some((line) => line.includes(` ${hostname} ${health?.overall} `))).toBe(true);
  });

  it('scan exactly those, and go on when one cannot be scanned', async () => {
    const unwell = (await truth('endpoints')).filter(isUnwell);
    const one = unwell[2];
    await sim.ask('POST', '/_sim/faults', { sequence: [{ path: `/endpoint/v1/endpoints/${one?.id}/scans`, kind: '403' }] });
    await sim.ask('DELETE', '/_sim/requests');
    const { code, out, err } = await run('Scan them');
    expect(code).toBe(0);
    expect(out).toHaveLength(unwell.length - 1);
    expect(out.every((line) => line.endsWith(' requested'))).toBe(true);
    expect(err).toMatch(/403/);
    const asked = (await sim.ask('GET', '/_sim/requests?changes=true')).split('\n').filter((line) => line !== '');
    const scanned = asked.map((line) => (JSON.parse(line) as { readonly path: string }).path.split('/')[4] ?? '');
    expect(scanned.sort()).toEqual(unwell.map(({ id }) => id).sort());
  });

  it('print every alert of the last day once, and go on where they were broken off', async () => {
    for (const tenant of tenants.keys()) {
      const raised = { tenant, raisedMinutesAgo: 60 };
      for (let left = alertsPerTenant; left > 0; left -= 50) await sim.ask('POST', '/_sim/alerts', { ...raised, count: Math.min(50, left) });
      await sim.ask('POST', '/_sim/alerts', { tenant, count: 3, raisedMinutesAgo: 60 * 30 });
    }
    const today = (await truth('alerts')).filter(({ raisedAt }) => Date.parse(String(raisedAt)) > Date.now() - 86_400_000).map(({ id }) => id);
    expect(today).toHaveLength(tenants.length * alertsPerTenant);
    // Broken off in the middle of the second tenant's list.
    const path = '/common/v1/alerts';
    await sim.ask('POST', '/_sim/faults', {
      sequence: [
        { path, kind: 'ok', times: 6 },
        { path, kind: '403' },
      ],
    });
    const first = await run('Alerts page by page, with a place to go on from');
    expect(first.code).not.toBe(0);
    expect(first.err).toContain('403');
    const second = await run('Alerts page by page, with a place to go on from');
    expect({ code: second.code, err: second.err }).toEqual({ code: 0, err: '' });
    for (const { out } of [first, second]) expect(out.length).toBeGreaterThan(90);
    const ids = [...first.out, ...second.out].map((line) => line.split(' ').at(-1));
    expect(ids.sort()).toEqual(today.sort());
  });

  it('wait for a search and print what it found', async () => {
    const { code, out, err } = await run('Detections');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.length).toBeGreaterThan(0);
    for (const line of out) expect(line).toMatch(/^(Acme|Beta Ltd|Gamma) \d{4}-\S+ (7|8|9|10) \S/);
  });

  it('go on with the credential that is kept when the first one was rotated', async () => {
    await sim.ask('POST', '/_sim/credential', { clientId: 'another-id', clientSecret: 'another-secret' });
    try {
      expect(await run('A credential that is rotated')).toMatchObject({ code: 1, err: expect.stringMatching(/oauth.*ENOENT/s) });
      await folder.write('sophos-credential', 'another-id\nanother-secret\n');
      const { code, out, err } = await run('A credential that is rotated');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out.map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(tenants);
    } finally {
      await sim.ask('POST', '/_sim/credential', { clientId: sim.clientId, clientSecret: sim.clientSecret });
    }
  });

  it('say what Intelix knows', async () => {
    await sim.ask('POST', '/_sim/intelix', {
      urls: { 'https://example.com/download': { riskLevel: 'HIGH', productivityCategory: 'PROD_GAMES', securityCategory: 'SEC_PHISHING', ttl: 60 } },
      ips: { '203.0.113.7': { category: ['enduser_network', 'botnet'], ttl: 60 } },
      files: { e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855: { reputationScore: 80, ttl: 60 } },
    });
    const { code, out, err } = await run('Intelix');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toEqual(['HIGH PROD_GAMES SEC_PHISHING', 'HIGH enduser_network, botnet', 'TRUSTED good 80']);
  });
});
