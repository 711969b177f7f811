import type { OpenText } from './account.ts';
import type { Chosen, Excerpt, Reference, Searched, Sorted } from './parts.ts';

export type EndpointGroupType = OpenText<'computer' | 'server'>;

/** A group of endpoints, as Central spells it (reference, 6.4). */
export interface EndpointGroup {
  readonly id: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly type?: EndpointGroupType | null;
  readonly endpoints?: Excerpt<Reference> | null;
  readonly tenant?: Reference | null;
  readonly createdAt?: string | null;
  readonly updatedAt?: string | null;
  readonly [field: string]: unknown;
}

export interface EndpointGroupOfTypeQuery extends Sorted, Chosen, Searched {
  readonly ids?: readonly string[];
  readonly endpointIds?: readonly string[];
}

export interface EndpointGroupQuery extends EndpointGroupOfTypeQuery {
  readonly groupType?: EndpointGroupType;
}

/** Sophos has suspended `sort`, `search` and `searchFields` here for the time being. */
export type GroupedEndpointQuery = Sorted & Chosen & Searched;

export interface EndpointGroupChange {
  readonly name?: string;
  readonly description?: string;
}

export interface NewEndpointGroup extends EndpointGroupChange {
  readonly name: string;
  readonly type: EndpointGroupType;
  readonly endpointIds?: readonly string[];
}

/** Endpoints that were added to a group, and those that could not be. */
export interface AddedEndpoints {
  readonly addedEndpoints?: readonly Reference[] | null;
  readonly errors?: { readonly endpointsNotFound?: readonly string[] | null; readonly endpointsOfWrongType?: readonly string[] | null } | null;
}

/** Endpoints that were taken out of a group, and those that there are not. */
export interface RemovedEndpoints {
  readonly removedEndpoints?: readonly Reference[] | null;
  readonly errors?: { readonly endpointsNotFound?: readonly string[] | null } | null;
}
