/**
 * One record as a document of the Elastic Common Schema, put together as text: what is the same for a meaning, a stream and a tenant is
 * written once and kept.
 */
import type { LineWriter, Origin, StreamRecord } from '../../core/types.ts';
import { Instants } from '../instants.ts';
import { datastreamOf } from '../json.ts';
import { distinct, listMember, numberMember, objectMember, quote, textMember } from '../json-text.ts';
import type { Facts } from '../meaning/facts.ts';
import { severityNumbers } from '../meaning/severity.ts';
import { fieldsIn, ipIn, isFields, textIn } from '../meaning/values.ts';
import type { Meaning } from '../meaning/words.ts';
import { siteOf } from '../site.ts';
import { hostIps, hostMember } from './host.ts';
import { newRoom, SnakeCopy } from './snake.ts';
import { SophosFields } from './sophos-fields.ts';
import { hyphened } from './sorts.ts';
import { fileMember, processMember, ruleMember, threatMember, urlMember, vulnerabilityMember } from './traces.ts';

/** The version whose fields are used. */
export const ecsVersion = '8.11.0';

export interface DocumentOptions {
  readonly preserveOriginalEvent: boolean;
  readonly preserveDuplicateCustomFields: boolean;
  readonly namespace?: string | undefined;
}

/** Makes the documents of one format. What it remembers are texts that the same record would make again. */
export class Documents {
  readonly #options: DocumentOptions;
  readonly #sophos: SophosFields;
  readonly #copy = new SnakeCopy();
  readonly #heads = new Map<string, WeakMap<Meaning, string>>();
  readonly #kinds = new Map<string, string>();
  readonly #instants = new Instants();
  #fetched: { readonly at: number; readonly text: string } | undefined;
  #origin: { readonly of: Origin; readonly text: string } | undefined;

  constructor(options: DocumentOptions) {
    this.#options = options;
    this.#sophos = new SophosFields(options.preserveDuplicateCustomFields);
  }

  /** Writes the document as JSON on one line. */
  write(facts: Facts, record: StreamRecord, origin: Origin, out: LineWriter): void {
    const kind = this.#kindOf(facts.stream);
    const { text: own, left } = this.#sophos.of(facts.item, kind);
    const hasOriginal = left || this.#options.preserveOriginalEvent;
    const created = this.#instants.text(facts.recordedAt);
    const message = messageMember(facts);
    out.text(`{"@timestamp":"${this.#instants.text(facts.at)}"${this.#headOf(facts, kind)},"created":"${created}"${eventMembers(facts)}`);
    // In pieces, because one letter beyond Latin-1 makes a whole text twice as large.
    if (hasOriginal) {
      out.text(',"original":');
      out.text(JSON.stringify(facts.json));
    }
    out.text(`}${message}${this.#originOf(facts, origin)}${sides(facts)}${traces(facts)}`);
    out.text(`,"sophos_central":{"fetched_at":"${this.#fetchedAt(record)}"${this.#known(record)}${own === '' ? '' : `,"${kind}":{${own}}`}}}`);
  }

  #fetchedAt({ fetchedAt }: StreamRecord): string {
    if (this.#fetched?.at !== fetchedAt) this.#fetched = { at: fetchedAt, text: this.#instants.text(fetchedAt) };
    return this.#fetched.text;
  }

  /** `event`, `alert`, `endpoint`, `access_point` ... */
  #kindOf(stream: string): string {
    const known = this.#kinds.get(stream);
    if (known !== undefined) return known;
    const kind = this.#copy.name(datastreamOf(stream));
    this.#kinds.set(stream, kind);
    return kind;
  }

  /** Up to the open object of `event.*`. */
  #headOf(facts: Facts, kind: string): string {
    const { meaning, stream } = facts;
    const heads = this.#heads.get(stream) ?? new WeakMap<Meaning, string>();
    const known = heads.get(meaning);
    if (known !== undefined) return known;
    const text = `,${JSON.stringify(headOf(facts, kind, this.#options)).slice(1, -2)}`;
    this.#heads.set(stream, heads.set(meaning, text));
    return text;
  }

  #originOf({ item }: Facts, origin: Origin): string {
    const customer = textIn(item.customer_id);
    if (customer !== undefined && customer !== origin.tenant.id) return organization(customer, origin.tenant.name);
    if (this.#origin?.of !== origin) this.#origin = { of: origin, text: organization(origin.tenant.id, origin.tenant.name) };
    return this.#origin.text;
  }

  /** What is known of a snapshot or a change. */
  #known({ meta }: StreamRecord): string {
    if (!isFields(meta)) return '';
    const text = this.#copy.text(meta, newRoom(), 0);
    return text === undefined || text === '' ? '' : `,"known":${text}`;
  }
}

function organization(id: string, name: string): string {
  return objectMember('organization', textMember('id', id === '' ? undefined : id) + textMember('name', name === '' ? undefined : name));
}

