import type { SophosCentral } from '../clients/central/client.ts';
import type { Schema } from '../core/kinds.ts';
import type { Checkpoint, Millis, Stream, Tenant } from '../core/types.ts';
import type { World } from '../core/world.ts';

/** A tenant, and where its data lies. */
export interface StreamTenant extends Tenant {
  /** `null`: not provisioned, or reached by a legacy token. */
  readonly apiHost: string | null;
}

/** A kind of stream, such as `events`: what the configuration may say of it, and how it is opened for one tenant. */
export interface StreamKind<O = unknown> {
  readonly name: string;
  /** Other names that `get` takes. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** How far back it can be read; `null`: it has no past, each reading is of what there is now. */
  readonly pastMs: Millis | null;
  /** Items per page that the API allows, and the key of its options that holds the figure; `null`: it has no pages. */
  readonly pageSize: { readonly min: number; readonly max: number; readonly option: string } | null;
  /** Do reads overlap, so that the journal must remember recent keys? */
  readonly repeats: 'never' | 'recent';
  /** How long keys must be remembered, in the stream's own time. */
  readonly rememberMs: Millis;
  /** How often it is read, unless the configuration says otherwise. */
  readonly everyMs: Millis;
  /** What the `json` format calls its records. */
  readonly datastream: string;
  readonly options: Schema<O>;
  /** `everyMs` is how often a whole snapshot is wanted; 0: whenever it is asked for. */
  open(options: O, tenant: StreamTenant, client: SophosCentral, world: World, everyMs?: Millis): Stream;
  /** The options for somebody who wants only what is new, however seldom he asks. */
  forNew?(options: unknown): unknown;
  /** The checkpoint that starts reading at `since`, as if never read. */
  restart(since: Millis): Checkpoint;
}

/** Declares a stream kind; the option type is inferred from the schema. For the register it is one kind among others. */
export function defineStream<O>(kind: StreamKind<O>): StreamKind<O> {
  return kind;
}
