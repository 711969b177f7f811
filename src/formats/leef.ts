import { defineFormat } from '../core/kinds.ts';
import { object, pattern } from '../core/schema.ts';
import type { StreamRecord } from '../core/types.ts';
import { shorten, trimBlanks } from './bounded.ts';
import { type Facts, readFacts } from './meaning/facts.ts';
import { severityNumbers } from './meaning/severity.ts';
import { isThing, signatureOf, titleOf } from './signature.ts';

/**
 * IBM's Log Event Extended Format, version 2.0, for QRadar.
 *
 * Shape    the delimiter is declared in the header as its code. LEEF has no escapes, so the delimiter and control characters within a value
 *          are blanks, and so are bars in the header; a value above 2,000 characters ends in `...`. Each key stands once.
 * Units    `devTime` as `devTimeFormat` says, UTC; `sev` 1 to 10.
 * Throws   rejected for a record that is no JSON.
 * Source: IBM, QRadar LEEF guide, version 2, "LEEF event components" and "Predefined LEEF event attributes".
 */
export const leef = defineFormat({
  name: 'leef',
  summary: 'LEEF 2.0 for QRadar',
  options: object({
    delimiter: pattern(/^(?:tab|[!#$%&*+,;?@^_~])$/, 'expected `tab` or one of ! # $ % & * + , ; ? @ ^ _ ~')
      .default('tab')
      .describe('What stands between two attributes; a relay that rewrites control characters needs one that it leaves alone, such as `^`'),
  }),
  open({ delimiter }) {
    const between = delimiter === 'tab' ? '\t' : delimiter;
    const plain = plainText(between);
    const declared = `x${between.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    return {
      json: false,
      encode(record, origin, out) {
        const facts = readFacts(record, origin);
        let line = `LEEF:2.0|Sophos|Sophos Central|1.0|${barless(plain(signatureOf(facts)))}|${declared}|`;
        let separator = '';
        for (const [key, value] of attributesOf(facts, record)) {
          const written = value === undefined ? '' : typeof value === 'number' ? String(value) : plain(value);
          if (written === '') continue;
          line += `${separator}${key}=${written}`;
          separator = between;
        }
        out.text(line);
      },
    };
  },
});

type Attribute = readonly [key: string, value: string | number | undefined];

function attributesOf(facts: Facts, record: StreamRecord): readonly Attribute[] {
  return [...eventAttributes(facts, record), ...whoAttributes(facts), ...whatAttributes(facts)];
}

/** As Java's SimpleDateFormat reads it, whose `Z` takes `+0000`. */
const timeFormat = "yyyy-MM-dd'T'HH:mm:ss.SSSZ";

function eventAttributes(facts: Facts, record: StreamRecord): readonly Attribute[] {
  const { meaning, device } = facts;
  return [
    ['devTimeFormat', timeFormat],
    ['devTime', instant(facts.at)],
    ['cat', meaning.category],
    ['sev', Math.max(1, isThing(facts) ? 1 : severityNumbers(facts.severity).cef)],
    ['eventName', facts.text ?? titleOf(meaning)],
    ['action', meaning.action],
    ['outcome', meaning.outcome === 'unknown' ? undefined : meaning.outcome],
    ['severityText', facts.severityText],
    ['eventId', facts.id],
    ['relatedEventId', facts.eventId === facts.id ? undefined : facts.eventId],
    ['recordedTime', instant(facts.recordedAt)],
    ['collectedTime', instant(record.fetchedAt)],
    ['stream', facts.stream],
    ['change', facts.change],
    ['tenantId', facts.tenantId],
    ['tenantName', facts.tenantName],
    ['eventGroup', facts.group],
    ['detectionTechnology', facts.origin],
    ['deviceId', device.id],
    ['deviceType', device.type],
    ['devicePlatform', device.platform],
  ];
}

/** QRadar takes `src` for the machine that an event is about, unless somebody else reached out for it. */
function whoAttributes({ device, user, evidence: { network } }: Facts): readonly Attribute[] {
  const local = { ip: device.ip ?? network?.local.ip, port: network?.local.port, mac: device.mac ?? network?.local.mac };
  const isInbound = network?.direction === 'inbound';
  const from = isInbound ? network.remote : local;
  const to = isInbound ? local : network?.remote;
  return [
    ['resource', device.host],
    ['identHostName', device.host],
    ['src', from.ip],
    ['srcPort', from.port],
    ['srcMAC', from.mac],
    ['dst', to?.ip],
    ['dstPort', to?.port],
    ['dstMAC', to?.mac],
    ['proto', network?.protocol],
    ['direction', network === undefined || network.direction === 'unknown' ? undefined : network.direction],
    ['usrName', user?.name],
    ['domain', user?.domain],
    ['userId', user?.id],
  ];
}

function whatAttributes({ threat, told, evidence }: Facts): readonly Attribute[] {
  const { process, network, cleanup } = evidence;
  const file = evidence.files[0];
  return [
    ['threatName', threat],
    ['cleanup', cleanup],
    ['url', told.url],
    ['policy', told.rules?.join(', ')],
    ['webCategory', told.webCategory],
    ['application', told.application],
    ['applicationCategory', told.applicationCategory],
    ['peripheral', told.peripheral],
    ['fileName', file?.name],
    ['filePath', file?.path],
    ['sha256', file?.sha256 ?? evidence.sha256],
    ['fileType', told.fileType],
    ['fileSize', told.fileSize],
    ['destinationPath', told.destination],
    ['processName', process?.name],
    ['processPath', process?.path],
    ['processId', process?.pid],
    ['parentProcessPath', process?.parentPath],
    ['parentProcessId', process?.parentPid],
    ['attackName', network?.message],
    ['cve', network?.cve],
  ];
}

function instant(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

/** Values without what would end them, and without blanks at their ends. */
function plainText(between: string): (text: string) => string {
  const special = new RegExp(`[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\x${between.charCodeAt(0).toString(16).padStart(2, '0')}]`, 'g');
  return (text) => shorten(trimBlanks(text.replace(special, ' ')), longest);
}

/** QRadar keeps a few kilobytes of an event: one value must not push out the others. */
const longest = 2_000;

function barless(text: string): string {
  return text.replaceAll('|', ' ');
}