/** What is the same for all records of a stream and a meaning; `event` is last, and goes on. */
function headOf({ stream, isAlert, meaning }: Facts, kind: string, options: DocumentOptions): object {
  const { namespace, preserveOriginalEvent, preserveDuplicateCustomFields } = options;
  const dataset = `sophos_central.${kind}`;
  // An event and its alert tell of one thing: only one of them is `alert`, or whoever counts alerts counts it twice.
  const eventKind = stream === 'events' ? 'event' : isAlert ? 'alert' : meaning.ecs.kind;
  return {
    ecs: { version: ecsVersion },
    ...(namespace === undefined ? {} : { data_stream: { type: 'logs', dataset, namespace } }),
    observer: { vendor: 'Sophos', product: 'Sophos Central' },
    labels: { category: meaning.category, action: meaning.action },
    tags: [
      ...(preserveOriginalEvent ? ['preserve_original_event'] : []),
      ...(preserveDuplicateCustomFields ? ['preserve_duplicate_custom_fields'] : []),
      ...['forwarded', `sophos_central-${kind}`],
    ],
    event: {
      kind: eventKind,
      category: meaning.ecs.category,
      type: meaning.ecs.type,
      outcome: eventKind === 'state' || meaning.outcome === 'unknown' ? undefined : meaning.outcome,
      module: 'sophos_central',
      dataset,
      provider: 'Sophos Central',
    },
  };
}

/** The rest of `event.*`. */
function eventMembers(facts: Facts): string {
  const { stream, item, meaning, severity, severityText } = facts;
  return (
    textMember('id', facts.id) +
    textMember('code', codeOf(facts)) +
    textMember('action', stream === 'events' ? textIn(item.name) : meaning.action) +
    numberMember('severity', severityText === undefined ? undefined : severityNumbers(severity).ecs)
  );
}

/** The Sophos type; of a detection its rule. What kind of thing a thing is, is no code. */
function codeOf({ stream, isAlert, type, item }: Facts): string | undefined {
  return stream === 'events' || isAlert ? type : stream === 'detections' ? textIn(item.detectionRule) : undefined;
}

/** An alert's sentence is its description, whatever else it brings. */
function messageMember({ isAlert, item, text }: Facts): string {
  return textMember('message', (isAlert ? textIn(item.description) : undefined) ?? text);
}

/**
 * Host, user and network. As in the integration the device is always the source, and the other machine the destination; who began is told
 * by `network.direction`.
 */
function sides(facts: Facts): string {
  const { device, user, isAlert, item, stream, evidence, told } = facts;
  const { network } = evidence;
  const own = (isAlert ? ipIn(fieldsIn(fieldsIn(item.data).source_info).ip) : undefined) ?? device.ip ?? network?.local.ip;
  const ips = hostIps(facts, own);
  let members = hostMember(facts, ips);
  if (user !== undefined) {
    const rest = textMember('domain', user.domain) + textMember('id', user.id) + textMember('email', user.email);
    members += user.name === undefined ? objectMember('user', rest) : `,"user":{"name":${quote(user.name)}${rest}}`;
  }
  if (own !== undefined && (stream === 'events' || isAlert)) {
    members += `,"source":{"ip":"${own}"${numberMember('port', network?.local.port)}${textMember('mac', hyphened(network?.local.mac))}}`;
  } else if (network !== undefined) members += objectMember('source', numberMember('port', network.local.port));
  if (network !== undefined) members += networkMembers(network);
  const site = told.url === undefined ? undefined : siteOf(told.url).domain;
  return members + related(facts, ips, site);
}

const transports: ReadonlySet<string> = new Set(['tcp', 'udp', 'icmp', 'sctp']);

function networkMembers({ remote, direction, protocol }: NonNullable<Facts['evidence']['network']>): string {
  const transport = protocol?.toLowerCase();
  const towards = direction === 'inbound' ? 'ingress' : direction === 'outbound' ? 'egress' : undefined;
  return (
    objectMember('destination', textMember('ip', remote.ip) + numberMember('port', remote.port) + textMember('mac', hyphened(remote.mac))) +
    objectMember(
      'network',
      textMember('direction', towards) + textMember('transport', transport !== undefined && transports.has(transport) ? transport : undefined),
    )
  );
}

/** `related.*`: everything to search for, whatever its part was. */
function related({ device, user, evidence }: Facts, ips: readonly string[], site: string | undefined): string {
  const { files, sha256, network } = evidence;
  const hashes = sha256 === undefined && network?.sha256 === undefined ? none : distinct([...files.map((file) => file.sha256), sha256, network?.sha256]);
  return objectMember(
    'related',
    listMember('ip', network === undefined ? ips : distinct([...ips, network.local.ip, network.remote.ip])) +
      pairMember('hosts', device.host, site) +
      (user === undefined ? '' : pairMember('user', user.name, user.email)) +
      listMember('hash', hashes),
  );
}

const none: readonly string[] = Object.freeze([]);

/** A list of what there is of two. */
function pairMember(name: string, one: string | undefined, other: string | undefined): string {
  if (other === undefined || other === one) return one === undefined ? '' : `,"${name}":[${quote(one)}]`;
  return one === undefined ? `,"${name}":[${quote(other)}]` : `,"${name}":[${quote(one)},${quote(other)}]`;
}

function traces(facts: Facts): string {
  const { peripheral } = facts.told;
  return (
    processMember(facts) +
    fileMember(facts) +
    urlMember(facts) +
    ruleMember(facts) +
    vulnerabilityMember(facts) +
    threatMember(facts) +
    (peripheral === undefined ? '' : `,"device":{"model":{"name":${quote(peripheral)}}}`)
  );
}
