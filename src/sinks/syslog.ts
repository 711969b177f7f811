/**
 * Syslog: one message for each record, over UDP, TCP, TLS or a unix socket.
 *
 * Nobody confirms a message. A record counts as delivered when the kernel has taken its message and nothing speaks against its arrival;
 * when a connection breaks under a parcel, the parcel is sent again as a whole. The structured data names the record for ever, so that
 * such repeats can be folded.
 */
import { hostname } from 'node:os';
import { defineSink, type SinkPlace } from '../core/kinds.ts';
import type { Sink } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { compileHeader } from './syslog/header.ts';
import { compileMessages } from './syslog/messages.ts';
import { options, type SyslogOptions } from './syslog/options.ts';
import { type Settings, settle } from './syslog/presets.ts';
import type { Address } from './wire/address.ts';
import type { Carrier } from './wire/carrier.ts';
import { openDatagrams } from './wire/datagrams.ts';
import { openStream } from './wire/stream.ts';
import { readTrust } from './wire/trust.ts';

/** Syslog, RFC 5424 or RFC 3164. */
export const syslog = defineSink({
  name: 'syslog',
  summary: 'Syslog over UDP, TCP, TLS or a unix socket, RFC 5424 or RFC 3164',
  options,
  unconfirmed: true,
  open,
});

async function open(given: SyslogOptions, world: World, place: SinkPlace): Promise<Sink> {
  const { address } = given;
  const settings = settle(given, address);
  const header = compileHeader({ ...given, ...settings, hostname: given.hostname ?? hostname(), procId: given.procId ?? String(process.pid) });
  const messages = compileMessages(header, settings);
  const carrier = await openCarrier(address, given, world, place);
  return {
    limits: given.batch,
    unconfirmed: true,
    check: async (signal) => `${address.text}: ${await carrier.check(signal)}; ${sentenceOf(settings)}`,
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      const records = parcel.sections.reduce((sum, section) => sum + section.records.length, 0);
      if (records === 0) return { refused: [] };
      const { frames, truncated } = messages.write(parcel);
      await carrier.send(frames, `sending ${records} records to ${address.text}`, signal);
      if (truncated > 0) world.report({ name: 'syslog.truncated', sink: place.name, records: truncated, maxBytes: settings.maxBytes });
      return { refused: [] };
    },
    close: () => carrier.close(),
  };
}

async function openCarrier(address: Address, given: SyslogOptions, { clock, report }: World, { name, folder }: SinkPlace): Promise<Carrier> {
  const { timeout: timeoutMs, perSecond, servername } = given;
  if (address.scheme === 'udp') return openDatagrams({ address, timeoutMs, perSecond }, clock);
  const readContext = address.scheme === 'tls' ? () => readTrust(given, folder) : null;
  // A file that is missing or wrong is said now, and not at the first record.
  await readContext?.();
  const onLost = (wasReset: boolean) => report({ name: wasReset ? 'syslog.connection-reset' : 'syslog.connection-closed', sink: name });
  return openStream({ address, servername, timeoutMs, readContext, onLost }, clock);
}

function sentenceOf({ rfc, framing, maxBytes }: Settings): string {
  return `messages: ${rfc === 'none' ? 'priority alone' : `RFC ${rfc}`}, framing ${framing}, at most ${maxBytes} bytes; nothing is confirmed`;
}
