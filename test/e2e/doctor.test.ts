/** `doctor` names cause and cure of what really goes wrong: each fault is provoked, and found by the program itself. */
import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeCertificates } from '../far-ends/certificates.ts';
import { startInterceptor } from '../far-ends/interceptor.ts';
import { plentyOfCalls } from './house.ts';
import { openStage, type Stage, until } from './stage.ts';

type OnFinished = Parameters<typeof openStage>[0];

interface Finding {
  readonly area: string;
  readonly subject: string;
  readonly state: string;
  readonly seen: string;
  readonly cause?: string;
  readonly cure?: string;
}

const partner = { account: 'partner', tenants: 3, eventsPerTenant: 20, alertsPerTenant: 2 };
const tenant = { account: 'tenant', eventsPerTenant: 20, alertsPerTenant: 2 };

const configuration = (stage: Stage, { central = plentyOfCalls, hecToken = stage.simulator.hecToken, state = './state', journal = '' } = {}) =>
  `central: { ${central} }
streams: { events: {}, siem-alerts: {} }
sinks:
  archive: { type: file, path: "out/{tenant.id}.ndjson" }
  splunk: { type: splunk-hec, url: "${stage.simulator.hecUrl}", token: "\${env:HEC_TOKEN}" }
routes: [{ from: events, to: archive }, { from: "*", to: splunk }]
state: ${state}
journal: { minFree: 1MB${journal} }
`.replace('${env:HEC_TOKEN}', hecToken);

