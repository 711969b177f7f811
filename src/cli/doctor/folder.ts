/** The folder of the state and the disk below it: can it be made, written, and is there room? */
import { randomUUID } from 'node:crypto';
import { access, mkdtemp, open, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Plan } from '../../config/plan.ts';
import { sizeText } from '../status/picture.ts';
import { ok, type Tell, wrong } from './finding.ts';

/** File systems that are shared over a network, by the number that Linux gives them (statfs(2)). */
const overNetwork: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
]);
const fewInodes = 1000;
/** Below this, and below what `maxSize` allows, somebody should know. */
const littleRoom = 1_000_000_000;

/** Is the folder there, and can the rest be examined in it? */
export async function examineFolder(plan: Plan, journalBytes: number, tell: Tell): Promise<boolean> {
  const folder = plan.statePath;
  const nearest = await nearestFolder(folder);
  const isThere = nearest === folder;
  const isWritable = await tryToWrite(folder, nearest, tell);
  if (isThere) await tellRights(folder, tell);
  await tellRoom(nearest, plan, journalBytes, isWritable, tell);
  return isThere;
}

/** The folder itself, or the first above it that exists. */
async function nearestFolder(folder: string): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  const above = path.dirname(folder);
  return isThere || above === folder ? folder : nearestFolder(above);
}

/** Really writes and syncs a small file, and takes it away again. A folder that is not there yet is tried above: nothing is left behind. */
async function tryToWrite(folder: string, nearest: string, tell: Tell): Promise<boolean> {
  try {
    if (!(await stat(nearest)).isDirectory()) {
      tell(
        wrong(
          'failed',
          'folder',
          `${nearest} is no folder`,
          'a file stands where the state is to be',
          'Move it away, or point `state` elsewhere.',
          'journal.unopenable',
        ),
      );
      return false;
    }
    if (nearest === folder) await writeAndRemove(path.join(folder, `.doctor-${randomUUID()}`));
    else {
      const made = await mkdtemp(path.join(nearest, '.doctor-'));
      try {
        await writeAndRemove(path.join(made, 'file'));
      } finally {
        await rm(made, { recursive: true, force: true });
      }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    tell(unwritable(folder, nearest, error));
    return false;
  }
  tell(ok('folder', `${folder} ${nearest === folder ? 'can be written' : 'is not there yet, and can be made'}`));
  return true;
}

async function writeAndRemove(file: string): Promise<void> {
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(Buffer.alloc(4096, 0x2e));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } finally {
    await rm(file, { force: true });
  }
}

function unwritable(folder: string, nearest: string, error: NodeJS.ErrnoException): Parameters<Tell>[0] {
  const code = error.code ?? error.message;
  const failed = (cause: string, cure: string) =>
    wrong(
      'failed',
      'folder',
      `${folder} cannot be written (${code})`,
      cause,
      cure,
      code === 'ENOSPC' || code === 'EDQUOT' ? 'journal.disk-full' : 'journal.unopenable',
    );
  switch (code) {
    case 'EROFS':
      return failed(
        `the file system of ${nearest} is mounted read-only`,
        'Mount it for writing, give the container a volume there, or point `state` (or `--state`) at a folder on another disk.',
      );
    case 'EACCES':
    case 'EPERM':
      return failed(
        `${nearest} does not let ${userName()} write`,
        `Give the folder to the user that runs the service (\`chown\`), or point \`state\` elsewhere; under systemd \`StateDirectory=\` makes one.`,
      );
    case 'ENOSPC':
      return failed(
        'the disk is full',
        'Make room on it, or point `state` at a larger disk. Nothing is lost meanwhile, for as long as Sophos remembers: 24 h.',
      );
    case 'EDQUOT':
      return failed("this user's quota on that disk is used up", 'Raise the quota, or point `state` elsewhere.');
    default:
      return failed(error.message, 'Look at the disk and at the system log, or point `state` elsewhere.');
  }
}

function userName(): string {
  return process.getuid === undefined ? 'this user' : `this user (id ${process.getuid()})`;
}

async function tellRights(folder: string, tell: Tell): Promise<void> {
  // Windows keeps rights elsewhere.
  if (process.platform === 'win32') return;
  const mode = (await stat(folder)).mode & 0o777;
  if ((mode & 0o077) === 0) {
    tell(ok('rights', 'private to its owner'));
    return;
  }
  const cause = 'other users of this machine can look into it; the files within are private, their names and sizes are not';
  tell(wrong('warning', 'rights', `the folder has the mode ${mode.toString(8)}`, cause, `Run \`chmod 700 ${folder}\`.`));
}

async function tellRoom(nearest: string, { journal, statePath }: Plan, journalBytes: number, isWritable: boolean, tell: Tell): Promise<void> {
  const disk = await statfs(nearest).catch(() => null);
  // Some file systems do not tell.
  if (disk === null) return;
  const network = process.platform === 'linux' ? overNetwork.get(disk.type >>> 0) : undefined;
  if (network !== undefined)
    tell(
      wrong(
        'warning',
        'file system',
        network,
        'SQLite relies on locks that file systems over a network often do not keep; two services could then write at once',
        'Point `state` at a local disk.',
      ),
    );
  if (disk.files > 0 && disk.ffree < fewInodes)
    tell(
      wrong(
        'warning',
        'inodes',
        `${disk.ffree} free`,
        'a disk without free inodes takes no new file, however much room it has',
        'Remove small files, or point `state` elsewhere.',
      ),
    );
  const free = disk.bavail * disk.bsize;
  const room = free - journal.minFreeBytes;
  const seen = `${sizeText(free)} free; \`journal.minFree\` keeps ${sizeText(journal.minFreeBytes)} of it free, \`journal.maxSize\` is ${sizeText(journal.maxBytes)}`;
  if (room <= 0) {
    const what = journal.whenFull === 'pause' ? 'reading pauses' : "the slowest route's oldest records are given up";
    const cause = `the disk of ${statePath} is nearly full: with less than \`journal.minFree\` left, ${what}, and Sophos forgets after 24 h`;
    tell(
      wrong(
        'failed',
        'disk',
        seen,
        cause,
        'Make room, point `state` at a larger disk, or lower `journal.minFree` if the disk is meant to be so small.',
        'engine.journal-full',
      ),
    );
    return;
  }
  const wanted = Math.max(0, journal.maxBytes - journalBytes);
  if (room < wanted && room < littleRoom && isWritable) {
    const cause = `the journal may grow by ${sizeText(wanted)}, and there is room for ${sizeText(room)} before reading pauses`;
    tell(wrong('warning', 'disk', seen, cause, 'Make room, point `state` at a larger disk, or lower `journal.maxSize`.'));
    return;
  }
  tell(ok('disk', `${seen}${room < wanted ? `; reading would pause after ${sizeText(room)}` : ''}`));
}
