import { choice, duration, either, flag, integer, map, object, pattern, secretText, size, text, z } from '../../core/schema.ts';
import type { Millis } from '../../core/types.ts';
import type { Secret } from '../../core/world.ts';
import { type Address, addressForm, readAddress } from '../wire/address.ts';
import { type Framing, framings } from '../wire/framing.ts';
import { type ClockForm, clocks, type Preset, presets, type Rfc, rfcs, type TooLong, tooLongs } from './presets.ts';
import { type Facility, facilities, type Severity, severities } from './priority.ts';

/** IANA: syslog, syslog-conn, syslog-tls. */
const ports = { udp: 514, tcp: 601, tls: 6514 };

/** What UDP carries at most, a little less than 65,507 bytes, since IPv6 takes more for itself. */
const maxDatagramBytes = 65_000;

/** RFC 5424, 6.3.2: a name of your own needs `@` and a private enterprise number. */
const sdIdForm = /^[\x21\x23-\x3c\x3e\x3f\x41-\x5c\x5e-\x7e]{1,20}@\d{1,10}(\.\d{1,10}){0,3}$/;
const sdNameForm = /^[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}$/;
/** What every message has already. */
const ownFields = ['tenant', 'tenantName', 'stream', 'record', 'part'];

/** What a user may write below `type: syslog`. */
export const options = object({
  address: text()
    .meta({ examples: ['tls://siem.example.com:6514'] })
    .transform((value, context): Address => {
      const address = readAddress(value, ports);
      if (address) return address;
      context.addIssue({ code: 'custom', message: `expected ${addressForm}` });
      return z.NEVER;
    })
    .describe('Where the receiver listens; ports by default 514 (udp), 601 (tcp), 6514 (tls)'),
  preset: choice(...presets)
    .optional()
    .describe('Sets `rfc`, `framing` and `maxBytes` as this receiver takes them by default; what is written beside it wins'),
  rfc: z.literal(rfcs).optional().describe('The header: RFC 5424 (default), RFC 3164, or `none`: the priority alone, as siem.py writes it'),
  framing: choice(...framings)
    .optional()
    .describe('What ends a message: `lf` (tcp and unix), `octet-counting` (tls), `none` (udp), or `nul`'),
  facility: either(choice(...facilities), integer({ min: 0, max: 23 }))
    .default('local0')
    .describe('Facility, a name or a number from 0 to 23'),
  severity: choice(...severities)
    .optional()
    .describe('The same severity for all; by default each record`s own'),
  hostname: text()
    .optional()
    .meta({ examples: ['{tenant.name}'] })
    .describe('HOSTNAME, a template; by default the name of this machine'),
  recordHost: flag().default(false).describe('Use the computer that the record names (`location`) as HOSTNAME, where it names one'),
  appName: text().default('sophos-central').describe('APP-NAME or TAG, a template'),
  procId: text()
    .optional()
    .meta({ examples: ['{stream}'] })
    .describe('PROCID, a template; by default the number of the process'),
  msgId: text().default('{stream}').describe('MSGID (RFC 5424), a template'),
  structuredData: flag().default(true).describe('Name tenant, stream and record in structured data (RFC 5424)'),
  sdId: pattern(sdIdForm, 'must be a name, `@` and a private enterprise number, such as `sophos@32473`')
    .default('sophos@32473')
    .describe('SD-ID of the structured data; 32473 is the number for examples (RFC 5612): put in your own if you have one'),
  fields: map(text())
    .refine(
      (fields) => Object.keys(fields).every((name) => sdNameForm.test(name)),
      'names must be 1 to 32 printable ASCII characters without blank, `=`, `]` and `"`',
    )
    .refine(
      (fields) => !ownFields.some((name) => Object.hasOwn(fields, name)),
      `must not hold ${ownFields.map((name) => `\`${name}\``).join(', ')}, which are there already`,
    )
    .default({})
    .meta({ examples: [{ customer: '{tenant.label.cost}' }] })
    .describe('Further structured data, each a template'),
  bom: flag().default(false).describe('Begin the text with a byte order mark, which says that it is UTF-8 (RFC 5424)'),
  time: choice(...clocks)
    .optional()
    .describe('Time stamps of RFC 3164: `local` (default) and `utc` say no zone; `iso` is what RFC 5424 has'),
  // The header of ours is at most about 500 bytes, so that some of a record always goes with it.
  maxBytes: size({ least: '1KiB' })
    .optional()
    .meta({ examples: ['8KiB'] })
    .describe('Longest message with its header: 2KiB for udp, otherwise 64KiB, or what the preset says'),
  tooLong: choice(...tooLongs)
    .optional()
    .describe('What becomes of a longer one: `refuse` makes it a dead letter (default), `truncate` cuts it (default for udp), `split` sends parts'),
  perSecond: integer({ min: 1, max: 1_000_000 }).default(5000).describe('Most datagrams in one second (udp)'),
  batch: object({
    records: integer({ min: 1, max: 100_000 }).default(1000).describe('Most records at once'),
    bytes: size({ least: '1KB' }).prefault('1MB').describe('Most bytes at once'),
  })
    .prefault({})
    .describe('How much is sent, and if the connection breaks sent again, as one'),
  timeout: duration({ min: 1 }).prefault('30s').describe('Longest wait for a connection, and for the receiver to take anything'),
  caFile: text()
    .optional()
    .meta({ examples: ['company-ca.pem'] })
    .describe('PEM file of certificates to trust besides the system`s (tls)'),
  certFile: text()
    .optional()
    .meta({ examples: ['client.pem'] })
    .describe('PEM file of our own certificate, with its chain (tls)'),
  keyFile: text()
    .optional()
    .meta({ examples: ['client.key'] })
    .describe('PEM file of the key of `certFile`'),
  passphrase: secretText()
    .optional()
    .meta({ examples: ['${file:secrets/client.pass}'] })
    .describe('What the key is encrypted with'),
  servername: text()
    .optional()
    .meta({ examples: ['siem.example.com'] })
    .describe('The name that the certificate must be for, if not that of `address` (tls)'),
})
  .superRefine((given, context) => {
    for (const [key, message] of conflictsOf(given)) context.addIssue({ code: 'custom', path: [key], message });
  })
  .describe('Syslog over UDP, TCP, TLS or a unix socket');

