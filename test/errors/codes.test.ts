/** The codes of failures: stable words, each with one meaning, an advice, a line in the documentation, and a row that provokes it. */
import { describe, expect, it } from 'vitest';
import { readPage } from '../docs/pages.ts';
import { areas } from './areas.ts';
import { cliRows } from './cli-rows.ts';
import { readLiterals } from './literals.ts';

const { literals, relays } = readLiterals();
const codes = [...new Set(literals.map(({ code }) => code))].sort();
const rows = areas.flatMap(([, each]) => each);

/** Nobody is told what to do about these: nobody meets them. */
const withoutAdvice: Readonly<Record<string, string>> = {
  'cli.interrupted': 'the user did it',
  'engine.over': 'ends loops inside',
  'hec.closed': 'ends what waits when the sink is closed',
  'http.reset': 'of a client that is closed already: ends what is under way with the program',
  'journal.closed': 'ends what is under way with the program',
  'journal.stale-lane': 'the engine reads the place again',
  'journal.stale-place': 'the engine reads the place again',
};

/** What no row can bring about. */
const withoutRow: Readonly<Record<string, string>> = {
  ...withoutAdvice,
  'action.broken-off': 'is told as a row of the result: test/cli/action-log.test.ts',
  'action.left-out': 'is told as a row of the result: test/cli/alert.test.ts',
  'action.not-in-time': 'is told as a row of the result: test/cli/endpoint.test.ts',
  'action.unconfirmed': 'is told as a row of the result: test/cli/action-log.test.ts',
  'central.unauthorized': 'a 401 becomes `central.token-refused` or another token',
  'config.unknown-sink': 'the configuration is refused before',
  'config.unknown-stream': 'the configuration is refused before',
  'delivery.all-refused': 'needs the engine: test/engine/delivery.test.ts',
  'doctor.test-refused': 'told as a finding: test/cli/doctor.test.ts',
  'doctor.too-slow': 'told as a finding of an area that hangs for a minute',
  'engine.journal-full': 'needs the engine: test/engine/engine.test.ts',
  'intelix.unauthorized': 'a 401 becomes `intelix.token-refused` or another token',
  'hec.no-url': 'the configuration is refused before',
  'http.too-large': 'needs 256 MB: test/clients/http.test.ts',
  'journal.older': 'there is one layout so far',
  'secret.bad-answer': 'told as `config.invalid`, with its place',
  'secret.form': 'told as `config.invalid`, with its place',
  'secret.renewed': 'needs the engine: test/cli/renewed-sink.test.ts',
  'secret.unrenewed': 'told as a line of the log: test/config/renewal.test.ts',
  'secret.missing': 'told as `config.invalid`, with its place',
  'secret.no-identity': 'told as `config.invalid`, with its place',
  'secret.refused': 'told as `config.invalid`, with its place',
  'intelix-report.unwritable': 'needs Intelix: test/cli/intelix.test.ts',
  'local-site.changed': 'told beside the object: test/cli/intelix-clean.test.ts',
  'stdin.failed': 'needs a broken pipe: test/cli/intelix.test.ts',
  'stdout.closed': 'is no error: test/cli/main.test.ts',
  'stream.broken-off': 'told as a line of `get`, which has no code: test/cli/get.test.ts',
  'tenant.unreadable': 'told as a line of `get`, which has no code',
  'usage.port': 'root may open every port',
};

/** Files that give a failure a code from a table, or from another failure. */
const knownRelays = [
  'cli/exit.ts',
  'clients/central/caller.ts',
  'clients/central/credential.ts',
  'clients/intelix/caller.ts',
  'clients/request.ts',
  'sinks/elasticsearch.ts',
  'sinks/elasticsearch/status.ts',
  'sinks/email/status.ts',
  'sinks/file/failure.ts',
  'sinks/http/status.ts',
  'sinks/kafka/dial.ts',
  'sinks/kafka/status.ts',
  'sinks/otlp/status.ts',
  'sinks/s3/status.ts',
  'sinks/sentinel/status.ts',
  'sinks/splunk-hec.ts',
  'sinks/splunk-hec/status.ts',
  'sinks/wire/courier.ts',
];

/** One code, and what must change depends on who is at fault. */
const twoKinds: Readonly<Record<string, string>> = {
  'central.foreign-host': 'named by Central: rejected; by `siemToken`: config',
  'hec.incorrect-index': 'one index for all: config; an index of the record: rejected',
};

describe('a code of a failure', () => {
  it('is two words with a dot between', () => {
    expect(codes.length).toBeGreaterThan(80);
    expect(codes.filter((code) => !/^[a-z0-9-]+\.[a-z0-9-]+$/.test(code))).toEqual([]);
  });

  it('is written where it can be found', () => expect(relays).toEqual(knownRelays));

  it('means one kind of failure', () => {
    const seen = [...literals.map(({ code, kinds }) => ({ code, kinds })), ...rows.map(({ code, kind }) => ({ code, kinds: [kind] }))];
    const kindsOf = (code: string) => new Set(seen.flatMap((each) => (each.code === code ? each.kinds : [])));
    expect(codes.filter((code) => kindsOf(code).size === 0)).toEqual([]);
    expect(codes.filter((code) => kindsOf(code).size > 1)).toEqual(Object.keys(twoKinds));
  });

  it('comes with an advice, unless nobody meets it', () => {
    const missing = literals.filter(({ hasAdvice }) => !hasAdvice);
    expect(missing.filter(({ code }) => withoutAdvice[code] === undefined).map(({ code, place }) => `${code} in ${place}`)).toEqual([]);
    expect([...new Set(missing.map(({ code }) => code))].sort()).toEqual(Object.keys(withoutAdvice));
  });

  it('has a row that provokes it', () => {
    const provoked = new Set([...rows, ...cliRows].map(({ code }) => code));
    expect(codes.filter((code) => !provoked.has(code) && withoutRow[code] === undefined)).toEqual([]);
    expect([...provoked].filter((code) => code !== null && !codes.includes(code))).toEqual([]);
  });

  it('stands in the documentation, and nothing else does', () => {
    const { quoted } = readPage('docs/errors.md');
    const named = new Set(quoted.filter((each) => /^[a-z0-9-]+\.[a-z0-9-]+$/.test(each)));
    expect(codes.filter((code) => !named.has(code) && withoutAdvice[code] === undefined)).toEqual([]);
    const families = new Set(codes.map((code) => code.split('.')[0]));
    expect([...named].filter((each) => families.has(each.split('.')[0]) && !codes.includes(each))).toEqual([]);
  });
});
