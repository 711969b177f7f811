/** What the records of `get` go into, wherever that leads. */
import type { Origin, StreamRecord } from '../../core/types.ts';

/** What one tenant's records go into. */
export interface TenantOutput {
  /** `upTo`: these are all the records up to this number that are wanted. */
  write(records: readonly StreamRecord[], upTo: number): Promise<void>;
  /** All of this tenant's records are there. */
  end(): Promise<void>;
  /** They are not: what cannot be taken back stays. */
  drop(): Promise<void>;
}

/** Told once the output has a tenant's records up to a number, for good. */
export type Took = (upTo: number) => Promise<void>;

export interface GetOutput {
  /** What makes this output the same the next time. */
  readonly identity: string;
  begin(origin: Origin, took: Took): Promise<TenantOutput>;
  /** All tenants have ended. */
  end(): Promise<void>;
  close(): Promise<void>;
  /** Records that a sink refused for good. */
  readonly refused: number;
}
