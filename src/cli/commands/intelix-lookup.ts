import type { Lookup } from '../../clients/intelix/lookups.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodeOf, exitCodes, usage } from '../exit.ts';
import { categoriesOf, type Looked, lookAll, toldLookup } from '../intelix/looking.ts';
import { openIntelix } from '../intelix/open.ts';
import { plural } from '../output/progress.ts';
import { declareRowOptions, printRows, type RowOptions, rowOutputs } from '../output/rows.ts';
import { readStdin } from '../stdin.ts';

/** Categories as a list, for programs, or as one text, for people and spreadsheets. */
export function categoriesFor({ isTty }: CommandContext, { output }: RowOptions): (lookup: Lookup) => readonly string[] | string {
  const isText = output === undefined ? isTty : output === 'table' || output === 'csv';
  return (lookup) => (isText ? categoriesOf(lookup).join(', ') : categoriesOf(lookup));
}

/** A form that the list does not have is told before anything is paid for. */
export function checkRowOptions({ output }: RowOptions): void {
  if (output !== undefined && !rowOutputs.some((each) => each === output))
    throw usage('output', `\`--output ${output}\` is not a form of this list`, `Use one of ${rowOutputs.join(', ')}.`);
}

const testColumns = { tokenHost: 'TOKEN HOST', regionHost: 'REGION HOST', address: 'LOOKED UP', risk: 'RISK', categories: 'CATEGORIES', tookMs: 'MS' };

/** Proves the credential. */
export const test: Command<RowOptions> = {
  name: 'test',
  summary: 'prove the credential and the region with one lookup',
  description:
    'Asks for a new token, and looks up one address that everybody knows, which counts like any other lookup. Ends with 3 when the credential is refused.',
  examples: ['intelix test', 'intelix test --output json'],
  declare: (parser) => void declareRowOptions(parser),
  async run(context, _args, options) {
    checkRowOptions(options);
    const intelix = await openIntelix(context, await context.loadPlan({ credentials: 'optional' }));
    try {
      const { tokenUrl, apiUrl, lookup, tookMs } = await intelix.test(context.signal);
      const row = {
        tokenHost: new URL(tokenUrl).host,
        regionHost: new URL(apiUrl).host,
        address: lookup.input,
        risk: intelix.riskOf(lookup),
        categories: categoriesFor(context, options)(lookup),
        tookMs,
        lookup: toldLookup(lookup),
      };
      await printRows(context, [row], testColumns, options);
      context.note(`The credential is good: ${tokenUrl} gave a token, and ${apiUrl} answered.`);
      return exitCodes.done;
    } finally {
      await intelix.close();
    }
  },
};

interface LookupOptions extends RowOptions {
  /** `false` after `--no-cache`. */
  readonly cache?: boolean;
}

const columns = {
  address: 'ADDRESS',
  kind: 'KIND',
  risk: 'RISK',
  categories: 'CATEGORIES',
  reputationScore: 'SCORE',
  band: 'BAND',
  ttl: 'TTL',
  cached: 'CACHED',
  reason: 'REASON',
};

/** Looks addresses up. */
export const lookup: Command<LookupOptions> = {
  name: 'lookup',
  summary: 'look up URLs, IP addresses and hashes of files',
  description:
    'Says what SophosLabs Intelix knows of each URL, IP address or SHA-256 of a file. `-` reads addresses from standard input, one per line. An answer is remembered in the state folder as long as Intelix allows, and is not paid for again until then.',
  examples: [
    'intelix lookup example.com 203.0.113.7',
    'intelix lookup e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 --no-cache',
    'intelix lookup - --output csv < addresses.txt > risks.csv',
  ],
  declare: (parser) =>
    void declareRowOptions(parser.argument('<address...>', 'URLs, IP addresses, SHA-256 hashes, or - for standard input')).option(
      '--no-cache',
      'ask again what is remembered; the new answer is remembered',
    ),
  async run(context, args, options) {
    checkRowOptions(options);
    const plan = await context.loadPlan({ credentials: 'optional' });
    const intelix = await openIntelix(context, plan, options.cache === false ? 'asked-again' : 'kept');
    try {
      const addresses = await addressesIn(context, args);
      const looked = await lookAll(context, intelix, addresses, intelix.lookup);
      const categories = categoriesFor(context, options);
      const rows = looked.map((each, i) => rowOf(addresses[i] ?? '', each, categories));
      await printRows(context, rows, columns, options);
      const failures = looked.flatMap((each) => (each.is === 'looked up' ? [] : [each.failure]));
      context.note(`${plural(looked.length - failures.length, 'lookup')}${failures.length === 0 ? '' : `, ${failures.length} failed`}.`);
      if (failures.length === 0) return exitCodes.done;
      return failures.length < looked.length ? exitCodes.partly : exitCodeOf(failures[0]);
    } finally {
      await intelix.close();
    }
  },
};

function rowOf(address: string, looked: Looked, categories: ReturnType<typeof categoriesFor>) {
  if (looked.is === 'not looked up') return { address, code: looked.failure.code, reason: looked.reason };
  const { lookup, risk } = looked;
  return { ...toldLookup(lookup), address, risk, categories: categories(lookup) };
}

/** Throws config `usage.address` when there is none. */
async function addressesIn(context: CommandContext, args: readonly string[]): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (const each of args) {
    if (each !== '-') addresses.push(each);
    else addresses.push(...(await readStdin(context)).split(/\r?\n/).filter((line) => line.trim() !== ''));
  }
  if (addresses.length > 0) return addresses;
  throw usage('address', 'there is no address on standard input', 'Give one per line.');
}
