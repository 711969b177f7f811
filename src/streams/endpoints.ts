import { listKind } from './snapshot-kind.ts';

/** Computers and servers with all that Central shows of them. */
export const endpoints = listKind({
  name: 'endpoints',
  aliases: ['inventory'],
  summary: 'Computers and servers: health, system, groups, person, protection',
  datastream: 'endpoint',
  pageSize: 500,
  nameMember: 'hostname',
  ignore: ['lastSeenAt', 'online'],
  list: (calls, options) => calls.endpoints.list({ view: 'full', ...options }),
});
