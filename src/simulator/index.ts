import { SimulatorClock } from './clock.ts';
import { Estate } from './estate.ts';
import { Faults } from './faults.ts';
import { Hec } from './hec.ts';
import { Identity } from './identity.ts';
import { Intelix } from './intelix.ts';
import { CallLimits } from './limits.ts';
import { type SimulatorOptions, setupOf } from './options.ts';
import { hexText, idOf, mix32, randomFrom } from './random.ts';
import { ErrorForms } from './reply.ts';
import { RequestLog } from './request-log.ts';
import { listen } from './server.ts';
import { defaultSettings } from './settings.ts';
import type { Simulation } from './state.ts';
import { Stats } from './stats.ts';

export type { SimulatorOptions } from './options.ts';

/** A simulator that listens, and what a client needs to use it. */
export interface RunningSimulator {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly hecUrl: string;
  /** Its events are not acknowledged. */
  readonly hecToken: string;
  /** Its events want acknowledgements asked for. */
  readonly hecAckToken: string;
  /** The legacy token's one line; it opens the first tenant. */
  readonly siemToken: string;
  /** Of SophosLabs Intelix, which is served at the same URL. */
  readonly intelixClientId: string;
  readonly intelixClientSecret: string;
  close(): Promise<void>;
}

/**
 * Sophos on loopback: identity, global and data region, legacy gateway, Intelix, a Splunk HEC receiver, and control under `/_sim/`.
 *
 * Source   reference/sophos-central-api.md, section 13, says what it must reproduce.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const setup = setupOf(options);
  const { seed } = setup;
  const clock = new SimulatorClock();
  const family = mix32(seed ^ 0x1d5);
  let replies = 0;
  const forms = new ErrorForms(() => idOf(family, replies++));
  const estate = new Estate(setup, clock);
  const identity = new Identity(seed, clock, forms);
  const intelix = new Intelix(seed, clock, forms.freshId);
  const hec = new Hec(seed, () => clock.now());
  const random = randomFrom(seed ^ 0x1e9ac);
  const legacyKey = hexText(40, random);
  const legacyAuthorization = `Basic ${Buffer.from(`${idOf(family ^ 1, 0)}:${hexText(40, random)}`).toString('base64')}`;
  const accountId = setup.account === 'tenant' ? (estate.list()[0]?.id ?? idOf(family ^ 2, 0)) : idOf(family ^ 2, 0);
  const sim: Simulation = {
    setup,
    clock,
    forms,
    estate,
    identity,
    settings: defaultSettings(options.rateLimits ?? {}),
    faults: new Faults(estate),
    limits: new CallLimits(),
    stats: new Stats(),
    requests: new RequestLog(),
    hec,
    intelix,
    accountId,
    legacyKey,
    legacyAuthorization,
    url: '',
  };
  const { url, close } = await listen(sim, { host: options.host ?? '127.0.0.1', port: options.port ?? 0, tls: options.tls });
  sim.url = url;
  return {
    url,
    clientId: identity.clientId,
    clientSecret: identity.clientSecret,
    hecUrl: url,
    hecToken: hec.token,
    hecAckToken: hec.ackToken,
    intelixClientId: intelix.clientId,
    intelixClientSecret: intelix.clientSecret,
    siemToken: `url: ${url}/gateway, x-api-key: ${legacyKey}, Authorization: ${legacyAuthorization}`,
    close,
  };
}
