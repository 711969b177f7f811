/** The alerts of an estate: those that are open at the start, and those that control adds. Shapes: reference, section 5.1. */
import type { Item } from '../collection.ts';
import { endpointId } from '../families.ts';
import { mix32, pick, randomFrom } from '../random.ts';
import { familyOf, type Holder, idIn } from './held.ts';
import { personOf, someone } from './people.ts';

type Random = () => number;

/** A sort of alert, and how common it is. */
interface Sort {
  readonly weight: number;
  readonly type: string;
  readonly category: string;
  readonly product: string;
  readonly severities: readonly string[];
  readonly actions: readonly string[];
  /** The number in its group key. */
  readonly number: number;
  /** Of the device; none for alerts that are about no device. */
  readonly agent: 'computer' | 'server' | 'utm' | 'mobile' | null;
  readonly hasPerson: boolean;
  readonly threats?: readonly string[];
  text(index: number, threat: string): string;
}

const host = (index: number) => `FIN-WS-${String(10_000 + (index % 10_000)).slice(1)}`;

const SORTS: readonly Sort[] = [
  {
    weight: 6,
    type: 'Event::Endpoint::OutOfDate',
    category: 'updating',
    product: 'endpoint',
    severities: ['medium'],
    number: 513,
    actions: ['acknowledge'],
    agent: 'computer',
    hasPerson: true,
    text: (index) => `${host(index)} is out of date.`,
  },
  {
    weight: 6,
    type: 'Event::Endpoint::Threat::CleanupFailed',
    category: 'malware',
    product: 'endpoint',
    severities: ['high', 'medium'],
    number: 16,
    actions: ['clearThreat', 'cleanVirus', 'acknowledge'],
    agent: 'computer',
    hasPerson: true,
    threats: ['EICAR-AV-Test', 'Troj/Example-ABCD', 'ML/PE-A'],
    text: (_, threat) => `Manual cleanup required: '${threat}' at 'C:\\Users\\Zoë\\Downloads\\eicar (7).zip'`,
  },
  {
    weight: 5,
    type: 'Event::Endpoint::Threat::PuaCleanupFailed',
    category: 'pua',
    product: 'endpoint',
    severities: ['medium', 'low'],
    number: 17,
    actions: ['acknowledge', 'cleanPua', 'authPua', 'sendMsgPua'],
    agent: 'computer',
    hasPerson: true,
    threats: ['PsExec', 'Generic Reputation PUA'],
    text: (_, threat) => `Manual PUA cleanup required: '${threat}' at 'C:\\Program Files (x86)\\Kit\\bin\\psexec.exe'`,
  },
  {
    weight: 3,
    type: 'Event::Endpoint::HmpaCryptoGuard',
    category: 'runtimeDetections',
    product: 'server',
    severities: ['high'],
    number: 31,
    actions: ['acknowledge', 'clearHmpa', 'sendMsgThreat'],
    agent: 'server',
    hasPerson: false,
    threats: ['CryptoGuard'],
    text: () => 'CryptoGuard detected ransomware in C:\\Temp\\enc.exe',
  },
  {
    weight: 2,
    type: 'Event::Endpoint::NotProtected',
    category: 'protection',
    product: 'server',
    severities: ['high'],
    number: 2,
    actions: ['acknowledge'],
    agent: 'server',
    hasPerson: false,
    text: (index) => `Failed to protect server: SRV-FS-${index}`,
  },
  {
    weight: 2,
    type: 'Event::Firewall::LostConnectionToSophosCentral',
    category: 'connectivity',
    product: 'firewall',
    severities: ['high'],
    number: 601,
    actions: ['acknowledge'],
    agent: 'utm',
    hasPerson: false,
    text: (index) => `Firewall has not contacted Sophos Central for the past ${index + 5} minutes`,
  },
  {
    weight: 2,
    type: 'Event::ADSync::Warning',
    category: 'adSync',
    product: 'other',
    severities: ['medium', 'low'],
    number: 700,
    actions: ['acknowledge'],
    agent: null,
    hasPerson: false,
    text: () => 'Active Directory synchronization warning: „Büro“ \u2028 not found',
  },
  {
    weight: 1,
    type: 'Event::Task::RenewApiToken',
    category: 'security',
    product: 'other',
    severities: ['low'],
    number: 90,
    actions: [],
    agent: null,
    hasPerson: false,
    text: () => 'Your API token expires soon',
  },
  {
    weight: 1,
    type: 'Event::Endpoint::Enc::DiskNotEncryptedEvent',
    category: 'denc',
    product: 'encryption',
    severities: ['medium'],
    number: 810,
    actions: ['acknowledge'],
    agent: 'computer',
    hasPerson: true,
    text: () => 'Device is not encrypted.',
  },
  {
    weight: 1,
    type: 'Event::Endpoint::Mobile::NowNonCompliant',
    category: 'mobiles',
    product: 'mobile',
    severities: ['low'],
    number: 400,
    actions: ['acknowledge'],
    agent: 'mobile',
    hasPerson: true,
    text: () => 'Gerät 📱 „Müller“ ist nicht konform',
  },
  {
    weight: 1,
    type: 'Event::Wireless::AccessPoint::Offline',
    category: 'wireless',
    product: 'wireless',
    severities: ['high'],
    number: 900,
    actions: ['acknowledge'],
    agent: null,
    hasPerson: false,
    text: () => 'Access point "Lobby" is offline',
  },
  {
    weight: 1,
    type: 'Event::Futuristic::NeverSeenBefore',
    category: 'brandNewCategory',
    product: 'brandNewProduct',
    severities: ['high'],
    number: 9999,
    actions: ['acknowledge', 'someNewAction'],
    agent: 'computer',
    hasPerson: true,
    text: () => 'Something that no list names\tand a tab, \u001b[31mred\u001b[0m',
  },
];
const DECK: readonly Sort[] = SORTS.flatMap((sort) => Array.from({ length: sort.weight }, () => sort));

