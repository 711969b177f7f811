/** What an import finds in the folder of another tool: the configuration that does the same here, and how far that tool has come. */
import type { Adopted } from '../../core/store.ts';
import type { Item, Origin, Tenant } from '../../core/types.ts';
import type { Secret, World } from '../../core/world.ts';
import type { Draft } from '../draft.ts';

/** A secret that stands in a peer's file. It is never copied: the draft refers to it, see `secret-places.ts`. */
export interface FoundSecret {
  /** Where the configuration needs it, such as `central.clientSecret`; the draft has a placeholder there. */
  readonly at: string;
  /** The variable of the environment that may hold it, such as `SOPHOS_CLIENT_SECRET`. */
  readonly variable: string;
  /** The peer's file, absolute, and where it stands in it, such as `login.client_secret`. */
  readonly file: string;
  readonly key: string;
  readonly value: Secret;
}

/** One line of the report. */
export interface Finding {
  /** `taken`: the same here. `changed`: here it is another way. `left`: not taken over. */
  readonly outcome: 'taken' | 'changed' | 'left';
  /** The peer's own word for it, such as `config.ini [login] socktype`. */
  readonly what: string;
  /** What became of it, or why not; one sentence without secrets. */
  readonly how: string;
}

/** Records that the peer did not deliver everywhere; they become dead letters of a route. */
export interface LeftOver {
  readonly origin: Origin;
  readonly route: string;
  readonly reason: string;
  readonly items: readonly Item[];
  /** `waiting`: no dead letters; they wait for their route as if they had been read. Only with a stream that is adopted along with them. */
  readonly becomes?: 'waiting';
}

export interface Takeover {
  readonly draft: Draft;
  readonly secrets: readonly FoundSecret[];
  /** Where the peer stopped, by stream. */
  readonly streams: readonly Adopted[];
  readonly leftOver: readonly LeftOver[];
  readonly findings: readonly Finding[];
  /** The command lines, without `sophos-central`, that do what the peer was started for, such as `run --once`. */
  readonly commands: readonly string[];
}

/** What a reader of a peer's folder is given. */
export interface ImportSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the new configuration will lie, absolute: relative paths of the draft start here. */
  readonly folder: string;
  readonly world: World;
  readonly signal: AbortSignal;
  /** The tenants that the draft's credentials open, asked live; `null` when nobody may be asked (`--offline`). */
  tenants(draft: Draft, secrets: readonly FoundSecret[]): Promise<readonly Tenant[] | null>;
  /** Those records of the last 24 h of a SIEM stream that have these ids, in Central's order; `null`, or absent, when nobody may be asked. */
  siemRecords?(
    draft: Draft,
    secrets: readonly FoundSecret[],
    tenant: Tenant,
    stream: 'events' | 'siem-alerts',
    ids: ReadonlySet<string>,
  ): Promise<readonly Item[] | null>;
}

/** A tool that somebody comes from. */
export interface Peer {
  readonly name: 'siem' | 'api-connector' | 'api-connect';
  /**
   * Reads its folder; changes nothing there.
   *
   * Throws   config `import.<what>`, naming file and line, when something in it cannot be read.
   */
  read(folder: string, around: ImportSurroundings): Promise<Takeover>;
}
