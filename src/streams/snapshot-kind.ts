/** What all kinds of snapshot streams have in common: their options, and how they are opened. */
import type { SophosCentral, TenantCalls } from '../clients/central/client.ts';
import type { List } from '../clients/central/list.ts';
import { flag, integer, list, object, text } from '../core/schema.ts';
import type { Millis } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { defineStream, type StreamKind, type StreamTenant } from './kind.ts';
import { listSource } from './lists.ts';
import { openSnapshotStream, restartSnapshot, type Source } from './snapshot.ts';

/** What each kind may be told. */
export interface SnapshotChoices {
  readonly changes: boolean;
  readonly ignore: readonly string[];
}

/** How a kind differs from the others. */
export interface SnapshotTraits {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly datastream: string;
  /** Default: a day. */
  readonly everyMs?: Millis;
  /** What a person calls an item by; default `name`. */
  readonly nameMember?: string;
  /** What changes all the time by itself. */
  readonly ignore?: readonly string[];
  /** It shows a window of time, and what leaves that is not removed. */
  readonly isWindow?: boolean;
}

/** A kind whose items come as a list, and how many of them come at once. */
export interface ListTraits extends SnapshotTraits {
  /** `null`: all at once. */
  readonly pageSize: number | null;
  readonly list: (calls: TenantCalls, options: { readonly signal: AbortSignal; readonly pageSize?: number | undefined }) => List<unknown>;
}

export const dayMs: Millis = 86_400_000;

/** The options of every kind. */
export function choicesOf({ ignore = [] }: SnapshotTraits) {
  return {
    changes: flag()
      .default(false)
      .describe('Tell only what was added, changed or removed since the last snapshot, as `change`; the first time everything is `added`'),
    ignore: list(text())
      .default([...ignore])
      .meta({ examples: [['os.build', 'lastSeenAt']] })
      .describe('Fields whose change is none, for `changes`, as paths such as `os.build`; by default those that change all the time by themselves'),
  };
}

export function pageSizeOf(max: number) {
  return integer({ min: 1, max }).optional().describe('Items per page; by default as many as Central allows');
}

/** Opens one of its streams upon a source. */
export function openSnapshots(
  { name, nameMember = 'name', isWindow = false }: SnapshotTraits,
  source: Source,
  { changes, ignore }: SnapshotChoices,
  tenant: StreamTenant,
  client: SophosCentral,
  world: World,
  everyMs: Millis = 0,
) {
  return openSnapshotStream(name, source, { changes, ignore: new Set(ignore), nameMember, isWindow, everyMs }, tenant, client, world);
}

/** What the register wants to know of a snapshot kind, beside options and `open`. */
export function snapshotBasis({ name, aliases, summary, datastream, everyMs = dayMs }: SnapshotTraits) {
  return {
    name,
    summary,
    datastream,
    everyMs,
    ...(aliases ? { aliases } : {}),
    pastMs: null,
    repeats: 'recent',
    // A snapshot that takes longer begins anew as another.
    rememberMs: dayMs,
    restart: () => restartSnapshot(),
    forNew: changesOnly,
  } as const;
}

function changesOnly(options: unknown): unknown {
  return { ...(options as object), changes: true };
}

/** A kind that is one list. */
export function listKind(traits: ListTraits): StreamKind {
  const { pageSize: max, list: listOf } = traits;
  return defineStream({
    ...snapshotBasis(traits),
    pageSize: max === null ? null : { min: 1, max, option: 'pageSize' },
    options: object(max === null ? choicesOf(traits) : { ...choicesOf(traits), pageSize: pageSizeOf(max) }),
    open(options, tenant, client, world, everyMs) {
      const pageSize = 'pageSize' in options ? options.pageSize : undefined;
      const source = listSource((signal) => listOf(client.forTenant(tenant), { signal, pageSize }));
      return openSnapshots(traits, source, options, tenant, client, world, everyMs);
    },
  });
}
