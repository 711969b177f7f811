/** A simulated Central with local sites that share addresses, and what its Intelix knows of them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHttp } from '../../src/clients/http.ts';
import type { Http } from '../../src/core/world.ts';
import { linesOf, openScene, type Scene } from './actions-scene.ts';
import type { Said, Typed } from './terminal.ts';

export interface Site {
  readonly id: string;
  readonly url: string;
  readonly categoryId?: number;
  readonly tags?: readonly string[];
  readonly comment?: string;
}

/** Allowances that no test meets. */
const plenty = '{ second: 10000, minute: 100000, hour: 1000000, day: 10000000 }';
export const configuration = `central: { rateLimits: ${plenty} }\nintelix: { rateLimits: ${plenty} }\n`;

/** What Intelix says: URLs by host, IP addresses by literal. */
export const known = {
  urls: {
    'bad.example.com': { riskLevel: 'HIGH', productivityCategory: 'PROD_SPYWARE_AND_MALWARE', securityCategory: 'SEC_MALWARE_REPOSITORY', ttl: 3600 },
    'middle.example.com/a b?x=1': { riskLevel: 'MEDIUM', productivityCategory: 'PROD_HACKING', ttl: 3600 },
    'low.example.com': { riskLevel: 'LOW', productivityCategory: 'PROD_GAMES', ttl: 3600 },
    'good.example.com': { riskLevel: 'TRUSTED', securityCategory: 'SEC_TRUSTED_UPDATE_SITE', ttl: 3600 },
    'unclassified.example.com': { riskLevel: 'UNCLASSIFIED', ttl: 3600 },
    'silent.example.com': { ttl: 3600 },
    'odd.example.com': { riskLevel: 'GRAVE', ttl: 3600 },
    'unheard.example.com': null,
    '../../etc/passwd': { riskLevel: 'HIGH', ttl: 3600 },
  },
  ips: {
    '203.0.113.7': { category: ['enduser_network', 'botnet'], ttl: 3600 },
    '203.0.113.8': { category: ['bulk_mta'], ttl: 3600 },
    '203.0.113.9': { category: ['open_relay_watch'], ttl: 3600 },
    '203.0.113.10': { ttl: 3600 },
  },
};

/** The addresses of every tenant; two spellings of one are one. */
export const urls = [
  ['bad.example.com', 'low.example.com', 'unclassified.example.com', '203.0.113.7', '203.0.113.10', 'silent.example.com'],
  ['https://BAD.example.com/', 'middle.example.com/a b?x=1', 'good.example.com', '203.0.113.8', '203.0.113.9', 'unheard.example.com'],
  ['BAD.example.com', 'odd.example.com', '203.0.113.7', '../../etc/passwd', 'low.example.com'],
] as const;

/** As much of a report as tests look at. */
// biome-ignore lint/suspicious/noExplicitAny: reports of every kind
export type Report = any;

export interface IntelixScene extends Scene {
  /** Puts every estate back to where it was at first. */
  reset(): Promise<void>;
  tenants(): Promise<readonly { readonly id: string; readonly name: string }[]>;
  /** All local sites of all tenants, whole, sorted by address. */
  estate(): Promise<readonly (Site & { readonly tenant: string })[]>;
  intelix(line: readonly string[], typed?: Typed): Promise<Said>;
  /** Lookups that Intelix has answered, by address. */
  lookups(): Promise<Readonly<Record<string, number>>>;
  /** What the files of reports say, by their names. */
  reports(folder?: string): ReadonlyMap<string, Report>;
}

export async function openIntelixScene(): Promise<IntelixScene> {
  const scene = await openScene({ localSitesPerTenant: 0 });
  const { sim, control } = scene;
  const tenants = async () => JSON.parse(await control('GET', '/_sim/tenants')).items;

  async function estate() {
    const found = [];
    for (const { id } of await tenants()) {
      const lines = linesOf<{ readonly item: Site }>(await control('GET', `/_sim/truth?tenant=${id}&stream=local-sites`));
      found.push(...lines.map(({ item }) => ({ ...item, tenant: id })));
    }
    return found.sort((a, b) => `${a.tenant}${a.url}`.localeCompare(`${b.tenant}${b.url}`));
  }

  async function reset(): Promise<void> {
    await control('DELETE', '/_sim/intelix');
    await control('POST', '/_sim/intelix', known);
    await control('POST', '/_sim/settings', { localSitesBrief: false });
    const old = await estate();
    for (const [i, { id }] of (await tenants()).entries()) {
      const put = (urls[i] ?? []).map((url, n) => ({
        url,
        ...(n % 2 === 0 ? { categoryId: 5 + n } : { tags: ['blocked', 'Büro'] }),
        ...(n % 3 === 0 ? { comment: `Ticket #${n}, „dringend“\nzwei` } : {}),
      }));
      await control('POST', '/_sim/collection', {
        tenant: id,
        name: 'local-sites',
        remove: old.filter(({ tenant }) => tenant === id).map((site) => site.id),
        put,
      });
    }
    await control('DELETE', '/_sim/requests');
  }

  return {
    ...scene,
    get folder() {
      return scene.folder;
    },
    begin() {
      scene.begin();
      writeFileSync(join(scene.folder, 'sophos-central.yaml'), configuration);
    },
    reset,
    tenants,
    estate,
    intelix: (line, typed = {}) =>
      scene.type(['intelix', ...line], {
        ...typed,
        env: {
          SOPHOS_INTELIX_CLIENT_ID: sim.intelixClientId,
          SOPHOS_INTELIX_CLIENT_SECRET: sim.intelixClientSecret,
          SOPHOS_INTELIX_AUTH_URL: sim.url,
          SOPHOS_INTELIX_API_URL: sim.url,
          ...typed.env,
        },
      }),
    async lookups() {
      const { urls: byUrl, ips, files } = JSON.parse(await control('GET', '/_sim/intelix'));
      return { ...byUrl, ...ips, ...files };
    },
    reports(folder = 'intelix') {
      const path = join(scene.folder, folder);
      return new Map(readdirSync(path).map((name) => [name, JSON.parse(readFileSync(join(path, name), 'utf8'))]));
    },
  };
}

/** A file name without the stamp. */
export function kindOfReport(name: string): string {
  return name.replace(/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d(-\d+)?/, '<stamp>');
}

/** The one report whose name ends so. */
export function reportNamed(reports: ReadonlyMap<string, Report>, end: string): Report {
  const names = [...reports.keys()].filter((name) => name.endsWith(end));
  if (names.length !== 1) throw new Error(`${names.length} reports end with ${end}: ${[...reports.keys()].join(', ')}`);
  return reports.get(names[0] ?? '');
}

/** The real HTTP, but for something that happens once, right before the first request whose path ends so. */
export function interposed(end: string, happens: () => Promise<unknown>): { readonly http: Http; close(): Promise<void> } {
  const { http, close } = openHttp();
  let isOver = false;
  return {
    close,
    async http(request) {
      if (!isOver && new URL(request.url).pathname.endsWith(end)) {
        isOver = true;
        await happens();
      }
      return await http(request);
    },
  };
}
