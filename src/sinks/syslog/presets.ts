/**
 * What receivers take when nobody has changed their settings, and what holds when no receiver is named. What the user writes wins.
 *
 * Sizes: a receiver that gets more cuts it, or takes the rest for another message. So the default of each is ours, too.
 */
import type { Address, Scheme } from '../wire/address.ts';
import type { Framing } from '../wire/framing.ts';

/** The header: RFC 5424, RFC 3164, or the priority alone. */
export const rfcs = [5424, 3164, 'none'] as const;
export type Rfc = (typeof rfcs)[number];

/** How a record that is too long for the receiver is dealt with. */
export const tooLongs = ['refuse', 'truncate', 'split'] as const;
export type TooLong = (typeof tooLongs)[number];

/** Time stamps of RFC 3164. */
export const clocks = ['local', 'utc', 'iso'] as const;
export type ClockForm = (typeof clocks)[number];

export const presets = ['rsyslog', 'syslog-ng', 'qradar', 'wazuh', 'insightidr', 'secops', 'sc4s'] as const;
export type Preset = (typeof presets)[number];

/** How messages look, decided. */
export interface Settings {
  readonly rfc: Rfc;
  readonly framing: Framing;
  readonly maxBytes: number;
  readonly tooLong: TooLong;
  readonly time: ClockForm;
}

interface Likes {
  readonly rfc: Rfc;
  /** For tcp and tls. */
  readonly framing: Framing;
  readonly streamBytes: number;
  readonly datagramBytes?: number;
}

/** What the user may have said. */
export interface Wish {
  readonly preset?: Preset | undefined;
  readonly rfc?: Rfc | undefined;
  readonly framing?: Framing | undefined;
  readonly maxBytes?: number | undefined;
  readonly tooLong?: TooLong | undefined;
  readonly time?: ClockForm | undefined;
}

const likes: Readonly<Record<Preset, Likes>> = {
  // `maxMessageSize` is 8k; imtcp tells both framings apart by itself.
  rsyslog: { rfc: 5424, framing: 'octet-counting', streamBytes: 8192, datagramBytes: 8192 },
  // `log-msg-size` is 64 KiB; for the driver syslog(), which counts octets on tcp and tls.
  'syslog-ng': { rfc: 5424, framing: 'octet-counting', streamBytes: 65_536 },
  // System settings: 4096 bytes of TCP payload, 1024 of UDP; tells log sources apart by the header's host name.
  qradar: { rfc: 3164, framing: 'lf', streamBytes: 4096, datagramBytes: 1024 },
  // remoted reads lines; 6144 bytes hold for every version, and 2048 for datagrams.
  wazuh: { rfc: 3164, framing: 'lf', streamBytes: 6144, datagramBytes: 2048 },
  insightidr: { rfc: 5424, framing: 'lf', streamBytes: 8192 },
  secops: { rfc: 5424, framing: 'lf', streamBytes: 65_536 },
  // Port 601 and 6514 are those of RFC 6587 and RFC 5425; on 514 over tcp write `framing: lf`.
  sc4s: { rfc: 5424, framing: 'octet-counting', streamBytes: 65_536 },
};

/** RFC 5425 asks for octet counting; elsewhere a line feed is what nearly every receiver takes. */
const usualFraming: Readonly<Record<Scheme, Framing>> = { udp: 'none', tcp: 'lf', tls: 'octet-counting', unix: 'lf' };
/** RFC 5426, 3.2: what every receiver of datagrams should take. */
const usualDatagramBytes = 2048;
const usualStreamBytes = 65_536;

/** What holds for this far end: the user's word, else the preset's, else what is usual. */
export function settle({ preset, rfc, framing, maxBytes, tooLong, time }: Wish, { scheme }: Address): Settings {
  const liked = preset === undefined ? undefined : likes[preset];
  const isDatagram = scheme === 'udp';
  const likedFraming = scheme === 'tcp' || scheme === 'tls' ? liked?.framing : undefined;
  return {
    rfc: rfc ?? liked?.rfc ?? 5424,
    framing: framing ?? likedFraming ?? usualFraming[scheme],
    maxBytes: maxBytes ?? (isDatagram ? (liked?.datagramBytes ?? usualDatagramBytes) : (liked?.streamBytes ?? usualStreamBytes)),
    // A datagram may be lost as a whole at any time, so a part is better than nothing; what comes by a stream is meant to be whole.
    tooLong: tooLong ?? (isDatagram ? 'truncate' : 'refuse'),
    time: time ?? 'local',
  };
}
