import type { OpenText } from './account.ts';
import type { ById } from './parts.ts';

/** A text, and how it reads in other languages. */
export interface Translated {
  readonly text: string;
  /** By language, such as `de`. */
  readonly translations?: Readonly<Record<string, string>> | null;
}

/** A question to a person: was that you? */
export interface NewAttestation {
  readonly userId: string;
  readonly title: Translated;
  readonly question: Translated;
  readonly options: readonly { readonly key: string; readonly value: Translated }[];
  readonly timeoutInSeconds?: number;
}

/** The question and what has become of it, as Central spells it (reference, 7.8). */
export interface Attestation extends ById {
  readonly userId?: string | null;
  readonly title?: Translated | null;
  readonly question?: Translated | null;
  readonly options?: readonly { readonly key?: string | null; readonly value?: Translated | null }[] | null;
  readonly tenant?: ById | null;
  readonly expiresAt?: string | null;
  readonly status?: OpenText<'pending' | 'completed'> | null;
  readonly selectedOption?: string | null;
}
