/**
 * What is valid in a configuration and not served by this version: saying so is kinder than "unknown".
 * Serving one of these means to remove its word here; kinds of streams, sinks and formats go by their registers alone.
 */

/** Keys of the file, dotted; `*` stands for any name. */
export const keysNotServed: readonly string[] = ['http'];

export const streamNames: readonly string[] = [
  'events',
  'siem-alerts',
  'alerts',
  'endpoints',
  'local-sites',
  'admins',
  'roles',
  'users',
  'user-groups',
  'endpoint-groups',
  'policies',
  'firewalls',
  'firewall-groups',
  'account-health',
  'detections',
  'cases',
  'licenses',
];

export const sinkNames: readonly string[] = ['stdout', 'file', 'splunk-hec', 'syslog', 'email', 'http', 'otlp', 'kafka', 's3', 'sentinel', 'elasticsearch'];

export const formatNames: readonly string[] = [
  'raw',
  'json',
  'cef',
  'cim',
  'leef',
  'keyvalue',
  'text',
  'siem-json',
  'siem-cef',
  'siem-keyvalue',
  'ocsf',
  'ecs',
];
