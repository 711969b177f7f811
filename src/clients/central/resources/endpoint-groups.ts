import { acting, byKeyOf, byPageOf, listing, type NoQuery, needing, of, reading, removing } from '../form.ts';
import type {
  AddedEndpoints,
  EndpointGroup,
  EndpointGroupChange,
  EndpointGroupOfTypeQuery,
  EndpointGroupQuery,
  GroupedEndpointQuery,
  NewEndpointGroup,
  RemovedEndpoints,
} from '../shapes/endpoint-groups.ts';
import type { Endpoint } from '../shapes/endpoints.ts';
import type { Chosen, Deleted, IdList, Removed } from '../shapes/parts.ts';

const all = '/endpoint/v1/endpoint-groups';

/** Groups of computers or of servers (reference, 6.4). */
export const endpointGroups = {
  list: listing(all, byPageOf(100), of<EndpointGroup, EndpointGroupQuery>(), 'list the endpoint groups'),
  create: acting('POST', all, of<EndpointGroup, Chosen, NewEndpointGroup>(), 'add an endpoint group'),
  listOfType: listing(`${all}/types/{groupType}`, byPageOf(100), of<EndpointGroup, EndpointGroupOfTypeQuery>(), 'list the endpoint groups of a type'),
  get: reading(`${all}/{groupId}`, of<EndpointGroup, Chosen>(), 'read an endpoint group'),
  update: acting('PATCH', `${all}/{groupId}`, of<EndpointGroup, Chosen, EndpointGroupChange>(), 'change an endpoint group'),
  delete: removing(`${all}/{groupId}`, of<Deleted>(), 'delete an endpoint group'),
  endpoints: listing(`${all}/{groupId}/endpoints`, byKeyOf(100), of<Endpoint, GroupedEndpointQuery>(), 'list the endpoints of a group'),
  addEndpoints: acting('POST', `${all}/{groupId}/endpoints`, of<AddedEndpoints, NoQuery, IdList>(), 'add endpoints to a group'),
  removeEndpoints: needing(removing(`${all}/{groupId}/endpoints`, of<RemovedEndpoints, IdList>(), 'take endpoints out of a group'), 'ids'),
  removeEndpoint: removing(`${all}/{groupId}/endpoints/{endpointId}`, of<Removed>(), 'take an endpoint out of a group'),
};
