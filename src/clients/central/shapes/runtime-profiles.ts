import type { ById } from './parts.ts';

/** A profile of runtime detections, as Central spells it (reference, 7.8). */
export interface RuntimeProfile extends ById {
  readonly name?: string | null;
  readonly profileDescription?: string | null;
  readonly defaultContentId?: string | null;
  readonly contentVersion?: string | null;
  /** YAML. */
  readonly diff?: string | null;
  readonly createdAt?: string | null;
  readonly version?: number | null;
  readonly versions?: readonly Readonly<Record<string, unknown>>[] | null;
}

export interface RuntimeProfilesQuery {
  /** In names. */
  readonly searchTerm?: string;
}

export interface RuntimeProfileQuery {
  readonly version?: number;
}

/** With `profileId`: a new version of that profile. */
export interface NewRuntimeProfile {
  readonly name?: string;
  readonly profileDescription?: string;
  readonly profileId?: string;
  readonly contentVersion?: string;
  readonly settings?: {
    readonly rules?: readonly Readonly<Record<string, unknown>>[];
    readonly lists?: readonly Readonly<Record<string, unknown>>[];
  };
}

export interface RuntimeProfileMade extends ById {
  readonly version?: number | null;
}

export interface RuntimeProfilesDeleted {
  readonly skippedProfiles?: readonly string[] | null;
}

/** What profiles are made from. */
export type RuntimeContent = Readonly<Record<string, unknown>>;
