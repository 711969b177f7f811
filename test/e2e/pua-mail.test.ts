import { describe, expect, it } from 'vitest';
import { type Smtp, startSmtp } from '../far-ends/smtp.ts';
import { plentyOfCalls, seeded } from './house.ts';
import { addRecords, openStage, pass, type Stage, tenantIds, until } from './stage.ts';

const kills = Number(process.env.KILLS ?? 8);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const tenants = 12;

const configuration = (smtp: Smtp, more = '') => `central: { ${plentyOfCalls} }
streams: { events: { every: 1s, since: 24h } }
sinks:
  mail: { type: email, smtp: "${smtp.url}", from: "Sophos Central <sophos@example.com>", to: [soc@example.com], attach: always, maxPerHour: 1000, every: 300ms }
routes:
  - { from: events, to: mail, format: raw, preset: pua-mail${more} }
state: ./state
`;

const puaTypes = ['Threat::PuaDetected', 'HmpaPuaDetected', 'CorePuaDetection', 'CorePuaRemoteDetection', 'HomePuaRemnantsDetected', 'SomePuaNewlyDetected'];
const otherTypes = ['Threat::PuaCleanupFailed', 'CorePuaClean', 'Threat::PuaCleanedUp', 'Threat::PuaDismissed', 'HomePuaRemnantsDeleted', 'CoreDetection'];

interface Event {
  readonly id: string;
  readonly type: string;
}

async function truthOf({ simulator }: Stage): Promise<readonly Event[]> {
  const text = await simulator.ask('GET', '/_sim/truth?stream=events');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { readonly item: Event }).item);
}

/** By Message-ID: what a mail system that folds repeats would keep. */
function foldedIds(smtp: Smtp): string[] {
  const mails = new Map(smtp.mails.map((mail) => [mail.messageId, mail.lines]));
  return [...mails.values()].flat().map((line) => (JSON.parse(line) as Event).id);
}

async function openAll(onTestFinished: (end: () => Promise<void>) => void, options: object): Promise<{ stage: Stage; smtp: Smtp }> {
  const smtp = await startSmtp();
  onTestFinished(smtp.close);
  return { stage: await openStage(onTestFinished, options), smtp };
}

describe('the preset pua-mail', () => {
  it(`mails exactly the PUA detections of a day, in digests, none twice across ${kills} kills (SEED=${seed})`, async ({ onTestFinished }) => {
    const random = seeded(seed);
    const { stage, smtp } = await openAll(onTestFinished, { account: 'partner', tenants, eventsPerTenant: 2_000, alertsPerTenant: 0 });
    await stage.configure(configuration(smtp));
    const [first = '', second = ''] = await tenantIds(stage);
    let inMidWork = 0;
    for (let killed = 0; killed < kills; killed++) {
      const items = [...puaTypes, ...otherTypes].map((type) => ({ type: `Event::Endpoint::${type}` }));
      for (const tenant of [first, second]) await addRecords(stage, { tenant, items: [...items, ...items] });
      const running = stage.start('run', '--log-level', 'warn');
      const begun = smtp.begun;
      // Half of them while a mail is under way, or just taken and not settled; the others at any moment.
      if (killed % 2 === 0) await until(() => smtp.begun > begun, 'a mail is under way');
      else await new Promise((resolve) => setTimeout(resolve, 300 + random() * 900));
      if (smtp.begun > begun) inMidWork++;
      running.child.kill('SIGKILL');
      await running.ended;
    }
    await pass(stage);

    const wanted = (await truthOf(stage)).filter(({ type }) => /Pua.*Detect/.test(type)).map(({ id }) => id);
    const taken = foldedIds(smtp);
    for (const { messageId, raw } of smtp.mails)
      expect(raw === smtp.mails.find((mail) => mail.messageId === messageId)?.raw, 'a repeat is the same mail').toBe(true);
    const repeats = smtp.mails.length - new Set(smtp.mails.map(({ messageId }) => messageId)).size;
    console.log(
      `mails ${smtp.mails.length}, of them repeats with the same Message-ID ${repeats}; kills with a mail sent ${inMidWork} of ${kills}; detections ${wanted.length}`,
    );
    expect(inMidWork).toBeGreaterThan(0);
    expect(wanted.length).toBeGreaterThan(kills * puaTypes.length * 4);
    expect([...taken].sort()).toEqual([...wanted].sort());
    expect(smtp.mails.length).toBeLessThan(wanted.length / 4);
    expect((await stage.status()).routes[0]).toMatchObject({ delivered: wanted.length, waiting: 0, refused: 0 });
  });

  it('and a `where` beside it take what both want', async ({ onTestFinished }) => {
    const { stage, smtp } = await openAll(onTestFinished, { account: 'tenant', eventsPerTenant: 0, alertsPerTenant: 0 });
    await stage.configure(configuration(smtp, `, where: 'severity >= "high"'`));
    const [tenant = ''] = await tenantIds(stage);
    const add = (type: string, severity: string) => addRecords(stage, { tenant, items: [{ type: `Event::Endpoint::${type}`, severity }] });
    await add('CorePuaDetection', 'low');
    const wanted = await add('CorePuaDetection', 'high');
    await add('CoreDetection', 'high');
    await pass(stage);
    expect(foldedIds(smtp)).toEqual(wanted);
  });

  it('loses nothing while the mail server is down, greylists and breaks off', async ({ onTestFinished }) => {
    const { stage, smtp } = await openAll(onTestFinished, { account: 'tenant', eventsPerTenant: 3_000, alertsPerTenant: 0 });
    await stage.configure(configuration(smtp));
    smtp.faults.push({ at: 'connect', answer: '421 4.3.2 Shutting down' }, { at: 'to', answer: '450 4.2.0 Greylisted' }, 'lost-answer', 'reset');
    await pass(stage);
    const wanted = (await truthOf(stage)).filter(({ type }) => /Pua.*Detect/.test(type)).map(({ id }) => id);
    expect(smtp.faults).toEqual([]);
    expect(foldedIds(smtp).sort()).toEqual([...wanted].sort());
    expect(smtp.mails.length, 'the lost answer').toBeGreaterThan(new Set(smtp.mails.map(({ messageId }) => messageId)).size);
  });
});

describe('the preset light', () => {
  it('asks Central to leave the noisy types out', async ({ onTestFinished }) => {
    const { stage } = await openAll(onTestFinished, { account: 'tenant', eventsPerTenant: 2_000, alertsPerTenant: 0 });
    await stage.configure(
      'streams: { events: { preset: light, since: 24h, excludeTypes: ["Event::Endpoint::CoreDetection"] } }\nsinks: { out: { type: file, path: "out/all.ndjson" } }\nroutes: [{ from: events, to: out, format: raw }]\nstate: ./state\n',
    );
    await pass(stage);
    const read = (await stage.folder.read('out')).get('all.ndjson') ?? '';
    const noisy =
      /^Event::Endpoint::(?:NonCompliant|Compliant|Device::AlertedOnly|UpdateFailure|SavScanComplete|Application::Allowed|UpdateSuccess|WebControlViolation|WebFilteringBlocked|CoreDetection)$/;
    const truth = await truthOf(stage);
    const wanted = truth.filter(({ type }) => !noisy.test(type));
    expect(wanted.length).toBeLessThan(truth.length);
    const ids = read
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as Event).id);
    expect(ids.sort()).toEqual(wanted.map(({ id }) => id).sort());
  });
});
