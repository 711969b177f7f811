import type { Peer } from './takeover.ts';

/** A line in the table of tools that somebody may come from; the module is loaded when its folder is read. */
export interface PeerEntry {
  readonly name: Peer['name'];
  /** What people call it. */
  readonly title: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What is read there, for the help. */
  readonly reads: string;
  load(): Promise<Peer>;
}

/** The tools that `import` knows, in the order of its help. */
export const peers: readonly PeerEntry[] = [
  {
    name: 'siem',
    title: 'siem.py',
    summary: 'take over configuration and position of siem.py (Sophos-Central-SIEM-Integration)',
    reads:
      'Reads `config.ini` and the state file of siem.py, whose folder DIR is, and writes the configuration that does the same here. Reading goes on for each tenant at the cursor where siem.py stopped, and an output file is continued where it ends.',
    load: async () => (await import('./siem/peer.ts')).siem,
  },
  {
    name: 'api-connector',
    title: 'sophos-central-api-connector',
    summary: 'take over configuration and position of sophos-central-api-connector',
    reads:
      'Reads the `.ini` files and the folders `polling` and `logs` of sophos-central-api-connector, whose folder DIR is, or of the Python environment in which it is installed. Alerts that it has sent are not sent again, later ones are; what Splunk would not have waits among the dead letters.',
    load: async () => (await import('./api-connector/peer.ts')).apiConnector,
  },
  {
    name: 'api-connect',
    title: 'Sophos API Connect',
    summary: 'take over configuration and position of Sophos API Connect',
    reads:
      'Reads `sophos.conf` of Sophos API Connect, whose folder DIR is, and the text and JSON files that it fills. What they hold is not written again; they go on growing where they end.',
    load: async () => (await import('./api-connect/peer.ts')).apiConnect,
  },
];
