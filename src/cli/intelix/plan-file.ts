/** What is to be deleted, as a file that a person can look through, keep and apply later. */
import { open } from 'node:fs/promises';
import type { LookupKind } from '../../clients/intelix/address.ts';
import { type Lookup, readLookup } from '../../clients/intelix/lookups.ts';
import { Failure } from '../../core/failure.ts';
import { choice, list, object, pattern, z } from '../../core/schema.ts';
import type { SiteEntry } from '../actions/deleted-site.ts';
import { type DeletableRisk, deletableAt, deletableRisks, type Level, levels } from './level.ts';
import { toldLookup } from './looking.ts';

/** A site that is to be deleted, and why. */
export interface PlannedSite {
  readonly tenant: { readonly id: string; readonly name: string };
  /** All of it, as it was when the plan was made: it is deleted only if it is so still. */
  readonly site: SiteEntry;
  readonly lookup: Lookup;
  readonly risk: DeletableRisk;
}

export interface DeletionPlan {
  /** By it the action log tells what has been done of the plan. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly level: Level;
  readonly sites: readonly PlannedSite[];
}

const version = 1;
const largestFile = 256 << 20;
const mostSites = 500_000;

const word = (most: number) => z.string().max(most);
/** What can stand in a path and in a file name; Central's own ids are UUIDs. */
const idText = () => pattern(/^[A-Za-z0-9][\w-]{0,79}$/, 'is no id');

const entrySchema = object({
  tenant: object({ id: idText(), name: z.string() }),
  site: object({
    id: idText(),
    url: z.string().min(1).max(4096),
    categoryId: z.int().optional(),
    tags: list(word(1000)).max(1000).optional(),
    comment: word(10_000).optional(),
  }),
});

const planSchema = object({
  kind: choice('intelix-plan'),
  version: z.literal(version),
  id: pattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'is no UUID'),
  madeAt: word(40),
  level: choice(...levels),
  sites: list(entrySchema.extend({ risk: choice(...deletableRisks), lookup: z.unknown() })).max(mostSites),
});

/** Can a plan hold it? What can be in no plan is not deleted either. */
export function fitsPlan({ tenant, site }: Pick<PlannedSite, 'tenant' | 'site'>): boolean {
  return entrySchema.safeParse({ tenant, site }).success;
}

/** A plan, as it is written. */
export function planText({ id, madeAt, level, sites }: DeletionPlan): unknown {
  const entries = sites.map(({ tenant, site, risk, lookup }) => ({ tenant, site, risk, lookup: toldLookup(lookup) }));
  return { kind: 'intelix-plan', version, id, madeAt, level, sites: entries };
}

/**
 * Reads a plan. Whoever has written it: everything in it is bounded, and nothing but a risk that its level names is taken.
 *
 * Throws   config `intelix-plan.unusable`.
 */
export async function readPlan(path: string): Promise<DeletionPlan> {
  const parsed = planSchema.safeParse(jsonIn(await textIn(path), path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unusable(path, `${issue?.path.map(String).join('.').slice(0, 100) || 'the file'}: ${issue?.message.slice(0, 200) ?? 'it is not as it should be'}`);
  }
  const { id, madeAt, level } = parsed.data;
  const sites = new Map<string, PlannedSite>();
  for (const [i, { tenant, site, risk, lookup }] of parsed.data.sites.entries()) {
    const known = lookupIn(lookup);
    if (!known) throw unusable(path, `sites.${i}.lookup: it is no lookup`);
    if (deletableAt(level, risk) === null) throw unusable(path, `sites.${i}.risk: ${risk} is not deleted at level ${level}`);
    sites.set(`${tenant.id.toLowerCase()}\n${site.id}`, { tenant, site: siteIn(site), risk, lookup: known });
  }
  return { id, madeAt, level, sites: [...sites.values()] };
}

type ReadSite = z.infer<typeof planSchema>['sites'][number]['site'];

function siteIn({ id, url, categoryId, tags, comment }: ReadSite): SiteEntry {
  return {
    id,
    url,
    ...(categoryId === undefined ? {} : { categoryId }),
    ...(tags === undefined ? {} : { tags }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** Only for reports: nothing is decided by it. */
function lookupIn(value: unknown): Lookup | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const fields = value as Readonly<Record<string, unknown>>;
  if (!isKind(fields.kind) || typeof fields.address !== 'string' || fields.address.length > 8192) return null;
  const lookedUpAt = typeof fields.lookedUpAt === 'string' ? Date.parse(fields.lookedUpAt) : Number.NaN;
  return readLookup[fields.kind](fields, {
    input: fields.address,
    cached: fields.cached === true,
    lookedUpAt: Number.isFinite(lookedUpAt) ? lookedUpAt : 0,
  });
}

function isKind(value: unknown): value is LookupKind {
  return value === 'url' || value === 'ip' || value === 'file';
}

async function textIn(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new Error('it is no file');
      if (stat.size > largestFile) throw new Error(`it has ${stat.size} bytes; ${largestFile} are possible`);
      return (await file.readFile('utf8')).replace(/^\uFEFF/, '');
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unusable(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function jsonIn(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words repeat what stands there.
    throw unusable(path, 'it is not JSON, or not all of it');
  }
}

function unusable(path: string, reason: string, cause?: unknown): Failure {
  return new Failure('config', 'intelix-plan.unusable', `could not use ${path} as a plan: ${reason}; nothing was changed`, {
    ...(cause === undefined ? {} : { cause }),
    advice: 'Name a file that `intelix plan` wrote, or make a new one.',
  });
}
