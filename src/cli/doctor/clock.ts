/** This machine's clock against that of Sophos. */
import type { Plan } from '../../config/plan.ts';
import type { Millis } from '../../core/types.ts';
import { ageText } from '../status/picture.ts';
import type { Read } from './configuration.ts';
import { ok, skipped, type Tell, wrong } from './finding.ts';
import type { Reached } from './network.ts';

/** What is within this is usual without good time synchronisation. */
const noticeableMs: Millis = 120_000;
/** AWS refuses signatures that are older, or newer, than this. */
const awsMs: Millis = 300_000;

const cure =
  'Switch time synchronisation on: `timedatectl set-ntp true` or chrony on Linux, `w32tm /resync` on Windows, Date & Time on macOS; in a virtual machine or container look at the clock of its host.';

export async function examineClock(reached: readonly Reached[], read: Read, tell: Tell): Promise<void> {
  const told = reached.flatMap(({ skewMs, route }) => (skewMs === null ? [] : [{ skewMs, host: route.url.host }]));
  // The last is a global API, or a gateway: an identity service of one's own may stand elsewhere.
  const best = told.at(-1);
  if (!best) {
    tell(skipped('clock', 'no answer of Sophos told the time'));
    return;
  }
  const { skewMs, host } = best;
  const off = Math.abs(skewMs);
  if (off < noticeableMs) {
    tell(ok('clock', off < 2000 ? `in step with ${host}` : `${ageText(off)} ${skewMs > 0 ? 'ahead of' : 'behind'} ${host}`));
    return;
  }
  const seen = `${ageText(off)} ${skewMs > 0 ? 'ahead of' : 'behind'} ${host}`;
  const needsAws = usesAws(read);
  const isBreaking = needsAws.length > 0 && off >= awsMs;
  const harmlessPart =
    'reading itself goes by the time of Sophos and loses nothing, but times in the log, validity of certificates and `--since` go by this clock';
  const cause = `this machine's clock is wrong: ${isBreaking ? `AWS refuses signatures that are so far off (${needsAws.join(', ')}); ` : ''}${harmlessPart}`;
  tell(wrong(isBreaking ? 'failed' : 'warning', 'clock', seen, cause, cure));
}

/** What signs its requests with the time of day. */
function usesAws({ plan, schemes }: Read): readonly string[] {
  const sinks = (each: Plan | null) => [...(each?.sinks.values() ?? [])].filter(({ kind }) => kind.name === 's3').map(({ name }) => `sink ${name}`);
  return [...sinks(plan), ...(schemes.has('aws-secret') ? ['`${aws-secret:...}`'] : [])];
}
