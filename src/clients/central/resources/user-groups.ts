import { acting, byPageOf, listing, type NoQuery, needing, of, reading, removing } from '../form.ts';
import type { AddedUsers, MemberQuery, NewUserGroup, RemovedUsers, User, UserGroup, UserGroupChange, UserGroupQuery } from '../shapes/directory.ts';
import type { Chosen, Deleted, IdList, Removed } from '../shapes/parts.ts';

/** Groups of the directory (reference, 5.2). */
export const userGroups = {
  list: listing('/common/v1/directory/user-groups', byPageOf(100), of<UserGroup, UserGroupQuery>(), 'list the user groups'),
  create: acting('POST', '/common/v1/directory/user-groups', of<UserGroup, Chosen, NewUserGroup>(), 'add a user group'),
  get: reading('/common/v1/directory/user-groups/{groupId}', of<UserGroup, Chosen>(), 'read a user group'),
  update: acting('PATCH', '/common/v1/directory/user-groups/{groupId}', of<UserGroup, Chosen, UserGroupChange>(), 'change a user group'),
  delete: removing('/common/v1/directory/user-groups/{groupId}', of<Deleted>(), 'delete a user group'),
  users: listing('/common/v1/directory/user-groups/{groupId}/users', byPageOf(100), of<User, MemberQuery>(), 'list the users of a group'),
  addUsers: acting('POST', '/common/v1/directory/user-groups/{groupId}/users', of<AddedUsers, NoQuery, IdList>(), 'add users to a group'),
  removeUsers: needing(removing('/common/v1/directory/user-groups/{groupId}/users', of<RemovedUsers, IdList>(), 'take users out of a group'), 'ids'),
  removeUser: removing('/common/v1/directory/user-groups/{groupId}/users/{userId}', of<Removed>(), 'take a user out of a group'),
};
