import { hostname } from 'node:os';
import { LineBuffer, packItems, recordsOf } from '../../src/core/pack.ts';
import type { Parcel } from '../../src/core/types.ts';
import { compileHeader } from '../../src/sinks/syslog/header.ts';
import { compileMessages } from '../../src/sinks/syslog/messages.ts';
import { options } from '../../src/sinks/syslog/options.ts';
import { settle } from '../../src/sinks/syslog/presets.ts';
import { noon } from '../laws/parcels.ts';
import type { Written } from './syslog-world.ts';

export interface SentPlan {
  readonly tenant: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly items: readonly { readonly json: string; readonly key?: string; readonly time?: number; readonly line?: string | Uint8Array }[];
}

/** One section, with records of any text. */
export function planned({ tenant, name, labels, items }: SentPlan): Parcel {
  const lines = new LineBuffer();
  items.forEach(({ line }, i) => {
    if (typeof line === 'object') lines.utf8(line);
    else lines.text(line ?? `line ${i + 1}`);
    lines.endLine();
  });
  const pack = packItems(items.map(({ json, key, time }, i) => ({ key: key ?? `key-${i + 1}`, time: time ?? noon, json })));
  const records = recordsOf(pack, 1, noon);
  const origin = { stream: 'events', tenant: { id: tenant, name: name ?? tenant, labels: labels ?? {} } };
  const lane = { route: 'route', stream: `${tenant}/events` };
  return { sections: [{ lane, after: 0, upTo: items.length, origin, records, lines: lines.lines(), json: false }] };
}

/** The datagrams that these options make of a section, as text. */
export async function sent(written: Written, plan: SentPlan): Promise<string[]> {
  const given = options.parse({ address: 'udp://127.0.0.1', ...written });
  const settings = settle(given, given.address);
  const header = compileHeader({ ...given, ...settings, hostname: given.hostname ?? hostname(), procId: given.procId ?? '1' });
  const { bytes, ends } = compileMessages(header, settings).write(planned(plan)).frames;
  return ends.map((end, i) => Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], end)).toString('utf8'));
}
