import type { CommandEntry } from '../command.ts';

/** The table of commands, in the order of the overview. A command that is not built is not here. */
export const commands: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'show the whole thing with no account, against the simulator',
    example: 'demo --seconds 10',
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'init',
    summary: 'a guided start: asks, checks the credential, and writes the configuration',
    example: 'init',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'doctor',
    summary: 'examine configuration, credentials, rights, hosts, clock, state and sinks, with cause and cure',
    example: 'doctor',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  { name: 'whoami', summary: 'say which account the credentials open', example: 'whoami', load: async () => (await import('./whoami.ts')).whoami },
  { name: 'tenants', summary: "list the account's tenants", load: async () => (await import('./tenants.ts')).tenants },
  {
    name: 'get',
    summary: 'read a stream once and print or write it',
    example: 'get events --since 12h --output csv > events.csv',
    load: async () => (await import('./get.ts')).get,
  },
  {
    name: 'run',
    summary: 'the service: every stream of every tenant to every route, until stopped',
    example: 'run --config sophos-central.yaml',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'status',
    summary: 'how far each stream and each route has come, and what is wrong',
    example: 'status --watch',
    load: async () => (await import('./status.ts')).status,
  },
  {
    name: 'check',
    summary: 'check alerts, endpoints and the connector, as a plugin of Nagios or Icinga',
    example: 'check alerts --critical alerts_high=0',
    // UNKNOWN, by the convention of monitoring plugins.
    troubleCode: 3,
    load: async () => (await import('./check.ts')).check,
  },
  { name: 'test-sink', summary: 'send one marked record and say what the far end answered', load: async () => (await import('./test-sink.ts')).testSink },
  { name: 'reset', summary: 'forget how far a stream has been read', load: async () => (await import('./reset.ts')).reset },
  { name: 'dead-letter', summary: 'list, show, retry or drop what a sink refused', load: async () => (await import('./dead-letter.ts')).deadLetter },
  { name: 'alert', summary: 'show, find or act on open alerts', example: 'alert search --severity high', load: async () => (await import('./alert.ts')).alert },
  {
    name: 'endpoint',
    summary: 'show, scan, update, isolate or delete endpoints',
    example: 'endpoint isolate FIN-WS-0142 --dry-run',
    load: async () => (await import('./endpoint.ts')).endpoint,
  },
  {
    name: 'local-site',
    summary: 'list, add, update, delete or restore website management entries',
    load: async () => (await import('./local-site.ts')).localSite,
  },
  {
    name: 'intelix',
    summary: 'look up addresses with SophosLabs Intelix, and clean up local sites',
    example: 'intelix clean --level HIGH --dry-run',
    load: async () => (await import('./intelix.ts')).intelix,
  },
  {
    name: 'config',
    summary: 'check or show the configuration, or print its schema',
    example: 'config check',
    load: async () => (await import('./config.ts')).config,
  },
  { name: 'secret', summary: "store, list or delete secrets in the operating system's key store", load: async () => (await import('./secret.ts')).secret },
  {
    name: 'import',
    summary: 'take over the configuration and the position of another tool',
    example: 'import siem /opt/siem --dry-run',
    load: async () => (await import('./import.ts')).importGroup,
  },
  {
    name: 'compat',
    summary: "take another tool's own flags and configuration, and do the same",
    load: async () => (await import('./compat.ts')).compat,
  },
  { name: 'simulate', summary: 'run the simulator of Sophos Central in the foreground', load: async () => (await import('./simulate.ts')).simulate },
  { name: 'completion', summary: 'print the completion script for a shell', load: async () => (await import('./completion.ts')).completion },
];
