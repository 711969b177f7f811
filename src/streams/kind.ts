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
  readonly summary: string;
  /** Do reads overlap, so that the journal must remember recent keys? */
  readonly repeats: 'never' | 'recent';
  /** How long keys must be remembered, in the stream's own time. */
  readonly rememberMs: Millis;
  /** How often it is read, unless the configuration says otherwise. */
  readonly everyMs: Millis;
  /** What the `json` format calls its records. */
  readonly datastream: string;
  readonly options: Schema<O>;
  open(options: O, tenant: StreamTenant, client: SophosCentral, world: World): Stream;
  /** The checkpoint that starts reading at `since`, as if never read. */
  restart(since: Millis): Checkpoint;
}

/** Declares a stream kind; the option type is inferred from the schema. For the register it is one kind among others. */
export function defineStream<O>(kind: StreamKind<O>): StreamKind<O> {
  return kind;
}