/** The options as they are after reading. */
export interface SyslogOptions {
  readonly address: Address;
  readonly preset?: Preset | undefined;
  readonly rfc?: Rfc | undefined;
  readonly framing?: Framing | undefined;
  readonly facility: Facility | number;
  readonly severity?: Severity | undefined;
  readonly hostname?: string | undefined;
  readonly recordHost: boolean;
  readonly appName: string;
  readonly procId?: string | undefined;
  readonly msgId: string;
  readonly structuredData: boolean;
  readonly sdId: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly bom: boolean;
  readonly time?: ClockForm | undefined;
  readonly maxBytes?: number | undefined;
  readonly tooLong?: TooLong | undefined;
  readonly perSecond: number;
  readonly batch: { readonly records: number; readonly bytes: number };
  readonly timeout: Millis;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly passphrase?: Secret | undefined;
  readonly servername?: string | undefined;
}

type Conflict = readonly [key: keyof SyslogOptions, message: string];

function conflictsOf(given: SyslogOptions): Conflict[] {
  const { scheme } = given.address;
  const conflicts: Conflict[] = [];
  if (scheme === 'udp' && given.framing === 'octet-counting') conflicts.push(['framing', 'does not go with `udp://`: a datagram is one message']);
  if (scheme !== 'udp' && given.framing === 'none') conflicts.push(['framing', 'goes with `udp://` only: in a stream a message needs an end']);
  if (scheme === 'udp' && (given.maxBytes ?? 0) > maxDatagramBytes) conflicts.push(['maxBytes', 'a datagram holds at most 65KB']);
  if (scheme !== 'tls')
    for (const key of ['caFile', 'certFile', 'keyFile', 'passphrase', 'servername'] as const)
      if (given[key] !== undefined) conflicts.push([key, 'goes with `tls://` only']);
  if ((given.certFile === undefined) !== (given.keyFile === undefined))
    conflicts.push([given.certFile === undefined ? 'keyFile' : 'certFile', 'needs the other of `certFile` and `keyFile`']);
  if (given.passphrase !== undefined && given.keyFile === undefined) conflicts.push(['passphrase', 'needs `keyFile`']);
  return conflicts;
}
