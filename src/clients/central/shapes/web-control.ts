import type { Excerpt } from './parts.ts';

/** A website with a category or tags of its own, as Central spells it (reference, 6.5). */
export interface LocalSite {
  readonly id: string;
  /** A host, a path, an address or a range. */
  readonly url?: string | null;
  /** See `webCategories`. */
  readonly categoryId?: number | null;
  readonly tags?: readonly string[] | null;
  readonly comment?: string | null;
  readonly [field: string]: unknown;
}

export interface LocalSiteChange {
  readonly url?: string;
  readonly categoryId?: number;
  readonly tags?: readonly string[];
  readonly comment?: string;
}

/** It has a category, or tags, or both. */
export interface NewLocalSite extends LocalSiteChange {
  readonly url: string;
}

/** A category of websites (reference, 6.5). */
export interface WebCategory {
  readonly id: number;
  readonly name?: string | null;
  readonly label?: string | null;
}

/** A website that is not decrypted. */
export interface ExcludedWebsite {
  readonly value?: string | null;
  readonly comment?: string | null;
}

/** Which categories are decrypted, and which websites never. */
export interface TlsDecryption {
  readonly categories?: readonly { readonly id?: number | null; readonly name?: string | null; readonly decryptionEnabled?: boolean | null }[] | null;
  readonly excludedWebsites?: Excerpt<ExcludedWebsite> | null;
}

export interface TlsDecryptionChange {
  readonly categories: readonly { readonly id: number; readonly decryptionEnabled: boolean }[];
}

export interface ExcludedWebsitesChange {
  readonly add?: readonly { readonly value: string; readonly comment?: string }[];
  readonly remove?: readonly { readonly value: string; readonly comment?: string }[];
}

export interface ExcludedWebsitesChanged {
  readonly added?: readonly ExcludedWebsite[] | null;
  readonly removed?: readonly ExcludedWebsite[] | null;
}
