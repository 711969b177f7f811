import { acting, byPageOf, listing, type NoQuery, needing, of, reading, removing } from '../form.ts';
import type { AddedToGroups, MemberQuery, NewUser, RemovedFromGroups, User, UserChange, UserGroup, UserQuery } from '../shapes/directory.ts';
import type { Chosen, Deleted, IdList, Removed } from '../shapes/parts.ts';

/** People of the directory (reference, 5.2). */
export const users = {
  list: listing('/common/v1/directory/users', byPageOf(100), of<User, UserQuery>(), 'list the users'),
  create: acting('POST', '/common/v1/directory/users', of<User, Chosen, NewUser>(), 'add a user'),
  get: reading('/common/v1/directory/users/{userId}', of<User, Chosen>(), 'read a user'),
  update: acting('PATCH', '/common/v1/directory/users/{userId}', of<User, Chosen, UserChange>(), 'change a user'),
  delete: removing('/common/v1/directory/users/{userId}', of<Deleted>(), 'delete a user'),
  groups: listing('/common/v1/directory/users/{userId}/groups', byPageOf(100), of<UserGroup, MemberQuery>(), 'list the groups of a user'),
  addToGroups: acting('POST', '/common/v1/directory/users/{userId}/groups', of<AddedToGroups, NoQuery, IdList>(), 'add a user to groups'),
  removeFromGroups: needing(removing('/common/v1/directory/users/{userId}/groups', of<RemovedFromGroups, IdList>(), 'take a user out of groups'), 'ids'),
  removeFromGroup: removing('/common/v1/directory/users/{userId}/groups/{groupId}', of<Removed>(), 'take a user out of a group'),
};
