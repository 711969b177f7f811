import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { Failure } from '../../core/failure.ts';
import type { RunningSimulator, SimulatorOptions } from '../../simulator/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { wholeNumber } from '../context.ts';
import { exitCodes, usage } from '../exit.ts';
import { parseDuration } from '../instant.ts';

interface SimulateOptions {
  readonly port: string;
  readonly seed: string;
  readonly account: 'tenant' | 'organization' | 'partner';
  readonly tenants?: string;
  readonly endpoints?: string;
  readonly eventsPerMinute?: string;
  readonly history: string;
  /** Certificate and key. */
  readonly tls?: readonly string[];
  readonly output: 'text' | 'json';
}

const most = Number.MAX_SAFE_INTEGER;

/** The simulator alone, until Ctrl-C. */
export const simulate: Command<SimulateOptions> = {
  name: 'simulate',
  summary: 'run the simulator of Sophos Central in the foreground',
  description:
    'Serves, on one port of the loopback: the identity service, the global and data-region hosts, SophosLabs Intelix and a Splunk HEC receiver. The same seed gives the same data and the same credentials. It is controlled under /_sim/ on the same port. Ends on Ctrl-C.',
  examples: ['simulate', 'simulate --account partner --tenants 25 --events-per-minute 60', 'simulate --port 8080 --output json'],
  declare(parser) {
    parser
      .option('--port <n>', '0 takes any free one', '0')
      .option('--seed <n>', 'what everything is made from', '1')
      .addOption(new Option('--account <kind>', 'what the credential opens').choices(['tenant', 'organization', 'partner']).default('tenant'))
      .option('--tenants <n>', 'how many tenants (default: 25, or 1)')
      .option('--endpoints <n>', 'endpoints of each tenant (default: 50)')
      .option('--events-per-minute <n>', 'new events of each tenant (default: 10)')
      .option('--history <duration>', 'how far back there are events at the start', '24h')
      .option('--tls <cert,key...>', 'PEM files: serve https')
      .addOption(new Option('--output <form>', 'how it says where it listens').choices(['text', 'json']).default('text'));
  },
  async run(context, _args, options) {
    const asked: SimulatorOptions = {
      port: wholeNumber('--port', options.port, { min: 0, max: 65_535 }),
      seed: wholeNumber('--seed', options.seed, { min: 0, max: 0xffff_ffff }),
      account: options.account,
      eventsPerMinute: wholeNumber('--events-per-minute', options.eventsPerMinute ?? '10', { min: 0, max: most }),
      historyMs: parseDuration('--history', options.history),
      ...(options.tenants === undefined ? {} : { tenants: wholeNumber('--tenants', options.tenants, { min: 1, max: 1_000_000 }) }),
      ...(options.endpoints === undefined ? {} : { endpoints: wholeNumber('--endpoints', options.endpoints, { min: 0, max: 1_000_000 }) }),
      ...(options.tls === undefined ? {} : { tls: await readTls(context, options.tls) }),
    };
    const { startSimulator } = await import('../../simulator/index.ts');
    const simulator = await startSimulator(asked).catch((error: unknown) => {
      throw portFailure(error, asked.port ?? 0);
    });
    try {
      await context.print(options.output === 'json' ? `${JSON.stringify(factsOf(simulator))}\n` : textOf(simulator));
      await untilStopped(context.signal);
      return exitCodes.done;
    } finally {
      await simulator.close();
    }
  },
};

async function readTls(context: CommandContext, files: readonly string[]): Promise<{ readonly cert: string; readonly key: string }> {
  // Both `--tls CERT KEY` and `--tls CERT,KEY`.
  const [certFile, keyFile, ...more] = files.flatMap((each) => each.split(','));
  if (certFile === undefined || keyFile === undefined || more.length > 0)
    throw usage('tls', '`--tls` takes two files: the certificate and its key', 'Write `--tls cert.pem key.pem`.');
  const read = async (file: string) => {
    try {
      return await readFile(resolve(context.cwd, file), 'utf8');
    } catch (error) {
      throw usage(
        'tls',
        `\`--tls\`: ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        'Name two PEM files that this user may read.',
      );
    }
  };
  return { cert: await read(certFile), key: await read(keyFile) };
}

function portFailure(error: unknown, port: number): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'EADDRINUSE')
    return new Failure('transient', 'simulate.port', `port ${port} is in use`, { advice: 'Choose another with `--port`, or 0 for any free one.' });
  if (error.code === 'EACCES') return usage('port', `port ${port} may not be opened by this user`, 'Choose one above 1023: those below are often reserved.');
  return error;
}

/** The simulator's own inventions: nothing in here is a secret of anybody. */
function factsOf({ url, clientId, clientSecret, hecUrl, hecToken, hecAckToken, siemToken, intelixClientId, intelixClientSecret }: RunningSimulator) {
  const intelix = { intelixAuthUrl: url, intelixApiUrl: url, intelixClientId, intelixClientSecret };
  return { url, authUrl: url, apiUrl: url, clientId, clientSecret, siemToken, hecUrl, hecToken, hecAckToken, ...intelix, statsUrl: `${url}/_sim/stats` };
}

function textOf(simulator: RunningSimulator): string {
  const { url, clientId, clientSecret, hecUrl, hecToken, hecAckToken, intelixClientId, intelixClientSecret } = simulator;
  return `Simulated Sophos Central   ${url}
  client id                ${clientId}
  client secret            ${clientSecret}
Simulated Splunk HEC       ${hecUrl}
  token                    ${hecToken}
  token (acknowledging)    ${hecAckToken}
Simulated Intelix          ${url}
  client id                ${intelixClientId}
  client secret            ${intelixClientSecret}
Control                    ${url}/_sim/stats, /_sim/truth, /_sim/faults, /_sim/hec, /_sim/intelix

To use it, paste into another shell:
  export SOPHOS_CLIENT_ID=${clientId}
  export SOPHOS_CLIENT_SECRET=${clientSecret}
  export SOPHOS_CENTRAL_AUTH_URL=${url}
  export SOPHOS_CENTRAL_API_URL=${url}
  export SOPHOS_INTELIX_CLIENT_ID=${intelixClientId}
  export SOPHOS_INTELIX_CLIENT_SECRET=${intelixClientSecret}
  export SOPHOS_INTELIX_AUTH_URL=${url}
  export SOPHOS_INTELIX_API_URL=${url}
  sophos-central whoami

Ctrl-C ends it.
`;
}

function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
