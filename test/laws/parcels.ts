import { LineBuffer, packItems, recordsOf } from '../../src/core/pack.ts';
import type { Item, Origin, Parcel, Section, StreamRecord } from '../../src/core/types.ts';

/** One section to build: whose, and which lines. */
export interface SectionPlan {
  /** Tenant id; its name is the same unless `name` says otherwise. */
  readonly tenant: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Stream kind, default `events`. */
  readonly stream?: string;
  readonly route?: string;
  /** Are the lines JSON objects? Default true. */
  readonly json?: boolean;
  /** The section begins after this number, default 0. */
  readonly after?: number;
  readonly items: readonly PlannedItem[];
}

/** A line, or a line with more to it. */
export type PlannedItem = string | { readonly line: string; readonly time?: number; readonly key?: string };

/** 2026-03-01T10:00:00Z, the time of items that name none. */
export const noon = Date.UTC(2026, 2, 1, 10);

/** A parcel whose lines are those planned, with records to match. */
export function parcelOf(plans: readonly SectionPlan[]): Parcel {
  return { sections: plans.map(sectionOf) };
}

function sectionOf(plan: SectionPlan): Section {
  const after = plan.after ?? 0;
  const stream = plan.stream ?? 'events';
  const origin: Origin = { stream, tenant: { id: plan.tenant, name: plan.name ?? plan.tenant, labels: plan.labels ?? {} } };
  const lines = new LineBuffer();
  const items: Item[] = plan.items.map((planned, i) => {
    const { line, time, key } = typeof planned === 'string' ? { line: planned } : { time: undefined, key: undefined, ...planned };
    lines.text(line);
    lines.endLine();
    const name = key ?? `${plan.tenant}-${stream}-${after + i + 1}`;
    return { key: name, time: time ?? noon, json: JSON.stringify({ id: name }) };
  });
  const records: StreamRecord[] = recordsOf(packItems(items), after + 1, noon);
  return {
    lane: { route: plan.route ?? 'route', stream: `${plan.tenant}/${stream}` },
    after,
    upTo: after + items.length,
    origin,
    records,
    lines: lines.lines(),
    json: plan.json ?? true,
  };
}

/** `count` JSON lines that name their lane and number, so that each is unique. */
export function jsonLines(tenant: string, count: number, first = 1, padding = ''): string[] {
  return Array.from({ length: count }, (_, i) => JSON.stringify({ id: `${tenant}-${first + i}`, seq: first + i, padding }));
}
