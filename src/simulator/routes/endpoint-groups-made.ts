/** The endpoint groups of an estate at the start; every third is one of servers. */
import type { Item } from '../collection.ts';
import { type Holder, idIn } from './held.ts';

const NAMES = ['Finance', 'Büro Köln', 'File servers', 'Sales / Field', 'Kiosks "Lobby"', 'Web servers', '本社', 'Test & Lab', 'Databases'];

function typeAt(index: number): 'computer' | 'server' {
  return index % 3 === 2 ? 'server' : 'computer';
}

function nameAt(index: number): string {
  const round = Math.floor(index / NAMES.length);
  return `${NAMES[index % NAMES.length] as string}${round === 0 ? '' : ` ${round + 1}`}`;
}

/** The group that an endpoint of that number is in at the start, or none. */
export function groupAt(holder: Holder, type: 'computer' | 'server', index: number): Item | null {
  const own = Array.from({ length: Math.min(holder.sim.setup.endpointGroups, 12) }, (_, i) => i).filter((i) => typeAt(i) === type);
  const chosen = own[(index >> 1) % (own.length + 2)];
  return chosen === undefined ? null : { id: idIn(holder, 'endpoint-groups', chosen), name: nameAt(chosen) };
}

export function* endpointGroupsMade(holder: Holder): Generator<Item> {
  const { tenant, sim } = holder;
  for (let i = 0; i < sim.setup.endpointGroups; i++) {
    const createdAt = new Date(tenant.bornAt - (i + 10) * 86_400_000).toISOString();
    yield {
      id: idIn(holder, 'endpoint-groups', i),
      name: nameAt(i),
      ...(i % 2 === 0 ? { description: `Group ${i} of ${tenant.name}` } : {}),
      type: typeAt(i),
      tenant: { id: tenant.id },
      createdAt,
      updatedAt: createdAt,
    };
  }
}
