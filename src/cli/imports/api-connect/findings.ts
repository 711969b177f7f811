/** What became of each setting of Sophos API Connect. */
import type { Finding } from '../takeover.ts';
import type { Settings } from './settings.ts';
import type { Target } from './targets.ts';

/** What a call budget of the usual size allows in an hour (reference, section 2). */
const hourlyCalls = 1000;
/** Below this many seconds the two streams alone would use it up. */
const leastSeconds = 1;

/** How often both streams are read here. */
export function everySeconds({ pullSeconds }: Settings): number {
  return Math.max(leastSeconds, pullSeconds);
}

export function settingFindings(settings: Settings, targets: readonly Target[], ourLog: string | null): readonly Finding[] {
  const { runs, acknowledgement, said, strange } = settings;
  return [
    credentialFinding(settings),
    pullFinding(settings),
    runs
      ? { outcome: 'taken', what: 'run', how: '`True`: `sophos-central run` reads until it is stopped' }
      : {
          outcome: 'changed',
          what: 'run',
          how: '`False` had stopped the tool; there is no such setting here, and `sophos-central run` reads until it is stopped',
        },
    ...targets.flatMap(({ name, held }): Finding[] => [
      {
        outcome: 'taken',
        what: fileWords[held.form],
        how: `\`${held.path}\` is gone on with by the sink \`${name}\`: ${held.isThere ? `${held.times.size} ids of the last day are known` : 'it is not there yet'}`,
      },
      ...held.remarks.map((how): Finding => ({ outcome: 'changed', what: fileWords[held.form], how: `\`${held.path}\`: ${how}` })),
    ]),
    ...logFindings(settings, ourLog),
    ...(acknowledgement
      ? [
          {
            outcome: 'changed',
            what: 'auto_acknowledge',
            how: `CHANGES ALERTS IN CENTRAL: the rule \`acknowledge\` under \`actions:\` closes new alerts of severity ${acknowledgement.severities.join(', ')} by itself, at most 100 in an hour. It goes by the stream \`alerts\`, which is read for it. Take the rule out if you do not want that`,
          } satisfies Finding,
        ]
      : []),
    ...(said.get('events_auto_acknowledge')?.value.toLowerCase() === 'true'
      ? [{ outcome: 'left', what: 'events_auto_acknowledge', how: 'an event cannot be acknowledged; the tool does nothing with it either' } satisfies Finding]
      : []),
    ...strange.map(({ what, how }): Finding => ({ outcome: 'left', what, how })),
  ];
}

const fileWords = { text: 'text file', json: 'JSON file' } as const;

function credentialFinding({ clientId, clientSecret }: Settings): Finding {
  const what = 'client_id, client_secret';
  if (clientId && clientSecret) return { outcome: 'taken', what, how: 'the same credential; the secret is not copied' };
  return { outcome: 'left', what, how: 'there is no credential in the file: set SOPHOS_CLIENT_ID and SOPHOS_CLIENT_SECRET' };
}

function pullFinding(settings: Settings): Finding {
  const seconds = everySeconds(settings);
  const calls = Math.ceil(7200 / seconds);
  const rounded = seconds === settings.pullSeconds ? '' : `, because less than ${leastSeconds} s is not taken`;
  const budget = `${calls} calls an hour for both streams, of ${hourlyCalls} that a credential has`;
  const slow =
    calls > hourlyCalls
      ? '. That is more: the calls are spread over the hour, and reading is slower than this'
      : '. The tool itself made several times as many, with a token and a whoami for each pull';
  return {
    outcome: rounded === '' && calls <= hourlyCalls ? 'taken' : 'changed',
    what: 'pull_time',
    how: `\`every: ${seconds}s\`${rounded}: ${budget}${slow}`,
  };
}

const meanings = [
  'nothing',
  'errors',
  'errors, warnings, start and end',
  'also each page and how many of its records were new',
  'everything; single records stand in the journal and not in the log',
];

function logFindings({ level, logFile }: Settings, ourLog: string | null): readonly Finding[] {
  const levelFinding: Finding = { outcome: 'taken', what: 'log_level', how: `\`${level.word}\` is \`log.level: ${level.ours}\`: ${meanings[level.rank]}` };
  if (!logFile || ourLog === null) return [levelFinding];
  return [
    levelFinding,
    { outcome: 'changed', what: 'log_file_name', how: `\`${logFile}\` stays as it is; the log goes to \`${ourLog}\` beside it, with lines of another form` },
  ];
}
