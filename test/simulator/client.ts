import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';

/** Runs a test against a simulator of its own. */
export async function withSimulator(options: SimulatorOptions, test: (at: Visitor) => Promise<void>): Promise<void> {
  const simulator = await startSimulator(options);
  try {
    await test(new Visitor(simulator));
  } finally {
    await simulator.close();
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Whatever came; tests look into it. */
  readonly json: ReturnType<typeof JSON.parse>;
}

export interface Item {
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
  readonly when: string;
  readonly customer_id: string;
  readonly [field: string]: unknown;
}

export type StreamPath = '/siem/v1/events' | '/siem/v1/alerts';

/** Somebody who talks to a simulator over HTTP and nothing else. */
export class Visitor {
  readonly simulator: RunningSimulator;
  constructor(simulator: RunningSimulator) {
    this.simulator = simulator;
  }

  async request(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: string | Uint8Array): Promise<Answer> {
    const init: NonNullable<Parameters<typeof fetch>[1]> = { method, headers, redirect: 'manual' };
    if (body !== undefined) init.body = body;
    const answer = await fetch(this.simulator.url + path, init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: parsed(text) };
  }

  form(fields: Readonly<Record<string, string>>): Promise<Answer> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.request('POST', '/api/v2/oauth2/token', headers, new URLSearchParams(fields).toString());
  }

  login(fields: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { clientId, clientSecret } = this.simulator;
    return this.form({ grant_type: 'client_credentials', scope: 'token', client_id: clientId, client_secret: clientSecret, ...fields });
  }

  async token(): Promise<string> {
    return (await this.login()).json.access_token;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.request('GET', path, { authorization: `Bearer ${await this.token()}`, ...headers });
  }

  async tenantIds(): Promise<string[]> {
    return (await this.sim('GET', 'tenants')).json.items.map((tenant: { id: string }) => tenant.id);
  }

  /** One page of a tenant. */
  async page(tenant: string, query: string, path: StreamPath = '/siem/v1/events'): Promise<Answer> {
    return this.get(`${path}?${query}`, { 'x-tenant-id': tenant });
  }

  /** Follows cursors until there is no more. */
  async drain(
    tenant: string,
    first: string,
    path: StreamPath = '/siem/v1/events',
  ): Promise<{ readonly items: Item[]; readonly cursor: string; readonly pages: number }> {
    const headers = { authorization: `Bearer ${await this.token()}`, 'x-tenant-id': tenant };
    const items: Item[] = [];
    let query = first;
    const limit = new URLSearchParams(first).get('limit') ?? '200';
    for (let pages = 1; ; pages++) {
      const { status, json, text } = await this.request('GET', `${path}?${query}`, headers);
      if (status !== 200) throw new Error(`${status} ${text}`);
      items.push(...json.items);
      if (!json.has_more) return { items, cursor: json.next_cursor, pages };
      query = `limit=${limit}&cursor=${encodeURIComponent(json.next_cursor)}`;
    }
  }

  sim(method: string, what: string, body?: unknown): Promise<Answer> {
    return this.request(method, `/_sim/${what}`, {}, body === undefined ? undefined : JSON.stringify(body));
  }

  async truth(query = ''): Promise<{ tenant: string; stream: string; id: string; item?: Item }[]> {
    return lines((await this.sim('GET', `truth${query}`)).text) as { tenant: string; stream: string; id: string; item?: Item }[];
  }

  hec(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, path = '/services/collector/event'): Promise<Answer> {
    return this.request('POST', path, { authorization: `Splunk ${this.simulator.hecToken}`, ...headers }, body);
  }
}

export function lines(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function idsOf(items: readonly { readonly id: string }[]): string[] {
  return items.map((item) => item.id).sort();
}
