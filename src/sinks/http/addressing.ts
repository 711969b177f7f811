/** Which records of a parcel go where: the templates of the address and of the headers, filled in safely. */
import { compileTemplate, type Template } from '../../core/template.ts';
import type { Millis, Origin, Parcel, Section } from '../../core/types.ts';

/** Records `from` (inclusive) to `to` (exclusive) of a section. */
export interface Run {
  readonly section: Section;
  readonly from: number;
  readonly to: number;
}

/** Records that travel in one request. */
export interface Group {
  readonly url: (address: string) => string;
  readonly headers: Readonly<Record<string, string>>;
  readonly runs: Run[];
  /** Are all lines JSON? */
  readonly json: boolean;
}

export interface Addressing {
  /** The groups of a parcel; within each the order is kept. */
  groups(parcel: Parcel): Group[];
}

const dayMs = 86_400_000;

/**
 * Compiles the templates.
 *
 * Throws   config `config.template` for a template that cannot be read.
 */
export function compileAddressing(addresses: readonly string[], headers: Readonly<Record<string, string>>): Addressing {
  const urls = new Map(addresses.map((address) => [address, compileTemplate(address)]));
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), compileTemplate(value)] as const);
  const all: readonly Template[] = [...urls.values(), ...named.map(([, template]) => template)];
  const usesDate = all.some((template) => template.usesDate);

  function groupOf(origin: Origin, time: Millis, json: boolean): { readonly key: string; readonly group: () => Group } {
    const inUrl = mapOrigin(origin, urlPart);
    const inHeader = mapOrigin(origin, headerPart);
    const filled = new Map([...urls].map(([address, template]) => [address, template.plain(inUrl, time)]));
    const values = Object.fromEntries(named.map(([name, template]) => [name, template.plain(inHeader, time)]));
    return {
      key: JSON.stringify([[...filled.values()], values, json]),
      group: () => ({ url: (address) => filled.get(address) ?? address, headers: values, runs: [], json }),
    };
  }

  return {
    groups({ sections }) {
      const groups = new Map<string, Group>();
      const add = (section: Section, from: number, to: number) => {
        const time = section.records[from]?.time;
        if (time === undefined) return;
        const { key, group } = groupOf(section.origin, time, section.json);
        const known = groups.get(key) ?? group();
        groups.set(key, known);
        known.runs.push({ section, from, to });
      };
      for (const section of sections) {
        const { records } = section;
        let from = 0;
        if (usesDate)
          for (let i = 1; i < records.length; i++) {
            if (dayOf(records[i]?.time) === dayOf(records[from]?.time)) continue;
            add(section, from, i);
            from = i;
          }
        add(section, from, records.length);
      }
      return [...groups.values()];
    },
  };
}

function dayOf(time: Millis | undefined): number {
  return Math.floor((time ?? 0) / dayMs);
}

function mapOrigin({ stream, tenant }: Origin, safe: (value: string) => string): Origin {
  const labels = Object.fromEntries(Object.entries(tenant.labels).map(([name, value]) => [name, safe(value)]));
  return { stream: safe(stream), tenant: { id: safe(tenant.id), name: safe(tenant.name), labels } };
}

/** One part of a path or query; dots alone would lead to another path. */
function urlPart(value: string): string {
  const whole = Buffer.from(value).toString('utf8');
  return /^\.+$/.test(whole) ? '_'.repeat(whole.length) : encodeURIComponent(whole);
}

/** A header holds printable ASCII: everything else, and `%`, is percent-encoded. */
function headerPart(value: string): string {
  return Buffer.from(value)
    .toString('utf8')
    .replace(/[^\x20-\x24\x26-\x7e]/gu, (letter) => encodeURIComponent(letter));
}

/** How many records a group holds. */
export function recordsOf({ runs }: Group): number {
  return runs.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** A group for each record, in order. */
export function oneByOne({ runs, ...group }: Group): Group[] {
  return runs.flatMap(({ section, from, to }) =>
    Array.from({ length: to - from }, (_, i) => ({ ...group, runs: [{ section, from: from + i, to: from + i + 1 }] })),
  );
}
