import type { OpenText } from './account.ts';

export type ScanningExclusionType = OpenText<'path' | 'posixPath' | 'virtualPath' | 'process' | 'web' | 'pua' | 'amsi' | 'exploitMitigation' | 'behavioral'>;

export type ScanMode = OpenText<'onDemand' | 'onAccess' | 'onDemandAndOnAccess'>;

/** What is not scanned, as Central spells it (reference, 6.5). */
export interface ScanningExclusion {
  readonly id: string;
  readonly value?: string | null;
  readonly type?: ScanningExclusionType | null;
  readonly scanMode?: ScanMode | null;
  readonly description?: string | null;
  readonly comment?: string | null;
  /** Then only the managing account can change it. */
  readonly lockedByManagingAccount?: boolean | null;
  readonly [field: string]: unknown;
}

export interface ScanningExclusionQuery {
  readonly type?: ScanningExclusionType;
}

export interface ScanningExclusionChange {
  readonly value?: string;
  readonly scanMode?: ScanMode;
  readonly comment?: string;
}

export interface NewScanningExclusion extends ScanningExclusionChange {
  readonly value: string;
  readonly type: ScanningExclusionType;
}

/** Traffic that intrusion prevention, or isolation, lets pass (reference, 6.5). */
export interface TrafficExclusion {
  readonly id: string;
  readonly type?: OpenText<'intrusionPrevention' | 'isolation'> | null;
  readonly direction?: TrafficDirection | null;
  readonly localPorts?: readonly number[] | null;
  readonly remotePorts?: readonly number[] | null;
  readonly remoteAddresses?: readonly string[] | null;
  readonly comment?: string | null;
  readonly [field: string]: unknown;
}

export type TrafficDirection = OpenText<'inbound' | 'outbound' | 'both'>;

export interface TrafficExclusionChange {
  readonly direction?: TrafficDirection;
  readonly localPorts?: readonly number[];
  readonly remotePorts?: readonly number[];
  readonly remoteAddresses?: readonly string[];
  readonly comment?: string;
}

export interface NewTrafficExclusion extends TrafficExclusionChange {
  readonly direction: TrafficDirection;
}
