/** Deleted website management entries, as reports keep them so that they can be put back. */
import { open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { makeFolder, syncFolder } from '../../sinks/file/folders.ts';

/** A local site with everything that Central needs to make it again. */
export interface SiteEntry {
  readonly id: string;
  readonly url: string;
  readonly categoryId?: number;
  readonly tags?: readonly string[];
  readonly comment?: string;
}

/** One deletion. */
export interface DeletedSite {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly site: SiteEntry;
  /** Why it was deleted. */
  readonly reason?: string;
  /** ISO 8601; empty when the report does not tell. */
  readonly deletedAt: string;
}

/** What a report says. */
export interface DeletionReport {
  /** In the report's order. */
  readonly sites: readonly DeletedSite[];
  /** Lines that are torn, and entries that cannot be read. */
  readonly unreadable: number;
}

const largest = 256 << 20;

/** Writes a report, whole or not at all, for its owner only. */
export async function writeDeletedSites(path: string, sites: readonly DeletedSite[]): Promise<void> {
  const unfinished = `${path}.part`;
  try {
    await makeFolder(dirname(path));
    const file = await open(unfinished, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(sites, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw new Failure('config', 'deletion-report.unwritable', `could not write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
      advice: 'Look at the folder: its rights and its free space.',
    });
  }
}

/**
 * Reads a report: a JSON array, one JSON object per line, or an action log, of which the deletions of local sites count.
 *
 * Throws   config `deletion-report.unreadable` for a file that cannot be read or holds no deletion at all.
 */
export async function readDeletedSites(path: string): Promise<DeletionReport> {
  const values = valuesIn(await textIn(path));
  const sites: DeletedSite[] = [];
  let unreadable = 0;
  const refused = new Set(values.flatMap((value) => refusedBefore(value)));
  for (const value of values) {
    if (isOtherLine(value, refused)) continue;
    const site = deletedSiteOf(value);
    if (site) sites.push(site);
    else unreadable++;
  }
  if (sites.length === 0 && unreadable > 0) throw unusable(path, 'it holds no deleted local site');
  return { sites, unreadable };
}

async function textIn(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > largest) throw new Error(`it has ${size} bytes`);
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    throw unusable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function unusable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure('config', 'deletion-report.unreadable', `could not read deleted local sites from ${path}: ${reason}`, {
    cause,
    advice: 'Name a `..._deletion_details.json` that `intelix clean` wrote, or the action log.',
  });
}

function valuesIn(text: string): readonly unknown[] {
  const whole = parsed(text);
  if (Array.isArray(whole)) return whole;
  if (whole !== undefined) return [whole];
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(parsed);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A deletion that Central refused was none, nor one of what was gone already: the number of its `begun` line. */
function refusedBefore(value: unknown): readonly string[] {
  const line = mapOf(value);
  if (!line) return [];
  const isNone = line.state === 'failed' ? line.outcome !== 'unknown' : line.state === 'done' && mapOf(line.outcome)?.already !== undefined;
  return isNone ? [deedOf(line)] : [];
}

function deedOf({ run, number }: Readonly<Record<string, unknown>>): string {
  return `${String(run)} ${String(number)}`;
}

/** A line of an action log that tells no deletion. Of one that was only begun nobody knows: restoring looks whether the site is there. */
function isOtherLine(value: unknown, refused: ReadonlySet<string>): boolean {
  const line = mapOf(value);
  if (!line || typeof line.state !== 'string' || typeof line.run !== 'string') return false;
  if (mapOf(line.object)?.kind !== 'local-site' || line.action !== 'delete') return true;
  return line.state !== 'begun' || refused.has(deedOf(line));
}

/** Everything from a file is hostile until parsed: only what belongs to a site is taken, and only in its right form. */
function deletedSiteOf(value: unknown): DeletedSite | null {
  const entry = mapOf(value);
  const tenant = mapOf(entry?.tenant);
  const site = mapOf(entry?.site) ?? mapOf(entry?.detail);
  if (!entry || !tenant || !site) return null;
  const { categoryId, tags, comment } = site;
  if (!isWord(tenant.id) || !isWord(site.url)) return null;
  if (!isMissing(categoryId) && !Number.isSafeInteger(categoryId)) return null;
  if (!isMissing(tags) && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) return null;
  if (!isMissing(comment) && typeof comment !== 'string') return null;
  const at = entry.deletedAt ?? entry.at;
  return {
    tenant: { id: tenant.id, name: typeof tenant.name === 'string' ? tenant.name : tenant.id },
    site: {
      id: typeof site.id === 'string' ? site.id : '',
      url: site.url,
      ...(typeof categoryId === 'number' ? { categoryId } : {}),
      ...(Array.isArray(tags) ? { tags: [...(tags as readonly string[])] } : {}),
      ...(typeof comment === 'string' ? { comment } : {}),
    },
    ...(typeof entry.reason === 'string' ? { reason: entry.reason } : {}),
    deletedAt: typeof at === 'string' ? at : '',
  };
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : null;
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 4096;
}

function isMissing(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
