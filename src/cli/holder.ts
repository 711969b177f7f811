import { hostname } from 'node:os';
import { Failure } from '../core/failure.ts';
import type { Millis } from '../core/types.ts';

/** The process that writes a journal. */
export interface RunningHolder {
  readonly command: string;
  readonly pid: number;
  readonly host: string;
  readonly since: Millis;
}

/** Who runs on this state now; `null` when nobody does. What the journal names may have died, so its process is looked for. */
export async function runningHolder(statePath: string): Promise<RunningHolder | null> {
  const [{ loadDriver }, { openJournal, hasJournal, pathsIn }, { holderIn }] = await Promise.all([
    import('../journal/driver.ts'),
    import('../journal/files.ts'),
    import('../journal/owner.ts'),
  ]);
  const paths = pathsIn(statePath);
  if (!(await hasJournal(paths))) return null;
  const driver = await loadDriver();
  const db = await openJournal(driver, paths, 'beside');
  let holder: RunningHolder | null;
  try {
    holder = holderIn(db);
  } finally {
    db.close();
  }
  if (!holder) return null;
  // Of another machine (a shared folder) nothing can be known here; the word of the journal stands.
  if (holder.host !== hostname()) return holder;
  return isAlive(holder.pid) && (await isLocked(paths.owner)) ? holder : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A process number may have been given to another since; the lock tells. It is asked for only when the number is in use, and for an instant. */
async function isLocked(owner: string): Promise<boolean> {
  const [{ loadDriver }, { databaseOf }] = await Promise.all([import('../journal/driver.ts'), import('../journal/database.ts')]);
  const driver = await loadDriver();
  const db = databaseOf(driver.open(owner, { readOnly: true, busyMs: 0 }), owner);
  try {
    db.get('SELECT count(*) FROM sqlite_master');
    return false;
  } catch (error) {
    if (error instanceof Failure && error.code === 'journal.busy') return true;
    throw error;
  } finally {
    db.close();
  }
}
