/** What the commands that act on Central's objects hand to the machinery. */
import type { Failure } from '../../core/failure.ts';
import type { Json } from '../../core/types.ts';
import type { Target } from '../accounts.ts';
import type { ActedOn } from './log-line.ts';

/** Whether a change whose answer was lost has taken effect, as far as can be seen. */
export type Effect = 'seen' | 'not seen' | 'unknown';

/** One change of one object, not yet made. */
export interface Change {
  readonly target: Target;
  /** One word, such as `isolate`. */
  readonly action: string;
  readonly object: ActedOn;
  /** How the object is at present, for the person who is asked. */
  readonly present?: string;
  /** What is to be known about it later: for the action log, so never a secret. */
  readonly detail?: Json;
  /**
   * Makes it. Resolves with what Central answered, without secrets; `{ already: <sentence> }` says that there was nothing to be done.
   *
   * Throws   Failure.
   */
  perform(signal: AbortSignal): Promise<Json | undefined>;
  /** Looks whether it has taken effect, with reading calls only. Without it, a change whose answer is lost stays unknown. */
  look?(signal: AbortSignal): Promise<Effect>;
  /** Changes of one tenant that follow each other and have the same `together` are made with one call. */
  readonly together?: Together;
}

/** One call for many objects. */
export interface Together {
  readonly atMost: number;
  /** Resolves with what Central answered for each object, by its id; an id that is missing was not changed. */
  perform(changes: readonly Change[], signal: AbortSignal): Promise<ReadonlyMap<string, Json>>;
}

/** What was chosen and will not be changed. */
export interface LeftOut {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly action: string;
  readonly object: ActedOn;
  readonly reason: string;
  /** Was it asked for by name? Then leaving it out is a failure, and says so in the exit code. */
  readonly isFailure: boolean;
}

/** What a command wants to do. */
export interface Intent {
  readonly changes: readonly Change[];
  readonly leftOut: readonly LeftOut[];
  /** Tenants and accounts that could not be read; they have been warned of. */
  readonly unread: readonly Failure[];
}

/** How a change ended. */
export type Result =
  | { readonly change: Change; readonly is: 'done'; readonly outcome?: Json | undefined }
  | { readonly change: Change; readonly is: 'failed' | 'unknown'; readonly failure: Failure }
  | { readonly change: Change; readonly is: 'not begun' };
