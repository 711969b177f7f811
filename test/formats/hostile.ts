/** Items made to break a line, a field or a parser: every field that a format may look at, with values of every kind. */
import fc from 'fast-check';
import type { Origin } from '../../src/core/types.ts';

const nasty = [
  '',
  ' ',
  '\n',
  'a\nsrc=6.6.6.6',
  'a\r\nCEF:0|x|y|1|1|1|10|',
  '|',
  'x\\|y\\',
  '\\',
  '\\n',
  '=',
  ' act=allowed',
  '\tsrc=6.6.6.6',
  '^src=6.6.6.6',
  '" severity="none',
  '\\" severity=\\"none',
  '\0',
  '\x1b[31m',
  '\x7f',
  '\x85',
  '\u2028',
  '\ud83d',
  '\udca5x',
  '💥'.repeat(600),
  'é'.repeat(300),
  ' padded ',
  'x'.repeat(65_536),
  '\\='.repeat(2_000),
  'CON.PC_01',
  '10.0.0.1',
  'fe80::1',
  '65536',
  '-1',
  'DOMAIN\\user',
  'n/a',
];

export const hostileText = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 40 }));

const names = [
  ...['id', 'type', 'name', 'description', 'severity', 'group', 'category', 'location', 'source', 'threat', 'origin', 'when', 'created_at', 'user_id'],
  ...['endpoint_id', 'endpoint_type', 'event_service_event_id', 'appSha256', 'hostname', 'status', 'raisedAt', 'time', 'tenant', 'datastream', 'fetchedAt'],
  ...['__proto__', 'constructor', 'toString', '', ' ', 'a b', 'a.b', 'x=1', '"', '_time', '1', '_x0020_', '\n', '\ud83d'],
];

const types = [
  'Event::Endpoint::Threat::Detected',
  'Event::Endpoint::WebControlViolation',
  'Event::Endpoint::DataLossPreventionUserAllowed',
  'Event::New::Thing',
];
const sentences = [
  "Malware detected: 'T|=\\' at 'C:\\a=b\n|c.exe'",
  "'http://x.example/?a=b|c' blocked due to category 'News|=\\'",
  'An ″x″ action was taken.  Username: A\\b  Rule names: ′r=|′  User action: o  Application Name: p=|\\  Data Control action: Allow  File type: t=  File size: 12  Source path: C:\\=|  Destination path: D:\\=',
];

const part = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(...types, ...sentences),
);
const ips = fc.record({
  detectionType: fc.oneof(fc.constantFrom(0, 1), part),
  localPort: part,
  remotePort: part,
  remoteIp: part,
  executablePath: part,
  rawData: part,
});
const value = fc.oneof(
  { weight: 5, arbitrary: part },
  fc.array(part, { maxLength: 3 }),
  fc.dictionary(fc.oneof(fc.constantFrom(...names), hostileText), part, { maxKeys: 3 }),
);
const inner = fc.record({ ip: part, id: part, name: part, viaLogin: part, type: part }, { requiredKeys: [] });

const member: fc.Arbitrary<readonly [string, unknown]> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...names), value) },
  fc.tuple(hostileText, value),
  fc.tuple(fc.constantFrom('source_info', 'managedAgent', 'person', 'device', 'associatedPerson', 'data'), inner),
  fc.tuple(fc.constantFrom('ips_threat_data'), ips),
  fc.tuple(fc.constantFrom('amsi_threat_data'), fc.record({ processId: part, processPath: part, parentProcessId: part, parentProcessPath: part })),
  fc.tuple(
    fc.constantFrom('core_remedy_items'),
    fc.record({ items: fc.array(fc.record({ type: fc.constantFrom('file'), descriptor: part, result: part }), { maxLength: 2 }) }),
  ),
  fc.tuple(fc.constant('type'), fc.constantFrom(...types)),
  fc.tuple(fc.constantFrom('name', 'description'), fc.constantFrom(...sentences)),
);

/** The text of an item. Keys may stand twice, as in JSON. */
export const hostileItem = fc
  .array(member, { maxLength: 14 })
  .map((members) => `{${members.map(([key, of]) => `${JSON.stringify(key)}:${JSON.stringify(of) ?? 'null'}`).join(',')}}`);

export const hostileOrigin: fc.Arbitrary<Origin> = fc.record({
  stream: fc.constantFrom('events', 'siem-alerts', 'alerts', 'endpoints', 'detections', 'cases', 'policies', 'odd'),
  tenant: fc.record({ id: fc.oneof(fc.uuid(), hostileText), name: hostileText, labels: fc.constant({}) }),
});
