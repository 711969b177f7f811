/**
 * The keys of the extension dictionary that `cef` writes, each with the length of its value.
 *
 * Source: ArcSight, Common Event Format, version 25, "CEF Key Names for Event Producers".
 */
export const limits = {
  act: 63,
  cat: 1_023,
  cs1: 4_000,
  cs2: 4_000,
  cs3: 4_000,
  cs4: 4_000,
  cs5: 4_000,
  cs6: 4_000,
  deviceExternalId: 255,
  deviceFacility: 1_023,
  dhost: 1_023,
  dntdom: 255,
  dproc: 1_023,
  duid: 1_023,
  duser: 1_023,
  dvchost: 100,
  externalId: 40,
  fileHash: 255,
  filePath: 1_023,
  fileType: 1_023,
  flexString1: 1_023,
  flexString2: 1_023,
  fname: 1_023,
  msg: 1_023,
  outcome: 63,
  proto: 31,
  reason: 1_023,
  request: 1_023,
  shost: 1_023,
  sntdom: 255,
  sproc: 1_023,
  suid: 1_023,
  suser: 1_023,
} as const;

/** A key whose value is text. */
export type TextKey = keyof typeof limits;

/** Of the header's parts. The signature stands in a field of 1,023 characters, the name in one of 512. */
export const headerLimits = { signature: 1_023, name: 512 } as const;