/** Short of 90 days, so that the oldest is still within them when it is read some time later. */
const DAYS_BACK = 89.9;
const DAY_MS = 86_400_000;
/** An alert of the start is at least so old: what control raises now comes behind it. */
const YOUNGEST_MS = 60_000;

/** The open alerts, the oldest first: spread over the last 89.9 days before the start. */
export function* alertsMade(holder: Holder): Generator<Item> {
  const { openAlerts } = holder.sim.setup;
  const family = familyOf(holder, 'alerts');
  const span = DAYS_BACK * DAY_MS - 2 * YOUNGEST_MS;
  const from = holder.tenant.bornAt - YOUNGEST_MS - span;
  for (let i = 0; i < openAlerts; i++) {
    const jitter = mix32(family ^ i) / 0x1_0000_0000;
    yield alertMade(holder, i, idIn(holder, 'alerts', i), Math.floor(from + ((i + jitter) / openAlerts) * span));
  }
}

/** One alert, by its number. */
export function alertMade(holder: Holder, index: number, id: string, raisedAt: number): Item {
  const hash = mix32(familyOf(holder, 'alerts') ^ mix32(index ^ 0xa1));
  const random = randomFrom(hash);
  const sort = DECK[hash % DECK.length] as Sort;
  const threat = sort.threats === undefined ? '' : pick(sort.threats, random);
  return {
    id,
    allowedActions: sort.actions,
    category: sort.category,
    description: sort.text(index, threat),
    groupKey: Buffer.from(`1,${sort.type},${sort.number},${threat}`).toString('base64'),
    ...agentOf(holder, sort, index, random),
    ...personIn(holder, sort, index),
    product: sort.product,
    raisedAt: new Date(raisedAt).toISOString(),
    severity: pick(sort.severities, random),
    tenant: { id: holder.tenant.id, name: holder.tenant.name },
    type: sort.type,
  };
}

/** Every ninth speaks of a device that has been deleted since. */
function agentOf(holder: Holder, { agent }: Sort, index: number, random: Random): Item {
  if (agent === null) return {};
  const isEndpoint = agent === 'computer' || agent === 'server';
  const known = isEndpoint && index % 9 !== 8;
  const id = known ? endpointId(holder.tenant.number, Math.floor(random() * holder.sim.setup.endpoints)) : idIn(holder, 'former-devices', index);
  return { managedAgent: { id, type: agent, ...(index % 4 === 1 ? { name: host(index) } : {}) } };
}

/** Every seventh speaks of a person who has left since. */
function personIn(holder: Holder, { hasPerson }: Sort, index: number): Item {
  const number = someone(holder, index);
  if (!hasPerson || number === null || index % 6 === 5) return {};
  if (index % 7 === 6) return { person: { id: idIn(holder, 'former-users', index) } };
  const { id, name } = personOf(holder, number);
  return { person: { id, ...(index % 2 === 0 ? { name } : {}) } };
}