/** Can this user mount? Containers and macOS often say no; the same faults are provoked otherwise in test/cli. */
const mayMount = (() => {
  try {
    execFileSync('unshare', ['-m', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

/** A small disk at `state`, gone with the test. */
async function mountAt(stage: Stage, onTestFinished: OnFinished, options: string): Promise<void> {
  const folder = join(stage.folder.path, 'state');
  await mkdir(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'doctor-test', folder]);
  onTestFinished(async () => void execFileSync('umount', ['-l', folder]));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

interface Fault {
  readonly name: string;
  readonly simulator: object;
  readonly needsMount?: true;
  readonly arrange: (stage: Stage, onTestFinished: OnFinished) => Promise<void>;
  readonly area: string;
  readonly state: 'warning' | 'failed';
  readonly cause: RegExp;
  readonly cure: RegExp;
  readonly code: number;
}

const faults: readonly Fault[] = [
  {
    name: 'wrong id',
    simulator: tenant,
    async arrange(stage) {
      await stage.configure(configuration(stage));
      stage.env.SOPHOS_CLIENT_ID = '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed';
    },
    area: 'identity',
    state: 'failed',
    cause: /knows no credential with the id that begins with `1b9d` \(wrong id\)/,
    cure: /Compare SOPHOS_CLIENT_ID with the client id shown .*API Credentials/,
    code: 3,
  },
  {
    name: 'wrong secret',
    simulator: tenant,
    async arrange(stage) {
      await stage.configure(configuration(stage));
      stage.env.SOPHOS_CLIENT_SECRET = 'wrong-0123456789';
    },
    area: 'identity',
    state: 'failed',
    cause: /the id is known, and the secret is not the one that belongs to it \(wrong secret\)/,
    cure: /SOPHOS_CLIENT_SECRET.*API Credentials/,
    code: 3,
  },
  {
    name: 'expired credential',
    simulator: tenant,
    async arrange(stage) {
      await stage.configure(configuration(stage));
      await stage.simulator.ask('POST', '/_sim/settings', { expiredCredential: 'told' });
    },
    area: 'identity',
    state: 'failed',
    cause: /the credential has expired/,
    cure: /Make a new credential in Sophos Central/,
    code: 3,
  },
  {
    name: 'expired credential that is refused like a wrong secret, after it was used here',
    simulator: tenant,
    async arrange(stage) {
      await stage.configure(configuration(stage));
      expect((await stage.run('run', '--once')).code).toBe(0);
      await stage.simulator.ask('POST', '/_sim/settings', { expiredCredential: 'as-wrong-secret' });
    },
    area: 'identity',
    state: 'failed',
    cause: /was read until \d{4}-.*most likely the credential has expired/,
    cure: /Look at its expiry .*Make a new credential/,
    code: 3,
  },
  {
    name: 'partner credential without rights to a tenant',
    simulator: partner,
    async arrange(stage) {
      await stage.configure(configuration(stage));
      await stage.simulator.ask('POST', '/_sim/tenants', { update: [{ tenant: 1, billingType: 'term' }] });
      await stage.simulator.ask('POST', '/_sim/faults', { forbidden: { tenants: [1] } });
    },
    area: 'rights',
    state: 'failed',
    cause: /partner credential has no rights to this tenant: a term customer has not turned on Partner Assistance/,
    cure: /Account Details, Sophos Support, Partner Assistance/,
    code: 4,
  },
  {
    name: 'wrong proxy',
    simulator: tenant,
    async arrange(stage) {
      await stage.configure(configuration(stage, { central: `${plentyOfCalls}, proxy: "http://127.0.0.1:${await freePort()}"` }));
    },
    area: 'network',
    state: 'failed',
    cause: /nobody answers at the address in `central.proxy`: it is wrong, or the proxy is down/,
    cure: /Correct `central.proxy`/,
    code: 1,
  },
  {
    name: 'intercepted TLS',
    simulator: tenant,
    async arrange(stage, onTestFinished) {
      const certificates = makeCertificates();
      const interceptor = await startInterceptor(certificates.strangeServer);
      onTestFinished(async () => {
        await interceptor.close();
        certificates.remove();
      });
      stage.env.SOPHOS_CENTRAL_AUTH_URL = stage.env.SOPHOS_CENTRAL_API_URL = 'https://localhost:8443';
      await stage.configure(configuration(stage, { central: `${plentyOfCalls}, proxy: "${interceptor.url}"` }));
    },
    area: 'network',
    state: 'failed',
    cause: /the chain ends at `Strange Authority \(Strangers\)`, which is not trusted here: a proxy or firewall in between opens TLS/,
    cure: /Export the certificate of `Strange Authority \(Strangers\)` as PEM and name the file as `central.caFile`/,
    code: 1,
  },
  {
    name: 'clock 10 minutes off',
    simulator: tenant,
    async arrange(stage) {
      await stage.configure(configuration(stage));
      await stage.simulator.ask('POST', '/_sim/clock', { advanceMs: 600_000 });
    },
    area: 'clock',
    state: 'warning',
    cause: /this machine's clock is wrong/,
    cure: /timedatectl set-ntp true/,
    code: 0,
  },
  {
    name: 'state folder on a read-only mount',
    simulator: tenant,
    needsMount: true,
    async arrange(stage, onTestFinished) {
      await stage.configure(configuration(stage));
      await mountAt(stage, onTestFinished, 'size=8m,ro');
    },
    area: 'state',
    state: 'failed',
    cause: /mounted read-only/,
    cure: /Mount it for writing/,
    code: 1,
  },
  {
    name: 'disk nearly full',
    simulator: tenant,
    needsMount: true,
    async arrange(stage, onTestFinished) {
      await stage.configure(configuration(stage).replace('minFree: 1MB', 'minFree: 4MB'));
      await mountAt(stage, onTestFinished, 'size=2m,mode=700');
    },
    area: 'state',
    state: 'failed',
    cause: /nearly full: with less than `journal.minFree` left, reading pauses/,
    cure: /Make room/,
    code: 1,
  },
  {
    name: 'second instance running',
    simulator: tenant,
    async arrange(stage) {
      await stage.configure(configuration(stage));
      stage.start('run');
      await until(async () => (await stage.status()).running !== null, 'the first instance runs');
    },
    area: 'state',
    state: 'warning',
    cause: /a second instance would be refused/,
    cure: /stop that one first/,
    code: 0,
  },
  {
    name: 'sink refusing',
    simulator: tenant,
    arrange: (stage) => stage.configure(configuration(stage, { hecToken: '00000000-0000-4000-8000-00000000dead' })),
    area: 'sinks',
    state: 'failed',
    cause: /token/i,
    cure: /token/i,
    code: 4,
  },
  {
    name: 'budget too small for the plan',
    simulator: partner,
    arrange: (stage) => stage.configure(configuration(stage, { central: 'rateLimits: { hour: 100 }' })),
    area: 'budget',
    state: 'warning',
    cause: /budget is too small for the plan: .*events every 4m 30s instead of 1m/,
    cure: /`streams.events.every: 5m`.*`rateLimits.hour: 450`/,
    code: 0,
  },
  {
    name: 'budget too small even for these questions',
    simulator: partner,
    arrange: (stage) => stage.configure(configuration(stage, { central: 'rateLimits: { second: 1, minute: 1, hour: 10, day: 20 }' })),
    area: 'budget',
    state: 'warning',
    cause: /budget is too small for the plan: .*events every 3h instead of 1m/,
    cure: /`streams.events.every: 3h`.*There may be more tenants/,
    code: 0,
  },
];

async function examine(stage: Stage): Promise<{ readonly code: number | null; readonly findings: readonly Finding[]; readonly stdout: string }> {
  const { code, stdout, stderr } = await stage.run('doctor', '--json');
  expect(stdout, stderr).toMatch(/^\{/);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] };
  return { code, findings, stdout };
}

describe('doctor', () => {
  it('finds nothing wrong where all is well', async ({ onTestFinished }) => {
    const stage = await openStage(onTestFinished, partner);
    await stage.configure(configuration(stage, { hecToken: '${env:HEC_TOKEN}' }));
    stage.env.HEC_TOKEN = stage.simulator.hecToken;
    const { code, findings } = await examine(stage);
    // Node itself may be too old for comfort.
    expect(findings.filter(({ area, state }) => area !== 'program' && (state === 'warning' || state === 'failed'))).toEqual([]);
    expect(new Set(findings.map(({ area }) => area)).size).toBe(11);
    expect(code).toBe(0);
  });

  for (const { name, simulator, needsMount, arrange, area, state, cause, cure, code } of faults) {
    const isPossible = !needsMount || mayMount;
    if (!isPossible) console.warn(`skipped, since this user may not mount: ${name}`);
    it.skipIf(!isPossible)(`names cause and cure: ${name}`, async ({ onTestFinished }) => {
      const stage = await openStage(onTestFinished, simulator);
      await arrange(stage, onTestFinished);
      const found = await examine(stage);
      const own = found.findings.filter((each) => each.area === area && each.state === state);
      expect(
        own.find((each) => cause.test(each.cause ?? '')),
        JSON.stringify(found.findings, null, 1),
      ).toMatchObject({ cure: expect.stringMatching(cure) });
      expect(found.code).toBe(code);
      const others = found.findings.filter((each) => each.area !== area && each.state === 'failed');
      expect(others, 'nothing else is to blame').toEqual([]);
      const { SOPHOS_CLIENT_SECRET: secret = '' } = stage.env;
      expect(found.stdout).not.toContain(secret);
    });
  }
});
