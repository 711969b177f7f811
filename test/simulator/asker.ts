import type { SimulatorOptions } from '../../src/simulator/index.ts';
import { type Answer, type Visitor, withSimulator } from './client.ts';

/** Whatever a list shows; tests look into it. */
export type Thing = ReturnType<typeof JSON.parse>;

/** Somebody who asks the APIs of one tenant. */
export class Asker {
  readonly at: Visitor;
  readonly tenant: string;
  readonly #token: string;
  constructor(at: Visitor, tenant: string, token: string) {
    this.at = at;
    this.tenant = tenant;
    this.#token = token;
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.#token}`, 'x-tenant-id': this.tenant, 'content-type': 'application/json' };
    return this.at.request(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
  }

  get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  async items(path: string): Promise<Thing[]> {
    const { status, json, text } = await this.get(path);
    if (status !== 200) throw new Error(`${status} ${text}`);
    return json.items;
  }

  async status(method: string, path: string, body?: unknown): Promise<number> {
    return (await this.ask(method, path, body)).status;
  }

  /** Every page of a list with keys. */
  async byKey(path: string): Promise<{ readonly items: Thing[]; readonly pages: number }> {
    const items: Thing[] = [];
    let key = '';
    for (let pages = 1; ; pages++) {
      const { status, json, text } = await this.get(`${path}${path.includes('?') ? '&' : '?'}${key === '' ? '' : `pageFromKey=${encodeURIComponent(key)}`}`);
      if (status !== 200) throw new Error(`${status} ${text}`);
      items.push(...json.items);
      if (!json.pages.nextKey) return { items, pages };
      key = json.pages.nextKey;
    }
  }

  /** Every page of a list with numbers, without totals. */
  async byPage(path: string, pageSize: number): Promise<Thing[]> {
    const items: Thing[] = [];
    for (let page = 1; ; page++) {
      const found = await this.items(`${path}?pageSize=${pageSize}&page=${page}`);
      items.push(...found);
      if (found.length < pageSize) return items;
    }
  }
}

/** Runs a test against a simulator of its own, as its first tenant. */
export function withTenant(options: SimulatorOptions, test: (asker: Asker, second: Asker) => Promise<void>): Promise<void> {
  return withSimulator(options, async (at) => {
    const [first = '', second = first] = await at.tenantIds();
    const token = await at.token();
    await test(new Asker(at, first, token), new Asker(at, second, token));
  });
}

export const nobody = '00000000-0000-4000-8000-000000000000';
